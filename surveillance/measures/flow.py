"""Flow: who is on the ward, who is expected to leave, and who no longer needs to be there."""

from __future__ import annotations

from typing import Any

import pandas as pd

from surveillance.measures.assessment_state import known_assessments
from surveillance.measures.declaration import Answer, Better, Dimension, Kind, Measure, Standard
from surveillance.measures.hospital import Hospital, blank, looked_up
from surveillance.measures.picking import folded

NO_CRITERIA = "none"
FRAILTY_AGE = 65
CFS_SCORES = tuple(str(score) for score in range(1, 10))
CFS_UNKNOWN = "not_recorded"


def patients_on_ward(hospital: Hospital, measure: Measure) -> Answer:
    """Everybody who lies on the ward now."""
    patients = hospital.on_ward
    return Answer(patients)


def discharge_plans(hospital: Hospital) -> pd.DataFrame:
    """The plan of each patient on a ward that was entered last, whole; found once."""

    def find() -> pd.DataFrame:
        plans = hospital.feed("discharge_plan")
        known = plans[plans["edd_set_ts"].isna() | (plans["edd_set_ts"] <= hospital.as_at)]
        latest = known.sort_values("edd_set_ts", kind="stable", na_position="first")
        return hospital.on_ward_of(latest.drop_duplicates("spell_key", keep="last"))

    plans: pd.DataFrame = hospital.once("discharge plans", find)
    return plans


def golden_discharge(hospital: Hospital, measure: Measure) -> Answer:
    """Patients flagged to leave early today who are still here."""
    plans = discharge_plans(hospital)
    return Answer(plans[plans["golden_for_date"] == hospital.local_date], hospital.patients_per_ward())


def expected_today(hospital: Hospital, measure: Measure) -> Answer:
    """Patients whose expected date of discharge is today and who are still here."""
    plans = discharge_plans(hospital)
    passed = plans[plans["edd"] < hospital.local_date].groupby("ward_code").size()
    rows = plans[plans["edd"] == hospital.local_date]
    rows = rows.assign(golden=rows["golden_for_date"] == hospital.local_date)
    details = {str(ward): f"{number} with the date passed" for ward, number in passed.items()}
    return Answer(rows, hospital.patients_per_ward(), details=details)


def no_criteria_to_reside(hospital: Hospital, measure: Measure) -> Answer:
    """Patients ready for discharge, or reviewed as meeting none of the criteria."""
    plans = discharge_plans(hospital)
    code = folded(plans["criteria_to_reside_code"])
    ready = plans["discharge_ready_ts"] <= hospital.as_at
    meets = ~blank(plans["criteria_to_reside_code"]) & (code != NO_CRITERIA)
    hospital.quality["criteria to reside: met, yet ready for discharge"] += int((ready & meets).sum())
    return Answer(plans[ready | (code == NO_CRITERIA)], hospital.patients_per_ward())


def frailty_profile(hospital: Hospital, measure: Measure) -> Answer:
    """Patients aged 65 and over by their latest Clinical Frailty Scale score."""
    patients = hospital.on_ward
    old = patients[patients["age"] >= FRAILTY_AGE]
    entries = known_assessments(hospital)
    last = entries[(entries["type"] == "cfs")].drop_duplicates("spell_key", keep="last")
    score: pd.Series[Any] = looked_up(last.set_index("spell_key")["score"], old["spell_key"])
    part = score.map({float(name): name for name in CFS_SCORES}).astype(object).fillna(CFS_UNKNOWN)
    return Answer(old.assign(part=part), hospital.patients_per_ward(old))


_PLAN = ("spell", "ward_stay", "discharge_plan")
_PLAN_COLUMNS = ("bed_code", "patient_key", "edd", "golden_for_date", "criteria_to_reside_code", "discharge_ready_ts")
_OPERATIONS = "Chief Operating Officer"

MEASURES = (
    Measure(
        id="patients_on_ward",
        label="Patients on ward",
        group="flow",
        kind=Kind.COUNT,
        counts="distinct patients with an open ward stay on the ward",
        rows=patients_on_ward,
        standard=Standard("no standard; agrees with the bed state", "L"),
        feeds=("spell", "ward_stay"),
        dimension=Dimension.OPERATIONS,
        better=Better.NEUTRAL,
        exclusions=("test and merged patients", "on leave", "day cases without a bed"),
        columns=("bed_code", "patient_key", "start_ts", "admit_ts"),
        public=True,
        owner=_OPERATIONS,
    ),
    Measure(
        id="golden_discharge",
        label="Golden discharges flagged",
        short="Golden discharge",
        group="flow",
        kind=Kind.COUNT,
        counts="patients flagged to leave early today who are still on the ward",
        rows=golden_discharge,
        standard=Standard(
            "identified the day before, leaves before 10:00", "S", ("Blackpool Teaching Hospitals, golden patients",)
        ),
        feeds=_PLAN,
        dimension=Dimension.ANTICIPATION,
        better=Better.NEUTRAL,
        out_of="patients on the ward",
        clock="local date",
        columns=_PLAN_COLUMNS,
        owner=_OPERATIONS,
    ),
    Measure(
        id="edd_today",
        label="Expected discharges today",
        short="Due home today",
        group="flow",
        kind=Kind.COUNT,
        counts="patients whose expected date of discharge is today and who are still on the ward",
        rows=expected_today,
        standard=Standard(
            "set at the first consultant review, at the latest the next morning",
            "S",
            ("NHS England, plan for discharge from the start",),
        ),
        feeds=_PLAN,
        dimension=Dimension.ANTICIPATION,
        better=Better.NEUTRAL,
        out_of="patients on the ward",
        clock="local date",
        exclusions=("an earlier date (shown apart)",),
        columns=(*_PLAN_COLUMNS, "golden"),
        owner=_OPERATIONS,
    ),
    Measure(
        id="no_criteria_to_reside",
        label="Patients not meeting criteria to reside",
        short="No reason to reside",
        group="flow",
        kind=Kind.COUNT,
        counts="patients ready for discharge, or whose latest review found none of the criteria 01–12",
        rows=no_criteria_to_reside,
        standard=Standard("daily review against twelve criteria", "S", ("NHS Data Dictionary (2024)",)),
        feeds=_PLAN,
        dimension=Dimension.ANTICIPATION,
        better=Better.LOWER,
        out_of="patients on the ward",
        exclusions=("not reviewed: unknown, not 'none'",),
        columns=_PLAN_COLUMNS,
        owner=_OPERATIONS,
    ),
    Measure(
        id="frailty_profile",
        label="Frailty profile (Clinical Frailty Scale)",
        short="Frailty (Clinical Frailty Scale)",
        group="flow",
        kind=Kind.DISTRIBUTION,
        counts="patients aged 65 and over by their latest Clinical Frailty Scale score",
        rows=frailty_profile,
        standard=Standard("Clinical Frailty Scale 1 to 9; the electronic frailty index is never mixed in", "K"),
        feeds=("spell", "ward_stay", "assessment"),
        dimension=Dimension.ANTICIPATION,
        better=Better.NEUTRAL,
        parts=(*CFS_SCORES, CFS_UNKNOWN),
        part_labels=(*CFS_SCORES, "not recorded"),
        out_of="patients aged 65 and over",
        exclusions=("age unknown",),
        columns=("bed_code", "patient_key"),
        sensitive=True,
        owner="Medical Director",
    ),
)
