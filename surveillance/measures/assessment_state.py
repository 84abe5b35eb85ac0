"""The state of every required assessment: not done in time (A), due again (B), pending, current or not required.

All arrays have one element for each of ``hospital.spells``; times are microseconds, NaN is "none". A patient is in at
most one column of a row. "Late" means strictly after the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from surveillance.measures.hospital import HOUR, Array, Hospital, blank
from surveillance.measures.picking import folded
from surveillance.measures.requirements import (
    ALLERGY_BANDS,
    ASSISTED_BANDS,
    AT_RISK_BRADEN,
    AT_RISK_WATERLOW,
    FALLS_RISK_AGE,
    LOW_BANDS,
    REQUIREMENTS,
    TRANSFER,
    Requirement,
)

NOT_REQUIRED, CURRENT, PENDING, REASSESS_OVERDUE, INITIAL_OVERDUE = range(5)
"""States, the graver the greater."""
STATE_WORDS = np.array(["not required", "current", "pending", "review overdue", "not done in time"], dtype=object)


@dataclass(frozen=True)
class Entries:
    """Completed entries of one type in order of time: who, when assessed, exempt, and hours to the next by band."""

    spell: Array
    done: Array
    exempt: Array
    again_h: Array

    def latest(self, since: Array, until: Array) -> Array:
        """For each spell the last entry in [since, until], -1 where there is none."""
        inside = (self.done >= since[self.spell]) & (self.done <= until[self.spell])
        inside |= np.isnan(since[self.spell]) & (self.done <= until[self.spell])
        rows = np.flatnonzero(inside)
        last = np.full(len(since), -1)
        last[self.spell[rows]] = rows
        return last


@dataclass(frozen=True)
class State:
    """Where each spell stands: its state, and the next (or missed) moment that it is due."""

    state: Array
    due: Array
    valid: Array
    next_due: Array


class Assessed:
    """One rule on one hospital."""

    def __init__(self, hospital: Hospital, rule: Requirement) -> None:
        self.hospital = hospital
        self.rule = rule
        for feed in rule.feeds:
            hospital.feed(feed)

    def param(self, name: str, default: Any) -> Any:
        """A number of the standard."""
        return self.hospital.site.param(self.rule.measure, name, default)

    @property
    def reassessable(self) -> bool:
        """Whether column B can be known: events that ask for a repeat need their feed."""
        return not self.rule.triggers or self.hospital.has("care_event")

    @cached_property
    def named_start(self) -> Array:
        """The rule's own clock start, NaN where it is not recorded."""
        column = {"decision_to_admit": "decision_to_admit_ts", "first_seen": "first_seen_registered_ts"}
        if self.rule.clock in column:
            return _last_attendance(self.hospital, column[self.rule.clock])
        if self.rule.clock == "first_order":
            return _first_order(self.hospital)
        return self.hospital.admitted

    @cached_property
    def start(self) -> Array:
        """When the clock started: the rule's own start, else admission."""
        named = self.named_start
        return np.where(np.isnan(named), self.hospital.admitted, named)

    @cached_property
    def initial_due(self) -> Array:
        """Until when the first assessment is in time."""
        limits = {name: self.param(name, hours) * HOUR for name, hours in self.rule.limits.items()}
        if self.rule.clock == "first_order":
            without_order = self.hospital.admitted + limits["limit_h_no_order"]
            due: Array = np.fmin(without_order, self.named_start + limits["limit_h_from_first_order"])
            return due
        within: Array = self.start + limits["limit_h"]
        return within

    @cached_property
    def lookback(self) -> Array:
        """From when an assessment counts: the earliest of clock start, arrival and admission."""
        return np.fmin(np.fmin(self.start, _first_arrival(self.hospital)), self.hospital.admitted)

    def required(self, paediatric: Array, at: Array) -> Array:
        """Who needs it; a null age satisfies every lower limit. ``paediatric``: who lies on a children's ward."""
        hospital, rule = self.hospital, self.rule
        old_enough = np.isnan(hospital.ages) | (hospital.ages >= rule.min_age)
        if rule.type == "must":  # children have STAMP or PYMS in its place
            old_enough |= paediatric
        needs: Array = np.isin(hospital.patient_classes, rule.classes) & old_enough
        if rule.type == "falls":
            at_risk = ~np.isnan(hospital.flagged_at("falls_risk_factor", at))
            needs &= np.isnan(hospital.ages) | (hospital.ages >= FALLS_RISK_AGE) | at_risk
        return needs

    @cached_property
    def entries(self) -> Entries:
        """What counts as done or as an allowed exemption, entered by now."""
        return _entries(self.hospital, self.rule, self.rule.type)

    def latest(self, until: Array) -> tuple[Array, Array, Array]:
        """For each spell the last entry by ``until``: when (NaN: none), whether an exemption, hours to the next."""
        last = self.entries.latest(self.lookback, until)
        found = last >= 0
        done = np.where(found, _at(self.entries.done, last), np.nan)
        exempt = found & _at(self.entries.exempt, last).astype(bool)
        again = np.where(found, _at(self.entries.again_h, last), np.nan)
        if self.rule.type == "allergy":
            flag = self.hospital.flagged_at("allergy", until)
            said = ~np.isnan(flag) & ~(done > flag)
            done, again = np.where(said, flag, done), np.where(said, np.nan, again)
        return done, exempt, again

    @cached_property
    def now(self) -> State:
        """Every spell's state now, its early part included."""
        here = np.full(len(self.hospital.spells), self.hospital.now)
        done, exempt, again = self.latest(here)
        valid = ~np.isnan(done) & ~exempt
        next_due = self._next_due(np.where(valid, done, np.nan), again)
        state = np.where(valid, CURRENT, PENDING)
        state[valid & (self.hospital.now > next_due)] = REASSESS_OVERDUE
        state[~valid & (self.hospital.now > self.initial_due)] = INITIAL_OVERDUE
        state[exempt] = NOT_REQUIRED
        due = np.where(valid, next_due, np.where(exempt, np.nan, self.initial_due))
        if self.rule.early and self.hospital.site.settings.options.early_parts:
            state, due = self._with_early(state, due, valid, exempt)
        return State(state, due, np.where(valid, done, np.nan), next_due)

    def _next_due(self, valid: Array, again_h: Array) -> Array:
        """The earliest of the interval and of what happened after the valid assessment; NaN where nothing asks."""
        by_ward = self.hospital.site.params_by_ward(self.rule.measure, "interval_h", self.rule.interval_h)
        own = np.full(len(valid), np.nan)
        hours = np.array([by_ward[ward] or np.nan for ward in self.hospital.site.wards], dtype=float)
        own[self.hospital.on_ward["spell"]] = hours[self.hospital.ward_places]
        due = valid + np.where(np.isnan(again_h), own, again_h) * HOUR
        if self.rule.triggers and self.hospital.has("care_event"):
            grace = self.param("grace_h", self.rule.grace_h) * HOUR
            due = np.fmin(due, self._first_trigger(valid) + grace)
        return due

    def _first_trigger(self, valid: Array) -> Array:
        """The first event after the valid assessment and by now that asks for it again."""
        hospital = self.hospital
        types = hospital.feed("care_event")["type"].isin(self.rule.triggers).to_numpy()
        spell, when = hospital.spell_codes("care_event")[types], hospital.times("care_event", "ts")[types]
        if TRANSFER in self.rule.triggers:
            moved, moved_at = _ward_changes(hospital)
            spell, when = np.concatenate([spell, moved]), np.concatenate([when, moved_at])
        asks = (spell >= 0) & (when <= hospital.now)
        asks[asks] = when[asks] > valid[spell[asks]]
        first = np.full(len(valid), np.inf)
        np.minimum.at(first, spell[asks], when[asks])
        return np.where(np.isinf(first), np.nan, first)

    def _with_early(self, state: Array, due: Array, valid: Array, exempt: Array) -> tuple[Array, Array]:
        """The state together with the early part's: whichever is overdue stands, else whichever is waited for."""
        hospital, rule = self.hospital, self.rule
        entries = hospital.once(f"entries {rule.early}", lambda: _entries(hospital, rule, rule.early))
        last = entries.latest(self.lookback, np.full(len(valid), hospital.now))
        done = last >= 0
        spared = done & _at(entries.exempt, last).astype(bool)
        if rule.early_covered:
            done, spared = done | valid, (spared & ~valid) | exempt
        name, hours = rule.early_limit
        early_due = np.where(done, np.nan, self.start + self.param(name, hours) * HOUR)
        early = np.where(spared, NOT_REQUIRED, np.where(done, CURRENT, PENDING))
        early[~done & ~spared & (hospital.now > early_due)] = INITIAL_OVERDUE
        return np.maximum(state, early), np.fmin(due, early_due)


