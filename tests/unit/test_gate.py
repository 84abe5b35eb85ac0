"""The gate: every fault of a source has one outcome, each is counted under its column, and no row vanishes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveillance.errors import SourceChanged
from surveillance.feeds import FEEDS
from surveillance.feeds.data import RawRows
from surveillance.feeds.gate import Accepted, Words, accept
from surveillance.feeds.schema import Column, Feed, Kind

AS_AT = datetime(2026, 2, 2, 14, tzinfo=UTC)
BEFORE = "2026-02-02T08:00Z"
GOOD: dict[str, dict[str, Any]] = {
    "spell": {"patient_key": "P", "spell_key": "S", "admit_ts": BEFORE},
    "ward_stay": {"spell_key": "S", "ward_code": "W1", "start_ts": BEFORE},
    "assessment": {"spell_key": "S", "type": "vte", "status": "complete", "effective_ts": BEFORE},
    "order": {"order_key": "O", "spell_key": "S", "kind": "regular", "status": "active", "start_ts": BEFORE},
    "lab_result": {"patient_key": "P", "test": "creatinine", "value": 80, "collected_ts": BEFORE},
    "obs_set": {"spell_key": "S", "ts": BEFORE, "complete": 1},
    "obs_plan": {"spell_key": "S", "interval_min": 60, "set_ts": BEFORE},
    "flag": {"spell_key": "S", "type": "sepsis_suspected", "start_ts": BEFORE},
    "wound": {"spell_key": "S", "wound_key": "X", "kind": "pressure_ulcer", "category": "2"},
    "discharge_plan": {"spell_key": "S"},
    "duty": {"ward_code": "W1", "start_ts": BEFORE, "end_ts": BEFORE, "staff_group": "RN", "state": "filled"},
    "dose_event": {"order_key": "O", "due_ts": BEFORE, "status": "given"},
    "micro_result": {"patient_key": "P", "organism": "SARS-CoV-2", "status": "final", "collected_ts": BEFORE},
    "patient_identity": {"patient_key": "P", "family_name": "Ashworth"},
}
"""A row that passes, by feed."""


def raw(feed: str, *rows: Mapping[str, Any], zone: str = "Europe/London", epoch: bool = False) -> RawRows:
    """Good rows, changed; required columns are there, optional ones if a row names them."""
    full = [{**GOOD[feed], **row} for row in rows]
    named = {name for row in full for name in row} | {c.name for c in FEEDS[feed].columns if c.required}
    columns = {name: pd.Series([row.get(name) for row in full], dtype=object) for name in sorted(named)}
    return RawRows(pd.DataFrame(columns), zone, epoch)


def through(feed: str, *rows: Mapping[str, Any], words: Words | None = None, **how: Any) -> Accepted:
    return accept(FEEDS[feed], raw(feed, *rows, **how), AS_AT, words)


def cell(feed: str, column: str, value: Any, words: Words | None = None) -> Any:
    """What one value becomes; "rejected" if its row is turned away, None if nothing stands there."""
    accepted = through(feed, {column: value}, words=words)
    if accepted.rejected:
        return "rejected"
    found = accepted.frame[column][0]
    return None if pd.isna(found) else found


# -- columns


def test_every_column_of_the_table_comes_out_in_its_order_and_type() -> None:
    kinds = {Kind.TIME: "datetime64[us, UTC]", Kind.DATE: "datetime64[us]", Kind.NUMBER: "float64"}
    for name, feed in FEEDS.items():
        empty = pd.DataFrame({c.name: pd.Series([], dtype=object) for c in feed.columns if c.required})
        for frame in (accept(feed, RawRows(empty), AS_AT).frame, through(name, {}).frame if name in GOOD else None):
            if frame is None:
                continue
            assert list(frame.columns) == feed.names
            for column in feed.columns:
                expected = kinds.get(column.kind, "boolean" if column.kind is Kind.BOOL else "str")
                assert frame[column.name].dtype == expected, (name, column.name)


def test_texts_are_held_the_same_whatever_a_driver_has_brought_along() -> None:
    import pyarrow  # noqa: F401 - with it pandas would hold them otherwise

    assert pd.Series(["A1"], dtype="str").dtype.storage == "python"


@pytest.mark.parametrize(
    ("feed", "column"), [(f.name, c.name) for f in FEEDS.values() for c in f.columns if c.required]
)
def test_a_missing_required_column_makes_the_feed_unavailable_and_is_named(feed: str, column: str) -> None:
    names = [c.name for c in FEEDS[feed].columns if c.name != column]
    with pytest.raises(SourceChanged, match=f"feed {feed}: .*'{column}'"):
        accept(FEEDS[feed], RawRows(pd.DataFrame(columns=names, dtype=object)), AS_AT)


def test_a_column_that_stands_twice_is_not_chosen_from() -> None:
    frame = pd.concat([raw("flag", {}).frame, pd.DataFrame({"SPELL_KEY": ["T"]})], axis=1)
    with pytest.raises(SourceChanged, match="'spell_key' more than once"):
        accept(FEEDS["flag"], RawRows(frame), AS_AT)


def test_a_missing_optional_column_is_absent_and_empty() -> None:
    accepted = through("lab_result", {})
    assert "aki_stage_from_lab" in accepted.absent
    assert accepted.frame["aki_stage_from_lab"].isna().all()
    assert "aki_stage_from_lab" not in through("lab_result", {"aki_stage_from_lab": None}).absent


def test_extra_columns_are_ignored_and_names_may_be_in_capitals() -> None:
    frame = raw("flag", {}).frame.assign(nhs_number="X").rename(columns=str.upper)
    accepted = accept(FEEDS["flag"], RawRows(frame), AS_AT)
    assert list(accepted.frame.columns) == FEEDS["flag"].names
    assert accepted.frame["type"].tolist() == ["sepsis_suspected"]


# -- values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((yes, True) for yes in (True, 1, 1.0, "1", "1.0", "T", "true", "TRUE", "y", "Yes ", np.bool_(1), Decimal(1))),
        *((no, False) for no in (False, 0, 0.0, "0", "0.0", "F", "false", "n", "NO", np.bool_(0), Decimal(0))),
        *((nothing, None) for nothing in (None, "", float("nan"), "perhaps", 2)),
    ],
)
def test_yes_and_no_in_every_spelling(value: Any, expected: bool | None) -> None:
    assert cell("spell", "is_test", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, "5"),
        (5.0, "5"),
        ("5", "5"),
        (" 5 ", "5"),
        ("5.0", "5.0"),
        (np.float64(7), "7"),
        ("007", "007"),
        (5.5, "5.5"),
    ],
)
def test_a_key_is_the_same_text_however_the_driver_hands_it_over(value: Any, expected: str) -> None:
    assert cell("flag", "spell_key", value) == expected


def test_a_column_with_gaps_turns_whole_keys_into_floats_and_they_come_back() -> None:
    frame = raw("ward_stay", {}, {"spell_key": "T"}).frame.assign(bed_code=[12, None]).astype({"bed_code": float})
    assert accept(FEEDS["ward_stay"], RawRows(frame), AS_AT).frame["bed_code"][0] == "12"


@pytest.mark.parametrize("value", [None, "", "  ", float("nan")])
def test_an_empty_key_is_turned_away(value: Any) -> None:
    assert through("flag", {"spell_key": value}).rejected == {"spell_key: empty": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("80.5", 80.5), (80, 80.0), (Decimal("80.5"), 80.5), (" 80 ", 80.0), (None, None), ("", None)],
)
def test_numbers_however_they_are_written(value: Any, expected: float | None) -> None:
    assert cell("lab_result", "value", value) == expected
    assert through("lab_result", {"value": value}).notes == {}


@pytest.mark.parametrize("value", ["<5", ">1000", "haemolysed", "1,5", float("inf"), [5]])
def test_a_result_that_is_no_number_is_emptied_and_counted(value: Any) -> None:
    accepted = through("lab_result", {"value": value})
    assert accepted.frame["value"].isna().all()
    assert accepted.notes == {"value: not a number, emptied": 1}


@pytest.mark.parametrize("value", ["hourly", -5, 99999, float("inf")])
def test_an_unreadable_interval_does_not_stop_a_patients_observations(value: Any) -> None:
    accepted = through("obs_plan", {"interval_min": value}, {"spell_key": "T", "interval_min": None})
    assert accepted.frame["spell_key"].tolist() == ["T"]
    assert sum(accepted.rejected.values()) == 1
    assert next(iter(accepted.rejected)).startswith("interval_min: ")


@pytest.mark.parametrize(
    ("feed", "column", "value"),
    [
        ("spell", "age", -1),
        ("spell", "age", 131),
        ("obs_set", "spo2", 101),
        ("obs_set", "temp", 380),
        ("obs_set", "news2_total", 21),
        ("lab_result", "aki_stage_from_lab", 4),
        ("duty", "break_min", -30),
    ],
)
def test_an_absurd_number_is_emptied_and_the_patient_stays(feed: str, column: str, value: float) -> None:
    accepted = through(feed, {column: value})
    assert accepted.frame[column].isna().tolist() == [True]
    assert accepted.notes == {f"{column}: out of range, emptied": 1}
    assert accepted.rejected == {}


@pytest.mark.parametrize(("low", "high"), [(0, 130)])
def test_the_ends_of_a_range_are_inside(low: float, high: float) -> None:
    assert through("spell", {"age": low}, {"spell_key": "T", "age": high}).notes == {}


def test_an_unknown_code_is_turned_away_emptied_or_kept_as_its_column_says() -> None:
    assert through("assessment", {"type": "bespoke"}).rejected == {"type: unknown code": 1}
    blanked = through("spell", {"sex": "unknown"})
    assert blanked.notes == {"sex: unknown code, emptied": 1}
    assert blanked.frame["sex"].isna().all()
    kept = through("assessment", {"status": "signed"})
    assert kept.notes == {"status: unknown code, kept": 1}
    assert kept.frame["status"].tolist() == ["signed"]


@pytest.mark.parametrize("written", ["DTI", "dti", " Dti "])
def test_codes_are_read_without_regard_to_case_and_white_space(written: str) -> None:
    assert cell("wound", "category", written) == "DTI"


def test_the_sites_words_become_ours() -> None:
    words = {"type": {"VTE_ADULT_V3": "vte"}, "status": {"Signed": "complete", "In error": ""}}
    assert cell("assessment", "type", "VTE_ADULT_V3", words) == "vte"
    assert cell("assessment", "status", " Signed", words) == "complete"
    assert cell("assessment", "status", "draft", words) == "draft"
    assert cell("wound", "category", 2, {"category": {"2": "3"}}) == "3"


def test_a_word_that_means_nothing_becomes_nothing() -> None:
    assert cell("assessment", "status", "In error", {"status": {"In error": ""}}) is None
    assert cell("assessment", "exempt_reason", "N/A", {"exempt_reason": {"N/A": ""}}) is None
    assert cell("flag", "spell_key", "0", {"spell_key": {"0": ""}}) == "rejected"
    assert cell("assessment", "type", "void", {"type": {"void": ""}}) == "rejected"


def test_a_list_in_a_text_column_is_read_as_its_text() -> None:
    frame = pd.DataFrame(
        {"ward_code": ["W1"], "ts": [BEFORE], "required_hours": [8], "red_flags": pd.Series([["a", "b"]], dtype=object)}
    )
    accepted = accept(FEEDS["census_staffing"], RawRows(frame), AS_AT)
    assert "a" in accepted.frame["red_flags"][0]


# -- times


@pytest.mark.parametrize("value", ["never", "31/12/2026", "2026-02-30", 1770000000])
def test_a_row_whose_time_cannot_be_read_is_turned_away(value: Any) -> None:
    assert through("ward_stay", {"end_ts": value}).rejected == {"end_ts: not a time": 1}
    assert through("discharge_plan", {"edd": value}).rejected == {"edd: not a date": 1}


def test_an_end_that_is_blank_text_is_no_end() -> None:
    accepted = through("ward_stay", {"end_ts": ""}, {"spell_key": "T", "end_ts": "  "})
    assert accepted.rejected == {}
    assert accepted.frame["end_ts"].isna().all()


def test_a_required_time_that_is_empty_is_counted_as_empty() -> None:
    assert through("ward_stay", {"start_ts": None}, {"start_ts": ""}).rejected == {"start_ts: empty": 2}


def test_mixed_zones_in_one_column_are_one_time() -> None:
    written = ["2026-02-02T08:00Z", "2026-02-02T09:00+01:00", datetime(2026, 2, 2, 8, tzinfo=UTC), "2026-02-02 08:00"]
    rows = [{"spell_key": str(number), "start_ts": value} for number, value in enumerate(written)]
    assert through("ward_stay", *rows).frame["start_ts"].nunique() == 1


def test_the_repeated_hour_of_autumn_is_counted_and_its_rows_stay() -> None:
    feed = FEEDS["ward_stay"]
    rows = raw("ward_stay", {"start_ts": "2026-10-25T01:30"}, {"spell_key": "T", "start_ts": "2026-10-25T02:30"})
    accepted = accept(feed, rows, datetime(2026, 10, 25, 6, tzinfo=UTC))
    assert accepted.notes == {"start_ts: time in the repeated hour": 1}
    assert [one.hour for one in accepted.frame["start_ts"]] == [0, 2]


def test_the_missing_hour_of_spring_neither_loses_a_row_nor_reverses_it() -> None:
    stay = {"start_ts": "2026-03-29T00:30", "end_ts": "2026-03-29T01:30"}
    accepted = accept(FEEDS["ward_stay"], raw("ward_stay", stay), datetime(2026, 3, 30, tzinfo=UTC))
    assert (accepted.frame["end_ts"] - accepted.frame["start_ts"])[0] == timedelta(minutes=30)


def test_an_event_later_than_the_tolerance_lies_in_the_future() -> None:
    edge, over = AS_AT + timedelta(minutes=60), AS_AT + timedelta(minutes=60, seconds=1)
    accepted = through("obs_set", {"ts": edge}, {"spell_key": "T", "ts": over})
    assert accepted.rejected == {"ts: in the future": 1}
    assert accepted.frame["spell_key"].tolist() == ["S"]
    strict = accept(FEEDS["obs_set"], raw("obs_set", {"ts": edge}), AS_AT, future_tolerance_min=0)
    assert strict.rejected == {"ts: in the future": 1}


def test_a_plan_may_lie_in_the_future() -> None:
    tomorrow = AS_AT + timedelta(days=1)
    assert through("ward_stay", {"end_ts": tomorrow}).rejected == {}
    assert through("dose_event", {"due_ts": tomorrow, "status": None}).rejected == {}
    assert through("duty", {"start_ts": tomorrow, "end_ts": tomorrow}).rejected == {}


@pytest.mark.parametrize(
    ("feed", "start", "end"), [(f.name, a, b) for f in FEEDS.values() if f.name in GOOD for a, b in f.ordered]
)
def test_an_end_before_its_start_is_turned_away_and_one_at_it_is_not(feed: str, start: str, end: str) -> None:
    early, late = "2026-02-01T08:00Z", "2026-02-01T09:00Z"
    assert through(feed, {start: late, end: early}).rejected == {f"{end}: before {start}": 1}
    assert through(feed, {start: late, end: late}).rejected == {}


@pytest.mark.parametrize("zero", ["1900-01-01", "1899-12-30T00:00", "0001-01-01", datetime(1900, 1, 1)])  # noqa: DTZ001
def test_a_databases_zero_is_no_time_of_an_event(zero: Any) -> None:
    assert through("ward_stay", {"start_ts": zero}).rejected == {"start_ts: absurdly early": 1}
    assert through("ward_stay", {"end_ts": zero}).frame.empty


@pytest.mark.parametrize("never", ["9999-12-31", "9999-12-31T23:59:59.9999999", datetime(9999, 12, 31)])  # noqa: DTZ001
def test_a_databases_never_is_an_end_but_no_event(never: Any) -> None:
    accepted = through("ward_stay", {"end_ts": never})
    assert accepted.rejected == {}
    assert accepted.frame["end_ts"][0] > pd.Timestamp(AS_AT)
    assert through("ward_stay", {"start_ts": never}).rejected == {"start_ts: in the future": 1}
    assert through("flag", {"end_ts": "9999-12-31T23:59:59-05:00"}).rejected == {"end_ts: absurdly late": 1}


# -- duplicates


def test_equal_rows_are_dropped_and_counted() -> None:
    accepted = through("flag", {}, {}, {}, {"spell_key": "T"})
    assert accepted.frame["spell_key"].tolist() == ["S", "T"]
    assert accepted.notes == {"equal rows, dropped": 2}
    assert accepted.rejected == {}


def test_rows_that_differ_in_one_column_only_are_not_equal() -> None:
    accepted = through("flag", {"status": "open"}, {"status": "closed"}, {"status": None}, {"status": "open"})
    assert accepted.frame["status"].fillna("").tolist() == ["open", "closed", ""]
    assert accepted.notes == {"equal rows, dropped": 1}


def test_a_second_row_of_a_key_is_turned_away_and_the_first_stands() -> None:
    accepted = through("spell", {"age": 70}, {"age": 71})
    assert accepted.frame["age"].tolist() == [70]
    assert accepted.rejected == {"spell_key: twice": 1}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_several_versions_the_last_modified_stands(order: tuple[int, ...]) -> None:
    versions = [
        {"last_modified_ts": None, "status": "draft"},
        {"last_modified_ts": "2026-02-02T09:00Z", "status": "active"},
        {"last_modified_ts": "2026-02-02T10:00Z", "status": "stopped"},
    ]
    accepted = through("order", *(versions[number] for number in order))
    assert accepted.frame["status"].tolist() == ["stopped"]
    assert accepted.notes == {"order_key: earlier version": 2}
    assert accepted.rejected == {}


def test_two_people_may_work_the_same_duty_but_a_named_duty_stands_once() -> None:
    assert len(through("duty", {}, {}).frame) == 2
    assert through("duty", {"duty_key": "D"}, {"duty_key": "D"}).notes == {"equal rows, dropped": 1}
    twice = through("duty", {"duty_key": "D"}, {"duty_key": "D", "state": "sick"}, {"duty_key": None}, {})
    assert len(twice.frame) == 3
    assert twice.rejected == {"duty_key: twice": 1}


# -- counting


def test_a_row_with_several_faults_is_counted_once() -> None:
    accepted = through("ward_stay", {"spell_key": None, "start_ts": "never", "end_ts": "2020-01-01"})
    assert sum(accepted.rejected.values()) == 1


def test_a_bad_row_leaves_the_others_alone() -> None:
    accepted = through("obs_set", {}, {"spell_key": "T", "ts": "never"}, {"spell_key": "U", "rr": 500})
    assert accepted.frame["spell_key"].tolist() == ["S", "U"]
    assert accepted.frame.index.tolist() == [0, 1]


MARKER = "Q7mark"


@pytest.mark.parametrize("feed", sorted(GOOD))
def test_reasons_name_the_column_and_never_the_content(feed: str) -> None:
    rows = [{column.name: MARKER} for column in FEEDS[feed].columns]
    rows += [{column.name: -987654321} for column in FEEDS[feed].columns]
    rows += [{column.name: "8765-04-03T02:01Z"} for column in FEEDS[feed].columns]
    accepted = through(feed, *rows, *rows)
    told = repr((accepted.rejected, accepted.notes, accepted.absent))
    assert accepted.rejected
    for planted in (MARKER, "987654321", "8765"):
        assert planted not in told
    names = set(FEEDS[feed].names)
    for reason in (*accepted.rejected, *accepted.notes):
        assert reason == "equal rows, dropped" or set(reason.partition(":")[0].split(", ")) <= names


NONSENSE = st.sampled_from(
    [None, "", " ", "x", "now", -1, 0, 5.0, 1e308, float("inf"), True, "9999-12-31", "1900-01-01"]
)
TIMES = st.datetimes(datetime(2025, 12, 1), datetime(2026, 4, 1))  # noqa: DTZ001


def values(column: Column) -> st.SearchStrategy[Any]:
    """Anything that a source may hold in the column, good more often than bad."""
    match column.kind:
        case Kind.TIME | Kind.DATE:
            good: st.SearchStrategy[Any] = TIMES | TIMES.map(str) | TIMES.map(lambda one: one.isoformat() + "+01:00")
        case Kind.NUMBER:
            good = st.integers(-5, 200) | st.floats(-5, 200)
        case Kind.BOOL:
            good = st.sampled_from([True, False, "Y", "N", 1, 0])
        case Kind.CODE:
            good = st.sampled_from([*column.codes, "other word"])
        case _:
            good = st.sampled_from(["a", "b", 7, 8.0])
    return st.one_of(good, good, good, NONSENSE)


def dirty_rows(feed: Feed) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({column.name: values(column) for column in feed.columns})
    return st.lists(row, max_size=12).map(lambda rows: rows + rows[:2])  # and a few rows twice


DROPPED = ("equal rows, dropped", "order_key: earlier version")


@pytest.mark.parametrize("feed", ["ward_stay", "order", "obs_set", "duty", "discharge_plan"])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_row_vanishes_and_what_passes_keeps_every_promise(feed: str, data: st.DataObject) -> None:
    declared = FEEDS[feed]
    rows = data.draw(dirty_rows(declared))
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in declared.names})
    accepted = accept(declared, RawRows(frame, "Europe/London"), AS_AT)
    out = accepted.frame
    dropped = sum(accepted.notes.get(reason, 0) for reason in DROPPED)
    assert len(rows) == len(out) + sum(accepted.rejected.values()) + dropped
    for column in declared.columns:
        here = out[column.name]
        assert column.nullable or here.notna().all()
        if column.codes and column.on_bad.value != "keep":
            assert set(here.dropna()) <= set(column.codes)
        if column.low is not None:
            assert here.dropna().between(column.low, column.high or np.inf).all()
        if column.past:
            assert not (here > pd.Timestamp(AS_AT + timedelta(hours=1))).any()
    for start, end in declared.ordered:
        assert not (out[end] < out[start]).any()
    named = out[out[list(declared.key)].notna().all(axis=1)] if declared.key else out[:0]
    assert not named.duplicated(list(declared.key) or None).any()
    assert accept(declared, RawRows(out.astype(object)), AS_AT).frame.equals(out)
