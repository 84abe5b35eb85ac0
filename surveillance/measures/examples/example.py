"""One worked example: the tables as they are written, and the canonical rows that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from surveillance.feeds import FEEDS
from surveillance.feeds.schema import Kind
from surveillance.measures.examples.defaults import COPIED, DEFAULTS, MEDICINES, WARDS, Around, Row
from surveillance.measures.examples.wall_clock import written_date, written_moment
from surveillance.snapshot import State


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one feed as written. ``copies``: each stands for so many, whose keys end in 1, 2, 3 …; 0: for itself."""

    feed: str
    copies: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a ward shows: a state, and if it is a value its numbers (or its word) by part ("" where there is one)."""

    ward: str
    state: State
    parts: Mapping[str, Decimal | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """The keys that stand behind a part's number; of a dose the order and its due time."""

    ward: str
    part: str
    keys: frozenset[tuple[str | datetime, ...]]


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example. ``circumstances``: the lines that change the hospital, as written. ``beds``: of wards."""

    title: str
    explanation: str
    as_at: datetime
    tables: tuple[Table, ...]
    circumstances: tuple[str, ...]
    connected: frozenset[str]
    not_connected: frozenset[str]
    profiles: Mapping[str, str]
    settings: Mapping[str, Any]
    expected: tuple[Expected, ...]
    listed: tuple[Listed, ...]
    conclusions: tuple[str, ...]
    year: int
    beds: Mapping[str, int] = field(default_factory=dict)

    def rows(self, feeds: Iterable[str]) -> dict[str, list[Row]]:
        """Canonical rows of every connected feed: ``feeds`` (empty without a table) and those the example names."""
        written = {table.feed for table in self.tables}
        names = [name for name in FEEDS if name in {*feeds, *written, *self.connected} - self.not_connected]
        spells: dict[str, Row] = {}
        found: dict[str, list[Row]] = {}
        for name in sorted(names, key=lambda name: name != "spell"):
            rows = list(self._rows(name, spells))
            if name == "spell":
                spells |= {row["spell_key"]: row for row in rows}
            found[name] = rows
        if "ward_stay" in names and "ward_stay" not in written:
            found["ward_stay"] = [_completed("ward_stay", {"spell_key": key}, spells, 1) for key in spells]
        return found

    def _rows(self, feed: str, spells: Mapping[str, Row]) -> Iterator[Row]:
        number = 0
        for table in self.tables:
            for cells in table.rows if table.feed == feed else ():
                row = {name: self._cell(feed, name, cell) for name, cell in zip(table.columns, cells, strict=True)}
                for copy in range(1, table.copies + 1) or ("",):
                    number += 1
                    copied = {name: f"{cell}{copy}" if name in COPIED and cell else cell for name, cell in row.items()}
                    yield _completed(feed, copied, spells, number)

    def _cell(self, feed: str, column: str, text: str) -> Any:
        if not text:
            return None
        match FEEDS[feed][column].kind:
            case Kind.TIME:
                return written_moment(text, self.year)
            case Kind.DATE:
                return written_date(text, self.year).isoformat()
        return text

    def site(self) -> dict[str, Any]:
        """What the example's hospital says of its wards (code → profile), medicines and options, as a site's file."""
        content: dict[str, Any] = {"medicines": MEDICINES, "wards": dict.fromkeys(WARDS, "adult") | dict(self.profiles)}
        return merged(content, self.settings)


def _completed(feed: str, row: Row, spells: Mapping[str, Row], number: int) -> Row:
    full = dict(row)
    for name, default in DEFAULTS[feed].items():
        if name not in row:
            full[name] = (
                default(Around(full, spells.get(row.get("spell_key") or "", {}), number))
                if callable(default)
                else default
            )
    return full


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``above`` laid over ``below``, table by table."""
    both = dict(below)
    for name, value in above.items():
        tables = isinstance(value, dict) and isinstance(both.get(name), dict)
        both[name] = merged(both[name], value) if tables else value
    return both
