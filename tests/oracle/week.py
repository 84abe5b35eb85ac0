"""Compliance of the seven closed local days before today: what fell due, and what of it was done in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple

from tests.oracle import medicines, reliability, requirements, staffing
from tests.oracle.answer import NOT_APPLICABLE, NOT_CONNECTED, NOT_RECORDED, VALUE, Answer
from tests.oracle.clock import DAY, HOUR, at_local, day_shift, midnight, night_shift
from tests.oracle.deterioration import GRACE, complete_sets, rcp_minutes, scored_sets, sepsis_hours
from tests.oracle.hospital import Hospital, Row, aged, true, word
from tests.oracle.staffing import ZERO

BESIDE = {
    "vte_on_time": "ra_vte",
    "pressure_risk_on_time": "ra_pressure_ulcer",
    "nutrition_on_time": "ra_must",
    "medrec_on_time": "medrec_outstanding",
    "obs_on_time": "obs_overdue",
    "critical_doses_on_time": "missed_doses_critical_today",
    "missed_critical_doses_rate": "missed_doses_critical_today",
    "missed_doses_rate": "missed_doses_today",
    "sepsis_antibiotic_on_time": "sepsis_antibiotic_overdue",
}
FIRST_SET = timedelta(minutes=60)


class Due(NamedTuple):
    """One opportunity: where the patient lay when it fell due, and whether it was done by then."""

    ward: str
    at: datetime
    success: bool


def days(h: Hospital) -> list[date]:
    return [h.today - DAY * back for back in range(7, 0, -1)]


def in_week(h: Hospital, at: datetime) -> bool:
    return midnight(days(h)[0]) <= at < midnight(h.today)


def ratio(found: list[bool]) -> Answer:
    return Answer(VALUE, float(Fraction(100 * sum(found), len(found)))) if found else Answer(NOT_APPLICABLE)


def share(h: Hospital, ward: str, dues: list[Due]) -> Answer:
    return ratio([one.success for one in dues if one.ward == ward and in_week(h, one.at)])


# -- assessments and reconciliations


def required(measure: str) -> Callable[[Hospital, str], Answer]:
    return lambda h, ward: _required(h, ward, BESIDE[measure])


def _required(h: Hospital, ward: str, process: str) -> Answer:
    if not h.applies(ward, process):
        return Answer(NOT_APPLICABLE)
    if not h.connected("medrec" if process == "medrec_outstanding" else "assessment"):
        return Answer(NOT_CONNECTED)
    found = []
    for spell in h.spells.values():
        if process == "medrec_outstanding":
            due = h.admitted(spell) + medicines.medrec_limit(h, ward)
        else:
            due = requirements.initial_due(h, spell, ward, process)
        if not in_week(h, due):
            continue
        success = reliability.requirement_result(h, spell, ward, process)
        if success is not None:
            found.append(success)
    return ratio(found)


# -- observations


def observations(h: Hospital) -> list[Due]:
    """Every set that fell due by now, of all patients; worked out once."""
    if "obs" not in h.kept:
        h.kept["obs"] = [due for spell in h.spells.values() for due in observations_of(h, spell)]
    return h.kept["obs"]


def observations_of(h: Hospital, spell: Row) -> list[Due]:
    moments: dict[datetime, Row] = {row["ts"]: row for row in complete_sets(h, spell)}
    begins: list[tuple[datetime, timedelta]] = []
    for at, row in moments.items():
        begins.append((at, timedelta(minutes=rcp_minutes(row.get("news2_total")))))
    admitted = h.admitted(spell)
    if not moments or min(moments) > admitted:
        begins.insert(0, (admitted, FIRST_SET))
    found = []
    for place, (begun, by_score) in enumerate(begins):
        following = begins[place + 1][0] if place + 1 < len(begins) else None
        due, by_plan = next_set_due(h, spell, begun, by_score, following)
        if due is None or due >= h.now:
            continue
        ward = h.ward_of(spell["spell_key"], due)
        if ward not in h.site["wards"] or not (by_plan or h.applies(ward, "news2_high")):
            continue
        found.append(Due(ward, due, following is not None and following <= due))
    return found


def next_set_due(
    h: Hospital, spell: Row, begun: datetime, by_score: timedelta, following: datetime | None
) -> tuple[datetime | None, bool]:
    """When the set after ``begun`` was due with its grace, and whether a person's plan said so."""
    before, _, _ = held(h, spell, begun, by_score)
    looked_at = h.now if before is None else min(begun + before + GRACE, h.now)
    if following is not None:
        looked_at = min(looked_at, following)
    interval, by_plan, changed = held(h, spell, looked_at, by_score)
    if interval is None:
        return None, by_plan
    due = begun + interval + GRACE
    if (before is None or interval < before) and changed is not None and changed > begun:
        due = max(due, changed + GRACE)
    return due, by_plan


