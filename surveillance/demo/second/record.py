"""The patient record of the second hospital, table by table, out of three databases of the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from surveillance.demo.second import words
from surveillance.demo.second.first import Row, british, person_of, rows, spell_of, wall
from surveillance.demo.wards import WARDS

WRONGLY_IN = 11
"""One movement and one set in so many was first entered wrongly, and is still there, marked."""
BEGUN_AND_DELETED = ("VTE_ADULT_V3", "MUST_V5", "SKIN_RISK_V2", "MOUTHCARE_V1")
"""Each spell has one of these forms that somebody began and deleted."""
TRAINING = "TRAIN{:02}"
"""On every ward lies a patient who is none: people are trained on them, as everywhere."""
NAMES = {ward.code: ward.name for ward in WARDS}
ITEMS = {
    "RESP": "Respirations",
    "SATS": "SpO2",
    "SATS_SCALE": "SpO2 scale",
    "O2_DEV": "Oxygen",
    "BP_SYS": "Systolic BP",
    "BP_DIA": "Diastolic BP",
    "HR": "Heart rate",
    "ACVPU": "ACVPU",
    "TEMP_C": "Temperature",
    "EWS_TOTAL": "NEWS2",
    "ALL_TAKEN": "Set complete",
}
ANSWERS = {"TOOL_TXT": "Tool", "SCORE_NBR": "Total", "BAND_TXT": "Outcome", "EXEMPT_TXT": "Reason not done"}


def people(folder: Path) -> Iterator[Row]:
    """Everybody, each once."""
    query = """
        SELECT p.*, i.FAM_NM, i.GIVEN_NM, i.HOSP_NO, i.NHS_NO
        FROM PAT_MASTER p LEFT JOIN PAT_IDENT i ON i.PAT_NO = p.PAT_NO ORDER BY p.PAT_ID
    """
    for row in rows(folder, "epr", query):
        yield {
            "person_id": person_of(row["PAT_NO"]),
            "surname": row["FAM_NM"],
            "forenames": row["GIVEN_NM"],
            "unit_number": row["HOSP_NO"],
            "nhs_number": row["NHS_NO"],
            "born": british(row["BIRTH_DT"]),
            "gender": words.GENDERS.get(row["SEX_CD"]),
            "record_type": "Training" if row["TEST_FLG"] == "Y" else "Live",
            "replaced_by": person_of(row["MERGED_TO_NO"]),
            "replaced_on": wall(row["MERGED_DTM"]),
            "registered_on": wall(row["CREATED_DTM"]),
        }
    for unit in _units(folder):
        yield {
            "person_id": TRAINING.format(unit["number"]),
            "surname": "Zztest",
            "forenames": f"Training {unit['number']}",
            "born": "01/01/1950",
            "gender": "Female",
            "record_type": "Training",
            "registered_on": wall(unit["since"]),
        }


def _units(folder: Path) -> Iterator[Row]:
    """The units in which people have lain, numbered, each with the first moment."""
    query = "SELECT UNIT_CD AS code, MIN(BEG_DTM) AS since FROM BED_STAY GROUP BY UNIT_CD ORDER BY UNIT_CD"
    for number, row in enumerate(rows(folder, "epr", query), start=1):
        yield row | {"number": number}


def movements(folder: Path) -> Iterator[Row]:
    """Admissions, beds, leave and discharges as one stream of events."""
    for number, row in enumerate(_movements(folder), start=1):
        yield row | {"event_no": number}


def _movements(folder: Path) -> Iterator[Row]:
    for row in rows(folder, "epr", "SELECT * FROM ENCNTR ORDER BY ENC_ID"):
        whose = {"spell_ref": spell_of(row["VISIT_NO"]), "person_id": person_of(row["PAT_NO"])}
        yield whose | {
            "event": "Admitted",
            "happened_on": wall(row["ADM_DTM"]),
            "patient_type": words.PATIENT_TYPES[row["ENC_TYP"]],
            "age_days": row["AGE_D"],
            "maternity": words.MATERNITY.get(row["OBST_FLG"]),
            "source_of_admission": row["ADM_METH"],
        }
        if row["DIS_DTM"]:
            left = words.LEFT_BY.get(row["DIS_METH"])
            yield whose | {"event": "Discharged", "happened_on": wall(row["DIS_DTM"]), "left_by": left}
    query = """
        SELECT s.*, e.PAT_NO, l.OUT_DTM, l.BACK_DTM FROM BED_STAY s JOIN ENCNTR e ON e.VISIT_NO = s.VISIT_NO
        LEFT JOIN BED_LEAVE l ON l.STAY_ID = s.STAY_ID ORDER BY s.STAY_ID
    """
    for number, row in enumerate(rows(folder, "epr", query), start=1):
        where = {
            "spell_ref": spell_of(row["VISIT_NO"]),
            "person_id": person_of(row["PAT_NO"]),
            "move_no": number,
            "ward": NAMES.get(row["UNIT_CD"], row["UNIT_CD"].title()),
            "bed": row["BED_CD"],
        }
        happened = {"Into bed": "BEG_DTM", "Out of bed": "END_DTM", "Leave began": "OUT_DTM", "Leave ended": "BACK_DTM"}
        for event, column in happened.items():
            if row[column]:
                yield where | {"event": event, "happened_on": wall(row[column])}
        if number % WRONGLY_IN == 0:
            wrong = {"ward": "Theatre Recovery", "bed": None, "struck_out": "Y", "move_no": -number}
            yield where | wrong | {"event": "Into bed", "happened_on": wall(row["BEG_DTM"])}
    for unit in _units(folder):
        whose = {"spell_ref": TRAINING.format(unit["number"]), "person_id": TRAINING.format(unit["number"])}
        since = {"happened_on": wall(unit["since"])}
        yield whose | since | {"event": "Admitted", "patient_type": "Ordinary admission"}
        ward = {"ward": NAMES.get(unit["code"], unit["code"].title()), "move_no": -1_000_000 - unit["number"]}
        yield whose | since | ward | {"event": "Into bed"}


def emergency_visits(folder: Path) -> Iterator[Row]:
    """Visits to the emergency department."""
    for row in rows(folder, "epr", "SELECT * FROM ED_VISIT ORDER BY ED_ID"):
        yield {
            "visit_no": row["ED_ID"],
            "spell_ref": spell_of(row["VISIT_NO"]),
            "arrived_on": wall(row["ARR_DTM"]),
            "first_seen_on": wall(row["TRIAGE_DTM"]),
            "decided_on": wall(row["DTA_DTM"]),
        }


def forms(folder: Path) -> Iterator[Row]:
    """The header of each form."""
    for row in rows(folder, "epr", "SELECT * FROM FORM_ENTRY ORDER BY FORM_ID"):
        yield {
            "form_no": row["FORM_ID"],
            "spell_ref": spell_of(row["VISIT_NO"]),
            "form_name": words.FORMS[row["FORM_CD"]],
            "completed_by": row["AUTHOR_ROLE"],
            "assessed_on": wall(row["PERFORMED_DTM"]),
            "started_on": wall(row["ENTERED_DTM"]),
            "authorised_on": wall(row["SIGNED_DTM"]),
            "withdrawn_on": wall(row["ERROR_DTM"]),
            "deleted": "N",
        }
    for number, row in enumerate(rows(folder, "epr", "SELECT * FROM ENCNTR ORDER BY ENC_ID"), start=1):
        admitted = wall(row["ADM_DTM"])
        yield {
            "form_no": -number,
            "spell_ref": spell_of(row["VISIT_NO"]),
            "form_name": words.FORMS[BEGUN_AND_DELETED[number % len(BEGUN_AND_DELETED)]],
            "completed_by": "Nurse",
            "assessed_on": admitted,
            "started_on": admitted,
            "authorised_on": admitted,
            "deleted": "Y",
        }


def answers(folder: Path) -> Iterator[Row]:
    """What was answered, a row each; nothing where nothing was."""
    renamed = {"TOOL_TXT": words.TOOLS, "BAND_TXT": words.BANDS}
    for row in rows(folder, "epr", "SELECT * FROM FORM_ENTRY ORDER BY FORM_ID"):
        for column, question in ANSWERS.items():
            if row[column] is not None:
                answer = renamed.get(column, {}).get(row[column], row[column])
                yield {"form_no": row["FORM_ID"], "question": question, "answer": str(answer)}


def clinical_events(folder: Path) -> Iterator[Row]:
    """What happened to patients."""
    for row in rows(folder, "epr", "SELECT * FROM CLIN_EVENT ORDER BY EVT_ID"):
        yield {
            "event_no": row["EVT_ID"],
            "spell_ref": spell_of(row["VISIT_NO"]),
            "event": words.EVENTS.get(row["EVT_CD"], row["EVT_CD"]),
            "happened_on": wall(row["EVT_DTM"]),
            "charted_on": wall(row["ENTERED_DTM"]),
        }


def observations(folder: Path) -> Iterator[Row]:
    """Vital signs, a row a value."""
    for row in rows(folder, "epr", "SELECT * FROM OBS_CHART ORDER BY OBS_ID"):
        head = {
            "set_no": row["OBS_ID"],
            "spell_ref": spell_of(row["VISIT_NO"]),
            "taken_on": wall(row["OBS_DTM"]),
            "charted_on": wall(row["ENTERED_DTM"]),
        }
        row["O2_DEV"] = words.OXYGEN.get(row["O2_DEV"], row["O2_DEV"])
        row["ALL_TAKEN"] = {"Y": "Yes", "N": "No"}[row["ALL_TAKEN"]]
        for column, item in ITEMS.items():
            if row[column] is not None:
                yield head | {"item": item, "value": str(row[column])}
        if row["OBS_ID"] % WRONGLY_IN == 0:
            yield head | {"item": "NEWS2", "value": "9", "cancelled": "Y"}


def frequencies(folder: Path) -> Iterator[Row]:
    """How often observations are wanted, in hours."""
    for row in rows(folder, "epr", "SELECT * FROM OBS_FREQ ORDER BY FREQ_ID"):
        yield {
            "frequency_no": row["FREQ_ID"],
            "spell_ref": spell_of(row["VISIT_NO"]),
            "hours_between": None if row["FREQ_MIN"] is None else row["FREQ_MIN"] / 60,
            "decided_on": wall(row["SET_DTM"]),
            "decided_by": row["SET_ROLE"],
            "why": row["REASON_TXT"],
            "ended_on": wall(row["ENDED_DTM"]),
        }


def alerts(folder: Path) -> Iterator[Row]:
    """Markers on the record."""
    for row in rows(folder, "epr", "SELECT * FROM ALERT ORDER BY ALERT_ID"):
        alert = {
            "alert_no": row["ALERT_ID"],
            "spell_ref": spell_of(row["VISIT_NO"]),
            "alert": words.ALERTS[row["ALERT_CD"]],
            "raised_on": wall(row["OPENED_DTM"]),
            "raised_by": row["OPENED_ROLE"],
            "ended_on": wall(row["CLOSED_DTM"]),
            "entered_in_error": "N",
        }
        yield alert
        wrong = {"alert": words.ALERTS["SEP-DX"], "ended_on": None, "entered_in_error": "Y"}
        yield alert | wrong | {"alert_no": -row["ALERT_ID"]}


def results(folder: Path) -> Iterator[Row]:
    """Laboratory results; the range is a text, the warning a phrase."""
    query = "SELECT * FROM TestResult r JOIN Specimen s ON s.SpecimenId = r.SpecimenId ORDER BY r.ResultId"
    for row in rows(folder, "laboratory", query):
        yield {
            "result_no": row["ResultId"],
            "person_id": person_of(row["PatientNo"]),
            "analyte": words.ANALYTES.get(row["TestCode"], "Potassium"),
            "result": row["ResultText"],
            "unit": row["Units"],
            "normal_range": f"{row['RefLow']}-{row['RefHigh']}" if row["RefLow"] is not None else None,
            "taken_on": wall(row["CollectedAt"]),
            "authorised_on": wall(row["AuthorisedAt"]),
            "warning": f"AKI stage {row['AkiStage']}" if row["AkiStage"] else None,
        }


def messages(folder: Path) -> Iterator[Row]:
    """When the interface last received anything."""
    for row in rows(folder, "epr", "SELECT * FROM MSG_STATUS"):
        yield {"message_no": 1, "received_on": wall(row["LAST_MSG_DTM"])}
