"""What the program holds of one feed at one moment: its accepted rows, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import pandas as pd


class FeedState(StrEnum):
    """How a feed stands. Only the rows of ``CURRENT`` and ``STALE`` feeds may be counted."""

    CURRENT = "current"
    STALE = "stale"
    """The source answers, but its newest change is older than it promises."""
    SUSPECT = "suspect"
    """The source answered, but with rows that are not to be believed: too few, too many, or of no ward."""
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    """The source refused the credentials; nobody tries again until a person looks."""
    NOT_CONNECTED = "not_connected"


AWAY = (FeedState.UNAVAILABLE, FeedState.REFUSED)
"""Nothing came."""


@dataclass(frozen=True, slots=True)
class FeedData:
    """One feed at one moment.

    ``frame``: the accepted rows with the canonical columns, None unless the state is current or stale.
    ``as_at``: when the rows were true in the source (UTC). ``absent``: optional columns that the source lacks.
    ``rejected``: reason → rows quarantined. ``notes``: reason → values or rows that were kept but counted.
    ``since``: how far back the rows reach. ``size``: what the next answer is held against.
    """

    feed: str
    state: FeedState
    source: str = ""
    frame: pd.DataFrame | None = None
    as_at: datetime | None = None
    since: datetime | None = None
    polled_at: datetime | None = None
    rows: int | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    newest: datetime | None = None
    duration_s: float | None = None
    error: str = ""
    """The class of the error and words for it; never a row's value and never a URL."""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class RawRows:
    """What a source answered: its rows in its own words, and how it stores moments.

    ``frame``: object columns, named as the query names them; moments may be ``datetime64[us]``. ``zone``: of times
    without an offset. ``as_at``: when these rows were true (UTC), if the source knows it of this feed. ``notes``:
    reason → what was kept but counted.
    """

    frame: pd.DataFrame
    zone: str = "UTC"
    epoch: bool = False
    as_at: datetime | None = None
    notes: Mapping[str, int] = field(default_factory=dict)
