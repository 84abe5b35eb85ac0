"""The state of every required assessment: who needs it, when it is due, and whether it is done, late or to be repeated.

One requirement a patient and assessment type. A patient is in at most one column of a row: *initial overdue* (A) when
the assessment, or its early part, is not done in time; otherwise *reassess overdue* (B) when a repeat is late.
"Late" means strictly after the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from surveillance.measures.hospital import Hospital, blank

H = pd.Timedelta(hours=1)
NEVER = pd.Timestamp.max.tz_localize("UTC").floor("us")

NOT_REQUIRED, PENDING, INITIAL_OVERDUE = "NOT_REQUIRED", "PENDING", "INITIAL_OVERDUE"
CURRENT, REASSESS_OVERDUE = "CURRENT", "REASSESS_OVERDUE"

INPATIENT = ("inpatient",)
LOW_BANDS = ("low", "low risk", "none", "no risk", "not at risk")
ASSISTED_BANDS = ("assisted", "nbm", "ventilated")
ALLERGY_BANDS = ("drug_allergy", "none_known", "unable_to_ascertain")
AT_RISK_WATERLOW, AT_RISK_BRADEN = 10, 18


@dataclass(frozen=True, slots=True)
class Requirement:
    """Who needs one assessment and when. Hours; the defaults' sources stand with the measure that shows it.

    ``clock``: admission, decision_to_admit, first_seen or allergy. ``early``: type whose absence after ``early_h``
    already counts; ``early_covered``: whether the main assessment does for it.
    """

    measure: str
    type: str
    limit_h: float
    clock: str = "admission"
    min_age: float = 0
    classes: tuple[str, ...] = INPATIENT
    interval_h: float | None = None
    triggers: tuple[str, ...] = ()
    ward_change: bool = False
    grace_h: float = 6
    early: str = ""
    early_h: float = 0
    early_covered: bool = False
    needs: tuple[str, ...] = ("spell", "ward_stay", "assessment")
    optional: tuple[str, ...] = ()


REQUIREMENTS = {
    requirement.measure: requirement
    for requirement in (
        Requirement(
            "ra_vte",
            "vte",
            limit_h=14,
            clock="decision_to_admit",
            min_age=16,
            classes=("inpatient", "day case"),
            triggers=("consultant review", "condition change", "surgery"),
            optional=("ed_attendance", "care_event"),
        ),
        Requirement("ra_must", "must", limit_h=24, min_age=18, interval_h=168, optional=("ed_attendance",)),
        Requirement(
            "ra_falls",
            "falls",
            limit_h=24,
            min_age=50,
            interval_h=168,
            triggers=("fall", "transfer", "condition change"),
            ward_change=True,
            early="falls_early",
            early_h=6,
            early_covered=True,
            optional=("ed_attendance", "care_event", "flag"),
        ),
        Requirement(
            "ra_pressure_ulcer",
            "pressure_ulcer",
            limit_h=6,
            clock="first_seen",
            interval_h=168,
            triggers=("surgery", "transfer", "condition change"),
            ward_change=True,
            optional=("ed_attendance", "care_event"),
        ),
        Requirement("ra_smoking", "smoking", limit_h=24, min_age=16, optional=("ed_attendance",)),
        Requirement("ra_alcohol", "alcohol", limit_h=24, min_age=16, optional=("ed_attendance",)),
        Requirement(
            "ra_allergy",
            "allergy",
            limit_h=6,
            clock="allergy",
            classes=("inpatient", "day case", "regular"),
            needs=("spell", "ward_stay", "assessment", "order"),
            optional=("ed_attendance", "flag"),
        ),
        Requirement("ra_oral", "oral", limit_h=24, min_age=18, interval_h=168, optional=("ed_attendance",)),
        Requirement(
            "ra_adl",
            "adl",
            limit_h=24,
            interval_h=168,
            triggers=("fall", "surgery", "condition change"),
            early="moving_handling",
            early_h=6,
            optional=("ed_attendance", "care_event"),
        ),
    )
}
"""Every required assessment by the id of the measure that shows it."""

FALLS_RISK_AGE = 65
"""From this age everyone; between 50 and 64 those with a risk factor (NICE NG249, 2025, recommendation 1.1.1)."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """``table``: one row a patient: the patient's columns, clock_start, due_initial, valid_ts, next_due, early_due,
    state, due (the next moment that matters) and early_missing. ``reassessable``: False where column B is unknown.
    """

    table: pd.DataFrame
    reassessable: bool


def requirements(hospital: Hospital, rule: Requirement) -> Requirements:
    """The state of ``rule`` for everybody on a ward where it applies, now."""
    on_ward = hospital.on_ward
    patients = on_ward[on_ward["ward_code"].isin(hospital.site.wards_of(rule.measure))]
    table = initial_due(hospital, rule, patients)
    required = is_required(hospital, rule, table)
    fell_back = int((table["fell_back"] & required).sum())
    hospital.quality[f"{rule.measure}: clock falls back to admission"] += fell_back
    done = completed(hospital, rule)
    latest = latest_done(table, done)
    table = table.join(latest, on="spell_key")
    exempt = table["exempt"].fillna(False).astype(bool)
    next_due = _next_due(hospital, rule, table)
    now = hospital.as_at
    valid = table["valid_ts"].notna()
    early_due, early_missing = _early(hospital, rule, table, valid)
    overdue = (~valid & (now > table["due_initial"])) | (early_missing & (now > early_due))
    again = valid & (now > next_due)
    state = pd.Series(PENDING, index=table.index, dtype="str")
    state = state.mask(valid, CURRENT).mask(again, REASSESS_OVERDUE).mask(overdue, INITIAL_OVERDUE)
    state = state.mask(exempt | ~required, NOT_REQUIRED)
    waiting = table["due_initial"].where(~valid, next_due)
    due = waiting.where(~(early_missing & (early_due < waiting)), early_due)
    table = table.assign(next_due=next_due, early_due=early_due, early_missing=early_missing, state=state, due=due)
    reassessable = not rule.triggers or hospital.has("care_event")
    return Requirements(table, reassessable)


def initial_due(hospital: Hospital, rule: Requirement, patients: pd.DataFrame) -> pd.DataFrame:
    """``patients`` with clock_start, lookback and due_initial of ``rule``."""
    table = patients.reset_index(drop=True)
    attended = _attendances(hospital)
    arrival = table["spell_key"].map(attended["arrival_ts"])
    admitted = table["admit_ts"]
    start = named = admitted
    if rule.clock in ("decision_to_admit", "first_seen"):
        column = {"decision_to_admit": "decision_to_admit_ts", "first_seen": "first_seen_registered_ts"}[rule.clock]
        named = table["spell_key"].map(attended[column])
        start = named.fillna(admitted)
    limit = hospital.site.param(rule.measure, "limit_h", rule.limit_h)
    due = start + limit * H
    if rule.clock == "allergy":
        first_order = table["spell_key"].map(_first_orders(hospital))
        due = pd.concat([due, first_order], axis=1).min(axis=1)
    lookback = pd.concat([start, arrival, admitted], axis=1).min(axis=1)
    fell_back = named.isna()
    return table.assign(clock_start=start, lookback=lookback, due_initial=due, fell_back=fell_back)


def _attendances(hospital: Hospital) -> pd.DataFrame:
    """Each spell's latest emergency department attendance; empty where none is connected."""
    columns = ["arrival_ts", "decision_to_admit_ts", "first_seen_registered_ts"]
    if not hospital.has("ed_attendance"):
        empty = pd.DataFrame({column: pd.Series(dtype="datetime64[us, UTC]") for column in columns})
        return empty.set_index(pd.Index([], dtype="str", name="spell_key"))
    known = hospital.feed("ed_attendance").sort_values("arrival_ts", kind="stable")
    return known.drop_duplicates("spell_key", keep="last").set_index("spell_key")[columns]


