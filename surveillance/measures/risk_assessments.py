"""Risk assessments that patients are owed now: not done in time, or due to be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import instants
from surveillance.measures.assessment_state import (
    INITIAL_OVERDUE,
    NOT_REQUIRED,
    REASSESS_OVERDUE,
    STATE_WORDS,
    Assessed,
    assessed,
)
from surveillance.measures.declaration import (
    Answer,
    Better,
    Charted,
    Dimension,
    Form,
    Kind,
    Measure,
    NotConnected,
    Standard,
)
from surveillance.measures.hospital import Array, Hospital
from surveillance.measures.requirements import REQUIREMENTS
from surveillance.settings import Threshold

A, B = "initial_overdue", "reassess_overdue"
PARTS = (A, B)
PART_LABELS = ("Not done", "Review")
COLUMNS = ("bed_code", "patient_key", "clock_start", "due_initial", "valid_ts", "next_due", "due", "state")


@dataclass(frozen=True)
class Owed:
    """Where the patients on wards stand with one assessment: rows of ``on_ward`` where it applies, their spells, states
    and the next moment that they are due (microseconds).
    """

    rule: Assessed
    place: Array
    spell: Array
    state: Array
    due: Array

    def listed(self, hospital: Hospital, which: Array) -> pd.DataFrame:
        """Some of them with their patients and times."""
        spell, now = self.spell[which], self.rule.now
        return hospital.beside(
            self.place[which],
            clock_start=instants(self.rule.start[spell]),
            due_initial=instants(self.rule.initial_due[spell]),
            valid_ts=instants(now.valid[spell]),
            next_due=instants(now.next_due[spell]),
            due=instants(self.due[which]),
            state=STATE_WORDS[self.state[which]],
        )

    def overdue(self, hospital: Hospital) -> pd.DataFrame:
        """Those in column A or B."""
        which = np.flatnonzero(self.state >= REASSESS_OVERDUE)
        part = np.where(self.state[which] == INITIAL_OVERDUE, A, B)
        return self.listed(hospital, which).assign(part=part)


def owed(hospital: Hospital, measure: str) -> Owed:
    """The state of one assessment, computed once."""

    def find() -> Owed:
        rule = assessed(hospital, measure)
        place = np.flatnonzero(hospital.on_wards(hospital.site.wards_of(measure)))
        spell = hospital.on_ward["spell"].to_numpy()[place]
        paediatric = np.zeros(len(hospital.spells), dtype=bool)
        paediatric[spell] = hospital.on_wards(hospital.site.wards_with_profile("paediatric"))[place]
        required = rule.required(paediatric, np.full(len(paediatric), hospital.now))[spell]
        if rule.rule.clock != "admission":
            fell_back = int(np.isnan(rule.named_start[spell][required]).sum())
            hospital.quality[f"{rule.rule.type} assessment: clock falls back to admission"] += fell_back
        return Owed(rule, place, spell, np.where(required, rule.now.state[spell], NOT_REQUIRED), rule.now.due[spell])

    found: Owed = hospital.once(f"owed {measure}", find)
    return found


def outstanding(hospital: Hospital, measure: Measure) -> Answer:
    """Patients in column A or B of one assessment."""
    found = owed(hospital, measure.id)
    eligible = hospital.per_ward(found.place[found.state != NOT_REQUIRED])
    return _columns(found.overdue(hospital), eligible, reassessable=found.rule.reassessable)


def _columns(rows: pd.DataFrame, eligible: Mapping[str, float], *, reassessable: bool) -> Answer:
    """The rows in their two columns; without a source of care events the second is not known."""
    if reassessable:
        return Answer(rows, eligible)
    known = rows[rows["part"] == A]
    return Answer(known, eligible, unknown_parts=frozenset({B}), detail="no source of care events")


def any_outstanding(hospital: Hospital, measure: Measure) -> Answer:
    """Distinct patients in column A of any row of the ward's profile, and in column B of any."""
    applying = [row for row in REQUIREMENTS if hospital.site.wards_of(row)]
    if not applying:
        raise NotConnected("no risk assessment applies to any ward")
    parts = []
    for part, state in ((A, INITIAL_OVERDUE), (B, REASSESS_OVERDUE)):
        names: dict[int, list[str]] = {}
        first = np.full(len(hospital.on_ward), np.nan)
        for row in applying:
            found = owed(hospital, row)
            late = found.state == state
            for place in found.place[late].tolist():
                names.setdefault(place, []).append(row.removeprefix("ra_"))
            first[found.place[late]] = np.fmin(first[found.place[late]], found.due[late])
        places = np.array(sorted(names), dtype=int)
        words = [", ".join(names[place]) for place in places.tolist()]
        listed = hospital.beside(places, assessments=pd.Series(words, dtype="str"), due=instants(first[places]))
        parts.append(listed.assign(part=part))
    reassessable = all(owed(hospital, row).rule.reassessable for row in applying)
    return _columns(pd.concat(parts, ignore_index=True), hospital.patients_per_ward(), reassessable=reassessable)


