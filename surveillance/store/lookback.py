"""What can be looked back at: from when to when the hospital was watched, how finely that is kept, and where not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from surveillance.lookback import Around, Gap
from surveillance.store import coverage
from surveillance.store.tables import snapshot as stretches
from surveillance.store.thinning import HOUR, Thinned, thinned

INTO_THE_NEXT_DAY = timedelta(hours=36)
"""After a midnight in London: days have 23 to 25 hours."""


def around(connection: Connection, moment: datetime) -> Around | None:
    """What there is at ``moment`` and on either side of it; None while there is nothing at all."""
    moment = moment.astimezone(UTC)
    known, begins, newest = thinned(connection), _next_begin(connection, None), _begun_by(connection, None)
    if begins is None or newest is None:
        return None
    first, last = _at_or_after(connection, known, begins), _at_or_before(connection, known, newest.last_as_at)
    if first is None or last is None:
        return None
    found = Around(first, last, True, "day" if moment < known.day else "hour" if moment < known.hour else None)
    if _covered(connection, known.kept(moment)):
        return found
    before = _at_or_before(connection, known, moment)
    return replace(found, watched=False, before=before, after=_at_or_after(connection, known, moment))


def gaps(connection: Connection, since: datetime | None) -> list[Gap]:
    """Every gap between two stretches of polls that ended after ``since`` (None: all of them), in order."""
    begins = select(stretches.c.first_as_at).where(stretches.c.after_gap).order_by(stretches.c.first_as_at)
    if since is not None:
        begins = begins.where(stretches.c.first_as_at > since)
    found = []
    for begin in connection.execute(begins).scalars().all():
        before = select(stretches.c.last_as_at).where(stretches.c.first_as_at < begin)
        ended = connection.execute(before.order_by(stretches.c.first_as_at.desc()).limit(1)).scalar()
        if ended is not None:
            found.append((ended, begin))
    return found


def _at_or_before(connection: Connection, known: Thinned, moment: datetime) -> datetime | None:
    """The last moment up to ``moment`` for which there is something to show."""
    while (kept := known.kept(moment)) is not None:
        if _covered(connection, kept):
            return kept
        row = _begun_by(connection, kept)
        if row is None:
            return None
        moment = row.last_as_at
    return None


def _at_or_after(connection: Connection, known: Thinned, moment: datetime) -> datetime | None:
    """The first moment from ``moment`` on for which there is something to show."""
    begins: datetime | None = moment
    while begins is not None:
        kept = _next_kept(known, begins)
        if _covered(connection, kept):
            return kept
        begins = _next_begin(connection, kept)
    return None


def _next_kept(known: Thinned, moment: datetime) -> datetime:
    """The first moment from ``moment`` on that thinning leaves."""
    if moment <= known.gone:
        return known.gone
    kept = known.kept(moment) or known.gone
    if kept == moment:
        return moment
    if moment < known.day:
        later = kept + INTO_THE_NEXT_DAY
        return (known.kept(later) or known.day) if later < known.day else known.day
    return kept + HOUR


def _covered(connection: Connection, kept: datetime | None) -> bool:
    return kept is not None and coverage.kept_at(connection, kept) is not None


def _next_begin(connection: Connection, after: datetime | None) -> datetime | None:
    """When the next stretch begins."""
    begins = select(func.min(stretches.c.first_as_at))
    found: datetime | None = connection.execute(
        begins if after is None else begins.where(stretches.c.first_as_at > after)
    ).scalar()
    return found


def _begun_by(connection: Connection, moment: datetime | None) -> Row[Any] | None:
    """The last stretch that had begun."""
    query = select(stretches).order_by(stretches.c.first_as_at.desc()).limit(1)
    return connection.execute(query if moment is None else query.where(stretches.c.first_as_at <= moment)).first()
