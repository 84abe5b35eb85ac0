"""Infection: COVID-19 now and awaited, C. difficile now and since when not."""

from __future__ import annotations

from typing import Any

import pandas as pd

from surveillance.feeds.moments import london_dates, micros
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
from surveillance.measures.hospital import Hospital, looked_up
from surveillance.settings import Threshold

COVID, CDIFF = "SARS-CoV-2", "C. difficile"
POSITIVE = {COVID: "positive", CDIFF: "toxin positive"}
"""The word for a result that counts: C. difficile without its toxin does not."""
AWAITED = ("ordered", "collected", "in lab")
HOSPITAL_ONSET_DAY = 3
"""A specimen from this day of the spell on is hospital-onset (UKHSA: admission is day 1)."""
EPISODE_DAYS = 28
"""A positive within so many days of an episode's first specimen is the same episode (UKHSA)."""
YOUNGEST = 2


def final_positives(hospital: Hospital, organism: str) -> pd.DataFrame:
    """Final positive results of an organism that are known now."""
    rows = hospital.feed("micro_result")
    known = rows["final_ts"].fillna(rows["collected_ts"]) <= hospital.as_at
    positive = (rows["organism"] == organism) & (rows["status"] == "final") & (rows["result"] == POSITIVE[organism])
    return rows[positive & known & (rows["collected_ts"] <= hospital.as_at)]


def covid_positive(hospital: Hospital, measure: Measure) -> Answer:
    """Patients with a positive specimen of the last days, or an open COVID isolation flag."""
    days = hospital.site.param(measure.id, "window_days", measure.params["window_days"])
    positive = final_positives(hospital, COVID)
    recent = positive[positive["collected_ts"] >= hospital.ago(24 * days)]
    first = recent.groupby("patient_key")["collected_ts"].min()
    patients = hospital.on_ward
    isolated = patients["spell_key"].isin(hospital.flagged("isolation_covid")["spell_key"])
    collected = looked_up(first, patients["patient_key"])
    rows = patients.assign(collected_ts=collected, isolated=isolated)[collected.notna() | isolated]
    day = (london_dates(rows["collected_ts"]) - london_dates(rows["admit_ts"])).dt.days + 1
    rows = rows.assign(onset=_onset(day))
    return Answer(rows, hospital.patients_per_ward(), detail=_without_flags(hospital))


def _onset(day: pd.Series[Any]) -> pd.Series[Any]:
    """Onset class of the specimen's day of the spell."""
    onset = pd.Series(None, index=day.index, dtype="str")
    onset = onset.mask(day <= 2, "community").mask(day >= 3, "indeterminate")
    return onset.mask(day >= 8, "probable hospital").mask(day >= 15, "definite hospital")


def _without_flags(hospital: Hospital) -> str:
    return "" if hospital.has("flag") else "without isolation flags"


def covid_test_awaited(hospital: Hospital, measure: Measure) -> Answer:
    """Patients with a test on its way, ordered not too long ago, who are not already positive."""
    max_age = hospital.site.param(measure.id, "max_age_h", measure.params["max_age_h"])
    rows = hospital.feed("micro_result")
    rows = rows[(rows["organism"] == COVID) & rows["status"].isin(AWAITED)]
    asked = rows["ordered_ts"].fillna(rows["collected_ts"])
    hospital.quality["COVID test: neither ordered nor collected time"] += int(asked.isna().sum())
    waiting = rows.assign(asked_ts=asked)[(asked <= hospital.as_at) & (asked >= hospital.ago(max_age))]
    hospital.quality["COVID test: awaited for too long"] += int((asked < hospital.ago(max_age)).sum())
    days = hospital.site.param("covid_positive", "window_days", WINDOW_DAYS)
    positive = final_positives(hospital, COVID)
    positive = positive[positive["collected_ts"] >= hospital.ago(24 * days)]
    waiting = waiting[~waiting["patient_key"].isin(positive["patient_key"])]
    first = waiting.sort_values("asked_ts").drop_duplicates("patient_key")
    found = hospital.on_ward.merge(first[["patient_key", "asked_ts", "status"]], on="patient_key")
    return Answer(found, hospital.patients_per_ward())


def cdiff_current(hospital: Hospital, measure: Measure) -> Answer:
    """Patients with an open C. difficile isolation flag, or a recent toxin-positive specimen that is not closed."""
    window = hospital.site.param(measure.id, "window_days", measure.params["window_days"])
    positive = final_positives(hospital, CDIFF)
    recent = positive[positive["collected_ts"] >= hospital.ago(24 * window)]
    patients = hospital.on_ward
    closed = hospital.flagged("cdiff_resolved").groupby("spell_key")["start_ts"].max()
    recent = recent[["patient_key", "collected_ts"]].merge(patients[["patient_key", "spell_key", "age"]])
    recent = recent[recent["age"].isna() | (recent["age"] >= YOUNGEST)]
    resolved = looked_up(closed, recent["spell_key"]) > recent["collected_ts"]
    latest = recent[~resolved].groupby("patient_key")["collected_ts"].max()
    isolated = patients["spell_key"].isin(hospital.flagged("isolation_cdiff")["spell_key"])
    collected = looked_up(latest, patients["patient_key"])
    rows = patients.assign(collected_ts=collected, isolated=isolated)[collected.notna() | isolated]
    return Answer(rows, hospital.patients_per_ward(), detail=_without_flags(hospital))


def cdiff_days_since(hospital: Hospital, measure: Measure) -> Answer:
    """Days since the last hospital-onset case whose specimen was taken while the patient lay on the ward."""
    cases = hospital_onset_cases(hospital)
    return days_since(hospital, measure, cases, "collected_ts", "micro_result")


