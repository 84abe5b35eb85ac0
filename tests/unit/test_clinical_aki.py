"""The AKI warning stage follows the NHS England algorithm, edge by edge, and so does the count on a ward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveillance.clinical.aki import (
    Creatinine,
    ReferenceInterval,
    StagedResult,
    Value,
    WarningStage,
    active_aki,
    warning_stage,
)

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
LIMITS = ReferenceInterval(50, 100)


def hours_before(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def staged(value: Value, *previous: tuple[Value, float], age: float | None = 63, **more: Any) -> WarningStage:
    """The stage of ``value``, with earlier results as (value, hours before)."""
    earlier = [Creatinine(was, hours_before(hours)) for was, hours in previous]
    options = {"reference": LIMITS, "age_years": age} | more
    return warning_stage(Creatinine(value, NOW), earlier, **options)


DAY = 24

# value, earlier results, stage, rule
ADULTS = [
    (110, [(74, 5 * DAY)], 0, "none"),
    (111, [(74, 5 * DAY)], 1, "ratio"),  # exactly 1.5
    (147, [(74, 5 * DAY)], 1, "ratio"),
    (148, [(74, 5 * DAY)], 2, "ratio"),  # exactly 2
    (221, [(74, 5 * DAY)], 2, "ratio"),
    (222, [(74, 5 * DAY)], 3, "ratio"),  # exactly 3
    (354, [(230, 5 * DAY)], 1, "ratio"),
    (355, [(230, 5 * DAY)], 3, "over_354"),
    (355, [(110, 5 * DAY)], 3, "ratio"),
    (500, [(480, 5 * DAY)], 0, "none"),  # high, and not risen
    (106, [(80, 20)], 0, "none"),
    (107, [(80, 20)], 1, "d48"),
    (107, [(80, 48)], 1, "d48"),  # 48 h is inclusive
    (107, [(80, 48.01)], 0, "none"),
    (107, [(80, 47), (106, 1)], 1, "d48"),  # the lowest of 48 h, not the last
    (90, [(60, 1)], 1, "ratio"),  # the same day
    (90, [(60, 0)], 0, "no_baseline"),  # but not the same moment
    (90, [(60, -1)], 0, "no_baseline"),
    (90, [(60, 365 * DAY)], 1, "ratio"),
    (90, [(60, 366 * DAY)], 0, "no_baseline"),
    (90, [(60, 366 * DAY), (85, 30 * DAY)], 0, "none"),
]


@pytest.mark.parametrize(("value", "previous", "stage", "rule"), ADULTS)
def test_stage_of_an_adult(value: int, previous: list[tuple[Value, float]], stage: int, rule: str) -> None:
    result = staged(value, *previous)
    assert (result.stage, result.rule) == (stage, rule)


# value, earlier result, age, stage, rule; three upper limits are 300
AGES = [
    (300, 190, 9, 1, "ratio"),
    (301, 190, 9, 3, "child_3x_ulri"),
    (301, 190, 17, 3, "child_3x_ulri"),
    (360, 190, 18, 3, "over_354"),
    (301, 190, 18, 1, "ratio"),
    (360, 190, None, 1, "ratio"),  # an unknown age passes neither test
]


@pytest.mark.parametrize(("value", "was", "age", "stage", "rule"), AGES)
def test_the_tests_by_age(value: int, was: int, age: int | None, stage: int, rule: str) -> None:
    result = staged(value, (was, 4 * DAY), age=age)
    assert (result.stage, result.rule) == (stage, rule)


def test_a_child_without_an_upper_limit_is_staged_by_ratio() -> None:
    assert staged(301, (190, 4 * DAY), age=9, reference=None).stage == 1
    assert staged(301, (190, 4 * DAY), age=9, reference=ReferenceInterval(30, None)).stage == 1


@pytest.mark.parametrize(
    ("value", "answer"), [(49, "low"), (50, "within"), (75, "within"), (100, "within"), (101, "high")]
)
def test_without_a_baseline_the_reference_interval_speaks_and_no_stage_is_given(value: int, answer: str) -> None:
    result = staged(value)
    assert (result.stage, result.rule, result.against_reference) == (0, "no_baseline", answer)
    assert result.ratio is None


def test_without_a_baseline_or_an_interval_nothing_is_said() -> None:
    assert staged(900, reference=None).against_reference is None
    assert staged(75, reference=ReferenceInterval(None, 100)).against_reference is None


def test_the_lowest_of_a_week_and_the_median_of_a_year_give_the_higher_ratio() -> None:
    week = [(88, 2 * DAY), (92, 6 * DAY)]
    year = [(60, 8 * DAY), (64, 100 * DAY), (70, 200 * DAY), (99, 300 * DAY)]
    result = staged(100, *week, *year)
    assert (result.rv1, result.rv2) == (88, 67)
    assert (result.ratio1, result.ratio2) == (Fraction(25, 22), Fraction(100, 67))
    assert (result.ratio, result.stage) == (Fraction(100, 67), 0)


def test_a_rise_in_a_week_that_is_no_rise_in_two_days_is_told_apart() -> None:
    assert staged(130, (100, 3 * DAY)).rise_in_7_days_only
    assert staged(130, (100, 3 * DAY), (110, DAY)).rise_in_7_days_only
    assert not staged(130, (100, DAY)).rise_in_7_days_only  # an alert
    assert not staged(126, (100, 3 * DAY)).rise_in_7_days_only
    assert not staged(160, (100, 3 * DAY)).rise_in_7_days_only  # an alert
    assert not staged(130, (100, 9 * DAY)).rise_in_7_days_only


@pytest.mark.parametrize("text", ["<20", "haemolysed", "", None, float("nan"), "NaN", 0, -5, "1e999", True])
def test_what_is_no_number_is_no_result(text: Value) -> None:
    assert staged(90, (text, 5 * DAY)).rule == "no_baseline"
    assert staged(text, (60, 5 * DAY)).stage is None


@pytest.mark.parametrize("value", [Decimal("88.8"), 88.8, "88.8", Fraction("88.8")])
def test_a_decimal_is_taken_as_it_is_written(value: Value) -> None:
    assert staged(value, (Decimal("59.2"), 5 * DAY)).ratio == Fraction(3, 2)


def test_a_neonate_is_not_staged() -> None:
    assert not staged(90, (60, DAY), age=0, age_days=27).evaluated
    assert staged(90, (60, DAY), age=0, age_days=28).evaluated
    assert staged(90, (60, DAY), age=0, age_days=None).evaluated


def test_days_are_london_dates_and_hours_are_elapsed() -> None:
    now = datetime(2026, 7, 9, 0, 30, tzinfo=timezone(timedelta(hours=1)))  # 23:30 the day before in UTC
    day_7 = datetime(2026, 7, 1, 23, 10, tzinfo=UTC)  # 00:10 of 2 July in London
    day_8 = datetime(2026, 7, 1, 22, 50, tzinfo=UTC)
    for collected, in_week in ((day_7, True), (day_8, False)):
        result = warning_stage(Creatinine(90, now), [Creatinine(80, collected)], age_years=40, reference=LIMITS)
        assert (result.rv1 is not None) is in_week


def test_a_time_without_offset_is_utc() -> None:
    earlier = [Creatinine(60, datetime(2026, 11, 18, 9, 29))]  # noqa: DTZ001 - that is the point
    assert warning_stage(Creatinine(90, NOW), earlier, age_years=40, reference=LIMITS).stage == 1


CREATININES = st.integers(20, 1500)
HISTORY = st.lists(st.tuples(CREATININES, st.integers(1, 365 * DAY)), min_size=1, max_size=8)


@given(CREATININES, HISTORY, st.integers(2, 9))
def test_scaling_every_result_keeps_the_ratio(value: int, history: list[tuple[int, int]], factor: int) -> None:
    scaled = staged(value * factor, *((was * factor, hours) for was, hours in history))
    assert scaled.ratio == staged(value, *history).ratio


@given(CREATININES, st.lists(st.tuples(CREATININES, st.integers(366 * DAY, 2000 * DAY))), st.integers(0, 100))
def test_never_a_stage_without_a_baseline(value: int, history: list[tuple[int, int]], age: int) -> None:
    assert staged(value, *history, age=age).stage == 0


@given(CREATININES, HISTORY, st.integers(0, 500))
def test_a_higher_result_never_has_a_lower_stage(value: int, history: list[tuple[int, int]], more: int) -> None:
    lower, higher = staged(value, *history).stage, staged(value + more, *history).stage
    assert lower is not None
    assert higher is not None
    assert higher >= lower


@given(CREATININES, HISTORY, st.randoms())
def test_the_order_of_results_does_not_matter(value: int, history: list[tuple[int, int]], random: Any) -> None:
    shuffled = random.sample(history, len(history))
    assert staged(value, *history) == staged(value, *shuffled)


def counted(*results: tuple[float, int | None], spell: float = 240, **more: Any) -> tuple[Any, ...]:
    """What the ward shows of (hours before, stage): counted, stage, peak, not followed up."""
    rows = [StagedResult(hours_before(hours), stage) for hours, stage in results]
    answer = active_aki(rows, as_at=NOW, admitted=hours_before(spell), **more)
    return answer.counted, answer.current_stage, answer.peak_stage, answer.not_followed_up


NO = (False, None, None, False)

# hours before and stage, hours since admission: counted, stage, peak, not followed up
WARD = [
    ([], 240, NO),
    ([(10, 0), (40, None)], 240, NO),
    ([(10, 2)], 240, (True, 2, 2, False)),
    ([(80, 3), (30, 1)], 240, (True, 1, 3, False)),
    ([(80, 3), (30, 0)], 240, (False, None, 3, False)),
    ([(80, 3), (30, None)], 240, (False, None, 3, False)),  # a result without a stage is stage 0
    ([(80, 3), (30, 0), (5, 1)], 240, (True, 1, 3, False)),
    ([(30, 0), (30, 2)], 240, (True, 2, 2, False)),  # at one time the higher stands
    ([(168, 1)], 240, (True, 1, 1, False)),
    ([(168.01, 1)], 240, (False, None, 1, True)),
    ([(168.01, 1), (3, 0)], 240, NO),  # repeated, and normal
    ([(200, 3), (100, 1)], 240, (True, 1, 1, False)),  # the peak is of the same week
    ([(100, 2)], 1, (True, 2, 2, False)),  # before admission
    ([(300, 2)], 132, (False, None, 2, True)),  # 168 h before admission
    ([(301, 2)], 132, NO),  # of an earlier spell
    ([(-1, 2)], 240, NO),  # not yet
]


@pytest.mark.parametrize(("results", "spell", "answer"), WARD)
def test_who_counts_on_a_ward(results: list[tuple[float, int | None]], spell: int, answer: object) -> None:
    assert counted(*results, spell=spell) == answer


def test_a_refutation_counts_only_after_the_alert_and_until_the_next() -> None:
    assert counted((30, 2), refuted_at=hours_before(29)) == (False, None, 2, False)
    assert counted((30, 2), refuted_at=hours_before(30)) == (True, 2, 2, False)
    assert counted((30, 2), refuted_at=hours_before(-1)) == (True, 2, 2, False)
    assert counted((30, 2), (20, 1), refuted_at=hours_before(29)) == (True, 1, 2, False)
    assert not counted((200, 2), refuted_at=hours_before(29))[3]


@pytest.mark.parametrize(
    ("who", "reason"), [({"chronic_dialysis": True}, "chronic_dialysis"), ({"age_days": 3}, "under_28_days")]
)
def test_whom_the_count_leaves_out(who: dict[str, Any], reason: str) -> None:
    for hours in (10, 200):
        rows = [StagedResult(hours_before(hours), 3)]
        answer = active_aki(rows, as_at=NOW, admitted=hours_before(240), **who)
        assert (answer.counted, answer.not_followed_up, answer.excluded) == (False, False, reason)


def test_clearing_after_two_results() -> None:
    two = {"clear_after": 2}
    assert counted((60, 2), (30, 0), **two) == (True, 2, 2, False)
    assert counted((60, 2), (30, 0), (10, 0), **two) == (False, None, 2, False)
    assert counted((60, 2), (30, 0), (20, 1), (10, 0), **two) == (True, 1, 2, False)
    assert counted((170, 2), (30, 0), **two) == (False, None, 2, False)  # the week runs from the alert


def test_a_result_is_known_when_it_is_reported() -> None:
    rows = [
        StagedResult(hours_before(9), 1, reported=hours_before(8)),
        StagedResult(hours_before(2), 0, reported=hours_before(-1)),
    ]
    assert active_aki(rows, as_at=NOW, admitted=None).counted
    assert not active_aki(rows, as_at=hours_before(-1), admitted=None).counted


def test_a_stage_that_a_frame_left_empty_is_stage_0() -> None:
    rows = [StagedResult(hours_before(9), 1.0), StagedResult(hours_before(2), float("nan"))]
    assert not active_aki(rows, as_at=NOW, admitted=None).counted
