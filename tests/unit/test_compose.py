"""A snapshot says what is known and how old it is: a failure is never a 0, and only a current value is coloured."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from surveillance.compose import FAILED, Moment, answered, compose
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState
from surveillance.feeds.schema import Kind
from surveillance.freshness import LONG_LIMIT, SHORT_LIMIT, aged, limit_of, shown_for
from surveillance.measures import CATALOGUE, EVERYTHING
from surveillance.measures.declaration import NotConnected
from surveillance.measures.hospital import Hospital
from surveillance.measures.site import Site
from surveillance.snapshot import Level, Reading, Snapshot, State
from surveillance.snapshot_json import check
from surveillance.worklist import Worklist
from tests.canonical import feeds_of, site_of, ward

AWAY = f"test: {FAILED[FeedState.UNAVAILABLE]}"
NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MARKER = "Q7mark"
SITE = site_of(
    medicines={"classes": {"antimicrobial": ["GENT"]}, "critical": ["antimicrobial"]},
    thresholds={"patients_on_ward": {"watch": 1, "act": 2}},
)
NEVER_NUMBERS = set(State) - {State.VALUE, State.STALE}


def at(hours: float) -> datetime:
    return NOON - hours * HOUR


def tables() -> dict[str, list[dict[str, Any]]]:
    """A row of nearly every feed about two patients on W1; every key and text of a patient holds the marker."""
    a, b, order = f"{MARKER}A", f"{MARKER}B", f"{MARKER}O"
    stay = {"ward_code": "W1", "start_ts": at(40), "end_ts": None, "on_leave_from": None, "on_leave_to": None}
    dose = {"order_key": order, "status": None, "given_ts": None, "reason_code": None, "reason_text": MARKER}
    return {
        "spell": [
            {"patient_key": key, "spell_key": key, "admit_ts": at(40), "discharge_ts": None, "age": 80}
            | {"admission_method": MARKER}
            for key in (a, b)
        ],
        "ward_stay": [{"spell_key": key, "bed_code": key, **stay} for key in (a, b)],
        "ed_attendance": [],
        "assessment": [
            {"spell_key": a, "type": "cfs", "status": "complete", "effective_ts": at(2), "recorded_ts": at(2)}
            | {"score": 5, "tool": MARKER}
        ],
        "care_event": [{"spell_key": a, "type": "fall", "ts": at(3)}],
        "order": [
            {"order_key": order, "spell_key": a, "drug_code": "GENT", "route": MARKER, "kind": "regular"}
            | {"status": "active", "start_ts": at(30), "stop_ts": None, "last_modified_ts": at(30)}
            | {"verify_status": "not verified", "verified_ts": None, "verifier_role": MARKER}
        ],
        "dose_event": [{**dose, "due_ts": at(4)}, {**dose, "due_ts": at(-2)}],
        "medrec": [],
        "lab_result": [
            {"patient_key": a, "test": "creatinine", "value": 200, "collected_ts": at(5), "aki_stage_from_lab": 1}
        ],
        "micro_result": [
            {"patient_key": a, "organism": "C. difficile", "status": "final", "result": "toxin positive"}
            | {"collected_ts": at(5), "final_ts": at(4)}
        ],
        "obs_set": [{"spell_key": a, "ts": at(5), "complete": True, "news2_total": 7, "o2": MARKER}],
        "obs_plan": [{"spell_key": a, "interval_min": 60, "set_ts": at(6), "set_by_role": "nurse", "reason": MARKER}],
        "flag": [
            {"spell_key": a, "type": "sepsis_suspected", "start_ts": at(5), "author_role": MARKER},
            {"spell_key": b, "type": MARKER, "start_ts": at(5), "author_role": MARKER},
        ],
        "discharge_plan": [{"spell_key": a, "edd": "2026-02-02", "edd_set_ts": at(9), "discharge_certainty": MARKER}],
        "restrictive_practice": [
            {"spell_key": a, "kind": MARKER, "start_ts": at(30), "end_ts": None, "last_review_ts": None}
        ],
        "wound": [
            {"spell_key": a, "wound_key": f"{MARKER}W", "kind": "pressure_ulcer", "category": "2", "site": MARKER}
            | {"first_observed_ts": at(30), "healed_ts": None, "present_on_admission": False, "validated": True}
        ],
        "duty": [
            {"duty_key": MARKER, "ward_code": "W1", "start_ts": at(4), "end_ts": at(-8), "staff_group": "RN"}
            | {"state": "filled"}
        ],
        "census_staffing": [{"ward_code": "W1", "ts": at(3), "required_hours": 12, "professional_judgement": MARKER}],
        "patient_identity": [
            {"patient_key": key, "family_name": f"{MARKER}Ashworth", "given_name": MARKER, "hospital_number": f"H{key}"}
            | {"nhs_number": None, "birth_date": "1945-05-08"}
            for key in (a, b)
        ],
    }  # fmt: skip


FRESH = feeds_of(tables(), NOON)


def changed(feeds: Mapping[str, FeedData] | None = None, **states: FeedState | None) -> dict[str, FeedData]:
    """The feeds with some in another state; None takes one away."""
    found = dict(FRESH if feeds is None else feeds)
    for name, state in states.items():
        if state is None:
            del found[name]
            continue
        frame = found[name].frame if state in (FeedState.CURRENT, FeedState.STALE) else None
        found[name] = replace(found[name], state=state, frame=frame, rows=None, error="gone")
    return found


def snapshot_of(feeds: Mapping[str, FeedData], now: datetime = NOON, before: Snapshot | None = None) -> Snapshot:
    snapshot, _ = compose(SITE, feeds, now, before)
    for readings in (*snapshot.readings.values(), *snapshot.forecasts.values()):
        for reading in readings.values():
            check(reading)
            assert reading.level is Level.NONE or reading.state is State.VALUE
            assert reading.state not in NEVER_NUMBERS or reading.value is None
            assert reading.state not in NEVER_NUMBERS or all(part.value is None for part in reading.parts)
    return snapshot


def reading_of(
    feeds: Mapping[str, FeedData], measure: str, now: datetime = NOON, before: Snapshot | None = None, on: str = "W1"
) -> Reading:
    """One measure's reading, as `compose` would give it."""
    reading = answered(Moment(SITE, feeds, now, before), EVERYTHING[measure]).readings[on]
    check(reading)
    assert reading.level is Level.NONE or reading.state is State.VALUE
    return reading