def _at(values: Array, rows: Array) -> Array:
    """``values`` at ``rows``; anything at -1, which callers mask."""
    return values[rows] if len(values) else np.zeros(len(rows), dtype=values.dtype)


def assessed(hospital: Hospital, measure: str) -> Assessed:
    """The rule of one measure on the hospital, computed once.

    Raises:
        NotConnected: a feed without which it cannot be answered is not connected.
    """
    found: Assessed = hospital.once(f"assessed {measure}", lambda: Assessed(hospital, REQUIREMENTS[measure]))
    return found


def _last_attendance(hospital: Hospital, column: str) -> Array:
    """A time of each spell's emergency department attendance with the latest arrival."""
    times = np.full(len(hospital.spells), np.nan)
    if hospital.has("ed_attendance"):
        spell, order = _attendances(hospital)
        times[spell[order]] = hospital.times("ed_attendance", column)[order]
    return times


def _first_arrival(hospital: Hospital) -> Array:
    """Each spell's earliest arrival in the emergency department."""
    times = np.full(len(hospital.spells), np.nan)
    if hospital.has("ed_attendance"):
        spell, order = _attendances(hospital)
        backwards = order[::-1]
        times[spell[backwards]] = hospital.times("ed_attendance", "arrival_ts")[backwards]
    return times


