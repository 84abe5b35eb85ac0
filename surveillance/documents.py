"""The documents that say what the code says are written by the code: every measure, canonical table and pack.

``python -m surveillance.documents`` (``make docs``) writes them into ``docs/``; a test holds them to it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from starlette.routing import Route

from callbacks.guard import Gated
from layouts.definitions import definition
from layouts.wall.plan import titled
from layouts.words import STATE_MEANS, STATE_WORDS
from surveillance.access.people import ROLE_WORDS, Role
from surveillance.access.rights import RIGHTS, Right
from surveillance.app import web
from surveillance.commands.packs_page import packs_page
from surveillance.commands.quality_page import quality_page
from surveillance.feeds import FEEDS, Column, Feed, Kind, OnBad
from surveillance.freshness import limit_of
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE, EVERYTHING, FORECASTS, Measure
from surveillance.settings import Settings, SiteNames

FOLDER = Path("docs")
WRITTEN_BY = (
    "<!-- Written by `make docs` from the code. A change made here is lost; a test fails until it is undone. -->"
)
ON_BAD = {
    OnBad.REJECT: "row quarantined",
    OnBad.BLANK: "value emptied",
    OnBad.KEEP: "value kept",
}
"""What becomes of a value outside its range or code set; each is counted."""


def documents() -> dict[str, str]:
    """File name → its text, for every generated document."""
    return {
        "measures.md": _measures(),
        "feeds.md": _feeds(),
        "addresses.md": _addresses(),
        "packs.md": packs_page(WRITTEN_BY),
        "quality.md": quality_page(WRITTEN_BY),
    }


def main(folder: Path = FOLDER) -> None:
    """Write every generated document into ``folder``."""
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")


def _addresses() -> str:
    """Every address of the program and for whom it is, read from the running application's own routes."""
    gates = [
        (f"`{route.path}`", ", ".join(sorted(route.methods or {"any"}, key=len)), route.endpoint.gate.value)
        for route in web(Hub()).routes
        if isinstance(route, Route) and isinstance(route.endpoint, Gated)
    ]
    roles = [(ROLE_WORDS[role], *("yes" if right in RIGHTS[role] else "–" for right in Right)) for role in Role]
    lines = [
        "# Who may open what",
        "",
        WRITTEN_BY,
        "",
        "Every address has a gate; one without cannot be served. `/assets/…` (styles, scripts, fonts) is for "
        "everybody. [Signing in](sign-in.md) says how a person comes by a role, and [paired screens](kiosk.md) how a "
        "screen comes by its wall.",
        "",
        "## Roles",
        "",
        *_table(("role", *(right.value for right in Right)), roles),
        "",
        "A pharmacist sees the patients behind measures of medicines alone; the quality team gives a reason for every "
        "ward, everybody else for wards that are not their own. Writing is for one's own wards only.",
        "",
        "## Addresses",
        "",
        *_table(("address", "methods", "for"), gates),
    ]
    return "\n".join(lines) + "\n"


def _measures() -> str:
    """The definitions page as Markdown: the same facts in the same order, with the defaults of the program."""
    measures = list(EVERYTHING.values())
    lines = [
        "# Measures",
        "",
        WRITTEN_BY,
        "",
        f"{len(CATALOGUE)} measures and {len(FORECASTS)} forecasts. A number on a wall is the length of a list; these "
        "are the rules by which each list is made. A site may change the parameters and the limits of watch and act "
        "([how](connect-your-hospital.md#standards-and-thresholds)); `/measures` of a running program shows what that "
        "site has set. [Worked examples](../surveillance/measures/examples/) that a test runs stand beside the code.",
        "",
        "## What stands where a number would",
        "",
        *_table(
            ("on the screen", "in JSON", "what it means"),
            ((STATE_WORDS[state] or "a number", f"`{state.value}`", words) for state, words in STATE_MEANS.items()),
        ),
    ]
    for group in dict.fromkeys(measure.group for measure in measures):
        lines += ["", f"## {titled(group)}"]
        for measure in measures:
            if measure.group == group:
                lines += ["", *_measure(measure)]
    return "\n".join(lines) + "\n"


