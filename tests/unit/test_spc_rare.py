"""Rare harms: T charts of days between and G charts of opportunities between, worked by hand."""

from __future__ import annotations

import random
from itertools import pairwise
from statistics import fmean

import pytest

from surveillance.spc import (
    MAKING_DATA_COUNT,
    REFERENCE,
    Assurance,
    Direction,
    Kind,
    Limits,
    Rule,
    SeriesError,
    Variation,
    g_chart,
    t_chart,
    xmr,
)

DAYS = [2.0**3.6, 3.0**3.6] * 8
"""Days between whose transformed values are 2 and 3: mean 2.5, limits 2.5 ± 2.66."""


def test_limits_of_a_t_chart_are_those_of_the_transformed_days_transformed_back() -> None:
    chart = t_chart(DAYS)
    limits = chart.points[0].limits
    assert chart.kind is Kind.T
    assert (limits.mean, limits.upl) == pytest.approx((2.5**3.6, 5.16**3.6))
    assert limits.lpl is None  # 2.5 - 2.66 is below 0
    assert (limits.nlpl, limits.nupl) == pytest.approx(((2.5 - 5.32 / 3) ** 3.6, (2.5 + 5.32 / 3) ** 3.6))
    assert (chart.variation, chart.assurance, chart.target) == (Variation.COMMON_CAUSE, Assurance.NONE, None)


def test_rules_apply_on_the_transformed_scale() -> None:
    days = [*DAYS, 600.0, 1.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0]
    scaled = xmr([value ** (1 / 3.6) for value in days], direction=Direction.INCREASE)
    chart = t_chart(days)
    assert [point.rules for point in chart.points] == [point.rules for point in scaled.points]
    assert chart.points[16].rule is Rule.ASTRONOMICAL


def test_longer_between_harms_is_better() -> None:
    assert t_chart([*DAYS, 3000]).variation is Variation.IMPROVEMENT_HIGH
    assert g_chart([*[10, 30] * 8, 3000]).variation is Variation.IMPROVEMENT_HIGH
    assert t_chart([*DAYS, 3000], direction=Direction.NEUTRAL).variation is Variation.NEUTRAL_HIGH
    worse = [*[40, 90] * 10, 9, 8, 9, 8, 9, 8, 9]
    assert t_chart(worse).variation is Variation.CONCERN_LOW
    assert g_chart(worse).variation is Variation.CONCERN_LOW


def test_a_g_chart_has_an_upper_limit_alone() -> None:
    chart = g_chart([1, 5] * 8)
    assert chart.kind is Kind.G
    assert chart.points[0].limits == Limits(3, upl=3 + 3 * 12**0.5)
    assert {point.close for point in chart.points} == {False}
    assert g_chart([*[1, 5] * 8, 80]).points[-1].rules == (Rule.ASTRONOMICAL,)
    assert g_chart([*[1, 5] * 8, 0]).points[-1].rules == ()


@pytest.mark.parametrize("make", [t_chart, g_chart])
def test_fourteen_intervals_are_a_run_chart(make) -> None:  # type: ignore[no-untyped-def]
    run = make([20, 30, 500] * 4 + [20, 20])
    assert (run.kind, run.variation, run.assurance) == (Kind.RUN, Variation.NONE, Assurance.NONE)
    assert run.points[0].limits == Limits(median=30)
    assert make([20, 30, 500] * 5).kind is not Kind.RUN
    assert make([20, 30], preset=REFERENCE).kind is not Kind.RUN


def test_intervals_that_do_not_vary() -> None:
    assert t_chart([30] * 20).kind is Kind.RUN
    assert g_chart([0] * 20).kind is Kind.RUN
    assert not any(point.rules for point in g_chart([30] * 20).points)


def test_phases_and_gaps() -> None:
    chart = t_chart([*DAYS, None, *[value * 10 for value in DAYS]], phases=[17])
    assert chart.points[17].mean == pytest.approx(2.5**3.6 * 10)
    assert chart.points[16].rules == ()


@pytest.mark.parametrize("make", [t_chart, g_chart])
@pytest.mark.parametrize(("value", "told"), [(-1, "cannot be less than 0"), (float("nan"), "not a finite number")])
def test_what_cannot_lie_between_events(make, value: float, told: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SeriesError, match=f"position 1: .*{told}"):
        make([3, value])


def test_two_harms_on_one_day() -> None:
    assert t_chart([0, *DAYS]).points[0].side == -1


def flagged(rng: random.Random, chance: float) -> tuple[float, float]:
    """Shares of points flagged on XmR and on T, of rare events by the day, of which nothing changes."""
    days = [rng.random() < chance for _ in range(24 * 30)]
    months = [float(sum(days[month * 30 : month * 30 + 30])) for month in range(24)]
    at = [day for day, harmed in enumerate(days) if harmed]
    between = [float(b - a) for a, b in pairwise(at)]
    charts = (xmr(months, direction=Direction.DECREASE, preset=REFERENCE), t_chart(between, preset=REFERENCE))
    first, second = (fmean([bool(point.rules) for point in chart.points] or [0]) for chart in charts)
    return first, second


def test_why_rare_harms_get_a_t_chart() -> None:
    rng = random.Random(20261)
    shares = [flagged(rng, 0.3 / 30) for _ in range(200)]
    on_xmr, on_t = fmean(xmr_share for xmr_share, _ in shares), fmean(t_share for _, t_share in shares)
    assert on_xmr > 0.25  # rules.md: 39 % at 0.3 a month
    assert on_t < 0.1


def test_the_presets_name_themselves() -> None:
    assert (REFERENCE.name, MAKING_DATA_COUNT.name) == ("reference", "making_data_count")
