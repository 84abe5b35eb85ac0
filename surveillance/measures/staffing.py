"""Staffing: planned, required and actual are three numbers and are never mixed.

Planned is what the roster demands of the ward, actual is who works there. A duty counts in each shift by its overlap.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from surveillance.measures.bed_days import bed_days
from surveillance.measures.declaration import Answer, Better, Dimension, Kind, Measure, RollUp, Standard
from surveillance.measures.hospital import Array, Hospital, looked_up
from surveillance.measures.roster import REGISTERED, UNREGISTERED, figures, heads, roster, wards_without_duties
from surveillance.measures.shifts import Shift, at_local, current_shift, day_shift, shifts_between, shown_night
from surveillance.settings import Threshold
from surveillance.snapshot import State

ShiftOf = Callable[[Hospital], Shift]


def staff(groups: tuple[str, ...], shift_of: ShiftOf, hospital: Hospital, measure: Measure) -> Answer:
    """Actual and planned heads of a group in a shift."""
    shift = shift_of(hospital)
    duties = roster(hospital).during(shift.start, shift.end).of(groups)
    hours = duties.hours(shift.start, shift.end)
    actual, planned = (heads(duties.by_ward(hours, planned=part), shift) for part in (False, True))
    nothing = np.nan
    table = figures(duties.wards, {"actual": (actual, actual, nothing), "planned": (planned, planned, nothing)})
    silent = wards_without_duties(hospital)
    rows = duties.listed(hospital, hours)
    return Answer(rows, figures=table, states=silent, detail="current roster, not frozen")


def _day(hospital: Hospital) -> Shift:
    return day_shift(hospital.site.shifts, hospital.local_date)


def _night(hospital: Hospital) -> Shift:
    return shown_night(hospital.site.shifts, hospital.local_date, hospital.as_at)


def fill_rate(hospital: Hospital, measure: Measure) -> Answer:
    """Actual as a percentage of planned hours this month so far, by registered and care staff, day and night."""
    parts = {}
    for name, groups in (("rn", REGISTERED), ("care", UNREGISTERED)):
        for shift, hours in hours_by_shift(hospital, groups, _month_start(hospital), hospital.as_at).items():
            parts[f"{name}_{shift}"] = filled(*hours, measure.scale)
    table = figures(list(hospital.site.wards), parts)
    rows = table.rename(columns={"numerator": "actual", "denominator": "planned"})
    return Answer(rows, figures=table, states=wards_without_duties(hospital))


def hours_by_shift(
    hospital: Hospital, groups: tuple[str, ...], start: pd.Timestamp, end: pd.Timestamp
) -> dict[str, tuple[Array, Array]]:
    """day and night → each ward's actual and planned hours of a group inside [``start``, ``end``), breaks off."""
    duties = roster(hospital).during(start, end).of(groups)
    nothing = np.zeros(len(duties.wards))
    hours = {"day": (nothing, nothing), "night": (nothing, nothing)}
    for shift in shifts_between(hospital.site.shifts, start, end):
        there = duties.during(shift.start, shift.end)
        net = there.hours(shift.start, shift.end, net=True)
        actual, planned = hours[shift.name]
        hours[shift.name] = (
            actual + there.by_ward(net, planned=False),
            planned + there.by_ward(net, planned=True),
        )
    return hours


def filled(actual: Array, planned: Array, scale: float) -> tuple[Array, Array, Array]:
    """Value, numerator and denominator of a fill rate; without planned hours there is no value."""
    value = np.full(len(actual), np.nan)
    np.divide(actual, planned, out=value, where=planned > 0)
    return value * scale, actual, planned


def _month_start(hospital: Hospital) -> pd.Timestamp:
    return at_local(hospital.local_date.replace(day=1), MIDNIGHT)


MIDNIGHT = time(0)


def chppd(hospital: Hospital, measure: Measure) -> Answer:
    """Care hours of the closed days of this month over their 23:59 patient counts."""
    days = pd.date_range(hospital.local_date.replace(day=1), hospital.local_date, inclusive="left")
    words = "no closed patient day this month"
    return care_hours(hospital, days, _month_start(hospital), hospital.today, words)


