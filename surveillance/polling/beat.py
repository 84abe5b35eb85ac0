"""How old a source's data is: by what its heartbeat says, and never newer than when that was first heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

AHEAD = timedelta(minutes=5)
"""Clocks differ by seconds. By more, something is wrong: a clock, or the zone in which its times are read."""


@dataclass(frozen=True, slots=True)
class Beat:
    """``newest``: the newest change that the source knew of. ``heard_at``: when it said so for the first time (UTC)."""

    newest: datetime
    heard_at: datetime

    def true_at(self, as_at: datetime) -> datetime:
        """When the source's data was true. A clock that runs ahead there does not make a stalled source look live."""
        return min(self.newest, self.heard_at, as_at)

    def ahead(self, as_at: datetime, speed: float = 1.0) -> timedelta | None:
        """By how much too much the newest change is still to come; None if it is not. ``speed``: of the clock."""
        ahead = self.newest - as_at
        return ahead if ahead > AHEAD * max(speed, 1.0) else None


def heard(newest: datetime, as_at: datetime, before: Beat | None) -> Beat:
    """What the heartbeat said at ``as_at``, after what it said ``before``."""
    return before if before and before.newest == newest else Beat(newest, as_at)