def _first_orders(hospital: Hospital) -> pd.Series[Any]:
    """spell_key → start of its first order that has started (stopped since or not)."""
    orders = hospital.feed("order")
    real = ~orders["status"].isin(["draft", "cancelled", "void"]) & (orders["start_ts"] <= hospital.as_at)
    first: pd.Series[Any] = orders[real].groupby("spell_key")["start_ts"].min()
    return first


def is_required(hospital: Hospital, rule: Requirement, table: pd.DataFrame) -> pd.Series[Any]:
    """Who needs the assessment; a null age satisfies every lower limit, a null class is an inpatient."""
    patient_class = table["patient_class"].fillna("inpatient")
    age = table["age"]
    min_age: Any = rule.min_age
    if rule.measure == "ra_must":  # children have STAMP or PYMS in its place
        paediatric = table["ward_code"].isin(hospital.site.wards_with_profile("paediatric"))
        min_age = paediatric.map({True: 0, False: rule.min_age})
    needs: pd.Series[Any] = patient_class.isin(rule.classes) & (age.isna() | (age >= min_age))
    if rule.measure == "ra_falls":
        at_risk = table["spell_key"].isin(hospital.flagged("falls_risk_factor")["spell_key"])
        needs &= age.isna() | (age >= FALLS_RISK_AGE) | at_risk
    return needs


