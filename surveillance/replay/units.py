"""Which measures the recorded data can answer, unit by unit; what it cannot is never shown as a number.

The data has no bedside charting outside intensive care: there a patient without observations is not overdue, but
unseen. A unit counts as charted where at least as many respiratory rates stand as every ward owes its patients.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

CHARTED_A_DAY = 2.0
"""Respiratory rates a patient and day (NICE CG50: observations at least every 12 hours)."""
INTENSIVE = ("intensive care unit", "sicu")

NOT_RECORDED: dict[str, str] = {
    "ra_vte": "the only assessment recorded is Braden",
    "ra_must": "the only assessment recorded is Braden",
    "ra_falls": "the only assessment recorded is Braden",
    "ra_smoking": "the only assessment recorded is Braden",
    "ra_alcohol": "the only assessment recorded is Braden",
    "ra_allergy": "the only assessment recorded is Braden",
    "ra_oral": "the only assessment recorded is Braden",
    "ra_adl": "the only assessment recorded is Braden",
    "ra_any_outstanding": "the only assessment recorded is Braden",
    "due_assessments_4h": "the only assessment recorded is Braden",
    "frailty_profile": "the only assessment recorded is Braden",
    "orders_not_verified": "prescriptions are derived from doses; nothing is known of verification",
    "due_critical_doses_4h": "a dose is known only once it is charted",
    "process_reliability": "the time charted stands for the time due, so no dose could be late",
    "critical_doses_on_time": "the time charted stands for the time due, so no dose could be late",
    "news2_high": "no total is recorded",
    "obs_hourly_or_more_often": "neither plans nor totals are recorded",
}
"""Measure → why nothing in this data answers it, on any ward."""
CHARTED_AT_BEDSIDE = ("ra_pressure_ulcer", "obs_overdue", "due_observations_4h")
"""Measures that only a unit with bedside charting can answer."""


@dataclass(frozen=True, slots=True)
class CareUnit:
    """``intensive``: by its name. ``charted``: observations are charted there."""

    name: str
    intensive: bool
    charted: bool


def care_units(database: Path) -> list[CareUnit]:
    """Every unit where somebody lay, by name."""
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT careunit, patient_days, respiratory_rates FROM unit ORDER BY careunit")
        return [
            CareUnit(name, any(word in name.casefold() for word in INTENSIVE), rates >= CHARTED_A_DAY * days > 0)
            for name, days, rates in rows.fetchall()
        ]
