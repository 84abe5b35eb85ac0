"""Control charts by hand: limits, the four rules, phases, gaps and icons, each as a small table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from surveillance.spc import (
    MAKING_DATA_COUNT,
    REFERENCE,
    Assurance,
    Chart,
    Direction,
    Kind,
    Limits,
    PointType,
    Relative,
    Rule,
    SeriesError,
    Variation,
    with_point,
    xmr,
)

UP, DOWN, NEITHER = Direction.INCREASE, Direction.DECREASE, Direction.NEUTRAL
A, T, W, S = Rule.ASTRONOMICAL, Rule.TREND, Rule.TWO_OF_THREE, Rule.SHIFT
LETTERS = {A: "A", T: "T", W: "W", S: "S"}
ZIGZAG = [8, 12] * 12
"""Mean 10, every moving range 4: limits 10 ± 10.64, near limits 10 ± 7.0933."""


def chart(values: Sequence[float | None], direction: Direction = UP, **more: Any) -> Chart:
    return xmr(values, direction=direction, **({"preset": REFERENCE} | more))


def labels(of: Chart) -> str:
    """The label of each point: the initial of its rule, capital if high; a dot without one."""
    return "".join(
        "."
        if point.rule is None
        else LETTERS[point.rule]
        if point.relative is Relative.HIGH
        else LETTERS[point.rule].lower()
        for point in of.points
    )


def fixed(values: Sequence[float | None], direction: Direction = UP, **more: Any) -> str:
    """The labels of what follows, after a gap, a stable time on which the limits stand."""
    return labels(chart([*ZIGZAG, None, *values], direction, fix_after=len(ZIGZAG), **more))[len(ZIGZAG) + 1 :]


def test_limits_are_2_66_mean_moving_ranges_from_the_mean() -> None:
    limits = chart(ZIGZAG).points[0].limits
    assert (limits.mean, limits.amr) == (10, 4)
    lines = (limits.lpl, limits.upl, limits.nlpl, limits.nupl)
    assert lines == pytest.approx((-0.64, 20.64, 10 - 7.09333333333, 10 + 7.09333333333), abs=1e-9)


def test_all_points_of_a_phase_share_its_limits_and_its_number() -> None:
    points = chart([1, 3, 2, 14, 16, 15], phases=[3]).points
    assert [point.phase for point in points] == [0, 0, 0, 1, 1, 1]
    assert [point.mean for point in points] == [2, 2, 2, 15, 15, 15]
    assert points[0].limits.amr == 1.5  # the step of 12 between the phases is no moving range
    assert chart([1, 3, 2, 14, 16, 15], phases=[3, 0]).points == points


def test_screening_leaves_large_moving_ranges_out_once_but_no_value() -> None:
    values = [10, 12] * 8 + [40] + [10, 12] * 8  # ranges: 30 of 2, then 28 and 30: mean 3.6875; screened: 2
    screened, whole = chart(values).points[0], chart(values, screen=False).points[0]
    assert (screened.limits.amr, whole.limits.amr) == (2, (15 * 2 * 2 + 28 + 30) / 32)
    assert screened.mean == whole.mean == (16 * 22 + 40) / 33
    assert chart(values, preset=MAKING_DATA_COUNT) == chart(values, preset=MAKING_DATA_COUNT, screen=False)
    assert chart(values, preset=MAKING_DATA_COUNT, screen=True).points[0].limits == screened.limits


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([21], "A"),
        ([-1], "a"),
        ([20, 11, 9], "..."),  # close to the limit, inside it
        ([11, 12, 13, 14, 15, 16], "......"),  # 6 points, of which 5 steps
        ([8, 9, 10, 11, 12, 13, 14], "TTTTTTT"),
        ([9, 8, 7, 6, 5, 4, 3, 12], "ttttttt."),
        ([9, 10, 11, 11, 12, 13, 14, 9], "........"),  # a tie breaks it
        ([9, 10, 11, None, 12, 13, 14, 15], "........"),  # so does a gap
        ([11, 13, 11, 13, 11, 13, 9], "......."),  # 6 above
        ([11, 13, 11, 13, 11, 13, 11, 9], "SSSSSSS."),
        ([9, 7, 9, 7, 9, 7, 9, 11], "sssssss."),
        ([11, 13, 11, 10, 11, 13, 11, 13, 9], "........."),  # a value on the mean breaks it
        ([11, 13, 11, None, 11, 13, 11, 13, 9], "........."),
        ([18, 18, 9], "..."),  # both close, but the third on the other side
        ([18, 18, 11], "WW."),
        ([18, 11, 18, 9], "W.W."),
        ([11, 18, 18, 9], ".WW."),
        ([2, 2, 9, 11], "ww.."),
        ([18, 10, 18], "..."),  # the third on the mean
        ([21, 18, 11], "A.."),  # beyond the limit is not close
        ([21, 18, 18], "AWW"),
        ([18, None, 18, 11], "...."),
    ],
)
def test_rules(values: list[float | None], found: str) -> None:
    assert fixed(values) == found


def test_a_point_on_a_limit_is_inside_and_on_a_near_limit_not_close() -> None:
    limits = chart(ZIGZAG).points[0].limits
    assert limits.upl is not None
    assert limits.nupl is not None
    assert fixed([limits.upl, 9, 11]) == "..."
    assert fixed([limits.nupl, limits.nupl, 11]) == "..."


def test_the_first_rule_gives_the_label_and_all_are_kept() -> None:
    points = chart([*ZIGZAG, None, 11, 12, 13, 14, 15, 18, 22], fix_after=24).points[25:]
    assert [point.rule for point in points] == [T, T, T, T, T, T, A]
    assert [point.rules for point in points] == [*[(T, S)] * 6, (A, T, S)]
    points = chart([*ZIGZAG, None, 11, 12, 11, 12, 11, 18, 19], fix_after=24).points[25:]
    assert [point.rules for point in points[-2:]] == [(W, S), (W, S)]


def test_a_peak_shared_by_a_rise_and_a_fall_belongs_to_the_fall() -> None:
    up_and_down = [4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4]
    assert fixed(up_and_down) == "TTTTTTttttttt"


def test_of_two_rises_one_after_the_other_the_first_ends_falling_as_in_the_reference() -> None:
    assert fixed([4, 5, 6, 7, 8, 9, 15, 4, 5, 6, 7, 8, 9, 15]) == "TTTTTTtTTTTTTT"
    assert fixed([4, 5, 6, 7, 8, 9, 15, 11, 4, 5, 6, 7, 8, 9, 15]) == "TTTTTTT.TTTTTTT"


@pytest.mark.parametrize(
    ("direction", "ending", "point_type", "variation"),
    [
        (UP, [22], "special_cause_improvement", "improvement_high"),
        (UP, [-2], "special_cause_concern", "concern_low"),
        (DOWN, [22], "special_cause_concern", "concern_high"),
        (DOWN, [-2], "special_cause_improvement", "improvement_low"),
        (NEITHER, [22], "special_cause_neutral_high", "neutral_high"),
        (NEITHER, [-2], "special_cause_neutral_low", "neutral_low"),
        (UP, [3, 4, 5, 6, 7, 8, 9], "special_cause_improvement", "improvement_high"),  # below the mean, and rising
        (DOWN, [3, 4, 5, 6, 7, 8, 9], "special_cause_concern", "concern_high"),
        (UP, [9], "common_cause", "common_cause"),
    ],
)
@pytest.mark.parametrize("preset", [REFERENCE, MAKING_DATA_COUNT], ids=lambda preset: preset.name)
def test_the_variation_icon_is_that_of_the_latest_point(
    direction: Direction, ending: list[float], point_type: str, variation: str, preset: Any
) -> None:
    made = chart([*ZIGZAG, *ending], direction, fix_after=24, preset=preset)
    assert (made.points[-1].point_type.value, made.variation.value) == (point_type, variation)


LIMITS = chart(ZIGZAG).points[0].limits


@pytest.mark.parametrize(
    ("target", "increase", "decrease"),
    [
        (21, "fail", "pass"),
        (20, "inconsistent", "inconsistent"),
        (0, "inconsistent", "inconsistent"),
        (-1, "pass", "fail"),
        (None, "none", "none"),
    ],
)
def test_assurance_compares_the_target_with_the_limits(target: float | None, increase: str, decrease: str) -> None:
    for preset in (REFERENCE, MAKING_DATA_COUNT):
        assert chart(ZIGZAG, UP, target=target, preset=preset).assurance.value == increase
        assert chart(ZIGZAG, DOWN, target=target, preset=preset).assurance.value == decrease
        assert chart(ZIGZAG, NEITHER, target=target, preset=preset).assurance is Assurance.NONE


@pytest.mark.parametrize(("line", "increase", "decrease"), [("upl", "fail", "pass"), ("lpl", "pass", "fail")])
def test_a_target_on_a_limit_is_passed_or_failed_in_making_data_count_alone(
    line: str, increase: str, decrease: str
) -> None:
    target = getattr(LIMITS, line)
    for direction, expected in ((UP, increase), (DOWN, decrease)):
        assert chart(ZIGZAG, direction, target=target).assurance is Assurance.INCONSISTENT
        assert chart(ZIGZAG, direction, target=target, preset=MAKING_DATA_COUNT).assurance.value == expected


def test_assurance_stands_on_the_latest_phase() -> None:
    assert chart([*ZIGZAG, *[80, 84] * 8], target=50, phases=[24]).assurance is Assurance.PASS
    assert chart([*ZIGZAG, *[80, 84] * 8], target=50, phases=[24, 39]).assurance is Assurance.INCONSISTENT


def test_fourteen_values_are_a_run_chart_and_fifteen_a_control_chart() -> None:
    values: list[float | None] = [3, 8, 4, 9, 2, 3, 8, 4, 9, 2, 3, 8, 4, 90]
    run = chart([None, *values], target=5, preset=MAKING_DATA_COUNT)
    assert (run.kind, run.variation, run.assurance) == (Kind.RUN, Variation.NONE, Assurance.NONE)
    assert {point.limits for point in run.points} == {Limits(median=4)}
    assert {(point.point_type, point.rules, point.side) for point in run.points} == {(PointType.COMMON_CAUSE, (), None)}
    whole = chart([None, *values, 5], target=5, preset=MAKING_DATA_COUNT)
    assert (whole.kind, whole.variation, whole.assurance) == (Kind.XMR, Variation.COMMON_CAUSE, Assurance.INCONSISTENT)
    assert labels(whole)[-2] == "A"
    assert with_point(run, 5) == whole
    assert chart(values[:7]).kind is Kind.XMR  # the reference asks for no number


@pytest.mark.parametrize(
    "values",
    [[7] * 20, [0] * 20, [0.1] * 35, [99.99] * 104, [4, None] * 20, [None] * 20, [1] * 10 + [None] + [3] * 10],
    ids=str,
)
def test_what_does_not_vary_is_a_run_chart_with_empty_icons(values: list[float | None]) -> None:
    made = chart(values, target=8, preset=MAKING_DATA_COUNT)
    assert (made.kind, made.variation, made.assurance) == (Kind.RUN, Variation.NONE, Assurance.NONE)
    assert all(point.upl is None and not point.rules for point in made.points)


def test_limits_of_rounding_errors_are_no_limits() -> None:
    almost_alike = [1 / 3, math.nextafter(1 / 3, 1)]
    assert chart(almost_alike * 10, preset=MAKING_DATA_COUNT).kind is Kind.RUN


def test_the_reference_draws_a_constant_series_without_limits_and_a_nearly_constant_one_with_collapsed_ones() -> None:
    constant = chart([7] * 24, target=8)
    assert (constant.points[0].limits, constant.variation) == (Limits(7), Variation.COMMON_CAUSE)
    assert (constant.assurance, constant.points[0].outside) == (Assurance.INCONSISTENT, None)
    collapsed = chart([0] * 20 + [1] + [0] * 9)
    assert collapsed.points[0].limits.amr == 0
    assert labels(collapsed) == "a" * 20 + "A" + "a" * 9


def test_the_fifteenth_value_gives_limits_to_every_phase() -> None:
    run = chart(ZIGZAG[:14], phases=[7], preset=MAKING_DATA_COUNT)
    whole = with_point(run, 8)
    assert whole == chart(ZIGZAG[:15], phases=[7], preset=MAKING_DATA_COUNT)
    assert (run.points[0].upl, whole.points[0].limits.amr) == (None, 4)


def test_a_median_stands_on_the_rows_that_limits_would_stand_on() -> None:
    made = chart([*[5] * 12, *[9] * 20], fix_after=12, preset=MAKING_DATA_COUNT)
    assert (made.kind, made.points[-1].limits) == (Kind.RUN, Limits(median=5))


def test_a_flat_phase_has_a_median_beside_a_phase_with_limits() -> None:
    made = chart([*ZIGZAG, *[5] * 15], phases=[24], target=3, preset=MAKING_DATA_COUNT)
    assert (made.kind, made.variation, made.assurance) == (Kind.XMR, Variation.NONE, Assurance.NONE)
    assert (made.points[0].mean, made.points[-1].mean, made.points[-1].limits.centre) == (10, None, 5)


def test_one_value_and_none_at_all() -> None:
    one = chart([42], target=40)
    assert (one.points[0].limits, one.points[0].side) == (Limits(42), 0)
    assert (one.variation, one.assurance, one.short_phases) == (Variation.COMMON_CAUSE, Assurance.INCONSISTENT, (0,))
    for preset in (REFERENCE, MAKING_DATA_COUNT):
        nothing = chart([], target=40, preset=preset)
        assert (nothing.points, nothing.latest, nothing.kind) == ((), None, Kind.RUN)
        assert (nothing.variation, nothing.assurance) == (Variation.NONE, Assurance.NONE)


def test_a_gap_is_no_point_and_takes_both_its_moving_ranges() -> None:
    made = chart([1, 2, None, 9, 11])
    assert (made.points[0].mean, made.points[0].limits.amr) == (5.75, 1.5)
    gap = made.points[2]
    assert (gap.value, gap.side, gap.outside, gap.close, gap.rules) == (None, None, None, None, ())


def test_the_icon_is_that_of_the_last_value_but_in_the_reference_that_of_the_last_row() -> None:
    ours = chart([*ZIGZAG, 22, None, None], fix_after=24, preset=MAKING_DATA_COUNT)
    assert (ours.latest, ours.variation) == (24, Variation.IMPROVEMENT_HIGH)
    theirs = chart([*ZIGZAG, 22, None, None], fix_after=24)
    assert (theirs.latest, theirs.variation) == (26, Variation.COMMON_CAUSE)


def test_short_phases() -> None:
    assert chart(ZIGZAG, phases=[12]).short_phases == (0, 1)
    assert chart([*ZIGZAG, 8, 8], phases=[13]).short_phases == ()
    assert chart(ZIGZAG, phases=[12], preset=MAKING_DATA_COUNT).short_phases == ()
    assert chart(ZIGZAG, phases=[11], preset=MAKING_DATA_COUNT).short_phases == (0,)
    assert chart([*ZIGZAG[:12], None, *ZIGZAG], phases=[13]).short_phases == ()  # a row in the reference
    assert chart([*ZIGZAG[:11], None, *ZIGZAG], phases=[12], preset=MAKING_DATA_COUNT).short_phases == (0,)


def test_fixed_limits_stand_on_the_first_rows_of_each_phase() -> None:
    made = chart([*ZIGZAG, *[50, 54] * 6, *[90, 99] * 3], phases=[24], fix_after=12)
    assert [made.points[n].mean for n in (0, 23, 24, 41)] == [10, 10, 52, 52]
    with_gap = chart([None, *ZIGZAG], fix_after=12).points[0]
    assert with_gap.mean == (8 * 6 + 12 * 5) / 11  # a row without a value is one of the twelve


def test_what_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="12 points or more, not after 11"):
        chart(ZIGZAG, fix_after=11)
    for start in (-1, 24):
        with pytest.raises(ValueError, match=f"cannot start at {start}: there are 24 points"):
            chart(ZIGZAG, phases=[start])
    with pytest.raises(SeriesError, match="position 1: not a finite number but nan"):
        chart([1, float("nan")])
    with pytest.raises(SeriesError, match="not a finite number but inf"):
        chart(ZIGZAG, target=float("inf"))
    with pytest.raises(SeriesError):
        with_point(chart(ZIGZAG), float("nan"))