def on_w1(snapshot: Snapshot, measure: str) -> Reading:
    return {**snapshot.readings["W1"], **snapshot.forecasts["W1"]}[measure]


@pytest.fixture(scope="module")
def whole() -> tuple[Snapshot, Worklist]:
    snapshot, worklist = compose(SITE, FRESH, NOON)
    return snapshot, worklist


# -- values


def test_with_every_feed_the_ward_has_its_numbers(whole: tuple[Snapshot, Worklist]) -> None:
    snapshot, _ = whole
    expected = {"patients_on_ward": 2, "aki_patients": 1, "edd_today": 1, "obs_overdue": 2, "cdiff_current": 1}
    for measure, number in expected.items():
        reading = on_w1(snapshot, measure)
        assert (reading.state, reading.value) == (State.VALUE, number), measure
        assert (reading.as_at, reading.source, reading.unit) == (NOON, "test", "W1")
    assert on_w1(snapshot, "patients_on_ward").level is Level.ACT
    assert snapshot.readings["W2"]["patients_on_ward"].value == 0
    assert set(snapshot.readings["W1"]) == set(CATALOGUE)
    assert set(snapshot.readings["W1"]) | set(snapshot.forecasts["W1"]) == set(EVERYTHING)


def test_a_number_is_the_length_of_its_list(whole: tuple[Snapshot, Worklist]) -> None:
    snapshot, worklist = whole
    for measure, reading in {**snapshot.readings["W1"], **snapshot.forecasts["W1"]}.items():
        if EVERYTHING[measure].kind.value in ("count", "two_column") and reading.state is State.VALUE:
            listed = [row["part"] for row in worklist.rows.get(("W1", measure), ())]
            assert {part.name: listed.count(part.name) for part in reading.parts} == {
                part.name: part.value for part in reading.parts if part.state is State.VALUE
            }, measure


def test_the_wall_cannot_reach_a_patient(whole: tuple[Snapshot, Worklist]) -> None:
    snapshot, worklist = whole
    assert MARKER not in repr(snapshot)
    assert MARKER in repr(worklist)
    failed = changed(spell=FeedState.SUSPECT, dose_event=FeedState.UNAVAILABLE)
    assert MARKER not in repr(snapshot_of(failed, NOON + MINUTE, snapshot))


