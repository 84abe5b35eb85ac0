"""Every set of observations that fell due: from one complete set, or from admission, to the next.

The interval is that of the plan in force when the next set was taken or, if none was taken by then, when it fell due
by the plan of before; without a person's plan it follows the NEWS2 of the last set. A gap counts once, however long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveillance.measures.cohorts import FAILED, IN_TIME, Cohort, gathered_since
from surveillance.measures.hospital import MINUTE, Array, Hospital, not_ended, truth
from surveillance.measures.observations import (
    ADULT_AGE,
    CONTINUOUS_AS_MIN,
    FIRST_SET_MIN,
    at_rows,
    complete_sets,
    decided_by_person,
    interval_by_total,
    totals,
)
from surveillance.measures.picking import Latest


@dataclass(frozen=True)
class Gaps:
    """From one complete set (or admission) to the next, one element each; times in microseconds.

    ``interval``: minutes by the NEWS2 of its beginning, NaN where NEWS2 does not apply. ``following``: infinite where
    there is no next set by now.
    """

    spell: Array
    begun: Array
    following: Array
    interval: Array

    def take(self, rows: Array) -> Gaps:
        """Some of them."""
        return Gaps(self.spell[rows], self.begun[rows], self.following[rows], self.interval[rows])


def observation_sets(hospital: Hospital) -> Cohort:
    """Sets that fell due, the grace over; stopped observations, and patients of whom none are asked, have none."""

    def find() -> Cohort:
        hospital.feed("obs_set")
        gaps = _gaps(hospital)
        due, by_plan = _due(hospital, gaps)
        rows = np.flatnonzero((due >= gathered_since(hospital)) & (due < hospital.now))
        gaps, due, by_plan = gaps.take(rows), due[rows], by_plan[rows]
        wards, speaks = hospital.wards_at(hospital.patients[0][gaps.spell], due)
        maternity = hospital.chosen_wards(hospital.site.wards_with_profile("maternity"))[wards]
        counts = np.flatnonzero((speaks == gaps.spell) & (wards >= 0) & (by_plan | ~maternity))
        outcome = np.where(gaps.following[counts] <= due[counts], IN_TIME, FAILED)
        return Cohort(due[counts], wards[counts], outcome)

    cohort: Cohort = hospital.once(("cohort", "observations"), find)
    return cohort


def _gaps(hospital: Hospital) -> Gaps:
    rows = hospital.once("complete sets", lambda: complete_sets(hospital))
    spell, ts = hospital.spell_codes("obs_set")[rows], hospital.times("obs_set", "ts")[rows]
    known = np.flatnonzero(spell >= 0)
    spell, ts, total = spell[known], ts[known], totals(hospital)[rows[known]]
    order = np.lexsort((np.nan_to_num(total, nan=-1), ts, spell))
    spell, ts, total = spell[order], ts[order], total[order]
    same = spell[1:] == spell[:-1]
    last = np.append(~(same & (ts[1:] == ts[:-1])), True)[: len(ts)]  # of sets at one moment the last stands
    spell, ts, total = spell[last], ts[last], total[last]
    following = np.full(len(ts), np.inf)
    same = spell[1:] == spell[:-1]
    following[:-1][same] = ts[1:][same]
    first = np.full(len(hospital.spells), np.inf)
    first[spell[::-1]] = ts[::-1]
    admitted = hospital.admitted
    unseen = np.flatnonzero(first > admitted)
    applies = np.isnan(hospital.ages) | (hospital.ages >= ADULT_AGE)
    applies &= ~truth(hospital.spells["pregnant_or_recent"])
    spell = np.concatenate([spell, unseen])
    interval = np.concatenate([interval_by_total(total), np.full(len(unseen), float(FIRST_SET_MIN))])
    interval[~applies[spell]] = np.nan
    return Gaps(spell, np.concatenate([ts, admitted[unseen]]), np.concatenate([following, first[unseen]]), interval)


def _due(hospital: Hospital, gaps: Gaps) -> tuple[Array, Array]:
    """When each next set fell due with the grace, NaN where none did; and whether a person's plan says so."""
    grace = hospital.site.param("obs_overdue", "grace_min", 30) * MINUTE
    due = gaps.begun + gaps.interval * MINUTE + grace
    by_plan = np.zeros(len(due), dtype=bool)
    if not hospital.has("obs_plan"):
        return due, by_plan
    plans = hospital.spell_codes("obs_plan")
    planned = np.zeros(len(hospital.spells) + 1, dtype=bool)
    planned[plans] = True  # -1, a plan of no spell, is the last, which nobody asks for
    rows = np.flatnonzero(planned[gaps.spell])
    some = gaps.take(rows)
    latest = Latest.of(plans, hospital.times("obs_plan", "set_ts"))
    before, _, _ = _asked(hospital, latest, some, some.begun)
    expected = np.fmin(some.begun + before * MINUTE + grace, hospital.now)
    then = np.minimum(expected, some.following)
    interval, own, changed = _asked(hospital, latest, some, then)
    planned_due = some.begun + interval * MINUTE + grace
    sooner = (np.isnan(before) | (interval < before)) & (changed > some.begun)
    due[rows] = np.where(sooner, np.maximum(planned_due, changed + grace), planned_due)
    by_plan[rows] = own
    return due, by_plan


def _asked(hospital: Hospital, latest: Latest, gaps: Gaps, at: Array) -> tuple[Array, Array, Array]:
    """Minutes that held at each moment (NaN: nothing is asked), whether by a person's plan, and since when."""
    plan = latest.by(gaps.spell, at)
    ended = at_rows(hospital.times("obs_plan", "valid_to"), plan)
    active = (plan >= 0) & not_ended(ended, at)
    minutes = at_rows(hospital.feed("obs_plan")["interval_min"].to_numpy(dtype=float), plan)
    own = active & ~np.isnan(minutes) & (at_rows(decided_by_person(hospital), plan) == 1)
    minutes = np.where(minutes == 0, CONTINUOUS_AS_MIN, minutes)
    held = np.where(own, minutes, gaps.interval)
    held[active & np.isnan(minutes)] = np.nan
    since = np.where(active, at_rows(hospital.times("obs_plan", "set_ts"), plan), ended)
    return held, own, since
