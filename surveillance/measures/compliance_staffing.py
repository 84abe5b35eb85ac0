"""Staffing and occupancy of the seven closed local days before today, for the week's charts."""

from __future__ import annotations

from typing import Any

import numpy as np

from surveillance.measures.bed_days import bed_days
from surveillance.measures.closed_week import DAYS, closed_week
from surveillance.measures.compliance_answers import NO_BED_DAY, answer_of_week, per
from surveillance.measures.declaration import (
    Answer,
    Better,
    Charted,
    Dimension,
    Form,
    Kind,
    Measure,
    RollUp,
    Standard,
)
from surveillance.measures.hospital import Hospital
from surveillance.measures.roster import REGISTERED, figures, wards_without_duties
from surveillance.measures.staffing import care_hours, filled, hours_by_shift
from surveillance.snapshot import State

NO_BEDS = (State.NOT_APPLICABLE, "no number of beds is configured")


def rn_fill_rate(hospital: Hospital, measure: Measure) -> Answer:
    """Registered nurses' actual as a percentage of planned hours."""
    week = closed_week(hospital)
    shifts = hours_by_shift(hospital, REGISTERED, week.start, week.end)
    (day, planned_day), (night, planned_night) = shifts["day"], shifts["night"]
    hours = {"rn": (day + night, planned_day + planned_night)} | {f"rn_{name}": one for name, one in shifts.items()}
    table = figures(list(hospital.site.wards), {name: filled(*one, measure.scale) for name, one in hours.items()})
    rows = table.rename(columns={"numerator": "actual", "denominator": "planned"})
    return answer_of_week(hospital, measure, Answer(rows, figures=table, states=wards_without_duties(hospital)))


def chppd_of_week(hospital: Hospital, measure: Measure) -> Answer:
    """Care hours over 23:59 patient counts."""
    week = closed_week(hospital)
    return answer_of_week(hospital, measure, care_hours(hospital, week.days, week.start, week.end, NO_BED_DAY[1]))


def bed_occupancy(hospital: Hospital, measure: Measure) -> Answer:
    """Patients at 23:59 over the beds that the site has configured."""
    beds = np.array([(ward.beds or 0) * DAYS for ward in hospital.site.wards.values()], dtype=float)
    return per(hospital, measure, bed_days(hospital, closed_week(hospital).days), beds, NO_BEDS)


_COMMON: dict[str, Any] = {
    "group": "compliance",
    "kind": Kind.RATIO,
    "rollup": RollUp.RATIO,
    "dimension": Dimension.OPERATIONS,
    "key": ("part",),
    "clock": "the seven local days before today",
    "on_ward_wall": False,
}

MEASURES = (
    Measure(
        id="rn_fill_rate_week",
        label="RN fill rate of the week",
        beside="fill_rate",
        counts="registered nurses' actual hours of the seven local days before today",
        rows=rn_fill_rate,
        standard=Standard("100 % of planned", "S", ("NHS England, nurse staffing fill rate collection",)),
        feeds=("duty",),
        better=Better.HIGHER,
        parts=("rn", "rn_day", "rn_night"),
        part_labels=("RN", "RN day", "RN night"),
        out_of="planned hours of the same seven days",
        columns=("actual", "planned"),
        exclusions=("supernumerary", "breaks"),
        scale=100,
        charted=Charted(Form.CLOSED, "RN fill rate", "% of planned hours, weekly", part="rn"),
        notes="Can exceed 100 %. A cell without planned hours is not applicable.",
        **_COMMON,
    ),
    Measure(
        id="chppd_week",
        label="Care hours per patient day of the week",
        short="Care hours/patient day, week",
        beside="chppd",
        counts="hours worked on the seven local days before today",
        rows=chppd_of_week,
        standard=Standard("national monthly measure", "S", ("NHS England, CHPPD guidance for inpatient trusts",)),
        feeds=("spell", "ward_stay", "duty"),
        better=Better.NEUTRAL,
        parts=("rn", "hcsw", "other", "total"),
        part_labels=("RN", "HCSW", "Other", "Total"),
        out_of="patients at 23:59 of the same seven days, added up",
        columns=("hours", "patient_days"),
        exclusions=("supernumerary", "breaks"),
        charted=Charted(Form.CLOSED, "Care hours per patient day", "h per patient day, weekly", 1, part="total"),
        **_COMMON,
    ),
    Measure(
        id="bed_occupancy_week",
        label="Bed occupancy of the week",
        beside="patients_on_ward",
        counts="patients at 23:59 of the seven local days before today, added up",
        rows=bed_occupancy,
        standard=Standard("92 % (NHS England operational planning)", "K", ("NHS England, priorities and planning",)),
        feeds=("spell", "ward_stay"),
        better=Better.LOWER,
        out_of="the ward's configured beds × 7",
        columns=("numerator", "denominator"),
        exclusions=("wards whose number of beds is not configured",),
        scale=100,
        charted=Charted(Form.CLOSED, "Bed occupancy", "% of beds at 23:59, weekly", target=92),
        notes="Can exceed 100 %: escalation beds are not in the number of beds.",
        owner="Chief Operating Officer",
        **_COMMON,
    ),
)