def test_the_marker_stands_wherever_a_patient_could_be_named() -> None:
    named = {"patient_key", "spell_key", "order_key", "wound_key", "duty_key", "bed_code"}
    for name, rows in tables().items():
        for row in rows:
            for column in FEEDS[name].columns:
                if column.kind is Kind.KEY and column.name in named and column.name in row:
                    assert MARKER in str(row[column.name]), (name, column.name)


def test_patients_in_units_that_are_no_wards_are_counted_apart() -> None:
    rows = tables()
    rows["ward_stay"][1]["ward_code"] = "LOUNGE"
    snapshot = snapshot_of(feeds_of(rows, NOON))
    assert snapshot.off_wards == {"LOUNGE": 1}
    assert snapshot.quality["patient: in a unit that is no listed ward"] == 1
    assert on_w1(snapshot, "patients_on_ward").value == 1


def test_what_was_decided_without_data_is_counted() -> None:
    rows = tables()
    rows["spell"][0]["age"] = None
    rows["ward_stay"].append({**rows["ward_stay"][0], "spell_key": "nobody"})
    quality = snapshot_of(feeds_of(rows, NOON)).quality
    assert quality["patient: age unknown"] == 1
    assert quality["ward stay: its spell is unknown"] == 1
    assert all(quality.values())


def test_each_source_says_how_it_stands(whole: tuple[Snapshot, Worklist]) -> None:
    statuses = {status.feed: status for status in whole[0].sources}
    assert set(statuses) == set(FRESH)
    assert statuses["flag"].notes == {"type: unknown code, kept": 1}
    assert {status.state for status in statuses.values()} == {"current"}
    assert statuses["spell"].rows == 2


# -- a feed that is not there


@pytest.mark.parametrize("state", [None, FeedState.UNAVAILABLE, FeedState.REFUSED, FeedState.SUSPECT])
def test_without_any_feed_there_is_not_one_number(state: FeedState | None) -> None:
    snapshot = snapshot_of(changed(**dict.fromkeys(FRESH, state)))
    states = {reading.state for readings in snapshot.readings.values() for reading in readings.values()}
    expected = {None: State.NOT_CONNECTED, FeedState.SUSPECT: State.SUSPECT}.get(state, State.UNAVAILABLE)
    assert states <= {expected, State.NOT_CONNECTED, State.NOT_APPLICABLE}
    assert expected in states
    assert all(rollup.reading.value is None for rollup in snapshot.rollups)


def test_a_measure_counts_only_what_it_declares() -> None:
    """A feed that a measure reads and does not name would vanish from its number without a word when it fails."""

    class Watched(Hospital):
        def feed(self, name: str) -> pd.DataFrame:
            touched.add(name)
            return super().feed(name)

        def has(self, name: str) -> bool:
            touched.add(name)
            return super().has(name)

    frames = {name: data.frame for name, data in FRESH.items() if data.frame is not None}
    for measure in EVERYTHING.values():
        touched: set[str] = set()
        with suppress(NotConnected):
            measure.rows(Watched(pd.Timestamp(NOON), frames, SITE), measure)
        assert touched <= {*measure.feeds, *measure.optional}, measure.id


@pytest.mark.parametrize("feed", ["flag", "dose_event", "duty"])
def test_a_failed_feed_takes_its_measures_with_it_and_leaves_the_others(feed: str) -> None:
    snapshot = snapshot_of(changed(**{feed: FeedState.UNAVAILABLE}))
    for measure in EVERYTHING.values():
        reading = on_w1(snapshot, measure.id)
        if feed in (*measure.feeds, *measure.optional) and reading.state is not State.NOT_CONNECTED:
            assert (reading.state, reading.detail) == (State.UNAVAILABLE, AWAY), measure.id
        else:
            assert reading.state is not State.UNAVAILABLE, measure.id


def test_a_feed_nobody_connected_is_not_a_failure() -> None:
    feeds = changed(wound=None, flag=None)
    reading = reading_of(feeds, "pressure_ulcer_patients")
    assert (reading.state, reading.detail) == (State.NOT_CONNECTED, "no source is connected for wound")
    assert reading_of(feeds, "sepsis_patients").state is State.NOT_CONNECTED
    without_flags = reading_of(feeds, "cdiff_current")
    assert (without_flags.state, without_flags.value) == (State.VALUE, 1)
    assert without_flags.detail == "without isolation flags"


