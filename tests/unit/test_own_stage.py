"""Every creatinine gets the stage that the algorithm gives it alone, however many there are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveillance.clinical.aki import Creatinine, warning_stage
from surveillance.measures.own_stage import staged
from tests.canonical import feed_data

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


def frame(feed: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    found = feed_data(feed, rows, NOW).frame
    assert found is not None
    return found


def result(value: Any, days_ago: float, patient: str = "p", **more: Any) -> dict[str, Any]:
    collected = NOW - timedelta(days=days_ago)
    row = {"patient_key": patient, "test": "creatinine", "value": value, "unit": "umol/L"}
    return {**row, "collected_ts": collected.isoformat(), **more}


def spell(patient: str = "p", age: Any = 70, days_ago: float = 10, **more: Any) -> dict[str, Any]:
    admitted = NOW - timedelta(days=days_ago)
    row = {"patient_key": patient, "spell_key": f"{patient}{days_ago}", "admit_ts": admitted.isoformat()}
    return {**row, "age": age, **more}


def stages(*results: dict[str, Any], spells: list[dict[str, Any]] | None = None) -> list[float | None]:
    found = staged(frame("lab_result", list(results)), frame("spell", [spell()] if spells is None else spells))
    return [None if pd.isna(stage) else stage for stage in found]


@pytest.mark.parametrize(
    ("value", "stage"), [(119.99, 0), (120, 1), (159.99, 1), (160, 2), (239.99, 2), (240, 3), (106, 0), (106.01, 0)]
)
def test_the_ratio_to_an_earlier_result_gives_the_stage(value: float, stage: int) -> None:
    assert stages(result(80, 5), result(value, 1)) == [0, stage]


@pytest.mark.parametrize(("value", "stage"), [(126, 0), (126.01, 1)])
def test_a_rise_of_more_than_26_in_48_hours_gives_stage_1(value: float, stage: int) -> None:
    assert stages(result(100, 2), result(value, 0)) == [0, stage]


def test_a_result_without_any_before_it_has_stage_0() -> None:
    assert stages(result(600, 1)) == [0]


def test_only_results_of_the_same_patient_are_compared() -> None:
    assert stages(result(80, 5, "p"), result(300, 1, "q"), spells=[spell("p"), spell("q")]) == [0, 0]


def test_a_result_more_than_a_year_old_is_no_baseline() -> None:
    assert stages(result(80, 365), result(240, 0)) == [0, 3]
    assert stages(result(80, 366), result(240, 0)) == [0, 0]


def test_the_order_of_the_rows_does_not_matter_and_the_index_stays() -> None:
    rows = frame("lab_result", [result(240, 0), result(80, 5), result(130, 2)])
    rows.index = pd.Index([7, 3, 5])
    assert staged(rows, frame("spell", [spell()])).to_dict() == {7: 3, 3: 0, 5: 1}


@pytest.mark.parametrize(("age", "stage"), [(18, 3), (None, 1), (17, 1)])
def test_over_354_is_stage_3_for_adults_only(age: Any, stage: int) -> None:
    assert stages(result(230, 5), result(355, 1), spells=[spell(age=age)]) == [0, stage]


def test_the_age_is_that_of_the_spell_that_had_begun() -> None:
    spells = [spell(age=17, days_ago=200), spell(age=18, days_ago=2)]
    assert stages(result(230, 5), result(355, 3), spells=spells) == [0, 1]
    assert stages(result(230, 5), result(355, 1), spells=spells) == [0, 3]


def test_three_times_the_upper_limit_is_stage_3_for_children() -> None:
    limits = {"ref_low": 20, "ref_high": 50}
    assert stages(result(100, 5), result(151, 1, **limits), spells=[spell(age=9)]) == [0, 3]
    assert stages(result(100, 5), result(150, 1, **limits), spells=[spell(age=9)]) == [0, 1]


@pytest.mark.parametrize(
    "other", [{"unit": "mg/dL"}, {"test": "creatinine poct"}, {"value": "<20"}, {"value": None}, {"value": 0}]
)
def test_what_is_no_creatinine_in_micromoles_has_no_stage_and_is_no_baseline(other: dict[str, Any]) -> None:
    assert stages(result(80, 5) | other, result(240, 1)) == [None, 0]


def test_newborns_have_no_stage() -> None:
    assert stages(result(80, 5), result(240, 1), spells=[spell(age=0, age_days=27)]) == [None, None]
    assert stages(result(80, 5), result(240, 1), spells=[spell(age=0, age_days=28)]) == [0, 3]


def test_no_results_have_no_stages() -> None:
    assert stages() == []
    assert stages(result(80, 5), result(240, 1), spells=[]) == [0, 3]


MEASURED = st.tuples(st.integers(300, 6000), st.integers(0, 24 * 400), st.sampled_from("pq"))


@settings(max_examples=25, deadline=None)
@given(st.lists(MEASURED, max_size=12))
def test_it_agrees_with_the_algorithm_applied_to_each_result_alone(measured: list[tuple[int, int, str]]) -> None:
    results = [result(tenths / 10, hours / 24, patient) for tenths, hours, patient in measured]
    rows = frame("lab_result", results)
    known = list(zip(rows["patient_key"], rows["collected_ts"], rows["value"], strict=True))
    alone = [
        warning_stage(
            Creatinine(value, at.to_pydatetime()),
            [Creatinine(v, t.to_pydatetime()) for who, t, v in known if who == patient],
            age_years=70,
            reference=None,
        ).stage
        for patient, at, value in known
    ]
    spells = frame("spell", [spell("p", days_ago=401), spell("q", days_ago=401)])
    assert staged(rows, spells).tolist() == alone
