"""What an example need not say: the ordinary hospital around the few cells that it is about.

Only a column that the example's table does not have is filled in; an empty cell stays empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """What a default may look at: the row so far, its spell, and its number in its feed (from 1)."""

    row: Row
    spell: Row
    number: int


Default = Callable[[Around], Any]


def same(column: str) -> Default:
    """What the row has in ``column``."""
    return lambda around: around.row.get(column)


def of_spell(column: str) -> Default:
    """What the row's spell has in ``column``."""
    return lambda around: around.spell.get(column)


def numbered(prefix: str) -> Default:
    """``prefix`` and the row's number."""
    return lambda around: f"{prefix}{around.number}"


def when_final(around: Around) -> Any:
    """A final result was final when its specimen was taken; another has no such time."""
    return around.row.get("collected_ts") if around.row["status"] == "final" else None


DEFAULTS: dict[str, dict[str, Any]] = {
    "spell": {"patient_key": same("spell_key"), "age": 70, "admit_ts": None, "discharge_ts": None},
    "ward_stay": {
        "ward_code": "W1",
        "bed_code": same("spell_key"),
        "start_ts": of_spell("admit_ts"),
        "end_ts": None,
    },
    "ed_attendance": {"arrival_ts": of_spell("admit_ts")},
    "assessment": {"status": "complete", "effective_ts": None, "recorded_ts": same("effective_ts")},
    "care_event": {},
    "order": {
        "order_key": numbered("O"),
        "drug_code": None,
        "kind": "regular",
        "status": "active",
        "start_ts": of_spell("admit_ts"),
        "stop_ts": None,
    },
    "dose_event": {"status": None, "given_ts": None, "reason_code": None},
    "medrec": {"status": "complete", "role": "pharmacist", "completed_ts": None},
    "lab_result": {
        "test": "creatinine",
        "value": 100,
        "unit": "umol/L",
        "collected_ts": None,
        "reported_ts": same("collected_ts"),
    },
    "micro_result": {"status": "final", "result": None, "collected_ts": None, "final_ts": when_final},
    "obs_set": {"complete": "yes"},
    "obs_plan": {"interval_min": None, "set_ts": of_spell("admit_ts"), "set_by_role": "nurse"},
    "flag": {"status": "open", "start_ts": of_spell("admit_ts")},
    "discharge_plan": {"edd": None, "edd_set_ts": of_spell("admit_ts")},
    "restrictive_practice": {"start_ts": of_spell("admit_ts"), "end_ts": None, "last_review_ts": None},
    "wound": {
        "wound_key": numbered("wound "),
        "kind": "pressure_ulcer",
        "category": "2",
        "first_observed_ts": of_spell("admit_ts"),
        "healed_ts": None,
    },
    "duty": {"duty_key": numbered("D"), "ward_code": "W1", "staff_group": "RN", "state": "filled"},
    "census_staffing": {"ward_code": "W1", "required_hours": None},
    "huddle_rating": {"ward_code": "W1", "recorded_ts": None},
    "huddle_action": {
        "action_key": numbered("A"),
        "ward_code": "W1",
        "opened_ts": None,
        "closed_ts": None,
        "what": None,
        "owner_role": None,
        "due_on": None,
    },
    "accreditation": {"ward_code": "W1", "next_due": None, "scheme": "COAST", "recorded_ts": None},
    "patient_identity": {"patient_key": numbered("P")},
}
"""feed → column → what stands there when the example's table has no such column."""

COPIED = ("patient_key", "spell_key", "order_key", "bed_code", "wound_key", "duty_key")
"""Names that get the number of the copy when a row stands for several."""

WARDS = ("W1", "W2", "W3")
MEDICINES: dict[str, Any] = {
    "classes": {
        "insulin": ["insulin"],
        "parkinsons": ["levodopa"],
        "antimicrobial": ["gentamicin"],
        "anticoagulant": ["apixaban"],
        "emergency": ["adrenaline"],
        "analgesic": ["paracetamol"],
        "flush": ["flush"],
    },
    "critical": ["insulin", "parkinsons", "antimicrobial", "anticoagulant", "emergency"],
}
"""Medicines of the examples, as a site's file would class them."""
