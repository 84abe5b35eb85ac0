"""The protocol that every connector keeps: asked for one feed at one moment, it gives rows or raises.

A connector never returns a partial list that looks whole, never writes to its source, and never decides what a
row means: it hands the source's own words on, and the gate in ``surveillance.feeds`` accepts or quarantines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from surveillance.feeds.data import RawRows
from surveillance.settings import Pack

__all__ = ["Bounds", "Connector", "RawRows"]

EVER = datetime(1890, 1, 1, tzinfo=UTC)
"""Before every change: even 1 January 1900, which databases store for an empty time, is later."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The moments that bound every query, all UTC.

    ``as_at``: nothing entered later is wanted. ``since``: rows that ended before it are not needed.
    ``events_since``: spells, stays and wounds that hold a countable harm are wanted back to here.
    ``changed_since``: rows that have not changed since are known; all rows are wanted unless it is given.
    """

    as_at: datetime
    since: datetime
    events_since: datetime
    changed_since: datetime = EVER


class Connector(Protocol):
    """One source of one or more feeds.

    ``pack``: each feed with its words and windows, the pack's and the site's put together. ``unknown``: feed → columns
    of its last answer that no canonical table has. ``beats``: whether the source is asked how old its data is.
    ``ends_itself``: whether each question ends at its deadline by itself, whatever happens to its source.
    """

    pack: Pack
    unknown: Mapping[str, tuple[str, ...]]
    ends_itself: bool = False

    @property
    def beats(self) -> bool:
        """Whether ``data_as_at`` asks the source anything."""
        ...

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of the feeds that it can give."""
        ...

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        """The rows of one feed.

        Raises:
            SourceUnavailable: the source cannot be reached, failed or ran past its deadline.
            SourceRefused: it refused the credentials.
            SourceChanged: its answer has lost a column that the query promises.
        """
        ...

    def data_as_at(self, bounds: Bounds) -> datetime | None:
        """The newest change that the source knows of, or None if it cannot tell."""
        ...

    def knock(self, bounds: Bounds) -> datetime | None:
        """Ask the source for the least that shows that it answers: what ``data_as_at`` would say.

        Raises:
            As ``read``, also where ``data_as_at`` would not have asked anything.
        """
        ...

    def can_write(self) -> bool | None:
        """Whether what the display was given could change the source; None where that cannot be told. Changes nothing.

        Raises:
            SourceUnavailable, SourceRefused: the source cannot be asked.
        """
        ...

    def close(self) -> None:
        """Give back connections."""
        ...