def held(h: Hospital, spell: Row, at: datetime, by_score: timedelta) -> tuple[timedelta | None, bool, datetime | None]:
    """The interval in force at a moment (None: nothing is asked), whether by a person's plan, and since when."""
    score = by_score if aged(spell, 16) and not true(spell.get("pregnant_or_recent")) else None
    plans = [row for row in h.of_spell("obs_plan", spell) if row["set_ts"] <= at]
    if not plans:
        return score, False, None
    plan = max(plans, key=lambda row: row["set_ts"])
    if plan.get("valid_to") is not None and plan["valid_to"] <= at:
        return score, False, plan["valid_to"]
    if plan["interval_min"] is None:
        return None, False, plan["set_ts"]
    if word(plan.get("set_by_role")) in ("", "system", "auto"):
        return score, False, plan["set_ts"]
    return timedelta(minutes=plan["interval_min"] or 60), True, plan["set_ts"]


def obs_on_time(h: Hospital, ward: str) -> Answer:
    return share(h, ward, observations(h)) if h.connected("obs_set") else Answer(NOT_CONNECTED)


# -- doses


def dose_results(h: Hospital, ward: str, *, critical_only: bool) -> list[str]:
    """in time, late, missed or other, of every dose of the week that is past its window."""
    found = []
    for spell in h.spells.values():
        for order in h.of_spell("order", spell):
            if critical_only and not medicines.critical(h, order):
                continue
            allowed = medicines.window(h, order)
            for due, rows in medicines.doses(h, order).items():
                if not in_week(h, due) or h.now - due <= allowed or not medicines.scheduled(order, due):
                    continue
                if h.ward_of(spell["spell_key"], due) != ward:
                    continue
                outcome = medicines.outcome(h, rows)
                if outcome == medicines.GIVEN:
                    given = medicines.record(h, rows)["given_ts"]
                    outcome = "in time" if given is not None and given - due <= allowed else "late"
                found.append(outcome)
    return found


def critical_doses_on_time(h: Hospital, ward: str) -> Answer:
    if not h.connected("order", "dose_event") or h.site["critical"] is None:
        return Answer(NOT_CONNECTED)
    found = dose_results(h, ward, critical_only=True)
    return ratio([one == "in time" for one in found if one != medicines.OTHER])


def missed_rate(critical_only: bool) -> Callable[[Hospital, str], Answer]:
    def rate(h: Hospital, ward: str) -> Answer:
        if not h.connected("order", "dose_event") or (critical_only and h.site["critical"] is None):
            return Answer(NOT_CONNECTED)
        missed = dose_results(h, ward, critical_only=critical_only).count(medicines.MISSED)
        nights = patient_days(h, ward)
        return Answer(VALUE, float(Fraction(100 * missed, nights))) if nights else Answer(NOT_APPLICABLE)

    return rate


# -- sepsis


def antibiotics(h: Hospital) -> list[Due]:
    """The earliest case of each spell that fell due by now."""
    if "antibiotics" not in h.kept:
        h.kept["antibiotics"] = []
        for spell in h.spells.values():
            found = [antibiotic_case(h, spell, flag) for flag in h.of_spell("flag", spell)]
            cases = sorted((case for case in found if case), key=lambda case: case.at)
            if cases and cases[0].ward and aged(spell, 16) and not true(spell.get("pregnant_or_recent")):
                h.kept["antibiotics"].append(cases[0])
    return h.kept["antibiotics"]