def known_assessments(hospital: Hospital, *types: str) -> pd.DataFrame:
    """Complete assessments of these types entered by now; ``done_ts`` is when the patient was assessed."""
    rows = hospital.feed("assessment")
    rows = rows[rows["type"].isin(types) & (rows["status"] == "complete")]
    done = rows["effective_ts"].fillna(rows["recorded_ts"])
    entered = rows["recorded_ts"].fillna(done)
    rows = rows.assign(done_ts=done, entered_ts=entered)
    return rows[(entered <= hospital.as_at) & (done <= hospital.as_at)]


def completed(hospital: Hospital, rule: Requirement) -> pd.DataFrame:
    """Entries that decide ``rule``: spell_key, done_ts, entered_ts, exempt, repeat_h (hours to the next, NaN: none).

    An exemption stands as an entry of its own; other entries lacking what the type demands are left out.
    """
    rows = known_assessments(hospital, rule.type)
    reason = ~blank(rows["exempt_reason"])
    band = rows["risk_band"].str.strip().str.lower()
    if rule.measure == "ra_allergy":
        rows = rows[~reason & band.isin(ALLERGY_BANDS)]
        entries = rows.assign(exempt=False, band=band.reindex(rows.index))
        entries = _with_allergy_flags(hospital, entries)
        again = hospital.site.param(rule.measure, "unable_to_ascertain_h", 24)
        return entries.assign(repeat_h=entries["band"].map({"unable_to_ascertain": float(again)}))
    allowed = _allowed_reason(hospital, rule, rows["exempt_reason"])
    keep = ~reason | allowed
    if rule.measure == "ra_must":
        keep &= allowed | rows["score"].notna() | ~blank(rows["risk_band"])
    entries = rows.assign(exempt=reason & allowed, band=band)[keep]
    return entries.assign(repeat_h=_repeat_h(hospital, rule, entries))


def _allowed_reason(hospital: Hospital, rule: Requirement, reasons: pd.Series[Any]) -> pd.Series[Any]:
    options = hospital.site.settings.options
    given = ~blank(reasons)
    if rule.measure == "ra_vte":
        return given & reasons.isin(options.vte_exemptions)
    return given if options.allowed_exemptions is None else given & reasons.isin(options.allowed_exemptions)


def _with_allergy_flags(hospital: Hospital, entries: pd.DataFrame) -> pd.DataFrame:
    """An open allergy flag says 'drug allergy' from when it was set, whenever that was."""
    flags = hospital.flagged("allergy")
    if flags.empty:
        return entries
    set_ts = flags["start_ts"]
    said = pd.DataFrame(
        {"spell_key": flags["spell_key"], "done_ts": set_ts, "entered_ts": set_ts, "band": "drug_allergy"}
    )
    return pd.concat([entries, said.assign(exempt=False, whenever=True)], ignore_index=True)


def _repeat_h(hospital: Hospital, rule: Requirement, entries: pd.DataFrame) -> pd.Series[Any]:
    """Hours after each entry at which the next is due, as its band says; a ward's own interval is applied later."""
    site = hospital.site
    interval = site.param(rule.measure, "interval_h", rule.interval_h)
    hours = pd.Series(float("nan") if interval is None else float(interval), index=entries.index, dtype="float64")
    if rule.measure == "ra_pressure_ulcer":
        tool = entries["tool"].str.strip().str.lower()
        risky = ~blank(entries["risk_band"]) & ~entries["band"].isin(LOW_BANDS)
        unbanded = blank(entries["risk_band"])
        risky |= unbanded & (tool == "waterlow") & (entries["score"] >= AT_RISK_WATERLOW)
        risky |= unbanded & (tool == "braden") & (entries["score"] <= AT_RISK_BRADEN)
        hours = hours.mask(risky, float(site.param(rule.measure, "at_risk_interval_h", 24)))
    if rule.measure == "ra_oral":
        assisted = entries["band"].isin(ASSISTED_BANDS)
        hours = hours.mask(assisted, float(site.param(rule.measure, "assisted_interval_h", 24)))
    return hours