def care_hours(
    hospital: Hospital, days: pd.DatetimeIndex, start: pd.Timestamp, end: pd.Timestamp, words: str
) -> Answer:
    """Hours worked inside [``start``, ``end``) a patient day of ``days``; ``words`` for a ward without any."""
    wards = list(hospital.site.wards)
    patient_days = bed_days(hospital, days)
    duties = roster(hospital).during(start, end)
    net = duties.hours(start, end, net=True)
    worked = {
        name: duties.by_ward(np.where(np.isin(duties.group, groups), net, 0.0), planned=False)
        for name, groups in (("rn", REGISTERED), ("hcsw", UNREGISTERED), ("other", ("other",)))
    }
    worked["total"] = worked["rn"] + worked["hcsw"] + worked["other"]
    with np.errstate(invalid="ignore", divide="ignore"):  # a ward without patient days is not applicable, below
        table = figures(wards, {name: (hours / patient_days, hours, patient_days) for name, hours in worked.items()})
    empty = {ward: (State.NOT_APPLICABLE, words) for ward, n in zip(wards, patient_days, strict=True) if not n}
    rows = table.rename(columns={"numerator": "hours", "denominator": "patient_days"})
    return Answer(rows, figures=table, states=empty | wards_without_duties(hospital))


def red_flag(hospital: Hospital, measure: Measure) -> Answer:
    """Wards whose current shift has fewer than two RNs present, or too few RN hours against the requirement."""
    shift = current_shift(hospital.site.shifts, hospital.local_date, hospital.as_at)
    nurses = roster(hospital).during(shift.start, shift.end).of(REGISTERED)
    net = nurses.hours(shift.start, shift.end, net=True)
    here = ((nurses.start <= hospital.now) & (nurses.end > hospital.now)).astype(float)
    table = pd.DataFrame(
        {
            "ward_code": nurses.wards,
            "actual_h": nurses.by_ward(net, planned=False),
            "present": nurses.by_ward(here, planned=False).astype(int),
        }
    )
    acuity = looked_up(_required_hours(hospital, shift), table["ward_code"])
    required = acuity.fillna(pd.Series(nurses.by_ward(net, planned=True)))
    short = required - table["actual_h"]
    limits = {name: hospital.site.param(measure.id, name, default) for name, default in measure.params.items()}
    raised = {
        f"fewer than {limits['fewest_rn']} RNs present": table["present"] < limits["fewest_rn"],
        f"short by more than {limits['shortfall_h']} h": short > limits["shortfall_h"],
        f"short by more than {limits['shortfall_share']:.0%}": short > limits["shortfall_share"] * required,
    }
    reasons = ["; ".join(words for words, flags in raised.items() if flags[row]) for row in table.index]
    source = ["acuity census" if known else "planned hours" for known in acuity.notna()]
    table = table.assign(required_h=required, short_h=short, reasons=reasons, requirement=source)
    flag = np.array([float(bool(words)) for words in reasons])
    value = figures(nurses.wards, {"count": (flag, flag, np.ones(len(flag)))})
    nothing = {
        ward: (State.NOT_APPLICABLE, "no requirement this shift")
        for ward, needed in zip(nurses.wards, required, strict=True)
        if needed <= 0
    }
    details = {ward: f"against {words}" for ward, words in zip(nurses.wards, source, strict=True)}
    states = nothing | wards_without_duties(hospital)
    return Answer(table[flag > 0], figures=value, states=states, details=details)


def _required_hours(hospital: Hospital, shift: Shift) -> pd.Series[Any]:
    """ward_code → RN hours required by the latest acuity census of the current shift; empty without one."""
    if not hospital.has("census_staffing"):
        return pd.Series(dtype="float64", index=pd.Index([], dtype=object))
    rows = hospital.feed("census_staffing")
    inside = (rows["ts"] >= shift.start) & (rows["ts"] < shift.end) & (rows["ts"] <= hospital.as_at)
    rows = rows[inside & (rows["shift"].isna() | (rows["shift"] == shift.name))]
    last = rows.sort_values("ts", kind="stable").drop_duplicates("ward_code", keep="last").set_index("ward_code")
    hours: pd.Series[Any] = last["required_rn_hours"].fillna(last["required_hours"])
    return hours


