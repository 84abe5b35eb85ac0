"""Done on time over what fell due in the seven closed local days before today, beside what is outstanding now.

The two are never coloured by each other's target, and compliance has no threshold at all. A measure applies where the
one beside it does.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from surveillance.measures.antibiotics_due import sepsis_antibiotics
from surveillance.measures.cohorts import Cohort, assessments, reconciliations
from surveillance.measures.compliance_answers import critical_on_time, missed_rate, on_time
from surveillance.measures.declaration import Better, Charted, Dimension, Form, Kind, Measure, RollUp, Standard
from surveillance.measures.hospital import Hospital
from surveillance.measures.observations_due import observation_sets

DUE = "fell due in the seven local days before today"
CLOCK = "when each fell due, on the ward where the patient lay"
WEEKLY = "% of those due, weekly"
_COMMON: dict[str, Any] = {
    "group": "compliance",
    "kind": Kind.RATIO,
    "rollup": RollUp.RATIO,
    "scale": 100,
    "dimension": Dimension.RELIABILITY,
    "key": ("part",),
    "on_ward_wall": False,
}
_DOSE_FEEDS = ("spell", "ward_stay", "order", "dose_event")
_OTHER_REASONS = ("as-required, conditional and continuous", "order not active when due")


def _on_time(measure: str, label: str, beside: str, cohort: Any, target: float | None = None, **own: Any) -> Measure:
    """A share of what fell due."""
    words: dict[str, Any] = {"better": Better.HIGHER, "clock": CLOCK, "out_of": f"those that {DUE}"}
    charted = Charted(Form.CLOSED, own.get("short", label), WEEKLY, target=target)
    columns = ("successes", "opportunities", "exempt", "unknown")
    rows = cohort if cohort is critical_on_time else partial(on_time, cohort)
    return Measure(
        id=measure, label=label, beside=beside, rows=rows, charted=charted, columns=columns, **_COMMON | words | own
    )


def _assessed(measure: str, label: str, beside: str, *, target: float | None = None, **own: Any) -> Measure:
    """A share of initial assessments."""
    words: dict[str, Any] = {
        "feeds": ("spell", "ward_stay", "assessment"),
        "optional": ("ed_attendance",),
        "exclusions": ("documented exemptions (counted)", "repeats"),
    }
    cohort = partial(_assessments, beside)
    return _on_time(measure, label, beside, cohort, target, **words | own)


def _assessments(beside: str, hospital: Hospital) -> Cohort:
    return assessments(hospital, beside)


def _missed(measure: str, label: str, beside: str, *, critical: bool, **own: Any) -> Measure:
    """Missed doses over bed days."""
    return Measure(
        id=measure,
        label=label,
        beside=beside,
        rows=partial(missed_rate, critical=critical),
        charted=Charted(Form.CLOSED, own.get("short", label), "per 100 bed days, weekly"),
        feeds=_DOSE_FEEDS,
        better=Better.LOWER,
        out_of="100 bed days: patients at 23:59 of the same seven days, added up",
        clock="due time of the dose, on the ward where the patient lay",
        exclusions=(*_OTHER_REASONS, "any other reason", "given late"),
        columns=("numerator", "denominator"),
        owner="Chief Pharmacist",
        notes="By what is known now: a dose that was charted later is not missed.",
        **_COMMON | own,
    )


MEASURES = (
    _assessed(
        "vte_on_time",
        "VTE assessment within 14 h",
        "ra_vte",
        short="VTE within 14 h",
        target=95,
        counts="VTE and bleeding risk assessments done within 14 h of the decision to admit",
        standard=Standard("95 % within 14 h", "S", ("NHS England, VTE risk assessment collection (2025/26)",)),
        owner="Medical Director",
    ),
    _assessed(
        "pressure_risk_on_time",
        "Pressure ulcer risk assessment within 6 h",
        "ra_pressure_ulcer",
        short="Pressure risk within 6 h",
        counts="pressure ulcer risk assessments done within 6 h of being seen by a registered professional",
        standard=Standard("within 6 h; no published share", "S", ("NICE QS89 (2015) statement 1",)),
    ),
    _assessed(
        "nutrition_on_time",
        "Nutrition screening within 24 h",
        "ra_must",
        short="Nutrition within 24 h",
        counts="MUST (STAMP or PYMS) screenings done within 24 h of admission",
        standard=Standard("on admission; 24 h is local", "L", ("NICE CG32 (2006)", "NICE QS24 (2012) statement 1")),
    ),
    _on_time(
        "medrec_on_time",
        "Medicines reconciliation within 24 h",
        "medrec_outstanding",
        reconciliations,
        short="Medicines rec. within 24 h",
        counts="medicines reconciliations completed within 24 h of admission",
        standard=Standard("within 24 h; no published share", "S", ("NICE QS120 (2016) statement 4",)),
        feeds=("spell", "ward_stay", "medrec"),
        exclusions=("day cases and regular attenders",),
        owner="Chief Pharmacist",
    ),
    _on_time(
        "obs_on_time",
        "Observations on time",
        "obs_overdue",
        observation_sets,
        counts="sets of observations taken before the plan's interval (else the RCP maximum) and 30 min of grace had "
        "passed since the last complete set, or since admission",
        standard=Standard(
            "the RCP's maximum intervals; no published share", "L", ("RCP, NEWS2 (2017) chart 4", "NICE CG50")
        ),
        feeds=("spell", "ward_stay", "obs_set"),
        optional=("obs_plan",),
        exclusions=("observations stopped", "under 16, pregnant or maternity without a plan"),
        notes="One set fell due after each complete one; a gap counts once, however long. The plan that held when the "
        "next set was taken or, if none was, when it fell due decides; one that is made shorter leaves the grace.",
    ),
    _on_time(
        "critical_doses_on_time",
        "Critical doses on time",
        "missed_doses_critical_today",
        critical_on_time,
        counts="scheduled doses of critical medicines given within their window",
        standard=Standard("windows by class are local; no published share", "L", ("NPSA/2010/RRR009 (2010)",)),
        feeds=_DOSE_FEEDS,
        exclusions=(*_OTHER_REASONS, "self-administered", "not given for any other reason (counted)"),
        owner="Chief Pharmacist",
    ),
    _missed(
        "missed_critical_doses_rate",
        "Critical doses missed per 100 bed days",
        "missed_doses_critical_today",
        critical=True,
        short="Critical doses missed",
        counts=f"scheduled doses of critical medicines that {DUE}, past their window, with no record or reason, or "
        "not available",
        standard=Standard("no published rate", "L", ("NPSA/2010/RRR009 (2010)",)),
    ),
    _missed(
        "missed_doses_rate",
        "Doses missed per 100 bed days",
        "missed_doses_today",
        critical=False,
        short="All doses missed",
        counts=f"scheduled doses of any medicine that {DUE}, past their window, with no record or reason, or not "
        "available",
        standard=Standard("no published rate", "L", ("Rostami 2019 BMJ Open",)),
    ),
    _on_time(
        "sepsis_antibiotic_on_time",
        "Sepsis antibiotics on time",
        "sepsis_antibiotic_overdue",
        sepsis_antibiotics,
        needs=(("obs_set", "news2_total"),),
        counts="patients with sepsis and an antimicrobial ordered who had one within 1 h (NEWS2 7 and over), 3 h "
        "(5–6) or 6 h (1–4) of the score",
        standard=Standard(
            "1, 3 or 6 h by risk; no published share", "S", ("AoMRC statement on sepsis (2022)", "NICE NG253 (2025)")
        ),
        feeds=("spell", "ward_stay", "flag", "obs_set", "order", "dose_event"),
        exclusions=("under 16", "pregnant or recently so", "record closed before the time was up"),
        owner="Medical Director",
    ),
)
