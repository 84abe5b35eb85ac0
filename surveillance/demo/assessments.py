"""Assessment forms: on time, late, never, drafted, struck out, exempt, and asked for again by time or by an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from surveillance.demo import story
from surveillance.demo.illness import ADULT, GROWN, OLD
from surveillance.demo.localtime import DAY, HOUR, MINUTE
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

LATE = 0.05
NEVER = 0.013
Scored = tuple[str | None, int | None, str | None]
"""Tool, score, band."""


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of form. ``limit_h``: hours from its clock to when it is due; ``again_h``: asked for again after."""

    code: str
    limit_h: float
    again_h: float | None
    role: str
    fill: Callable[[Patient, Random], Scored]
    exemptible: bool = True


def _vte(_: Patient, rng: Random) -> Scored:
    return "DH VTE 2018", None, rng.choice(("RISK", "RISK", "LOW"))


def _must(patient: Patient, rng: Random) -> Scored:
    score = rng.choice((0, 0, 0, 0, 1, 1, 2, 2, 3))
    return "STAMP" if patient.age < ADULT else "MUST", score, ("LOW", "MEDIUM", "HIGH", "HIGH")[score]


def _pressure(patient: Patient, rng: Random) -> Scored:
    if patient.care == "child":
        return "BRADEN Q", rng.randint(20, 27), "NOT AT RISK"
    if patient.ward_at(patient.admit).care in ("surgical", "day_case"):
        score = rng.randint(11, 24) if patient.course.skin_at_risk else rng.randint(2, 9)
        return "WATERLOW", score, None
    return "PURPOSE T", None, "AT RISK" if patient.course.skin_at_risk else "NOT AT RISK"


def _smoking(_: Patient, rng: Random) -> Scored:
    return None, None, rng.choice(("NEVER", "NEVER", "EX", "CURRENT"))


def _alcohol(_: Patient, rng: Random) -> Scored:
    return "AUDIT-C", min(12, int(rng.expovariate(0.4))), None


def _allergy(_: Patient, rng: Random) -> Scored:
    return None, None, rng.choices(("NKDA", "ALLERGIC", "UNKNOWN"), (80, 18, 2))[0]


def _oral(patient: Patient, _: Random) -> Scored:
    return "MOUTH CARE", None, "ASSISTED" if patient.course.assisted else "SELF"


def _plain(_: Patient, __: Random) -> Scored:
    return None, None, None


def _frailty(patient: Patient, rng: Random) -> Scored:
    score = min(8, max(1, round(rng.gauss(3.2 + (patient.age - OLD) / 12, 1.4))))
    return "ROCKWOOD", score, None


VTE = Form("VTE_ADULT_V3", 14, None, "Doctor", _vte, exemptible=False)
VTE_MATERNITY = Form("VTE_MAT_V2", 14, None, "Midwife", _vte, exemptible=False)
MUST = Form("MUST_V5", 24, 168, "Nurse", _must)
STAMP = Form("STAMP_V1", 24, 168, "Nurse", _must)
MOBILITY = Form("SAFE_MOB_V1", 6, None, "Nurse", _plain)
FALLS = Form("FALLS_MFA_V4", 24, 168, "Nurse", _plain)
PRESSURE = Form("SKIN_RISK_V2", 6, 168, "Nurse", _pressure)
SMOKING = Form("SMOKE_STAT", 24, None, "Nurse", _smoking)
ALCOHOL = Form("AUDITC_V2", 24, None, "Nurse", _alcohol)
ALLERGY = Form("ALLERGY_STAT", 1, None, "Doctor", _allergy, exemptible=False)
ORAL = Form("MOUTHCARE_V1", 24, 168, "Nurse", _oral)
HANDLING = Form("MH_PLAN_V2", 6, None, "Nurse", _plain)
ADL = Form("ADL_V3", 24, 168, "Nurse", _plain)
FRAILTY = Form("CFS_V1", 24, None, "Doctor", _frailty, exemptible=False)


