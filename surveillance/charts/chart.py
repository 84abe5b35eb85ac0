"""A unit's chart: its series as a control chart, its phases with their reasons, and what it says in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from surveillance.charts.series import SeriesPoint
from surveillance.measures.declaration import Better, Charted, Form, Measure
from surveillance.settings import Charts
from surveillance.spc import (
    ASSURANCE_WORDS,
    MAKING_DATA_COUNT,
    VARIATION_WORDS,
    Chart,
    Direction,
    Variation,
    t_chart,
    words,
    xmr,
)

DIRECTIONS = {
    Better.LOWER: Direction.DECREASE,
    Better.HIGHER: Direction.INCREASE,
    Better.NEUTRAL: Direction.NEUTRAL,
}
UNREADABLE = "history cannot be read"
CONCERN = (Variation.CONCERN_HIGH, Variation.CONCERN_LOW)


@dataclass(frozen=True, slots=True)
class Phase:
    """From a point on limits are worked out anew.

    ``index``: of that point in the series. ``reason``: shown. ``definition``: whether the measure was defined anew, so
    that its line is broken.
    """

    index: int
    start: date
    reason: str
    definition: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """What happened at a date, in a person's words."""

    at: date
    words: str


@dataclass(frozen=True, slots=True)
class UnitChart:
    """One measure of one unit over time.

    ``chart``: one point for each of ``series``; None, and never an empty chart, where ``unreadable`` says that the
    history cannot be read. Without points both are empty: no week is closed yet. ``phases``: those after the first.
    ``words``: sentences: the variation, the assurance if there is a target, each rule that holds at the latest value.
    """

    measure: Measure
    charted: Charted
    kind: str
    code: str
    series: tuple[SeriesPoint, ...] = ()
    chart: Chart | None = None
    phases: tuple[Phase, ...] = ()
    notes: tuple[Remark, ...] = ()
    target: float | None = None
    direction: Direction = Direction.NEUTRAL
    words: tuple[str, ...] = ()
    unreadable: str = ""

    @property
    def latest(self) -> SeriesPoint | None:
        """The point that the icons stand for: the last with a value."""
        return self.series[self.chart.latest] if self.chart and self.chart.latest is not None else None

    @property
    def breaks(self) -> frozenset[int]:
        """Indices before which the line is broken, as the measure was defined anew."""
        return frozenset(phase.index for phase in self.phases if phase.definition)

    @property
    def is_concern(self) -> bool:
        """Whether it shows special cause variation of a concerning nature."""
        return self.chart is not None and self.chart.variation in CONCERN


def chart_of(measure: Measure, kind: str, code: str, series: Sequence[SeriesPoint], settings: Charts) -> UnitChart:
    """The chart of a unit's series, as the site's ``[charts]`` has it.

    Raises:
        ValueError: the measure is not charted.
    """
    how = measure.charted
    if how is None:
        raise ValueError(f"{measure.id} is not charted")
    direction, phases = DIRECTIONS[measure.better], phases_of(series, measure.id, code, settings)
    values, starts = [point.value for point in series], [phase.index for phase in phases]
    target = None
    if how.form is Form.EVENTS:
        chart = t_chart(values, direction=direction, phases=starts, preset=MAKING_DATA_COUNT)
    else:
        target = settings.targets.get(measure.id, how.target)
        chart = xmr(values, direction=direction, target=target, phases=starts, preset=MAKING_DATA_COUNT)
    notes = tuple(
        Remark(note.date, note.words)
        for note in sorted(settings.notes, key=lambda note: note.date)
        if note.measure == measure.id and note.unit in ("", code)
    )
    return UnitChart(measure, how, kind, code, tuple(series), chart, phases, notes, target, direction, sentences(chart))


def unreadable(measure: Measure, charted: Charted, kind: str, code: str) -> UnitChart:
    """What stands for a chart while the history cannot be read."""
    return UnitChart(measure, charted, kind, code, direction=DIRECTIONS[measure.better], unreadable=UNREADABLE)


def phases_of(series: Sequence[SeriesPoint], measure: str, unit: str, settings: Charts) -> tuple[Phase, ...]:
    """Where a definition changes, and from the dates on that a person named; only points after the first begin one."""
    reasons: dict[int, list[str]] = {}
    defined = {index for index, (a, b) in enumerate(pairwise(series), start=1) if a.version != b.version}
    for index in defined:
        reasons[index] = [f"definition changed (version {series[index].version})"]
    for rebase in sorted(settings.rebases, key=lambda rebase: rebase.date):
        if rebase.measure != measure or rebase.unit not in ("", unit):
            continue
        index = next((index for index, point in enumerate(series) if point.start >= rebase.date), 0)
        if index:
            reasons.setdefault(index, []).append(rebase.reason)
    return tuple(
        Phase(index, series[index].start, "; ".join(reasons[index]), index in defined) for index in sorted(reasons)
    )


def sentences(chart: Chart) -> tuple[str, ...]:
    """What the icons say, and each rule that holds at the latest value."""
    said = [VARIATION_WORDS[chart.variation]]
    if chart.target is not None:
        said.append(ASSURANCE_WORDS[chart.assurance])
    if chart.latest is not None:
        said += words(chart, chart.latest)
    return tuple(f"{sentence}." for sentence in said)