def test_a_suspect_answer_shows_no_number_and_says_why() -> None:
    reading = reading_of(changed(ward_stay=FeedState.SUSPECT), "patients_on_ward")
    assert (reading.state, reading.value, reading.detail) == (State.SUSPECT, None, "test: gone")


def test_a_lost_optional_column_is_not_connected_and_not_0() -> None:
    rows = tables()
    del rows["lab_result"][0]["aki_stage_from_lab"]
    del rows["obs_set"][0]["news2_total"]
    feeds = feeds_of(rows, NOON)
    assert reading_of(feeds, "aki_patients").state is State.NOT_CONNECTED
    assert reading_of(feeds, "news2_high").state is State.NOT_CONNECTED
    assert reading_of(feeds, "obs_hourly_or_more_often").state is State.VALUE, "plans are connected"
    del feeds["obs_plan"]
    assert reading_of(feeds, "obs_hourly_or_more_often").state is State.NOT_CONNECTED


# -- age


def test_a_figure_ages_from_current_to_stale_to_nothing() -> None:
    seen = {}
    for minutes in (0, 2, 3, 30, 31, 120, 121):
        now = NOON + minutes * MINUTE
        seen[minutes] = [reading_of(FRESH, name, now) for name in ("patients_on_ward", "obs_overdue")]
    states = {minutes: [reading.state.value for reading in pair] for minutes, pair in seen.items()}
    assert states == {
        0: ["value", "value"],
        2: ["value", "value"],  # twice the interval of a minute
        3: ["stale", "stale"],
        30: ["stale", "stale"],
        31: ["stale", "unavailable"],  # observations change by the minute
        120: ["stale", "unavailable"],
        121: ["unavailable", "unavailable"],
    }
    assert {reading.as_at for pair in seen.values() for reading in pair} == {NOON}


def test_old_data_is_counted_at_the_moment_at_which_it_was_true() -> None:
    """A source that stalls must not let time run on: an observation is not overdue because nobody could tell."""
    then = NOON - 10 * MINUTE
    rows = tables()
    rows["obs_set"][0]["ts"] = NOON - 95 * MINUTE  # due with its grace at 11:55
    stalled = {name: replace(data, as_at=then) for name, data in feeds_of(rows, NOON).items()}
    reading = reading_of(stalled, "obs_overdue")
    assert (reading.state, reading.value, reading.as_at) == (State.STALE, 1, then)  # the one without any set
    assert reading_of(feeds_of(rows, NOON), "obs_overdue").value == 2


def test_the_age_of_a_figure_is_that_of_its_oldest_feed() -> None:
    feeds = dict(FRESH) | {"wound": replace(FRESH["wound"], as_at=NOON - MINUTE)}
    assert reading_of(feeds, "pressure_ulcer_patients").as_at == NOON - MINUTE
    assert reading_of(feeds, "patients_on_ward").as_at == NOON


def test_limits_are_short_for_what_changes_by_the_minute_and_the_sites_to_change() -> None:
    settings = SITE.settings
    short = {feed for feed in FEEDS if limit_of(settings, feed) == SHORT_LIMIT}
    assert short == {"obs_set", "obs_plan", "dose_event", "order", "duty", "census_staffing"}
    assert (SHORT_LIMIT, LONG_LIMIT) == (30 * MINUTE, 2 * HOUR)
    own = site_of(options={"limit_min": {"spell": 5}}).settings
    assert limit_of(own, "spell") == 5 * MINUTE
    assert shown_for(own, ["ward_stay", "spell", "obs_set"]) == 5 * MINUTE
    assert shown_for(own, []) == LONG_LIMIT
    late = replace(FRESH["spell"], as_at=NOON - 6 * MINUTE)
    assert (aged(own, late, NOON), aged(settings, late, NOON)) == (FeedState.UNAVAILABLE, FeedState.STALE)


