"""A small invented hospital in tables of the OMOP Common Data Model 5.4, read through the pack that comes with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.packs import PACKS, load_pack
from surveillance.commands.packs import copied
from surveillance.commands.packs_page import not_given
from surveillance.compose import compose
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState
from surveillance.opening import open_site
from surveillance.snapshot import Reading, Snapshot, State
from tests.connectors.conftest import Place

PACK = "omop_cdm_5_4"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
"""The extract is of 24 November, 02:10: so much is certain of it."""
PULLED = "2026-11-24 02:10:00"

TABLES = """
CREATE TABLE person (person_id integer, gender_concept_id integer, year_of_birth integer, month_of_birth integer,
  day_of_birth integer, birth_datetime timestamp, person_source_value varchar(50));
CREATE TABLE visit_occurrence (visit_occurrence_id integer, person_id integer, visit_concept_id integer,
  visit_start_date date, visit_start_datetime timestamp, visit_end_date date, visit_end_datetime timestamp,
  visit_type_concept_id integer, care_site_id integer, admitted_from_source_value varchar(50),
  discharged_to_source_value varchar(50), preceding_visit_occurrence_id integer);
CREATE TABLE visit_detail (visit_detail_id integer, person_id integer, visit_detail_start_date date,
  visit_detail_start_datetime timestamp, visit_detail_end_date date, visit_detail_end_datetime timestamp,
  care_site_id integer, parent_visit_detail_id integer, visit_occurrence_id integer);
CREATE TABLE care_site (care_site_id integer, care_site_name varchar(255), care_site_source_value varchar(50));
CREATE TABLE death (person_id integer, death_date date, death_datetime timestamp);
CREATE TABLE measurement (measurement_id integer, person_id integer, measurement_concept_id integer,
  measurement_date date, measurement_datetime timestamp, value_as_number numeric(12, 4), value_as_concept_id integer,
  unit_concept_id integer, range_low numeric(12, 4), range_high numeric(12, 4), visit_occurrence_id integer,
  unit_source_value varchar(50), value_source_value varchar(50));
CREATE TABLE observation (observation_id integer, person_id integer, observation_concept_id integer,
  observation_date date, observation_datetime timestamp, value_as_number numeric(12, 4), value_as_string varchar(60),
  value_as_concept_id integer, unit_concept_id integer, visit_occurrence_id integer, value_source_value varchar(50));
CREATE TABLE cdm_source (cdm_source_name varchar(255), source_release_date date, cdm_release_date date);
CREATE TABLE concept (concept_id integer, concept_name varchar(255), domain_id varchar(20), vocabulary_id varchar(20),
  standard_concept varchar(1), concept_code varchar(50));
CREATE TABLE concept_ancestor (ancestor_concept_id integer, descendant_concept_id integer,
  min_levels_of_separation integer, max_levels_of_separation integer);
