"""Sparse older spells, a year back, that hold a C. difficile infection or a pressure ulcer acquired on a ward."""

from __future__ import annotations

from random import Random

from surveillance.demo import care, identities, stays, story
from surveillance.demo.flow import Journey, Segment
from surveillance.demo.localtime import DAY, HOUR
from surveillance.demo.people import Patient
from surveillance.demo.records import Log
from surveillance.demo.story import Story
from surveillance.demo.wards import DemoWard

OLDEST = 390 * DAY
_WITHOUT = ("day_case", "child", "maternity")


def spells(wards: tuple[DemoWard, ...], seed: int, before: int, number: int, told: Story) -> list[Log]:
    """Closed spells that ended before ``before``, numbered from ``number``."""
    by_code = {ward.code: ward for ward in wards}
    logs = []
    for ward in wards:
        if ward.care in _WITHOUT:
            continue
        rng = Random(f"{seed}:history:{ward.code}")
        for event in ("infection", "ulcer"):
            for _ in range(rng.choice((1, 1, 2, 2, 3)) + (1 if ward.strain > 2 else 0)):
                end = _ending(before, rng, event)
                admit = end - rng.randrange(9, 24) * DAY
                segment = Segment(ward.code, f"{ward.code}-A{rng.randint(1, 6)}", admit, end)
                patient = Patient(Journey(number, "emergency", (segment,), None), seed, by_code, told)
                log = Log(number)
                number += 1
                _spell(patient, log, rng, event)
                identities.record(patient, log)
                logs.append(log)
    return logs


def _ending(before: int, rng: Random, event: str) -> int:
    """When a spell ends; of those with an infection more in winter."""
    while True:
        end = before - rng.randrange(2 * DAY, OLDEST - 40 * DAY)
        if event != "infection" or rng.random() * (1 + story.WINTER_DIFFICILE) < story.difficile(end):
            return end


def _spell(patient: Patient, log: Log, rng: Random, event: str) -> None:
    stays.record(patient, log)
    moment = patient.admit + rng.randrange(4 * DAY, patient.discharge - patient.admit - 2 * DAY)
    if event == "ulcer":
        key_before = len(log.writes)
        care.wound(patient, log, rng, moment, acquired=True)
        new = log.writes[key_before]
        new.values.update(CAT_CD="2", POA_FLG="N")
        validated = moment + 2 * DAY
        log.change(validated, "SKIN_WOUND", new.key, VALIDATED_DTM=validated)
        return
    final = moment + 20 * HOUR
    log.add(
        moment,
        "MicroTest",
        PatientNo=patient.no,
        Investigation="CDIFF",
        RequestedAt=moment,
        CollectedAt=moment,
        ReceivedAt=moment + HOUR,
        AuthorisedAt=final,
        Outcome="TOXIN DETECTED",
    )
    over = final + 9 * DAY
    alert = log.add(final, "ALERT", VISIT_NO=patient.visit, ALERT_CD="ISO-CDI", OPENED_DTM=final,
                    OPENED_ROLE="Infection control")  # fmt: skip
    log.change(over, "ALERT", alert, CLOSED_DTM=over)