def hospital_onset_cases(hospital: Hospital) -> pd.DataFrame:
    """First specimens of C. difficile episodes that count as hospital-onset: ward_code, spell_key, collected_ts."""
    positive = final_positives(hospital, CDIFF).sort_values("collected_ts", kind="stable")
    first = positive[_starts_episode(positive)]
    patient = hospital.patients[1].get_indexer(pd.Index(first["patient_key"].to_numpy(dtype=object)))
    wards, spell = hospital.wards_at(patient, micros(first["collected_ts"]))
    hospital.quality["C. difficile: specimen of a patient on no ward"] += int((spell < 0).sum())
    lay = spell >= 0
    of_spell = hospital.spells[["spell_key", "admit_ts", "age", "patient_class"]].take(spell[lay])
    columns = {str(name): cells.array for name, cells in of_spell.items()}
    cases = first.drop(columns="status")[lay].assign(ward_code=hospital.ward_codes(wards[lay]), **columns)
    day = (london_dates(cases["collected_ts"]) - london_dates(cases["admit_ts"])).dt.days + 1
    old_enough = cases["age"].isna() | (cases["age"] >= YOUNGEST)
    return cases[(day >= HOSPITAL_ONSET_DAY) & old_enough & (cases["patient_class"].fillna("inpatient") == "inpatient")]


def _starts_episode(positive: pd.DataFrame) -> pd.Series[Any]:
    """Which specimens, in time order, are the first of an episode of their patient."""
    dates = london_dates(positive["collected_ts"])
    opened: dict[str, pd.Timestamp] = {}
    starts = []
    for patient, date in zip(positive["patient_key"], dates, strict=True):
        new = patient not in opened or (date - opened[patient]).days > EPISODE_DAYS
        if new:
            opened[patient] = date
        starts.append(new)
    return pd.Series(starts, index=positive.index, dtype=bool)


WINDOW_DAYS = 14
_FEEDS = ("spell", "ward_stay", "micro_result")
_CONTROL = "Infection Prevention and Control"

MEASURES = (
    Measure(
        id="covid_positive",
        label="Patients with COVID-19",
        short="COVID-19 patients",
        group="infection",
        kind=Kind.COUNT,
        counts="patients with a positive SARS-CoV-2 test collected in the last 14 × 24 h, or an open isolation flag",
        rows=covid_positive,
        standard=Standard("14 days, or still treated as COVID", "K", ("NHS England daily situation report wording",)),
        feeds=_FEEDS,
        optional=("flag",),
        dimension=Dimension.OPERATIONS,
        better=Better.LOWER,
        out_of="patients on the ward",
        clock="when the specimen was taken",
        exclusions=("an older positive without isolation", "diagnosis without a test"),
        columns=("bed_code", "patient_key", "collected_ts", "onset", "isolated"),
        params={"window_days": WINDOW_DAYS},
        sensitive=True,
        owner=_CONTROL,
    ),
    Measure(
        id="covid_test_awaited",
        label="Awaiting COVID test results",
        short="COVID-19 awaited",
        group="infection",
        kind=Kind.COUNT,
        counts="patients with a SARS-CoV-2 test ordered at most 72 h ago, no final result and none positive",
        rows=covid_test_awaited,
        standard=Standard("no national time", "L"),
        feeds=_FEEDS,
        dimension=Dimension.ANTICIPATION,
        better=Better.LOWER,
        out_of="patients on the ward",
        clock="when it was ordered, else collected",
        exclusions=("cancelled", "ordered more than 72 h ago (data quality)", "already positive"),
        columns=("bed_code", "patient_key", "asked_ts", "status"),
        params={"max_age_h": 72},
        sensitive=True,
        owner=_CONTROL,
    ),
    Measure(
        id="cdiff_days_since",
        label="Days since hospital-onset C. difficile",
        short="Days since C. difficile",
        group="infection",
        kind=Kind.DAYS_SINCE,
        counts="whole days since the specimen of the last hospital-onset case taken on this ward",
        rows=cdiff_days_since,
        standard=Standard(
            "specimen on day 3 of the spell or later; positives within 28 days are one episode",
            "S",
            ("UKHSA mandatory surveillance of C. difficile",),
        ),
        feeds=_FEEDS,
        dimension=Dimension.PAST_HARM,
        better=Better.HIGHER,
        clock="when the specimen was taken",
        exclusions=("under 2 years of age", "repeats within 28 days"),
        key=("patient_key", "collected_ts"),
        columns=("spell_key", "admit_ts"),
        rollup=RollUp.MINIMUM,
        charted=Charted(Form.EVENTS, "Hospital-onset C. difficile", "days between cases", 1),
        public=True,
        owner=_CONTROL,
        notes="Provisional until infection control confirms.",
    ),
    Measure(
        id="cdiff_current",
        label="Patients with active C. difficile",
        short="C. difficile patients",
        group="infection",
        kind=Kind.COUNT,
        counts="patients with an open C. difficile isolation flag, or a positive specimen of 28 days not closed",
        rows=cdiff_current,
        standard=Standard("local isolation policy", "L"),
        feeds=_FEEDS,
        optional=("flag",),
        dimension=Dimension.OPERATIONS,
        better=Better.LOWER,
        out_of="patients on the ward",
        clock="when the specimen was taken",
        columns=("bed_code", "patient_key", "collected_ts", "isolated"),
        params={"window_days": 28},
        threshold=Threshold(watch=1, act=3),
        sensitive=True,
        owner=_CONTROL,
    ),
)
