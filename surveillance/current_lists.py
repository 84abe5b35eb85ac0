"""The newest snapshot and the rows behind it are handed over together, so that no list belongs to another number."""

from __future__ import annotations

from dataclasses import dataclass

from surveillance.snapshot import Snapshot
from surveillance.worklist import Worklist


@dataclass(frozen=True, slots=True)
class Listed:
    """A snapshot and the worklist of the same moment.

    Raises:
        ValueError: they are of two moments.
    """

    snapshot: Snapshot
    worklist: Worklist

    def __post_init__(self) -> None:
        if self.snapshot.as_at != self.worklist.as_at:
            raise ValueError("a worklist belongs to the snapshot of the same moment")


class CurrentLists:
    """Holds the newest pair for whoever may see patients. May be used by several threads: a pair is replaced whole."""

    def __init__(self) -> None:
        self._newest: Listed | None = None

    def publish(self, snapshot: Snapshot, worklist: Worklist) -> None:
        """From now on these two are the newest.

        Raises:
            ValueError: they are of two moments; what was there before stays.
        """
        self._newest = Listed(snapshot, worklist)

    def look(self) -> Listed | None:
        """The newest pair; None before the first."""
        return self._newest
