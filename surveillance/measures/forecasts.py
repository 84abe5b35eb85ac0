"""What becomes overdue in the next four hours, from the same states as what is overdue now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import instants, micro
from surveillance.measures.assessment_state import CURRENT, PENDING
from surveillance.measures.declaration import Answer, Better, Dimension, Kind, Measure, NotConnected, Standard
from surveillance.measures.doses import NO_RECORD, dose_rows, require_critical_list, scheduled_doses
from surveillance.measures.hospital import Hospital
from surveillance.measures.observations import observation_due
from surveillance.measures.requirements import REQUIREMENTS
from surveillance.measures.risk_assessments import owed
from surveillance.measures.roster import REGISTERED, UNREGISTERED, figures, heads, roster, wards_without_duties
from surveillance.measures.shifts import next_shift

AHEAD_H = 4


def _soon(hospital: Hospital, measure: Measure) -> pd.Timestamp:
    return hospital.as_at + pd.Timedelta(hours=hospital.site.param(measure.id, "ahead_h", measure.params["ahead_h"]))


def assessments_due(hospital: Hospital, measure: Measure) -> Answer:
    """Required assessments that are in time now and will not be within the hours ahead."""
    soon = micro(_soon(hospital, measure))
    places, moments, names = [], [], []
    for row in REQUIREMENTS:
        found = owed(hospital, row)
        if not found.rule.reassessable:
            raise NotConnected("no source is connected for care_event")
        waiting = (found.state == PENDING) | (found.state == CURRENT)
        due = np.flatnonzero(waiting & (found.due > hospital.now) & (found.due <= soon))
        places.append(found.place[due])
        moments.append(found.due[due])
        names += [row.removeprefix("ra_")] * len(due)
    rows = hospital.beside(
        np.concatenate(places), due=instants(np.concatenate(moments)), assessment=pd.Series(names, dtype="str")
    )
    return Answer(rows)


def critical_doses_due(hospital: Hospital, measure: Measure) -> Answer:
    """Critical doses due within the hours ahead that nobody has recorded yet."""
    require_critical_list(hospital)
    doses, soon = scheduled_doses(hospital), micro(_soon(hospital, measure))
    waiting = doses.critical & (doses.state == NO_RECORD) & (doses.due > hospital.now) & (doses.due <= soon)
    doses = doses.take(np.flatnonzero(waiting & (doses.spell >= 0)))
    place = hospital.place[doses.spell]
    return Answer(dose_rows(hospital, doses.take(np.flatnonzero(place >= 0)), place[place >= 0]))


def observations_due(hospital: Hospital, measure: Measure) -> Answer:
    """Patients whose observations become overdue within the hours ahead."""
    due = observation_due(hospital)
    return Answer(due[(due["due"] > hospital.as_at) & (due["due"] <= _soon(hospital, measure))])


def staffing_gap(hospital: Hospital, measure: Measure) -> Answer:
    """Heads that the next shift's roster demands and nobody has confirmed."""
    shift = next_shift(hospital.site.shifts, hospital.local_date, hospital.as_at)
    parts, lists = {}, []
    for part, groups in (("registered", REGISTERED), ("unregistered", UNREGISTERED)):
        duties = roster(hospital).during(shift.start, shift.end).of(groups)
        hours = duties.hours(shift.start, shift.end)
        short = duties.by_ward(hours, planned=True) - duties.by_ward(hours, planned=False)
        gap = heads(np.maximum(short, 0), shift)
        parts[part] = (gap, gap, np.nan)
        unfilled = duties.take(~duties.actual)
        lists.append(unfilled.listed(hospital, hours[~duties.actual]).assign(part=part))
    rows, table = pd.concat(lists, ignore_index=True), figures(list(hospital.site.wards), parts)
    return Answer(rows, figures=table, states=wards_without_duties(hospital), detail=f"next {shift.name} shift")


def about_to_count(measure: Measure, rows: Iterable[Mapping[str, Any]]) -> list[datetime]:
    """When those of a forecast's rows fall due that are about to count in ``measure``, which names that forecast."""
    own = measure.id.removeprefix("ra_") if measure.id in REQUIREMENTS else None
    ours = (row for row in rows if own is None or row.get("assessment") == own)
    return [due for row in ours if (due := row.get("due") or row.get("due_ts"))]


FORECASTS = (
    Measure(
        id="due_assessments_4h",
        label="Risk assessments falling due",
        short="Assessments due",
        group="next_4_hours",
        kind=Kind.COUNT,
        counts="required assessments that are in time now and fall due in the next 4 hours",
        rows=assessments_due,
        standard=Standard("the limits of each assessment", "L"),
        feeds=("spell", "ward_stay", "assessment", "order"),
        optional=("ed_attendance", "care_event", "flag"),
        dimension=Dimension.ANTICIPATION,
        better=Better.NEUTRAL,
        key=("spell_key", "assessment"),
        columns=("bed_code", "patient_key", "due"),
        params={"ahead_h": AHEAD_H},
    ),
    Measure(
        id="due_critical_doses_4h",
        label="Critical doses due",
        group="next_4_hours",
        kind=Kind.COUNT,
        counts="critical doses due in the next 4 hours and not yet recorded",
        rows=critical_doses_due,
        standard=Standard("the prescription's times", "L"),
        feeds=("spell", "ward_stay", "order", "dose_event"),
        dimension=Dimension.ANTICIPATION,
        better=Better.NEUTRAL,
        key=("order_key", "due_ts"),
        columns=("bed_code", "patient_key", "medicine", "drug_class"),
        params={"ahead_h": AHEAD_H},
        owner="Chief Pharmacist",
    ),
    Measure(
        id="due_observations_4h",
        label="Observations falling due",
        short="Observations due",
        group="next_4_hours",
        kind=Kind.COUNT,
        counts="patients whose observations become overdue in the next 4 hours",
        rows=observations_due,
        standard=Standard("the patient's plan, else the RCP maximum, and the grace", "S"),
        feeds=("spell", "ward_stay", "obs_set"),
        optional=("obs_plan",),
        dimension=Dimension.ANTICIPATION,
        better=Better.NEUTRAL,
        columns=("bed_code", "patient_key", "last_ts", "due"),
        params={"ahead_h": AHEAD_H},
    ),
    Measure(
        id="staffing_gap_next_shift",
        label="Next shift's staffing gap",
        short="Next shift short of",
        group="next_4_hours",
        kind=Kind.PAIR,
        counts="heads planned for the next shift and not confirmed: registered; unregistered",
        rows=staffing_gap,
        standard=Standard("planned heads", "L"),
        feeds=("duty",),
        dimension=Dimension.ANTICIPATION,
        better=Better.LOWER,
        parts=("registered", "unregistered"),
        part_labels=("Registered", "Unregistered"),
        wall_labels=("Reg.", "Unreg."),
        key=("duty",),
        columns=("start_ts", "end_ts", "staff_group", "state"),
    ),
)
