"""Every due dose is a row, blank until somebody charts it: given, late, not given for a reason, or never charted."""

from __future__ import annotations

from random import Random
from typing import Any

from surveillance.demo.formulary import CRITICAL, Times
from surveillance.demo.localtime import DAY, HOUR, MINUTE, at, day_of, following
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

SLOT_AHEAD = DAY
"""The system makes the row of a due dose a day before, or with the prescription."""
NEVER_CHARTED = 0.0032
NO_REASON = 0.0024
UNAVAILABLE = 0.0028
LATE = 0.008
CRITICAL_CARE = 0.8
"""How much less often that happens to a critical dose."""
REASONS = (
    ("RF", 0.011),
    ("CW", 0.011),
    ("NBM", 0.006),
    ("NR", 0.004),
    ("AB", 0.003),
    ("SA", 0.008),
    ("GE", 0.002),
    ("PC", 0.001),
    ("OT", 0.001),
    ("Z9", 0.0002),
)
"""The vendor's reason codes and how often they are used; nobody has mapped Z9."""
_REASON_CODES = [code for code, _ in REASONS]
_REASON_WEIGHTS = [share for _, share in REASONS]
_ANY_REASON = sum(_REASON_WEIGHTS)
_CRITICAL = frozenset(CRITICAL)


def window(drug_class: str) -> int:
    """Seconds after which nurses here think of a dose as late."""
    if drug_class in ("insulin", "parkinsons"):
        return 30 * MINUTE
    return 60 * MINUTE if drug_class in _CRITICAL else 120 * MINUTE


def scheduled(
    patient: Patient, log: Log, rng: Random, rx: int, times: Times, start: int, end: int, drug_class: str
) -> None:
    """The due doses of a regular prescription in [start, end) and what became of them."""
    allowed = window(drug_class)
    critical = drug_class in _CRITICAL
    day = day_of(start)
    add, change = log.add, log.change
    while at(day, 0) < end:
        for hour, minute in times:
            due = at(day, hour, minute)
            if not start <= due < end:
                continue
            made = max(start, due - SLOT_AHEAD)
            key = add(made, "administration", rx_id=rx, due_at=due, made_at=made)
            strain = patient.strain_at(due)
            if critical:
                strain *= CRITICAL_CARE * patient.story.missed(patient.ward_at(due).division, due)
            cells = _outcome(rng, due, made, allowed, strain)
            if cells is None:
                continue
            charted = cells["charted_at"]
            change(charted, "administration", key, **cells)
            if rng.random() < 0.003:  # struck out and charted again
                struck = charted + rng.randrange(2 * MINUTE, 50 * MINUTE)
                change(struck, "administration", key, struck_at=struck)
                if rng.random() < 0.9:
                    again = struck + MINUTE
                    add(again, "administration", rx_id=rx, due_at=due, made_at=again, **(cells | {"charted_at": again}))
        day = following(day)


def once(patient: Patient, log: Log, rng: Random, rx: int, start: int) -> None:
    """A dose to be given at once."""
    due = start
    key = log.add(start, "administration", rx_id=rx, due_at=due, made_at=start)
    strain = patient.strain_at(due)
    if rng.random() < 0.006 * strain:
        return
    delay = rng.uniform(4, 14) if rng.random() > 0.05 * strain else rng.uniform(14, 150)
    given = due + int(delay * MINUTE)
    charted = given + rng.randrange(4 * MINUTE)
    log.change(charted, "administration", key, outcome="G", given_at=given, charted_at=charted)


def as_needed(log: Log, rng: Random, rx: int, start: int, end: int) -> None:
    """Doses that have no due time."""
    moment = start + int(rng.uniform(2, 20) * HOUR)
    while moment < end:
        log.add(moment, "administration", rx_id=rx, outcome="G", given_at=moment, charted_at=moment, made_at=moment)
        moment += int(rng.uniform(8, 60) * HOUR)


def _outcome(rng: Random, due: int, made: int, allowed: int, strain: float) -> dict[str, Any] | None:
    chance = rng.random()
    if chance < (edge := NEVER_CHARTED * strain):
        return None
    if chance < (edge := edge + NO_REASON * strain):
        charted = due + rng.randrange(0, allowed)
        other = rng.random() < 0.2
        return {"outcome": "N", "reason_cd": "OT" if other else None, "charted_at": charted}
    if chance < (edge := edge + UNAVAILABLE * strain):
        return {"outcome": "N", "reason_cd": "NA", "charted_at": due + rng.randrange(0, allowed)}
    if chance < (edge := edge + _ANY_REASON):
        code = rng.choices(_REASON_CODES, _REASON_WEIGHTS)[0]
        charted = due + rng.randrange(0, int(allowed * 0.8))
        if code == "SA":
            return {"outcome": "S", "reason_cd": "SA", "charted_at": charted}
        note = "See medical notes" if code == "OT" else None
        return {"outcome": "N", "reason_cd": code, "reason_note": note, "charted_at": charted}
    if chance < edge + LATE * strain:
        given = due + allowed + int(rng.expovariate(1 / (25 * MINUTE))) + MINUTE
    else:
        given = due + int(rng.triangular(-15 * MINUTE, allowed - 8 * MINUTE, min(15 * MINUTE, allowed // 3)))
        given = max(given, made + MINUTE)
    return {"outcome": "G", "given_at": given, "charted_at": given + int(rng.uniform(MINUTE, 5 * MINUTE))}
