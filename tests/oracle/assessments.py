"""Each patient and assessment row has one state at one moment (section 1.2, rulings 43-74)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from tests.oracle.answer import NOT_APPLICABLE, NOT_CONNECTED, Answer, count, parts
from tests.oracle.clock import HOUR
from tests.oracle.hospital import Hospital, Row, word
from tests.oracle.requirements import TYPE, Entry, clock_start, initial_due, latest, required

NOT_REQUIRED = "NOT_REQUIRED"
PENDING = "PENDING"
INITIAL_OVERDUE = "INITIAL_OVERDUE"
CURRENT = "CURRENT"
REASSESS_OVERDUE = "REASSESS_OVERDUE"

INTERVAL_H = {"ra_must": 168, "ra_falls": 168, "ra_pressure_ulcer": 168, "ra_oral": 168, "ra_adl": 168}
TRIGGERS = {
    "ra_vte": {"consultant review", "condition change", "surgery"},
    "ra_falls": {"fall", "transfer", "condition change"},
    "ra_pressure_ulcer": {"surgery", "transfer", "condition change"},
    "ra_adl": {"fall", "surgery", "condition change"},
}
TRIGGER_GRACE = 6 * HOUR  # ruling 44
EARLY_TYPE = {"ra_falls": "falls_early", "ra_adl": "moving_handling"}
EARLY_LIMIT = {"ra_falls": ("early_check_h", 6), "ra_adl": ("moving_handling_h", 6)}
LOW_RISK = ("low", "low risk", "none", "no risk", "not at risk")


class Verdict(NamedTuple):
    """``due``: when it was or becomes overdue; None if never."""

    state: str
    due: datetime | None = None


def interval(h: Hospital, ward: str, measure: str, row: Row) -> timedelta | None:
    """Rulings 60, 65, 67, 69, 72."""
    band = word(row.get("risk_band"))
    if measure == "ra_allergy":
        hours = (
            h.standard(ward, measure, "unable_to_ascertain_h", 24)
            if band == "unable_to_ascertain"
            else h.standard(ward, measure, "interval_h", None)
        )
    elif measure == "ra_pressure_ulcer" and at_risk(row, band):
        hours = h.standard(ward, measure, "at_risk_interval_h", 24)
    elif measure == "ra_oral" and band in ("assisted", "nbm", "ventilated"):
        hours = h.standard(ward, measure, "assisted_interval_h", 24)
    else:
        hours = h.standard(ward, measure, "interval_h", INTERVAL_H.get(measure))
    return None if hours is None else timedelta(hours=hours)


def at_risk(row: Row, band: str) -> bool:
    """Ruling 65."""
    if band:
        return band not in LOW_RISK
    if row.get("score") is None:
        return False
    tool = word(row.get("tool"))
    return (tool == "waterlow" and row["score"] >= 10) or (tool == "braden" and row["score"] <= 18)


def transfers(h: Hospital, spell: Row) -> list[datetime]:
    """Ruling 45."""
    stays = sorted(h.stays_of_spell[spell["spell_key"]], key=lambda stay: (stay["start_ts"], stay["ward_code"]))
    return [stay["start_ts"] for before, stay in pairwise(stays) if stay["ward_code"] != before["ward_code"]]


def next_due(h: Hospital, spell: Row, ward: str, measure: str, done: Entry) -> datetime | None:
    """The earliest of the interval and each trigger since (ruling 43)."""
    dues = []
    again = interval(h, ward, measure, done.row)
    if again is not None:
        dues.append(done.effective + again)
    kinds = TRIGGERS.get(measure, set())
    events = [row["ts"] for row in h.of_spell("care_event", spell) if row["type"] in kinds]
    if "transfer" in kinds:
        events += transfers(h, spell)
    dues += [event + TRIGGER_GRACE for event in events if done.effective < event <= h.now]
    return min(dues, default=None)


def verdict(h: Hospital, spell: Row, ward: str, measure: str) -> Verdict:
    """The state of one row for one patient now."""
    if not required(h, spell, ward, measure, h.now):
        return Verdict(NOT_REQUIRED)
    main = _main_verdict(h, spell, ward, measure)
    early = _early_verdict(h, spell, ward, measure)
    if measure == "ra_falls" and main.state == NOT_REQUIRED:
        return main  # the falls assessment covers its early check, and so does its exemption
    both = [part for part in (main, early) if part.state != NOT_REQUIRED]
    for state in (INITIAL_OVERDUE, REASSESS_OVERDUE, PENDING, CURRENT):
        found = [part for part in both if part.state == state]
        if found:
            dues = [part.due for part in both if part.due is not None]
            return Verdict(state, min(dues, default=None))
    return Verdict(NOT_REQUIRED)


def _main_verdict(h: Hospital, spell: Row, ward: str, measure: str) -> Verdict:
    done = latest(h, spell, measure, TYPE[measure], h.now)
    if done is None:
        due = initial_due(h, spell, ward, measure)
        return Verdict(INITIAL_OVERDUE if due is not None and h.now > due else PENDING, due)
    if done.exempt:
        return Verdict(NOT_REQUIRED)
    due = next_due(h, spell, ward, measure, done)
    return Verdict(REASSESS_OVERDUE if due is not None and h.now > due else CURRENT, due)


def _early_verdict(h: Hospital, spell: Row, ward: str, measure: str) -> Verdict:
    """The 6-hour part of falls and ADL (rulings 62-64)."""
    if measure not in EARLY_TYPE or not h.site["early_parts"]:
        return Verdict(NOT_REQUIRED)
    if measure == "ra_falls" and latest(h, spell, measure, "falls", h.now) is not None:
        return Verdict(CURRENT)
    done = latest(h, spell, measure, EARLY_TYPE[measure], h.now)
    if done is not None:
        return Verdict(NOT_REQUIRED if done.exempt else CURRENT)
    start = clock_start(h, spell, measure)
    if start is None:
        return Verdict(PENDING)
    due = start + timedelta(hours=h.standard(ward, measure, *EARLY_LIMIT[measure]))
    return Verdict(INITIAL_OVERDUE if h.now > due else PENDING, due)


def rows_of(h: Hospital, ward: str) -> list[str]:
    """The assessment rows of the ward's profile."""
    return [measure for measure in TYPE if h.applies(ward, measure)]


