"""What the display sees of a replayed hospital: the source's words mapped, its traps counted, its future unknown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData
from tests.replay_files import ICU, WARD, charted, feed_at, feeds_at, rows_of

SET = {"_220277": 97, "_220179": 120, "_220045": 80, "_223762": 36.5, "_223835": 40.0}
GCS_15 = {"_220739": 4, "_223900": 5, "_223901": 6}
NOW = "2024-01-11 12:00:00"
T = "2150-06-11 09:00:00"
TS = "2024-01-11 09:00:00+00:00"


def sets(folder: Path, moment: str, *rows: str) -> dict[str, dict[str, Any]]:
    """Observation sets by their time."""
    return {str(row["ts"]): row for row in rows_of(feed_at(folder, "obs_set", moment, chartevents_obs=rows))}


def doses(folder: Path, *records: tuple[str, str]) -> FeedData:
    rows = [f"1,2150-06-11 {8 + place:02}:00:00,{medicine},{event}" for place, (medicine, event) in enumerate(records)]
    return feed_at(folder, "dose_event", "2024-01-11 23:00:00", emar=rows)


def test_only_the_feeds_that_the_data_holds_are_connected(tmp_path: Path) -> None:
    feeds = feeds_at(tmp_path, NOW)
    assert set(feeds) == {"spell", "ward_stay", "assessment", "order", "dose_event", "lab_result", "obs_set"}
    assert "news2_total" in feeds["obs_set"].absent
    assert "aki_stage_from_lab" in feeds["lab_result"].absent
    assert "verify_status" in feeds["order"].absent


def test_a_patient_is_an_admission_with_the_age_at_its_recorded_date(tmp_path: Path) -> None:
    spells = {row["spell_key"]: row for row in rows_of(feed_at(tmp_path, "spell", NOW))}
    eleven = spells["11"]
    assert (eleven["patient_key"], eleven["sex"], eleven["patient_class"]) == ("11", "female", "inpatient")
    assert eleven["age"] == 49  # a day before the fiftieth birthday
    assert spells["21"]["patient_class"] == "inpatient"  # under observation, in a bed


def test_before_the_time_of_admission_the_patient_is_already_in_the_department(tmp_path: Path) -> None:
    feeds = feeds_at(tmp_path, "2024-01-10 09:00:00")
    spell = next(row for row in rows_of(feeds["spell"]) if row["spell_key"] == "11")
    assert spell["admit_ts"] is None
    stay = next(row for row in rows_of(feeds["ward_stay"]) if row["spell_key"] == "11")
    assert (stay["ward_code"], stay["end_ts"]) == ("Emergency Department", None)


@pytest.mark.parametrize(
    ("moment", "ended"),
    [("2024-01-12 11:30:00", None), ("2024-01-12 12:00:00", "2024-01-12 12:00:00+00:00")],
)
def test_a_spell_lasts_until_the_bed_is_left_and_its_end_is_not_known_before(
    tmp_path: Path, moment: str, ended: str | None
) -> None:
    feeds = feeds_at(tmp_path, moment)
    spell = next(row for row in rows_of(feeds["spell"]) if row["spell_key"] == "11")
    stay = next(row for row in rows_of(feeds["ward_stay"]) if row["ward_code"] == ICU)
    said = ended and str(spell["discharge_ts"])
    assert (said, stay["end_ts"] and str(stay["end_ts"])) == (ended, ended)
    assert (spell["discharge_method"] is None) == (ended is None)


def test_nothing_that_comes_later_is_known(tmp_path: Path) -> None:
    feeds = feeds_at(
        tmp_path,
        "2024-01-11 09:00:00",
        emar=["1,2150-06-11 09:00:01,Aspirin,Administered"],
        labevents=["1,2150-06-11 09:00:01,50912,1.0,mg/dL"],
        chartevents_obs=charted(1, "2150-06-11 09:00:01", _224054=3, **SET),
    )
    assert [feeds[name].rows for name in ("order", "dose_event", "lab_result", "assessment")] == [0, 0, 0, 0]
    assert max(str(row["ts"]) for row in rows_of(feeds["obs_set"])) == TS


def test_the_record_says_what_became_of_the_dose(tmp_path: Path) -> None:
    said = {
        "Administered": ("given", None),
        "Delayed Administered": ("given", None),
        "Not Given": ("not given", None),
        "Not Given per Sliding Scale": ("not given", "CLINICAL_WITHHELD"),
        "Hold Dose": ("not given", "CLINICAL_WITHHELD"),
        " in Other Location": ("not given", "GIVEN_ELSEWHERE/EARLIER"),
    }
    feed = doses(tmp_path, *(("Aspirin", event) for event in said))
    assert [(dose["status"], dose["reason_code"]) for dose in rows_of(feed)] == list(said.values())
    assert all(dose["due_ts"] == dose["recorded_ts"] for dose in rows_of(feed))
    assert (dict(feed.rejected), dict(feed.notes)) == ({}, {})


def test_what_says_nothing_of_the_dose_is_quarantined_and_counted(tmp_path: Path) -> None:
    feed = doses(
        tmp_path, ("Aspirin", "UNK"), ("Aspirin", "Delayed "), ("Aspirin", "Sang"), ("Aspirin", "Administered")
    )
    assert (feed.rows, sum(feed.rejected.values())) == (1, 3)


def test_flushes_checks_and_running_infusions_are_no_doses(tmp_path: Path) -> None:
    events = ("Flushed", "Not Flushed", "Confirmed", "Assessed", "Stopped", "Rate Change", "Removed", "Read")
    feed = doses(tmp_path, *(("Heparin", event) for event in events))
    assert (feed.rows, dict(feed.rejected)) == (0, {})


def test_equal_records_count_once(tmp_path: Path) -> None:
    rows = ["1,2150-06-11 08:00:00,Aspirin,Administered"] * 2
    feed = feed_at(tmp_path, "dose_event", NOW, emar=rows)
    assert (feed.rows, sum(feed.notes.values())) == (1, 1)


def test_one_order_stands_for_a_patient_and_medicine_however_it_is_written(tmp_path: Path) -> None:
    rows = [
        f"1,2150-06-11 {time},{name},Administered"
        for time, name in (("08:00:00", "OxyCODONE"), ("07:00:00", "OxycoDONE "))
    ]
    (order,) = rows_of(feed_at(tmp_path, "order", NOW, emar=rows))
    assert (order["drug_code"], order["kind"], order["status"]) == ("oxycodone", "regular", "active")
    assert str(order["start_ts"]) == "2024-01-11 07:00:00+00:00"


def test_pieces_charted_within_the_hour_make_a_complete_set(tmp_path: Path) -> None:
    found = sets(tmp_path, NOW, *charted(1, "2150-06-11 08:00:00", **SET), *charted(1, "2150-06-11 08:30:00", **GCS_15))
    assert found[TS]["complete"] is True  # 08:00 is exactly an hour before
    given = {name: found[TS][name] for name in ("rr", "spo2", "sbp", "pulse", "temp", "acvpu", "o2")}
    assert given == {"rr": 16, "spo2": 97, "sbp": 120, "pulse": 80, "temp": 36.5, "acvpu": "A", "o2": "FiO2 40 %"}
    assert found["2024-01-11 08:00:00+00:00"]["complete"] is False  # consciousness came later
    assert found["2024-01-11 10:00:00+00:00"]["complete"] is False


def by_case(folder: Path, cases: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """The sets of several cases, charted two hours apart with a respiratory rate of their own."""
    rows = [
        row
        for place, items in enumerate(cases)
        for row in charted(1, f"2150-06-11 {2 * place:02}:10:00", **{"_220210": 16, **items})
    ]
    found = sets(folder, "2024-01-12 00:00:00", *rows)
    return [found[f"2024-01-11 {2 * place:02}:10:00+00:00"] for place in range(len(cases))]


def test_a_set_lacking_any_parameter_is_not_complete(tmp_path: Path) -> None:
    whole = {**SET, **GCS_15}
    lacking = [{name: value for name, value in whole.items() if name != left_out} for left_out in whole]
    assert [one["complete"] for one in by_case(tmp_path, [whole, *lacking])] == [True] + [False] * len(whole)


def test_consciousness_comes_from_the_coma_scale_by_the_packs_words(tmp_path: Path) -> None:
    said = {
        (4, 5, 6): "A",
        (4, 4, 6): "C",
        (3, 4, 6): "V",
        (2, 2, 5): "V",
        (1, 1, 6): "P",
        (1, 1, 2): "P",
        (1, 1, 1): "U",
    }
    cases = [dict(zip(GCS_15, scale, strict=True)) for scale in said]
    assert [one["acvpu"] for one in by_case(tmp_path, cases)] == list(said.values())


def test_air_is_said_only_where_it_was_charted(tmp_path: Path) -> None:
    table: list[tuple[dict[str, float], str | None]] = [
        ({"_223835": 21}, "air"),
        ({"_223834": 0}, "air"),
        ({"_227287": 2.0}, "flow 2.0 L/min"),
        ({"_223834": 0, "_223835": 50}, "FiO2 50 %"),
        ({"_223834": 0, "_223835": 0}, "air"),
        ({"_223835": 4}, None),
        ({"_223835": 0}, None),
        ({}, None),
    ]
    assert [one["o2"] for one in by_case(tmp_path, [items for items, _ in table])] == [said for _, said in table]


def test_fahrenheit_becomes_celsius(tmp_path: Path) -> None:
    assert by_case(tmp_path, [{"_223761": 98.6}])[0]["temp"] == 37.0


COMPLETED = {"rr": "_220210", "spo2": "_220277", "sbp": "_220179", "pulse": "_220045", "temp": "_223762"}


@pytest.mark.parametrize(("limit", "beyond"), [("low", -0.5), ("high", 0.5)])
def test_an_absurd_value_is_emptied_and_its_set_is_not_complete(tmp_path: Path, limit: str, beyond: float) -> None:
    whole = {"_220210": 16, **SET, **GCS_15}
    edges = {column: getattr(FEEDS["obs_set"][column], limit) for column in COMPLETED}
    inside = [{**whole, item: edges[column]} for column, item in COMPLETED.items()]
    outside = [{**whole, item: edges[column] + beyond} for column, item in COMPLETED.items()]
    found = by_case(tmp_path, [*inside, *outside])
    said = [(one[column], one["complete"]) for one, column in zip(found, [*COMPLETED, *COMPLETED], strict=True)]
    assert said == [*((edge, True) for edge in edges.values()), *[(None, False)] * len(edges)]


def test_a_heart_rate_of_nought_is_emptied_and_counted(tmp_path: Path) -> None:
    feed = feed_at(tmp_path, "obs_set", NOW, chartevents_obs=charted(1, T, _220045=0))
    assert [row["pulse"] for row in rows_of(feed) if str(row["ts"]) == TS] == [None]
    assert [number for reason, number in feed.notes.items() if reason.startswith("pulse")] == [2]  # 09:00 and 10:00


def test_braden_is_complete_with_all_six_items(tmp_path: Path) -> None:
    six = {f"_{item}": 3 for item in range(224054, 224060)}
    five = dict.fromkeys(list(six)[:5], 2.0)
    rows = [*charted(1, T, **six), *charted(1, "2150-06-11 11:00:00", **five)]
    done, draft = rows_of(feed_at(tmp_path, "assessment", NOW, chartevents_obs=rows))
    assert (done["type"], done["tool"], done["status"], done["score"]) == ("pressure_ulcer", "braden", "complete", 18)
    assert str(done["effective_ts"]) == str(done["recorded_ts"]) == TS
    assert (draft["status"], draft["score"]) == ("draft", None)


def test_creatinine_is_in_micromoles_and_brings_the_year_before_along(tmp_path: Path) -> None:
    rows = [
        "1,2150-06-11 08:00:00,50912,1.5,mg/dL",
        "1,2150-03-01 08:00:00,50912,1.0,mg/dL",  # in the earlier admission, and 101 days before this one
        "1,2150-06-13 08:00:00,50912,9.0,mg/dL",  # after the admission
        "1,2148-06-11 08:00:00,50912,9.0,mg/dL",  # too long ago
        "1,2150-06-11 08:00:00,50971,4.0,mEq/L",  # another test
    ]
    results = rows_of(feed_at(tmp_path, "lab_result", NOW, labevents=rows))
    found = sorted((row["patient_key"], str(row["collected_ts"]), row["value"], row["unit"]) for row in results)
    assert found == [
        ("11", "2023-10-01 08:00:00+00:00", 88.4, "umol/L"),
        ("11", "2024-01-11 08:00:00+00:00", 132.6, "umol/L"),
        ("12", "2024-01-10 08:00:00+00:00", 88.4, "umol/L"),
    ]


def test_who_left_before_the_window_is_no_longer_asked_for(tmp_path: Path) -> None:
    feeds = feeds_at(tmp_path, "2024-03-01 00:00:00")
    assert (feeds["spell"].rows, feeds["ward_stay"].rows) == (0, 0)
    assert {row["ward_code"] for row in rows_of(feed_at(tmp_path, "ward_stay", NOW))} >= {ICU, WARD}
