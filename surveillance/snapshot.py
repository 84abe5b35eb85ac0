"""A snapshot is every reading of every ward at one moment, frozen; not knowing is a state, never a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """What is known about a measure on a ward. Only ``VALUE`` may be coloured, and only ``VALUE`` is current."""

    VALUE = "value"
    STALE = "stale"
    SUSPECT = "suspect"
    UNAVAILABLE = "unavailable"
    NOT_RECORDED = "not_recorded"
    NONE_ON_RECORD = "none_on_record"
    NOT_APPLICABLE = "not_applicable"
    NOT_CONNECTED = "not_connected"


class Level(StrEnum):
    """What colours a tile."""

    NONE = "none"
    WATCH = "watch"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a reading (a count has one part; 'actual (planned)' has two).

    ``value`` is None in every state but ``VALUE`` and ``STALE``. ``numerator``/``denominator`` are what adds up:
    for a count the numerator is the value and the denominator the patients or doses that could have counted.
    """

    name: str
    state: State
    value: float | str | None = None
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure's answer for one ward at one moment.

    ``as_at``: when it was true in the source. ``source``: the sources it came from, ``+`` between them.
    ``detail``: words for the state ("not enough data (n=12)", "No event recorded since 12 October 2025").
    """

    measure: str
    version: int
    unit: str
    state: State
    parts: tuple[Part, ...] = ()
    as_at: datetime | None = None
    level: Level = Level.NONE
    source: str = ""
    detail: str = ""

    @property
    def value(self) -> float | str | dict[str, float | str | None] | None:
        """The number, or the numbers by part name; None unless the state is value or stale."""
        if self.state not in (State.VALUE, State.STALE) or not self.parts:
            return None
        if len(self.parts) == 1:
            return self.parts[0].value
        return {part.name: part.value for part in self.parts}


@dataclass(frozen=True, slots=True)
class Rollup:
    """A reading added up over a division, a site, the trust or the system.

    ``reporting`` of ``expected`` wards gave a current value; ``missing`` names the wards that did not.
    """

    reading: Reading
    kind: str
    reporting: int
    expected: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one feed of one source stands: numbers about rows, never a row's content.

    ``state``: current, stale, suspect, unavailable, refused or not_connected. ``as_at``: when its data was true.
    """

    source: str
    feed: str
    state: str
    as_at: datetime | None
    polled_at: datetime | None = None
    rows: int | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    newest: datetime | None = None
    duration_s: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every reading of every ward at one moment, without any identifier of a patient."""

    as_at: datetime
    readings: Mapping[str, Mapping[str, Reading]]
    """ward code → measure id → reading, in the order of the catalogue."""
    forecasts: Mapping[str, Mapping[str, Reading]] = field(default_factory=dict)
    rollups: tuple[Rollup, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    quality: Mapping[str, int] = field(default_factory=dict)
    """Data-quality counts of the whole hospital: fall-backs used, unmapped codes, unplaced rows."""
    off_wards: Mapping[str, int] = field(default_factory=dict)
    """Patients who lie in units that the site does not list as wards, by unit."""
