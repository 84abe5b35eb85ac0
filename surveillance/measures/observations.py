"""When each patient's next observations are due: by the patient's own plan, else by the NEWS2 last recorded."""

from __future__ import annotations

import pandas as pd

from surveillance.clinical.news2 import minimum_interval_min
from surveillance.measures.hospital import Hospital, looked_up, truth

CONTINUOUS_AS_MIN = 60
"""Continuous monitoring is due as a charted set at least hourly (local default)."""
FIRST_SET_MIN = 60
"""A patient without any set is due this long after admission, unless a plan says otherwise (local default)."""
UNSCORED_MIN = 720
"""After a complete set without a total (NICE CG50: at least 12-hourly)."""
NO_PERSON = ("system", "auto")
ADULT_AGE = 16


def scored_patients(hospital: Hospital) -> pd.DataFrame:
    """Patients on a ward to whom NEWS2 applies: 16 or over (or age unknown), not pregnant, no maternity ward."""
    patients = hospital.on_ward
    adult = patients["age"].isna() | (patients["age"] >= ADULT_AGE)
    pregnant = patients["pregnant_or_recent"].fillna(False).astype(bool)
    maternity = patients["ward_code"].isin(hospital.site.wards_with_profile("maternity"))
    return patients[adult & ~pregnant & ~maternity]


def latest_sets(hospital: Hospital) -> pd.DataFrame:
    """The last complete set of each spell."""
    sets = hospital.feed("obs_set")
    sets = sets[truth(sets["complete"]) & (sets["ts"] <= hospital.as_at)]
    order = ["ts", "news2_total"]
    return sets.sort_values(order, kind="stable", na_position="first").drop_duplicates("spell_key", keep="last")


def latest_scores(hospital: Hospital) -> pd.DataFrame:
    """The last complete set of each spell that has a recorded total."""
    sets = hospital.feed("obs_set")
    scored = truth(sets["complete"]) & sets["news2_total"].notna() & (sets["ts"] <= hospital.as_at)
    return sets[scored].sort_values(["ts", "news2_total"], kind="stable").drop_duplicates("spell_key", keep="last")


def active_plans(hospital: Hospital) -> pd.DataFrame:
    """The plan of each spell that was set last, if it is still valid; an earlier one does not revive."""
    plans = hospital.feed("obs_plan")
    plans = plans[plans["set_ts"] <= hospital.as_at].sort_values("set_ts", kind="stable")
    latest = plans.drop_duplicates("spell_key", keep="last")
    return latest[latest["valid_to"].isna() | (latest["valid_to"] > hospital.as_at)]


def observation_due(hospital: Hospital) -> pd.DataFrame:
    """The table of `_observation_due`, computed once."""
    table: pd.DataFrame = hospital.once("observation due", lambda: _observation_due(hospital))
    return table


def _observation_due(hospital: Hospital) -> pd.DataFrame:
    """Patients who need observations: their columns, last_ts, news2_total, interval_min and due (with grace)."""
    hospital.feed("obs_set")
    patients = hospital.on_ward
    sets = latest_sets(hospital).set_index("spell_key")
    last = looked_up(sets["ts"], patients["spell_key"])
    total = looked_up(sets["news2_total"], patients["spell_key"])
    scored = patients["spell_key"].isin(scored_patients(hospital)["spell_key"])
    by_total = {score: minimum_interval_min(score, False) or CONTINUOUS_AS_MIN for score in range(21)}
    interval = total.map(by_total).astype("float64").fillna(UNSCORED_MIN)
    interval = interval.mask(last.isna(), FIRST_SET_MIN)
    interval = interval.where(scored)
    stopped = pd.Series(False, index=patients.index)
    if hospital.has("obs_plan"):
        plans = active_plans(hospital).set_index("spell_key")
        stopped = patients["spell_key"].isin(plans.index[plans["interval_min"].isna()])
        role = plans["set_by_role"].str.strip().str.lower()
        own = plans[role.notna() & (role != "") & ~role.isin(NO_PERSON)]["interval_min"]
        planned = looked_up(own.replace(0, CONTINUOUS_AS_MIN), patients["spell_key"])
        interval = planned.fillna(interval)
    grace = hospital.site.param("obs_overdue", "grace_min", 30)
    since = last.fillna(patients["admit_ts"])
    due = (since + pd.to_timedelta(interval + grace, unit="min")).astype("datetime64[us, UTC]")
    table = patients.assign(last_ts=last, news2_total=total, interval_min=interval, due=due)
    return table[interval.notna() & ~stopped]