def record(patient: Patient, log: Log, first_order: int | None) -> None:
    """Every form that the patient needs. ``first_order``: before it the allergy status should be known."""
    rng = patient.rng("assessments")
    course, admit = patient.course, patient.admit
    seen = patient.journey.ed[1] if patient.journey.ed else admit
    decided = patient.journey.ed[2] if patient.journey.ed else admit
    review = _consultant_review(patient, log, rng)
    worse = tuple(e.start for e in course.deteriorations if e.start > admit and e.peak > 0.5)
    surgery = (course.surgery,) if course.surgery else ()
    for moment in worse:
        _event(log, patient, "COND_CHG", moment, rng)
    for moment in surgery:
        _event(log, patient, "THEATRE", moment, rng)
    for moment in course.falls:
        _event(log, patient, "FALL", moment, rng)
    series = _Series(patient, log, rng)
    adult = patient.age >= GROWN
    if adult:
        series.run(VTE_MATERNITY if patient.care == "maternity" else VTE, decided, (*worse, *surgery, *review))
    before = first_order - 5 * MINUTE if first_order else admit + 4 * HOUR
    series.allergy(min(before, admit + 5 * HOUR))
    if patient.day_case:
        return
    child = patient.care == "child"
    assisted = 24.0 if course.assisted or patient.care == "critical" else None
    at_risk = 24.0 if course.skin_at_risk and not child else None
    series.run(PRESSURE, seen, (*worse, *surgery, *patient.transfers), at_risk)
    if patient.age >= ADULT or child:
        series.run(STAMP if child else MUST, admit, ())
    if adult:
        series.run(SMOKING, admit, ())
        series.run(ALCOHOL, admit, ())
    if child:
        return
    if patient.age >= 50:
        series.run(MOBILITY, admit, ())
        series.run(FALLS, admit, (*worse, *course.falls, *patient.transfers))
    if patient.age >= ADULT:
        series.run(ORAL, admit, (), assisted)
    series.run(HANDLING, admit, ())
    daily = 24.0 if patient.care == "critical" else None
    series.run(ADL, admit, (*worse, *surgery, *course.falls), daily)
    if patient.age >= OLD:
        series.run(FRAILTY, admit, ())


