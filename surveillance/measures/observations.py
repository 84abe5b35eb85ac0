"""When each patient's next observations are due: by the patient's own plan, else by the NEWS2 last recorded."""

from __future__ import annotations

import numpy as np
import pandas as pd

from surveillance.clinical.news2 import minimum_interval_min
from surveillance.feeds.moments import instants, micros
from surveillance.measures.hospital import MINUTE, Array, Hospital, not_ended, truth
from surveillance.measures.picking import folded

CONTINUOUS_AS_MIN = 60
"""Continuous monitoring is due as a charted set at least hourly (local default)."""
FIRST_SET_MIN = 60
"""A patient without any set is due this long after admission, unless a plan says otherwise (local default)."""
UNSCORED_MIN = 720
"""After a complete set without a total (NICE CG50: at least 12-hourly)."""
NO_PERSON = ("system", "auto")
ADULT_AGE = 16


def scored(hospital: Hospital) -> Array:
    """Which of ``on_ward`` NEWS2 applies to: 16 or over (or age unknown), not pregnant, no maternity ward."""
    patients = hospital.on_ward
    age = patients["age"].to_numpy(dtype=float)
    maternity = hospital.on_wards(hospital.site.wards_with_profile("maternity"))
    applies: Array = (np.isnan(age) | (age >= ADULT_AGE)) & ~truth(patients["pregnant_or_recent"]) & ~maternity
    return applies


def complete_sets(hospital: Hospital) -> Array:
    """Rows of the observation feed that are complete sets measured by now."""
    complete = truth(hospital.feed("obs_set")["complete"])
    rows: Array = np.flatnonzero(complete & (hospital.times("obs_set", "ts") <= hospital.now))
    return rows


def totals(hospital: Hospital) -> Array:
    """The recorded NEWS2 total of each row of the observation feed, NaN where there is none."""
    return hospital.feed("obs_set")["news2_total"].to_numpy(dtype=float)


def latest_set(hospital: Hospital, *, with_total: bool) -> Array:
    """For each of ``on_ward`` the row of its spell's last complete set (that has a total), -1 where there is none."""

    def find() -> Array:
        rows = hospital.once("complete sets", lambda: complete_sets(hospital))
        total = totals(hospital)
        rows = rows[~np.isnan(total[rows])] if with_total else rows
        ts = hospital.times("obs_set", "ts")[rows]
        last = hospital.last_of_spell("obs_set", rows, np.nan_to_num(total[rows], nan=-1), ts)
        of_patients: Array = last[hospital.on_ward["spell"].to_numpy()]
        return of_patients

    latest: Array = hospital.once(f"latest set {with_total}", find)
    return latest


def latest_plan(hospital: Hospital) -> Array:
    """For each of ``on_ward`` the row of the plan set last, if it is still valid; an earlier one does not revive."""

    def find() -> Array:
        set_at = hospital.times("obs_plan", "set_ts")
        rows = np.flatnonzero(set_at <= hospital.now)
        last = hospital.last_of_spell("obs_plan", rows, set_at[rows])[hospital.on_ward["spell"].to_numpy()]
        over = (last >= 0) & ~not_ended(at_rows(hospital.times("obs_plan", "valid_to"), last), hospital.now)
        active: Array = np.where(over, -1, last)
        return active

    plan: Array = hospital.once("latest plan", find)
    return plan


def at_rows(values: Array, rows: Array) -> Array:
    """``values`` at ``rows``, NaN at -1."""
    if not len(values):
        return np.full(len(rows), np.nan)
    found: Array = np.where(rows >= 0, values[rows], np.nan)
    return found


def interval_by_total(total: Array) -> Array:
    """Minutes until the next set by the NEWS2 total of the last one; NaN is a set without a total."""
    by_total = np.array([minimum_interval_min(score, False) or CONTINUOUS_AS_MIN for score in range(21)], dtype=float)
    minutes: Array = np.where(np.isnan(total), UNSCORED_MIN, by_total[np.nan_to_num(total).astype(int)])
    return minutes


def decided_by_person(hospital: Hospital) -> Array:
    """For each plan 1 if a person decided it, else 0."""

    def find() -> Array:
        role = folded(hospital.feed("obs_plan")["set_by_role"])
        return (role.notna() & (role != "") & ~role.isin(NO_PERSON)).to_numpy(dtype=float)

    person: Array = hospital.once("plans of persons", find)
    return person


def observation_due(hospital: Hospital) -> pd.DataFrame:
    """Patients who need observations: their columns, last_ts, news2_total, interval_min and due (with grace)."""
    table: pd.DataFrame = hospital.once("observation due", lambda: _observation_due(hospital))
    return table


def _observation_due(hospital: Hospital) -> pd.DataFrame:
    hospital.feed("obs_set")
    last_set = latest_set(hospital, with_total=False)
    last = at_rows(hospital.times("obs_set", "ts"), last_set)
    total = at_rows(totals(hospital), last_set)
    interval = np.where(last_set < 0, FIRST_SET_MIN, interval_by_total(total))
    interval[~scored(hospital)] = np.nan
    stopped = np.zeros(len(interval), dtype=bool)
    if hospital.has("obs_plan"):
        plan, plans = latest_plan(hospital), hospital.feed("obs_plan")
        planned = at_rows(plans["interval_min"].to_numpy(dtype=float), plan)
        stopped = (plan >= 0) & np.isnan(planned)
        own = (at_rows(decided_by_person(hospital), plan) == 1) & ~stopped
        interval = np.where(own, np.where(planned == 0, CONTINUOUS_AS_MIN, planned), interval)
    grace = hospital.site.param("obs_overdue", "grace_min", 30)
    since = np.where(np.isnan(last), micros(hospital.on_ward["admit_ts"]), last)
    rows = np.flatnonzero(~np.isnan(interval) & ~stopped)
    return hospital.beside(
        rows,
        last_ts=instants(last[rows]),
        news2_total=total[rows],
        interval_min=interval[rows],
        due=instants((since + (interval + grace) * MINUTE)[rows]),
    )
