"""Sepsis and kidney alerts, enhanced care with its reviews, and wounds with their validation."""

from __future__ import annotations

from random import Random

from surveillance.demo.illness import ADULT, OLD
from surveillance.demo.localtime import DAY, HOUR, at, day_of, following
from surveillance.demo.people import Patient
from surveillance.demo.records import Log
from surveillance.demo.stays import needs_enhanced_care

SITES = ("Sacrum", "Left heel", "Right heel", "Left hip", "Right ear", "Spine")


def record(patient: Patient, log: Log) -> None:
    """Alerts, restrictive practices and wounds of the spell."""
    if patient.day_case:
        return
    rng = patient.rng("care")
    _alerts(patient, log, rng)
    if needs_enhanced_care(patient, rng):
        _enhanced_care(patient, log, rng)
    if patient.age >= ADULT:
        _wounds(patient, log, rng)


def open_alert(patient: Patient, log: Log, code: str, start: int, end: int | None = None, role: str = "Doctor") -> None:
    """An alert on the record, closed at ``end`` if that comes before discharge."""
    start = max(start, patient.admit)
    if start >= patient.discharge:
        return
    key = log.add(start, "ALERT", VISIT_NO=patient.visit, ALERT_CD=code, OPENED_DTM=start, OPENED_ROLE=role)
    if end is not None and start < end < patient.discharge:
        log.change(end, "ALERT", key, CLOSED_DTM=end)


def _alerts(patient: Patient, log: Log, rng: Random) -> None:
    sepsis = patient.course.sepsis
    if sepsis:
        open_alert(patient, log, "SEP-SCRN", sepsis.start, sepsis.confirmed or sepsis.closed, "Nurse")
        if sepsis.confirmed:
            open_alert(patient, log, "SEP-DX", sepsis.confirmed, sepsis.closed)
    injury = patient.course.kidney_injury
    if injury and rng.random() < 0.08:
        open_alert(patient, log, "AKI-NO", injury[0] + int(rng.uniform(30, 60) * HOUR))
    if patient.age >= ADULT and rng.random() < 0.012:
        open_alert(patient, log, "DIALYSIS", patient.admit + HOUR)
    if 50 <= patient.age < OLD and rng.random() < 0.3:
        open_alert(patient, log, "FALL-RF", patient.admit + HOUR, role="Nurse")
    if rng.random() < 0.02:
        open_alert(patient, log, "SOCIAL", patient.admit + 5 * HOUR, role="Nurse")


def _enhanced_care(patient: Patient, log: Log, rng: Random) -> None:
    start = patient.admit + int(rng.uniform(4, 40) * HOUR)
    end = min(start + int(rng.uniform(1, 9) * DAY), patient.discharge)
    if start >= patient.discharge - 6 * HOUR:
        return
    kind = rng.choice(("One to one", "Cohort supervision", "Bed rails", "Sensor alarm", "Mittens"))
    legal = rng.choice(("MCA-BI", "MCA-BI", "DOLS-U", "DOLS-S", "CONS"))
    authorised = start + 7 * DAY if legal == "DOLS-U" else None
    key = log.add(start, "RESTR_CARE", VISIT_NO=patient.visit, KIND_TXT=kind, BEG_DTM=start, LEGAL_CD=legal,
                  AUTH_END_DTM=authorised)  # fmt: skip
    log.add(start + HOUR // 2, "CLIN_EVENT", VISIT_NO=patient.visit, EVT_CD="RESTR", EVT_DTM=start,
            ENTERED_DTM=start + HOUR // 2)  # fmt: skip
    log.change(end, "RESTR_CARE", key, END_DTM=end)
    day = following(day_of(start))
    while (review := at(day, 9) + rng.randrange(3 * HOUR)) < end:
        if rng.random() > 0.12 * patient.strain_at(review):
            review = min(review, start + 23 * HOUR) if day == following(day_of(start)) else review
            log.add(review, "RESTR_REVIEW", RC_ID=key, REVIEW_DTM=review)
        day = following(day)


def _wounds(patient: Patient, log: Log, rng: Random) -> None:
    days = (patient.discharge - patient.admit) / DAY
    at_risk = patient.course.skin_at_risk
    if at_risk and rng.random() < 0.09:
        wound(patient, log, rng, patient.admit + int(rng.uniform(1, 6) * HOUR), acquired=False)
    if at_risk and rng.random() < 0.0024 * days * patient.strain_at(patient.admit) ** 0.5:
        wound(patient, log, rng, patient.admit + int(rng.uniform(0.3, 0.9) * days * DAY), acquired=True)
    if rng.random() < 0.02:
        seen = patient.admit + int(rng.uniform(0, min(days, 4)) * DAY)
        log.add(seen, "SKIN_WOUND", VISIT_NO=patient.visit, KIND_CD=rng.choice(("MASD", "TEAR")), SITE_TXT="Sacrum",
                FIRST_SEEN_DTM=seen, ENTERED_DTM=seen, DEVICE_FLG="N", POA_FLG="N")  # fmt: skip


def wound(patient: Patient, log: Log, rng: Random, seen: int, *, acquired: bool) -> None:
    """A pressure ulcer; the tissue viability nurse validates it some days later."""
    entered = seen + int(rng.uniform(0.1, 3) * HOUR)
    key = log.add(
        entered,
        "SKIN_WOUND",
        VISIT_NO=patient.visit,
        KIND_CD="PU",
        CAT_CD=rng.choices(("1", "2", "3", "4", "UNST", "DTI"), (25, 50, 8, 2, 7, 8))[0],
        SITE_TXT=rng.choice(SITES),
        DEVICE_FLG="Y" if rng.random() < 0.1 else "N",
        FIRST_SEEN_DTM=seen,
        ENTERED_DTM=entered,
        POA_FLG=("N" if acquired else "Y") if rng.random() > 0.04 else None,
    )
    validated = entered + int(rng.uniform(0.6, 5) * DAY)
    if rng.random() < 0.9:
        log.change(validated, "SKIN_WOUND", key, VALIDATED_DTM=validated)
    healed = seen + int(rng.uniform(6, 30) * DAY)
    if healed < patient.discharge:
        log.change(healed, "SKIN_WOUND", key, HEALED_DTM=healed)
