"""What charts over time are made of is kept apart from the readings, so that thinning these does not touch it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from surveillance.charts.points import ChartPoint
from surveillance.snapshot import Part, State
from surveillance.snapshot_json import STATES
from surveillance.store import history
from surveillance.store.tables import chart_point, current, series
from surveillance.store.tables import reading as readings

ONE_AWAY = delete(chart_point).where(
    chart_point.c.measure == bindparam("of_measure"),
    chart_point.c.ward == bindparam("of_ward"),
    chart_point.c.start == bindparam("of_start"),
)
COLUMNS = [chart_point.c[name] for name in ChartPoint.__slots__]


TOLD = ("from_as_at", "state", "version", "as_at", "parts", "detail")


class Told(NamedTuple):
    """What a ward's reading says from ``since`` on, until the next. ``state`` None: it was reported no more.

    ``as_at``: when that was true in the source.
    """

    since: datetime
    state: State | None
    version: int
    as_at: datetime | None
    parts: tuple[Part, ...]
    detail: str


def keep(connection: Connection, points: Sequence[ChartPoint]) -> None:
    """Writes points, in place of those of the same measure, ward and start; of several the last."""
    if not points:
        return
    points = list({(one.measure, one.ward, one.start): one for one in points}.values())
    # One writer at a time, so that numbers appear in the order in which they were given.
    connection.execute(select(current.c.id).with_for_update())
    connection.execute(
        ONE_AWAY, [{"of_measure": one.measure, "of_ward": one.ward, "of_start": one.start} for one in points]
    )
    connection.execute(insert(chart_point), [{name: getattr(one, name) for name in one.__slots__} for one in points])


def kept(
    connection: Connection, measure: str, wards: Sequence[str] | None, since: date, until: date
) -> list[ChartPoint]:
    """A measure's points that start from ``since`` to the day before ``until``, by start and ward."""
    query = select(*COLUMNS).where(
        chart_point.c.measure == measure, chart_point.c.start >= since, chart_point.c.start < until
    )
    if wards is not None:
        query = query.where(chart_point.c.ward.in_(wards))
    rows = connection.execute(query.order_by(chart_point.c.start, chart_point.c.ward)).all()
    return [ChartPoint(*row) for row in rows]


def revision(connection: Connection) -> int:
    """Grows with each write."""
    found: int | None = connection.execute(select(func.max(chart_point.c.id))).scalar()
    return found or 0


def written_since(connection: Connection, revision: int) -> frozenset[str]:
    """Measures of which points were written since."""
    query = select(chart_point.c.measure).where(chart_point.c.id > revision).distinct()
    return frozenset(connection.execute(query).scalars())


def latest(connection: Connection) -> dict[tuple[str, str], date]:
    """(measure, ward) → the start of its last point."""
    query = select(chart_point.c.measure, chart_point.c.ward, func.max(chart_point.c.start)).group_by(
        chart_point.c.measure, chart_point.c.ward
    )
    return {(measure, ward): start for measure, ward, start in connection.execute(query)}


def forget(connection: Connection, before: date) -> None:
    """Points that start before ``before`` go."""
    connection.execute(delete(chart_point).where(chart_point.c.start < before))


def told(
    connection: Connection, measure: str, wards: Sequence[str] | None, since: datetime, until: datetime
) -> dict[str, list[Told]]:
    """Ward → the changes of its reading, from the one that stood at ``since`` to the last before ``until``."""
    here = (series.c.kind == history.WARD) & (series.c.measure == measure)
    if wards is not None:
        here &= series.c.unit.in_(wards)
    earlier = readings.alias()
    last = (
        select(func.max(earlier.c.from_as_at))
        .where(earlier.c.series_id == series.c.id, earlier.c.from_as_at <= since)
        .correlate(series)
        .scalar_subquery()
    )
    chosen = select(series.c.unit, *(readings.c[name] for name in TOLD)).join_from(
        series, readings, series.c.id == readings.c.series_id
    )
    stood = chosen.where(here, readings.c.from_as_at == last)
    after = chosen.where(here, readings.c.from_as_at > since, readings.c.from_as_at < until)
    found: dict[str, list[Told]] = {}
    parts = cache(history.parts_of)  # most are one of a few small numbers
    for query in (stood, after.order_by(series.c.unit, readings.c.from_as_at)):
        for ward, moment, state, version, as_at, text, detail in connection.execute(query).all():
            said = Told(moment, STATES[state] if state else None, version, as_at, parts(text), detail)
            found.setdefault(ward, []).append(said)
    return found