def antibiotic_case(h: Hospital, spell: Row, flag: Row) -> Due | None:
    """What one sepsis record asked for; without a ward where the patient lay on none that uses NEWS2."""
    if flag["type"] not in ("sepsis_suspected", "sepsis_confirmed") or flag["start_ts"] > h.now:
        return None
    said_open = flag.get("status") is None or word(flag["status"]) in ("open", "active")
    end = flag.get("end_ts")
    if not said_open and end is None:
        return None
    sets = scored_sets(h, spell)
    before = [row for row in sets if row["ts"] <= flag["start_ts"]]
    later = [row for row in sets if row["ts"] > flag["start_ts"]]
    scoring = [row for row in before[-1:] + later if row["news2_total"] >= 1]
    if not scoring:
        return None
    zero = scoring[0]["ts"]
    due = min(row["ts"] + sepsis_hours(row["news2_total"]) * HOUR for row in scoring)
    if due >= h.now or (end is not None and end <= due):
        return None
    orders = [
        order
        for order in h.of_spell("order", spell)
        if medicines.drug_class(h, order) is not None and medicines.drug_class(h, order) in h.site["antimicrobial"]
    ]
    if not any(decided(h, order, zero, end) for order in orders):
        return None
    success = any(
        zero <= dose["given_ts"] <= due
        for order in orders
        for dose in h.of("dose_event", "order_key", order["order_key"])
        if dose["status"] == "given"
        and not true(dose.get("voided"))
        and dose["given_ts"] is not None
        and medicines.entered(dose) <= h.now
    )
    ward = h.ward_of(spell["spell_key"], due)
    known = ward in h.site["wards"] and h.applies(ward, "news2_high")
    return Due(ward if known else "", due, success)


def decided(h: Hospital, order: Row, zero: datetime, end: datetime | None) -> bool:
    """An antimicrobial in force at some time from time zero until the record was closed."""
    if order["kind"] in ("PRN", "conditional") or order["status"] in ("draft", "cancelled", "void"):
        return False
    start, stop = order["start_ts"], order["stop_ts"]
    if start is None or start > h.now or (end is not None and start >= end):
        return False
    return stop > zero if stop is not None else order["status"] != "stopped"


def sepsis_antibiotic_on_time(h: Hospital, ward: str) -> Answer:
    configured = set(h.site["drug_class"].values()) & set(h.site["antimicrobial"])
    if not h.connected("flag", "obs_set", "order", "dose_event") or not configured:
        return Answer(NOT_CONNECTED)
    return share(h, ward, antibiotics(h))


# -- staffing and beds


def patient_days(h: Hospital, ward: str) -> int:
    counts = h.kept.setdefault("nights", defaultdict(dict))
    if ward not in counts:
        counts[ward] = sum(staffing.patients_at(h, ward, at_local(day, time(23, 59))) for day in days(h))
    return counts[ward]


def rn_fill_rate_week(h: Hospital, ward: str) -> Answer:
    if not h.connected("duty"):
        return Answer(NOT_CONNECTED)
    if not staffing.has_roster(h, ward):
        return Answer(NOT_RECORDED)
    start, end = midnight(days(h)[0]), midnight(h.today)
    hours = {name: [ZERO, ZERO] for name in ("rn", "rn_day", "rn_night")}
    for row in staffing.duties(h, ward):
        if row["staff_group"] != "RN":
            continue
        counts = (staffing.actual(row, ward), staffing.planned(row, ward))
        inside = {"rn": staffing.net(row, start, end), "rn_day": ZERO, "rn_night": ZERO}
        for day in staffing.days_between(row["start_ts"], row["end_ts"]):
            for name, shift in (("rn_day", day_shift), ("rn_night", night_shift)):
                begins, ends = shift(day, h.site)
                inside[name] += staffing.net(row, max(start, begins), min(end, ends))
        for name, more in inside.items():
            hours[name] = [had + (more if counted else ZERO) for had, counted in zip(hours[name], counts, strict=True)]
    value = {name: float(100 * done / wanted) if wanted else None for name, (done, wanted) in hours.items()}
    return Answer(VALUE, value) if any(cell is not None for cell in value.values()) else Answer(NOT_APPLICABLE)


def chppd_week(h: Hospital, ward: str) -> Answer:
    if not h.connected("duty", "spell", "ward_stay"):
        return Answer(NOT_CONNECTED)
    if not staffing.has_roster(h, ward):
        return Answer(NOT_RECORDED)
    nights = patient_days(h, ward)
    if not nights:
        return Answer(NOT_APPLICABLE)
    start, end = midnight(days(h)[0]), midnight(h.today)
    here = [row for row in staffing.duties(h, ward) if staffing.actual(row, ward)]
    hours = {
        name: sum((staffing.net(row, start, end) for row in here if row["staff_group"] in groups), ZERO)
        for name, groups in (("rn", ("RN",)), ("hcsw", ("HCSW", "RNA")), ("other", ("other",)))
    }
    hours["total"] = sum(hours.values(), ZERO)
    return Answer(VALUE, {name: float(total / nights) for name, total in hours.items()})


def bed_occupancy_week(h: Hospital, ward: str) -> Answer:
    beds = h.site.get("beds", {}).get(ward)
    return Answer(VALUE, float(Fraction(100 * patient_days(h, ward), beds * 7))) if beds else Answer(NOT_APPLICABLE)
