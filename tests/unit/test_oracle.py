"""The oracle itself gives the definitions' worked examples; small tables, one rule each."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from surveillance.feeds.data import RawRows
from surveillance.feeds.gate import accept
from surveillance.feeds.tables import FEEDS
from tests.oracle import FORECASTS, MEASURES, Answer, compute
from tests.oracle.generate import MOMENTS, PROFILES, hospital
from tests.oracle.hospital import Hospital
from tests.oracle.reliability import by_ward, level, lower_bound
from tests.oracle.staffing import rn_shortfall
from tests.oracle.week import BESIDE

Row = dict[str, Any]
NOON = datetime(2026, 6, 10, 11, tzinfo=UTC)  # 12:00 in London, a Wednesday
H = timedelta(hours=1)
MIN = timedelta(minutes=1)
SEC = timedelta(seconds=1)
DAY = timedelta(days=1)


def blank(feed: str, **known: Any) -> Row:
    return dict.fromkeys(FEEDS[feed].names) | known


def site(profile: str = "adult", **changes: Any) -> Row:
    return {
        "wards": {"A": profile, "B": profile},
        "profiles": PROFILES,
        "drug_class": {"co-careldopa": "parkinsons", "apixaban": "anticoagulant", "amoxicillin": "antimicrobial"},
        "critical": ["parkinsons", "anticoagulant", "antimicrobial"],
        "antimicrobial": ["antimicrobial"],
        "window_min": {},
        "day_start": time(7, 30),
        "night_start": time(20, 0),
        "day_cases_on_ward": "bed",
        "vte_exemptions": ["cohort"],
        "allowed_exemptions": None,
        "early_parts": True,
    } | changes


class Case:
    """A hospital of one patient (spell S, ward A, bed 1) to which a test adds rows."""

    def __init__(self, admitted: datetime, **spell: Any) -> None:
        self.feeds: dict[str, list[Row] | None] = {name: [] for name in FEEDS}
        self.site = site()
        self.add("spell", patient_key="P", admit_ts=admitted, age=70, **spell)
        self.stay = self.add("ward_stay", ward_code="A", bed_code="1", start_ts=admitted)

    def add(self, feed: str, **known: Any) -> Row:
        key = {"spell_key": "S"} if "spell_key" in FEEDS[feed].names else {}
        row = blank(feed, **(key | known))
        self.feeds[feed].append(row)
        return row

    def done(self, kind: str, at: datetime, **known: Any) -> Row:
        return self.add("assessment", **{"type": kind, "status": "complete", "effective_ts": at} | known)

    def dose(self, due: datetime, **known: Any) -> Row:
        return self.add("dose_event", **{"order_key": "O", "due_ts": due} | known)

    def order(self, drug: str = "paracetamol", **known: Any) -> Row:
        start = self.feeds["spell"][0]["admit_ts"]
        usual = {"order_key": "O", "drug_code": drug, "kind": "regular", "status": "active", "start_ts": start}
        return self.add("order", **usual | known)

    def move(self, at: datetime, ward: str = "B") -> None:
        self.stay["end_ts"] = at
        self.stay = self.add("ward_stay", ward_code=ward, bed_code="2", start_ts=at)

    def ask(self, measure: str, now: datetime, ward: str = "A") -> Answer:
        return compute(self.feeds, self.site, now)[ward][measure]

    def value(self, measure: str, now: datetime, ward: str = "A") -> Any:
        answer = self.ask(measure, now, ward)
        assert answer.state == "value"
        return answer.value


# -- on the ward


def test_the_latest_open_stay_says_where_a_patient_lies_and_an_end_is_open() -> None:
    case = Case(NOON - 5 * H)
    case.add("ward_stay", ward_code="B", start_ts=NOON)
    assert [case.value("patients_on_ward", NOON - SEC, ward) for ward in "AB"] == [1, 0]
    assert [case.value("patients_on_ward", NOON, ward) for ward in "AB"] == [0, 1]
    case.feeds["spell"][0]["discharge_ts"] = NOON + H
    assert case.value("patients_on_ward", NOON + H, "B") == 0


@pytest.mark.parametrize(
    ("spell", "stay", "counted"),
    [
        ({}, {}, 1),
        ({"is_test": 1}, {}, 0),
        ({"merged_into": "P2"}, {}, 0),
        ({}, {"on_leave_from": NOON, "on_leave_to": None}, 0),
        ({}, {"on_leave_from": NOON - H, "on_leave_to": NOON}, 1),
        ({"patient_class": "day case"}, {}, 1),
        ({"patient_class": "day case"}, {"bed_code": None}, 0),
        ({}, {"bed_code": None}, 1),
        ({}, {"spell_key": "nobody"}, 0),
    ],
)
def test_who_is_on_the_ward(spell: Row, stay: Row, counted: int) -> None:
    case = Case(NOON - 5 * H, **spell)
    case.stay.update(stay)
    assert case.value("patients_on_ward", NOON) == counted


def test_leave_is_that_of_the_chosen_stay_only() -> None:
    case = Case(NOON - 5 * H)
    case.add("ward_stay", ward_code="B", start_ts=NOON - H, on_leave_from=NOON - MIN)
    assert [case.value("patients_on_ward", NOON, ward) for ward in "AB"] == [0, 0]


def test_the_other_of_two_open_spells_is_silent() -> None:
    case = Case(NOON - 100 * H)
    case.add("spell", patient_key="P", spell_key="T", admit_ts=NOON - H, age=70)
    case.add("ward_stay", spell_key="T", ward_code="A", start_ts=NOON - H)
    case.done("must", NOON - 99 * H, score=0)
    assert case.ask("patients_on_ward", NOON).keys == {"count": {"T"}}
    assert case.value("ra_must", NOON) == {"initial_overdue": 0, "reassess_overdue": 0}  # T has 24 h yet


# -- assessments: section 1.2, of which the pressure ulcer row has the limits (6 h, 7 d, transfer + 6 h)

MONDAY = datetime(2026, 6, 8, 7, tzinfo=UTC)  # 08:00 in London
NEITHER, A, B = (0, 0), (1, 0), (0, 1)
AT_15 = MONDAY + 7 * H
MOVED = MONDAY + 2 * DAY + 4 * H


@pytest.mark.parametrize(
    ("now", "assessed", "draft", "moved", "expected"),
    [
        (MONDAY + 6 * H - MIN, [], False, None, NEITHER),
        (MONDAY + 6 * H, [], False, None, NEITHER),
        (MONDAY + 6 * H + MIN, [], False, None, A),
        (MONDAY + 25 * H, [AT_15], False, None, NEITHER),
        (MONDAY + 25 * H, [AT_15], True, None, A),
        (AT_15 + 7 * DAY, [AT_15], False, None, NEITHER),
        (AT_15 + 7 * DAY + MIN, [AT_15], False, None, B),
        (MOVED + 6 * H, [AT_15], False, MOVED, NEITHER),
        (MOVED + 6 * H + MIN, [AT_15], False, MOVED, B),
        (MOVED + 6 * H + MIN, [AT_15, MOVED + 5 * H], False, MOVED, NEITHER),
        (MOVED + 6 * H + MIN, [AT_15, MOVED], False, MOVED, NEITHER),  # strictly after the assessment
    ],
)
def test_the_worked_examples_of_an_assessment(
    now: datetime, assessed: list[datetime], draft: bool, moved: datetime | None, expected: tuple[int, int]
) -> None:
    case = Case(MONDAY)
    for at in assessed:
        case.done("pressure_ulcer", at, status="draft" if draft else "complete", risk_band="low")
    if moved is not None:
        case.move(moved)
    found = case.value("ra_pressure_ulcer", now, "B" if moved else "A")
    assert (found["initial_overdue"], found["reassess_overdue"]) == expected


def outstanding(case: Case, measure: str, now: datetime) -> tuple[int, int]:
    found = case.value(measure, now)
    return found["initial_overdue"], found["reassess_overdue"]


def test_six_hours_are_elapsed_hours_on_the_night_the_clocks_change() -> None:
    admitted = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 00:30; 05:30 by the clock six hours later
    case = Case(admitted)
    assert outstanding(case, "ra_pressure_ulcer", admitted + 6 * H) == NEITHER
    assert outstanding(case, "ra_pressure_ulcer", admitted + 6 * H + SEC) == A


def test_lookback_reaches_to_the_emergency_department_and_no_further() -> None:
    case = Case(NOON - 30 * H)
    arrival = NOON - 36 * H
    case.add("ed_attendance", arrival_ts=arrival, decision_to_admit_ts=NOON - 31 * H)
    early = case.done("vte", arrival - SEC)
    assert outstanding(case, "ra_vte", NOON) == A
    early["effective_ts"] = arrival
    assert outstanding(case, "ra_vte", NOON) == NEITHER


def test_vte_runs_from_the_decision_to_admit_of_the_last_attendance() -> None:
    case = Case(NOON - 20 * H)
    case.add("ed_attendance", arrival_ts=NOON - 30 * H, decision_to_admit_ts=NOON - 29 * H)
    case.add("ed_attendance", arrival_ts=NOON - 22 * H, decision_to_admit_ts=NOON - 14 * H)
    assert outstanding(case, "ra_vte", NOON) == NEITHER
    assert outstanding(case, "ra_vte", NOON + SEC) == A


def test_what_is_entered_later_is_not_known_yet_and_voiding_brings_the_previous_back() -> None:
    case = Case(NOON - 300 * H)
    case.done("must", NOON - 200 * H, score=0)
    second = case.done("must", NOON - 10 * H, score=0, recorded_ts=NOON + MIN)
    assert outstanding(case, "ra_must", NOON) == B
    assert outstanding(case, "ra_must", NOON + MIN) == NEITHER
    second["status"] = "void"
    assert outstanding(case, "ra_must", NOON + MIN) == B


@pytest.mark.parametrize(
    ("kind", "measure", "known", "expected"),
    [
        ("must", "ra_must", {}, A),  # neither score nor band: not done
        ("must", "ra_must", {"score": 0}, NEITHER),
        ("must", "ra_must", {"exempt_reason": "declined"}, NEITHER),
        ("must", "ra_must", {"exempt_reason": " "}, A),
        ("vte", "ra_vte", {"exempt_reason": "declined"}, A),
        ("vte", "ra_vte", {"exempt_reason": "cohort"}, NEITHER),
        ("allergy", "ra_allergy", {"risk_band": "none_known", "exempt_reason": "declined"}, A),
        ("allergy", "ra_allergy", {"risk_band": "see notes"}, A),
        ("allergy", "ra_allergy", {"risk_band": "unable_to_ascertain"}, B),
        ("allergy", "ra_allergy", {"risk_band": "none_known"}, NEITHER),
        ("pressure_ulcer", "ra_pressure_ulcer", {"tool": "waterlow", "score": 10}, B),
        ("pressure_ulcer", "ra_pressure_ulcer", {"tool": "waterlow", "score": 9}, NEITHER),
        ("pressure_ulcer", "ra_pressure_ulcer", {"tool": "braden", "score": 18}, B),
        ("pressure_ulcer", "ra_pressure_ulcer", {"tool": "braden", "score": 18, "risk_band": "no risk"}, NEITHER),
        ("oral", "ra_oral", {"risk_band": "NBM"}, B),
        ("smoking", "ra_smoking", {"status": None}, A),
    ],
)
def test_what_is_done_and_when_again(kind: str, measure: str, known: Row, expected: tuple[int, int]) -> None:
    case = Case(NOON - 30 * H)
    case.done(kind, NOON - 24 * H - SEC, **known)
    assert outstanding(case, measure, NOON) == expected


def test_a_list_narrows_the_exemptions() -> None:
    case = Case(NOON - 30 * H)
    case.site["allowed_exemptions"] = ["comfort care"]
    case.done("oral", NOON - H, exempt_reason="declined")
    assert outstanding(case, "ra_oral", NOON) == A


def test_an_early_check_is_its_own_limit_and_only_falls_covers_its_own() -> None:
    case = Case(NOON - 7 * H)
    assert outstanding(case, "ra_falls", NOON) == A
    case.done("falls", NOON - 6 * H)
    case.done("adl", NOON - 6 * H)
    assert outstanding(case, "ra_falls", NOON) == NEITHER
    assert outstanding(case, "ra_adl", NOON) == A
    case.add("care_event", type="fall", ts=NOON - 6 * H + SEC)
    assert outstanding(case, "ra_adl", NOON + H) == A  # never in both columns
    case.site["early_parts"] = False
    assert outstanding(case, "ra_adl", NOON + H) == B


@pytest.mark.parametrize(("age", "flag", "expected"), [(64, False, 0), (64, True, 1), (49, True, 0), (None, False, 1)])
def test_who_needs_a_falls_assessment(age: int | None, flag: bool, expected: int) -> None:
    case = Case(NOON - 30 * H)
    case.feeds["spell"][0]["age"] = age
    if flag:
        case.add("flag", type="falls_risk_factor", start_ts=NOON, end_ts=None)
    assert case.value("ra_falls", NOON)["initial_overdue"] == expected


def test_allergy_is_due_with_the_first_order_that_began() -> None:
    case = Case(NOON - H)
    assert outstanding(case, "ra_allergy", NOON) == NEITHER
    case.order(status="stopped", start_ts=NOON - SEC)
    assert outstanding(case, "ra_allergy", NOON) == A
    case.add("flag", type="allergy", status="open", start_ts=NOON - 1000 * H)
    assert outstanding(case, "ra_allergy", NOON) == NEITHER
    case.feeds["order"] = None
    assert case.ask("ra_allergy", NOON).state == "not_connected"
    assert case.ask("ra_any_outstanding", NOON).state == "not_connected"


def test_without_care_events_column_b_is_unknown() -> None:
    case = Case(NOON - 30 * H)
    case.feeds["care_event"] = None
    assert case.value("ra_vte", NOON) == {"initial_overdue": 1, "reassess_overdue": None}
    assert case.value("ra_must", NOON)["reassess_overdue"] == 0
    assert case.value("ra_any_outstanding", NOON) == {"initial_overdue": 1, "reassess_overdue": None}


def test_any_outstanding_counts_patients_once_a_column() -> None:
    case = Case(NOON - 400 * H)
    case.done("must", NOON - 300 * H, score=0)
    assert case.value("ra_any_outstanding", NOON) == {"initial_overdue": 1, "reassess_overdue": 1}


def test_the_next_four_hours_of_assessments() -> None:
    case = Case(NOON - 20 * H)  # 24 h limits end in 4 h exactly; 6 h and 14 h limits are past
    due = case.ask("due_assessments_4h", NOON).keys["count"]
    assert due == {("S", kind) for kind in ("must", "smoking", "alcohol", "oral")}
    assert case.value("due_assessments_4h", NOON - SEC) == 0


# -- medicines


@pytest.mark.parametrize(
    ("known", "missed"),
    [
        ({}, 1),
        ({"status": "blank"}, 1),
        ({"status": "given", "given_ts": NOON}, 0),
        ({"status": "given", "given_ts": NOON, "recorded_ts": NOON + SEC}, 1),
        ({"status": "given", "given_ts": NOON, "voided": 1}, 1),
        ({"status": "self", "recorded_ts": NOON}, 0),
        ({"status": "not given", "recorded_ts": NOON}, 1),
        ({"status": "not given", "recorded_ts": NOON, "reason_text": " "}, 1),
        ({"status": "not given", "recorded_ts": NOON, "reason_text": "asleep"}, 0),
        ({"status": "not given", "recorded_ts": NOON, "reason_code": "other"}, 1),
        ({"status": "not given", "recorded_ts": NOON, "reason_code": "other", "reason_text": "asleep"}, 0),
        ({"status": "not given", "recorded_ts": NOON, "reason_code": "UNAVAILABLE"}, 1),
        ({"status": "not given", "recorded_ts": NOON, "reason_code": "NO_REASON"}, 1),
        ({"status": "not given", "recorded_ts": NOON, "reason_code": "REFUSED"}, 0),
        ({"status": "not given", "recorded_ts": NOON, "reason_code": "local 12"}, 0),
    ],
)
def test_what_is_a_missed_dose(known: Row, missed: int) -> None:
    case = Case(NOON - 30 * H)
    case.order()
    case.dose(NOON - 2 * H - SEC, **known)
    assert case.value("missed_doses_today", NOON) == missed
    assert case.value("missed_doses_critical_today", NOON) == 0


@pytest.mark.parametrize(("drug", "minutes"), [("co-careldopa", 30), ("apixaban", 60), ("unmapped", 120)])
def test_a_dose_is_missed_only_after_its_window(drug: str, minutes: int) -> None:
    case = Case(NOON - 30 * H)
    case.order(drug)
    case.dose(NOON - minutes * MIN, status="not given", recorded_ts=NOON - H)
    assert case.value("missed_doses_today", NOON) == 0
    assert case.value("missed_doses_today", NOON + SEC) == 1
    assert case.value("missed_doses_critical_today", NOON + SEC) == (drug != "unmapped")
    assert case.ask("missed_doses_today", NOON + SEC).keys == {"count": {("O", NOON - minutes * MIN)}}


@pytest.mark.parametrize(
    ("order", "missed"),
    [
        ({}, 1),
        ({"kind": "stat"}, 1),
        ({"kind": "PRN"}, 0),
        ({"kind": "infusion"}, 0),
        ({"kind": None}, 0),
        ({"start_ts": NOON - 3 * H}, 1),
        ({"start_ts": NOON - 3 * H + SEC}, 0),
        ({"stop_ts": NOON - 3 * H}, 0),
        ({"status": "stopped", "stop_ts": NOON - 3 * H + SEC}, 1),
        ({"status": "stopped"}, 0),
        ({"status": "suspended", "last_modified_ts": NOON - 3 * H}, 0),
        ({"status": "suspended", "last_modified_ts": NOON - 3 * H + SEC}, 1),
        ({"status": "completed"}, 1),
        ({"status": "void"}, 0),
    ],
)
def test_the_order_must_stand_when_the_dose_is_due(order: Row, missed: int) -> None:
    case = Case(NOON - 30 * H)
    case.order(**order)
    case.dose(NOON - 3 * H)
    assert case.value("missed_doses_today", NOON) == missed


def test_the_latest_standing_record_decides_and_given_wins_a_tie() -> None:
    case = Case(NOON - 30 * H)
    case.order()
    due = NOON - 3 * H
    case.dose(due, status="not given", recorded_ts=due, reason_code="UNAVAILABLE")
    given = case.dose(due, status="given", given_ts=due)
    assert case.value("missed_doses_today", NOON) == 0
    case.dose(due, status="not given", recorded_ts=due + SEC)
    assert case.value("missed_doses_today", NOON) == 1
    given["recorded_ts"] = due + 2 * SEC
    assert case.value("missed_doses_today", NOON) == 0


def test_a_dose_belongs_to_the_day_and_the_ward_of_its_due_time() -> None:
    midnight = datetime(2026, 6, 9, 23, tzinfo=UTC)
    case = Case(NOON - 30 * H)
    case.order()
    for due in (midnight - SEC, midnight, NOON - 5 * H):
        case.dose(due)
    assert case.value("missed_doses_today", NOON) == 2
    case.move(NOON - 5 * H)
    assert case.value("missed_doses_today", NOON) == 0
    assert case.value("missed_doses_today", NOON, "B") == 1
    case.stay["on_leave_from"], case.stay["on_leave_to"] = NOON - 5 * H, NOON - 4 * H
    assert case.value("missed_doses_today", NOON, "B") == 0


def test_critical_doses_of_the_next_four_hours() -> None:
    case = Case(NOON - 30 * H)
    case.order("apixaban")
    for due in (NOON, NOON + SEC, NOON + 4 * H, NOON + 4 * H + SEC):
        case.dose(due)
    case.dose(NOON + H, status="given", given_ts=NOON - MIN)
    assert case.ask("due_critical_doses_4h", NOON).keys["count"] == {("O", NOON + SEC), ("O", NOON + 4 * H)}
    case.site["critical"] = None
    assert case.ask("due_critical_doses_4h", NOON).state == "not_connected"
    assert case.ask("missed_doses_critical_today", NOON).state == "not_connected"
    assert case.ask("missed_doses_today", NOON).state == "value"


@pytest.mark.parametrize(
    ("known", "counted"),
    [
        ({}, 1),
        ({"verify_status": "verified", "verifier_role": "pharmacist", "verified_ts": NOON - 2 * H}, 0),
        ({"verify_status": "verified", "verifier_role": "pharmacist", "verified_ts": NOON - 2 * H - SEC}, 1),
        ({"verify_status": "verified", "verifier_role": "nurse", "verified_ts": NOON}, 1),
        ({"verify_status": "verified", "verifier_role": "pharmacist", "verified_ts": NOON + SEC}, 1),
        ({"verify_status": "not required"}, 0),
        ({"status": "suspended"}, 0),
        ({"stop_ts": NOON}, 0),
        ({"start_ts": NOON + SEC}, 0),
    ],
)
def test_orders_not_verified(known: Row, counted: int) -> None:
    case = Case(NOON - 30 * H)
    case.order(**{"last_modified_ts": NOON - 2 * H} | known)
    assert case.value("orders_not_verified", NOON) == counted


def test_a_stat_dose_given_needs_no_verification_if_the_doses_are_known() -> None:
    case = Case(NOON - 30 * H)
    case.order(kind="stat")
    case.dose(NOON - H, status="given", given_ts=NOON - H)
    assert case.value("orders_not_verified", NOON) == 0
    case.feeds["dose_event"] = None
    assert case.value("orders_not_verified", NOON) == 1


@pytest.mark.parametrize(
    ("known", "counted"),
    [
        ({"status": "complete", "completed_ts": NOON, "role": "pharmacist"}, 0),
        ({"status": "complete", "completed_ts": NOON, "role": "doctor", "sources_count": 1}, 1),
        ({"status": "complete", "completed_ts": NOON, "role": "doctor", "sources_count": 2}, 0),
        ({"status": "complete", "completed_ts": None, "role": "pharmacist"}, 1),
        ({"status": "draft", "completed_ts": NOON, "role": "pharmacist"}, 1),
    ],
)
def test_medicines_reconciliation(known: Row, counted: int) -> None:
    case = Case(NOON - 24 * H - SEC)
    case.add("medrec", **known)
    assert case.value("medrec_outstanding", NOON) == counted
    assert case.value("medrec_outstanding", NOON - SEC) == 0


# -- deterioration


@pytest.mark.parametrize(
    ("plan", "hourly", "overdue"),
    [
        (None, 0, 1),  # by NEWS2 0: 720 min + 30
        ({"interval_min": 60, "set_by_role": "nurse"}, 1, 1),
        ({"interval_min": 0, "set_by_role": None}, 1, 1),
        ({"interval_min": 1440, "set_by_role": "nurse"}, 0, 0),
        ({"interval_min": 1440, "set_by_role": "system"}, 0, 1),
        ({"interval_min": None, "set_by_role": "nurse"}, 0, 0),
        ({"interval_min": 60, "set_by_role": "nurse", "valid_to": NOON}, 0, 1),
    ],
)
def test_observation_plans(plan: Row | None, hourly: int, overdue: int) -> None:
    case = Case(NOON - 30 * H)
    case.add("obs_set", ts=NOON - 750 * MIN - SEC, news2_total=0, complete=1)
    if plan is not None:
        case.add("obs_plan", set_ts=NOON - 20 * H, **plan)
    assert case.value("obs_hourly_or_more_often", NOON) == hourly
    assert case.value("obs_overdue", NOON) == overdue


def test_observations_are_overdue_strictly_after_interval_and_grace() -> None:
    case = Case(NOON - 90 * MIN)  # no set yet: 60 min from admission, 30 min grace
    assert case.value("obs_overdue", NOON) == 0
    assert case.value("obs_overdue", NOON + SEC) == 1
    assert case.value("due_observations_4h", NOON - SEC) == 1
    assert case.value("due_observations_4h", NOON) == 0
    case.feeds["spell"][0]["pregnant_or_recent"] = 1
    assert case.value("obs_overdue", NOON + SEC) == 0


@pytest.mark.parametrize(
    ("known", "counted"),
    [
        ({"news2_total": 5}, 1),
        ({"news2_total": 4}, 0),
        ({"news2_total": 3, "temp": 35.04}, 1),
        ({"news2_total": 3, "temp": 35.05}, 0),
        ({"news2_total": 3, "acvpu": "C"}, 1),
        ({"news2_total": 3, "spo2": 91}, 1),
        ({"news2_total": 3, "spo2": 91, "spo2_scale": 2}, 0),
        ({"news2_total": 3, "spo2": 97, "spo2_scale": 2, "o2": "air"}, 0),
        ({"news2_total": 3, "spo2": 97, "spo2_scale": 2, "o2": "2 L/min"}, 1),
    ],
)
def test_hourly_observations_are_derived_only_without_plans(known: Row, counted: int) -> None:
    case = Case(NOON - 30 * H)
    case.add("obs_set", ts=NOON, complete=1, **known)
    assert case.value("obs_hourly_or_more_often", NOON) == 0
    case.feeds["obs_plan"] = None
    assert case.value("obs_hourly_or_more_often", NOON) == counted


def test_news2_high_takes_the_latest_complete_set_that_has_a_total() -> None:
    case = Case(NOON - 30 * H)
    case.add("obs_set", ts=NOON - 9 * H, complete=1, news2_total=7)
    case.add("obs_set", ts=NOON - 2 * H, complete=1)
    case.add("obs_set", ts=NOON - H, complete=0, news2_total=1)
    assert case.value("news2_high", NOON) == {"5-6": 0, "7+": 1}
    case.feeds["spell"][0]["age"] = 15
    assert case.value("news2_high", NOON) == {"5-6": 0, "7+": 0}


def test_sepsis_is_confirmed_or_suspected_never_both() -> None:
    case = Case(NOON - 30 * H)
    case.add("flag", type="sepsis_suspected", start_ts=NOON)
    assert case.value("sepsis_patients", NOON) == {"confirmed": 0, "suspected": 1}
    case.add("flag", type="sepsis_confirmed", start_ts=NOON, end_ts=NOON + H)
    assert case.value("sepsis_patients", NOON) == {"confirmed": 1, "suspected": 0}
    assert case.value("sepsis_patients", NOON + H) == {"confirmed": 0, "suspected": 1}


@pytest.mark.parametrize(("total", "hours"), [(7, 1), (5, 3), (1, 6)])
def test_sepsis_antibiotics_are_due_by_the_score(total: int, hours: int) -> None:
    case = Case(NOON - 30 * H)
    flagged = NOON - 12 * H
    case.add("flag", type="sepsis_suspected", start_ts=flagged)
    case.add("obs_set", ts=flagged - H, complete=1, news2_total=total)
    case.order("amoxicillin")
    due = flagged - H + hours * H
    assert case.value("sepsis_antibiotic_overdue", max(due, flagged)) == (due < flagged)
    assert case.value("sepsis_antibiotic_overdue", max(due, flagged) + SEC) == 1
    case.dose(NOON - H, status="given", given_ts=NOON - H)  # given late ends it
    assert case.value("sepsis_antibiotic_overdue", NOON) == 0
    case.site["antimicrobial"] = []
    assert case.ask("sepsis_antibiotic_overdue", NOON).state == "not_connected"


def test_an_antibiotic_counts_from_the_set_that_first_scores() -> None:
    case = Case(NOON - 30 * H)
    case.add("flag", type="sepsis_confirmed", start_ts=NOON - 5 * H)
    case.add("obs_set", ts=NOON - 5 * H, complete=1, news2_total=0)
    case.add("obs_set", ts=NOON - 4 * H, complete=1, news2_total=5)
    order = case.order("amoxicillin")
    dose = case.dose(NOON - 4 * H, status="given", given_ts=NOON - 4 * H - SEC)
    assert case.value("sepsis_antibiotic_overdue", NOON) == 1
    dose["given_ts"] = NOON - 4 * H
    assert case.value("sepsis_antibiotic_overdue", NOON) == 0
    dose["voided"] = 1
    order["kind"] = "PRN"  # nobody decided to give it now
    assert case.value("sepsis_antibiotic_overdue", NOON) == 0


def creatinine(case: Case, collected: datetime, stage: int | None, **known: Any) -> Row:
    row = {"patient_key": "P", "test": "creatinine", "value": 200, "collected_ts": collected}
    return case.add("lab_result", **row | {"aki_stage_from_lab": stage} | known)


def test_aki_lasts_168_hours_and_ends_with_the_first_result_without_a_stage() -> None:
    case = Case(NOON - 168 * H)
    creatinine(case, NOON - 168 * H, 2)
    assert case.value("aki_patients", NOON) == 1
    assert case.value("aki_patients", NOON + SEC) == 0
    creatinine(case, NOON - 2 * H, None, value=None)  # text only: clears nothing
    assert case.value("aki_patients", NOON) == 1
    creatinine(case, NOON - 2 * H, None, reported_ts=NOON)
    assert case.value("aki_patients", NOON - SEC) == 1
    assert case.value("aki_patients", NOON) == 0
    creatinine(case, NOON - 2 * H, 1)  # at one collection time the higher stage stands
    assert case.value("aki_patients", NOON) == 1
    flag = case.add("flag", type="aki_refuted", start_ts=NOON - 2 * H)
    assert case.value("aki_patients", NOON) == 1
    flag["start_ts"] = NOON - 2 * H + SEC
    assert case.value("aki_patients", NOON) == 0


def test_aki_without_the_laboratorys_stage_is_not_connected() -> None:
    case = Case(NOON - H)
    assert case.value("aki_patients", NOON) == 0
    del creatinine(case, NOON, None)["aki_stage_from_lab"]
    assert case.ask("aki_patients", NOON).state == "not_connected"


# -- infection, skin, discharge


def test_covid_counts_for_fourteen_times_24_hours() -> None:
    case = Case(NOON - 400 * H)
    row = {"patient_key": "P", "organism": "SARS-CoV-2"}
    case.add("micro_result", **row, status="final", result="positive", collected_ts=NOON - 336 * H)
    case.add("micro_result", **row, status="ordered", ordered_ts=NOON - 71 * H)
    assert case.value("covid_positive", NOON) == 1
    assert case.value("covid_test_awaited", NOON) == 0  # already positive
    assert case.value("covid_positive", NOON + SEC) == 0
    assert case.value("covid_test_awaited", NOON + H) == 1
    assert case.value("covid_test_awaited", NOON + H + SEC) == 0


def test_days_since_c_difficile_knows_hospital_onset_and_repeats() -> None:
    admitted = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)  # 1 May, 23:30
    case = Case(admitted)

    def specimen(day: date) -> Row:
        at = datetime.combine(day, time(0), tzinfo=UTC)
        row = {"patient_key": "P", "organism": "C. difficile", "status": "final", "result": "toxin positive"}
        return case.add("micro_result", **row, collected_ts=at)

    first = specimen(date(2026, 5, 2))  # day 2: not the hospital's
    assert case.ask("cdiff_days_since", NOON).state == "none_on_record"
    first["collected_ts"] += DAY  # day 3
    assert case.value("cdiff_days_since", NOON) == 38
    repeat = specimen(date(2026, 5, 31))  # 28 days later
    assert case.value("cdiff_days_since", NOON) == 38
    repeat["collected_ts"] += DAY
    assert case.value("cdiff_days_since", NOON) == 9
    assert case.ask("cdiff_days_since", NOON, "B").state == "none_on_record"


def test_pressure_ulcers_count_patients_and_days_count_validated_harm() -> None:
    case = Case(NOON - 100 * H)
    wound = {"kind": "pressure_ulcer", "first_observed_ts": NOON - 36 * H}
    case.add("wound", wound_key="1", category="dti", **wound)
    healed = case.add("wound", wound_key="2", category="2", **wound, healed_ts=NOON)
    case.add("wound", wound_key="3", category="1", **wound)
    assert case.value("pressure_ulcer_patients", NOON) == 1
    assert case.ask("pressure_ulcer_days_since", NOON).state == "none_on_record"
    healed |= {"validated": 1, "present_on_admission": 0}
    assert case.value("pressure_ulcer_days_since", NOON) == 1  # 00:00 on 9 June, healed or not
    healed["present_on_admission"] = None
    assert case.ask("pressure_ulcer_days_since", NOON).state == "none_on_record"


def test_the_latest_discharge_plan_stands_whole() -> None:
    case = Case(NOON - 100 * H)
    today = date(2026, 6, 10)
    case.add("discharge_plan", edd=today, golden_for_date=today)
    assert (case.value("edd_today", NOON), case.value("golden_discharge", NOON)) == (1, 1)
    case.add("discharge_plan", edd=today, edd_set_ts=NOON, discharge_ready_ts=NOON + SEC, criteria_to_reside_code="01")
    assert (case.value("edd_today", NOON), case.value("golden_discharge", NOON)) == (1, 0)
    assert case.value("no_criteria_to_reside", NOON) == 0
    assert case.value("no_criteria_to_reside", NOON + SEC) == 1


@pytest.mark.parametrize(
    ("review", "counted"),
    [(None, 1), (NOON - 24 * H, 0), (NOON - 24 * H - SEC, 1), (NOON + SEC, 1), (NOON - 40 * H, 1)],
)
def test_restrictions_are_reviewed_within_a_day(review: datetime | None, counted: int) -> None:
    case = Case(NOON - 100 * H)
    row = case.add("restrictive_practice", start_ts=NOON - 30 * H, last_review_ts=review)
    assert case.value("least_restrictive_review_outstanding", NOON) == counted
    row["end_ts"] = NOON
    assert case.value("least_restrictive_review_outstanding", NOON) == 0


# -- staffing


@pytest.mark.parametrize(
    ("required", "actual", "flag"),
    [("40", "32", False), ("40", "31.5", True), ("15", "11.25", False), ("15", "11", True), ("23", "11.5", True)],
)
def test_the_shortfall_of_registered_nurses(required: str, actual: str, flag: bool) -> None:
    assert rn_shortfall(Fraction(required), Fraction(actual)) is flag


def nurse(case: Case, start: datetime, end: datetime, **known: Any) -> Row:
    usual = {"ward_code": "A", "staff_group": "RN", "state": "filled", "start_ts": start, "end_ts": end}
    return case.add("duty", **usual | known)


SEVEN_30 = datetime(2026, 6, 10, 6, 30, tzinfo=UTC)
TWENTY = datetime(2026, 6, 10, 19, tzinfo=UTC)


def test_heads_are_hours_over_the_length_of_the_shift_rounded_once() -> None:
    case = Case(NOON - H)
    assert case.ask("staff_rn_day", NOON).state == "not_recorded"
    length = (TWENTY - SEVEN_30) / 4
    nurse(case, SEVEN_30, SEVEN_30 + length)
    assert case.value("staff_rn_day", NOON) == {"actual": 0.5, "planned": 0.5}  # a quarter goes up
    nurse(case, SEVEN_30, SEVEN_30 + length - SEC)
    assert case.value("staff_rn_day", NOON) == {"actual": 0.5, "planned": 0.5}
    nurse(case, SEVEN_30, TWENTY, state="sick")
    nurse(case, SEVEN_30, TWENTY, state="cancelled")
    nurse(case, SEVEN_30, TWENTY, supernumerary=1)
    nurse(case, SEVEN_30, TWENTY, staff_group="HCSW")
    assert case.value("staff_rn_day", NOON) == {"actual": 0.5, "planned": 1.5}
    nurse(case, SEVEN_30, TWENTY, source="redeployed", worked_ward="B")
    assert case.value("staff_rn_day", NOON) == {"actual": 0.5, "planned": 2.5}
    nurse(case, SEVEN_30, TWENTY, source="redeployed", ward_code="B", worked_ward="A")
    assert case.value("staff_rn_day", NOON) == {"actual": 1.5, "planned": 2.5}


@pytest.mark.parametrize(("evening", "hours"), [(date(2026, 3, 28), 10.5), (date(2026, 10, 24), 12.5)])
def test_a_night_has_its_real_length_when_the_clocks_change(evening: date, hours: float) -> None:
    start = datetime.combine(evening, time(20 - (evening.month == 10)), tzinfo=UTC)
    end = start + hours * H
    case = Case(start)
    nurse(case, start, end)
    assert case.value("staff_rn_night", end - SEC) == {"actual": 1.0, "planned": 1.0}
    assert case.value("staff_rn_night", end) == {"actual": 0.0, "planned": 0.0}  # tonight's, from 07:30


def test_a_duty_across_two_shifts_is_split_and_the_next_shift_has_a_gap() -> None:
    case = Case(NOON - H)
    nurse(case, TWENTY - 30 * MIN, TWENTY + 12 * H)
    nurse(case, TWENTY, TWENTY + 11 * H + 30 * MIN, state="unfilled")
    assert case.value("staff_rn_night", NOON) == {"actual": 1.0, "planned": 2.0}
    assert case.value("staff_rn_day", NOON) == {"actual": 0.0, "planned": 0.0}  # half an hour
    assert case.value("staffing_gap_next_shift", NOON) == {"registered": 1.0, "unregistered": 0.0}
    assert case.value("staffing_gap_next_shift", TWENTY) == {"registered": 0.0, "unregistered": 0.0}


def test_fill_rate_is_hours_to_now_without_breaks_in_four_cells() -> None:
    case = Case(NOON - H)
    nurse(case, SEVEN_30, SEVEN_30 + 12 * H, break_min=60)
    nurse(case, SEVEN_30, SEVEN_30 + 12 * H, state="sick")
    found = case.value("fill_rate", SEVEN_30 + 6 * H)
    assert found == {
        "rn_day": pytest.approx(100 * 5.5 / 11.5),
        "rn_night": None,
        "care_day": None,
        "care_night": None,
    }
    assert case.ask("fill_rate", SEVEN_30).state == "not_applicable"


def test_care_hours_are_of_closed_days_over_patients_at_23_59() -> None:
    first = datetime(2026, 6, 1, 8, tzinfo=UTC)
    case = Case(first)
    nurse(case, first, first + 12 * H, break_min=60)
    nurse(case, first, first + 6 * H, staff_group="RNA")
    assert case.ask("chppd", first + 13 * H).state == "not_applicable"
    found = case.value("chppd", first + DAY)
    assert found == {"rn": pytest.approx(11), "hcsw": pytest.approx(6), "other": 0, "total": pytest.approx(17)}
    assert case.value("chppd", first + 2 * DAY)["total"] == pytest.approx(8.5)


def test_the_red_flag_needs_two_nurses_present_and_the_hours_required() -> None:
    case = Case(NOON - H)
    duties = [nurse(case, SEVEN_30, TWENTY) for _ in range(3)]
    assert case.value("red_flag_rn", NOON) == 0
    case.add("census_staffing", ward_code="A", ts=NOON, shift="day", required_hours=45.5)
    assert case.value("red_flag_rn", NOON) == 0  # 8 h short exactly, of 37.5 h
    case.add("census_staffing", ward_code="A", ts=NOON + SEC, required_hours=50.5)
    assert case.value("red_flag_rn", NOON + SEC) == 1
    case.add("census_staffing", ward_code="A", ts=NOON + MIN, required_hours=0)
    assert case.ask("red_flag_rn", NOON + MIN).state == "not_applicable"
    case.feeds["census_staffing"] = None
    assert case.value("red_flag_rn", NOON) == 0
    duties[0]["start_ts"] = duties[1]["start_ts"] = NOON + SEC
    assert case.value("red_flag_rn", NOON) == 1


# -- reliability


@pytest.mark.parametrize(
    ("k", "n", "expected", "bound"),
    [
        (14, 20, 1, None),
        (17, 20, 2, None),
        (19, 20, 3, 0.804),
        (20, 20, 3, 0.881),
        (30, 30, 4, 0.917),
        (29, 30, 3, 0.864),
        (50, 50, 4, 0.949),
        (60, 60, 5, 0.957),
        (95, 100, 4, 0.901),
        (99, 100, 5, 0.956),
        (190, 200, 4, None),
        (198, 200, 5, None),
        (72, 80, 3, None),
        (45, 50, 3, 0.808),
        (19, 19, None, None),
    ],
)
def test_levels_of_reliability(k: int, n: int, expected: int | None, bound: float | None) -> None:
    assert level(k, n) == expected
    assert bound is None or round(lower_bound(k, n), 3) == bound


def test_a_ward_is_as_reliable_as_its_least_reliable_process() -> None:
    case = Case(NOON - 40 * DAY)  # its own requirements fell due before the 28 days
    case.order()
    for number in range(20):
        due = NOON - 10 * DAY + number * H
        late = number < 3
        case.dose(due, status="given", given_ts=due + 120 * MIN + late * SEC)
    assert case.value("process_reliability", NOON) == 2  # 17 of 20
    case.feeds["dose_event"].pop()
    assert case.ask("process_reliability", NOON).state == "not_recorded"


@pytest.mark.parametrize(("known", "expected"), [({}, (1, 1)), ({"exempt_reason": "declined"}, None), (None, (0, 1))])
def test_an_exemption_at_the_due_time_is_no_opportunity(known: Row | None, expected: tuple[int, int] | None) -> None:
    case = Case(NOON - 30 * H)
    if known is not None:
        case.done("oral", NOON - 6 * H, **known)
    assert by_ward(Hospital(case.feeds, case.site, NOON))["A"].get("ra_oral") == expected


def test_requirements_are_opportunities_where_the_patient_lay_when_due() -> None:
    case = Case(NOON - 40 * DAY)
    case.feeds["obs_set"] = None  # nobody was observed
    for number in range(20):
        admitted = NOON - 5 * DAY + number * MIN
        key = {"patient_key": f"P{number}", "spell_key": f"S{number}"}
        case.add("spell", **key, admit_ts=admitted, age=30, discharge_ts=NOON - DAY)
        case.add("ward_stay", spell_key=key["spell_key"], ward_code="A", start_ts=admitted, end_ts=admitted + 20 * H)
        case.add("ward_stay", spell_key=key["spell_key"], ward_code="B", start_ts=admitted + 20 * H)
        for kind in ("vte", "must", "pressure_ulcer", "smoking", "alcohol", "oral", "adl", "allergy"):
            at = admitted if number or kind != "must" else admitted + 24 * H + SEC
            case.done(kind, at, spell_key=key["spell_key"], score=0, risk_band="none_known")
        medrec = {"status": "complete", "role": "pharmacist", "completed_ts": admitted + 24 * H}
        case.add("medrec", spell_key=key["spell_key"], **medrec)
    assert case.value("process_reliability", NOON, "A") == 3  # 20 of 20
    assert case.value("process_reliability", NOON, "B") == 3  # 19 of 20 for MUST
    assert case.value("frailty_profile", NOON)["not_recorded"] == 1


# -- states and the generator


def test_every_measure_answers_in_every_profile_and_without_any_feed() -> None:
    for profile in PROFILES:
        answers = compute({}, site(profile), NOON)["A"]
        assert set(answers) == {*MEASURES, *FORECASTS}
        assert len(MEASURES) == 55
        states = {name: answer.state for name, answer in answers.items()}
        assert set(states.values()) <= {"not_connected", "not_applicable"}
        silent = set(PROFILES[profile]["not_applicable"])
        silent |= {name for name, beside in BESIDE.items() if beside in silent}
        assert {name for name, state in states.items() if state == "not_applicable"} == silent


@pytest.mark.parametrize("seed", range(6))
def test_generated_rows_pass_the_gate_and_can_be_answered(seed: int) -> None:
    feeds, plan, now = hospital(seed, patients=30)
    for name, rows in feeds.items():
        if rows:
            accepted = accept(FEEDS[name], RawRows(pd.DataFrame(rows, dtype=object)), now)
            assert not accepted.rejected
            assert len(accepted.frame) == len(rows)
    for answers in compute(feeds, plan, now).values():
        for answer in answers.values():
            assert (answer.value is not None) is (answer.state == "value")
            for part, keys in answer.keys.items():
                number = answer.value[part] if isinstance(answer.value, dict) else answer.value
                assert number == len(keys)


def test_a_seed_always_gives_the_same_hospital() -> None:
    assert hospital(7) == hospital(7)
    assert {hospital(seed, wards=1, patients=1)[2] for seed in range(200)} == set(MOMENTS)