def test_the_promise_of_a_source_is_twice_its_interval_or_as_the_site_says() -> None:
    slow = site_of(sources={"test": {"url_env": "NONE", "interval_s": 600}}).settings
    own = site_of(sources={"test": {"url_env": "NONE", "interval_s": 600, "stale_after_s": 60}}).settings
    feed = replace(FRESH["spell"], as_at=NOON - 20 * MINUTE)
    assert aged(slow, feed, NOON) is FeedState.CURRENT
    assert aged(slow, feed, NOON + MINUTE) is FeedState.STALE
    assert aged(own, feed, NOON) is FeedState.STALE


def test_a_failure_does_not_become_fresh_by_its_age() -> None:
    for state in (FeedState.SUSPECT, FeedState.UNAVAILABLE, FeedState.REFUSED, FeedState.NOT_CONNECTED):
        assert aged(SITE.settings, replace(FRESH["spell"], state=state), NOON) is state


# -- what is held after a failure


@pytest.mark.parametrize("state", [FeedState.UNAVAILABLE, FeedState.REFUSED])
def test_a_held_figure_keeps_its_number_and_time_and_loses_its_colour(
    whole: tuple[Snapshot, Worklist], state: FeedState
) -> None:
    before, _ = whole
    away = changed(**dict.fromkeys(FRESH, state))
    held = snapshot_of(away, NOON + 29 * MINUTE, before)
    for measure, reading in before.readings["W1"].items():
        if reading.state is State.VALUE:
            now = held.readings["W1"][measure]
            assert (now.state, now.value, now.as_at, now.parts) == (State.STALE, reading.value, NOON, reading.parts)
            assert (now.level, now.detail) == (Level.NONE, f"test: {FAILED[state]}")
    assert on_w1(held, "patients_on_ward").value == 2
    assert on_w1(held, "due_observations_4h").state is State.STALE


def counted(worklist: Worklist, name: str, on: str = "W1") -> dict[str, int]:
    listed = [row["part"] for row in worklist.rows.get((on, name), ())]
    return {part: listed.count(part) for part in EVERYTHING[name].parts}


@pytest.mark.parametrize("state", [FeedState.UNAVAILABLE, FeedState.REFUSED])
def test_a_held_figure_keeps_its_list(whole: tuple[Snapshot, Worklist], state: FeedState) -> None:
    before, rows = whole
    away = changed(**dict.fromkeys(FRESH, state))
    held, kept = compose(SITE, away, NOON + 29 * MINUTE, before, before=rows)
    numbers = {(ward, name): on.state for ward, by in before.readings.items() for name, on in by.items()}
    numbers |= {(ward, name): on.state for ward, by in before.forecasts.items() for name, on in by.items()}
    assert kept.rows == {cell: found for cell, found in rows.rows.items() if numbers[cell] is State.VALUE}
    assert kept.as_at == held.as_at
    held_again, kept_again = compose(SITE, away, NOON + 30 * MINUTE, held, before=kept)
    assert kept_again.rows == kept.rows, "however often"
    assert on_w1(held_again, "obs_overdue").value == counted(kept_again, "obs_overdue")["count"] == 2


def test_the_list_of_a_figure_that_is_gone_goes_with_it(whole: tuple[Snapshot, Worklist]) -> None:
    snapshot, rows = whole
    away = changed(**dict.fromkeys(FRESH, FeedState.UNAVAILABLE))
    snapshot, rows = compose(SITE, away, NOON + 31 * MINUTE, snapshot, before=rows)
    assert on_w1(snapshot, "obs_overdue").state is State.UNAVAILABLE
    assert ("W1", "obs_overdue") not in rows.rows
    assert ("W1", "patients_on_ward") in rows.rows
    snapshot, rows = compose(SITE, away, NOON + 121 * MINUTE, snapshot, before=rows)
    assert (rows.rows, rows.patients, rows.spells) == ({}, {}, {})


@pytest.mark.parametrize("state", [FeedState.SUSPECT, None])
def test_no_list_is_held_where_no_figure_is(whole: tuple[Snapshot, Worklist], state: FeedState | None) -> None:
    before, rows = whole
    _, kept = compose(SITE, changed(**dict.fromkeys(FRESH, state)), NOON + MINUTE, before, before=rows)
    assert kept.rows == {}


def test_a_list_of_another_version_is_not_held(whole: tuple[Snapshot, Worklist]) -> None:
    before, rows = whole
    old = {name: replace(reading, version=reading.version + 1) for name, reading in before.readings["W1"].items()}
    other = replace(before, readings={**before.readings, "W1": old})
    _, kept = compose(SITE, changed(**dict.fromkeys(FRESH, FeedState.UNAVAILABLE)), NOON + MINUTE, other, before=rows)
    assert ("W1", "patients_on_ward") not in kept.rows


