"""Old history keeps what stood at the end of every hour, then of every day, then nothing; exactly, and in small steps.

A thinned history is asked for such ends only. The end of an hour is the full hour itself; of a day, midnight in London.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from surveillance.settings import StoreSettings
from surveillance.store import chart_points
from surveillance.store.database import Database
from surveillance.store.tables import EPOCH, current, reading, series, snapshot, thinning

LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)
BATCH = 200
"""Series worked on in one transaction, so that a save never waits long for its turn."""

ONE_AWAY = delete(reading).where(
    reading.c.series_id == bindparam("series"), reading.c.from_as_at == bindparam("moment")
)


class Grain(StrEnum):
    """What is kept of a time."""

    HOUR = "hour"
    DAY = "day"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Thinned:
    """Up to when only ends of hours, ends of days, nothing is kept."""

    hour: datetime = EPOCH
    day: datetime = EPOCH
    gone: datetime = EPOCH

    def kept(self, moment: datetime) -> datetime | None:
        """The last kept moment at or before ``moment``; None where nothing is kept."""
        end = moment = moment.astimezone(UTC)
        if moment < self.day:
            end = _day_end_before(moment)
        elif moment < self.hour:
            end = _hour_end_before(moment)
        return end if end >= self.gone else None


def thinned(connection: Connection) -> Thinned:
    """How far the history was thinned."""
    return Thinned(**dict(connection.execute(select(thinning.c.grain, thinning.c.until)).all()))


def thin(database: Database, settings: StoreSettings, now: datetime) -> int:
    """Thins what has grown old at ``now``; returns how many changes were removed. A killed run is taken up again.

    Raises:
        StoreError: the database does not answer.
    """
    now = now.astimezone(UTC)
    changes = timedelta(days=settings.keep_every_change_days)
    hours = max(changes, timedelta(days=settings.keep_hourly_days))
    days = max(hours, timedelta(days=settings.keep_daily_days))
    removed = 0
    for grain, until in (
        (Grain.HOUR, _hour_end_before(now - changes)),
        (Grain.DAY, _day_end_before(now - hours)),
        (Grain.GONE, _day_end_before(now - days)),
    ):
        removed += _thin_to(database, grain, until)
    with database.writing() as connection:
        chart_points.forget(connection, (now - days).astimezone(LONDON).date())
    return removed


def _thin_to(database: Database, grain: Grain, until: datetime) -> int:
    with database.writing() as connection:
        done = _promise(connection, grain, until)
        first = connection.execute(select(func.min(snapshot.c.first_as_at))).scalar()
        numbers = connection.execute(select(series.c.id).order_by(series.c.id)).scalars().all()
    if first is None:
        return 0
    # What stood when the history begins may be far older than the part that went last time.
    since = EPOCH if grain is Grain.GONE and done < until else max(done, first - HOUR)
    if since >= until:
        return 0
    ends = [until] if grain is Grain.GONE else _ends(grain, since, until)
    removed = 0
    for low in range(0, len(numbers), BATCH):
        batch = numbers[low : low + BATCH]
        with database.writing() as connection:
            removed += _thin_readings(connection, batch[0], batch[-1], since, ends, gone=grain is Grain.GONE)
    with database.writing() as connection:
        _thin_stretches(connection, since, ends, gone=grain is Grain.GONE)
        connection.execute(update(thinning).where(thinning.c.grain == grain.value).values(done=until))
    return removed


def _promise(connection: Connection, grain: Grain, until: datetime) -> datetime:
    """Says that nothing finer is promised up to ``until``, before it goes; returns up to where it went before."""
    row = connection.execute(select(thinning).where(thinning.c.grain == grain.value)).first()
    if row is None:
        connection.execute(insert(thinning).values(grain=grain.value, until=until, done=EPOCH))
        return EPOCH
    if row.until < until:
        connection.execute(update(thinning).where(thinning.c.grain == grain.value).values(until=until))
    done: datetime = row.done
    return done


def _thin_readings(
    connection: Connection, first: int, last: int, since: datetime, ends: Sequence[datetime], *, gone: bool
) -> int:
    """Of each series' changes between two ends, all but the last go; so what stood at each end is as it was."""
    in_time = and_(reading.c.series_id == series.c.id, reading.c.from_as_at > since, reading.c.from_as_at <= ends[-1])
    query = (
        select(series.c.id, reading.c.from_as_at, reading.c.state)
        .join_from(series, reading, in_time)
        .where(series.c.id.between(first, last))
        .order_by(series.c.id, reading.c.from_as_at)
    )
    away = []
    for number, rows in groupby(connection.execute(query), key=lambda row: row[0]):
        moments = [(moment, state) for _, moment, state in rows]
        away += [
            {"series": number, "moment": moment}
            for (moment, _), (following, _) in pairwise(moments)
            if bisect_left(ends, moment) == bisect_left(ends, following)
        ]
        if gone and moments[-1][1] is None:  # it ended before anything that is kept began
            away.append({"series": number, "moment": moments[-1][0]})
    if away:
        connection.execute(ONE_AWAY, away)
    return len(away)


def _thin_stretches(connection: Connection, since: datetime, ends: Sequence[datetime], *, gone: bool) -> None:
    """Stretches that follow one another without a gap and begin between the same two ends become one."""
    # A save lengthens the last stretch: it and this must not work on it at once.
    connection.execute(select(current.c.id).with_for_update())
    if gone:
        # The last one before says whether the end itself lies in a gap.
        carries = select(func.max(snapshot.c.first_as_at)).where(snapshot.c.first_as_at <= ends[-1])
        connection.execute(delete(snapshot).where(snapshot.c.first_as_at < carries.scalar_subquery()))
        return
    between = (snapshot.c.first_as_at > since) & (snapshot.c.first_as_at <= ends[-1])
    rows = connection.execute(select(snapshot).where(between).order_by(snapshot.c.first_as_at)).all()
    for chain in _merged(rows, ends):
        if len(chain) == 1:
            continue
        first, last = chain[0], chain[-1]
        connection.execute(
            delete(snapshot).where(
                snapshot.c.first_as_at > first.first_as_at, snapshot.c.first_as_at <= last.first_as_at
            )
        )
        connection.execute(
            update(snapshot)
            .where(snapshot.c.first_as_at == first.first_as_at)
            .values(
                last_as_at=last.last_as_at,
                polls=sum(row.polls for row in chain),
                quality=last.quality,
                off_wards=last.off_wards,
            )
        )


def _merged(rows: Sequence[Row[Any]], ends: Sequence[datetime]) -> Iterator[list[Row[Any]]]:
    chain: list[Row[Any]] = []
    for row in rows:
        apart = chain and bisect_left(ends, chain[-1].first_as_at) != bisect_left(ends, row.first_as_at)
        if chain and (apart or row.after_gap):
            yield chain
            chain = []
        chain.append(row)
    if chain:
        yield chain


def _ends(grain: Grain, since: datetime, until: datetime) -> list[datetime]:
    """The ends after ``since`` up to ``until``, which is one."""
    before = _hour_end_before if grain is Grain.HOUR else _day_end_before
    ends, end = [], until
    while end > since:
        ends.append(end)
        end = before(end - HOUR / 2)
    return ends[::-1]


def _hour_end_before(moment: datetime) -> datetime:
    return moment - (moment - EPOCH) % HOUR


def _day_end_before(moment: datetime) -> datetime:
    local = moment.astimezone(LONDON)
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
