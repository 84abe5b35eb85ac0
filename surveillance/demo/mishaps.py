"""A few rows that no system should hold, as every system does: so that what is set aside can be seen to be counted."""

from __future__ import annotations

from surveillance.demo.localtime import DAY, HOUR
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

ONE_IN = 480
"""One patient in so many has each of these mishaps."""


def record(patient: Patient, log: Log) -> None:
    """Perhaps one impossible row about the patient."""
    moment = patient.admit + 3 * HOUR
    visit = patient.visit
    match patient.number % ONE_IN:
        case 7:  # an interface delivers a set twice, the second time with an impossible temperature
            log.add(moment, "OBS_CHART", VISIT_NO=visit, OBS_DTM=moment, ENTERED_DTM=moment, RESP=18, SATS=97,
                    SATS_SCALE=1, O2_DEV="AIR", BP_SYS=120, BP_DIA=70, HR=80, ACVPU="A", TEMP_C=371.0,
                    EWS_TOTAL=None, ALL_TAKEN="N")  # fmt: skip
        case 67:
            for _ in range(2):  # the same form sent twice
                log.add(moment, "FORM_ENTRY", VISIT_NO=visit, FORM_CD="SMOKE_STAT", PERFORMED_DTM=moment,
                        ENTERED_DTM=moment, SIGNED_DTM=moment, BAND_TXT="NEVER", AUTHOR_ROLE="Nurse")  # fmt: skip
        case 127:  # a form nobody has mapped
            log.add(moment, "FORM_ENTRY", VISIT_NO=visit, FORM_CD="DELIRIUM_4AT", PERFORMED_DTM=moment,
                    ENTERED_DTM=moment, SIGNED_DTM=moment, SCORE_NBR=2, AUTHOR_ROLE="Doctor")  # fmt: skip
        case 187:  # a wound that healed before it was seen
            log.add(moment, "SKIN_WOUND", VISIT_NO=visit, KIND_CD="TEAR", SITE_TXT="Left arm", FIRST_SEEN_DTM=moment,
                    ENTERED_DTM=moment, HEALED_DTM=moment - 2 * DAY, DEVICE_FLG="N", POA_FLG="N")  # fmt: skip
        case 247:  # an event code of another hospital
            log.add(moment, "CLIN_EVENT", VISIT_NO=visit, EVT_CD="XFER?", EVT_DTM=moment, ENTERED_DTM=moment)
        case 307:  # a device whose clock is a day fast
            log.add(moment, "OBS_CHART", VISIT_NO=visit, OBS_DTM=moment + DAY, ENTERED_DTM=moment, RESP=16, SATS=98,
                    SATS_SCALE=1, O2_DEV="AIR", BP_SYS=125, BP_DIA=72, HR=74, ACVPU="A", TEMP_C=36.6, EWS_TOTAL=0,
                    ALL_TAKEN="Y")  # fmt: skip
        case 367:  # a stay that ended before it began, where no ward is
            log.add(moment, "BED_STAY", VISIT_NO=visit, UNIT_CD="LOUNGE", BEG_DTM=moment, END_DTM=moment - 2 * HOUR)
        case _:
            return
