"""Antibiotics in sepsis that fell due, each patient once: by the earliest of the spell's sepsis records.

A record counts while it was open, whatever became of it since; one that is closed without saying when counts nowhere.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from surveillance.feeds.moments import instants, micros
from surveillance.measures.cohorts import FAILED, IN_TIME, Cohort, gathered_since
from surveillance.measures.declaration import NotConnected
from surveillance.measures.deterioration import antibiotic_deadlines
from surveillance.measures.doses import NEVER_DUE, entered, order_codes
from surveillance.measures.hospital import Array, Hospital, not_ended, truth
from surveillance.measures.observations import ADULT_AGE

SEPSIS = ("sepsis_suspected", "sepsis_confirmed")


def sepsis_antibiotics(hospital: Hospital) -> Cohort:
    """Patients with sepsis for whom an antimicrobial was decided and whose time fell due.

    Raises:
        NotConnected: the site has configured no antimicrobial class.
    """

    def find() -> Cohort:
        cases = _cases(hospital)
        spell, due = cases["spell"].to_numpy(dtype=int), micros(cases["due"])
        wards, speaks = hospital.wards_at(hospital.patients[0][spell], due)
        maternity = hospital.chosen_wards(hospital.site.wards_with_profile("maternity"))[wards]
        rows = np.flatnonzero((speaks == spell) & (wards >= 0) & ~maternity)
        in_time = _first_given(hospital, spell, micros(cases["time_zero"])) <= due
        return Cohort(due[rows], wards[rows], np.where(in_time[rows], IN_TIME, FAILED))

    cohort: Cohort = hospital.once(("cohort", "antibiotics"), find)
    return cohort


def _cases(hospital: Hospital) -> pd.DataFrame:
    """spell, time_zero and due of each spell's earliest case that fell due since the cohort begins."""
    flags = hospital.feed("flag")
    spell, start, end = hospital.spell_codes("flag"), *(hospital.times("flag", f"{at}_ts") for at in ("start", "end"))
    applies = np.isnan(hospital.ages) | (hospital.ages >= ADULT_AGE)
    applies = np.append(applies & ~truth(hospital.spells["pregnant_or_recent"]), False)[spell]
    known = hospital.flags_said_open | ~np.isnan(end)
    rows = np.flatnonzero(flags["type"].isin(SEPSIS).to_numpy() & applies & known & (start <= hospital.now))
    cases = pd.DataFrame(
        {
            "case": rows,
            "spell": spell[rows],
            "spell_key": flags["spell_key"].array.take(rows),
            "flagged_ts": instants(start[rows]),
        }
    )
    cases = cases.merge(antibiotic_deadlines(hospital, cases, "case"), on="case")
    due, until = micros(cases["due"]), end[cases["case"].to_numpy(dtype=int)]
    asked = (due < hospital.now) & not_ended(until, due)
    asked &= _decided(hospital, cases["spell"].to_numpy(dtype=int), micros(cases["time_zero"]), until)
    first = cases[asked].sort_values(["due", "case"]).drop_duplicates("spell")
    return first[micros(first["due"]) >= gathered_since(hospital)]


def _antimicrobial(hospital: Hospital) -> Array:
    """Which orders are of an antimicrobial class; the last element, for -1, is no."""
    codes = hospital.site.codes_of(hospital.site.settings.medicines.antimicrobial)
    if not codes:
        raise NotConnected("no antimicrobial class is configured")
    chosen: Array = np.append(hospital.feed("order")["drug_code"].isin(codes).to_numpy(), False)
    return chosen


def _decided(hospital: Hospital, spell: Array, zero: Array, until: Array) -> Array:
    """For each case whether a regular antimicrobial was in force at some time from ``zero`` to the record's end."""
    orders = hospital.feed("order")
    start, stop = hospital.times("order", "start_ts"), hospital.times("order", "stop_ts")
    real = _antimicrobial(hospital)[:-1] & ~orders["kind"].isin(["PRN", "conditional"]).to_numpy()
    real &= ~orders["status"].isin(NEVER_DUE).to_numpy() & (start <= hospital.now)
    real &= ~((orders["status"] == "stopped").to_numpy() & np.isnan(stop))
    of_spell = pd.DataFrame({"spell": hospital.spell_codes("order"), "start": start, "stop": stop})[real]
    cases = pd.DataFrame({"spell": spell, "zero": zero, "until": until, "place": np.arange(len(spell))})
    both = cases.merge(of_spell, on="spell")
    during = not_ended(both["stop"].to_numpy(), both["zero"].to_numpy())
    during &= not_ended(both["until"].to_numpy(), both["start"].to_numpy())
    decided = np.zeros(len(spell), dtype=bool)
    decided[both["place"].to_numpy()[during]] = True
    return decided


def _first_given(hospital: Hospital, spell: Array, zero: Array) -> Array:
    """When each spell's first antimicrobial since ``zero`` was given, NaN where none is known to be."""
    events, order = hospital.feed("dose_event"), order_codes(hospital)
    given = hospital.times("dose_event", "given_ts")
    counts = (events["status"] == "given").to_numpy() & _antimicrobial(hospital)[order]
    counts &= ~truth(events["voided"]) & (given <= hospital.now) & (entered(hospital) <= hospital.now)
    rows = np.flatnonzero(counts)
    from_zero = np.full(len(hospital.spells) + 1, np.nan)  # the last is for orders of no spell
    from_zero[spell] = zero
    whose = hospital.spell_codes("order")[order[rows]]
    since = given[rows] >= from_zero[whose]
    first = np.full(len(from_zero), np.inf)
    np.minimum.at(first, whose[since], given[rows[since]])
    found: Array = np.where(np.isinf(first), np.nan, first)[spell]
    return found
