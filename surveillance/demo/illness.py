"""What happens to a patient in a spell is drawn once: illness, surgery, falls, and from when they could go home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from surveillance.demo import story
from surveillance.demo.localtime import DAY, HOUR

if TYPE_CHECKING:
    from surveillance.demo.people import Patient

ADULT = 18
GROWN = 16
OLD = 65
MEDICAL = ("acute", "medical", "elderly", "critical")


@dataclass(frozen=True, slots=True)
class Deterioration:
    """The patient gets worse and better again; ``peak``: 0 (well) to 1 (dying)."""

    start: int
    hours: float
    peak: float


@dataclass(frozen=True, slots=True)
class Sepsis:
    """Suspected from ``start``; ``confirmed`` and ``closed`` as moments, if they come."""

    start: int
    confirmed: int | None
    closed: int


@dataclass(frozen=True, slots=True)
class Course:
    """What happens in the spell, as moments."""

    deteriorations: tuple[Deterioration, ...]
    sepsis: Sepsis | None
    kidney_injury: tuple[int, float] | None
    """When creatinine starts to rise, and how many times the baseline it reaches."""
    surgery: int | None
    falls: tuple[int, ...]
    dying_from: int | None
    """From when observations are stopped."""
    ready: int
    """From when the patient could leave."""
    assisted: bool
    """Needs help with mouth care."""
    skin_at_risk: bool


def draw(patient: Patient) -> Course:
    """The course of the patient's spell."""
    rng = patient.rng("course")
    stay = patient.discharge - patient.admit
    days = stay / DAY
    acute = patient.journey.kind in ("take", "emergency", "critical")
    medical = patient.care in MEDICAL
    worse = _deteriorations(patient, rng, acute)
    sepsis = _sepsis(patient, rng, worse, acute)
    injury = None
    if patient.age >= ADULT and not patient.day_case and rng.random() < (0.2 if medical else 0.08):
        begins = patient.admit + int(rng.uniform(-0.3, min(days, 4)) * DAY)
        injury = (begins, rng.choice((1.8, 1.9, 2.0, 2.3, 2.7, 3.6)))
    dying = None
    if patient.age > 70 and medical and days > 3 and rng.random() < 0.05:
        dying = patient.discharge - int(rng.uniform(0.5, 2.5) * DAY)
    waiting = rng.uniform(0, 0.6) if rng.random() < 0.72 else rng.uniform(0.8, 6) if patient.age >= OLD else 0.3
    return Course(
        deteriorations=worse,
        sepsis=sepsis,
        kidney_injury=injury,
        surgery=_surgery(patient, rng),
        falls=_falls(patient, rng),
        dying_from=dying,
        ready=max(patient.discharge - int(waiting * DAY), patient.admit + stay // 3),
        assisted=patient.age > 75 and rng.random() < 0.2,
        skin_at_risk=rng.random() < (0.55 if patient.age >= 75 else 0.3 if patient.age >= OLD else 0.1),
    )


def _deteriorations(patient: Patient, rng: Random, acute: bool) -> tuple[Deterioration, ...]:
    stay = patient.discharge - patient.admit
    worse = []
    if acute:
        worse.append(Deterioration(patient.arrival, rng.uniform(8, 40), min(rng.betavariate(2, 4.2), 0.95)))
    for _ in range(_poisson(rng, (0.035 if patient.care in MEDICAL else 0.015) * stay / DAY)):
        start = patient.admit + int(stay * rng.uniform(0.1, 0.9))
        worse.append(Deterioration(start, rng.uniform(8, 48), rng.uniform(0.35, 0.9)))
    return tuple(sorted(worse, key=lambda episode: episode.start))


def _sepsis(patient: Patient, rng: Random, worse: tuple[Deterioration, ...], acute: bool) -> Sepsis | None:
    if patient.age < GROWN or patient.pregnant or patient.day_case:
        return None
    for episode in worse:
        if rng.random() < (0.22 if acute and episode.peak > 0.4 else 0.06) * story.sepsis(episode.start):
            start = episode.start + int(rng.uniform(0.5, 3) * HOUR)
            if rng.random() < 0.45:
                confirmed = start + int(rng.uniform(4, 20) * HOUR)
                return Sepsis(start, confirmed, confirmed + int(rng.uniform(30, 90) * HOUR))
            return Sepsis(start, None, start + int(rng.uniform(8, 40) * HOUR))
    return None


def _surgery(patient: Patient, rng: Random) -> int | None:
    if patient.journey.kind == "elective":
        moment = patient.admit + int(rng.uniform(2, 7) * HOUR)
    elif patient.ward_at(patient.discharge - 1).care == "surgical" and rng.random() < 0.5:
        moment = patient.admit + int(rng.uniform(8, 30) * HOUR)
    else:
        return None
    return moment if moment < patient.discharge - 6 * HOUR else None


def _falls(patient: Patient, rng: Random) -> tuple[int, ...]:
    if patient.age < OLD or patient.day_case:
        return ()
    stay = patient.discharge - patient.admit
    number = _poisson(rng, 0.006 * stay / DAY * patient.strain_at(patient.admit) ** 0.5)
    return tuple(sorted(patient.admit + int(stay * rng.random()) for _ in range(number)))


def _poisson(rng: Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
