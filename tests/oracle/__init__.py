"""The 55 measures and four forecasts worked out the plain way, as a second opinion on the program's own answers.

Nothing here imports the program: rows are lists of dicts with the canonical column names, times are aware UTC
datetimes, and every rule is a loop that can be read beside the definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.oracle import assessments, deterioration, learning, medicines, patients, reliability, staffing, week
from tests.oracle.answer import (
    NONE_ON_RECORD,
    NOT_APPLICABLE,
    NOT_CONNECTED,
    NOT_RECORDED,
    VALUE,
    Answer,
)
from tests.oracle.hospital import Hospital, Row

__all__ = [
    "FORECASTS",
    "MEASURES",
    "NONE_ON_RECORD",
    "NOT_APPLICABLE",
    "NOT_CONNECTED",
    "NOT_RECORDED",
    "VALUE",
    "Answer",
    "compute",
]

FORECAST_H = 4
Rule = Callable[[Hospital, str], Answer]


def _row(measure: str) -> Rule:
    return lambda h, ward: assessments.assessment_row(h, ward, measure)


def _staff(groups: tuple[str, ...], shift: str) -> Rule:
    return lambda h, ward: staffing.staff(h, ward, groups, shift)


# Measures that count patients where they lie need spell and ward_stay; those of the roster alone do not.
ROSTER: dict[str, Rule] = {
    "staff_rn_day": _staff(staffing.REGISTERED, "day"),
    "staff_rn_night": _staff(staffing.REGISTERED, "night"),
    "staff_hcsw_day": _staff(staffing.UNREGISTERED, "day"),
    "staff_hcsw_night": _staff(staffing.UNREGISTERED, "night"),
    "fill_rate": staffing.fill_rate,
    "chppd": staffing.chppd,
    "red_flag_rn": staffing.red_flag_rn,
    "rn_fill_rate_week": week.rn_fill_rate_week,
    "chppd_week": week.chppd_week,
    "staffing_gap_next_shift": staffing.staffing_gap_next_shift,
    "team_self_rating": learning.team_self_rating,
    "accreditation_level": learning.accreditation_level,
    "huddle_actions_open": learning.huddle_actions_open,
}
PATIENTS: dict[str, Rule] = {
    "patients_on_ward": patients.patients_on_ward,
    "covid_positive": patients.covid_positive,
    "covid_test_awaited": patients.covid_test_awaited,
    "golden_discharge": patients.golden_discharge,
    "edd_today": patients.edd_today,
    "no_criteria_to_reside": patients.no_criteria_to_reside,
    "least_restrictive_review_outstanding": patients.least_restrictive_review_outstanding,
    **{measure: _row(measure) for measure in assessments.TYPE},
    "ra_any_outstanding": assessments.any_outstanding,
    "cdiff_days_since": patients.cdiff_days_since,
    "cdiff_current": patients.cdiff_current,
    "pressure_ulcer_patients": patients.pressure_ulcer_patients,
    "pressure_ulcer_days_since": patients.pressure_ulcer_days_since,
    "medrec_outstanding": medicines.medrec_outstanding,
    "orders_not_verified": medicines.orders_not_verified,
    "missed_doses_critical_today": lambda h, ward: medicines.missed_doses(h, ward, critical_only=True),
    "missed_doses_today": lambda h, ward: medicines.missed_doses(h, ward, critical_only=False),
    "obs_hourly_or_more_often": deterioration.obs_hourly,
    "obs_overdue": deterioration.obs_overdue,
    "news2_high": deterioration.news2_high,
    "sepsis_patients": deterioration.sepsis_patients,
    "sepsis_antibiotic_overdue": deterioration.sepsis_antibiotic_overdue,
    "aki_patients": deterioration.aki_patients,
    "process_reliability": reliability.process_reliability,
    "frailty_profile": patients.frailty_profile,
    **{f"{name}_on_time": week.required(f"{name}_on_time") for name in ("vte", "pressure_risk", "nutrition", "medrec")},
    "obs_on_time": week.obs_on_time,
    "critical_doses_on_time": week.critical_doses_on_time,
    "missed_critical_doses_rate": week.missed_rate(critical_only=True),
    "missed_doses_rate": week.missed_rate(critical_only=False),
    "sepsis_antibiotic_on_time": week.sepsis_antibiotic_on_time,
    "bed_occupancy_week": week.bed_occupancy_week,
    "due_assessments_4h": lambda h, ward: assessments.due_soon(h, ward, FORECAST_H),
    "due_critical_doses_4h": lambda h, ward: medicines.due_critical_doses(h, ward, FORECAST_H),
    "due_observations_4h": lambda h, ward: deterioration.due_observations(h, ward, FORECAST_H),
}
FORECASTS = ("due_assessments_4h", "due_critical_doses_4h", "due_observations_4h", "staffing_gap_next_shift")
MEASURES = tuple(name for name in (*PATIENTS, *ROSTER) if name not in FORECASTS)


def compute(feeds: dict[str, list[Row] | None], site: Row, as_at: datetime) -> dict[str, dict[str, Answer]]:
    """Ward code → measure or forecast id → answer."""
    h = Hospital(feeds, site, as_at)
    return {ward: {name: _answer(h, ward, name) for name in (*PATIENTS, *ROSTER)} for ward in site["wards"]}


def _answer(h: Hospital, ward: str, name: str) -> Answer:
    if not h.applies(ward, week.BESIDE.get(name, name)):
        return Answer(NOT_APPLICABLE)
    if name in ROSTER:
        return ROSTER[name](h, ward)
    if not h.connected("spell", "ward_stay"):
        return Answer(NOT_CONNECTED)
    return PATIENTS[name](h, ward)
