"""What must hold for any hospital: rows that are nobody's business change nothing, and wards add up in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveillance.compose import compose
from surveillance.feeds.data import FeedState
from surveillance.measures import CATALOGUE, EVERYTHING
from surveillance.measures.declaration import Kind, RollUp
from surveillance.measures.reliability import level, wilson_lower_bound
from surveillance.rollup import added
from surveillance.snapshot import Part, Reading, Snapshot, State
from surveillance.store import open_store
from surveillance.team.feeds import ROWS
from surveillance.worklist import Worklist
from tests.canonical import feeds_of
from tests.oracle.generate import hospital
from tests.spec.test_oracle_agrees import as_site

Tables = dict[str, list[dict[str, Any]]]
SEEDS = (5, 13)
KEYS = ("spell_key", "patient_key", "order_key", "wound_key", "duty_key")
YEARS = timedelta(days=5 * 365)


@cache
def generated(seed: int) -> tuple[Tables, Any, datetime]:
    tables, plain, as_at = hospital(seed, patients=20, missing=False)
    return {name: rows or [] for name, rows in tables.items()}, as_site(plain), as_at


@cache
def alone(seed: int) -> tuple[Snapshot, Worklist]:
    tables, site, as_at = generated(seed)
    return compose(site, feeds_of(tables, as_at), as_at)


def twins(tables: Tables, **of_spell: Any) -> Tables:
    """Every patient's rows once more under other keys, with changed spells; the roster stays as it is."""
    copies = {
        name: [{key: f"{cell}-twin" if key in KEYS and cell else cell for key, cell in row.items()} for row in rows]
        for name, rows in tables.items()
        if name not in ("duty", "census_staffing", *ROWS)
    }
    return copies | {"spell": [row | of_spell for row in copies["spell"]]}


def patients_of_a_test(tables: Tables, as_at: datetime) -> Tables:
    return twins(tables, is_test=1)


def merged_patients(tables: Tables, as_at: datetime) -> Tables:
    return twins(tables, merged_into="somebody")


def patients_elsewhere(tables: Tables, as_at: datetime) -> Tables:
    copies = twins(tables)
    return copies | {"ward_stay": [row | {"ward_code": "no ward of ours"} for row in copies["ward_stay"]]}


def patients_of_long_ago(tables: Tables, as_at: datetime) -> Tables:
    """Without what days-since measures look back for: there, long ago is an answer."""

    def earlier(cell: Any) -> Any:
        return cell - YEARS if isinstance(cell, datetime | date) else cell

    copies = {
        name: [{key: earlier(cell) for key, cell in row.items()} for row in rows]
        for name, rows in twins(tables).items()
        if name not in ("micro_result", "wound")
    }
    gone = as_at - YEARS / 2
    spells = [row | {"discharge_ts": row.get("discharge_ts") or gone} for row in copies["spell"]]
    return copies | {"spell": spells}


def rows_without_weight(tables: Tables, as_at: datetime) -> Tables:
    """About every patient: drafts, voided records, other kinds of test, flag and wound, cancelled duties."""
    before = as_at - timedelta(minutes=7)
    spells = [row["spell_key"] for row in tables["spell"]]
    people = [row["patient_key"] for row in tables["spell"]]
    doses = {(row["order_key"], row["due_ts"]) for row in tables["dose_event"]}
    types = ("vte", "must", "falls", "pressure_ulcer", "smoking", "alcohol", "allergy", "oral", "adl", "cfs")
    form = {"effective_ts": before, "recorded_ts": before, "score": 4, "risk_band": "none_known"}
    return {
        "assessment": [
            {"spell_key": key, "type": kind, "status": status, **form}
            for key in spells
            for kind in types
            for status in ("draft", "void", None)
        ],
        "medrec": [
            {"spell_key": key, "status": status, "completed_ts": before, "role": "pharmacist", "sources_count": 3}
            for key in spells
            for status in ("draft", "void", None)
        ],
        "care_event": [{"spell_key": key, "type": "restraint start", "ts": before} for key in spells],
        "order": [
            {"order_key": f"{status} {key}", "spell_key": key, "drug_code": "amoxicillin", "kind": "regular"}
            | {"status": status, "start_ts": before, "stop_ts": None, "verify_status": "not verified"}
            for key in spells
            for status in ("draft", "cancelled", "void")
        ],
        "dose_event": [
            {"order_key": order, "due_ts": due, "status": "given", "given_ts": due, "reason_code": None}
            | {"voided": 1, "recorded_ts": before}
            for order, due in doses
            if due < as_at
        ],
        "lab_result": [
            {"patient_key": key, "test": "potassium", "value": 9, "collected_ts": before, "aki_stage_from_lab": 3}
            for key in people
        ],
        "micro_result": [
            {"patient_key": key, "organism": "Influenza", "status": "final", "result": "positive"}
            | {"collected_ts": before, "final_ts": before}
            for key in people
        ],
        "obs_set": [{"spell_key": key, "ts": before, "news2_total": 9, "complete": 0} for key in spells],
        "flag": [{"spell_key": key, "type": "golden", "status": "open", "start_ts": before} for key in spells]
        + [{"spell_key": key, "type": "sepsis_confirmed", "status": "closed", "start_ts": before} for key in spells],
        "restrictive_practice": [
            {"spell_key": key, "start_ts": before - YEARS, "end_ts": before, "last_review_ts": None} for key in spells
        ],
        "wound": [
            {"spell_key": key, "wound_key": f"moisture {key}", "kind": "moisture_damage", "healed_ts": None}
            | {"first_observed_ts": before, "validated": 1, "present_on_admission": 0}
            for key in spells
        ],
        "duty": [row | {"duty_key": f"off {row['ward_code']}", "state": "cancelled"} for row in tables["duty"][:20]],
    }


