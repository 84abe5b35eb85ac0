"""What is true of every control chart, whatever its values."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveillance.spc import (
    MAKING_DATA_COUNT,
    REFERENCE,
    Chart,
    Direction,
    Kind,
    Preset,
    Rule,
    Variation,
    g_chart,
    t_chart,
    with_point,
    xmr,
)
from surveillance.spc.limits import exact_mean

PRESETS = [REFERENCE, MAKING_DATA_COUNT]
presets = st.sampled_from(PRESETS)
directions = st.sampled_from(list(Direction))
small = st.integers(0, 9)
gapped = st.lists(st.none() | small, max_size=45)


def labels(chart: Chart) -> list[object]:
    classes = [(point.side, point.outside, point.close, point.rules, point.point_type) for point in chart.points]
    return [*classes, chart.variation, chart.kind]


@given(st.lists(st.floats(-1e6, 1e6) | small, min_size=1, max_size=60))
def test_a_mean_is_that_of_exact_fractions(values: list[float]) -> None:
    assert exact_mean(values) == float(sum(map(Fraction, values)) / len(values))


@given(st.decimals(0, 1000, places=2), st.integers(1, 120))
def test_a_constant_is_its_own_mean(value: object, count: int) -> None:
    number = float(str(value))
    assert exact_mean([number] * count) == number


@given(gapped.filter(bool), directions, presets, st.sampled_from([0.125, 2, 1024]))
def test_scaling_scales_the_limits_and_changes_no_class(
    values: list[float | None], direction: Direction, preset: Preset, factor: float
) -> None:
    """Powers of two scale without rounding, so nothing can tip over a limit."""
    plain = xmr(values, direction=direction, preset=preset)
    scaled = xmr([None if v is None else v * factor for v in values], direction=direction, preset=preset)
    assert labels(plain) == labels(scaled)
    for a, b in zip(plain.points, scaled.points, strict=True):
        for line in ("mean", "lpl", "upl", "nlpl", "nupl"):
            of_plain = getattr(a, line)
            assert getattr(b, line) == (None if of_plain is None else of_plain * factor)


@given(st.lists(st.integers(0, 20), min_size=17, max_size=17), directions, st.integers(-1000, 1000))
def test_shifting_shifts_the_limits_and_changes_no_class(values: list[float], direction: Direction, by: int) -> None:
    """Seventeen whole numbers up to 20 cannot lie on a limit (2.66 / 16 of their ranges is no seventeenth)."""
    plain = xmr(values, direction=direction)
    shifted = xmr([value + by for value in values], direction=direction)
    assert labels(plain) == labels(shifted)
    for a, b in zip(plain.points, shifted.points, strict=True):
        for line in ("mean", "lpl", "upl", "nlpl", "nupl"):
            if getattr(a, line) is not None:
                assert getattr(b, line) == pytest.approx(getattr(a, line) + by, abs=1e-9)


@given(st.floats(-1e6, 1e6), st.integers(1, 60), directions, presets, st.booleans() | st.none())
def test_a_constant_series_never_signals(
    value: float, count: int, direction: Direction, preset: Preset, screen: bool | None
) -> None:
    chart = xmr([value] * count, direction=direction, preset=preset, screen=screen)
    assert not any(point.rules for point in chart.points)
    assert chart.variation in (Variation.NONE, Variation.COMMON_CAUSE)


@given(gapped, directions, st.integers(1, 3))
def test_a_gap_at_the_end_changes_nothing(values: list[float | None], direction: Direction, gaps: int) -> None:
    before = xmr(values, direction=direction, target=5)
    after = xmr([*values, *[None] * gaps], direction=direction, target=5)
    assert after.points[: len(values)] == before.points
    assert (after.variation, after.assurance, after.latest) == (before.variation, before.assurance, before.latest)
    assert not any(point.rules for point in after.points[len(values) :])


@given(gapped.filter(bool), presets, st.data())
def test_a_gap_never_creates_a_trend_or_a_shift(
    values: list[float | None], preset: Preset, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(values)))
    before = xmr(values, direction=Direction.INCREASE, preset=preset).points
    after = xmr([*values[:at], None, *values[at:]], direction=Direction.INCREASE, preset=preset).points
    assert after[at].rules == ()
    if before[0].limits.mean is None and after[0].limits.mean is not None:
        return  # a run chart has no classes, and a gap makes no control chart of it
    for was, now in zip(before, [*after[:at], *after[at + 1 :]], strict=True):
        assert set(now.rules) & {Rule.TREND, Rule.SHIFT} <= set(was.rules)


def test_but_a_gap_can_bring_limits_nearer_for_it_takes_a_moving_range() -> None:
    """Which is why no more is promised: 17 lies inside the limits only while the step up to it is counted."""
    steady = [10, 12] * 8
    assert xmr([*steady, 17], direction=Direction.INCREASE).points[-1].rules == ()
    assert xmr([*steady, None, 17], direction=Direction.INCREASE).points[-1].rules == (Rule.ASTRONOMICAL,)


@given(gapped, st.lists(st.none() | small, min_size=1, max_size=5), directions, presets, st.data())
def test_point_by_point_is_the_same_as_at_once(
    values: list[float | None], more: list[float | None], direction: Direction, preset: Preset, data: st.DataObject
) -> None:
    phases = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=3)) if values else []
    fix_after = data.draw(st.none() | st.integers(12, 20))
    options = {"direction": direction, "target": 4, "phases": phases, "fix_after": fix_after, "preset": preset}
    chart = xmr(values, **options)  # type: ignore[arg-type]
    for value in more:
        chart = with_point(chart, value)
    assert chart == xmr([*values, *more], **options)  # type: ignore[arg-type]


@given(gapped, st.none() | small, presets, st.sampled_from([t_chart, g_chart]), st.data())
def test_so_it_is_for_rare_events(values: list[float | None], value: float | None, preset: Preset, make, data) -> None:  # type: ignore[no-untyped-def]
    phases = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=2)) if values else []
    chart = with_point(make(values, phases=phases, preset=preset), value)
    assert chart == make([*values, value], phases=phases, preset=preset)


@given(gapped, directions, presets)
def test_what_every_chart_keeps(values: list[float | None], direction: Direction, preset: Preset) -> None:
    chart = xmr(values, direction=direction, target=4, preset=preset)
    assert [point.value for point in chart.points] == values
    assert (chart.kind is Kind.RUN) == all(point.mean is None for point in chart.points) or preset is REFERENCE
    for point in chart.points:
        assert (point.rule is None) == (point.relative is None) == (point.point_type == "common_cause")
        assert list(point.rules) == [rule for rule in Rule if rule in point.rules]
        assert not (point.outside and point.close)
        if None not in (point.lpl, point.nlpl, point.mean):
            assert point.lpl <= point.nlpl <= point.mean <= point.nupl <= point.upl  # type: ignore[operator]
        if point.value is None or point.limits.median is not None:
            assert point.rules == ()


@given(st.lists(small, min_size=1, max_size=40))
def test_better_upwards_and_better_downwards_are_opposite(values: list[float]) -> None:
    opposite = {"special_cause_improvement": "special_cause_concern", "common_cause": "common_cause"}
    opposite |= {"special_cause_concern": "special_cause_improvement"}
    up = xmr(values, direction=Direction.INCREASE, preset=REFERENCE)
    down = xmr(values, direction=Direction.DECREASE, preset=REFERENCE)
    assert [opposite[point.point_type] for point in up.points] == [point.point_type for point in down.points]
