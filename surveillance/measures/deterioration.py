"""Patients who are getting worse: acute kidney injury, observations, early warning scores, sepsis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from surveillance.clinical.news2 import news2
from surveillance.feeds.moments import instants
from surveillance.measures.declaration import (
    Answer,
    Better,
    Charted,
    Dimension,
    Form,
    Kind,
    Measure,
    NotConnected,
    Standard,
)
from surveillance.measures.doses import order_codes
from surveillance.measures.hospital import Hospital, looked_up, open_at, truth
from surveillance.measures.observations import (
    at_rows,
    latest_plan,
    latest_set,
    observation_due,
    scored,
    totals,
)
from surveillance.measures.own_stage import staged
from surveillance.measures.recorded_news2 import differing
from surveillance.settings import Threshold

HOURLY_MIN = 60
HIGH, MEDIUM = 7, 5
"""NEWS2 totals from which the risk is high, and medium (RCP 2017, chart 2)."""
RISK_HOURS = ((HIGH, 1), (MEDIUM, 3), (1, 6))
"""NEWS2 total from → hours within which antibiotics are due (AoMRC 2022; NICE NG253)."""


def aki_patients(hospital: Hospital, measure: Measure) -> Answer:
    """Patients whose latest creatinine carries a laboratory AKI warning stage and is recent enough."""
    results = hospital.feed("lab_result")
    stage, detail = _stages(hospital, results)
    active_h = hospital.site.param(measure.id, "active_h", measure.params["active_h"])
    clear_after = int(hospital.site.param(measure.id, "clear_after", measure.params["clear_after"]))
    reported = results["reported_ts"].fillna(results["collected_ts"])
    usable = (results["test"] == "creatinine") & (results["value"].notna() | stage.notna())
    usable &= (reported <= hospital.as_at) & (results["collected_ts"] <= hospital.as_at)
    rows = results.assign(stage=stage.fillna(0))[usable]
    rows = rows.sort_values(["collected_ts", "stage"], kind="stable")
    rows = rows.drop_duplicates(["patient_key", "collected_ts"], keep="last")
    patients = hospital.on_ward
    rows = rows[["patient_key", "collected_ts", "stage", "value"]].merge(
        patients[["patient_key", "admit_ts"]], on="patient_key"
    )
    rows = rows[rows["collected_ts"] >= rows["admit_ts"] - pd.Timedelta(hours=active_h)]
    last = _last_alerting(rows, clear_after)
    recent = last[last["collected_ts"] >= hospital.ago(active_h)]
    peak = rows[rows["collected_ts"] >= hospital.ago(active_h)].groupby("patient_key")["stage"].max()
    counted = patients.merge(recent, on="patient_key")
    counted = counted[~_no_aki(hospital, counted)]
    counted = counted.assign(peak_stage=looked_up(peak, counted["patient_key"]))
    stages = counted[counted["stage"] == 3].groupby("ward_code").size()
    details = {str(ward): f"{n} stage 3" for ward, n in stages.items()}
    return Answer(counted, hospital.patients_per_ward(), details=details, detail=detail)


def _stages(hospital: Hospital, results: pd.DataFrame) -> tuple[pd.Series[Any], str]:
    """The laboratory's stage of each result; our own only where it has none and the site asks for it, and says so."""
    if "aki_stage_from_lab" not in hospital.absent.get("lab_result", ()):
        return results["aki_stage_from_lab"], ""
    if not hospital.site.settings.options.own_aki_stage:
        raise NotConnected("the laboratory feed has no AKI warning stage")
    return staged(results, hospital.spells), "own calculation"


def _last_alerting(rows: pd.DataFrame, clear_after: int) -> pd.DataFrame:
    """patient_key, collected_ts, stage, value of the alert that still stands after the last ``clear_after`` results."""
    back = rows[::-1]
    place = back.groupby("patient_key").cumcount()
    alerting = back[(back["stage"] >= 1) & (place < clear_after)]
    return alerting.drop_duplicates("patient_key")[["patient_key", "collected_ts", "stage", "value"]]


def _no_aki(hospital: Hospital, counted: pd.DataFrame) -> pd.Series[Any]:
    """Newborns, patients on chronic dialysis, and alerts that a clinician refuted afterwards."""
    newborn = counted["age_days"] < 28
    dialysis = counted["spell_key"].isin(hospital.flagged("chronic_dialysis")["spell_key"])
    refuted = hospital.flagged("aki_refuted").groupby("spell_key")["start_ts"].max()
    against = looked_up(refuted, counted["spell_key"])
    excluded: pd.Series[Any] = newborn | dialysis | (against > counted["collected_ts"])
    return excluded