class _Series:
    """One patient's forms of one kind after another."""

    def __init__(self, patient: Patient, log: Log, rng: Random) -> None:
        self.patient, self.log, self.rng = patient, log, rng

    def run(self, form: Form, clock: int, triggers: tuple[int, ...], again_h: float | None = None) -> None:
        """The first form and all that time and ``triggers`` ask for until discharge."""
        rng, patient = self.rng, self.patient
        interval = again_h or form.again_h
        due = clock + int(form.limit_h * HOUR)
        opens = clock + 20 * MINUTE
        first = True
        while True:
            # An assessment asked for again and again is part of the day's routine, seldom forgotten for good.
            never = NEVER if first else NEVER / 2
            strain = patient.strain_at(max(due, patient.admit))
            if rng.random() < never * strain:
                return
            if rng.random() < LATE * strain * self._season(form, due):
                done = due + int(rng.expovariate(1 / (9 * HOUR)))
            else:
                done = due - int((due - opens) * rng.triangular(0.04, 0.95, 0.7 if first else 0.3))
            if done >= patient.discharge:
                return
            if self._enter(form, done) and form.exemptible:
                return
            again = [done + int(interval * HOUR)] if interval else []
            asked = [moment for moment in triggers if moment > done]
            if asked:
                again.append(min(asked) + 6 * HOUR)
            if not again:
                return
            due, first = min(again), False
            opens = max(done + HOUR, due - 6 * HOUR if interval is None or interval > 24 else due - 5 * HOUR)
            if asked and due == min(asked) + 6 * HOUR:
                opens = min(asked) + 10 * MINUTE

    def _season(self, form: Form, due: int) -> float:
        """How much more often the form is late than it usually is."""
        if form is VTE:
            return story.late_vte(due)
        if form is MUST:
            return self.patient.story.late_screening(self.patient.ward_at(due).division, due)
        return 1.0

    def allergy(self, due: int) -> None:
        """Once, before the first medicine; again daily while it cannot be ascertained."""
        rng, patient = self.rng, self.patient
        if rng.random() < NEVER * patient.strain_at(due):
            return
        moment = due if rng.random() > 0.02 * patient.strain_at(due) else due + int(rng.expovariate(1 / (4 * HOUR)))
        for _ in range(9):
            band = ALLERGY.fill(patient, rng)[2]
            self._enter(ALLERGY, moment, band)
            if band == "ALLERGIC" and rng.random() < 0.7:
                self.log.add(moment + 300, "ALERT", VISIT_NO=patient.visit, ALERT_CD="ALLERGY",
                             OPENED_DTM=moment + 300, OPENED_ROLE="Doctor")  # fmt: skip
            if band != "UNKNOWN":
                return
            moment += int(rng.uniform(18, 24) * HOUR)
            if moment > patient.discharge:
                return

    def _enter(self, form: Form, done: int, band: str | None = None) -> bool:
        """One form, perhaps first as a draft or struck out and done again; True where it says 'exempt'."""
        rng, patient = self.rng, self.patient
        tool, score, drawn = form.fill(patient, rng)
        entered = done + int(rng.expovariate(1 / (8 * MINUTE)) if rng.random() < 0.94 else rng.uniform(1, 5) * HOUR)
        exempt = "Last days of life" if patient.course.dying_from and rng.random() < 0.3 else None
        if not exempt and form.exemptible and rng.random() < 0.006:
            exempt = rng.choice(("Declined", "Too unwell", "Patient asleep; short stay"))
        cells = {
            "VISIT_NO": patient.visit,
            "FORM_CD": form.code,
            "TOOL_TXT": tool,
            "PERFORMED_DTM": done,
            "SCORE_NBR": score,
            "BAND_TXT": band or drawn,
            "EXEMPT_TXT": exempt,
            "AUTHOR_ROLE": form.role,
        }
        chance = rng.random()
        if chance < 0.02:  # saved as a draft and signed later
            signed = entered + int(rng.uniform(0.5, 5) * HOUR)
            key = self.log.add(entered, "FORM_ENTRY", **cells, ENTERED_DTM=entered)
            if chance > 0.003:
                self.log.change(signed, "FORM_ENTRY", key, SIGNED_DTM=signed)
            return exempt is not None
        key = self.log.add(entered, "FORM_ENTRY", **cells, ENTERED_DTM=entered, SIGNED_DTM=entered)
        if chance > 0.994:  # wrong patient; done again
            wrong = entered + int(rng.uniform(0.5, 3) * HOUR)
            self.log.change(wrong, "FORM_ENTRY", key, ERROR_DTM=wrong)
            again = {**cells, "PERFORMED_DTM": wrong + 20 * MINUTE}
            at = wrong + 25 * MINUTE
            self.log.add(at, "FORM_ENTRY", **again, ENTERED_DTM=at, SIGNED_DTM=at)
        return exempt is not None


def _consultant_review(patient: Patient, log: Log, rng: Random) -> tuple[int, ...]:
    if patient.day_case or patient.discharge - patient.admit < DAY or rng.random() > 0.35:
        return ()
    moment = patient.admit + int(rng.uniform(3, 14) * HOUR)
    _event(log, patient, "CONS_RV", moment, rng)
    return (moment,)


def _event(log: Log, patient: Patient, code: str, moment: int, rng: Random) -> None:
    entered = moment + rng.randrange(2, 40) * MINUTE
    log.add(entered, "CLIN_EVENT", VISIT_NO=patient.visit, EVT_CD=code, EVT_DTM=moment, ENTERED_DTM=entered)
