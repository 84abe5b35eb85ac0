"""Whatever a list behind a number holds can be drawn: it has words, a kind, and an order with the oldest first."""

from __future__ import annotations

from datetime import datetime

import pytest

from surveillance.compose import Lists, compose
from surveillance.feeds import FEEDS
from surveillance.measures import EVERYTHING
from surveillance.measures.columns import (
    AGE,
    CODES,
    COLUMNS,
    DUE,
    OF_DUTIES,
    due_column,
    order_by,
    said,
    words_of,
)
from surveillance.measures.declaration import Kind
from surveillance.measures.requirements import REQUIREMENTS
from surveillance.worklist import Worklist
from tests.canonical import feeds_of
from tests.oracle.generate import hospital
from tests.spec.test_oracle_agrees import as_site

SEED = 11


@pytest.fixture(scope="module")
def listed() -> Worklist:
    tables, site, as_at = hospital(SEED, patients=120, missing=False)
    return compose(as_site(site), feeds_of(tables, as_at), as_at, lists=Lists())[1]


@pytest.mark.parametrize("measure", EVERYTHING.values(), ids=lambda one: one.id)
def test_every_declared_column_has_words(measure: object) -> None:
    one = EVERYTHING[measure.id]  # type: ignore[attr-defined]
    missing = {column for column in (*one.key, *one.columns, "part") if column not in COLUMNS}
    assert not missing, f"{one.id}: surveillance/measures/columns.py has no words for {', '.join(sorted(missing))}"


def test_nothing_has_words_that_no_measure_declares() -> None:
    declared = {column for one in EVERYTHING.values() for column in (*one.key, *one.columns)} | {"part", "key"}
    assert set(COLUMNS) == declared
    assert set(OF_DUTIES) | set(CODES) | {*DUE, *AGE} <= declared


def test_keys_are_never_shown() -> None:
    shown = {name for name, words in COLUMNS.items() if words.kind != "hidden"}
    assert not [name for name in shown if name.endswith("_key") or name == "key"]
    assert all(words.title for name, words in COLUMNS.items() if name in shown)


def test_what_stands_in_the_rows_is_of_the_kind_that_is_said(listed: Worklist) -> None:
    kinds = {"moment": datetime, "date": datetime, "number": (int, float), "hours": (int, float), "words": str}
    kinds |= {"yes_no": bool, "hidden": (str, int, datetime)}
    seen, wrong = set(), set()
    for (_, name), rows in listed.rows.items():
        for row in rows:
            for column, cell in row.items():
                kind = words_of(EVERYTHING[name], column).kind
                seen |= {kind}
                if cell is not None and not isinstance(cell, kinds[kind]):  # type: ignore[arg-type]
                    wrong.add((name, column, kind, type(cell).__name__))
    assert wrong == set()
    assert seen == set(kinds)


def test_moments_have_a_zone_and_dates_have_none(listed: Worklist) -> None:
    for (_, name), rows in listed.rows.items():
        for row in rows:
            for column, cell in row.items():
                if isinstance(cell, datetime):
                    has_zone = words_of(EVERYTHING[name], column).kind != "date"
                    assert (cell.tzinfo is not None) is has_zone, (name, column)


@pytest.mark.parametrize("name", [name for name, one in EVERYTHING.items() if due_column(one)])
def test_what_is_listed_as_overdue_was_due_before_and_what_falls_due_is_due_after(name: str, listed: Worklist) -> None:
    measure, now = EVERYTHING[name], listed.as_at
    column = due_column(measure)
    rows = [row for (_, one), found in listed.rows.items() if one == name for row in found]
    ahead = "ahead_h" in measure.params
    for row in rows:
        due = row[column or ""]
        assert isinstance(due, datetime), name
        assert due > now if ahead else due <= now, name


def test_which_lists_say_when_something_was_due() -> None:
    due = {name: due_column(one) for name, one in EVERYTHING.items() if due_column(one)}
    assert {name for name in EVERYTHING if name.startswith("ra_")} <= set(due)
    assert {"obs_overdue", "sepsis_antibiotic_overdue", "medrec_outstanding", "due_observations_4h"} <= set(due)
    assert due["missed_doses_today"] == "due_ts"
    assert {"patients_on_ward", "edd_today", "aki_patients", "orders_not_verified"} & set(due) == set()


def test_lists_of_patients_begin_with_who_has_waited_longest() -> None:
    assert order_by(EVERYTHING["obs_overdue"]) == ("due", "bed_code")
    assert order_by(EVERYTHING["patients_on_ward"]) == ("admit_ts", "bed_code")
    assert order_by(EVERYTHING["orders_not_verified"]) == ("ordered_ts", "bed_code")
    assert order_by(EVERYTHING["staff_rn_day"]) == ("start_ts",)
    counts = [one for one in EVERYTHING.values() if one.kind in (Kind.COUNT, Kind.TWO_COLUMN)]
    for one in counts:
        assert order_by(one), one.id
        assert set(order_by(one)) <= {*one.columns, *one.key}


def test_codes_are_said_in_words(listed: Worklist) -> None:
    ours = EVERYTHING["ra_any_outstanding"]
    assert said(ours, "assessments", "vte, must") == "VTE, nutrition"
    assert said(ours, "part", "initial_overdue") == "Not done"
    assert said(EVERYTHING["patients_on_ward"], "part", "count") == "count"
    assert said(EVERYTHING["missed_doses_today"], "reason_text", "as_written") == "as_written"
    assert {name.removeprefix("ra_") for name in REQUIREMENTS} <= set(CODES["assessment"])
    for (_, name), rows in listed.rows.items():
        for row in rows:
            for column, cell in row.items():
                if column in CODES and isinstance(cell, str):
                    assert "_" not in said(EVERYTHING[name], column, cell), (name, column)


def test_codes_with_words_exist() -> None:
    declared = {column.name: column.codes for feed in FEEDS.values() for column in feed.columns if column.codes}
    for column in ("staff_group", "category", "legal_basis"):
        assert set(CODES[column]) <= set(declared[column])
    assert set(CODES["status"]) == {"ordered", "collected", "in lab"}
