"""How reliable the ward's processes are: levels 1 to 5 from opportunities and successes of 28 days.

Levels after IHI (Nolan, Resar, Haraden, Griffin 2004); the mapping to 1–5 is a local default.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import pandas as pd

from surveillance.measures.declaration import Answer, Better, Dimension, Kind, Measure, RollUp, Standard
from surveillance.measures.doses import GIVEN, MISSED, scheduled_doses
from surveillance.measures.hospital import Hospital
from surveillance.measures.medicines import MEASURES as MEDICINES
from surveillance.measures.medicines import reconciled
from surveillance.measures.requirements import (
    REQUIREMENTS,
    Requirement,
    completed,
    initial_due,
    is_required,
    latest_done,
)
from surveillance.settings import Threshold
from surveillance.snapshot import State

Z = 1.645
"""One-sided 95 %."""
LEVELS = ((5, 0.99, 0.95), (4, 0.95, 0.90), (3, 0.90, 0.80), (2, 0.80, 0.0))
"""(level, successes at least, Wilson lower bound at least), best first; everything else is level 1."""
FEWEST = 20
"""Fewer opportunities give no level."""
ROW_COLUMNS = ["ward_code", "process", "key", "due", "success"]


def wilson_lower_bound(successes: float, opportunities: float, z: float = Z) -> float:
    """The lower bound of the Wilson score interval (Wilson 1927), one-sided."""
    n, p = opportunities, successes / opportunities
    centre = p + z * z / (2 * n)
    spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n)


def level(successes: int, opportunities: int, fewest: int = FEWEST) -> int | None:
    """The reliability level 1 to 5, or None with too few opportunities."""
    if opportunities < fewest:
        return None
    bound = wilson_lower_bound(successes, opportunities)
    for reached, share, lower in LEVELS:
        hundredths = round(share * 100)
        if successes * 100 >= hundredths * opportunities and bound >= lower:  # the share as an exact fraction
            return reached
    return 1


def process_reliability(hospital: Hospital, measure: Measure) -> Answer:
    """The lowest level among the ward's processes with enough opportunities."""
    window_d = hospital.site.param(measure.id, "window_d", measure.params["window_d"])
    fewest = int(hospital.site.param(measure.id, "min_n", measure.params["min_n"]))
    since = hospital.ago(24 * window_d)
    lists = [found for rule in REQUIREMENTS.values() if (found := _assessments(hospital, rule, since)) is not None]
    if hospital.has("medrec"):
        lists.append(_reconciliations(hospital, since))
    if hospital.has("order") and hospital.has("dose_event"):
        lists.append(_doses(hospital, since))
    rows = pd.concat(lists, ignore_index=True)
    rows = rows[rows["ward_code"].isin(hospital.site.wards)]
    counts = rows.groupby(["ward_code", "process"])["success"].agg(["sum", "size"]).reset_index()
    levels = [level(int(k), int(n), fewest) for k, n in zip(counts["sum"], counts["size"], strict=True)]
    counts = counts.assign(level=pd.Series(levels, index=counts.index, dtype="float64"))
    known = counts.dropna(subset="level").sort_values(["level", "process"], kind="stable")
    lowest = known.drop_duplicates("ward_code")
    figures = pd.DataFrame(
        {
            "ward_code": lowest["ward_code"],
            "part": measure.parts[0],
            "value": lowest["level"],
            "numerator": lowest["sum"].astype(float),
            "denominator": lowest["size"].astype(float),
        }
    )
    covers = ", ".join(sorted(set(rows["process"]))) or "no process"
    details = {
        ward: f"lowest: {name}; covers {covers}"
        for ward, name in zip(lowest["ward_code"], lowest["process"], strict=True)
    }
    most = counts.groupby("ward_code")["size"].max()
    states = {
        ward: (State.NOT_RECORDED, f"not enough data (n={int(most.get(ward, 0))})")
        for ward in hospital.site.wards
        if ward not in set(lowest["ward_code"])
    }
    listed = counts.rename(columns={"sum": "successes", "size": "opportunities"})
    return Answer(listed, figures=figures, states=states, details=details)


def _in_window(due: pd.Series[Any], since: pd.Timestamp, now: pd.Timestamp) -> pd.Series[Any]:
    inside: pd.Series[Any] = (due > since) & (due < now)
    return inside