def test_a_source_that_is_back_brings_its_own_list(whole: tuple[Snapshot, Worklist]) -> None:
    snapshot, rows = whole
    snapshot, rows = compose(SITE, changed(spell=FeedState.UNAVAILABLE), NOON + MINUTE, snapshot, before=rows)
    assert len(rows.rows["W1", "patients_on_ward"]) == 2
    only_one = tables()
    only_one["spell"][1]["discharge_ts"] = at(1)
    snapshot, rows = compose(SITE, feeds_of(only_one, NOON + 2 * MINUTE), NOON + 2 * MINUTE, snapshot, before=rows)
    assert on_w1(snapshot, "patients_on_ward").value == len(rows.rows["W1", "patients_on_ward"]) == 1


def test_what_is_held_is_dropped_at_its_limit_however_often_it_was_held(whole: tuple[Snapshot, Worklist]) -> None:
    snapshot, _ = whole
    away = changed(**dict.fromkeys(FRESH, FeedState.UNAVAILABLE))
    seen = {}
    for minutes in (30, 31, 120, 121):
        snapshot = snapshot_of(away, NOON + minutes * MINUTE, snapshot)
        seen[minutes] = tuple(on_w1(snapshot, name).state.value for name in ("obs_overdue", "patients_on_ward"))
    assert seen == {
        30: ("stale", "stale"),
        31: ("unavailable", "stale"),
        120: ("unavailable", "stale"),
        121: ("unavailable", "unavailable"),
    }
    gone = on_w1(snapshot, "patients_on_ward")
    assert gone.value is None


def test_a_figure_that_is_gone_tells_since_when(whole: tuple[Snapshot, Worklist]) -> None:
    away = changed(**dict.fromkeys(FRESH, FeedState.UNAVAILABLE))
    assert reading_of(away, "patients_on_ward", NOON + 3 * HOUR, whole[0]).as_at == NOON


def test_another_version_of_a_measure_does_not_hold_the_old_ones_figure(whole: tuple[Snapshot, Worklist]) -> None:
    before, _ = whole
    old = {name: replace(reading, version=reading.version + 1) for name, reading in before.readings["W1"].items()}
    other = replace(before, readings={**before.readings, "W1": old})
    away = changed(**dict.fromkeys(FRESH, FeedState.UNAVAILABLE))
    assert reading_of(away, "patients_on_ward", NOON + MINUTE, other).state is State.UNAVAILABLE


def test_a_state_without_a_number_is_not_held(whole: tuple[Snapshot, Worklist]) -> None:
    before, _ = whole
    assert before.readings["W2"]["cdiff_days_since"].state is State.NONE_ON_RECORD
    away = changed(micro_result=FeedState.UNAVAILABLE)
    assert reading_of(away, "cdiff_days_since", NOON + MINUTE, before, "W2").state is State.UNAVAILABLE


def test_a_ward_where_a_measure_means_nothing_says_so_whatever_the_sources_do() -> None:
    site = Site.of(site_of(wards=[ward("W1", "paediatric")]).settings)
    for feeds in (FRESH, changed(assessment=FeedState.UNAVAILABLE), changed(assessment=FeedState.SUSPECT)):
        reading = answered(Moment(site, feeds, NOON), EVERYTHING["ra_falls"]).readings["W1"]
        assert reading.state is State.NOT_APPLICABLE


@pytest.mark.parametrize("emptied", ["spell", "ward_stay", None])
def test_a_hospital_in_which_nobody_lies_is_counted_like_any_other(emptied: str | None) -> None:
    """Rows about nobody known must neither stop the snapshot nor count; None: everybody is a test patient."""
    rows = tables()
    if emptied:
        rows[emptied] = []
    for spell in rows["spell"]:
        spell["is_test"] = emptied is None
    moment = Moment(SITE, feeds_of(rows, NOON), NOON)
    for measure in EVERYTHING.values():
        reading = answered(moment, measure).readings["W1"]
        if "ward_stay" in measure.feeds and measure.kind.value in ("count", "two_column"):
            assert {part.value for part in reading.parts} == {0}, measure.id
