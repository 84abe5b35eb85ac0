"""Two databases of another vendor: events in place of periods, one value a row, words for codes, and wall-clock times.

All times are Europe/London as a clock on the wall shows them, ``YYYY-MM-DD HH:MM:SS`` without an offset; dates of birth
are ``DD/MM/YYYY``. Nothing is deleted: what was entered wrongly stays, and is marked.
"""

from __future__ import annotations

RECORD = "record.sqlite"
"""The patient record, with medicines and results in it."""
ROTA = "rota.sqlite"

TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    RECORD: {
        "person": (
            "person_id", "surname", "forenames", "unit_number", "nhs_number", "born", "gender", "record_type",
            "replaced_by", "replaced_on", "registered_on",
        ),
        "adt_event": (
            "event_no", "event", "happened_on", "spell_ref", "person_id", "move_no", "ward", "bed", "patient_type",
            "age_days", "maternity", "source_of_admission", "left_by", "struck_out",
        ),
        "ed_visit": ("visit_no", "spell_ref", "arrived_on", "first_seen_on", "decided_on"),
        "form_header": (
            "form_no", "spell_ref", "form_name", "completed_by", "assessed_on", "started_on", "authorised_on",
            "withdrawn_on", "deleted",
        ),
        "form_answer": ("form_no", "question", "answer"),
        "clinical_event": ("event_no", "spell_ref", "event", "happened_on", "charted_on"),
        "obs_value": ("set_no", "spell_ref", "taken_on", "charted_on", "item", "value", "cancelled"),
        "obs_frequency": (
            "frequency_no", "spell_ref", "hours_between", "decided_on", "decided_by", "why", "ended_on",
        ),
        "alert": ("alert_no", "spell_ref", "alert", "raised_on", "raised_by", "ended_on", "entered_in_error"),
        "prescription_version": (
            "rx_no", "version_no", "changed_on", "spell_ref", "item_code", "item_name", "route", "schedule", "status",
            "from_on", "to_on", "check_needed", "checked_on", "last_changed_on",
        ),
        "chart_row": (
            "row_no", "rx_no", "row_type", "planned_row", "due_on", "made_on", "outcome", "given_on", "reason",
            "note", "charted_on", "struck_on",
        ),
        "reconciliation": (
            "rec_no", "spell_ref", "started_on", "completed_on", "cancelled_on", "completed_by", "sources",
        ),
        "result": (
            "result_no", "person_id", "analyte", "result", "unit", "normal_range", "taken_on", "authorised_on",
            "warning",
        ),
        "interface_message": ("message_no", "received_on"),
    },
    ROTA: {
        "roster_line": (
            "shift_ref", "cost_centre", "begins_on", "ends_on", "grade", "state", "staffed_by", "worked_at",
            "break_min", "supernumerary", "known_from", "known_to",
        ),
        "acuity_census": (
            "cost_centre", "taken_on", "part_of_day", "hours_needed", "hours_available", "judgement", "red_flags",
        ),
        "interface_message": ("message_no", "received_on"),
    },
}  # fmt: skip
"""File → table → its columns."""
NUMBERS = frozenset({
    "event_no", "move_no", "age_days", "visit_no", "form_no", "set_no", "frequency_no", "alert_no", "version_no",
    "row_no", "planned_row", "rec_no", "sources", "result_no", "message_no", "break_min",
})  # fmt: skip
FRACTIONS = frozenset({"hours_between", "hours_needed", "hours_available"})
INDEXES = {
    RECORD: (
        "adt_event (spell_ref, event)",
        "adt_event (move_no, event)",
        "form_answer (form_no)",
        "obs_value (set_no)",
        "obs_value (taken_on)",
        "prescription_version (rx_no, version_no)",
        "chart_row (planned_row)",
        "chart_row (due_on)",
    ),
    ROTA: ("roster_line (shift_ref)",),
}


def statements(file: str) -> list[str]:
    """What makes the empty tables of one database."""
    return [
        f"CREATE TABLE {table} ({', '.join(f'{name} {_type(name)}' for name in columns)})"
        for table, columns in TABLES[file].items()
    ]


def indexes(file: str) -> list[str]:
    """What makes its indexes."""
    return [f"CREATE INDEX index_{number} ON {place}" for number, place in enumerate(INDEXES[file])]


def _type(column: str) -> str:
    return "INTEGER" if column in NUMBERS else "REAL" if column in FRACTIONS else "TEXT"
