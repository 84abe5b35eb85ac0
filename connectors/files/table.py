"""Lines of cells become the rows of a feed: the header is found by its names, and no line below it gets lost.

A line whose cells cannot be told apart or trusted becomes a row of nothing, which the gate quarantines and counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from connectors.files.cells import A_DAY, CellError, Line, joined, moment, shown, trusted_key, with_zeros
from connectors.rows import objects
from connectors.times import readable
from surveillance.errors import SourceChanged, SourceUnavailable
from surveillance.feeds.schema import Feed, Kind
from surveillance.settings import FileFeed, Times
from surveillance.settings.files import ROWS_PLACE

HEAD_LINES = 60
"""So far down is the header looked for, below titles and the like."""
MOST_ODD = 0.5
"""Above this share of lines that do not fit the header, it is the header that does not fit."""
WIDTH = "file: lines of another width than the header"
UNTRUSTED = "file: lines with an error of Excel, or a key that a spreadsheet changed"


@dataclass(frozen=True, slots=True)
class Header:
    """The names as they stand in the line ``number``, the last of the header."""

    number: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file, called ``name``, becomes rows of ``table``. ``most_rows``: with more it is refused as a whole."""

    name: str
    table: Feed
    given: FileFeed
    times: Times
    most_rows: int | None = None

    @property
    def wanted(self) -> dict[str, tuple[str, ...]]:
        """Our column → the headers whose cells make it; all must be there."""
        if self.given.columns:
            return {
                ours: (theirs,) if isinstance(theirs, str) else theirs for ours, theirs in self.given.columns.items()
            }
        return {column.name: (column.name,) for column in self.table.columns if column.required}


@dataclass(frozen=True, slots=True)
class Rows:
    """``frame``: object columns with our names. ``unused``: headers that nobody asked for. ``notes``: as the gate's."""

    frame: pd.DataFrame
    unused: tuple[str, ...]
    notes: dict[str, int]


def plain(name: object) -> str:
    """A name without capitals, blanks and punctuation: two headers that people read as one are one."""
    text = unicodedata.normalize("NFKC", str(name)).casefold()
    return re.sub(r"[\W_]+", "", text) or text.strip()  # some are "#"


def find_header(head: Sequence[Line], reading: Reading) -> Header:
    """The first line that holds every wanted name.

    Raises:
        SourceChanged: there is none; naming the columns that the likeliest line lacks. Or one stands there twice.
    """
    wanted = {plain(theirs): theirs for names in reading.wanted.values() for theirs in names}
    nearest: tuple[int, int, set[str]] = (0, 0, set(wanted))
    for place in range(len(head) - reading.given.header_rows + 1):
        rows = head[place : place + reading.given.header_rows]
        names = _names(rows)
        given = Counter(plain(name) for name in names)
        missing = wanted.keys() - given.keys()
        if not missing:
            if twice := [theirs for name, theirs in wanted.items() if given[name] > 1]:
                raise SourceChanged(f"{reading.name}: line {rows[-1].number}: the header '{twice[0]}' stands twice")
            return Header(rows[-1].number, names)
        if len(wanted) - len(missing) > nearest[0]:
            nearest = (len(wanted) - len(missing), rows[-1].number, missing)
    lacks = ", ".join(f"'{theirs}'" for name, theirs in wanted.items() if name in nearest[2])
    where = (
        f"the header (line {nearest[1]}) has no column {lacks}" if nearest[0] else f"no line has the columns {lacks}"
    )
    raise SourceChanged(f"{reading.name}: {where}")


def _names(rows: Sequence[Line]) -> tuple[str, ...]:
    """One name a column; a cell above that was merged over several columns holds for each that has a name below."""
    width = max(len(row.cells) for row in rows)
    texts = [
        ["" if cell is None else str(cell) for cell in row.cells] + [""] * (width - len(row.cells)) for row in rows
    ]
    for upper in texts[:-1]:
        for place in range(1, width):
            if not upper[place] and texts[-1][place]:
                upper[place] = upper[place - 1]
    return tuple(" ".join(part for part in column if part) for column in zip(*texts, strict=True))


def rows_of(header: Header, lines: Iterable[Line], reading: Reading) -> Rows:
    """The rows below the header.

    Raises:
        SourceChanged: most lines do not fit the header, or a column of times holds none.
        SourceUnavailable: the trailer is missing or counts other rows, or there are more rows than may be.
    """
    body = _without_trailer(list(_filled(lines, reading)), reading)
    columns = _places(header, reading)
    used = sorted({place for places in columns.values() for place in places})
    keys = [columns[ours][0] for ours in columns if reading.table[ours].kind is Kind.KEY and len(columns[ours]) == 1]
    notes: Counter[str] = Counter()
    width = _width(header, body)
    for number, line in enumerate(body):
        if fault := _fault(line, width, used, keys):
            notes[fault] += 1
            body[number] = Line(line.number, ())
    if sum(notes.values()) > MOST_ODD * len(body):
        first = next(line.number for line in body if not line.cells)
        words = f"line {first} and {sum(notes.values()) - 1} others: {notes.most_common(1)[0][0]}"
        raise SourceChanged(f"{reading.name}: {words}")
    frame = pd.DataFrame({ours: _column(ours, places, body, reading) for ours, places in columns.items()})
    for ours, word in reading.given.if_empty.items():
        column = frame[ours] if ours in columns else objects([None] * len(body))
        frame[ours] = objects(
            [word if value is None and line.cells else value for value, line in zip(column, body, strict=True)]
        )
    if reading.given.overnight:
        _end_next_day(frame, reading.table)
    unused = tuple(name for place, name in enumerate(header.names) if name and place not in used)
    return Rows(frame, unused, dict(notes))


