"""A person's name and numbers as the EPR holds them, entered at the first contact; few NHS numbers are missing."""

from __future__ import annotations

from surveillance.demo import names
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

FEED = "patient_identity"
UNTRACED = 0.02
"""Share of people whose NHS number nobody has found."""


def record(patient: Patient, log: Log) -> None:
    """One row with the name and the numbers."""
    rng = patient.rng("name")
    family, given = names.name(
        rng, female=patient.female, born=int(patient.birth_date[:4]), newborn=patient.journey.kind == "newborn"
    )
    log.add(
        patient.arrival,
        "PAT_IDENT",
        PAT_NO=patient.no,
        FAM_NM=family,
        GIVEN_NM=given,
        HOSP_NO=names.hospital_number(patient.number),
        NHS_NO=None if rng.random() < UNTRACED else names.nhs_number(patient.number),
        ENTERED_DTM=patient.arrival,
    )