def _staff(measure: str, label: str, group: tuple[str, ...], shift: ShiftOf, clock: str) -> Measure:
    return Measure(
        id=measure,
        label=label,
        group="staffing",
        kind=Kind.PAIR,
        counts="heads who work on the ward in the shift (heads that its roster demands)",
        rows=partial(staff, group, shift),
        standard=Standard("planned and actual displayed each shift", "S", ("Hard Truths commitments (2014)",)),
        feeds=("duty",),
        dimension=Dimension.OPERATIONS,
        better=Better.NEUTRAL,
        parts=("actual", "planned"),
        part_labels=("Actual", "Planned"),
        clock=clock,
        exclusions=("supernumerary", "cancelled duties"),
        key=("duty",),
        columns=("start_ts", "end_ts", "staff_group", "state", "source", "worked", "hours"),
        threshold=Threshold(watch=1, act=2),
        public=True,
        notes="Nursing associates count as unregistered. The level follows planned minus actual.",
    )


_TODAY = "the day shift of today"
_NIGHT = "the night shift in progress, otherwise the one that starts today"

MEASURES = (
    _staff("staff_rn_day", "Registered, day", REGISTERED, _day, _TODAY),
    _staff("staff_rn_night", "Registered, night", REGISTERED, _night, _NIGHT),
    _staff("staff_hcsw_day", "Unregistered, day", UNREGISTERED, _day, _TODAY),
    _staff("staff_hcsw_night", "Unregistered, night", UNREGISTERED, _night, _NIGHT),
    Measure(
        id="fill_rate",
        label="Fill rate",
        group="staffing",
        kind=Kind.RATIO,
        counts="actual hours this month so far",
        rows=fill_rate,
        standard=Standard("100 % of planned", "S", ("NHS England, nurse staffing fill rate collection",)),
        feeds=("duty",),
        dimension=Dimension.OPERATIONS,
        better=Better.NEUTRAL,
        parts=("rn_day", "rn_night", "care_day", "care_night"),
        part_labels=("RN day", "RN night", "Care staff day", "Care staff night"),
        wall_parts=("rn_day", "rn_night"),
        out_of="planned hours this month so far",
        key=("part",),
        columns=("actual", "planned"),
        clock="00:00 on the 1st of the month to now",
        exclusions=("supernumerary", "breaks"),
        rollup=RollUp.RATIO,
        scale=100,
        notes="Per cent. A cell without planned hours is not applicable.",
    ),
    Measure(
        id="chppd",
        label="Care hours per patient day",
        short="Care hours/patient day",
        group="staffing",
        kind=Kind.RATIO,
        counts="hours worked on closed days of this month",
        rows=chppd,
        standard=Standard("national monthly measure", "S", ("NHS England, CHPPD guidance for inpatient trusts",)),
        feeds=("spell", "ward_stay", "duty"),
        dimension=Dimension.OPERATIONS,
        better=Better.NEUTRAL,
        parts=("rn", "hcsw", "other", "total"),
        part_labels=("RN", "HCSW", "Other", "Total"),
        wall_parts=("total",),
        out_of="patients at 23:59, added up over these days",
        key=("part",),
        columns=("hours", "patient_days"),
        clock="00:00 on the 1st of the month to 00:00 today",
        exclusions=("supernumerary", "breaks"),
        rollup=RollUp.RATIO,
    ),
    Measure(
        id="red_flag_rn",
        label="RN staffing red flag",
        group="staffing",
        kind=Kind.EVENT,
        counts="1 when the current shift has fewer than 2 RNs present, or is short of more than 8 RN hours or 25 %",
        rows=red_flag,
        standard=Standard("nursing red flags on adult wards", "S", ("NICE SG1 (2014)",)),
        feeds=("duty",),
        optional=("census_staffing",),
        dimension=Dimension.OPERATIONS,
        better=Better.LOWER,
        clock="the current shift",
        exclusions=("critical care, maternity, children's and day wards",),
        key=("ward_code",),
        columns=("required_h", "actual_h", "short_h", "present", "reasons", "requirement"),
        params={"shortfall_h": 8, "shortfall_share": 0.25, "fewest_rn": 2},
        threshold=Threshold(watch=1, act=1),
        notes="Against acuity where a census gives it, else against planned hours; the tile says which.",
    ),
)
