"""A measure is declared once: its question, words and standard, what it reads, and the function that lists its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pandas as pd

from surveillance.settings import Threshold
from surveillance.snapshot import State

if TYPE_CHECKING:
    from surveillance.measures.hospital import Hospital


class Kind(StrEnum):
    """How the listed rows become the number, and how wards add up."""

    COUNT = "count"
    TWO_COLUMN = "two_column"
    PAIR = "pair"
    DAYS_SINCE = "days_since"
    RATIO = "ratio"
    EVENT = "event"
    SCALE = "scale"
    LABEL = "label"
    DISTRIBUTION = "distribution"


class RollUp(StrEnum):
    """How wards add up to a division, a site, the trust and the system."""

    SUM = "sum"
    """Counts add, part by part."""
    RATIO = "numerators and denominators add"
    MINIMUM = "the smallest number of days"
    LEVELS = "wards are counted by level"


class Better(StrEnum):
    """Which way is improvement."""

    LOWER = "lower"
    HIGHER = "higher"
    NEUTRAL = "neutral"


class Form(StrEnum):
    """How the readings of a week become one point of a control chart."""

    CLOSED = "closed cohort"
    """The measure answers for the seven local days before today; the point is what it said on the day after the week,
    at the end of that day, so that late entries count."""
    MEAN = "mean while watched"
    """The mean of the reading over the time in which the hospital was watched, over the mean of another measure's."""
    EVENTS = "days between events"
    """Each event that a days-since reading tells of, by its date; a point is the days since the event before."""


@dataclass(frozen=True, slots=True)
class Charted:
    """How a measure is drawn over time. Which way is improvement is the measure's own ``better``.

    ``scale``: a point is numerator / denominator × scale. ``unit``: the words for that ("% of those due, weekly").
    ``target``: None where there is none; the site may set its own. ``part``: of a reading with several.
    ``over``: for ``MEAN``, the measure that is divided by.
    """

    form: Form
    title: str
    unit: str
    scale: float = 100
    target: float | None = None
    part: str = ""
    over: str = ""


class Dimension(StrEnum):
    """The question of the Measurement and Monitoring of Safety framework (Health Foundation, 2013) that it serves."""

    PAST_HARM = "past_harm"
    RELIABILITY = "reliability"
    OPERATIONS = "sensitivity_to_operations"
    ANTICIPATION = "anticipation_and_preparedness"
    LEARNING = "integration_and_learning"


@dataclass(frozen=True, slots=True)
class Standard:
    """What the measure is held against.

    ``evidence``: S published and seen; K published, to be checked by the trust; L local default, no standard known.
    """

    text: str
    evidence: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a measure's function gives.

    ``rows``: what counts: ``ward_code``, ``part`` (where there are several), the measure's key and drilldown columns.
    ``eligible``: ward_code → what could have counted (the denominator), for counts.
    ``figures``: for kinds that are not counts: columns ward_code, part, value, numerator, denominator.
    ``unknown_parts``: parts that a feed nobody connected leaves unknown.
    ``states``: ward_code → (state, words) where the ward's answer is not a value.
    ``detail``: words that belong beside every value of it ("derived from NEWS2"); ``details``: beside one ward's.
    """

    rows: pd.DataFrame
    eligible: Mapping[str, float] | None = None
    figures: pd.DataFrame | None = None
    unknown_parts: frozenset[str] = frozenset()
    states: Mapping[str, tuple[State, str]] = field(default_factory=dict)
    detail: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


class NotConnected(Exception):
    """The site has not connected or configured something that the measure cannot do without."""


Rows = Callable[["Hospital", "Measure"], Answer]


@dataclass(frozen=True, slots=True)
class Measure:
    """One question about a ward.

    ``feeds``: without any one of these it cannot be answered. ``optional``: used when connected.
    ``needs``: (feed, column) pairs; an optional column without which it cannot be answered either.
    ``key``: columns that name a counted row; the number is the number of distinct keys.
    ``columns``: what the drilldown shows beside the key. ``scale``: of a ratio, 100 for per cent.
    ``short``: the words on a wall's tile, where ``label`` is long. ``wall_parts``: the parts that a wall has room for,
    if not all; ``wall_labels``: what they are called there.
    ``charted``: how it is drawn over time, if it is. ``beside``: of a compliance measure, the measure of what is
    outstanding now. ``soon``: the forecast that lists what is about to count here. ``on_ward_wall``: whether it stands
    on a ward's wall where no section names it.
    """

    id: str
    label: str
    group: str
    kind: Kind
    counts: str
    rows: Rows
    standard: Standard
    feeds: tuple[str, ...]
    dimension: Dimension
    better: Better
    optional: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ("count",)
    part_labels: tuple[str, ...] = ()
    short: str = ""
    wall_parts: tuple[str, ...] = ()
    wall_labels: tuple[str, ...] = ()
    out_of: str = ""
    clock: str = ""
    exclusions: tuple[str, ...] = ()
    key: tuple[str, ...] = ("spell_key",)
    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    threshold: Threshold = field(default_factory=Threshold)
    rollup: RollUp = RollUp.SUM
    scale: float = 1
    charted: Charted | None = None
    beside: str = ""
    soon: str = ""
    on_ward_wall: bool = True
    public: bool = False
    sensitive: bool = False
    version: int = 1
    owner: str = "Chief Nurse"
    review: str = "2027-11-01"
    notes: str = ""

    @property
    def on_wall(self) -> str:
        """Its words on a wall."""
        return self.short or self.label
