"""Every column that a list behind a number may have has words, a kind and an order, so that a list can be drawn.

A column is called the same in every list; where it means something else beside duties of a roster, those words stand
apart. A code that is not readable by itself has words too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from surveillance.measures.declaration import Measure

ColumnKind = Literal["moment", "number", "words", "yes_no", "date", "hours", "hidden"]


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """How a column is shown.

    ``title``: its heading. ``kind``: moment (UTC instant), date (a calendar date held as a moment at 00:00 without a
    zone), hours (a number of hours), hidden (a key for joining, never shown), or what its name says.
    ``unit``: behind a number.
    """

    title: str
    kind: ColumnKind
    unit: str = ""


HIDDEN = ColumnWords("", "hidden")

COLUMNS: Mapping[str, ColumnWords] = {
    # Keys by which rows are joined and told apart.
    **dict.fromkeys(("key", "patient_key", "spell_key", "order_key", "wound_key", "duty", "ward_code"), HIDDEN),
    "action_key": HIDDEN,
    "part": ColumnWords("Counted as", "words"),
    # Where and since when.
    "bed_code": ColumnWords("Bed", "words"),
    "admit_ts": ColumnWords("Admitted", "moment"),
    "start_ts": ColumnWords("On the ward since", "moment"),
    "end_ts": ColumnWords("Ends", "moment"),
    # When something was, is or will be due.
    "due": ColumnWords("Due by", "moment"),
    "due_ts": ColumnWords("Dose due", "moment"),
    "due_initial": ColumnWords("First due by", "moment"),
    "next_due": ColumnWords("Review due by", "moment"),
    "window_end": ColumnWords("Missed from", "moment"),
    "review_due": ColumnWords("Review due", "yes_no"),
    "overdue": ColumnWords("Waiting too long", "yes_no"),
    # Discharge.
    "edd": ColumnWords("Expected date of discharge", "date"),
    "golden_for_date": ColumnWords("Golden patient for", "date"),
    "golden": ColumnWords("Golden patient today", "yes_no"),
    "criteria_to_reside_code": ColumnWords("Criterion to reside", "words"),
    "discharge_ready_ts": ColumnWords("Ready since", "moment"),
    # Infection.
    "collected_ts": ColumnWords("Specimen taken", "moment"),
    "asked_ts": ColumnWords("Test asked for", "moment"),
    "status": ColumnWords("Test is", "words"),
    "onset": ColumnWords("Onset", "words"),
    "isolated": ColumnWords("Isolation flag", "yes_no"),
    # Care and skin.
    "kind": ColumnWords("Practice", "words"),
    "reviewed_ts": ColumnWords("Last reviewed", "moment"),
    "legal_basis": ColumnWords("Legal basis", "words"),
    "authorisation_end": ColumnWords("Authorised until", "moment"),
    "category": ColumnWords("Category", "words"),
    "site": ColumnWords("Site on the body", "words"),
    "first_observed_ts": ColumnWords("First seen", "moment"),
    "present_on_admission": ColumnWords("Present on admission", "yes_no"),
    "device_related": ColumnWords("Caused by a device", "yes_no"),
    "validated": ColumnWords("Validated", "yes_no"),
    # Risk assessments.
    "clock_start": ColumnWords("Clock started", "moment"),
    "valid_ts": ColumnWords("Last done", "moment"),
    "state": ColumnWords("State", "words"),
    "assessment": ColumnWords("Assessment", "words"),
    "assessments": ColumnWords("Assessments", "words"),
    # Medicines.
    "medicine": ColumnWords("Medicine", "words"),
    "drug_class": ColumnWords("Class", "words"),
    "ordered_ts": ColumnWords("Prescribed or changed", "moment"),
    "reason_text": ColumnWords("Reason given", "words"),
    # Observations, sepsis and kidneys.
    "interval_min": ColumnWords("Every", "number", "min"),
    "set_ts": ColumnWords("Decided", "moment"),
    "last_ts": ColumnWords("Last set", "moment"),
    "news2_total": ColumnWords("NEWS2", "number"),
    "ts": ColumnWords("Measured", "moment"),
    "flagged_ts": ColumnWords("Flagged", "moment"),
    "time_zero": ColumnWords("Clock started", "moment"),
    "stage": ColumnWords("AKI stage", "number"),
    "peak_stage": ColumnWords("Highest stage", "number"),
    "value": ColumnWords("Creatinine", "number", "µmol/L"),
    # Staffing.
    "staff_group": ColumnWords("Staff group", "words"),
    "source": ColumnWords("Worked by", "words"),
    "worked": ColumnWords("Worked on", "words"),
    "hours": ColumnWords("Hours", "hours"),
    "actual": ColumnWords("Actual", "hours"),
    "planned": ColumnWords("Planned", "hours"),
    "patient_days": ColumnWords("Patient days", "number"),
    "required_h": ColumnWords("Required", "hours"),
    "actual_h": ColumnWords("Actual", "hours"),
    "short_h": ColumnWords("Short by", "hours"),
    "present": ColumnWords("RNs present", "number"),
    "reasons": ColumnWords("Why", "words"),
    "requirement": ColumnWords("Measured against", "words"),
    # Reliability and compliance.
    "process": ColumnWords("Process", "words"),
    "successes": ColumnWords("In time", "number"),
    "opportunities": ColumnWords("Out of", "number"),
    "exempt": ColumnWords("Exempt", "number"),
    "unknown": ColumnWords("Not known", "number"),
    "level": ColumnWords("Level", "number"),
    "cap": ColumnWords("Held back by", "words"),
    # What the team says.
    "rated_on": ColumnWords("Rated on", "date"),
    "rating": ColumnWords("Rating", "number"),
    "assessed_on": ColumnWords("Assessed on", "date"),
    "scheme": ColumnWords("Scheme", "words"),
    "accredited_as": ColumnWords("Level", "words"),
    "reassess_by": ColumnWords("Next assessment by", "date"),
    "what": ColumnWords("What is to be done", "words"),
    "owner_role": ColumnWords("Who does it", "words"),
    "due_on": ColumnWords("By", "date"),
    "numerator": ColumnWords("Counted", "number"),
    "denominator": ColumnWords("Out of", "number"),
}
"""Column → its words, for every column that a measure declares."""

OF_DUTIES: Mapping[str, ColumnWords] = {
    "start_ts": ColumnWords("Starts", "moment"),
    "state": ColumnWords("Duty is", "words"),
}
"""Columns that mean something else in a list of duties."""

_ASSESSMENTS = {
    "vte": "VTE",
    "must": "nutrition",
    "falls": "falls",
    "pressure_ulcer": "pressure ulcer",
    "smoking": "smoking",
    "alcohol": "alcohol",
    "allergy": "allergy",
    "oral": "mouth care",
    "adl": "moving and handling",
}
CODES: Mapping[str, Mapping[str, str]] = {
    "assessment": _ASSESSMENTS,
    "assessments": _ASSESSMENTS,
    "process": _ASSESSMENTS,
    "staff_group": {"RN": "registered", "RNA": "nursing associate", "HCSW": "healthcare support worker"},
    "status": {"ordered": "not yet taken", "collected": "taken", "in lab": "in the laboratory"},
    "criteria_to_reside_code": {"none": "meets none"},
    "category": {"DTI": "deep tissue injury"},
    "legal_basis": {
        "MCA best interests": "Mental Capacity Act: best interests",
        "DoLS urgent": "DoLS: urgent authorisation",
        "DoLS standard": "DoLS: standard authorisation",
        "MHA": "Mental Health Act",
    },
    "drug_class": {"non_drug": "not a medicine", "parkinsons": "Parkinson's"},
}
"""Column → code → its words, where the code cannot be read by itself."""

DUE = ("due", "due_ts")
"""Columns that say by when the counted thing was to be done, the surest first."""
AGE = (
    "flagged_ts",
    "ordered_ts",
    "asked_ts",
    "collected_ts",
    "first_observed_ts",
    "discharge_ready_ts",
    "edd",
    "ts",
    "set_ts",
    "admit_ts",
    "start_ts",
)
"""Columns that say since when, the most telling first."""


def words_of(measure: Measure, column: str) -> ColumnWords:
    """How a column is shown in this measure's list.

    Raises:
        KeyError: nobody wrote words for it; a test sees to it that no declared column lacks them.
    """
    return OF_DUTIES.get(column, COLUMNS[column]) if "duty" in measure.key else COLUMNS[column]


def said(measure: Measure, column: str, cell: str) -> str:
    """The words for a code: those of a part are the measure's own; a list of codes ("vte, must") is put into words too.

    What has no words is said as it is, with spaces for underscores where codes have them.
    """
    if column == "part":
        return dict(zip(measure.parts, measure.part_labels, strict=False)).get(cell, cell)
    known = CODES.get(column)
    if known is None:
        return cell
    return ", ".join(known.get(code, code.replace("_", " ")) for code in cell.split(", "))


def due_column(measure: Measure) -> str | None:
    """The column (moments) by which a counted thing was, or is, to be done; None where nothing is due.

    A row is overdue by the time from then to the list's moment; where that is negative, it is not due yet.
    """
    return _first(measure, DUE)


def order_by(measure: Measure) -> tuple[str, ...]:
    """The columns that put the longest waiting first, and those of one moment by bed."""
    declared = _declared(measure)
    leading = _first(measure, (*DUE, *AGE))
    return tuple(column for column in (leading, "bed_code") if column in declared)


def _declared(measure: Measure) -> tuple[str, ...]:
    return (*measure.columns, *measure.key)


def _first(measure: Measure, wanted: tuple[str, ...]) -> str | None:
    declared = _declared(measure)
    return next((column for column in wanted if column in declared), None)
