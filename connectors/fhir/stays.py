"""Rows of ``spell``, ``ward_stay`` and ``patient_identity`` from Encounter, Location and Patient.

Sources: HL7 FHIR R4; UK Core Encounter (admission and discharge method) and Patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from connectors.fhir.codes import BED, BOTTOM_UP, Codes
from connectors.fhir.elements import (
    LONDON,
    UNREADABLE,
    Resource,
    at,
    day,
    each,
    end_of,
    extension_of,
    id_of,
    identifier_of,
    start_of,
    text_at,
    written,
)
from connectors.fhir.spells import OVER, Spell, Spells, patient_key

UK = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
NOT_YET = frozenset({"planned", "reserved"})
"""Statuses of an encounter's location where the patient has not been."""
TEST = "HTEST"
"""The HL7 v3 code of a security label that says that a record is for testing."""
DEEPEST = 20
"""Places inside places; more is a circle."""
Row = dict[str, Any]


def spell_rows(spells: Spells, patients: Mapping[str, Resource], as_at: datetime) -> list[Row]:
    """A row for each spell."""
    return [_spell_row(spell, patients.get(spell.patient or "", {}), spells, as_at) for spell in spells.all]


def _spell_row(spell: Spell, patient: Resource, spells: Spells, as_at: datetime) -> Row:
    encounter = spell.encounter
    admission = extension_of(at(encounter, "hospitalization"), f"{UK}AdmissionMethod")
    discharge = extension_of(encounter, f"{UK}DischargeMethod")
    labels = [text_at(one, "code") for one in each(patient, "meta", "security")]
    replaced = next((one for one in each(patient, "link") if text_at(one, "type") == "replaced-by"), {})
    other = id_of(at(replaced, "other"), "Patient", spells.fhir.base_url)
    born = day(at(patient, "birthDate"))
    age, age_days = age_at(born, spell.start)
    return {
        "patient_key": spell.patient_key,
        "spell_key": spell.key,
        "admit_ts": written(spell.start, at(encounter, "period", "start")),
        "admission_method": _code(admission),
        "patient_class": text_at(encounter, "class", "code"),
        "discharge_ts": _ended(spell, as_at),
        "discharge_method": _code(discharge),
        "age": age,
        "age_days": age_days,
        "sex": text_at(patient, "gender"),
        "is_test": TEST in labels if patient else None,
        "merged_into": other if replaced and other else ("?" if replaced else None),
    }


def _ended(spell: Spell, as_at: datetime) -> str | None:
    """When it ended; one that is over without a time, or whose status is no word of ours, is quarantined."""
    if spell.is_open:
        return None
    if text_at(spell.encounter, "status") not in OVER or spell.end is None:
        return UNREADABLE
    return written(spell.end) if spell.end <= as_at else None


def _code(extension: Resource) -> str | None:
    codings = each(extension, "valueCodeableConcept", "coding")
    return text_at(codings[0], "code") if codings else None


def age_at(born: date | None, moment: datetime | None) -> tuple[int | None, int | None]:
    """Completed years, and days under one year; of a birth date that is no whole date nothing is told."""
    if born is None or moment is None:
        return None, None
    on = moment.astimezone(LONDON).date()
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return years, (on - born).days if years == 0 else None


# ------------------------------------------------------------------------------------------------------ ward stays
def stay_rows(
    spells: Spells, places: Mapping[str, Resource], codes: Codes, as_at: datetime, since: datetime
) -> list[Row]:
    """A row for each place of each spell; of equal starts the one with a bed comes last, and so speaks."""
    rows = [row for spell in spells.all for row in _stays(spell, spells, places, codes, as_at, since)]
    return sorted(rows, key=lambda row: row["bed_code"] is not None)


def _stays(
    spell: Spell, spells: Spells, places: Mapping[str, Resource], codes: Codes, as_at: datetime, since: datetime
) -> Iterator[Row]:
    anywhere = False
    for encounter in spell.encounters:
        entries = [one for one in each(encounter, "location") if text_at(one, "status") not in NOT_YET]
        for entry in entries:
            row = _stay_row(entry, encounter, spell, spells, places, codes, only=len(entries) == 1)
            start, end = row.pop("_start"), row.pop("_end")
            if (start and start > as_at) or (end and end < since):
                continue
            if end and end > as_at:
                row["end_ts"] = None
            anywhere = True
            yield row | _leave(encounter, start, end, as_at)
    if spell.is_open and not anywhere:  # somebody is in hospital, and nobody says where: quarantined and counted
        yield {"spell_key": spell.key, "ward_code": None, "bed_code": None, "start_ts": written(spell.start)}


