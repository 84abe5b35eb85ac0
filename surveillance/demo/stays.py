"""Admission, bed stays, leave, discharge and the plan for it, as the EPR records them at the moment they happen."""

from __future__ import annotations

from random import Random

from surveillance.demo.flow import Segment
from surveillance.demo.illness import OLD
from surveillance.demo.localtime import DAY, HOUR, MINUTE, at, day_of, following
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

ENCOUNTER_TYPES = {"day_case": "DC", "newborn": "IP"}
ADMISSION_METHODS = {"take": "21", "emergency": "21", "critical": "21", "elective": "11", "day_case": "12",
                     "birth": "31", "newborn": "82", "child": "22"}  # fmt: skip
"""Admission method codes of the NHS Data Dictionary."""
NO_CRITERIA = "R2R-N"


def record(patient: Patient, log: Log, *, planned: bool = True) -> None:
    """Everything about where the patient is and, if it is to be ``planned``, when they may go."""
    journey = patient.journey
    rng = patient.rng("stays")
    _person(patient, log, rng)
    if journey.ed:
        arrived, seen, decided = journey.ed
        visit = log.add(arrived, "ED_VISIT", PAT_NO=patient.no, ARR_DTM=arrived)
        log.change(seen, "ED_VISIT", visit, TRIAGE_DTM=seen if rng.random() > 0.02 else None)
        log.change(decided, "ED_VISIT", visit, DTA_DTM=decided if rng.random() > 0.02 else None)
        log.change(journey.admit, "ED_VISIT", visit, VISIT_NO=patient.visit)
    encounter = log.add(
        journey.admit,
        "ENCNTR",
        VISIT_NO=patient.visit,
        PAT_NO=patient.no,
        ENC_TYP=ENCOUNTER_TYPES.get(journey.kind, "IP"),
        ADM_DTM=journey.admit,
        ADM_METH=ADMISSION_METHODS[journey.kind],
        AGE_D=patient.age_days,
        OBST_FLG=patient.pregnant,
    )
    for segment in journey.segments:
        _bed_stay(patient, segment, log)
    method = "4" if patient.course.dying_from else "1"
    log.change(journey.discharge, "ENCNTR", encounter, DIS_DTM=journey.discharge, DIS_METH=method)
    if planned and not patient.day_case:
        _plan(patient, log, patient.rng("plan"))


def _person(patient: Patient, log: Log, rng: Random) -> None:
    person = log.add(
        patient.arrival,
        "PAT_MASTER",
        PAT_NO=patient.no,
        SEX_CD="F" if patient.female else "M",
        BIRTH_DT=patient.birth_date if rng.random() > 0.001 else None,
        TEST_FLG="Y" if patient.is_test else "N",
        CREATED_DTM=patient.arrival,
    )
    if patient.number % 311 == 0:  # registered twice; found out during the stay
        found = patient.admit + int(rng.uniform(2, 30) * HOUR)
        log.change(found, "PAT_MASTER", person, MERGED_TO_NO=f"P{patient.number - 1:07d}", MERGED_DTM=found)


def _bed_stay(patient: Patient, segment: Segment, log: Log) -> None:
    last = segment.end == patient.discharge
    stay = log.add(
        segment.start,
        "BED_STAY",
        VISIT_NO=patient.visit,
        UNIT_CD=segment.ward,
        BED_CD=segment.bed,
        BEG_DTM=segment.start,
    )
    end = segment.end if last else min(segment.end + segment.closed_late, patient.discharge)
    log.change(end, "BED_STAY", stay, END_DTM=end)
    leave = patient.journey.leave
    if leave and segment.start < leave[0] and leave[1] < segment.end:
        away = log.add(leave[0], "BED_LEAVE", STAY_ID=stay, OUT_DTM=leave[0])
        log.change(leave[1], "BED_LEAVE", away, BACK_DTM=leave[1])


def _plan(patient: Patient, log: Log, rng: Random) -> None:
    """One state of the discharge plan at every board round, and one when it is flagged as golden."""
    if rng.random() < 0.04:
        return  # nobody set a date
    leaving = day_of(patient.discharge)
    golden = rng.random() < (0.75 if leaving_early(patient) else 0.1)
    guess = following(leaving, rng.choice((-2, -1, -1, 0, 0, 0, 0, 1, 1, 2)))
    criterion = rng.choice(("02", "03", "04", "06", "08", "08", "10", "11", "12"))
    if patient.care == "critical":
        criterion = "01"
    day = day_of(patient.admit)
    first = True
    while True:
        board = at(day, 9, 15) + rng.randrange(90 * MINUTE)
        day = following(day)
        if board <= patient.admit + 2 * HOUR:
            continue
        if board >= patient.discharge:
            return
        today = day_of(board)
        if guess < today or following(leaving, -1) <= today:
            guess = max(leaving, today) if rng.random() < 0.8 else guess
        ready = patient.course.ready <= board
        reviewed = rng.random() < 0.95
        state = {
            "VISIT_NO": patient.visit,
            "EDD_DT": guess.isoformat(),
            "CTR_CD": None if not reviewed else NO_CRITERIA if ready else criterion,
            "READY_DTM": patient.course.ready if ready and reviewed else None,
            "CERTAINTY_CD": rng.choice(("LIKELY", "LIKELY", "POSS", "DEF")),
        }
        if first or rng.random() < 0.9:  # sometimes yesterday's state stands
            log.add(board, "DSCH_PLAN_HX", **state, CHANGED_DTM=board)
        first = False
        if golden and following(today) == leaving:
            flagged = at(today, 15, rng.randrange(60))
            if board < flagged < patient.discharge:
                log.add(flagged, "DSCH_PLAN_HX", **(state | {"EDD_DT": leaving.isoformat()}),
                        GOLD_DT=leaving.isoformat(), CHANGED_DTM=flagged)  # fmt: skip
                return


def leaving_early(patient: Patient) -> bool:
    """Whether the patient goes home in the morning, as golden discharges mean to."""
    return patient.discharge - at(day_of(patient.discharge), 0) < 11 * HOUR


def needs_enhanced_care(patient: Patient, rng: Random) -> bool:
    """Whether somebody has to stay with the patient."""
    stay = patient.discharge - patient.admit
    return patient.age >= OLD and stay > 2 * DAY and rng.random() < 0.16