def _row(measure: str, label: str, standard: Standard, out_of: str, **rest: Any) -> Measure:
    rule = REQUIREMENTS[measure]
    params: dict[str, Any] = {**rule.limits, "interval_h": rule.interval_h, **rule.again}
    if rule.triggers:
        params["grace_h"] = rule.grace_h
    if rule.early:
        params |= [rule.early_limit]
    clock = {
        "admission": "start of the spell",
        "decision_to_admit": "decision to admit, else start of the spell",
        "first_seen": "first seen by a registered professional, else start of the spell",
        "first_order": "start of the first medicine order, else start of the spell",
    }[rule.clock]
    words: dict[str, Any] = {
        "group": "risk_assessment",
        "kind": Kind.TWO_COLUMN,
        "counts": "patients whose assessment (or its early part) was not done in time; patients whose repeat is late",
        "dimension": Dimension.RELIABILITY,
        "better": Better.LOWER,
        "threshold": Threshold(watch=2, act=5),
        "exclusions": ("patients with an allowed, documented exemption (counted)",),
        "soon": "due_assessments_4h",
    }
    return Measure(
        id=measure,
        label=label,
        standard=standard,
        out_of=out_of,
        rows=outstanding,
        feeds=rule.feeds,
        optional=rule.optional,
        parts=PARTS,
        part_labels=PART_LABELS,
        columns=COLUMNS,
        clock=clock,
        params=params,
        **(words | rest),
    )


_local = partial(Standard, evidence="L")

MEASURES = (
    _row(
        "ra_vte",
        "VTE risk assessment",
        Standard(
            "within 14 h of the decision to admit; operational standard 95 %; again when the condition changes",
            "S",
            ("NHS England VTE risk assessment data collection 2025/26", "NICE NG89 (2018) recommendation 1.1"),
        ),
        "inpatients and day cases aged 16 and over",
        short="VTE",
        threshold=Threshold(watch=1, act=3),
        owner="Medical Director",
        exclusions=("cohorts excluded by local agreement", "under 16"),
        notes="The clock is configuration where a trust counts from admission; no fixed repeat interval.",
    ),
    _row(
        "ra_must",
        "Nutrition (MUST)",
        _local(
            "within 24 h of admission (NICE: on admission), weekly afterwards",
            sources=("NICE CG32 (2006) recommendation 1.2", "NICE QS24 (2012) statement 1"),
        ),
        "inpatients aged 18 and over; all ages on children's wards (STAMP, PYMS)",
        notes="Without a score or a band it is not done.",
    ),
    _row(
        "ra_falls",
        "Falls assessment",
        _local(
            "mobility and bed-rail check within 6 h, multifactorial assessment within 24 h; after a fall, a transfer "
            "or a change of condition; weekly",
            sources=("NICE NG249 (2025) recommendation 1.1.1: who; no prediction score is shown",),
        ),
        "inpatients aged 65 and over, and 50 to 64 with a risk factor",
        short="Falls",
    ),
    _row(
        "ra_pressure_ulcer",
        "Pressure ulcer risk",
        Standard(
            "within 6 h of being first seen; after surgery, transfer or change of condition; weekly, daily if at risk",
            "S",
            ("NICE QS89 (2015) statements 1 and 3", "National Wound Care Strategy Programme recommendations 2023/24"),
        ),
        "all inpatients",
        short="Pressure ulcer",
        notes="Waterlow, PURPOSE T, Braden or a paediatric tool: the type decides, not the tool.",
    ),
    _row(
        "ra_smoking",
        "Smoking status",
        _local("within 24 h of admission", sources=("NICE QS207 (2022) statement 5", "NICE NG209")),
        "inpatients aged 16 and over",
    ),
    _row(
        "ra_alcohol",
        "Alcohol (AUDIT-C)",
        _local("within 24 h of admission", sources=("Screening and brief advice in inpatient settings, GOV.UK 2019",)),
        "inpatients aged 16 and over",
        short="Alcohol",
    ),
    _row(
        "ra_allergy",
        "Allergy status",
        Standard(
            "before the first medicine order; within 6 h without one (local); asked again daily if not ascertainable",
            "S",
            ("NICE CG183 (2014) recommendation 1.2.1",),
        ),
        "all patients",
        exclusions=("none",),
        threshold=Threshold(watch=1, act=3),
        owner="Chief Pharmacist",
        notes="One of: drug allergy, none known, unable to ascertain. An open allergy flag is 'drug allergy'.",
    ),
    _row(
        "ra_oral",
        "Mouth care",
        _local(
            "within 24 h of admission, weekly; daily when assisted, nil by mouth or ventilated",
            sources=("Health Education England, Mouth Care Matters",),
        ),
        "inpatients aged 18 and over",
    ),
    _row(
        "ra_adl",
        "Moving and handling / ADL",
        _local(
            "moving and handling within 6 h, activities of daily living within 24 h; after a fall, surgery or change "
            "of condition; weekly",
            sources=("Manual Handling Operations Regulations 1992",),
        ),
        "all inpatients",
        short="Moving & handling",
    ),
    Measure(
        id="ra_any_outstanding",
        label="Patients with any assessment outstanding",
        short="Patients with any",
        group="risk_assessment",
        kind=Kind.TWO_COLUMN,
        counts="distinct patients not done in any row; distinct patients due for review in any row; never the sum",
        rows=any_outstanding,
        standard=_local("derived from the rows above"),
        feeds=("spell", "ward_stay", "assessment", "order"),
        optional=("ed_attendance", "care_event", "flag"),
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        parts=PARTS,
        part_labels=PART_LABELS,
        out_of="patients on the ward",
        columns=("bed_code", "patient_key", "assessments", "due"),
        soon="due_assessments_4h",
        threshold=Threshold(watch=6, act=12),
        charted=Charted(
            Form.MEAN,
            "Patients with an assessment not done in time",
            "per 100 patients",
            part=A,
            over="patients_on_ward",
        ),
        notes="A patient may be in both columns.",
    ),
)