"""
"""Names as published; of each table the columns that mean something here."""

CODES = {
    "IP": ("Visit", "IP"),
    "ERIP": ("Visit", "ERIP"),
    "ER": ("Visit", "ER"),
    "OP": ("Visit", "OP"),
    "intensive": ("Visit", "OMOP0"),  # below IP
    "F": ("Gender", "F"),
    "M": ("Gender", "M"),
    "rr": ("LOINC", "9279-1"),
    "spo2": ("LOINC", "59408-5"),
    "sbp": ("LOINC", "8480-6"),
    "pulse": ("LOINC", "8867-4"),
    "temp": ("LOINC", "8310-5"),
    "acvpu": ("SNOMED", "1104441000000107"),
    "alert": ("SNOMED", "248234008"),
    "gcs": ("LOINC", "9269-2"),
    "flow": ("LOINC", "3151-8"),
    "air": ("SNOMED", "722742002"),
    "news2": ("SNOMED", "1104051000000101"),
    "creatinine": ("LOINC", "14682-9"),
    "creatinine by mass": ("LOINC", "2160-0"),
    "mg/dL": ("UCUM", "mg/dL"),
    "umol/L": ("UCUM", "umol/L"),
    "degF": ("UCUM", "[degF]"),
}
CONCEPT = {name: 2_000_000_001 + place for place, name in enumerate(CODES)}
"""Invented numbers: nothing may depend on them."""
WILLOW, MAPLE, ED, HOUSE = 1, 2, 3, 4
WELL = {"rr": 16, "spo2": 97, "sbp": 120, "pulse": 80, "temp": 37}


def rows(table: str, columns: str, *values: tuple[Any, ...]) -> str:
    lines = ", ".join(
        "(" + ", ".join("NULL" if cell is None else repr(cell) for cell in value) + ")" for value in values
    )
    return f"INSERT INTO {table} ({columns}) VALUES {lines};\n"


def visit(key: int, kind: str, start: str, end: str, place: int = HOUSE) -> str:
    """The visit of the person of the same last digits; a time without hours is a date alone."""
    return rows(
        "visit_occurrence",
        "visit_occurrence_id, person_id, visit_concept_id, visit_start_date, visit_start_datetime, visit_end_date, "
        "visit_end_datetime, care_site_id, discharged_to_source_value",
        (key, key - 100, CONCEPT[kind], *dated(start), *dated(end), place, "home"),
    )


def detail(key: int, of: int, place: int, start: str, end: str, parent: int | None = None) -> str:
    return rows(
        "visit_detail",
        "visit_detail_id, person_id, visit_occurrence_id, visit_detail_start_date, visit_detail_start_datetime, "
        "visit_detail_end_date, visit_detail_end_datetime, care_site_id, parent_visit_detail_id",
        (key, of - 100, of, *dated(start), *dated(end), place, parent),
    )


def dated(moment: str) -> tuple[str, str | None]:
    return moment[:10], moment if len(moment) > 10 else None


def measured(person: int, of: int | None, moment: str, unit: str = "", **values: float) -> str:
    columns = (
        "person_id, visit_occurrence_id, measurement_concept_id, measurement_date, measurement_datetime, "
        "value_as_number, unit_concept_id"
    )
    return rows(
        "measurement",
        columns,
        *((person, of, CONCEPT[name], *dated(moment), value, CONCEPT.get(unit)) for name, value in values.items()),
    )


def observed(person: int, of: int, moment: str, what: str, answer: str | None = None, words: str | None = None) -> str:
    return rows(
        "observation",
        "person_id, visit_occurrence_id, observation_concept_id, observation_date, observation_datetime, "
        "value_as_concept_id, value_source_value",
        (person, of, CONCEPT[what], *dated(moment), answer and CONCEPT[answer], words),
    )


def filled() -> str:
    """Eight people. At midnight 1, 2 and 7 lie on Willow, 5 on Maple, and 4 somewhere in the house."""
    before = "2026-11-23 23:00:00"
    return "".join(
        (
            TABLES,
            rows("cdm_source", "cdm_source_name, source_release_date, cdm_release_date", ("x", *("2026-11-24",) * 2)),
            rows("concept", "concept_id, vocabulary_id, concept_code", *((CONCEPT[n], *CODES[n]) for n in CODES)),
            rows(
                "concept_ancestor",
                "ancestor_concept_id, descendant_concept_id",
                *((CONCEPT[name], CONCEPT[name]) for name in ("IP", "ERIP", "ER", "OP")),
                (CONCEPT["IP"], CONCEPT["intensive"]),
            ),
            rows(
                "care_site",
                "care_site_id, care_site_name, care_site_source_value",
                (WILLOW, "Willow Ward", "WIL"),
                (MAPLE, "MAP", None),
                (ED, "Emergency", "ED"),
                (HOUSE, "Hospital", "HOSP"),
            ),
            rows(
                "person",
                "person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth",
                (1, CONCEPT["F"], 1950, 11, 21),  # 75 at admission, a day before the birthday
                *((n, CONCEPT["M"], 1960, None, None) for n in range(2, 9)),
            ),
            visit(101, "IP", "2026-11-20 09:00:00", PULLED),
            detail(1, 101, WILLOW, "2026-11-20 09:00:00", PULLED),
            measured(1, 101, before, **WELL, news2=7, flow=2),
            observed(1, 101, before, "acvpu", "alert"),
            measured(1, 101, "2026-11-20 10:00:00", "mg/dL", **{"creatinine by mass": 0.9}),
            measured(1, 101, "2026-11-23 08:00:00", "umol/L", creatinine=200),
            # in the emergency department, on Maple, and at last on Willow; a frame around all that is no place
            visit(102, "ERIP", "2026-11-22 08:00:00", PULLED),
            detail(20, 102, HOUSE, "2026-11-22 08:00:00", PULLED),
            detail(21, 102, ED, "2026-11-22 08:00:00", "2026-11-22 11:00:00", 20),
            detail(22, 102, MAPLE, "2026-11-22 11:00:00", "2026-11-23 12:00:00", 20),
            detail(23, 102, WILLOW, "2026-11-23 12:00:00", PULLED, 20),
            measured(2, 102, "2026-11-23 06:00:00", **WELL, news2=2, gcs=15),
            observed(2, 102, "2026-11-23 06:00:00", "air"),
            measured(2, 102, "2026-11-23 23:30:00", rr=16),  # not a whole set
            # left on the day of admission, and nobody knows when
            visit(103, "IP", "2026-11-22 15:00:00", "2026-11-22"),
            detail(3, 103, WILLOW, "2026-11-22 15:00:00", "2026-11-22"),
            visit(104, "IP", "2026-11-23 10:00:00", PULLED),
            # on Maple in intensive care; the set names no visit, its temperature is American
            visit(105, "intensive", "2026-11-21 10:00:00", PULLED),
            detail(5, 105, MAPLE, "2026-11-21 10:00:00", PULLED),
            measured(5, None, before, **{name: value for name, value in WELL.items() if name != "temp"}, news2=5),
            measured(5, None, before, "degF", temp=98.6),
            measured(5, None, "2026-11-23", rr=12),  # at no time of day
            observed(5, 105, before, "acvpu", words="V"),
            observed(5, 105, before, "air"),
            visit(106, "OP", "2026-11-23 09:00:00", "2026-11-23 10:00:00"),
            # really discharged, but on the day of the extract
            visit(107, "IP", "2026-11-22 09:00:00", "2026-11-24 01:30:00"),
            detail(7, 107, WILLOW, "2026-11-22 09:00:00", "2026-11-24 01:30:00"),
            visit(108, "IP", "2026-11-24 01:00:00", PULLED),
            detail(8, 108, WILLOW, "2026-11-24 01:00:00", PULLED),
        )
    )


SITE = """
[site]
name = "Invented Hospital"