def _attendances(hospital: Hospital) -> tuple[Array, Array]:
    spell = hospital.spell_codes("ed_attendance")
    order = np.argsort(hospital.times("ed_attendance", "arrival_ts"), kind="stable")
    return spell, order[spell[order] >= 0]


def _first_order(hospital: Hospital) -> Array:
    """Start of each spell's first order that has started, stopped since or not."""
    orders, spell, start = hospital.feed("order"), hospital.spell_codes("order"), hospital.times("order", "start_ts")
    real = ~orders["status"].isin(["draft", "cancelled", "void"]).to_numpy()
    counts = real & (start <= hospital.now) & (spell >= 0)
    first = np.full(len(hospital.spells), np.inf)
    np.minimum.at(first, spell[counts], start[counts])
    return np.where(np.isinf(first), np.nan, first)


def _ward_changes(hospital: Hospital) -> tuple[Array, Array]:
    """Starts of stays on another ward than the spell's previous stay: spell and moment."""

    def find() -> tuple[Array, Array]:
        stays, spell = hospital.feed("ward_stay"), hospital.spell_codes("ward_stay")
        start, ward = hospital.times("ward_stay", "start_ts"), stays["ward_code"].to_numpy(dtype=object)
        ward_rank = pd.factorize(ward, sort=True)[0]
        order = np.lexsort((ward_rank, start, spell))
        same = spell[order][1:] == spell[order][:-1]
        other = ward_rank[order][1:] != ward_rank[order][:-1]
        moved = order[1:][same & other]
        return spell[moved], start[moved]

    changes: tuple[Array, Array] = hospital.once("ward changes", find)
    return changes


