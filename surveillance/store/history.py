"""A reading's history holds its changes only: each stands until the next one of its series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from surveillance.snapshot import Level, Part, Reading, Rollup, Snapshot, State
from surveillance.snapshot_json import KNOWN, LEVELS, STATES, dumps
from surveillance.store.tables import reading as readings
from surveillance.store.tables import series

WARD = "ward"
FORECAST = "forecast"

ONE_AWAY = delete(readings).where(
    readings.c.series_id == bindparam("series"), readings.c.from_as_at == bindparam("moment")
)
ONE_MOVED = update(series).where(series.c.id == bindparam("number")).values(position=bindparam("place"))

Key = tuple[str, str, str]
"""Kind (ward, forecast, or the kind of a roll-up), unit, measure."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A reading with what a roll-up adds to it: how many wards report, of how many, and which do not."""

    reading: Reading
    wards: tuple[int, int, tuple[str, ...]] | None = None

    def equals(self, other: Entry | None) -> bool:
        """Whether the two say the same; when that was true in the source does not matter."""
        if other is None:
            return False
        mine, theirs = self.reading, other.reading
        return (
            mine.state is theirs.state
            and mine.parts == theirs.parts
            and mine.level is theirs.level
            and mine.detail == theirs.detail
            and mine.source == theirs.source
            and mine.version == theirs.version
            and self.wards == other.wards
        )


Entries = dict[Key, Entry]


class Point(NamedTuple):
    """One number from one change on. ``state`` None: the unit or measure was no longer reported.

    ``value`` is None in every state but value and stale. ``part`` is empty where the reading has no parts.
    """

    as_at: datetime
    state: State | None
    value: float | str | None
    numerator: float | None
    denominator: float | None
    part: str
    version: int
    level: Level