def hourly_observations(hospital: Hospital, measure: Measure) -> Answer:
    """Patients whose active plan asks for observations at least hourly; derived from NEWS2 without a plan feed."""
    eligible = hospital.patients_per_ward()
    if hospital.has("obs_plan"):
        plan, plans = latest_plan(hospital), hospital.feed("obs_plan")
        interval = at_rows(plans["interval_min"].to_numpy(dtype=float), plan)
        often = np.flatnonzero(interval <= HOURLY_MIN)
        set_ts = instants(at_rows(hospital.times("obs_plan", "set_ts"), plan)[often])
        return Answer(hospital.beside(often, interval_min=interval[often], set_ts=set_ts), eligible)
    last = latest_set(hospital, with_total=True)
    if "news2_total" in hospital.absent.get("obs_set", ()):  # nobody would have a total, and 0 would look like calm
        raise NotConnected("neither plans of observations nor NEWS2 totals are connected")
    known = np.flatnonzero(scored(hospital) & (last >= 0))
    sets = hospital.feed("obs_set").take(last[known])
    single_3 = np.array([_single_3(one) for one in sets.to_dict("records")], dtype=bool)
    often = known[single_3 | (sets["news2_total"] >= MEDIUM).to_numpy()]
    set_ts = instants(hospital.times("obs_set", "ts")[last[often]])
    rows = hospital.beside(often, interval_min=np.full(len(often), np.nan), set_ts=set_ts)
    return Answer(rows, eligible, detail="derived from NEWS2")


def _single_3(one: dict[Any, Any]) -> bool:
    oxygen = None if pd.isna(one["o2"]) else str(one["o2"]).strip().lower() != "air"
    values = {name: None if pd.isna(one[name]) else one[name] for name in ("rr", "spo2", "sbp", "pulse", "temp")}
    scale = 2 if one["spo2_scale"] == 2 else 1
    acvpu = None if pd.isna(one["acvpu"]) else str(one["acvpu"])
    return news2(on_oxygen=oxygen, spo2_scale=scale, acvpu=acvpu, **values).single_parameter_3


def observations_overdue(hospital: Hospital, measure: Measure) -> Answer:
    """Patients whose last complete set is older than their plan (else the RCP maximum) and the grace."""
    due = observation_due(hospital)
    return Answer(due[hospital.as_at > due["due"]], hospital.patients_per_ward(due))


def news2_high(hospital: Hospital, measure: Measure) -> Answer:
    """Patients by the recorded NEWS2 total of their latest complete set that has one."""
    last = latest_set(hospital, with_total=True)
    applies = scored(hospital)
    total = at_rows(totals(hospital), last)
    judged = hospital.feed("obs_set").take(last[applies & (last >= 0)])
    hospital.quality["NEWS2: recorded total is not what its vital signs add up to"] += differing(judged)
    high = np.flatnonzero(applies & (total >= MEDIUM))
    ts = instants(at_rows(hospital.times("obs_set", "ts"), last)[high])
    part = np.where(total[high] >= HIGH, "7+", "5-6")
    rows = hospital.beside(high, news2_total=total[high], ts=ts).assign(part=part)
    return Answer(rows, hospital.per_ward(np.flatnonzero(applies)))


def sepsis_patients(hospital: Hospital, measure: Measure) -> Answer:
    """Patients with an open confirmed sepsis flag, and those with only an open suspected one."""
    hospital.feed("flag")
    flags = hospital.flagged("sepsis_confirmed", "sepsis_suspected").sort_values("start_ts")
    first = flags.groupby("spell_key")["start_ts"].min().rename("flagged_ts").reset_index()
    rows = hospital.on_ward_of(first)
    confirmed = rows["spell_key"].isin(flags.loc[flags["type"] == "sepsis_confirmed", "spell_key"])
    part = confirmed.map({True: "confirmed", False: "suspected"})
    review = hospital.site.param(measure.id, "review_due_h", measure.params["review_due_h"])
    rows = rows.assign(part=part, review_due=rows["flagged_ts"] < hospital.ago(review))
    return Answer(rows, hospital.patients_per_ward())


