"""Rows of the roster and of the staffing census, with duties across shifts, sickness and redeployment."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from tests.oracle.clock import DAY, at_local, current_shift, local_date
from tests.oracle.dice import HOUR, MINUTE, Dice

Row = dict[str, Any]

PATTERNS = (  # local start, local end, whether it ends the next day
    (time(7, 30), time(20, 0), False),
    (time(7, 30), time(20, 0), False),
    (time(7, 0), time(15, 0), False),
    (time(13, 0), time(21, 15), False),
    (time(7, 30), time(10, 37, 30), False),  # a quarter of the day
    (time(20, 0), time(22, 52, 30), False),  # a quarter of the night
    (time(20, 0), time(7, 30), True),
    (time(19, 30), time(8, 0), True),
    (time(19, 30), time(8, 0), True),
)
STATES = {"filled": 12, "required": 1, "unfilled": 1, "sick": 1, "cancelled": 1}
SOURCES = {"substantive": 10, "bank": 2, "agency": 1, None: 1}
GROUPS = {"RN": 5, "HCSW": 3, "RNA": 1, "other": 1}


def add_duties(dice: Dice, site: Row, now: datetime) -> list[Row]:
    today = local_date(now)
    wards = list(site["wards"])
    rostered = wards[:-1] if len(wards) > 1 and dice.chance(0.25) else wards
    first = min(today.replace(day=1), today - 7 * DAY) - DAY
    rows: list[Row] = []
    for ward in rostered:
        size = dice.one((0.4, 2, 5))
        groups = GROUPS if dice.chance(0.85) else {"RN": 1}
        for ahead in range((today - first).days + 3):
            day = first + timedelta(days=ahead)
            near = abs((day - today).days) <= 1
            for _ in dice.many(0, int(size * 4)) if near else dice.many(0, int(size)):
                rows.append(_duty(dice, ward, day, dice.weighted(groups), [*rostered, "TRANSIT"], len(rows)))
    return rows


def _duty(dice: Dice, ward: str, day: date, group: str, wards: list[str], number: int) -> Row:
    start, end, overnight = dice.one(PATTERNS)
    source, worked = dice.weighted(SOURCES), dice.or_none(ward, 0.8)
    if dice.chance(0.08):
        source, worked = "redeployed", dice.one([*wards, None])
    begins = at_local(day, start)
    ends = at_local(day + DAY if overnight else day, end)
    if dice.chance(0.03):
        ends = begins + 30 * HOUR
    return {
        "duty_key": dice.or_none(f"D{number}", 0.2),
        "ward_code": ward,
        "start_ts": begins,
        "end_ts": ends,
        "staff_group": group,
        "state": dice.weighted(STATES),
        "worked_ward": worked,
        "supernumerary": dice.weighted({None: 2, 0: 8, 1: 1}),
        "source": source,
        "break_min": dice.one((None, 0, 30, 60, 45)),
    }


def add_census(dice: Dice, site: Row, now: datetime) -> list[Row]:
    """Censuses of the shift in progress; those labelled with the other shift count for neither reading."""
    shift, start, _ = current_shift(now, site)
    other = "night" if shift == "day" else "day"
    rows = []
    for ward in site["wards"]:
        times = {dice.one((start, now, dice.between(start, now))) for _ in dice.many(0, 2)}
        if now + 20 * MINUTE > start and dice.chance(0.3):
            times.add(now + 20 * MINUTE)
        for moment in sorted(times):
            rn = dice.or_none(dice.one((0, 11.5, 23, 40)), 0.6)
            rows.append(
                {
                    "ward_code": ward,
                    "ts": moment,
                    "shift": dice.weighted({shift: 6, None: 2, other: 1}),
                    "required_hours": dice.one((0, 11.5, 15, 23, 34.5, 40, 57.5)),
                    "required_rn_hours": rn,
                    "available_hours": None,
                    "professional_judgement": None,
                    "red_flags": None,
                }
            )
    return rows
