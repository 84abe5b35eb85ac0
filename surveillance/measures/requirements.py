"""Who needs which assessment, from when, and how often again: the rules, without any patient.

A site changes the numbers in ``[standards.<measure>]``; their sources stand with the measure that shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

INPATIENT = ("inpatient",)
TRANSFER = "transfer"
FALLS_RISK_AGE = 65
"""From this age everyone; between 50 and 64 those with a risk factor (NICE NG249, 2025, recommendation 1.1.1)."""
LOW_BANDS = ("low", "low risk", "none", "no risk", "not at risk")
ASSISTED_BANDS = ("assisted", "nbm", "ventilated")
ALLERGY_BANDS = ("drug_allergy", "none_known", "unable_to_ascertain")
AT_RISK_WATERLOW, AT_RISK_BRADEN = 10, 18


@dataclass(frozen=True, slots=True)
class Requirement:
    """Who needs one assessment and when; all spans in hours.

    ``clock``: admission, decision_to_admit, first_seen or first_order. ``interval_h``: to the next one (None: never by
    time alone). ``triggers``: events after which it is due again, ``grace_h`` later. ``early``: a type whose absence
    already counts after the hours of ``early_limit``; ``early_covered``: whether the assessment itself does for it.
    """

    measure: str
    type: str
    limits: Mapping[str, float]
    clock: str = "admission"
    min_age: float = 0
    classes: tuple[str, ...] = INPATIENT
    interval_h: float | None = None
    triggers: tuple[str, ...] = ()
    grace_h: float = 6
    early: str = ""
    early_limit: tuple[str, float] = ("", 0)
    early_covered: bool = False
    exempts: bool = True
    again: Mapping[str, float] = field(default_factory=dict)
    feeds: tuple[str, ...] = ("spell", "ward_stay", "assessment")
    optional: tuple[str, ...] = ("ed_attendance",)


def _within(hours: float) -> dict[str, float]:
    return {"limit_h": hours}


REQUIREMENTS = {
    requirement.measure: requirement
    for requirement in (
        Requirement(
            "ra_vte",
            "vte",
            _within(14),
            clock="decision_to_admit",
            min_age=16,
            classes=("inpatient", "day case"),
            triggers=("consultant review", "condition change", "surgery"),
            optional=("ed_attendance", "care_event"),
        ),
        Requirement("ra_must", "must", _within(24), min_age=18, interval_h=168),
        Requirement(
            "ra_falls",
            "falls",
            _within(24),
            min_age=50,
            interval_h=168,
            triggers=("fall", TRANSFER, "condition change"),
            early="falls_early",
            early_limit=("early_check_h", 6),
            early_covered=True,
            optional=("ed_attendance", "care_event", "flag"),
        ),
        Requirement(
            "ra_pressure_ulcer",
            "pressure_ulcer",
            _within(6),
            clock="first_seen",
            interval_h=168,
            triggers=("surgery", TRANSFER, "condition change"),
            again={"at_risk_interval_h": 24},
            optional=("ed_attendance", "care_event"),
        ),
        Requirement("ra_smoking", "smoking", _within(24), min_age=16),
        Requirement("ra_alcohol", "alcohol", _within(24), min_age=16),
        Requirement(
            "ra_allergy",
            "allergy",
            {"limit_h_from_first_order": 0, "limit_h_no_order": 6},
            clock="first_order",
            classes=("inpatient", "day case", "regular"),
            exempts=False,
            again={"unable_to_ascertain_h": 24},
            feeds=("spell", "ward_stay", "assessment", "order"),
            optional=("ed_attendance", "flag"),
        ),
        Requirement("ra_oral", "oral", _within(24), min_age=18, interval_h=168, again={"assisted_interval_h": 24}),
        Requirement(
            "ra_adl",
            "adl",
            _within(24),
            interval_h=168,
            triggers=("fall", "surgery", "condition change"),
            early="moving_handling",
            early_limit=("moving_handling_h", 6),
            optional=("ed_attendance", "care_event"),
        ),
    )
}
"""Every required assessment by the id of the measure that shows it."""
