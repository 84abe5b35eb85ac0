"""Closed cohorts are whole or not shown, stand beside what is outstanding, and feed the reliability levels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from surveillance.evaluate import evaluate
from surveillance.measures import CATALOGUE
from surveillance.measures.closed_week import closed_week
from surveillance.measures.declaration import Form, Kind, RollUp
from surveillance.measures.hospital import Hospital
from surveillance.measures.reliability import PROCESSES, capped, level
from surveillance.snapshot import Level, State
from tests.canonical import feeds_of, site_of

NOW = datetime(2026, 2, 9, 9, tzinfo=UTC)
SITE = site_of(medicines={"classes": {"analgesic": ["paracetamol"]}})
COMPLIANCE = [measure for measure in CATALOGUE.values() if measure.group == "compliance"]
EACH = pytest.mark.parametrize("measure", COMPLIANCE, ids=[one.id for one in COMPLIANCE])


def hospital(
    tables: Mapping[str, list[dict[str, Any]]],
    now: datetime = NOW,
    since: Mapping[str, datetime] | None = None,
    concerns: Mapping[str, frozenset[str]] | None = None,
) -> Hospital:
    frames = {name: feed.frame for name, feed in feeds_of(tables, now).items() if feed.frame is not None}
    reach = {name: pd.Timestamp(moment) for name, moment in (since or {}).items()}
    return Hospital(pd.Timestamp(now), frames, SITE, None, reach, concerns)


def reconciled(patients: int, late: int = 0) -> dict[str, list[dict[str, Any]]]:
    """Patients admitted last Tuesday whose medicines were reconciled, some of them too late."""
    admitted = NOW - timedelta(days=6)
    spells, stays, done = [], [], []
    for number in range(patients):
        key = {"spell_key": f"S{number}"}
        spells.append({"patient_key": f"P{number}", **key, "admit_ts": admitted, "age": 70})
        stays.append({**key, "ward_code": "W1", "bed_code": "1", "start_ts": admitted})
        when = admitted + timedelta(hours=25 if number < late else 2)
        done.append({**key, "status": "complete", "completed_ts": when, "role": "pharmacist"})
    return {"spell": spells, "ward_stay": stays, "medrec": done}


@EACH
def test_each_stands_beside_a_measure_of_now_and_is_drawn_by_the_week(measure: Any) -> None:
    assert (measure.kind, measure.rollup) == (Kind.RATIO, RollUp.RATIO)
    assert CATALOGUE[measure.beside].group != "compliance"
    assert not measure.on_ward_wall
    assert not measure.public
    assert (measure.threshold.watch, measure.threshold.act) == (None, None)
    assert measure.charted.form is Form.CLOSED
    assert measure.charted.scale == measure.scale
    assert measure.charted.part in measure.parts if len(measure.parts) > 1 else not measure.charted.part


@pytest.mark.parametrize("measure", [one for one in CATALOGUE.values() if one.charted], ids=lambda one: one.id)
def test_what_a_chart_names_exists(measure: Any) -> None:
    charted = measure.charted
    assert charted.part in ("", *measure.parts)
    assert charted.over in ("", *CATALOGUE)
    assert bool(charted.over) == (charted.form is Form.MEAN)
    assert (charted.form is Form.EVENTS) == (measure.kind is Kind.DAYS_SINCE)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-02-09T09:00Z", "2026-02-02T00:00Z", "2026-02-09T00:00Z"),
        ("2026-03-30T09:00Z", "2026-03-23T00:00Z", "2026-03-29T23:00Z"),
        ("2026-10-26T09:00Z", "2026-10-18T23:00Z", "2026-10-26T00:00Z"),
        ("2026-06-14T23:00Z", "2026-06-07T23:00Z", "2026-06-14T23:00Z"),
        ("2026-06-14T22:59Z", "2026-06-06T23:00Z", "2026-06-13T23:00Z"),
    ],
)
def test_the_week_is_of_seven_local_days(now: str, start: str, end: str) -> None:
    week = closed_week(Hospital(pd.Timestamp(now), {}, site_of()))
    assert (week.start, week.end) == (pd.Timestamp(start), pd.Timestamp(end))
    assert len(week.days) == 7


@pytest.mark.parametrize("reach_d", [9.375, 9.376])
def test_a_source_that_does_not_reach_back_gives_no_part_of_a_cohort(reach_d: float) -> None:
    measure = CATALOGUE["medrec_on_time"]  # 9 h into the day: 7 days, 9 hours, and a day before
    before = NOW - timedelta(days=8.375) if reach_d == 9.375 else NOW - timedelta(days=8.374)
    found = evaluate(measure, hospital(reconciled(2), since={"medrec": before}), NOW)
    reading = found.readings["W1"]
    if reach_d == 9.375:
        assert (reading.state, reading.value, reading.detail) == (State.VALUE, 100, "2 February to 8 February")
    else:
        assert reading.state is State.NOT_RECORDED
        assert reading.detail == "not enough data: medrec reaches back to 1 February 2026 only"
        assert found.rows.empty
    assert reading.level is Level.NONE


def test_a_process_whose_source_does_not_reach_back_takes_no_part() -> None:
    measure = CATALOGUE["process_reliability"]
    for reach, state in ((29, State.VALUE), (28, State.NOT_CONNECTED)):
        since = {"medrec": NOW - timedelta(days=reach)}
        assert evaluate(measure, hospital(reconciled(40), since=since), NOW).readings["W1"].state is state


# -- the cap


@pytest.mark.parametrize(
    ("reached", "deteriorates", "unknown", "expected"),
    [(5, False, 0, 5), (5, True, 0, 3), (2, True, 0, 2), (None, True, 0, None), (4, False, 5, 4), (4, False, 6, 3)],
)
def test_a_level_is_capped_by_concern_and_by_what_is_unknown(
    reached: int | None, deteriorates: bool, unknown: int, expected: int | None
) -> None:
    assert capped(reached, deteriorates=deteriorates, unknown=unknown, opportunities=95) == expected


def test_a_chart_that_shows_concern_caps_the_level_and_the_tile_says_so() -> None:
    measure = CATALOGUE["process_reliability"]
    tables = reconciled(60)
    free = evaluate(measure, hospital(tables), NOW).readings["W1"]
    assert free.value == level(60, 60) == 5
    concerns = {"W1": frozenset({"medrec_on_time"}), "W2": frozenset({"vte_on_time"})}
    held = evaluate(measure, hospital(tables, concerns=concerns), NOW).readings["W1"]
    assert held.value == 3
    assert "capped at 3: Medicines rec. within 24 h deteriorates" in held.detail
    elsewhere = evaluate(measure, hospital(tables, concerns={"W2": concerns["W1"]}), NOW).readings["W1"]
    assert elsewhere == free


def test_every_process_of_the_levels_has_its_live_measure() -> None:
    named = {process.name: process for process in PROCESSES}
    assert {"vte", "must", "medicines reconciliation", "doses", "observations", "sepsis antibiotics"} <= set(named)
    assert all(beside in CATALOGUE for process in PROCESSES for beside in process.beside)
    assert set(named["doses"].charts) == {"critical_doses_on_time", "missed_critical_doses_rate", "missed_doses_rate"}
    assert named["vte"].charts == {"vte_on_time": "VTE within 14 h"}


def doses(unreadable: int) -> dict[str, list[dict[str, Any]]]:
    """Sixty doses given in time, and some not given for a reason that no group knows."""
    tables = reconciled(1)
    start = NOW - timedelta(days=6)
    tables["order"] = [
        {"order_key": "O", "spell_key": "S0", "drug_code": "paracetamol", "kind": "regular", "status": "active"}
        | {"start_ts": start, "stop_ts": None}
    ]
    due = [start + timedelta(hours=number) for number in range(60 + unreadable)]
    given = [{"order_key": "O", "due_ts": at, "status": "given", "given_ts": at, "reason_code": None} for at in due]
    tables["dose_event"] = [
        row if number < 60 else row | {"status": "not given", "given_ts": None, "reason_code": "local 77"}
        for number, row in enumerate(given)
    ]
    return tables


@pytest.mark.parametrize(("unreadable", "expected"), [(3, 5), (4, 3)])
def test_reasons_that_nobody_can_read_cap_the_level(unreadable: int, expected: int) -> None:
    reading = evaluate(CATALOGUE["process_reliability"], hospital(doses(unreadable)), NOW).readings["W1"]
    assert reading.value == expected
    assert ("capped at 3: the state of 4 of 64 is unknown" in reading.detail) == (expected == 3)
