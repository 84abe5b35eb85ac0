"""An AKI warning stage of our own for every creatinine, where the laboratory's feed has none and the site asks for it.

The rule stands in ``surveillance.clinical.aki``; here only the results that could have a stage are taken to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from surveillance.clinical.aki import (
    NEONATE_DAYS,
    RISE_OVER,
    STAGE_1_RATIO,
    Creatinine,
    ReferenceInterval,
    warning_stage,
)
from surveillance.measures.picking import folded

UNITS = ("umol/l", "µmol/l", "μmol/l")  # the micro sign and the Greek letter
YEAR = pd.Timedelta(days=366)
"""Earlier results are of no use; the rule itself cuts at 365 days of the calendar."""
SLACK = 1e-6
"""So that the quick look never leaves out what exact fractions would let in."""


def staged(results: pd.DataFrame, spells: pd.DataFrame) -> pd.Series[Any]:
    """The stage (0 to 3) of each row of ``results``, with its index; NaN where the rule does not apply.

    It applies to numeric creatinines above 0 in µmol/L (or without a unit) of patients not under 28 days old.
    ``results``: lab_result. ``spells``: spell; the age is that of the patient's latest spell that had begun by then,
    else of the earliest.
    """
    stages = np.full(len(results), np.nan)
    unit = folded(results["unit"])
    usable = (results["test"] == "creatinine") & (results["value"] > 0) & results["collected_ts"].notna()
    rows = results.assign(place=np.arange(len(results)))[usable & (unit.isna() | unit.isin(UNITS))]
    rows = _with_age(rows, spells)
    rows = rows[rows["age_days"].isna() | (rows["age_days"] >= NEONATE_DAYS)]
    stages[rows["place"].to_numpy()] = 0.0
    for _, patient in rows.groupby("patient_key", sort=False):
        might = np.flatnonzero(_might_have_stage(patient))
        if might.size:
            stages[patient["place"].to_numpy()[might]] = _stages(patient, might)
    return pd.Series(stages, index=results.index)


def _with_age(rows: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    known = spells[["patient_key", "admit_ts", "age", "age_days"]].dropna(subset="patient_key")
    begun = known.dropna(subset="admit_ts").sort_values("admit_ts", kind="stable")
    by_time = rows.sort_values("collected_ts", kind="stable")
    joined = pd.merge_asof(by_time, begun, left_on="collected_ts", right_on="admit_ts", by="patient_key")
    first = known.sort_values("admit_ts", kind="stable").drop_duplicates("patient_key").set_index("patient_key")
    before = joined["admit_ts"].isna()
    for column in ("age", "age_days"):
        joined[column] = joined[column].mask(before, joined["patient_key"].map(first[column]))
    return joined.sort_values(["patient_key", "collected_ts"], kind="stable").reset_index(drop=True)


def _might_have_stage(patient: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Results that rise enough over the lowest of all before: no reference value of the rule is lower than that."""
    value = patient["value"]
    lowest = value.cummin().shift()
    rises = (value >= lowest * float(STAGE_1_RATIO) - SLACK) | (value - lowest > RISE_OVER - SLACK)
    found: np.ndarray[Any, np.dtype[np.bool_]] = rises.to_numpy()
    return found


def _stages(patient: pd.DataFrame, places: np.ndarray[Any, np.dtype[np.intp]]) -> list[float]:
    times = patient["collected_ts"]
    begins = times.searchsorted(times - YEAR)
    history = [Creatinine(value, at) for value, at in zip(patient["value"].tolist(), times.tolist(), strict=True)]
    ages = patient["age"].tolist()
    lows, highs = (patient[name].tolist() for name in ("ref_low", "ref_high"))
    found = []
    for place in places.tolist():
        age = None if pd.isna(ages[place]) else ages[place]
        reference = ReferenceInterval(*(None if pd.isna(one) else one for one in (lows[place], highs[place])))
        stage = warning_stage(history[place], history[begins[place] : place], age_years=age, reference=reference).stage
        found.append(float("nan") if stage is None else float(stage))
    return found
