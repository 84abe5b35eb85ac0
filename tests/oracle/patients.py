"""Who lies on a ward, infection, skin, restriction, discharge and frailty (sections 0 and 6, rulings 142-157)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.oracle.answer import NONE_ON_RECORD, NOT_CONNECTED, VALUE, Answer, count
from tests.oracle.clock import HOUR, local_date
from tests.oracle.hospital import Hospital, Row, aged, is_inpatient, true, word

COVID = "SARS-CoV-2"
CDIFF = "C. difficile"
ULCERS = ("2", "3", "4", "unstageable", "dti")
SAME_EPISODE_DAYS = 28


def patients_on_ward(h: Hospital, ward: str) -> Answer:
    return count({spell["spell_key"] for spell in h.patients_on(ward)})


def positive_by_now(h: Hospital, row: Row, organism: str, result: str) -> bool:
    """A final positive that is known now, with the time of its specimen (rulings 16 and 33)."""
    return (
        row["organism"] == organism
        and row["status"] == "final"
        and row["result"] == result
        and row["collected_ts"] is not None
        and row["collected_ts"] <= h.now
        and (row["final_ts"] or row["collected_ts"]) <= h.now
    )


def covid_test_positive(h: Hospital, spell: Row) -> bool:
    """Ruling 151, the test part."""
    return any(
        positive_by_now(h, row, COVID, "positive") and h.now - row["collected_ts"] <= 14 * 24 * HOUR
        for row in h.of_patient("micro_result", spell)
    )


def covid_positive(h: Hospital, ward: str) -> Answer:
    if not h.connected("micro_result"):
        return Answer(NOT_CONNECTED)
    return count(
        {
            spell["spell_key"]
            for spell in h.patients_on(ward)
            if covid_test_positive(h, spell) or h.open_flags(spell, "isolation_covid")
        }
    )


def covid_test_awaited(h: Hospital, ward: str) -> Answer:
    """Rulings 152 and 153."""
    if not h.connected("micro_result"):
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        for row in h.of_patient("micro_result", spell):
            if row["organism"] != COVID or row["status"] not in ("ordered", "collected", "in lab"):
                continue
            since = row.get("ordered_ts") or row["collected_ts"]
            if since is None or since > h.now or h.now - since > 72 * HOUR or covid_test_positive(h, spell):
                continue
            found.add(spell["spell_key"])
    return count(found)


def cdiff_current(h: Hospital, ward: str) -> Answer:
    """Rulings 20, 149 and 150."""
    if not h.connected("micro_result"):
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        resolved = [flag["start_ts"] for flag in h.open_flags(spell, "cdiff_resolved")]
        by_specimen = aged(spell, 2) and any(
            positive_by_now(h, row, CDIFF, "toxin positive")
            and h.now - row["collected_ts"] <= 28 * 24 * HOUR
            and not any(start > row["collected_ts"] for start in resolved)
            for row in h.of_patient("micro_result", spell)
        )
        if by_specimen or h.open_flags(spell, "isolation_cdiff"):
            found.add(spell["spell_key"])
    return count(found)


def cdiff_days_since(h: Hospital, ward: str) -> Answer:
    """Rulings 146-149."""
    if not h.connected("micro_result"):
        return Answer(NOT_CONNECTED)
    days = []
    for patient_key in h.stays_of_patient:
        rows = h.of("micro_result", "patient_key", patient_key)
        specimens = sorted(row["collected_ts"] for row in rows if positive_by_now(h, row, CDIFF, "toxin positive"))
        first = None
        for collected in specimens:
            place = h.placed(patient_key, collected)
            if place is not None and not aged(h.spells[place[0]], 2):
                continue
            if first is not None and (local_date(collected) - first).days <= SAME_EPISODE_DAYS:
                continue
            first = local_date(collected)
            if place is None or place[1] != ward or not is_inpatient(h.spells[place[0]]):
                continue
            admitted = h.admitted(h.spells[place[0]])
            if admitted is not None and (first - local_date(admitted)).days + 1 >= 3:
                days.append((h.today - first).days)
    return Answer(VALUE, min(days)) if days else Answer(NONE_ON_RECORD)


def is_ulcer(wound: Row) -> bool:
    return word(wound["kind"]) == "pressure_ulcer" and word(wound.get("category")) in ULCERS


def pressure_ulcer_patients(h: Hospital, ward: str) -> Answer:
    """Rulings 6, 36 and 143."""
    if not h.connected("wound"):
        return Answer(NOT_CONNECTED)
    found = set()
    for spell in h.patients_on(ward):
        for wound in h.of_spell("wound", spell):
            seen, healed = wound["first_observed_ts"], wound["healed_ts"]
            if is_ulcer(wound) and (seen is None or seen <= h.now) and (healed is None or healed > h.now):
                found.add(spell["spell_key"])
    return count(found)


def pressure_ulcer_days_since(h: Hospital, ward: str) -> Answer:
    """Rulings 144-146."""
    if not h.connected("wound"):
        return Answer(NOT_CONNECTED)
    days = []
    for wound in h.rows("wound"):
        acquired = wound.get("present_on_admission") is not None and not true(wound["present_on_admission"])
        seen = wound["first_observed_ts"]
        if not is_ulcer(wound) or not acquired or not true(wound.get("validated")) or seen is None or seen > h.now:
            continue
        if h.ward_of(wound["spell_key"], seen) == ward:
            days.append((h.today - local_date(seen)).days)
    return Answer(VALUE, min(days)) if days else Answer(NONE_ON_RECORD)


def discharge_plan(h: Hospital, spell: Row) -> Row | None:
    """Ruling 38: the latest stands whole; a null time is oldest."""
    plans = [
        row
        for row in h.of_spell("discharge_plan", spell)
        if row.get("edd_set_ts") is None or row["edd_set_ts"] <= h.now
    ]
    return max(plans, key=lambda row: (row.get("edd_set_ts") is not None, row.get("edd_set_ts")), default=None)


def with_plan(h: Hospital, ward: str, wanted: Any) -> Answer:
    if not h.connected("discharge_plan"):
        return Answer(NOT_CONNECTED)
    plans = {spell["spell_key"]: discharge_plan(h, spell) for spell in h.patients_on(ward)}
    return count({key for key, plan in plans.items() if plan is not None and wanted(plan)})


def golden_discharge(h: Hospital, ward: str) -> Answer:
    return with_plan(h, ward, lambda plan: plan.get("golden_for_date") == h.today)


def edd_today(h: Hospital, ward: str) -> Answer:
    return with_plan(h, ward, lambda plan: plan["edd"] == h.today)


def no_criteria_to_reside(h: Hospital, ward: str) -> Answer:
    """Ruling 154."""

    def not_met(plan: Row) -> bool:
        ready = plan.get("discharge_ready_ts")
        return (ready is not None and ready <= h.now) or word(plan.get("criteria_to_reside_code")) == "none"

    return with_plan(h, ward, not_met)


def least_restrictive_review_outstanding(h: Hospital, ward: str) -> Answer:
    """Ruling 142."""
    if not h.connected("restrictive_practice"):
        return Answer(NOT_CONNECTED)
    hours = h.standard(ward, "least_restrictive_review_outstanding", "interval_h", 24)
    found = set()
    for spell in h.patients_on(ward):
        for row in h.of_spell("restrictive_practice", spell):
            start, end, review = row["start_ts"], row["end_ts"], row["last_review_ts"]
            if start > h.now or (end is not None and end <= h.now):
                continue
            since = review if review is not None and start <= review <= h.now else start
            if h.now - since > timedelta(hours=hours):
                found.add(spell["spell_key"])
    return count(found)


def frailty_profile(h: Hospital, ward: str) -> Answer:
    """Ruling 157; a null age is left out (ruling 3)."""
    if not h.connected("assessment"):
        return Answer(NOT_CONNECTED)
    found: dict[str, set[Any]] = {name: set() for name in (*"123456789", "not_recorded")}
    for spell in h.patients_on(ward):
        if spell.get("age") is None or spell["age"] < 65:
            continue
        found[frailty_band(h, spell)].add(spell["spell_key"])
    return Answer(VALUE, {name: len(keys) for name, keys in found.items()}, found)


def frailty_band(h: Hospital, spell: Row) -> str:
    entries = []
    for row in h.of_spell("assessment", spell):
        effective = row["effective_ts"] if row["effective_ts"] is not None else row["recorded_ts"]
        if row["type"] != "cfs" or row["status"] != "complete" or effective is None:
            continue
        recorded = row["recorded_ts"] if row["recorded_ts"] is not None else effective
        if effective <= h.now and recorded <= h.now:
            entries.append((effective, recorded, row.get("score")))
    if not entries:
        return "not_recorded"
    score = max(entries, key=lambda entry: entry[:2])[2]
    return str(int(score)) if score is not None and score in range(1, 10) else "not_recorded"