def latest_done(table: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """spell_key → valid_ts, entered_ts, exempt, repeat_h of the latest entry since the patient's lookback."""
    since = entries["spell_key"].map(table.set_index("spell_key")["lookback"])
    in_time = entries["done_ts"] >= since
    if "whenever" in entries:
        in_time |= entries["whenever"].fillna(False).astype(bool) & since.notna()
    rows = entries[in_time].sort_values(["done_ts", "entered_ts"], kind="stable")
    last = rows.drop_duplicates("spell_key", keep="last").set_index("spell_key")
    last = last.assign(valid_ts=last["done_ts"].where(~last["exempt"].astype(bool)))
    return last[["valid_ts", "entered_ts", "exempt", "repeat_h", "band", "score"]]


def _next_due(hospital: Hospital, rule: Requirement, table: pd.DataFrame) -> pd.Series[Any]:
    """The earliest of the interval and of the triggers after the valid assessment; far away where there is none."""
    by_ward = hospital.site.params_by_ward(rule.measure, "interval_h", rule.interval_h)
    own = table["ward_code"].map(by_ward).astype("float64")
    hours = table["repeat_h"].where(~(own < table["repeat_h"]), own)
    after = (table["valid_ts"] + pd.to_timedelta(hours, unit="h")).astype("datetime64[us, UTC]")
    if not rule.triggers or not hospital.has("care_event"):
        return after.fillna(NEVER)
    grace = hospital.site.param(rule.measure, "grace_h", rule.grace_h) * H
    events = trigger_events(hospital, rule)
    events = events.merge(table[["spell_key", "valid_ts"]], on="spell_key")
    first = events[events["ts"] > events["valid_ts"]].groupby("spell_key")["ts"].min()
    triggered = table["spell_key"].map(first) + grace
    next_due: pd.Series[Any] = pd.concat([after, triggered], axis=1).min(axis=1).fillna(NEVER)
    return next_due


def trigger_events(hospital: Hospital, rule: Requirement) -> pd.DataFrame:
    """spell_key and ts of what has happened by now that asks for ``rule`` again."""
    events = hospital.feed("care_event")
    events = events.loc[events["type"].isin(rule.triggers), ["spell_key", "ts"]]
    if rule.ward_change:
        events = pd.concat([events, _ward_changes(hospital)], ignore_index=True)
    return events[events["ts"] <= hospital.as_at]


def _ward_changes(hospital: Hospital) -> pd.DataFrame:
    """Starts of stays on another ward than the spell's previous stay; a bed move within a ward is none."""
    stays = hospital.feed("ward_stay").sort_values(["spell_key", "start_ts", "end_ts"], kind="stable")
    same_spell = stays["spell_key"] == stays["spell_key"].shift()
    moved = same_spell & (stays["ward_code"] != stays["ward_code"].shift())
    return stays.loc[moved, ["spell_key", "start_ts"]].rename(columns={"start_ts": "ts"})


def _early(
    hospital: Hospital, rule: Requirement, table: pd.DataFrame, valid: pd.Series[Any]
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """When the early part is due, and for whom it is not done."""
    if not rule.early or not hospital.site.settings.options.early_parts:
        nowhere = pd.Series(NEVER, index=table.index)
        return nowhere, pd.Series(False, index=table.index)
    rows = known_assessments(hospital, rule.early)
    rows = rows[rows["done_ts"] >= rows["spell_key"].map(table.set_index("spell_key")["lookback"])]
    done = table["spell_key"].isin(rows["spell_key"])
    if rule.early_covered:
        done |= valid
    hours = hospital.site.param(rule.measure, "early_h", rule.early_h)
    return table["clock_start"] + hours * H, ~done
