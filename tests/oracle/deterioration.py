"""Observations, NEWS2, sepsis and AKI, from what the source systems recorded (sections 3 and 4, rulings 96-121)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.answer import NOT_CONNECTED, Answer, count, parts
from tests.oracle.clock import HOUR
from tests.oracle.hospital import Hospital, Row, aged, true, word
from tests.oracle.medicines import active_now, drug_class, entered

GRACE = timedelta(minutes=30)
AKI_WINDOW = 168 * HOUR


def news2_used(h: Hospital, spell: Row, ward: str) -> bool:
    """Aged 16 or over, not pregnant or recently so, not on a ward where NEWS2 has no meaning (maternity)."""
    return aged(spell, 16) and not true(spell.get("pregnant_or_recent")) and h.applies(ward, "news2_high")


def complete_sets(h: Hospital, spell: Row) -> list[Row]:
    """Complete observation sets up to now, oldest first."""
    sets = [row for row in h.of_spell("obs_set", spell) if true(row["complete"]) and row["ts"] <= h.now]
    return sorted(sets, key=lambda row: row["ts"])


def scored_sets(h: Hospital, spell: Row) -> list[Row]:
    return [row for row in complete_sets(h, spell) if row.get("news2_total") is not None]


def active_plan(h: Hospital, spell: Row) -> Row | None:
    """Ruling 104."""
    plans = [row for row in h.of_spell("obs_plan", spell) if row["set_ts"] <= h.now]
    plan = max(plans, key=lambda row: row["set_ts"], default=None)
    if plan is None or (plan.get("valid_to") is not None and plan["valid_to"] <= h.now):
        return None
    return plan


def stopped(plan: Row | None) -> bool:
    """Ruling 105."""
    return plan is not None and plan["interval_min"] is None


def single_parameter_3(row: Row) -> bool:
    """Whether any recorded parameter of the set scores 3 (RCP 2017, ruling 35)."""

    def within(name: str, low: float, high: float) -> bool:
        return row.get(name) is not None and (row[name] <= low or row[name] >= high)

    never = 10_000
    if within("rr", 8, 25) or within("sbp", 90, 220) or within("pulse", 40, 131):
        return True
    if row.get("acvpu") not in (None, "A"):
        return True
    if row.get("temp") is not None:
        tenths = Decimal(str(row["temp"])).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)  # ruling 116
        if tenths <= 35:
            return True
    if row.get("spo2_scale") == 2:
        on_oxygen = row.get("o2") is not None and word(row["o2"]) != "air"
        return within("spo2", 83, 97 if on_oxygen else never)
    return within("spo2", 91, never)


def obs_hourly(h: Hospital, ward: str) -> Answer:
    if h.connected("obs_plan"):
        plans = {spell["spell_key"]: active_plan(h, spell) for spell in h.patients_on(ward)}
        return count({key for key, plan in plans.items() if plan and not stopped(plan) and plan["interval_min"] <= 60})
    if not h.connected("obs_set"):
        return Answer(NOT_CONNECTED)
    found = set()  # rulings 106 and 107: derived
    for spell in h.patients_on(ward):
        sets = scored_sets(h, spell)
        if sets and news2_used(h, spell, ward) and (sets[-1]["news2_total"] >= 5 or single_parameter_3(sets[-1])):
            found.add(spell["spell_key"])
    return count(found)


def obs_due(h: Hospital, spell: Row, ward: str) -> datetime | None:
    """When the next complete set becomes overdue, the grace included (rulings 105, 108-113)."""
    plan = active_plan(h, spell)
    if stopped(plan):
        return None
    by_person = plan is not None and word(plan.get("set_by_role")) not in ("", "system", "auto")
    sets = complete_sets(h, spell)
    if plan is not None and by_person:
        minutes = plan["interval_min"] or 60
    elif not news2_used(h, spell, ward):
        return None
    elif not sets:
        minutes = 60
    else:
        minutes = rcp_minutes(sets[-1].get("news2_total"))
    since = sets[-1]["ts"] if sets else h.admitted(spell)
    return None if since is None else since + timedelta(minutes=minutes) + GRACE


def rcp_minutes(total: float | None) -> int:
    """RCP chart 4 by the total; a set without one leaves the longest interval (ruling 112)."""
    if total is None or total == 0:
        return 720
    return 360 if total <= 4 else 60


def obs_overdue(h: Hospital, ward: str) -> Answer:
    if not h.connected("obs_set"):
        return Answer(NOT_CONNECTED)
    dues = {spell["spell_key"]: obs_due(h, spell, ward) for spell in h.patients_on(ward)}
    return count({key for key, due in dues.items() if due is not None and h.now > due})


def due_observations(h: Hospital, ward: str, hours: float) -> Answer:
    if not h.connected("obs_set"):
        return Answer(NOT_CONNECTED)
    dues = {spell["spell_key"]: obs_due(h, spell, ward) for spell in h.patients_on(ward)}
    return count({key for key, due in dues.items() if due is not None and h.now < due <= h.now + hours * HOUR})


def news2_high(h: Hospital, ward: str) -> Answer:
    """Rulings 114 and 115."""
    if not h.connected("obs_set"):
        return Answer(NOT_CONNECTED)
    found: dict[str, set[Any] | None] = {"5-6": set(), "7+": set()}
    for spell in h.patients_on(ward):
        sets = scored_sets(h, spell)
        if not sets or not news2_used(h, spell, ward):
            continue
        total = sets[-1]["news2_total"]
        if total >= 7:
            found["7+"].add(spell["spell_key"])
        elif total >= 5:
            found["5-6"].add(spell["spell_key"])
    return parts(found)


def sepsis_patients(h: Hospital, ward: str) -> Answer:
    """Ruling 117."""
    if not h.connected("flag"):
        return Answer(NOT_CONNECTED)
    found: dict[str, set[Any] | None] = {"confirmed": set(), "suspected": set()}
    for spell in h.patients_on(ward):
        if h.open_flags(spell, "sepsis_confirmed"):
            found["confirmed"].add(spell["spell_key"])
        elif h.open_flags(spell, "sepsis_suspected"):
            found["suspected"].add(spell["spell_key"])
    return parts(found)


def antimicrobial(h: Hospital, order: Row) -> bool:
    return drug_class(h, order) is not None and drug_class(h, order) in h.site["antimicrobial"]


def sepsis_antibiotic_overdue(h: Hospital, ward: str) -> Answer:
    configured = set(h.site["drug_class"].values()) & set(h.site["antimicrobial"])
    if not h.connected("flag", "obs_set", "order", "dose_event") or not configured:
        return Answer(NOT_CONNECTED)
    found = {
        spell["spell_key"] for spell in h.patients_on(ward) if news2_used(h, spell, ward) and antibiotic_late(h, spell)
    }
    return count(found)


def antibiotic_late(h: Hospital, spell: Row) -> bool:
    """Rulings 118-120."""
    flags = h.open_flags(spell, "sepsis_suspected") + h.open_flags(spell, "sepsis_confirmed")
    orders = [order for order in h.of_spell("order", spell) if antimicrobial(h, order)]
    decided = any(order["kind"] not in ("PRN", "conditional") and active_now(h, order) for order in orders)
    if not flags or not decided:
        return False
    opened = min(flag["start_ts"] for flag in flags)
    sets = scored_sets(h, spell)
    before = [row for row in sets if row["ts"] <= opened]
    counted = [row for row in before[-1:] + [row for row in sets if row["ts"] > opened] if row["news2_total"] >= 1]
    if not counted:
        return False
    due = min(row["ts"] + sepsis_hours(row["news2_total"]) * HOUR for row in counted)
    if h.now <= due:
        return False
    first = counted[0]["ts"]
    for order in orders:
        for dose in h.of("dose_event", "order_key", order["order_key"]):
            if dose["status"] != "given" or true(dose.get("voided")) or dose["given_ts"] is None:
                continue
            if first <= dose["given_ts"] <= h.now and entered(dose) <= h.now:
                return False
    return True


def sepsis_hours(total: float) -> int:
    return 1 if total >= 7 else 3 if total >= 5 else 6


def aki_patients(h: Hospital, ward: str) -> Answer:
    if not h.connected("lab_result"):
        return Answer(NOT_CONNECTED)
    rows = h.rows("lab_result")
    if rows and not any("aki_stage_from_lab" in row for row in rows):
        return Answer(NOT_CONNECTED)  # ruling 96
    return count({spell["spell_key"] for spell in h.patients_on(ward) if has_aki(h, spell)})


def has_aki(h: Hospital, spell: Row) -> bool:
    """Section 3.2 with clear_after = 1, and rulings 34 and 96-100."""
    results = []
    for row in h.of_patient("lab_result", spell):
        stage = row.get("aki_stage_from_lab")
        if row["test"] != "creatinine" or (row["value"] is None and stage is None):
            continue
        if row["collected_ts"] <= h.now and (row.get("reported_ts") or row["collected_ts"]) <= h.now:
            results.append((row["collected_ts"], stage or 0))
    if not results:
        return False
    collected, stage = max(results)
    admitted = h.admitted(spell)
    if stage < 1 or h.now - collected > AKI_WINDOW or (admitted is not None and collected < admitted - AKI_WINDOW):
        return False
    if h.open_flags(spell, "chronic_dialysis") or any(
        flag["start_ts"] > collected for flag in h.open_flags(spell, "aki_refuted")
    ):
        return False
    return spell.get("age_days") is None or spell["age_days"] >= 28