def _filled(lines: Iterable[Line], reading: Reading) -> Iterator[Line]:
    """Lines that are not blank."""
    spare = 1 if reading.given.trailer else 0
    number = 0
    for line in lines:
        if any(cell is not None for cell in line.cells):
            number += 1
            if reading.most_rows is not None and number > reading.most_rows + spare:
                raise SourceUnavailable(
                    f"feed {reading.table.name}: more rows than the {reading.most_rows} of its budget"
                )
            yield line


def _without_trailer(body: list[Line], reading: Reading) -> list[Line]:
    """The lines above the trailer, if there must be one; it must count them."""
    trailer = reading.given.trailer
    if trailer is None:
        return body
    last = " ".join(shown(cell) for cell in body[-1].cells if cell is not None) if body else ""
    parts = re.split(rf"({re.escape(ROWS_PLACE)}|\*)", trailer)
    form = r"\W*".join(
        r"(?<!\d)(\d+)(?!\d)" if part == ROWS_PLACE else ".*?" if part == "*" else r"\W*".join(re.findall(r"\w+", part))
        for part in parts
        if part.strip()
    )
    found = re.fullmatch(rf"\W*{form}\W*", re.sub(r"(?<=\d),(?=\d{3}\b)", "", last), re.IGNORECASE)
    if not found:
        raise SourceUnavailable(f"{reading.name}: its last line is not the trailer, as of a file that was cut off")
    if found.groups() and int(found[1]) != len(body) - 1:
        raise SourceUnavailable(f"{reading.name}: its trailer counts {int(found[1])} rows, it has {len(body) - 1}")
    return body[:-1]


def _places(header: Header, reading: Reading) -> dict[str, tuple[int, ...]]:
    """Our column → where its cells stand."""
    at = {plain(name): place for place, name in enumerate(header.names)}
    wanted = reading.wanted
    if not reading.given.columns:
        wanted |= {column.name: (column.name,) for column in reading.table.columns if plain(column.name) in at}
    return {ours: tuple(at[plain(theirs)] for theirs in names) for ours, names in wanted.items()}


def _width(header: Header, body: Sequence[Line]) -> int:
    """How many cells a line has: as many as the header, and those that stand empty behind every line."""
    width, widths = len(header.names), {len(line.cells) for line in body}
    if len(widths) == 1 and not any(line.at(place) for line in body for place in range(width, max(widths))):
        return max(width, *widths)
    return width


def _fault(line: Line, width: int, used: Sequence[int], keys: Sequence[int]) -> str:
    """Why the cells of a line cannot be taken; empty if they can."""
    if line.epoch is None and len(line.cells) != width:  # in one of them a delimiter was not quoted, or is missing
        return WIDTH
    if any(not trusted_key(line.at(place)) for place in keys):
        return UNTRUSTED
    return UNTRUSTED if any(isinstance(line.at(place), CellError) for place in used) else ""


def _column(ours: str, places: tuple[int, ...], body: Sequence[Line], reading: Reading) -> pd.Series[Any]:
    kind, form = reading.table[ours].kind, reading.times.format
    if kind not in (Kind.TIME, Kind.DATE):
        values = [_value(line, places, form) for line in body]
        width = reading.given.digits.get(ours)
        return objects([with_zeros(value, width) for value in values] if width else values)
    values = readable([_moment(line, places, form) for line in body], reading.times)
    if kind is Kind.DATE:  # a day may stand without a time
        return objects(readable(values, reading.times.model_copy(update={"format": form.partition(" ")[0]})))
    said = [value for value in values if value is not None]
    if said and all(isinstance(value, str) for value in said):
        theirs = " and ".join(f"'{name}'" for name in reading.wanted.get(ours, (ours,)))
        raise SourceChanged(f"{reading.name}: no value of {theirs} is a time in the form {form}")
    return objects(values)


def _value(line: Line, places: tuple[int, ...], form: str) -> Any:
    return line.at(places[0]) if len(places) == 1 else joined(tuple(line.at(place) for place in places), form)


def _moment(line: Line, places: tuple[int, ...], form: str) -> Any:
    """As the file says it: several cells as one text, a number of a workbook as what Excel means by it."""
    if line.epoch is None:
        return _value(line, places, form)
    cells = tuple(moment(line.at(place), line.epoch) for place in places)
    return cells[0] if len(cells) == 1 else joined(cells, form)


def _end_next_day(frame: pd.DataFrame, table: Feed) -> None:
    for start, end in table.ordered:
        if start in frame and end in frame:
            frame[end] = objects(
                [
                    until + A_DAY if _is_before(until, since) else until
                    for since, until in zip(frame[start], frame[end], strict=True)
                ]
            )


def _is_before(until: Any, since: Any) -> bool:
    both = isinstance(until, datetime) and isinstance(since, datetime) and until.tzinfo is None and since.tzinfo is None
    return both and until < since
