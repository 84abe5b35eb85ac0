"""Vital signs follow a patient's course; the NEWS2 total and the plan that it asks for are recorded with them."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

from surveillance.clinical.news2 import news2
from surveillance.demo.illness import GROWN
from surveillance.demo.localtime import DAY, HOUR, MINUTE
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

WELL = 14, 97, 1, False, 120, 70, "A", 36.6
"""A set that scores 0."""


def _total(rr: int, spo2: int, scale: int, on_oxygen: bool, sbp: int, pulse: int, acvpu: str, temp: float) -> int:
    """The total of a set. Parameters add up, and of a few of them at a time the same values come again and again."""
    return _breathing(rr, spo2, scale, on_oxygen) + _circulation(sbp, pulse) + _rest(acvpu, temp)


@lru_cache(maxsize=10_000)
def _breathing(rr: int, spo2: int, scale: int, on_oxygen: bool) -> int:
    return news2(rr, spo2, scale, on_oxygen, *WELL[4:]).total or 0


@lru_cache(maxsize=20_000)
def _circulation(sbp: int, pulse: int) -> int:
    return news2(*WELL[:4], sbp, pulse, *WELL[6:]).total or 0


@lru_cache(maxsize=1_000)
def _rest(acvpu: str, temp: float) -> int:
    return news2(*WELL[:6], acvpu, temp).total or 0


def severity(patient: Patient, moment: int) -> float:
    """How ill the patient is: 0 to 1."""
    worst = 0.0
    for episode in patient.course.deteriorations:
        if moment < episode.start:
            break
        share = (moment - episode.start) / (episode.hours * HOUR)
        if share < 1:
            worst = max(worst, episode.peak * math.sin(math.pi * min(0.15 + share, 1.0)) ** 0.7)
    return worst


def record(patient: Patient, log: Log) -> None:
    """Observation sets and plans from arrival on the ward until discharge or the last days."""
    if patient.day_case and not patient.bedded:
        return
    rng = patient.rng("observations")
    scale = 2 if patient.age > 60 and rng.random() < 0.06 else 1
    chart = _Chart(patient, log, rng, scale)
    end = min(patient.discharge, patient.course.dying_from or patient.discharge)
    moment = patient.admit + int(rng.uniform(5, 35) * MINUTE)
    while moment < end:
        interval = chart.take(moment)
        late = rng.random() < 0.035 * patient.strain_at(moment)
        share = 1.0 + rng.expovariate(1.6) if late else rng.uniform(0.78, 1.02)
        moment += int(interval * MINUTE * share) + (40 * MINUTE if late else int(rng.uniform(-120, 600)))
    if patient.course.dying_from and end < patient.discharge:
        log.add(end, "OBS_FREQ", VISIT_NO=patient.visit, FREQ_MIN=None, SET_DTM=end, SET_ROLE="Consultant",
                REASON_TXT="End of life care")  # fmt: skip


class _Chart:
    """One patient's chart: knows the plan that is in force."""

    def __init__(self, patient: Patient, log: Log, rng: Random, scale: int) -> None:
        self.patient, self.log, self.rng, self.scale = patient, log, rng, scale
        self.plan: int | None = None
        self.plan_key = 0
        self.decided = 0
        self.scored = patient.age >= GROWN and not patient.pregnant
        self.base = (
            rng.gauss(16, 1.3),
            rng.gauss(97 if scale == 1 else 90.5, 0.9),
            rng.gauss(132, 13),
            rng.gauss(76, 8),
            rng.gauss(36.7, 0.25),
        )
        if patient.age < GROWN:
            young = max(0.0, (GROWN - patient.age) / GROWN)
            self.base = (16 + 24 * young**2, 98.0, 118 - 45 * young, 80 + 55 * young, 36.9)

    def take(self, moment: int) -> int:
        """Chart one set; returns the minutes until the next is due."""
        patient, rng = self.patient, self.rng
        ill = severity(patient, moment)
        rr = round(self.base[0] + 13 * ill + rng.gauss(0, 1.2))
        spo2 = min(100, round(self.base[1] - 5 * ill + rng.gauss(0, 0.8)))
        oxygen = ill > 0.45 or (self.scale == 2 and ill > 0.15)
        sbp = round(self.base[2] - 38 * ill + rng.gauss(0, 7))
        pulse = round(self.base[3] + 45 * ill + rng.gauss(0, 5))
        acvpu = "A" if ill < 0.78 else rng.choice("CCV")
        temp = round(self.base[4] + 1.9 * ill + rng.gauss(0, 0.2), 1)
        missing = rng.random() < 0.012
        total = None
        if self.scored and not missing:
            total = _total(rr, spo2, self.scale, oxygen, sbp, pulse, acvpu, temp)
        entered = moment + int(rng.uniform(30, 180) if rng.random() < 0.93 else rng.uniform(180, 2400))
        self.log.add(
            entered,
            "OBS_CHART",
            VISIT_NO=patient.visit,
            OBS_DTM=moment,
            ENTERED_DTM=entered,
            RESP=rr,
            SATS=spo2,
            SATS_SCALE=self.scale,
            O2_DEV=("NASAL" if ill < 0.6 else "VENTURI" if ill < 0.75 else "NRB") if oxygen else "AIR",
            BP_SYS=sbp,
            BP_DIA=round(sbp * 0.6),
            HR=pulse,
            ACVPU=acvpu,
            TEMP_C=None if missing else temp,
            EWS_TOTAL=total,
            ALL_TAKEN="N" if missing else "Y",
        )
        return self._next_in(moment, entered, total, ill)

    def _next_in(self, moment: int, entered: int, total: int | None, ill: float) -> int:
        patient, rng = self.patient, self.rng
        care = patient.ward_at(moment).care
        if care == "critical":
            wanted = 60
        elif total is None:
            wanted = 60 if ill > 0.6 else 240 if ill > 0.25 or moment - patient.admit < DAY else 360
        else:
            wanted = 30 if total >= 7 else 60 if total >= 5 else 300 if total >= 1 else 480
        planned = care in ("critical", "child", "maternity") or total is None or total >= 5 or self.plan is not None
        if planned and wanted != self.plan and (self.plan is None or rng.random() < 0.85):
            self._decide(entered, wanted)
        return min(wanted, self.plan) if self.plan else wanted

    def _decide(self, moment: int, wanted: int) -> None:
        moment = self.decided = max(moment, self.decided + MINUTE)  # sets are not always entered in their order
        if self.plan_key:
            self.log.change(moment, "OBS_FREQ", self.plan_key, ENDED_DTM=moment)
        relaxed = wanted >= 300 and self.scored and self.patient.ward_at(moment).care != "maternity"
        if relaxed:  # back to what the score asks for
            self.plan, self.plan_key = None, 0
            return
        minutes = 0 if wanted == 30 and self.rng.random() < 0.4 else wanted
        role = self.rng.choice(("Nurse", "Nurse", "Outreach", "Doctor"))
        self.plan = wanted
        self.plan_key = self.log.add(
            moment,
            "OBS_FREQ",
            VISIT_NO=self.patient.visit,
            FREQ_MIN=minutes,
            SET_DTM=moment,
            SET_ROLE=role,
            REASON_TXT="Clinical judgement" if wanted > 60 else "Deteriorating",
        )