def _stay_row(
    entry: Resource,
    encounter: Resource,
    spell: Spell,
    spells: Spells,
    places: Mapping[str, Resource],
    codes: Codes,
    *,
    only: bool,
) -> Row:
    place = id_of(at(entry, "location"), "Location", spells.fhir.base_url)
    ward, bed = ward_and_bed(place, places, codes, spells) if place else (None, None)
    said_start, said_end = at(entry, "period", "start"), at(entry, "period", "end")
    if said_start is None and only:  # the only place of an encounter is where all of it was
        said_start = at(encounter, "period", "start")
    over = text_at(encounter, "status") in OVER
    if said_end is None and over:
        said_end = at(encounter, "period", "end")
    start, end = start_of(said_start), end_of(said_end)
    missing = end is None and (said_end is not None or over or text_at(entry, "status") == "completed")
    return {
        "spell_key": spell.key,
        "ward_code": ward,
        "bed_code": bed,
        "start_ts": written(start, said_start),
        "end_ts": UNREADABLE if missing else written(end),
        "_start": start,
        "_end": end,
    }


def ward_and_bed(
    place: str, places: Mapping[str, Resource], codes: Codes, spells: Spells
) -> tuple[str | None, str | None]:
    """The ward that a place is or lies in, and the bed; a place of no known kind is a unit of its own."""
    fhir = spells.fhir
    chain: list[str] = [place]
    while (above := id_of(at(places.get(chain[-1]), "partOf"), "Location", fhir.base_url)) and len(chain) < DEEPEST:
        chain.append(above)
    kinds = {name: codes.words(at(places.get(name), "physicalType")) for name in chain}
    bed = next((name for name in chain if BED in kinds[name]), None)
    wards = [name for name in chain if any(kind in fhir.ward_types for kind in kinds[name])]
    outside = [name for name in chain if not any(kind in BOTTOM_UP for kind in kinds[name])]
    ward = (wards or outside or [place])[0]
    code = identifier_of(places.get(ward), fhir.ward_identifier) if fhir.ward_identifier else None
    return code or ward, (text_at(places.get(bed), "name") or bed) if bed else None


def _leave(encounter: Resource, start: datetime | None, end: datetime | None, as_at: datetime) -> dict[str, str | None]:
    """The last leave that began within the stay, as far as the encounter keeps the history of its status."""
    nothing: dict[str, str | None] = {"on_leave_from": None, "on_leave_to": None}
    leaves = []
    history = [(text_at(one, "status"), at(one, "period")) for one in each(encounter, "statusHistory")]
    for status, period in history:
        left, back = start_of(at(period, "start")), end_of(at(period, "end"))
        if status == "onleave" and left is not None:
            leaves.append((left, back if back is None or back <= as_at else None))
    if text_at(encounter, "status") == "onleave" and not any(back is None for _, back in leaves):
        ends = [moment for _, period in history if (moment := end_of(at(period, "end"))) is not None]
        if ends:
            leaves.append((max(ends), None))
    inside = [
        one for one in leaves if one[0] <= as_at and not (start and one[0] < start) and not (end and one[0] > end)
    ]
    if not inside:
        return nothing
    left, back = max(inside, key=lambda one: one[0])
    return {"on_leave_from": written(left), "on_leave_to": written(back)}


# -------------------------------------------------------------------------------------------------- who somebody is
def identity_rows(spells: Spells, patients: Mapping[str, Resource]) -> list[Row]:
    """A row for each person with a spell."""
    fhir, rows = spells.fhir, {}
    for spell in spells.all:
        patient = patients.get(spell.patient or "")
        key = spell.patient_key or patient_key(None, spell.patient, patients, fhir)
        if key in rows:
            continue
        names = each(patient, "name")
        names.sort(key=lambda one: (text_at(one, "use") != "official", text_at(one, "use") == "old"))
        name = names[0] if names else {}
        said = at(name, "given")
        given = [part for part in said if isinstance(part, str)] if isinstance(said, list) else []
        rows[key] = {
            "patient_key": key,
            "family_name": text_at(name, "family") or text_at(name, "text"),
            "given_name": " ".join(given) or None,
            "hospital_number": identifier_of(patient, fhir.hospital_number) if fhir.hospital_number else None,
            "nhs_number": identifier_of(patient, fhir.nhs_number),
            "birth_date": str(born) if (born := day(at(patient, "birthDate"))) else None,
        }
    return list(rows.values())
