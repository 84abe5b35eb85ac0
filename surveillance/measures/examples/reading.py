"""A file of worked examples is read line by line, and a line that says nothing known is refused with its number."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from decimal import Decimal
from typing import Any

from surveillance.errors import CaseFileError, nearest
from surveillance.feeds import FEEDS
from surveillance.measures.examples.defaults import WARDS
from surveillance.measures.examples.example import Example, Expected, Listed, Table, merged
from surveillance.measures.examples.wall_clock import WRITTEN, written_moment
from surveillance.snapshot import State

NOTHING = ("–", "-", "none")
UNKNOWN = ("unknown", "not applicable")
"""What a part of a reading is called that has no number."""
STATES = {state.value.replace("_", " "): state for state in State if state is not State.VALUE}
CAPTION = re.compile(r"(?P<feed>[a-z_]+)(?: ×(?P<copies>\d+))?")
BEDS = re.compile(r"Beds(?: (?P<ward>W\d))?: (?P<number>\d+)")
LABEL = re.compile(r'"([^"]+)"')
"""A word instead of a number."""
ON_WARD = re.compile(r"(?P<said>.*?)(?:(?:^| )on (?P<ward>W\d+))?")


def read_examples(text: str, origin: str) -> tuple[Example, ...]:
    """Every example of a file's ``text``.

    Raises:
        CaseFileError: naming ``origin`` and the line of what cannot be read.
    """
    found: list[_Reading] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if line.startswith("## "):
                found.append(_Reading(line.removeprefix("## ").strip(), number))
            elif found:
                found[-1].take(line.strip())
            elif line.strip() and not line.startswith("# "):
                raise CaseFileError("an example starts with '## ' and its heading")
        except CaseFileError as error:
            raise CaseFileError(f"{origin}: line {number}: {error}") from None
    titles = [one.title for one in found]
    for one in found:
        if titles.count(one.title) > 1:
            raise CaseFileError(f"{origin}: line {one.line}: the heading '{one.title}' stands twice")
        if one.as_at is None or not one.expected:
            raise CaseFileError(f"{origin}: line {one.line}: '{one.title}' needs 'As at' and 'Then'")
    return tuple(one.example() for one in found)


class _Reading:
    """One example while its lines come in."""

    def __init__(self, title: str, line: int) -> None:
        self.title, self.line = title, line
        self.as_at: datetime | None = None
        self.explanation: list[str] = []
        self.tables: list[tuple[str, int, list[tuple[str, ...]]]] = []
        self.circumstances: list[str] = []
        self.connected: set[str] = set()
        self.not_connected: set[str] = set()
        self.profiles: dict[str, str] = {}
        self.beds: dict[str, int] = {}
        self.settings: dict[str, Any] = {}
        self.expected: list[Expected] = []
        self.listed: list[Listed] = []
        self.conclusions: list[str] = []
        self.year = 0

    def take(self, line: str) -> None:
        """The next line."""
        word, _, rest = line.partition(": ")
        if not line:
            return
        if line.startswith("As at "):
            self.as_at = written_moment(line.removeprefix("As at "))
            self.year = self.as_at.year
        elif self.as_at is None:
            self.explanation.append(line)
        elif line.startswith("|"):
            self._row(line)
        elif line.startswith("Then "):
            self.expected.append(_expected(line.removeprefix("Then ")))
            self.conclusions.append(line)
        elif word.startswith("Listed"):
            self.listed.append(self._listed(word, rest))
            self.conclusions.append(line)
        elif word in ("Connected", "Not connected"):
            (self.connected if word == "Connected" else self.not_connected).update(_feeds(rest))
            self.circumstances.append(line)
        elif word == "Ward" or re.fullmatch(r"Ward W\d", word):
            self.profiles[word.removeprefix("Ward").strip() or WARDS[0]] = rest
            self.circumstances.append(line)
        elif found := BEDS.fullmatch(line):
            self.beds[found["ward"] or WARDS[0]] = int(found["number"])
            self.circumstances.append(line)
        elif word == "Site":
            self.settings = merged(self.settings, _setting(rest))
            self.circumstances.append(line)
        elif found := CAPTION.fullmatch(line):
            self.tables.append((_feeds(found["feed"])[0], int(found["copies"] or 0), []))
        else:
            raise CaseFileError(f"'{line}' is nothing that an example can say")

    def _row(self, line: str) -> None:
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if not self.tables:
            raise CaseFileError("a table starts with the name of its feed")
        feed, _, rows = self.tables[-1]
        if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            return
        if rows and len(cells) != len(rows[0]):
            raise CaseFileError(f"{len(cells)} cells under {len(rows[0])} columns")
        if not rows:
            for name in cells:
                if name not in FEEDS[feed].names:
                    raise CaseFileError(f"{feed} has no column '{name}'; {nearest(name, FEEDS[feed].names)}")
        rows.append(cells)

    def _listed(self, word: str, rest: str) -> Listed:
        found = ON_WARD.fullmatch(word.removeprefix("Listed").strip())
        assert found  # the pattern takes any text
        keys = [] if rest in NOTHING else [key.strip() for key in rest.split(",")]
        split = (tuple(self._key(part.strip()) for part in key.split(" @ ")) for key in keys)
        return Listed(found["ward"] or WARDS[0], found["said"], frozenset(split))

    def _key(self, text: str) -> str | datetime:
        return written_moment(text, self.year) if WRITTEN.fullmatch(text) else text

    def example(self) -> Example:
        """The finished example."""
        assert self.as_at
        tables = (Table(feed, copies, rows[0], tuple(rows[1:])) for feed, copies, rows in self.tables if rows)
        return Example(
            self.title,
            " ".join(self.explanation),
            self.as_at,
            tuple(tables),
            tuple(self.circumstances),
            frozenset(self.connected),
            frozenset(self.not_connected),
            self.profiles,
            self.settings,
            tuple(self.expected),
            tuple(self.listed),
            tuple(self.conclusions),
            self.year,
            self.beds,
        )


def _feeds(names: str) -> list[str]:
    found = [name.strip() for name in names.split(",")]
    for name in found:
        if name not in FEEDS:
            raise CaseFileError(f"there is no feed '{name}'; {nearest(name, FEEDS)}")
    return found


def _setting(text: str) -> dict[str, Any]:
    """A line of a site's file, or 'no <name>' for one that the file leaves out."""
    if text.startswith("no "):
        first, *more = reversed(text.removeprefix("no ").split("."))
        setting: dict[str, Any] = {first: None}
        for name in more:
            setting = {name: setting}
        return setting
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseFileError(f"'{text}': {error}") from None


def _expected(text: str) -> Expected:
    found = ON_WARD.fullmatch(text)
    assert found  # the pattern takes any text
    said, ward = found["said"], found["ward"] or WARDS[0]
    if said in STATES:
        return Expected(ward, STATES[said])
    if label := LABEL.fullmatch(said):
        return Expected(ward, State.VALUE, {"": label[1]})
    parts: dict[str, Decimal | str | None] = {}
    for item in said.split(","):
        words = re.fullmatch(rf"(?:(?P<name>\S+) )?(?P<number>-?\d+(?:\.\d+)?|{'|'.join(UNKNOWN)})", item.strip())
        if not words:
            raise CaseFileError(f"'Then {text}' names neither a number nor one of: {', '.join(STATES)}")
        number = words["number"]
        parts[words["name"] or ""] = None if number in UNKNOWN else Decimal(number)
    return Expected(ward, State.VALUE, parts)