[clock]
start = 2026-11-24T10:00:00Z
real_start = 2026-11-24T10:00:00Z
speed = 0

[store]
path = "store.sqlite"

[sources.omop]
url_file = "omop.url"
pack = "{pack}"
interval_s = 3600
{times}

[options]
own_aki_stage = {own_stage}
{limits}

[[divisions]]
code = "MED"
name = "Medicine"

[[sites]]
code = "MAIN"
name = "Main"

[[wards]]
code = "W1"
name = "Willow"
division = "MED"
site = "MAIN"
source_codes = ["WIL"]

[[wards]]
code = "W2"
name = "Maple"
division = "MED"
site = "MAIN"
source_codes = ["MAP"]
"""
ALL_DAY = "limit_min = { spell = 2160, ward_stay = 2160, ed_attendance = 2160, lab_result = 2160, obs_set = 2160 }"


def read(
    place: Place, *, pack: str = PACK, limits: str = ALL_DAY, own_stage: bool = False
) -> tuple[Snapshot, Mapping[str, FeedData]]:
    """The hospital at ten in the morning, as the program sees it."""
    times = 'times = { storage = "text", zone = "Europe/London" }' if place.is_sqlite else ""
    (place.folder / "omop.url").write_text(place.url, encoding="utf-8")
    config = place.folder / "hospital.toml"
    text = SITE.format(pack=pack, times=times, own_stage=str(own_stage).lower(), limits=limits)
    config.write_text(text, encoding="utf-8")
    opened = open_site(config)
    (reader,) = opened.readers
    try:
        feeds = {data.feed: data for data in reader.poll(NOW)}
    finally:
        reader.close()
    return compose(opened.site, feeds, NOW)[0], feeds


def values(snapshot: Snapshot, measure: str) -> list[object]:
    return [snapshot.readings[ward][measure].value for ward in ("W1", "W2")]


def states(snapshot: Snapshot, measure: str) -> set[State]:
    return {readings[measure].state for readings in snapshot.readings.values()}


def parts(reading: Reading) -> dict[str, object]:
    return {part.name: part.value for part in reading.parts}


def test_every_figure_is_that_of_the_first_moment_of_the_extracts_day(place: Place, tmp_path: Path) -> None:
    place.run(filled())
    copied(PACK, tmp_path / "omop")
    manifest = tmp_path / "omop" / "pack.toml"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace("[feeds.obs_set]\n", '[feeds.obs_set]\nsql = "obs_set_news2.sql"\n'), "utf-8")
    snapshot, feeds = read(place, pack="./omop", own_stage=True)

    assert {name: (data.state, data.as_at) for name, data in feeds.items()} == dict.fromkeys(
        load_pack(PACK).feeds, (FeedState.CURRENT, MIDNIGHT)
    )
    assert {name: dict(data.rejected) for name, data in feeds.items() if data.rejected} == {"obs_set": {"ts: empty": 1}}
    assert values(snapshot, "patients_on_ward") == [3, 1]
    assert snapshot.off_wards == {"HOSP": 1}
    assert values(snapshot, "obs_overdue") == [2, 0]  # 2, whose last whole set is of the morning, and 7, who has none
    assert [parts(snapshot.readings[ward]["news2_high"]) for ward in ("W1", "W2")] == [
        {"7+": 1, "5-6": 0},
        {"7+": 0, "5-6": 1},
    ]
    assert values(snapshot, "aki_patients") == [1, 0]
    for measure in ("patients_on_ward", "obs_overdue", "news2_high", "aki_patients"):
        assert states(snapshot, measure) == {State.STALE}
        assert {readings[measure].as_at for readings in snapshot.readings.values()} == {MIDNIGHT}

    spells = feeds["spell"].frame
    assert spells is not None
    by_key = spells.set_index("spell_key")
    assert set(by_key.index) == {"101", "102", "103", "104", "105", "107", "108"}
    assert by_key.loc["101", ["age", "sex"]].tolist() == [75, "female"]
    assert by_key["discharge_ts"].notna().sum() == 1  # of 103 alone: nobody knows whether the others have left
    assert by_key.loc["103", "discharge_method"] == "home"
    sets, arrivals, results = (feeds[name].frame for name in ("obs_set", "ed_attendance", "lab_result"))
    assert sets is not None
    assert arrivals is not None
    assert results is not None
    of_five = sets[sets["spell_key"] == "105"].iloc[0]
    assert of_five["temp"] == pytest.approx(37.0)
    assert of_five[["o2", "acvpu", "complete"]].tolist() == ["air", "V", True]
    assert sets.loc[sets["spell_key"] == "101", "o2"].tolist() == ["oxygen"]
    assert arrivals["spell_key"].tolist() == ["102"]
    assert sorted(results["value"]) == pytest.approx([79.56, 200.0])
    assert set(results["unit"]) == {"umol/L"}


def test_what_the_model_cannot_tell_is_not_connected(place: Place) -> None:
    place.run(filled())
    snapshot, feeds = read(place)
    told = {"patients_on_ward", "obs_overdue", "obs_on_time", "process_reliability"}
    nothing = {State.NOT_CONNECTED, State.NOT_APPLICABLE, State.NOT_RECORDED}
    for ward, readings in snapshot.readings.items():
        assert {name for name, reading in readings.items() if reading.state not in nothing} <= told, ward
        for measure in (
            "news2_high",
            "obs_hourly_or_more_often",
            "aki_patients",
            "missed_doses_today",
            "covid_test_awaited",
            "sepsis_patients",
        ):
            assert readings[measure].state is State.NOT_CONNECTED, measure
    assert {name: set(data.absent) for name, data in feeds.items()} == {
        "spell": {"patient_class", "age_days", "pregnant_or_recent", "is_test", "merged_into"},
        "ward_stay": {"bed_code", "on_leave_from", "on_leave_to"},
        "ed_attendance": {"first_seen_registered_ts", "decision_to_admit_ts"},
        "lab_result": {"reported_ts", "aki_stage_from_lab"},
        "obs_set": {"spo2_scale", "news2_total"},
    }
    pack = load_pack(PACK)
    assert {name: set(not_given(pack, name)) for name in feeds} == {
        name: set(data.absent) for name, data in feeds.items()
    }
    assert set(pack.feeds) | set(pack.cannot_tell) == set(FEEDS)


PORTABLE = sorted(path for path in (PACKS / PACK).glob("*.sql") if path.name.count(".") == 1)
ORACLE = {f"{path.name.split('.')[0]}.sql": path.read_text("utf-8") for path in (PACKS / PACK).glob("*.oracle.sql")}


def sqlite_place(folder: Path) -> Place:
    (folder / "source.db").touch()
    return Place("sqlite", f"sqlite:///{folder / 'source.db'}", folder, [])


def test_a_copy_of_last_night_is_no_present_unless_the_site_says_so(tmp_path: Path) -> None:
    place = sqlite_place(tmp_path)
    place.run(filled())
    snapshot, _ = read(place, limits="limit_min = { obs_set = 120 }")
    assert states(snapshot, "patients_on_ward") == {State.UNAVAILABLE}


@pytest.mark.parametrize(
    ("change", "as_at"),
    [
        ("UPDATE cdm_source SET source_release_date = '2026-11-21'", datetime(2026, 11, 21, tzinfo=UTC)),
        # the job ran and wrote its dates, but copied nothing
        ("DELETE FROM visit_occurrence WHERE visit_start_date > '2026-11-21'", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("DELETE FROM cdm_source", None),
        ("DELETE FROM concept", None),
        ("DELETE FROM concept_ancestor", None),
        ("DELETE FROM visit_occurrence", None),
    ],
)
def test_a_load_is_never_newer_than_it_is(tmp_path: Path, change: str, as_at: datetime | None) -> None:
    place = sqlite_place(tmp_path)
    place.run(f"{filled()}{change};")
    _, feeds = read(place)
    state = FeedState.UNAVAILABLE if as_at is None else FeedState.CURRENT
    assert {(data.state, data.as_at) for data in feeds.values()} == {(state, as_at)}


def for_oracle(name: str, text: str) -> str:
    """The query with its dates made times, which Oracle does not do by itself, and without text cut out of dates."""
    text = re.sub(r"COALESCE\((\w+\.\w+), (\w+\.\w*date)\)", r"COALESCE(\1, CAST(\2 AS TIMESTAMP))", text)
    text = text.replace("ELSE l.made_on END AS newest", "ELSE CAST(l.made_on AS TIMESTAMP) END AS newest")
    for first, part in ((1, "YEAR"), (6, "MONTH"), (9, "DAY")):
        cut = rf"CAST\(SUBSTRING\(CAST\(v\.visit_start_date AS VARCHAR\(10\)\), {first}, \d\) AS INTEGER\)"
        text = re.sub(cut, f"EXTRACT({part} FROM v.visit_start_date)", text)
    return f"-- {name} for Oracle, where dates and times do not mix.\n{text}"


def test_the_queries_for_oracle_are_the_others_with_dates_made_times() -> None:
    assert {path.name: for_oracle(path.name, path.read_text("utf-8")) for path in PORTABLE} == ORACLE


def test_the_two_queries_for_observations_differ_by_the_score_alone() -> None:
    queries = load_pack(PACK).feeds["obs_set"].sql
    assert queries is not None
    plain, scored = (
        (queries.parent / name).read_text("utf-8").splitlines() for name in ("obs_set.sql", "obs_set_news2.sql")
    )
    only = [line for line in scored if line not in plain and not line.startswith("--")]
    assert all("news2" in line or "1104051000000101" in line or "on_oxygen" in line for line in only), only
    assert len(scored) - len(plain) == 5