@dataclass(frozen=True, slots=True)
class Standing:
    """What the history holds at its end: the readings that stand, and the number of every series there ever was."""

    entries: Entries
    ids: dict[Key, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What ``after`` says otherwise than what stood before, and what it does not mention any more."""

    after: Entries
    changed: list[Key]
    gone: list[Key]

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)


def entries_of(snapshot: Snapshot) -> Entries:
    """Everything in ``snapshot`` that has a history, in its order."""
    found: Entries = {}
    for kind, wards in ((WARD, snapshot.readings), (FORECAST, snapshot.forecasts)):
        for unit, by_measure in wards.items():
            for measure, reading in by_measure.items():
                found[kind, unit, measure] = Entry(reading)
    for rollup in snapshot.rollups:
        key = (rollup.kind, rollup.reading.unit, rollup.reading.measure)
        found[key] = Entry(rollup.reading, (rollup.reporting, rollup.expected, rollup.missing))
    return found


def snapshot_of(entries: Entries, as_at: datetime, quality: dict[str, int], off_wards: dict[str, int]) -> Snapshot:
    """The snapshot that has these entries; how the sources stood is not part of history."""
    wards: dict[str, dict[str, dict[str, Reading]]] = {WARD: {}, FORECAST: {}}
    rollups = []
    for (kind, unit, measure), entry in entries.items():
        if entry.wards is None:
            wards[kind].setdefault(unit, {})[measure] = entry.reading
        else:
            rollups.append(Rollup(entry.reading, kind, *entry.wards))
    return Snapshot(as_at, wards[WARD], wards[FORECAST], tuple(rollups), (), quality, off_wards)


def standing(connection: Connection) -> Standing:
    """What the history says last."""
    ids: dict[Key, int] = {
        (row.kind, row.unit, row.measure): row.id for row in connection.execute(select(series)).all()
    }
    return Standing(entries_at(connection, None), ids)


def entries_at(connection: Connection, moment: datetime | None) -> Entries:
    """The readings that stood at ``moment`` (None: now), in the order of the snapshot."""
    earlier = readings.alias()
    last = select(func.max(earlier.c.from_as_at)).where(earlier.c.series_id == series.c.id).correlate(series)
    if moment is not None:
        last = last.where(earlier.c.from_as_at <= moment)
    # "+ 0": SQLite looks each series up among the readings, rather than each reading ever kept among the series.
    stand = and_(readings.c.series_id == series.c.id + 0, readings.c.from_as_at == last.scalar_subquery())
    query = (
        select(series.c.kind, series.c.unit, series.c.measure, readings)
        .join_from(series, readings, stand)
        .where(readings.c.state.is_not(None))
        .order_by(series.c.position, series.c.id)
    )
    return {(row.kind, row.unit, row.measure): _entry(row) for row in connection.execute(query)}


def changes(before: Entries, after: Entries) -> Changes:
    """What differs from ``before`` in ``after``."""
    changed = [key for key, entry in after.items() if not entry.equals(before.get(key))]
    return Changes(after, changed, [key for key in before if key not in after])


def record(connection: Connection, as_at: datetime, before: Standing, changes: Changes, *, again: bool) -> Standing:
    """Writes what changed, and says what stands now.

    ``again``: something was already recorded at this very moment; it gives way.
    """
    entries, ids = changes.after, before.ids
    if any(key not in ids for key in changes.changed):
        ids = _numbered(connection, ids, changes.changed)
    if list(entries) != list(before.entries):
        _put_in_order(connection, ids, entries)
    if again and changes:
        numbers = [{"series": ids[key], "moment": as_at} for key in (*changes.changed, *changes.gone)]
        connection.execute(ONE_AWAY, numbers)
    rows = [_row(ids[key], as_at, entries[key]) for key in changes.changed]
    rows += [_gone_row(ids[key], as_at, before.entries[key]) for key in changes.gone]
    if rows:
        connection.execute(insert(readings), rows)
    return Standing(entries, ids)


def points(connection: Connection, key: Key, since: datetime, until: datetime) -> list[Point]:
    """The changes of one series from the one that stood at ``since`` to the last before ``until``, in order."""
    kind, unit, measure = key
    query = (
        select(readings)
        .join(series, series.c.id == readings.c.series_id)
        .where(series.c.kind == kind, series.c.unit == unit, series.c.measure == measure)
    )
    stood = query.where(readings.c.from_as_at <= since).order_by(readings.c.from_as_at.desc()).limit(1)
    after = query.where(readings.c.from_as_at > since, readings.c.from_as_at < until).order_by(readings.c.from_as_at)
    rows = (*connection.execute(stood), *connection.execute(after))
    return [point for row in rows for point in _points(row)]


def _points(row: Row[Any]) -> Iterator[Point]:
    state, level = STATES[row.state] if row.state else None, LEVELS[row.level]
    if state is None or not (parts := parts_of(row.parts)):
        yield Point(row.from_as_at, state, None, None, None, "", row.version, level)
        return
    for part in parts:
        # A part may be unknown in a reading that is known, and no part is known in one that is not.
        own = part.state if state in KNOWN else state
        yield Point(row.from_as_at, own, part.value, part.numerator, part.denominator, part.name, row.version, level)


def _numbered(connection: Connection, known: Mapping[Key, int], keys: Iterable[Key]) -> dict[Key, int]:
    new = [
        {"kind": kind, "unit": unit, "measure": measure, "position": 0}
        for kind, unit, measure in keys
        if (kind, unit, measure) not in known
    ]
    connection.execute(insert(series), new)
    return {(row.kind, row.unit, row.measure): row.id for row in connection.execute(select(series))}


def _put_in_order(connection: Connection, ids: Mapping[Key, int], entries: Entries) -> None:
    placed = dict(connection.execute(select(series.c.id, series.c.position)).all())
    moved = [
        {"number": ids[key], "place": place} for place, key in enumerate(entries, start=1) if placed[ids[key]] != place
    ]
    if moved:
        connection.execute(ONE_MOVED, moved)


def _row(series_id: int, as_at: datetime, entry: Entry) -> dict[str, Any]:
    reading = entry.reading
    single = reading.parts[0] if reading.state in KNOWN and len(reading.parts) == 1 else None
    return {
        "series_id": series_id,
        "from_as_at": as_at,
        "state": str(reading.state),
        "version": reading.version,
        "as_at": reading.as_at,
        "level": str(reading.level),
        "value": single.value if single and not isinstance(single.value, str) else None,
        "numerator": single.numerator if single else None,
        "denominator": single.denominator if single else None,
        "parts": dumps(
            [[part.name, str(part.state), part.value, part.numerator, part.denominator] for part in reading.parts]
        ).decode(),
        "source": reading.source,
        "detail": reading.detail,
        "wards": dumps(entry.wards).decode() if entry.wards else None,
    }


def _gone_row(series_id: int, as_at: datetime, entry: Entry) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("state", "as_at", "value", "numerator", "denominator", "wards"))
    texts = {"parts": "[]", "source": "", "detail": "", "level": Level.NONE.value}
    return {"series_id": series_id, "from_as_at": as_at, "version": entry.reading.version, **nothing, **texts}


def _entry(row: Row[Any]) -> Entry:
    reading = Reading(
        measure=row.measure,
        version=row.version,
        unit=row.unit,
        state=STATES[row.state],
        parts=parts_of(row.parts),
        as_at=row.as_at,
        level=LEVELS[row.level],
        source=row.source,
        detail=row.detail,
    )
    if row.wards is None:
        return Entry(reading)
    reporting, expected, missing = orjson.loads(row.wards)
    return Entry(reading, (reporting, expected, tuple(missing)))


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of a reading as a row has them."""
    return tuple(Part(name, STATES[state], *numbers) for name, state, *numbers in orjson.loads(text))