def sepsis_antibiotic_overdue(hospital: Hospital, measure: Measure) -> Answer:
    """Patients with open sepsis and an antimicrobial ordered that was not given within the time of their risk."""
    hospital.feed("flag")
    codes = hospital.site.codes_of(hospital.site.settings.medicines.antimicrobial)
    if not codes:
        raise NotConnected("no antimicrobial class is configured")
    now = hospital.as_at
    flags = hospital.flagged("sepsis_confirmed", "sepsis_suspected")
    flagged = flags.groupby("spell_key")["start_ts"].min().rename("flagged_ts").reset_index()
    patients = hospital.on_ward[scored(hospital)].merge(flagged, on="spell_key")
    patients = patients.merge(antibiotic_deadlines(hospital, patients), on="spell_key")
    orders = hospital.feed("order")
    antimicrobial = orders["drug_code"].isin(codes).to_numpy()
    orders = orders[antimicrobial & hospital.belonging("order", patients["spell"])]
    decided = orders[
        (orders["status"] == "active")
        & ~orders["kind"].isin(["PRN", "conditional"])
        & open_at(orders, now, "start_ts", "stop_ts")
    ]
    patients = patients[patients["spell_key"].isin(decided["spell_key"])]
    of_them = antimicrobial & hospital.belonging("order", patients["spell"])
    events = hospital.feed("dose_event")[np.append(of_them, False)[order_codes(hospital)]]  # -1, no order, is the last
    given = events[(events["status"] == "given") & ~truth(events["voided"])]
    entered = given["recorded_ts"].fillna(given["given_ts"])
    given = given[(given["given_ts"] <= now) & (entered <= now)]
    given = given.merge(orders[["order_key", "spell_key"]], on="order_key")
    last = given.groupby("spell_key")["given_ts"].max()
    treated = looked_up(last, patients["spell_key"]) >= patients["time_zero"]
    return Answer(patients[~treated & (now > patients["due"])], hospital.patients_per_ward(patients))


def antibiotic_deadlines(hospital: Hospital, cases: pd.DataFrame, by: str = "spell_key") -> pd.DataFrame:
    """``by``, time_zero (the first scoring set) and due: the earliest time any set since then allows.

    ``cases``: one row a ``by``, with spell, spell_key and flagged_ts.
    """
    sets = hospital.feed("obs_set")
    sets = sets[hospital.belonging("obs_set", cases["spell"])]
    sets = sets[truth(sets["complete"]) & sets["news2_total"].notna() & (sets["ts"] <= hospital.as_at)]
    sets = sets[["spell_key", "ts", "news2_total"]].merge(
        cases[list(dict.fromkeys(["spell_key", by, "flagged_ts"]))], on="spell_key"
    )
    before = sets[sets["ts"] <= sets["flagged_ts"]].groupby(by)["ts"].max()
    zero = looked_up(before, sets[by])
    sets = sets[zero.isna() | (sets["ts"] >= zero)]
    hours = pd.Series(float("nan"), index=sets.index)
    for total, within in reversed(RISK_HOURS):
        hours = hours.mask(sets["news2_total"] >= total, within)
    sets = sets.assign(due=(sets["ts"] + pd.to_timedelta(hours, unit="h")).astype("datetime64[us, UTC]"))
    scoring = sets[hours.notna()]
    return scoring.groupby(by).agg(time_zero=("ts", "min"), due=("due", "min")).reset_index()


_RCP = "Royal College of Physicians, NEWS2 (2017) chart 4"

