"""Who needs an assessment, from when it is due, and which entries count as done (section 1.3, rulings 40-71)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from tests.oracle.hospital import Hospital, Row, aged, blank, is_inpatient, word

TYPE = {
    "ra_vte": "vte",
    "ra_must": "must",
    "ra_falls": "falls",
    "ra_pressure_ulcer": "pressure_ulcer",
    "ra_smoking": "smoking",
    "ra_alcohol": "alcohol",
    "ra_allergy": "allergy",
    "ra_oral": "oral",
    "ra_adl": "adl",
}
LIMIT_H = {
    "ra_vte": 14,
    "ra_must": 24,
    "ra_falls": 24,
    "ra_pressure_ulcer": 6,
    "ra_smoking": 24,
    "ra_alcohol": 24,
    "ra_oral": 24,
    "ra_adl": 24,
}
ALLERGY_WORDS = ("drug_allergy", "none_known", "unable_to_ascertain")


class Entry(NamedTuple):
    """An assessment (or exemption) that counts."""

    effective: datetime
    recorded: datetime
    exempt: bool
    row: Row


def required(h: Hospital, spell: Row, ward: str, measure: str, at: datetime) -> bool:
    """Who needs it (1.3, rulings 54-56, 61, 71)."""
    match measure:
        case "ra_allergy":
            return True
        case "ra_vte":
            return (is_inpatient(spell) or spell["patient_class"] == "day case") and aged(spell, 16)
    if not is_inpatient(spell):
        return False
    match measure:
        case "ra_must":
            return h.site["wards"][ward] == "paediatric" or aged(spell, 18)
        case "ra_smoking" | "ra_alcohol":
            return aged(spell, 16)
        case "ra_oral":
            return aged(spell, 18)
        case "ra_falls":
            return aged(spell, 65) or (aged(spell, 50) and bool(h.open_flags(spell, "falls_risk_factor", at)))
    return True


def last_attendance(h: Hospital, spell: Row) -> Row | None:
    """Ruling 57: the attendance with the latest arrival."""
    return max(h.of_spell("ed_attendance", spell), key=lambda row: row["arrival_ts"], default=None)


def first_order(h: Hospital, spell: Row) -> datetime | None:
    """Ruling 68."""
    starts = [
        order["start_ts"]
        for order in h.of_spell("order", spell)
        if order["start_ts"] is not None
        and order["start_ts"] <= h.now
        and order["status"] not in ("draft", "cancelled", "void")
    ]
    return min(starts, default=None)


def clock_start(h: Hospital, spell: Row, measure: str) -> datetime | None:
    """The measure's own clock, else admission (ruling 15)."""
    named = None
    attendance = last_attendance(h, spell)
    if measure == "ra_vte" and attendance is not None:
        named = attendance.get("decision_to_admit_ts")
    elif measure == "ra_pressure_ulcer" and attendance is not None:
        named = attendance.get("first_seen_registered_ts")
    elif measure == "ra_allergy":
        named = first_order(h, spell)
    return named if named is not None else h.admitted(spell)


def initial_due(h: Hospital, spell: Row, ward: str, measure: str) -> datetime | None:
    if measure == "ra_allergy":
        admitted, ordered = h.admitted(spell), first_order(h, spell)
        dues = []
        if admitted is not None:
            dues.append(admitted + timedelta(hours=h.standard(ward, measure, "limit_h_no_order", 6)))
        if ordered is not None:
            dues.append(ordered + timedelta(hours=h.standard(ward, measure, "limit_h_from_first_order", 0)))
        return min(dues, default=None)
    start = clock_start(h, spell, measure)
    return None if start is None else start + timedelta(hours=h.standard(ward, measure, "limit_h", LIMIT_H[measure]))


def lookback(h: Hospital, spell: Row, measure: str) -> datetime | None:
    """Ruling 40: the earliest of the clock start, arrival in ED and admission."""
    starts = [clock_start(h, spell, measure), h.admitted(spell)]
    starts += [row["arrival_ts"] for row in h.of_spell("ed_attendance", spell)]
    return min((start for start in starts if start is not None), default=None)


def entries(h: Hospital, spell: Row, measure: str, kind: str, until: datetime) -> list[Entry]:
    """The rows that count as done or as an allowed exemption, effective by ``until`` and entered by now."""
    since = lookback(h, spell, measure)
    found = []
    for row in h.of_spell("assessment", spell):
        if row["type"] != kind or row["status"] != "complete":
            continue
        effective = row["effective_ts"] if row["effective_ts"] is not None else row["recorded_ts"]
        if effective is None or (since is not None and effective < since) or effective > until:
            continue
        recorded = row["recorded_ts"] if row["recorded_ts"] is not None else effective
        if recorded > h.now:
            continue
        exempt = not blank(row.get("exempt_reason"))
        if (exempt and not exemption_allowed(h, measure, row["exempt_reason"])) or (not exempt and not usable(row)):
            continue
        found.append(Entry(effective, recorded, exempt, row))
    return found


def exemption_allowed(h: Hospital, measure: str, reason: str) -> bool:
    """Rulings 49-51."""
    if measure == "ra_allergy":
        return False
    if measure == "ra_vte":
        return reason.strip() in h.site["vte_exemptions"]
    return h.site["allowed_exemptions"] is None or reason.strip() in h.site["allowed_exemptions"]


def usable(row: Row) -> bool:
    """Rulings 59 and 69."""
    if row["type"] == "must":
        return row.get("score") is not None or not blank(row.get("risk_band"))
    if row["type"] == "allergy":
        return word(row.get("risk_band")) in ALLERGY_WORDS
    return True


def latest(h: Hospital, spell: Row, measure: str, kind: str, until: datetime) -> Entry | None:
    """Ruling 42; for allergies the flag is one more assessment (ruling 69)."""
    found = entries(h, spell, measure, kind, until)
    last = max(found, key=lambda entry: (entry.effective, entry.recorded), default=None)
    if kind == "allergy":
        for flag in h.open_flags(spell, "allergy", until):
            if last is None or flag["start_ts"] >= last.effective:
                last = Entry(flag["start_ts"], flag["start_ts"], False, {"risk_band": "drug_allergy"})
    return last
