"""NEWS2 agrees with the Royal College of Physicians' charts at both ends of every band."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveillance.clinical.news2 import (
    News2,
    applies,
    band,
    minimum_interval_min,
    news2,
    sepsis_risk,
)

WELL: dict[str, Any] = {
    "rr": 15,
    "spo2": 98,
    "spo2_scale": 1,
    "on_oxygen": False,
    "sbp": 125,
    "pulse": 72,
    "acvpu": "A",
    "temp": 36.8,
}


def scored(**changes: Any) -> News2:
    return news2(**(WELL | changes))


# first and last value of each band of chart 1, and its score
BANDS = [
    ("rr", 1, 8, 3),
    ("rr", 9, 11, 1),
    ("rr", 12, 20, 0),
    ("rr", 21, 24, 2),
    ("rr", 25, 70, 3),
    ("spo2", 50, 91, 3),
    ("spo2", 92, 93, 2),
    ("spo2", 94, 95, 1),
    ("spo2", 96, 100, 0),
    ("sbp", 40, 90, 3),
    ("sbp", 91, 100, 2),
    ("sbp", 101, 110, 1),
    ("sbp", 111, 219, 0),
    ("sbp", 220, 290, 3),
    ("pulse", 20, 40, 3),
    ("pulse", 41, 50, 1),
    ("pulse", 51, 90, 0),
    ("pulse", 91, 110, 1),
    ("pulse", 111, 130, 2),
    ("pulse", 131, 220, 3),
    ("temp", 28.0, 35.0, 3),
    ("temp", 35.1, 36.0, 1),
    ("temp", 36.1, 38.0, 0),
    ("temp", 38.1, 39.0, 1),
    ("temp", 39.1, 42.5, 2),
]


@pytest.mark.parametrize(("parameter", "first", "last", "score"), BANDS)
def test_both_ends_of_a_band_score_alike(parameter: str, first: float, last: float, score: int) -> None:
    for value in (first, last, Decimal(str(first)), float(last)):
        result = scored(**{parameter: value})
        assert result.parts[parameter] == score
        assert result.total == score


@pytest.mark.parametrize(
    ("spo2", "on_air", "on_oxygen"),
    [
        (83, 3, 3),
        (84, 2, 2),
        (85, 2, 2),
        (86, 1, 1),
        (87, 1, 1),
        (88, 0, 0),
        (92, 0, 0),
        (93, 0, 1),
        (94, 0, 1),
        (95, 0, 2),
        (96, 0, 2),
        (97, 0, 3),
        (100, 0, 3),
    ],
)
def test_scale_2_has_a_target_and_punishes_too_much_oxygen(spo2: int, on_air: int, on_oxygen: int) -> None:
    assert scored(spo2=spo2, spo2_scale=2).parts["spo2"] == on_air
    assert scored(spo2=spo2, spo2_scale=2, on_oxygen=True).parts["spo2"] == on_oxygen


@pytest.mark.parametrize("scale", [1, None, 0, 3, float("nan")])
def test_any_scale_but_2_is_scale_1(scale: float | None) -> None:
    assert scored(spo2=90, spo2_scale=scale).parts["spo2"] == 3


@pytest.mark.parametrize(("word", "score"), [("A", 0), (" a ", 0), ("C", 3), ("V", 3), ("P", 3), ("U", 3)])
def test_consciousness_is_all_or_nothing(word: str, score: int) -> None:
    assert scored(acvpu=word).parts["consciousness"] == score


@pytest.mark.parametrize(("temp", "score"), [(35.04, 3), (35.05, 1), (36.05, 0), (38.04, 0), (38.05, 1), (39.05, 2)])
def test_temperature_is_rounded_to_tenths_with_halves_up(temp: float, score: int) -> None:
    assert scored(temp=temp).parts["temp"] == score


def test_other_fractions_are_rounded_to_whole_numbers_with_halves_up() -> None:
    assert scored(pulse=90.4).parts["pulse"] == 0
    assert scored(pulse=90.5).parts["pulse"] == 1


@pytest.mark.parametrize("name", [name for name in WELL if name != "spo2_scale"])
def test_one_missing_parameter_leaves_no_total(name: str) -> None:
    result = scored(**{name: None})
    assert result.total is None
    assert not result.complete
    assert [part for part in result.parts.values() if part is None] == [None]


@pytest.mark.parametrize(("name", "blank"), [("rr", float("nan")), ("temp", float("nan")), ("acvpu", "  ")])
def test_nan_and_blank_are_missing_too(name: str, blank: object) -> None:
    assert scored(**{name: blank}).total is None


def test_scale_2_without_word_of_oxygen_scores_only_what_does_not_depend_on_it() -> None:
    assert scored(spo2=86, spo2_scale=2, on_oxygen=None).parts["spo2"] == 1
    assert scored(spo2=98, spo2_scale=2, on_oxygen=None).parts["spo2"] is None


def test_a_red_score_is_seen_in_an_incomplete_set() -> None:
    assert scored(pulse=135, temp=None).single_parameter_3
    assert not scored(temp=None).single_parameter_3


# total, a 3 in one parameter, band, minutes, sepsis risk
RESPONSES = [
    (0, False, "0", 720, "very_low"),
    (1, False, "low", 360, "low"),
    (3, False, "low", 360, "low"),
    (3, True, "low_medium", 60, "low"),
    (4, False, "low", 360, "low"),
    (4, True, "low_medium", 60, "low"),
    (5, False, "medium", 60, "moderate"),
    (6, True, "medium", 60, "moderate"),
    (7, False, "high", 0, "high"),
    (20, True, "high", 0, "high"),
]


@pytest.mark.parametrize(("total", "red", "risk", "minutes", "sepsis"), RESPONSES)
def test_what_a_total_calls_for(total: int, red: bool, risk: str, minutes: int, sepsis: str) -> None:
    assert (band(total, red), minimum_interval_min(total, red), sepsis_risk(total)) == (risk, minutes, sepsis)


@pytest.mark.parametrize(
    ("age", "pregnant", "answer"),
    [(15, False, False), (16, False, True), (None, None, True), (31, True, False), (15.99, None, False)],
)
def test_whom_news2_is_for(age: float | None, pregnant: bool | None, answer: bool) -> None:
    assert applies(age, pregnant) is answer


OBSERVATIONS = st.fixed_dictionaries(
    {
        "rr": st.integers(1, 100),
        "spo2": st.integers(20, 100),
        "spo2_scale": st.sampled_from([1, 2, None]),
        "on_oxygen": st.booleans(),
        "sbp": st.integers(20, 350),
        "pulse": st.integers(10, 350),
        "acvpu": st.sampled_from("ACVPU"),
        "temp": st.decimals(20, 46, places=2),
    }
)


@given(OBSERVATIONS)
def test_the_total_is_the_sum_of_its_parts_and_at_most_20(observations: dict[str, Any]) -> None:
    result = news2(**observations)
    assert result.total == sum(part or 0 for part in result.parts.values())
    assert 0 <= result.total <= 20
    assert result.single_parameter_3 == (3 in result.parts.values())


@given(OBSERVATIONS, st.integers(0, 60))
def test_faster_breathing_above_20_never_lowers_the_total(observations: dict[str, Any], more: int) -> None:
    slower, faster = (news2(**observations | {"rr": rate}).total for rate in (21, 21 + more))
    assert slower is not None
    assert faster is not None
    assert faster >= slower


@given(OBSERVATIONS)
def test_a_higher_total_never_allows_a_longer_interval(observations: dict[str, Any]) -> None:
    result = news2(**observations)
    assert result.total is not None
    here = minimum_interval_min(result.total, result.single_parameter_3)
    assert minimum_interval_min(result.total + 1, result.single_parameter_3) <= here