MEASURES = (
    Measure(
        id="obs_hourly_or_more_often",
        label="Observations hourly or more often",
        short="Hourly or closer observations",
        group="deterioration",
        kind=Kind.COUNT,
        counts="patients whose plan asks for observations every 60 min or more often (0 = continuous)",
        rows=hourly_observations,
        standard=Standard("NEWS2 5 and over, or 3 in one parameter: at least hourly", "S", (_RCP,)),
        feeds=("spell", "ward_stay"),
        optional=("obs_plan", "obs_set"),
        dimension=Dimension.OPERATIONS,
        better=Better.LOWER,
        out_of="patients on the ward",
        exclusions=("observations stopped at the end of life",),
        columns=("bed_code", "patient_key", "interval_min", "set_ts"),
        notes="'Hourly or less' is never written: it can be heard the other way round.",
    ),
    Measure(
        id="obs_overdue",
        label="Observations overdue",
        group="deterioration",
        kind=Kind.COUNT,
        counts="patients whose last complete set is older than the plan, else the RCP maximum, and 30 min of grace",
        rows=observations_overdue,
        standard=Standard("at least every 12 h, 6 h, 1 h by NEWS2; grace is local", "S", (_RCP, "NICE CG50")),
        feeds=("spell", "ward_stay", "obs_set"),
        optional=("obs_plan",),
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        out_of="patients with observations to be done",
        clock="last complete set, else start of the spell",
        exclusions=("observations stopped", "under 16, pregnant or maternity without a plan"),
        columns=("bed_code", "patient_key", "last_ts", "news2_total", "interval_min", "due"),
        soon="due_observations_4h",
        params={"grace_min": 30},
        threshold=Threshold(watch=2, act=5),
        charted=Charted(Form.MEAN, "Observations overdue", "per 100 patients", over="patients_on_ward"),
    ),
    Measure(
        id="news2_high",
        needs=(("obs_set", "news2_total"),),
        label="Patients with NEWS2 5–6 / 7 and over",
        short="NEWS2",
        group="deterioration",
        kind=Kind.PAIR,
        counts="patients whose latest recorded NEWS2 is 5 or 6; 7 or more",
        rows=news2_high,
        standard=Standard("5–6 urgent response, 7 and over emergency response", "S", (_RCP,)),
        feeds=("spell", "ward_stay", "obs_set"),
        dimension=Dimension.OPERATIONS,
        better=Better.LOWER,
        parts=("5-6", "7+"),
        part_labels=("5–6", "7 and over"),
        out_of="patients to whom NEWS2 applies",
        exclusions=("under 16", "pregnant or recently so"),
        columns=("bed_code", "patient_key", "news2_total", "ts"),
        sensitive=True,
        notes="The recorded score, never our own. Where a patient's vital signs add up to another, /status counts it.",
    ),
    Measure(
        id="sepsis_patients",
        label="Patients with sepsis",
        group="deterioration",
        kind=Kind.PAIR,
        counts="patients with an open confirmed sepsis flag; with an open suspected flag and no confirmed one",
        rows=sepsis_patients,
        standard=Standard("open record in this spell; NEWS2 alone never counts", "L", ("NICE NG253 (2025)",)),
        feeds=("spell", "ward_stay", "flag"),
        dimension=Dimension.OPERATIONS,
        better=Better.LOWER,
        parts=("confirmed", "suspected"),
        part_labels=("Confirmed", "Suspected"),
        out_of="patients on the ward",
        exclusions=("closed by a clinician",),
        columns=("bed_code", "patient_key", "flagged_ts", "review_due"),
        params={"review_due_h": 72},
        threshold=Threshold(watch=1, act=3),
        sensitive=True,
        owner="Medical Director",
    ),
    Measure(
        id="sepsis_antibiotic_overdue",
        needs=(("obs_set", "news2_total"),),
        label="Sepsis antibiotics overdue",
        group="deterioration",
        kind=Kind.COUNT,
        counts="patients with open sepsis and an antimicrobial ordered, none given within 1 h (NEWS2 7 and over), "
        "3 h (5–6) or 6 h (1–4) of the score",
        rows=sepsis_antibiotic_overdue,
        standard=Standard("1, 3 or 6 h by risk", "S", ("AoMRC statement on sepsis (2022)", "NICE NG253 (2025)")),
        feeds=("spell", "ward_stay", "flag", "obs_set", "order", "dose_event"),
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        out_of="patients with open sepsis and an antimicrobial ordered",
        clock="the last scored set at or before the flag, and each later one",
        exclusions=("patients to whom NEWS2 does not apply",),
        columns=("bed_code", "patient_key", "flagged_ts", "time_zero", "due"),
        threshold=Threshold(watch=1, act=1),
        sensitive=True,
        owner="Medical Director",
    ),
    Measure(
        id="aki_patients",
        label="Patients with AKI",
        group="deterioration",
        kind=Kind.COUNT,
        counts="patients whose latest creatinine carries a laboratory AKI warning stage and is at most 168 h old",
        rows=aki_patients,
        standard=Standard(
            "the laboratory's stage; how long it stays active is local",
            "S",
            ("NHS/PSA/D/2014/010 (2014)", "NICE QS76 (2023) statement 3"),
        ),
        feeds=("spell", "ward_stay", "lab_result"),
        optional=("flag",),
        dimension=Dimension.OPERATIONS,
        better=Better.LOWER,
        out_of="patients on the ward",
        clock="when the specimen was taken",
        exclusions=("chronic dialysis", "under 28 days of age", "refuted by a clinician after the result"),
        columns=("bed_code", "patient_key", "stage", "peak_stage", "collected_ts", "value"),
        params={"active_h": 168, "clear_after": 1},
        threshold=Threshold(watch=4, act=8),
        sensitive=True,
        owner="Medical Director",
    ),
)
