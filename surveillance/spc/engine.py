"""Values become a chart: phase by phase limits, facts and classes, then the icons of the latest point.

Source: NHS England Making Data Count; NHSRplotthedots 0.2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from surveillance.spc.chart import Asked, Chart, Point
from surveillance.spc.limits import Limits, geometric, in_days, individuals, middle, transformed
from surveillance.spc.names import Assurance, Direction, Kind, Method, PointType, Relative, Rule, Variation
from surveillance.spc.preset import MAKING_DATA_COUNT, Preset
from surveillance.spc.rules import Facts, facts
from surveillance.spc.series import finite

FEWEST_FIXED: Final = 12
"""Rows that limits may be fixed on at the least."""


def xmr(
    values: Sequence[float | None],
    *,
    direction: Direction,
    target: float | None = None,
    phases: Sequence[int] = (),
    fix_after: int | None = None,
    screen: bool | None = None,
    preset: Preset = MAKING_DATA_COUNT,
) -> Chart:
    """The chart of individual values in order of time; None is a missing value.

    ``phases``: indices at which new phases start, each with limits and runs of its own. ``fix_after``: limits
    stand on the first so many rows of each phase, 12 or more. ``screen``: overrides the preset. Raises
    SeriesError for what is no finite number and ValueError for other arguments.
    """
    if fix_after is not None and fix_after < FEWEST_FIXED:
        raise ValueError(f"limits can be fixed after {FEWEST_FIXED} points or more, not after {fix_after}")
    screened = preset.screen if screen is None else screen
    if target is not None:
        finite([target])
    asked = Asked(Method.XMR, direction, target, starts(phases, len(values)), fix_after, screened, preset)
    return drawn(asked, finite(values))


def starts(phases: Sequence[int], points: int) -> tuple[int, ...]:
    """Where phases start, 0 first. Raises ValueError for an index at which there is no point."""
    if strangers := [start for start in phases if not 0 <= start < points]:
        raise ValueError(f"a phase cannot start at {strangers[0]}: there are {points} points")
    return tuple(sorted({0, *phases}))


def with_point(chart: Chart, value: float | None) -> Chart:
    """The chart with one point more, the same as if computed anew; only its last phase is.

    All of it is computed where the point is the one that makes a run chart a control chart.
    """
    before = [point.value for point in chart.points]
    after = [*before, *finite([value])]
    last = chart.asked.starts[-1]
    same = _enough(chart.asked.preset, before) == _enough(chart.asked.preset, after)
    return drawn(chart.asked, after, known=chart.points[:last] if same else ())


def drawn(asked: Asked, values: Sequence[float | None], known: Sequence[Point] = ()) -> Chart:
    """The chart of these values; ``known`` are the points of all phases but the last, if computed before."""
    preset = asked.preset
    enough = _enough(preset, values)
    points, short = list(known), []
    for number, (start, end) in enumerate(zip(asked.starts, (*asked.starts[1:], len(values)), strict=True)):
        phase = values[start:end]
        counted = len(phase) if preset.gaps_count else len(phase) - phase.count(None)
        if phase and counted < preset.short_phase:
            short.append(number)
        if start >= len(known):
            points += _phase(asked, number, phase, enough)

    of_rows = range(len(values)) if preset.gaps_count else [n for n, value in enumerate(values) if value is not None]
    latest = of_rows[-1] if of_rows else None
    charted = not preset.flat_is_run or any(point.limits.upl is not None for point in points)
    kind = Kind(asked.method) if charted and points else Kind.RUN
    if latest is None:
        return Chart(asked, tuple(points), kind, None, Variation.NONE, Assurance.NONE, tuple(short))
    icons = variation(points[latest], preset), assurance(points[latest].limits, asked)
    return Chart(asked, tuple(points), kind, latest, *icons, tuple(short))


def _enough(preset: Preset, values: Sequence[float | None]) -> bool:
    return len(values) - values.count(None) >= preset.minimum


def _phase(asked: Asked, number: int, values: Sequence[float | None], enough: bool) -> list[Point]:
    on_scale = transformed(values) if asked.method is Method.T else values
    base = on_scale[: asked.fix_after]
    limits = geometric(base) if asked.method is Method.G else individuals(base, screen=asked.screen)
    if not enough or (asked.preset.flat_is_run and limits.flat):
        limits = shown = middle(values[: asked.fix_after])
    else:
        shown = in_days(limits) if asked.method is Method.T else limits
    better = {Direction.INCREASE: 1, Direction.DECREASE: -1, Direction.NEUTRAL: 0}[asked.direction]
    return [
        Point(value, number, shown, *found, *_label(found, better))
        for value, found in zip(values, facts(on_scale, limits), strict=True)
    ]


def _label(found: Facts, better: int) -> tuple[Relative | None, PointType]:
    if not found.rules:
        return None, PointType.COMMON_CAUSE
    up = found.slope > 0 if found.rules[0] is Rule.TREND else (found.side or 0) > 0
    relative = Relative.HIGH if up else Relative.LOW
    if not better:
        return relative, PointType.NEUTRAL_HIGH if up else PointType.NEUTRAL_LOW
    return relative, PointType.IMPROVEMENT if up == (better > 0) else PointType.CONCERN


def variation(point: Point, preset: Preset) -> Variation:
    """The variation icon of the latest point: what it is, and which way."""
    if preset.flat_is_run and point.limits.upl is None:
        return Variation.NONE
    if point.relative is None:
        return Variation.COMMON_CAUSE
    if point.point_type is PointType.IMPROVEMENT:
        return Variation(f"improvement_{point.relative}")
    if point.point_type is PointType.CONCERN:
        return Variation(f"concern_{point.relative}")
    return Variation(f"neutral_{point.relative}")


def assurance(limits: Limits, asked: Asked) -> Assurance:
    """The assurance icon: whether limits as they stand lie wholly on one side of the target."""
    target = asked.target
    if target is None or asked.direction is Direction.NEUTRAL:
        return Assurance.NONE
    if limits.lpl is None or limits.upl is None:
        return Assurance.NONE if asked.preset.flat_is_run else Assurance.INCONSISTENT
    on_counts = asked.preset.on_limit_counts
    if target > limits.upl or (on_counts and target == limits.upl):
        return Assurance.FAIL if asked.direction is Direction.INCREASE else Assurance.PASS
    if target < limits.lpl or (on_counts and target == limits.lpl):
        return Assurance.PASS if asked.direction is Direction.INCREASE else Assurance.FAIL
    return Assurance.INCONSISTENT
