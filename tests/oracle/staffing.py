"""Staffing: heads, hours, fill rate, care hours and the red flag (section 5, rulings 122-141)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from fractions import Fraction

from tests.oracle.answer import NOT_APPLICABLE, NOT_CONNECTED, NOT_RECORDED, VALUE, Answer
from tests.oracle.clock import (
    DAY,
    at_local,
    current_shift,
    day_shift,
    local_date,
    midnight,
    next_shift,
    night_shift,
    shown_night,
)
from tests.oracle.hospital import Hospital, Row, true

REGISTERED = ("RN",)
UNREGISTERED = ("HCSW", "RNA")
ZERO = Fraction(0)


def worked(row: Row) -> str:
    return row.get("worked_ward") or row["ward_code"]


def planned(row: Row, ward: str) -> bool:
    """Ruling 127."""
    redeployed_in = row.get("source") == "redeployed" and worked(row) == ward
    return (
        row["ward_code"] == ward
        and row["state"] != "cancelled"
        and not true(row.get("supernumerary"))
        and not redeployed_in
    )


def actual(row: Row, ward: str) -> bool:
    """Ruling 128."""
    return row["state"] == "filled" and not true(row.get("supernumerary")) and worked(row) == ward


def duties(h: Hospital, ward: str) -> list[Row]:
    """The rows that this ward demands or that are worked here."""
    if h.duties is None:
        h.duties = {}
        for row in h.rows("duty"):
            for code in {row["ward_code"], worked(row)}:
                h.duties.setdefault(code, []).append(row)
    return h.duties.get(ward, [])


def has_roster(h: Hospital, ward: str) -> bool:
    """Ruling 132."""
    return bool(h.of("duty", "ward_code", ward))


def overlap(row: Row, start: datetime, end: datetime) -> Fraction:
    """Hours of the duty inside [start, end), breaks not deducted."""
    seconds = (min(row["end_ts"], end) - max(row["start_ts"], start)).total_seconds()
    return Fraction(seconds) / 3600 if seconds > 0 else ZERO


def net(row: Row, start: datetime, end: datetime) -> Fraction:
    """Ruling 134: the break comes off in proportion."""
    inside = overlap(row, start, end)
    if not inside:
        return ZERO
    whole = overlap(row, row["start_ts"], row["end_ts"])
    pause = Fraction(row.get("break_min") or 0) / 60
    return max(ZERO, inside * (1 - pause / whole))


def to_half(heads: Fraction) -> float:
    """Ruling 125: to the nearest 0.5, a quarter up."""
    return float((heads * 2 + Fraction(1, 2)) // 1) / 2


def heads(rows: list[Row], start: datetime, end: datetime) -> Fraction:
    length = Fraction((end - start).total_seconds()) / 3600
    return sum((overlap(row, start, end) for row in rows), ZERO) / length


def staff(h: Hospital, ward: str, groups: tuple[str, ...], shift: str) -> Answer:
    if not h.connected("duty"):
        return Answer(NOT_CONNECTED)
    if not has_roster(h, ward):
        return Answer(NOT_RECORDED)
    start, end = day_shift(h.today, h.site) if shift == "day" else shown_night(h.now, h.site)
    rows = [row for row in duties(h, ward) if row["staff_group"] in groups]
    return Answer(
        VALUE,
        {
            "actual": to_half(heads([row for row in rows if actual(row, ward)], start, end)),
            "planned": to_half(heads([row for row in rows if planned(row, ward)], start, end)),
        },
    )


def staffing_gap_next_shift(h: Hospital, ward: str) -> Answer:
    if not h.connected("duty"):
        return Answer(NOT_CONNECTED)
    if not has_roster(h, ward):
        return Answer(NOT_RECORDED)
    start, end = next_shift(h.now, h.site)
    value = {}
    for name, groups in (("registered", REGISTERED), ("unregistered", UNREGISTERED)):
        rows = [row for row in duties(h, ward) if row["staff_group"] in groups]
        wanted = heads([row for row in rows if planned(row, ward)], start, end)
        confirmed = heads([row for row in rows if actual(row, ward)], start, end)
        value[name] = to_half(max(ZERO, wanted - confirmed))
    return Answer(VALUE, value)


def fill_rate(h: Hospital, ward: str) -> Answer:
    """Rulings 133-135."""
    if not h.connected("duty"):
        return Answer(NOT_CONNECTED)
    if not has_roster(h, ward):
        return Answer(NOT_RECORDED)
    start = midnight(h.today.replace(day=1))
    value: dict[str, float | None] = {}
    for name, groups, shift in (
        ("rn_day", REGISTERED, day_shift),
        ("rn_night", REGISTERED, night_shift),
        ("care_day", UNREGISTERED, day_shift),
        ("care_night", UNREGISTERED, night_shift),
    ):
        hours_planned = hours_actual = ZERO
        for row in duties(h, ward):
            if row["staff_group"] not in groups:
                continue
            inside = ZERO
            for day in days_between(row["start_ts"], row["end_ts"]):
                shift_start, shift_end = shift(day, h.site)
                inside += net(row, max(start, shift_start), min(h.now, shift_end))
            hours_planned += inside if planned(row, ward) else ZERO
            hours_actual += inside if actual(row, ward) else ZERO
        value[name] = float(100 * hours_actual / hours_planned) if hours_planned else None
    return Answer(VALUE, value) if any(cell is not None for cell in value.values()) else Answer(NOT_APPLICABLE)


def days_between(start: datetime, end: datetime) -> list[date]:
    """The local dates whose shifts may touch [start, end), the night that began the day before included."""
    days = [local_date(start) - DAY]
    while days[-1] < local_date(end):
        days.append(days[-1] + DAY)
    return days


def chppd(h: Hospital, ward: str) -> Answer:
    """Rulings 136 and 137."""
    if not h.connected("duty", "spell", "ward_stay"):
        return Answer(NOT_CONNECTED)
    if not has_roster(h, ward):
        return Answer(NOT_RECORDED)
    first = h.today.replace(day=1)
    evenings = [at_local(first + timedelta(days=day), time(23, 59)) for day in range((h.today - first).days)]
    patient_days = sum(patients_at(h, ward, evening) for evening in evenings)
    if not patient_days:
        return Answer(NOT_APPLICABLE)
    start, end = midnight(first), midnight(h.today)
    here = [row for row in duties(h, ward) if actual(row, ward)]
    hours = {
        name: sum((net(row, start, end) for row in here if row["staff_group"] in groups), ZERO)
        for name, groups in (("rn", REGISTERED), ("hcsw", UNREGISTERED), ("other", ("other",)))
    }
    hours["total"] = sum(hours.values(), ZERO)
    return Answer(VALUE, {name: float(total / patient_days) for name, total in hours.items()})


def patients_at(h: Hospital, ward: str, at: datetime) -> int:
    places = [h.placed(patient_key, at) for patient_key in h.stays_of_patient]
    return sum(place is not None and place[1] == ward for place in places)


def required_hours(h: Hospital, ward: str, shift: str, start: datetime) -> Fraction | None:
    """Ruling 138: the latest census of this ward in this shift."""
    rows = [
        row
        for row in h.of("census_staffing", "ward_code", ward)
        if start <= row["ts"] <= h.now
        and row.get("shift") in (None, shift)
        and (row.get("required_rn_hours") is not None or row["required_hours"] is not None)
    ]
    if not rows:
        return None
    row = max(rows, key=lambda row: row["ts"])
    return Fraction(row["required_hours"] if row.get("required_rn_hours") is None else row["required_rn_hours"])


def rn_shortfall(required: Fraction, hours: Fraction) -> bool:
    """Section 5.3: more than 8 h or more than a quarter of the requirement."""
    return required - hours > 8 or required - hours > required / 4


def red_flag_rn(h: Hospital, ward: str) -> Answer:
    """Rulings 138-141."""
    if not h.connected("duty"):
        return Answer(NOT_CONNECTED)
    if not has_roster(h, ward):
        return Answer(NOT_RECORDED)
    shift, start, end = current_shift(h.now, h.site)
    nurses = [row for row in duties(h, ward) if row["staff_group"] == "RN"]
    here = [row for row in nurses if actual(row, ward)]
    required = required_hours(h, ward, shift, start)
    if required is None:
        required = sum((net(row, start, end) for row in nurses if planned(row, ward)), ZERO)
    if required == 0:
        return Answer(NOT_APPLICABLE)
    present = sum(row["start_ts"] <= h.now < row["end_ts"] for row in here)
    worked_hours = sum((net(row, start, end) for row in here), ZERO)
    return Answer(VALUE, int(present < 2 or rn_shortfall(required, worked_hours)))