def _spells_due(hospital: Hospital, table: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """Spells of ``table`` whose initial due time lies in the window, with the ward where the patient lay then."""
    table = table[_in_window(table["due_initial"], since, hospital.as_at)].drop(columns="ward_code")
    there = hospital.wards_at(table.assign(ts=table["due_initial"])[["spell_key", "ts"]], by="spell_key")
    return table.assign(ward_code=there["ward_code"]).dropna(subset="ward_code")


def _assessments(hospital: Hospital, rule: Requirement, since: pd.Timestamp) -> pd.DataFrame | None:
    """Initial assessments that fell due in the window; those exempt are left out and counted."""
    if not all(hospital.has(feed) for feed in rule.needs):
        return None
    spells = hospital.spells[hospital.spells["admit_ts"].notna()].assign(ward_code="")
    due = _spells_due(hospital, initial_due(hospital, rule, spells), since)
    due = due[due["ward_code"].isin(hospital.site.wards_of(rule.measure))]
    due = due[is_required(hospital, rule, due)]
    entries = completed(hospital, rule)
    latest = latest_done(due, entries)
    exempt = due["spell_key"].map(latest["exempt"]).fillna(False).astype(bool)
    hospital.quality[f"process reliability: exempt from {rule.type}"] += int(exempt.sum())
    due = due[~exempt]
    done = entries[~entries["exempt"].astype(bool)]
    limits = due.set_index("spell_key")[["lookback", "due_initial"]]
    done = done.join(limits, on="spell_key", how="inner")
    early_enough = done["done_ts"] >= done["lookback"]
    if "whenever" in done:
        early_enough |= done["whenever"].fillna(False).astype(bool)
    in_time = done[(done["done_ts"] <= done["due_initial"]) & early_enough]
    return _opportunities(due, rule.type, "spell_key", "due_initial", due["spell_key"].isin(in_time["spell_key"]))


def _reconciliations(hospital: Hospital, since: pd.Timestamp) -> pd.DataFrame:
    """Medicines reconciliations that fell due in the window."""
    measure = next(one for one in MEDICINES if one.id == "medrec_outstanding")
    limit = hospital.site.param(measure.id, "limit_h", measure.params["limit_h"])
    spells = hospital.spells[hospital.spells["patient_class"].fillna("inpatient") == "inpatient"]
    due = spells.assign(due_initial=spells["admit_ts"] + pd.Timedelta(hours=limit), ward_code="")
    due = _spells_due(hospital, due, since)
    due = due[due["ward_code"].isin(hospital.site.wards_of(measure.id))]
    first = reconciled(hospital, measure).groupby("spell_key")["completed_ts"].min()
    in_time = due["spell_key"].map(first) <= due["due_initial"]
    return _opportunities(due, "medicines reconciliation", "spell_key", "due_initial", in_time)


def _doses(hospital: Hospital, since: pd.Timestamp) -> pd.DataFrame:
    """Scheduled doses of the window that were given in time, or should have been."""
    doses = scheduled_doses(hospital, since, hospital.as_at)
    late = (doses["state"] == GIVEN) & (doses["given_ts"].fillna(doses["entered_ts"]) > doses["window_end"])
    given = (doses["state"] == GIVEN) & ~late
    counts = _in_window(doses["due_ts"], since, hospital.as_at) & (hospital.as_at > doses["window_end"])
    counts &= given | late | doses["state"].isin(MISSED)
    doses = doses.assign(success=given)[counts]
    there = hospital.wards_at(doses.assign(ts=doses["due_ts"])[["spell_key", "ts"]], by="spell_key")
    doses = doses.assign(ward_code=there["ward_code"]).dropna(subset="ward_code")
    return _opportunities(doses, "doses", "order_key", "due_ts", doses["success"])


def _opportunities(table: pd.DataFrame, process: str, key: str, due: str, success: pd.Series[Any]) -> pd.DataFrame:
    rows = table.assign(process=process, key=table[key], due=table[due], success=success.astype(bool))
    return rows[ROW_COLUMNS]


MEASURES = (
    Measure(
        id="process_reliability",
        label="How reliable are our processes (1–5)",
        group="reliability",
        kind=Kind.SCALE,
        counts="required assessments, medicines reconciliations and scheduled doses of 28 days that were in time",
        rows=process_reliability,
        standard=Standard(
            "IHI reliability levels; the mapping to 1–5 is local",
            "L",
            ("Nolan, Resar, Haraden, Griffin, Improving the Reliability of Health Care (IHI 2004)",),
        ),
        feeds=("spell", "ward_stay", "assessment"),
        optional=("ed_attendance", "order", "dose_event", "medrec", "flag"),
        dimension=Dimension.RELIABILITY,
        better=Better.HIGHER,
        parts=("level",),
        out_of="those that fell due in the same 28 days",
        clock="when each fell due, on the ward where the patient lay",
        exclusions=("documented exemptions (counted)", "repeats and early parts", "doses not given for other reasons"),
        key=("process",),
        columns=("successes", "opportunities", "level"),
        params={"min_n": FEWEST, "window_d": 28},
        threshold=Threshold(watch=2, act=1),
        rollup=RollUp.LEVELS,
        notes="A ward's level is its lowest process, never the mean. Observations take no part until history is kept.",
    ),
)
