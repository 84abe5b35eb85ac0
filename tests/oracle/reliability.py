"""How reliable each process was over 28 days, and the level of a ward (section 7.2, rulings 158-162)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from math import sqrt

from tests.oracle import assessments, medicines, requirements, week
from tests.oracle.answer import NOT_CONNECTED, NOT_RECORDED, VALUE, Answer
from tests.oracle.clock import HOUR
from tests.oracle.hospital import Hospital, Row, is_inpatient

GROUPS = (
    "UNAVAILABLE",
    "NO_REASON",
    "REFUSED",
    "CLINICAL_WITHHELD",
    "NIL_BY_MOUTH",
    "NO_ROUTE",
    "ABSENT_FROM_WARD",
    "SELF_ADMINISTERED",
    "GIVEN_ELSEWHERE/EARLIER",
    "PENDING_CLARIFICATION",
    "other",
)
PERIOD = 28 * 24 * HOUR
MINIMUM = 20
Z = 1.645
LEVELS = (  # level, p at least, lower bound at least
    (5, Fraction(99, 100), 0.95),
    (4, Fraction(95, 100), 0.90),
    (3, Fraction(90, 100), 0.80),
    (2, Fraction(80, 100), 0.0),
)


def lower_bound(k: int, n: int) -> float:
    """One-sided 95 % Wilson lower bound."""
    p = k / n
    return (p + Z * Z / (2 * n) - Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))) / (1 + Z * Z / n)


def level(k: int, n: int) -> int | None:
    if n < MINIMUM:
        return None
    for name, p, bound in LEVELS:
        if Fraction(k, n) >= p and lower_bound(k, n) >= bound:
            return name
    return 1


def process_reliability(h: Hospital, ward: str) -> Answer:
    tallies = by_ward(h).get(ward, {})
    if not connected_processes(h, ward):
        return Answer(NOT_CONNECTED)
    levels = []
    for process, (k, n) in tallies.items():
        found = level(k, n)
        unknown = unreadable_reasons(h, ward) if process == "missed_doses_today" else 0
        if found is not None:
            levels.append(min(found, 3) if unknown * 20 > n + unknown else found)
    return Answer(VALUE, min(levels)) if levels else Answer(NOT_RECORDED)


def connected_processes(h: Hospital, ward: str) -> list[str]:
    """A process whose feed was never connected takes no part."""
    names = [name for name in assessments.rows_of(h, ward) if assessments.row_connected(h, name)]
    if h.applies(ward, "medrec_outstanding") and h.connected("medrec"):
        names.append("medrec_outstanding")
    if h.applies(ward, "missed_doses_today") and h.connected("order", "dose_event"):
        names.append("missed_doses_today")
    if h.applies(ward, "obs_overdue") and h.connected("obs_set"):
        names.append("obs_overdue")
    configured = set(h.site["drug_class"].values()) & set(h.site["antimicrobial"])
    sepsis = h.connected("flag", "obs_set", "order", "dose_event") and configured
    if h.applies(ward, "sepsis_antibiotic_overdue") and sepsis:
        names.append("sepsis_antibiotic_overdue")
    return names


def by_ward(h: Hospital) -> dict[str, dict[str, tuple[int, int]]]:
    """Ward → process → (successes, opportunities); worked out once for all wards."""
    if h.reliability is None:
        results: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for spell in h.spells.values():
            for ward, process, success in opportunities(h, spell):
                results[ward, process].append(success)
        for process, dues in (("obs_overdue", week.observations), ("sepsis_antibiotic_overdue", week.antibiotics)):
            for due in dues(h):
                if due.at > h.now - PERIOD and process in connected_processes(h, due.ward):
                    results[due.ward, process].append(due.success)
        found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        for (ward, process), outcomes in results.items():
            found[ward][process] = (sum(outcomes), len(outcomes))
        h.reliability = found
    return h.reliability


def opportunities(h: Hospital, spell: Row) -> list[tuple[str, str, bool]]:
    """(ward, process, success) of one spell."""
    found = []
    lay_on = {stay["ward_code"] for stay in h.stays_of_spell[spell["spell_key"]]}
    for ward in lay_on & set(h.site["wards"]):
        for process in connected_processes(h, ward):
            if process == "missed_doses_today":
                found += [(ward, process, success) for success in dose_results(h, spell, ward)]
            elif process not in ("obs_overdue", "sepsis_antibiotic_overdue"):
                success = requirement_result(h, spell, ward, process)
                if success is not None:
                    found.append((ward, process, success))
    return found


def requirement_result(h: Hospital, spell: Row, ward: str, process: str) -> bool | None:
    """Ruling 158: None if it is no opportunity of this ward."""
    if process == "medrec_outstanding":
        due = h.admitted(spell) + medicines.medrec_limit(h, ward)
    else:
        due = requirements.initial_due(h, spell, ward, process)
    if not h.now - PERIOD < due < h.now or h.ward_of(spell["spell_key"], due) != ward:
        return None
    if process == "medrec_outstanding":
        if not is_inpatient(spell):
            return None
        done = medicines.reconciled_at(h, spell)
        return done is not None and done <= due
    if not requirements.required(h, spell, ward, process, due):
        return None
    last = requirements.latest(h, spell, process, requirements.TYPE[process], due)
    if last is not None and last.exempt:
        return None
    return last is not None


def doses_of(h: Hospital, spell: Row, ward: str) -> list[tuple[datetime, timedelta, list[Row]]]:
    """Due time, window and rows of the spell's doses of this ward that are past their window."""
    found = []
    for order in h.of_spell("order", spell):
        allowed = medicines.window(h, order)
        for due, rows in medicines.doses(h, order).items():
            if not h.now - PERIOD < due or h.now - due <= allowed or not medicines.scheduled(order, due):
                continue
            if h.ward_of(spell["spell_key"], due) == ward:
                found.append((due, allowed, rows))
    return found


def dose_results(h: Hospital, spell: Row, ward: str) -> list[bool]:
    """Ruling 159."""
    found = []
    for due, allowed, rows in doses_of(h, spell, ward):
        outcome = medicines.outcome(h, rows)
        if outcome == medicines.GIVEN:
            given = medicines.record(h, rows)["given_ts"]
            found.append(given is not None and given - due <= allowed)
        elif outcome == medicines.MISSED:
            found.append(False)
    return found


def unreadable_reasons(h: Hospital, ward: str) -> int:
    """Doses not given for a reason that is in no group."""
    return sum(
        medicines.outcome(h, rows) == medicines.OTHER
        and medicines.record(h, rows)["status"] == "not given"
        and medicines.record(h, rows)["reason_code"] not in (None, *GROUPS)
        for spell in h.spells.values()
        for _, _, rows in doses_of(h, spell, ward)
    )
