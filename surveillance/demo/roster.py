"""Duties are planned weeks ahead by local shifts and change hands until they are worked; acuity is counted."""

from __future__ import annotations

from datetime import date
from random import Random

from surveillance.demo.localtime import DAY, HOUR, MINUTE, at, following
from surveillance.demo.records import Log
from surveillance.demo.wards import DemoWard

WEEKS_AHEAD = 4
"""A duty is published so many weeks before it is worked."""
DAY_HOURS, NIGHT_HOURS = 11.5, 11.5
"""Paid hours of a long day and of a night's duty."""

Shift = tuple[str, tuple[int, int], tuple[int, int], int]
"""Name, start, end (on the next day if earlier), unpaid break in minutes."""
LONG_DAY: Shift = ("LD", (7, 30), (20, 0), 60)
EARLY: Shift = ("E", (7, 30), (15, 0), 30)
LATE: Shift = ("L", (12, 30), (20, 0), 30)
NIGHT: Shift = ("N", (19, 30), (8, 0), 60)
OFFICE: Shift = ("O", (8, 0), (16, 0), 30)


def duties(day: date, wards: tuple[DemoWard, ...], seed: int, log: Log, published: int) -> None:
    """The duties of one local date on every ward, and what becomes of each."""
    codes = [ward.code for ward in wards]
    for ward in wards:
        rng = Random(f"{seed}:roster:{day.isoformat()}:{ward.code}")
        for shift, grade, spare in _demand(ward, day, rng):
            _duty(day, ward, shift, grade, spare, published, codes, rng, log)


def _demand(ward: DemoWard, day: date, rng: Random) -> list[tuple[Shift, str, bool]]:
    closed = ward.care == "day_case" and day.weekday() >= 5
    if closed:
        return []
    wanted: list[tuple[Shift, str, bool]] = [(LONG_DAY, "Registered", False)] * (ward.rn[0] - 1)
    wanted += [(EARLY, "Registered", False), (LATE, "Registered", False)]
    wanted += [(NIGHT, "Registered", False)] * ward.rn[1]
    associate = ward.care in ("elderly", "acute", "medical")
    wanted += [(LONG_DAY, "Nursing Associate" if associate and n == 0 else "Unregistered", False)
               for n in range(ward.hcsw[0])]  # fmt: skip
    wanted += [(NIGHT, "Unregistered", False)] * ward.hcsw[1]
    if day.weekday() < 5:
        wanted += [(OFFICE, "Registered", True), (OFFICE, "Other", False)]
    if rng.random() < 0.15:
        wanted.append((LONG_DAY, "Registered", True))
    return wanted


def _duty(
    day: date,
    ward: DemoWard,
    shift: Shift,
    grade: str,
    supernumerary: bool,
    published: int,
    codes: list[str],
    rng: Random,
    log: Log,
) -> None:
    _, starts, ends, pause = shift
    start = at(day, *starts)
    end = at(day if ends > starts else following(day), *ends)
    duty = log.add(
        published,
        "RosterDuty",
        Unit=ward.code,
        DutyStart=start,
        DutyEnd=end,
        GradeType=grade,
        BreakMinutes=pause,
        Supernumerary="Y" if supernumerary else "N",
        PublishedAt=published,
    )
    version = 0

    def state(moment: int, status: str, filled_by: str | None = None, worked: str | None = None) -> None:
        nonlocal version
        version += 1
        log.add(moment, "DutyAssignment", DutyId=duty, VersionNo=version, ChangedAt=moment, Status=status,
                FilledBy=filled_by, WorkedUnit=worked)  # fmt: skip

    strain = 0.7 + 0.3 * ward.strain
    if rng.random() < 0.86 or supernumerary:
        state(published, "Assigned", "Substantive")
    else:
        state(published, "Vacant")
        filled = start - int(rng.uniform(0.05, 8) * DAY)
        if rng.random() > 0.11 * strain:
            state(filled, "Assigned", rng.choice(("Bank", "Bank", "Agency")))
        elif rng.random() < 0.1:
            state(filled, "Cancelled")
            return
        else:
            return
    if rng.random() < 0.027 * strain:
        called = start - int(rng.uniform(0.5, 14) * HOUR)
        state(called, "Sick")
        if rng.random() < 0.72:
            state(called + int(rng.uniform(0.5, 5) * HOUR), "Assigned", rng.choice(("Bank", "Agency")))
    elif ward.strain < 1 and not supernumerary and len(codes) > 1 and rng.random() < 0.02:
        where = rng.choice([code for code in codes if code != ward.code])
        state(start + rng.randrange(0, 50 * MINUTE), "Assigned", "Redeployed", where)


def census(day: date, wards: tuple[DemoWard, ...], seed: int, log: Log) -> None:
    """Three acuity counts a day on every ward: required hours are those of registered nurses for the shift."""
    for ward in wards:
        if ward.care == "day_case":
            continue
        rng = Random(f"{seed}:census:{day.isoformat()}:{ward.code}")
        for (hour, minute), period, team in (((7, 50), "D", ward.rn[0]), ((14, 0), "D", ward.rn[0]),
                                             ((20, 20), "N", ward.rn[1])):  # fmt: skip
            moment = at(day, hour, minute) + rng.randrange(25 * MINUTE)
            hours = team * (DAY_HOURS if period == "D" else NIGHT_HOURS)
            required = round(hours * rng.gauss(0.9, 0.05), 1)
            available = round(hours * min(1.0, rng.gauss(0.96, 0.06)), 1)
            short = required - available > 8
            log.add(
                moment,
                "AcuityCensus",
                Unit=ward.code,
                CensusAt=moment,
                Period=period,
                RequiredHours=required,
                AvailableHours=available,
                Judgement="Concern" if short else rng.choice(("Safe", "Safe", "Safe", "Manageable")),
                RedFlags="RN shortfall" if short else None,
            )
