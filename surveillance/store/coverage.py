"""When the hospital was watched: stretches of polls, and the gaps between them, in which nothing is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from surveillance.errors import StoreError
from surveillance.snapshot import Snapshot
from surveillance.snapshot_json import dumps
from surveillance.store.tables import snapshot as stretches


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a span of time was watched.

    ``polls``: how many; of a stretch that lies partly outside, in proportion. ``covered_s``: seconds in which polls
    followed one another without a gap. ``share``: of the whole span, 0 to 1.
    """

    polls: float
    covered_s: float
    share: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stretch holds beside the readings."""

    quality: dict[str, int]
    off_wards: dict[str, int]


def last_as_at(connection: Connection) -> datetime | None:
    """The newest moment in the history."""
    row = _newest(connection)
    return row.last_as_at if row else None


def extend(connection: Connection, snapshot: Snapshot, *, changed: bool, max_gap: timedelta) -> bool:
    """Adds one poll: to the last stretch when nothing changed and polling was not interrupted, else to a new one.

    Returns whether a stretch was begun.

    Raises:
        StoreError: the history already holds a later moment.
    """
    as_at = snapshot.as_at
    quality, off_wards = dumps(dict(snapshot.quality)).decode(), dumps(dict(snapshot.off_wards)).decode()
    last = _newest(connection)
    if last and last.last_as_at > as_at:
        raise StoreError(
            f"the store holds a snapshot of {last.last_as_at:%Y-%m-%d %H:%M:%S} UTC, later than the one to keep "
            f"({as_at:%Y-%m-%d %H:%M:%S %Z}): a clock went back, or this store belongs to another hospital or run"
        )
    gap = last is None or as_at - last.last_as_at > max_gap
    equal = not changed and last is not None and (last.quality, last.off_wards) == (quality, off_wards)
    if last and not gap and (equal or last.first_as_at == as_at):
        connection.execute(
            update(stretches)
            .where(stretches.c.first_as_at == last.first_as_at)
            .values(last_as_at=as_at, polls=last.polls + 1, quality=quality, off_wards=off_wards)
        )
        return not equal
    connection.execute(
        insert(stretches).values(
            first_as_at=as_at, last_as_at=as_at, polls=1, after_gap=gap, quality=quality, off_wards=off_wards
        )
    )
    return True


def kept_at(connection: Connection, moment: datetime) -> Kept | None:
    """What was kept of ``moment``; None in a gap, before the first poll and after the last."""
    before = select(stretches).where(stretches.c.first_as_at <= moment).order_by(stretches.c.first_as_at.desc())
    row = connection.execute(before.limit(1)).first()
    if row is None:
        return None
    if row.last_as_at < moment:
        after = select(stretches).where(stretches.c.first_as_at > moment).order_by(stretches.c.first_as_at).limit(1)
        following = connection.execute(after).first()
        if following is None or following.after_gap:
            return None
    return Kept(orjson.loads(row.quality), orjson.loads(row.off_wards))


def covered(connection: Connection, since: datetime, until: datetime) -> Coverage:
    """How far the time from ``since`` to ``until`` was watched."""
    polls = seconds = 0.0
    for chain in _chains(connection.execute(_around(connection, since, until)).all()):
        start, end = max(chain[0].first_as_at, since), min(chain[-1].last_as_at, until)
        seconds += max((end - start).total_seconds(), 0.0)
        polls += sum(_polls_within(row, since, until) for row in chain)
    return Coverage(polls, seconds, seconds / (until - since).total_seconds())


def watched(connection: Connection, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """First and last poll of each stretch of time without a gap that touches ``since`` to ``until``.

    What lies outside is not looked for further than to the next poll on either side.
    """
    first, last = stretches.c.first_as_at, stretches.c.last_as_at
    low = connection.execute(select(func.max(first)).where(first <= since)).scalar() or since
    inside = select(first).where(first > low, first <= until)
    begins = list(connection.execute(inside.where(stretches.c.after_gap).order_by(first)).scalars())
    following = connection.execute(select(stretches).where(first > until).order_by(first).limit(1)).first()
    # A chain ends with the last stretch before the next one begins; the last reaches the poll that follows it.
    after = following.first_as_at if following else None
    ends = []
    for begin in [*begins, after]:
        before = select(last).order_by(first.desc()).limit(1)
        ends.append(connection.execute(before if begin is None else before.where(first < begin)).scalar())
    if following and not following.after_gap:
        ends[-1] = following.first_as_at
    chains = zip([low, *begins], ends, strict=True)
    return [(start, end) for start, end in chains if end is not None and start <= end and end >= since]


def _around(connection: Connection, since: datetime, until: datetime) -> Select[Any]:
    # One stretch further on either side: the time between two stretches without a gap is covered as well.
    first = select(stretches.c.first_as_at).where(stretches.c.first_as_at <= since)
    last = select(stretches.c.first_as_at).where(stretches.c.first_as_at >= until)
    low = connection.execute(first.order_by(stretches.c.first_as_at.desc()).limit(1)).scalar()
    high = connection.execute(last.order_by(stretches.c.first_as_at).limit(1)).scalar()
    query = select(stretches).order_by(stretches.c.first_as_at)
    if low is not None:
        query = query.where(stretches.c.first_as_at >= low)
    if high is not None:
        query = query.where(stretches.c.first_as_at <= high)
    return query


def _chains(rows: Sequence[Row[Any]]) -> Iterator[list[Row[Any]]]:
    chain: list[Row[Any]] = []
    for row in rows:
        if chain and row.after_gap:
            yield chain
            chain = []
        chain.append(row)
    if chain:
        yield chain


def _polls_within(row: Row[Any], since: datetime, until: datetime) -> float:
    if row.last_as_at < since or row.first_as_at > until:
        return 0.0
    length = (row.last_as_at - row.first_as_at).total_seconds()
    if not length:
        return float(row.polls)
    inside = (min(row.last_as_at, until) - max(row.first_as_at, since)).total_seconds()
    polls: int = row.polls
    return float(polls * (inside / length))


def _newest(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(stretches).order_by(stretches.c.first_as_at.desc()).limit(1)).first()