def _measure(measure: Measure) -> Iterator[str]:
    yield f"### {measure.label} (`{measure.id}`)"
    yield ""
    described: Any = definition(measure, None)
    names_and_words = described.children[1].children  # a definition list: a name, its words, a name, its words …
    for name, words in zip(names_and_words[::2], names_and_words[1::2], strict=True):
        yield f"- **{_plain(name.children)}:** {_plain(words.children)}"


def _feeds() -> str:
    lines = [
        "# Feeds: the canonical tables",
        "",
        WRITTEN_BY,
        "",
        f"{len(FEEDS)} tables. A query for a feed gives columns with these names, in any order; capitals do not "
        "matter, and a column that is not listed here is left out. Times are instants (see `times` in "
        "[how to connect a hospital](connect-your-hospital.md#times)), dates are calendar dates in London, ages are "
        "completed years. *Must be given*: without the column the whole feed is unavailable. *Never empty*: a row "
        "without the value is quarantined. Everything quarantined, emptied or kept against the rule is counted by "
        "feed, column and reason on `/status`, in `/metrics` and by `surveillance check`; a value itself is never "
        "written anywhere.",
    ]
    for feed in FEEDS.values():
        lines += ["", *_feed(feed)]
    return "\n".join(lines) + "\n"


def _feed(feed: Feed) -> Iterator[str]:
    yield f"## {feed.name}"
    yield ""
    yield f"One row is {_plain(feed.row_means)}."
    yield ""
    yield from _table(
        ("column", "holds", "must be given", "never empty", "allowed", "otherwise", "meaning"),
        (_column(column) for column in feed.columns),
    )
    yield ""
    yield from (f"- {words}" for words in _rules(feed))


def _column(column: Column) -> tuple[str, ...]:
    allowed = [", ".join(f"`{code}`" for code in column.codes)] if column.codes else []
    if column.low is not None or column.high is not None:
        allowed.append(f"{_limit(column.low)} to {_limit(column.high)}")
    if column.past:
        allowed.append("not in the future")
    holds = f"{column.kind.value}, {column.unit}" if column.unit else column.kind.value
    return (
        f"`{column.name}`",
        holds,
        "yes" if column.required else "",
        "" if column.nullable else "yes",
        "; ".join(allowed),
        _otherwise(column),
        column.means,
    )


def _otherwise(column: Column) -> str:
    """What a value does that is not allowed, or cannot be read; of times every fault costs the row."""
    if column.kind in (Kind.TIME, Kind.DATE):
        return ON_BAD[OnBad.REJECT]
    return ON_BAD[column.on_bad] if column.codes or column.kind in (Kind.NUMBER, Kind.BOOL) else ""


def _rules(feed: Feed) -> Iterator[str]:
    key = ", ".join(f"`{name}`" for name in feed.key)
    if feed.latest_by:
        yield f"Key: {key}; of several rows the one with the latest `{feed.latest_by}` stands, the others are counted."
    elif feed.key:
        yield f"Key: {key}; a second row with the same key is quarantined."
    else:
        yield "No key: a row equal to another in every column is dropped and counted."
    if feed.rows_may_repeat:
        yield "Rows with an empty key may be equal: they are different things."
    for start, end in feed.ordered:
        yield f"`{end}` before `{start}`: the row is quarantined."
    yield f"`:since` reaches {_span(feed.lookback_h)} back."
    if feed.recent_h:
        yield (
            f"A running program re-reads the last {_span(feed.recent_h)} by `{feed.recent_by}` at each poll, and "
            f"everything once an hour."
        )
    limit = limit_of(_DEFAULTS, feed.name)
    minutes = f"{limit.total_seconds() / 60:.0f} minutes"
    yield f"Figures made of it are shown as stale for at most {minutes}, then not at all."
    if feed.steady:
        yield "The number of rows is expected to be steady: an answer that shrinks too far is suspect."
    else:
        yield "May shrink; only an answer without any row, after many, is suspect."


_DEFAULTS = Settings(site=SiteNames(name="-"), wards=())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_plain(cell) for cell in row)} |"


def _plain(text: object) -> str:
    """Text in which Markdown finds neither a table's edge nor a tag."""
    return str(text).replace("|", "\\|").replace("<", "&lt;")


def _limit(number: float | None) -> str:
    return "any" if number is None else f"{number:g}"


def _span(hours: int) -> str:
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 48 else f"{hours} hours"


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:2]))