def known_assessments(hospital: Hospital) -> Any:
    """Complete assessments entered by now, in order of time, bands and tools in small letters.

    With ``done`` (microseconds), ``spell`` (rows of ``spells``) and ``exempt`` (a reason is given).
    """

    def find() -> Any:
        rows = hospital.feed("assessment")
        effective, recorded = hospital.times("assessment", "effective_ts"), hospital.times("assessment", "recorded_ts")
        done = np.where(np.isnan(effective), recorded, effective)
        entered = np.where(np.isnan(recorded), done, recorded)
        spell = hospital.spell_codes("assessment")
        complete = (rows["status"] == "complete").to_numpy()
        known = np.flatnonzero(complete & (done <= hospital.now) & (entered <= hospital.now) & (spell >= 0))
        known = known[np.lexsort((entered[known], done[known]))]
        table = rows.take(known)
        words = {name: folded(table[name]) for name in ("risk_band", "tool")}
        exempt = ~blank(table["exempt_reason"]).to_numpy()
        return table.assign(done=done[known], spell=spell[known], exempt=exempt, **words)

    return hospital.once("known assessments", find)


def _entries(hospital: Hospital, rule: Requirement, kind: str) -> Entries:
    """The entries of one type that ``rule`` accepts."""
    by_type = hospital.once("assessments by type", lambda: dict(list(known_assessments(hospital).groupby("type"))))
    if kind not in by_type:
        nothing = np.array([], dtype=float)
        return Entries(nothing.astype(int), nothing, nothing.astype(bool), nothing)
    rows = by_type[kind]
    band = rows["risk_band"]
    exempt = rows["exempt"].to_numpy()
    keep = ~exempt | (exempt & _allowed(hospital, rule, rows))
    if kind == "must":
        keep &= exempt | rows["score"].notna().to_numpy() | ~blank(rows["risk_band"]).to_numpy()
    if kind == "allergy":
        keep &= band.isin(ALLERGY_BANDS).to_numpy()
    rows, band = rows[keep], band[keep]
    again = _again_h(hospital, rule, rows, band)
    return Entries(rows["spell"].to_numpy(), rows["done"].to_numpy(), rows["exempt"].to_numpy(), again)


def _allowed(hospital: Hospital, rule: Requirement, rows: Any) -> Array:
    options = hospital.site.settings.options
    reasons = rows["exempt_reason"]
    if not rule.exempts:
        return np.zeros(len(rows), dtype=bool)
    if rule.type == "vte":
        allowed: Array = reasons.isin(options.vte_exemptions).to_numpy()
        return allowed
    if options.allowed_exemptions is None:
        return np.ones(len(rows), dtype=bool)
    listed: Array = reasons.isin(options.allowed_exemptions).to_numpy()
    return listed


def _again_h(hospital: Hospital, rule: Requirement, rows: Any, band: Any) -> Array:
    """Hours after each entry at which the next is due because of its band; NaN where the plain interval holds."""
    param = hospital.site.param
    hours = np.full(len(rows), np.nan)
    sooner = {name: float(param(rule.measure, name, default)) for name, default in rule.again.items()}
    if rule.type == "pressure_ulcer":
        tool, score = rows["tool"], rows["score"]
        unbanded = blank(rows["risk_band"])
        risky = ~unbanded & ~band.isin(LOW_BANDS)
        risky |= unbanded & (tool == "waterlow") & (score >= AT_RISK_WATERLOW)
        risky |= unbanded & (tool == "braden") & (score <= AT_RISK_BRADEN)
        hours[risky.to_numpy()] = sooner["at_risk_interval_h"]
    if rule.type == "oral":
        hours[band.isin(ASSISTED_BANDS).to_numpy()] = sooner["assisted_interval_h"]
    if rule.type == "allergy":
        hours[(band == ALLERGY_BANDS[-1]).to_numpy()] = sooner["unable_to_ascertain_h"]
    return hours
