"""Blood and microbiology: requested, collected, received, authorised; AKI stages as the laboratory computes them."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from surveillance.clinical.aki import Creatinine, ReferenceInterval, warning_stage
from surveillance.demo import story
from surveillance.demo.illness import ADULT, GROWN, OLD
from surveillance.demo.localtime import DAY, HOUR, MINUTE, at, day_of, following
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

WINTER = (11, 12, 1, 2)


def record(patient: Patient, log: Log) -> None:
    """All specimens of the spell."""
    if patient.day_case or patient.journey.kind == "newborn":
        return
    rng = patient.rng("laboratory")
    _creatinines(patient, log, rng)
    _microbiology(patient, log, patient.rng("microbiology"))


def _creatinines(patient: Patient, log: Log, rng: Random) -> None:
    baseline = max(38.0, rng.gauss(82 if not patient.female else 66, 13) + max(0, patient.age - 70) * 0.7)
    if patient.age < GROWN:
        baseline = 22 + patient.age * 2.2
    limits = (45, 84) if patient.female else (59, 104)
    earlier: list[Creatinine] = []
    if rng.random() < 0.7:  # known from before; the laboratory keeps it, the display never asks so far back
        before = patient.arrival - rng.randrange(45, 330) * DAY
        earlier.append(Creatinine(round(baseline * rng.uniform(0.93, 1.07)), _utc(before)))
    injury = patient.course.kidney_injury
    moment = patient.arrival + int(rng.uniform(20, 90) * MINUTE)
    while moment < patient.discharge:
        value = round(baseline * _rise(injury, moment) * rng.uniform(0.95, 1.05))
        stage = warning_stage(
            Creatinine(value, _utc(moment)),
            earlier,
            age_years=patient.age,
            reference=ReferenceInterval(*limits),
            age_days=patient.age_days,
        ).stage
        earlier.append(Creatinine(value, _utc(moment)))
        _creatinine(patient, log, rng, moment, value, stage or 0, limits)
        recent = injury is not None and 0 <= moment - injury[0] < 6 * DAY
        gap = 1 if recent or moment - patient.arrival < 2 * DAY else rng.choice((1, 2, 2, 3, 4))
        moment = at(following(day_of(moment), gap), 6) + rng.randrange(3 * HOUR)


def _utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _rise(injury: tuple[int, float] | None, moment: int) -> float:
    """How many times the baseline: up in a day or two, back in about a week."""
    if injury is None or moment < injury[0]:
        return 1.0
    days = (moment - injury[0]) / DAY
    share = days / 1.5 if days < 1.5 else max(0.0, 1 - (days - 1.5) / 7)
    return 1 + (injury[1] - 1) * min(share, 1.0)


def _creatinine(
    patient: Patient, log: Log, rng: Random, collected: int, value: int, stage: int, limits: tuple[int, int]
) -> None:
    received = collected + rng.randrange(15 * MINUTE, 70 * MINUTE)
    authorised = received + rng.randrange(25 * MINUTE, 110 * MINUTE)
    specimen = log.add(collected, "Specimen", PatientNo=patient.no, RequestedAt=collected, CollectedAt=collected)
    log.change(received, "Specimen", specimen, ReceivedAt=received)
    spoilt = rng.random() < 0.004
    log.add(
        authorised,
        "TestResult",
        SpecimenId=specimen,
        TestCode="CREA" if rng.random() > 0.03 else "CREA-POC",
        ResultText="haemolysed" if spoilt else str(value),
        Units="umol/L",
        RefLow=limits[0],
        RefHigh=limits[1],
        AuthorisedAt=authorised,
        AkiStage=stage if stage and not spoilt else None,
    )
    log.add(authorised, "TestResult", SpecimenId=specimen, TestCode="K", ResultText=f"{rng.gauss(4.3, 0.4):.1f}",
            Units="mmol/L", AuthorisedAt=authorised)  # fmt: skip


def _microbiology(patient: Patient, log: Log, rng: Random) -> None:
    admit, stay = patient.admit, patient.discharge - patient.admit
    winter = day_of(admit).month in WINTER
    acute = patient.journey.kind in ("take", "emergency", "child", "critical")
    if acute and rng.random() < 0.22:
        positive = rng.random() < (0.11 if winter else 0.07)
        _virus(patient, log, rng, "COV2-PCR", admit - rng.randrange(0, HOUR), positive)
    elif stay > 3 * DAY and patient.age >= ADULT and rng.random() < 0.06:
        _virus(patient, log, rng, "COV2-PCR", admit + int(stay * rng.uniform(0.3, 0.9)), rng.random() < 0.2)
    if acute and winter and rng.random() < 0.15:
        _virus(patient, log, rng, "FLU-PCR" if patient.age >= 5 else "RSV-PCR", admit, rng.random() < 0.15)
    if patient.age >= OLD and stay > 3 * DAY and rng.random() < 0.12:
        _difficile(patient, log, rng, admit + int(rng.uniform(1.5 * DAY, stay * 0.8)))
    sepsis = patient.course.sepsis
    if sepsis and sepsis.start < patient.discharge and rng.random() < 0.85:
        taken = max(sepsis.start + int(rng.uniform(5, 50) * MINUTE), patient.arrival)
        _test(
            patient, log, rng, "BLD-CULT", taken, rng.uniform(40, 120), "NO GROWTH" if rng.random() < 0.8 else "GROWTH"
        )


def _virus(patient: Patient, log: Log, rng: Random, code: str, moment: int, positive: bool) -> None:
    hours = rng.uniform(2, 9) if rng.random() < 0.85 else rng.uniform(9, 40)
    final = _test(patient, log, rng, code, moment, hours, "DETECTED" if positive else "NOT DETECTED")
    if final and positive and code == "COV2-PCR" and final < patient.discharge:
        alert = log.add(final, "ALERT", VISIT_NO=patient.visit, ALERT_CD="ISO-COV", OPENED_DTM=final,
                        OPENED_ROLE="Infection control")  # fmt: skip
        over = final + int(rng.uniform(5, 10) * DAY)
        log.change(over, "ALERT", alert, CLOSED_DTM=over)


def _difficile(patient: Patient, log: Log, rng: Random, moment: int) -> None:
    positive = rng.random() < 0.07 * story.difficile(moment)
    outcome = "TOXIN DETECTED" if positive else "NOT DETECTED"
    final = _test(patient, log, rng, "CDIFF", moment, rng.uniform(8, 30), outcome)
    if not (final and positive and final < patient.discharge):
        return
    alert = log.add(final, "ALERT", VISIT_NO=patient.visit, ALERT_CD="ISO-CDI", OPENED_DTM=final,
                    OPENED_ROLE="Infection control")  # fmt: skip
    over = final + int(rng.uniform(8, 14) * DAY)
    if over < patient.discharge:
        log.change(over, "ALERT", alert, CLOSED_DTM=over)
        log.add(over, "ALERT", VISIT_NO=patient.visit, ALERT_CD="CDI-END", OPENED_DTM=over,
                OPENED_ROLE="Infection control")  # fmt: skip


def _test(patient: Patient, log: Log, rng: Random, code: str, requested: int, hours: float, outcome: str) -> int | None:
    """One test; returns when its result is final, or None if it is cancelled."""
    requested = max(requested, patient.arrival)
    key = log.add(requested, "MicroTest", PatientNo=patient.no, Investigation=code, RequestedAt=requested)
    if rng.random() < 0.03:
        cancelled = requested + int(rng.uniform(1, 20) * HOUR)
        log.change(cancelled, "MicroTest", key, CancelledAt=cancelled)
        return None
    collected = requested + rng.randrange(10 * MINUTE, 120 * MINUTE)
    received = collected + rng.randrange(20 * MINUTE, 100 * MINUTE)
    final = received + int(hours * HOUR)
    log.change(collected, "MicroTest", key, CollectedAt=collected)
    log.change(received, "MicroTest", key, ReceivedAt=received)
    log.change(final, "MicroTest", key, AuthorisedAt=final, Outcome=outcome)
    return final
