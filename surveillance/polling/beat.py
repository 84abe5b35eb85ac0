"""How old a source's data is: by what its heartbeat says, and never newer than when that was first heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """``newest``: the newest change that the source knew of. ``heard_at``: when it said so for the first time (UTC)."""

    newest: datetime
    heard_at: datetime

    def true_at(self, as_at: datetime) -> datetime:
        """When the source's data was true. A clock that runs ahead there does not make a stalled source look live."""
        return min(self.newest, self.heard_at, as_at)


def heard(newest: datetime, as_at: datetime, before: Beat | None) -> Beat:
    """What the heartbeat said at ``as_at``, after what it said ``before``."""
    return before if before and before.newest == newest else Beat(newest, as_at)
