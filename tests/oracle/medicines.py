"""Medicines: reconciliation, verification, and each scheduled dose by its latest record (section 2, rulings 75-95)."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.oracle.answer import NOT_CONNECTED, Answer, count
from tests.oracle.clock import HOUR, midnight
from tests.oracle.hospital import Hospital, Row, blank, is_inpatient, true, word

WINDOW_MIN = {"emergency": 15, "insulin": 30, "parkinsons": 30}
CRITICAL_WINDOW_MIN = 60
OTHER_WINDOW_MIN = 120
NO_VERIFICATION = ("flush", "oxygen", "feed", "non_drug", "protocol")
PHARMACY = ("pharmacist", "pharmacy technician")
MEDREC_LIMIT_H = 24
TIE = {"given": 2, "self": 1, "not given": 0}  # ruling 88

MISSED, GIVEN, OTHER = "missed", "given", "other"


def reconciled_at(h: Hospital, spell: Row) -> datetime | None:
    """When the spell's first complete reconciliation was made (rulings 75 and 76)."""
    times = [
        row["completed_ts"]
        for row in h.of_spell("medrec", spell)
        if row["status"] == "complete"
        and row["completed_ts"] is not None
        and row["completed_ts"] <= h.now
        and (word(row["role"]) in PHARMACY or (row.get("sources_count") or 0) >= 2)
    ]
    return min(times, default=None)


def medrec_limit(h: Hospital, ward: str) -> timedelta:
    return timedelta(hours=h.standard(ward, "medrec_outstanding", "limit_h", MEDREC_LIMIT_H))


def medrec_outstanding(h: Hospital, ward: str) -> Answer:
    if not h.connected("medrec"):
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        admitted = h.admitted(spell)
        if not is_inpatient(spell) or admitted is None:
            continue
        if h.now - admitted > medrec_limit(h, ward) and reconciled_at(h, spell) is None:
            found.add(spell["spell_key"])
    return count(found)


def drug_class(h: Hospital, order: Row) -> str | None:
    return h.site["drug_class"].get(order["drug_code"])


def active_now(h: Hospital, order: Row) -> bool:
    """Ruling 78."""
    return (
        order["status"] == "active"
        and order["start_ts"] is not None
        and order["start_ts"] <= h.now
        and (order["stop_ts"] is None or order["stop_ts"] > h.now)
    )


def verified(h: Hospital, order: Row) -> bool:
    """Ruling 79."""
    if order.get("verify_status") != "verified" or word(order.get("verifier_role")) != "pharmacist":
        return False
    at, modified = order.get("verified_ts"), order.get("last_modified_ts")
    return at is not None and at <= h.now and (modified is None or at >= modified)


def given_already(h: Hospital, order: Row) -> bool:
    """Ruling 82."""
    for dose in h.of("dose_event", "order_key", order["order_key"]):
        if dose["status"] != "given" or true(dose.get("voided")) or entered(dose) > h.now:
            continue
        if (dose["given_ts"] or entered(dose)) <= h.now:
            return True
    return False


def orders_not_verified(h: Hospital, ward: str) -> Answer:
    if not h.connected("order"):
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        for order in h.of_spell("order", spell):
            if not active_now(h, order) or verified(h, order):
                continue
            if order.get("verify_status") == "not required" or drug_class(h, order) in NO_VERIFICATION:
                continue  # ruling 81
            if order["kind"] == "stat" and given_already(h, order):
                continue
            found.add(order["order_key"])
    return count(found)


# -- doses


def doses(h: Hospital, order: Row) -> dict[datetime, list[Row]]:
    """Due time → the rows about that dose (ruling 87)."""
    by_due: dict[datetime, list[Row]] = {}
    for row in h.of("dose_event", "order_key", order["order_key"]):
        by_due.setdefault(row["due_ts"], []).append(row)
    return by_due


def entered(dose: Row) -> datetime:
    """When the record was made, else the time of the event itself (rulings 16 and 88)."""
    return dose.get("recorded_ts") or dose["given_ts"] or dose["due_ts"]


def record(h: Hospital, rows: list[Row]) -> Row | None:
    """The latest record of a dose that is known now (ruling 88)."""
    known = [
        row
        for row in rows
        if row["status"] not in (None, "blank") and not true(row.get("voided")) and entered(row) <= h.now
    ]
    return max(known, key=lambda row: (entered(row), TIE[row["status"]]), default=None)


def scheduled(order: Row, due: datetime) -> bool:
    """Rulings 31 and 89: the order asked for a dose at ``due``."""
    if order["kind"] not in ("regular", "stat") or order["status"] in ("draft", "cancelled", "void"):
        return False
    if order["start_ts"] is None or due < order["start_ts"]:
        return False
    if order["stop_ts"] is not None and due >= order["stop_ts"]:
        return False
    if order["status"] == "stopped":
        return order["stop_ts"] is not None
    if order["status"] == "suspended":
        return order.get("last_modified_ts") is not None and due < order["last_modified_ts"]
    return True


def critical(h: Hospital, order: Row) -> bool:
    """Ruling 94."""
    return drug_class(h, order) is not None and drug_class(h, order) in (h.site["critical"] or [])


def window(h: Hospital, order: Row) -> timedelta:
    """Ruling 84."""
    name = drug_class(h, order)
    if name in h.site["window_min"]:
        return timedelta(minutes=h.site["window_min"][name])
    if name in WINDOW_MIN:
        return timedelta(minutes=WINDOW_MIN[name])
    return timedelta(minutes=CRITICAL_WINDOW_MIN if critical(h, order) else OTHER_WINDOW_MIN)


def outcome(h: Hospital, rows: list[Row]) -> str:
    """Section 2.3 and rulings 90-92."""
    last = record(h, rows)
    if last is None:
        return MISSED
    if last["status"] == "given":
        return GIVEN
    if last["status"] == "self":
        return OTHER
    if blank(last["reason_code"]):
        return MISSED if blank(last.get("reason_text")) else OTHER
    if last["reason_code"] in ("UNAVAILABLE", "NO_REASON"):
        return MISSED
    if last["reason_code"] == "other":
        return MISSED if blank(last.get("reason_text")) else OTHER
    return OTHER


def missed_doses(h: Hospital, ward: str, *, critical_only: bool) -> Answer:
    if not h.connected("order", "dose_event") or (critical_only and h.site["critical"] is None):
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        for order in h.of_spell("order", spell):
            if critical_only and not critical(h, order):
                continue
            for due, rows in doses(h, order).items():
                if not midnight(h.today) <= due <= h.now or h.now - due <= window(h, order):
                    continue
                if not scheduled(order, due) or h.ward_of(spell["spell_key"], due) != ward:  # ruling 93
                    continue
                if outcome(h, rows) == MISSED:
                    found.add((order["order_key"], due))
    return count(found)


def due_critical_doses(h: Hospital, ward: str, hours: float) -> Answer:
    if not h.connected("order", "dose_event") or h.site["critical"] is None:
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        for order in h.of_spell("order", spell):
            if not critical(h, order):
                continue
            for due, rows in doses(h, order).items():
                if h.now < due <= h.now + hours * HOUR and scheduled(order, due) and record(h, rows) is None:
                    found.add((order["order_key"], due))
    return count(found)
