"""The shape of a snapshot's public JSON: a key may be added, none is renamed or given another meaning.

Moments are ISO 8601 in UTC with ``Z``.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class PartJson(TypedDict):
    """One number of several."""

    name: str
    state: str
    value: float | str | None
    numerator: float | None
    denominator: float | None


class ReadingJson(TypedDict):
    """A measure's answer for one unit."""

    measure: str
    version: int
    state: str
    value: float | str | dict[str, float | str | None] | None
    parts: NotRequired[list[PartJson]]
    numerator: float | None
    denominator: float | None
    as_at: str | None
    level: str
    source: str
    detail: str


class RollupJson(ReadingJson):
    """A reading of a division, site, trust or system."""

    unit: str
    kind: str
    reporting: int
    expected: int
    missing: list[str]


class WardJson(TypedDict):
    """One ward."""

    code: str
    name: str
    readings: list[ReadingJson]
    forecasts: list[ReadingJson]


class FeedJson(TypedDict):
    """How one feed of a source stands."""

    feed: str
    state: str
    as_at: str | None
    polled_at: str | None
    rows: int | None
    rejected: dict[str, int]
    notes: dict[str, int]
    newest: str | None
    duration_s: float | None
    error: str


class SourceJson(TypedDict):
    """One source: the state of its worst feed, the time of its oldest."""

    name: str
    state: str
    as_at: str | None
    feeds: list[FeedJson]


class SnapshotJson(TypedDict):
    """The whole."""

    as_at: str
    wards: list[WardJson]
    rollups: list[RollupJson]
    sources: list[SourceJson]
    quality: dict[str, int]
    off_wards: dict[str, int]