def rows_of_unknown_spells(tables: Tables, as_at: datetime) -> Tables:
    return {name: rows for name, rows in twins(tables).items() if name != "spell"}


NOBODYS = (
    patients_of_a_test,
    merged_patients,
    patients_elsewhere,
    patients_of_long_ago,
    rows_without_weight,
    rows_of_unknown_spells,
)


@pytest.mark.parametrize(
    ("more", "seed"), [(one, SEEDS[n % 2]) for n, one in enumerate(NOBODYS)], ids=[one.__name__ for one in NOBODYS]
)
def test_rows_that_are_nobodys_business_change_nothing(seed: int, more: Callable[[Tables, datetime], Tables]) -> None:
    tables, site, as_at = generated(seed)
    added_rows = more(tables, as_at)
    together = {name: [*rows, *added_rows.get(name, [])] for name, rows in tables.items()}
    feeds = feeds_of(together, as_at)
    for name, data in feeds.items():
        reached = (data.rows or 0) - len(tables[name])
        assert reached > 0 or not added_rows.get(name), "the added rows must reach the measures"
    snapshot, worklist = compose(site, feeds, as_at)
    before, listed = alone(seed)
    assert changes(before, snapshot) == []
    assert {cell: rows for cell, rows in worklist.rows.items() if listed.rows.get(cell) != rows} == {}


def changes(before: Snapshot, after: Snapshot) -> list[tuple[str, str, Any, Any]]:
    return [
        (ward, name, was.value, now.value)
        for kind in ("readings", "forecasts")
        for ward, readings in getattr(before, kind).items()
        for name, was in readings.items()
        if (now := getattr(after, kind)[ward][name]) != was
    ]


def miscounts(snapshot: Snapshot, worklist: Worklist) -> list[tuple[str, str, str, Any, int]]:
    """Where a count is not the length of its list, part by part."""
    found = []
    for kind in ("readings", "forecasts"):
        for ward, readings in getattr(snapshot, kind).items():
            for name, reading in readings.items():
                if EVERYTHING[name].kind not in (Kind.COUNT, Kind.TWO_COLUMN):
                    continue
                listed = Counter(str(row["part"]) for row in worklist.rows.get((ward, name), ()))
                parts = {part.name: part.value for part in reading.parts if part.value is not None}
                wrong = {name for name in (*parts, *listed) if parts.get(name, 0) != listed[name]}
                found += [(ward, reading.measure, part, parts.get(part), listed[part]) for part in wrong]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_count_is_the_length_of_its_list_also_while_it_is_held_and_after_a_restart(seed: int, tmp_path: Path) -> None:
    tables, site, as_at = generated(seed)
    feeds = feeds_of(tables, as_at)
    snapshot, worklist = compose(site, feeds, as_at)
    assert miscounts(snapshot, worklist) == []
    gone = {n: replace(f, state=FeedState.UNAVAILABLE, frame=None, error="gone") for n, f in feeds.items()}
    held, kept = compose(site, gone, as_at + timedelta(minutes=20), snapshot, before=worklist)
    assert any(reading.state is State.STALE for by in held.readings.values() for reading in by.values())
    assert miscounts(held, kept) == []
    with open_store(f"sqlite:///{tmp_path}/store.sqlite") as store:
        store.save(held, kept)
        read, rows = store.current(), Worklist(held.as_at, store.worklists())
    again, after = compose(site, gone, as_at + timedelta(minutes=25), read, before=rows)
    assert miscounts(again, after) == []
    assert after.rows == {cell: found for cell, found in kept.rows.items() if found}
    late, last = compose(site, gone, as_at + timedelta(hours=3), again, before=after)
    assert (last.rows, last.patients) == ({}, {})
    assert miscounts(late, last) == []


COUNTS = [one for one in CATALOGUE.values() if one.rollup is RollUp.SUM and len(one.parts) == 1]
NUMBERS = st.one_of(st.none(), st.integers(0, 40))


@given(st.sampled_from(COUNTS), st.lists(NUMBERS, min_size=1, max_size=12), st.integers(1, 11))
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_counts_add_up_whatever_the_divisions_and_a_missing_ward_is_named(
    measure: Any, numbers: Sequence[int | None], cut: int
) -> None:
    readings = [
        Reading(measure.id, 1, f"W{n}", State.UNAVAILABLE)
        if number is None
        else Reading(measure.id, 1, f"W{n}", State.VALUE, (Part(measure.parts[0], State.VALUE, number, number, 50),))
        for n, number in enumerate(numbers)
    ]
    whole = added(measure, "trust", "trust", readings)
    halves = [added(measure, "division", "half", part) for part in (readings[:cut], readings[cut:]) if part]
    assert whole.reporting == sum(half.reporting for half in halves)
    assert whole.missing == tuple(one.unit for one in readings if one.state is not State.VALUE)
    known = [half.reading.value for half in halves if half.reading.state is State.VALUE]
    assert whole.reading.value == (sum(known) if known else None)


@given(st.integers(0, 400), st.integers(20, 400))
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_one_more_success_never_lowers_a_reliability_level(successes: int, opportunities: int) -> None:
    successes = min(successes, opportunities - 1)
    fewer, more = level(successes, opportunities), level(successes + 1, opportunities)
    assert fewer is not None
    assert more is not None
    assert fewer <= more
    assert -1e-12 <= wilson_lower_bound(successes, opportunities) <= successes / opportunities + 1e-12