def row_connected(h: Hospital, measure: str) -> bool:
    return h.connected("assessment") and (measure != "ra_allergy" or h.connected("order"))


def assessment_row(h: Hospital, ward: str, measure: str) -> Answer:
    if not row_connected(h, measure):
        return Answer(NOT_CONNECTED)
    found: dict[str, set[Any] | None] = {"initial_overdue": set(), "reassess_overdue": set()}
    for spell in h.patients_on(ward):
        state = verdict(h, spell, ward, measure).state
        if state == INITIAL_OVERDUE:
            found["initial_overdue"].add(spell["spell_key"])
        elif state == REASSESS_OVERDUE:
            found["reassess_overdue"].add(spell["spell_key"])
    if measure in TRIGGERS and not h.connected("care_event"):
        found["reassess_overdue"] = None  # ruling 48
    return parts(found)


def any_outstanding(h: Hospital, ward: str) -> Answer:
    """Ruling 53."""
    rows = [assessment_row(h, ward, measure) for measure in rows_of(h, ward)]
    if not rows:
        return Answer(NOT_APPLICABLE)
    if any(row.state == NOT_CONNECTED for row in rows):
        return Answer(NOT_CONNECTED)
    found: dict[str, set[Any] | None] = {}
    for part in ("initial_overdue", "reassess_overdue"):
        known = all(part in row.keys for row in rows)
        found[part] = set().union(*(row.keys[part] for row in rows)) if known else None
    return parts(found)


def due_soon(h: Hospital, ward: str, hours: float) -> Answer:
    """(spell_key, type) of what is not overdue and becomes so in (now, now + hours]."""
    measures = rows_of(h, ward)
    if not measures:
        return Answer(NOT_APPLICABLE)
    triggered = any(measure in TRIGGERS for measure in measures)
    if not all(row_connected(h, measure) for measure in measures) or (triggered and not h.connected("care_event")):
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        for measure in measures:
            state, due = verdict(h, spell, ward, measure)
            if state in (PENDING, CURRENT) and due is not None and h.now < due <= h.now + timedelta(hours=hours):
                found.add((spell["spell_key"], TYPE[measure]))
    return count(found)
