"""Staffing: planned, required and actual are three numbers and are never mixed.

Planned is what the roster demands of the ward, actual is who works there. A duty counts in each shift by its overlap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import micro
from surveillance.measures.declaration import (
    Answer,
    Better,
    Dimension,
    Kind,
    Measure,
    RollUp,
    Standard,
)
from surveillance.measures.hospital import Hospital, truth
from surveillance.measures.shifts import ONE_DAY, Shift, at_local, current_shift, day_shift, shifts_between, shown_night
from surveillance.settings import Threshold
from surveillance.snapshot import State

REGISTERED = ("RN",)
UNREGISTERED = ("HCSW", "RNA")
GROUPS = {"rn": REGISTERED, "care": UNREGISTERED, "other": ("other",)}
NO_DUTIES = (State.NOT_RECORDED, "no duty on the roster")


def roster(hospital: Hospital) -> pd.DataFrame:
    """Duties that count in the numbers, with ``worked`` (where) and whether they are ``planned`` and ``actual``."""

    def find() -> pd.DataFrame:
        duties = hospital.feed("duty")
        duties = duties[~truth(duties["supernumerary"])]
        worked = duties["worked_ward"].fillna(duties["ward_code"])
        redeployed_in = (duties["source"] == "redeployed") & (worked == duties["ward_code"])
        planned = (duties["state"] != "cancelled") & ~redeployed_in
        return duties.assign(worked=worked, planned=planned, actual=duties["state"] == "filled")

    found: pd.DataFrame = hospital.once("roster", find)
    return found


def wards_without_duties(hospital: Hospital) -> dict[str, tuple[State, str]]:
    """Wards that the roster does not know: never shown as 0 (0)."""
    duties = hospital.feed("duty")
    known = set(duties["ward_code"])
    return {ward: NO_DUTIES for ward in hospital.site.wards if ward not in known}


def overlap_h(duties: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, *, net: bool = False) -> pd.Series[Any]:
    """Hours of each duty inside [start, end); ``net``: without the share of its break that falls inside."""
    until: pd.Series[Any] = duties["end_ts"].where(duties["end_ts"] < end, end)
    since: pd.Series[Any] = duties["start_ts"].where(duties["start_ts"] > start, start)
    hours: pd.Series[Any] = ((until - since).dt.total_seconds() / 3600).clip(lower=0)
    if not net:
        return hours
    minutes: pd.Series[Any] = (duties["end_ts"] - duties["start_ts"]).dt.total_seconds() / 60
    working = (1 - duties["break_min"].fillna(0) / minutes.where(minutes > 0)).fillna(1).clip(lower=0)
    return hours * working


def planned_and_actual(duties: pd.DataFrame) -> pd.DataFrame:
    """``duties`` once as demanded of the ward (part planned) and once as worked there (part actual)."""
    planned = duties[duties["planned"]].assign(part="planned")
    actual = duties[duties["actual"]].assign(part="actual", ward_code=duties["worked"])
    return pd.concat([planned, actual], ignore_index=True)


def heads(hours: pd.Series[Any], shift: Shift) -> pd.Series[Any]:
    """Hours of a shift as heads, to the nearest half, a quarter up."""
    halves: pd.Series[Any] = (hours / shift.hours * 2 + 0.5) // 1
    return halves / 2


def _of_groups(duties: pd.DataFrame, groups: tuple[str, ...]) -> pd.DataFrame:
    return duties[duties["staff_group"].isin(groups)]


ShiftOf = Callable[[Hospital], Shift]


def staff(groups: tuple[str, ...], shift_of: ShiftOf, hospital: Hospital, measure: Measure) -> Answer:
    """Actual and planned heads of a group in a shift."""
    shift = shift_of(hospital)
    duties = planned_and_actual(_of_groups(roster(hospital), groups))
    duties = duties.assign(hours=overlap_h(duties, shift.start, shift.end))
    rows = duties[duties["hours"] > 0]
    wards = pd.MultiIndex.from_product([list(hospital.site.wards), measure.parts], names=["ward_code", "part"])
    hours = rows.groupby(["ward_code", "part"])["hours"].sum().reindex(wards, fill_value=0.0)
    value = heads(hours, shift)
    figures = pd.DataFrame({"value": value, "numerator": value, "denominator": float("nan")}).reset_index()
    rows = rows.assign(duty=np.arange(len(rows)))
    return Answer(rows, figures=figures, states=wards_without_duties(hospital), detail="current roster, not frozen")


def _day(hospital: Hospital) -> Shift:
    return day_shift(hospital.site.shifts, hospital.local_date)


def _night(hospital: Hospital) -> Shift:
    return shown_night(hospital.site.shifts, hospital.local_date, hospital.as_at)


def fill_rate(hospital: Hospital, measure: Measure) -> Answer:
    """Actual as a percentage of planned hours this month so far, by registered and care staff, day and night."""
    start, end = _month_start(hospital), hospital.as_at
    duties = planned_and_actual(_of_groups(roster(hospital), REGISTERED + UNREGISTERED))
    group = duties["staff_group"].isin(REGISTERED).map({True: "rn", False: "care"})
    pieces = []
    for shift in shifts_between(hospital.site.shifts, start, end):
        inside = duties[(duties["start_ts"] < shift.end) & (duties["end_ts"] > shift.start)]
        cell = group[inside.index] + "_" + shift.name
        worked = overlap_h(inside, shift.start, shift.end, net=True)
        pieces.append(inside[["ward_code", "part"]].assign(cell=cell, hours=worked))
    cells = pd.MultiIndex.from_product([list(hospital.site.wards), measure.parts], names=["ward_code", "cell"])
    table = pd.concat(pieces) if pieces else duties[["ward_code", "part"]].assign(cell="", hours=0.0)[:0]
    summed = table.groupby(["ward_code", "cell", "part"])["hours"].sum()
    hours = pd.DataFrame(summed.unstack("part")).reindex(index=cells, columns=["actual", "planned"]).fillna(0.0)
    value = hours["actual"] / hours["planned"].where(hours["planned"] > 0) * measure.scale
    figures = pd.DataFrame({"value": value, "numerator": hours["actual"], "denominator": hours["planned"]})
    figures = figures.reset_index().rename(columns={"cell": "part"})
    rows = hours.reset_index().rename(columns={"cell": "part"})
    return Answer(rows, figures=figures, states=wards_without_duties(hospital))


def _month_start(hospital: Hospital) -> pd.Timestamp:
    return at_local(hospital.local_date.replace(day=1), _MIDNIGHT)


_MIDNIGHT = pd.Timestamp("2000-01-01").time()
_COUNTED_AT = pd.Timestamp("2000-01-01 23:59").time()


def chppd(hospital: Hospital, measure: Measure) -> Answer:
    """Care hours of the closed days of this month over their 23:59 patient counts."""
    start, end = _month_start(hospital), hospital.today
    days = pd.date_range(hospital.local_date.replace(day=1), hospital.local_date, inclusive="left")
    wards = pd.Index(list(hospital.site.wards), name="ward_code")
    counted: Counter[str] = Counter()
    for day in days:
        present = hospital.lying(micro(at_local(day, _COUNTED_AT)))
        counted.update(hospital.stays["ward_code"].take(present).tolist())
    patient_days = pd.Series([float(counted[ward]) for ward in wards], index=wards)
    duties = roster(hospital)
    duties = duties[duties["actual"]].assign(ward_code=duties["worked"])
    hours = overlap_h(duties, start, end, net=True)
    names = {member: {"care": "hcsw"}.get(name, name) for name, members in GROUPS.items() for member in members}
    worked = duties.assign(hours=hours, part=duties["staff_group"].map(names))
    worked = worked[worked["hours"] > 0]
    cells = pd.MultiIndex.from_product([patient_days.index, ["rn", "hcsw", "other"]], names=["ward_code", "part"])
    each = worked.groupby(["ward_code", "part"])["hours"].sum().reindex(cells, fill_value=0.0).reset_index()
    total = each.groupby("ward_code", as_index=False)["hours"].sum().assign(part="total")
    long = pd.concat([each, total], ignore_index=True).rename(columns={"hours": "numerator"})
    long["denominator"] = long["ward_code"].map(patient_days)
    long["value"] = long["numerator"] / long["denominator"].where(long["denominator"] > 0)
    empty = [ward for ward, number in patient_days.items() if number == 0]
    states = {str(ward): (State.NOT_APPLICABLE, "no closed patient day this month") for ward in empty}
    rows = long.rename(columns={"numerator": "hours", "denominator": "patient_days"})
    return Answer(rows, figures=long, states=states | wards_without_duties(hospital))


def red_flag(hospital: Hospital, measure: Measure) -> Answer:
    """Wards whose current shift has fewer than two RNs present, or too few RN hours against the requirement."""
    shift = current_shift(hospital.site.shifts, hospital.local_date, hospital.as_at)
    nurses = _of_groups(roster(hospital), REGISTERED)
    nurses = nurses.assign(hours=overlap_h(nurses, shift.start, shift.end, net=True))
    wards = pd.Index(hospital.site.wards_of(measure.id), name="ward_code")
    planned = nurses[nurses["planned"]].groupby("ward_code")["hours"].sum().reindex(wards, fill_value=0.0)
    filled = nurses[nurses["actual"]].assign(ward_code=nurses["worked"])
    actual = filled.groupby("ward_code")["hours"].sum().reindex(wards, fill_value=0.0)
    now = filled[(filled["start_ts"] <= hospital.as_at) & (filled["end_ts"] > hospital.as_at)]
    present = now.groupby("ward_code").size().reindex(wards, fill_value=0)
    acuity = _required_hours(hospital, shift).reindex(wards)
    required = acuity.fillna(planned)
    short = required - actual
    limit_h = hospital.site.param(measure.id, "shortfall_h", measure.params["shortfall_h"])
    share = hospital.site.param(measure.id, "shortfall_share", measure.params["shortfall_share"])
    fewest = hospital.site.param(measure.id, "fewest_rn", measure.params["fewest_rn"])
    table = pd.DataFrame({"required_h": required, "actual_h": actual, "present": present, "short_h": short})
    few = present < fewest
    by_hours, by_share = short > limit_h, short > share * required
    reasons = pd.Series("", index=wards).mask(few, f"fewer than {fewest} RNs present; ")
    reasons = reasons + by_hours.map({True: f"short by more than {limit_h} h; ", False: ""})
    reasons = reasons + by_share.map({True: f"short by more than {share:.0%}; ", False: ""})
    source = acuity.notna().map({True: "acuity census", False: "planned hours"})
    flagged = few | by_hours | by_share
    table = table.assign(reasons=reasons.str.rstrip("; "), requirement=source, flag=flagged).reset_index()
    figures = table.assign(part="count", value=table["flag"].astype(float), denominator=1.0)
    figures = figures.assign(numerator=figures["value"])[["ward_code", "part", "value", "numerator", "denominator"]]
    nothing = dict.fromkeys(wards[required <= 0], (State.NOT_APPLICABLE, "no requirement this shift"))
    details = dict(zip(table["ward_code"], "against " + table["requirement"], strict=True))
    return Answer(
        table[table["flag"]], figures=figures, states=nothing | wards_without_duties(hospital), details=details
    )


def _required_hours(hospital: Hospital, shift: Shift) -> pd.Series[float]:
    """ward_code → RN hours required by the latest acuity census of the current shift; empty without one."""
    if not hospital.has("census_staffing"):
        return pd.Series(dtype="float64")
    rows = hospital.feed("census_staffing")
    rows = rows[(rows["ts"] <= hospital.as_at)]
    named = rows["shift"] == shift.name
    recent = rows["ts"] >= shift.start - ONE_DAY / 2
    inside = (rows["ts"] >= shift.start) & (rows["ts"] < shift.end)
    rows = rows[(named & recent) | (rows["shift"].isna() & inside)]
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
