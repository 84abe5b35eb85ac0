"""Pressure ulcers: who has one now, and since when none was acquired on the ward."""

from __future__ import annotations

import pandas as pd

from surveillance.feeds.moments import micros
from surveillance.measures.days_since import days_since
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
from surveillance.measures.hospital import Hospital, at_rows, truth
from surveillance.settings import Threshold

COUNTED = ("2", "3", "4", "unstageable", "DTI")


def pressure_ulcers(hospital: Hospital) -> pd.DataFrame:
    """Wounds that are pressure ulcers of a counted category and were seen by now."""
    wounds = hospital.feed("wound")
    counted = (wounds["kind"] == "pressure_ulcer") & wounds["category"].isin(COUNTED)
    return wounds[counted & ~(wounds["first_observed_ts"] > hospital.as_at)]


def pressure_ulcer_patients(hospital: Hospital, measure: Measure) -> Answer:
    """Patients with at least one unhealed pressure ulcer of category 2 or worse."""
    ulcers = pressure_ulcers(hospital)
    open_ = ulcers[ulcers["healed_ts"].isna() | (ulcers["healed_ts"] > hospital.as_at)]
    worst = open_.assign(grade=open_["category"].map(dict(zip(COUNTED, range(len(COUNTED)), strict=True))))
    worst = worst.sort_values("grade", kind="stable").drop_duplicates("spell_key", keep="last")
    columns = ["spell_key", "category", "site", "device_related", "present_on_admission", "validated"]
    rows = hospital.on_ward_of(worst[columns])
    return Answer(rows, hospital.patients_per_ward())


def pressure_ulcer_days_since(hospital: Hospital, measure: Measure) -> Answer:
    """Days since the last validated hospital-acquired pressure ulcer first seen while the patient lay on the ward."""
    ulcers = pressure_ulcers(hospital)
    unknown = ulcers["present_on_admission"].isna()
    hospital.quality["pressure ulcer: not known whether present on admission"] += int(unknown.sum())
    acquired = ~ulcers["present_on_admission"].fillna(True).astype(bool)
    harms = ulcers[acquired & truth(ulcers["validated"]) & ulcers["first_observed_ts"].notna()]
    spell = hospital.codes_of(harms["spell_key"])
    patient = at_rows(hospital.patients[0], spell, -1)
    wards, speaks = hospital.wards_at(patient, micros(harms["first_observed_ts"]))
    wards[speaks != spell] = -1
    harms = harms.assign(ward_code=pd.Series(hospital.ward_codes(wards), index=harms.index, dtype="str"))
    hospital.quality["pressure ulcer: first seen on no ward"] += int(harms["ward_code"].isna().sum())
    return days_since(hospital, measure, harms.dropna(subset="ward_code"), "first_observed_ts", "wound")


_FEEDS = ("spell", "ward_stay", "wound")
_CATEGORIES = "NHS Improvement, Pressure ulcers: revised definition and measurement (2018)"

MEASURES = (
    Measure(
        id="pressure_ulcer_patients",
        label="Patients with a pressure ulcer",
        group="skin",
        kind=Kind.COUNT,
        counts="patients with an unhealed pressure ulcer of category 2, 3, 4, unstageable or deep tissue injury",
        rows=pressure_ulcer_patients,
        standard=Standard("six-way description", "S", (_CATEGORIES, "NWCSP recommendations 2023/24")),
        feeds=_FEEDS,
        dimension=Dimension.PAST_HARM,
        better=Better.LOWER,
        out_of="patients on the ward",
        exclusions=("moisture-associated damage", "healed", "category 1"),
        columns=("bed_code", "patient_key", "category", "site", "present_on_admission", "device_related", "validated"),
        threshold=Threshold(watch=4, act=8),
        owner="Tissue Viability",
        notes="Patients, not wounds.",
    ),
    Measure(
        id="pressure_ulcer_days_since",
        label="Days since hospital-acquired pressure ulcer",
        short="Days since pressure ulcer",
        group="skin",
        kind=Kind.DAYS_SINCE,
        counts="whole days since the last validated hospital-acquired pressure ulcer of category 2 or worse was seen",
        rows=pressure_ulcer_days_since,
        standard=Standard("local attribution; no 72-hour rule", "S", (_CATEGORIES,)),
        feeds=_FEEDS,
        dimension=Dimension.PAST_HARM,
        better=Better.HIGHER,
        clock="when it was first seen",
        exclusions=("present on admission or unknown", "not validated"),
        key=("wound_key",),
        columns=("spell_key", "category", "site", "first_observed_ts"),
        rollup=RollUp.MINIMUM,
        charted=Charted(Form.EVENTS, "Hospital-acquired pressure ulcers", "days between cases", 1),
        public=True,
        owner="Tissue Viability",
    ),
)
