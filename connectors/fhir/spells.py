"""Who is an inpatient: encounters become hospital provider spells, to which everything else that is recorded belongs.

Encounters that are part of another inpatient one (a consultant episode, a ward stay kept as an encounter of its own)
belong to the spell of the outermost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from connectors.fhir.elements import Resource, at, each, end_of, id_of, identifier_of, start_of, text_at
from surveillance.settings.fhir import Fhir

OPEN = frozenset({"arrived", "triaged", "in-progress", "onleave"})
OVER = frozenset({"finished"})
NO_SPELL = frozenset({"planned", "cancelled", "entered-in-error"})
"""Statuses of encounters that nobody lies in hospital for. Any other word is no status that we know: such a row is
given so that it is quarantined and counted."""
FIELDS = frozenset({
    "class", "identifier", "subject", "period", "location", "partOf", "statusHistory", "hospitalization", "extension",
})  # fmt: skip
PATIENT_FIELDS = frozenset({"resourceType", "id", "meta", "identifier", "name", "gender", "birthDate", "link"})


class Missing(Enum):
    """What a resource does not say that it belongs to."""

    SUBJECT = "of whom, or when"


@dataclass(slots=True)
class Spell:
    """One hospital provider spell, with the encounters that it is made of; the first is the outermost."""

    key: str | None
    patient: str | None
    patient_key: str | None
    encounters: list[Resource] = field(default_factory=list)

    @property
    def encounter(self) -> Resource:
        """The outermost."""
        return self.encounters[0]

    @property
    def is_open(self) -> bool:
        """Whether its status says that it lasts, whatever end is written beside it."""
        return text_at(self.encounter, "status") in OPEN

    @property
    def start(self) -> datetime | None:
        """When the patient was admitted."""
        return start_of(at(self.encounter, "period", "start"))

    @property
    def end(self) -> datetime | None:
        """When it ended; None while it lasts, or where that is not told."""
        return None if self.is_open else end_of(at(self.encounter, "period", "end"))


@dataclass(frozen=True, slots=True)
class Spells:
    """The spells of one moment, and to which of them a resource belongs."""

    fhir: Fhir
    all: list[Spell]
    of_encounter: Mapping[str, Spell]
    of_patient: Mapping[str, list[Spell]]
    left_out: Counter[str] = field(default_factory=Counter)
    """Type of resource → how many were of nobody who is in hospital, and so no rows."""

    def of(self, resource: Resource, moment: datetime | None, subject: str = "subject") -> list[str | None]:
        """The key of the spell that the resource belongs to: by its encounter, else the patient's at ``moment``.

        [] if it is of somebody who was no inpatient then; [None], which the gate counts, if it does not say of whom.
        """
        said = self._said(resource, subject, moment)
        if isinstance(said, list) and moment is not None:
            lasting = [one for one in said if _lasts(one, moment)]
            said = lasting[-1] if lasting else None
        return self._keys(resource, said)

    def during(self, resource: Resource, start: datetime | None, end: datetime | None) -> list[str | None]:
        """The keys of the spells that overlap the time from ``start`` to ``end``; as ``of``."""
        said = self._said(resource, "subject", start)
        if isinstance(said, list) and start is not None:
            said = [
                one
                for one in said
                if (end is None or one.start is None or one.start <= end) and (one.end is None or one.end >= start)
            ]
        return self._keys(resource, said)

    def _said(self, resource: Resource, subject: str, moment: datetime | None) -> Spell | list[Spell] | Missing | None:
        """The spell that it names, those of the patient that it names, None if of neither anything is known."""
        base = self.fhir.base_url
        if (name := id_of(at(resource, "encounter"), "Encounter", base)) is not None:
            return self.of_encounter.get(name)
        patient = id_of(at(resource, subject), "Patient", base)
        if patient is not None and patient not in self.of_patient:
            return None
        return Missing.SUBJECT if patient is None or moment is None else self.of_patient[patient]

    def _keys(self, resource: Resource, said: Spell | list[Spell] | Missing | None) -> list[str | None]:
        if said is Missing.SUBJECT:
            return [None]
        found = [said] if isinstance(said, Spell) else said if isinstance(said, list) else []
        if not found:
            self.left_out[text_at(resource, "resourceType") or "?"] += 1
        return [one.key for one in found]


def _lasts(spell: Spell, moment: datetime) -> bool:
    return (spell.start is None or spell.start <= moment) and (spell.end is None or moment <= spell.end)


def spells_of(
    encounters: Iterable[Resource], patients: Mapping[str, Resource], fhir: Fhir, as_at: datetime, since: datetime
) -> Spells:
    """The spells at ``as_at`` that had not ended before ``since``, in the order of their starts."""
    inside = {text_at(one, "id") or f"?{place}": one for place, one in enumerate(encounters) if _counts(one, fhir)}
    groups: dict[str, list[Resource]] = {}
    for name, one in inside.items():
        groups.setdefault(_outermost(name, inside, fhir), []).append(one)
    found: list[Spell] = []
    of_encounter: dict[str, Spell] = {}
    for outer, members in groups.items():
        encounter = inside[outer]
        spell = Spell(*_keys(encounter, patients, fhir), [encounter, *(one for one in members if one is not encounter)])
        if (spell.start and spell.start > as_at) or (spell.end and spell.end < since):
            continue
        found.append(spell)
        of_encounter |= {str(one["id"]): spell for one in members if text_at(one, "id")}
    found.sort(key=lambda spell: (spell.start or as_at, spell.key or ""))
    of_patient: dict[str, list[Spell]] = {}
    for spell in found:
        if spell.patient:
            of_patient.setdefault(spell.patient, []).append(spell)
    return Spells(fhir, found, of_encounter, of_patient)


def _counts(encounter: Resource, fhir: Fhir) -> bool:
    """Whether it is an inpatient's; one that does not say its class is, so that nobody is lost."""
    kind = text_at(encounter, "class", "code")
    return (kind is None or kind in fhir.classes) and text_at(encounter, "status") not in NO_SPELL


def _outermost(name: str, inside: Mapping[str, Resource], fhir: Fhir) -> str:
    been = [name]
    while (outer := id_of(at(inside[been[-1]], "partOf"), "Encounter", fhir.base_url)) and outer in inside:
        if outer in been:
            break
        been.append(outer)
    return been[-1]


def _keys(
    encounter: Resource, patients: Mapping[str, Resource], fhir: Fhir
) -> tuple[str | None, str | None, str | None]:
    """The key of the spell, the id of its patient here, and the patient's key."""
    own = text_at(encounter, "id")
    key = identifier_of(encounter, fhir.spell_identifier) if fhir.spell_identifier else own
    subject = at(encounter, "subject")
    patient = id_of(subject, "Patient", fhir.base_url)
    return key, patient, patient_key(subject, patient, patients, fhir)


def patient_key(subject: Any, patient: str | None, patients: Mapping[str, Resource], fhir: Fhir) -> str | None:
    """The patient's key: the identifier of the configured system, else the id."""
    if fhir.patient_identifier is None:
        return patient
    inline = at(subject, "identifier")
    if text_at(inline, "system") == fhir.patient_identifier:
        return text_at(inline, "value")
    return identifier_of(patients.get(patient or "", {}), fhir.patient_identifier)


def patients_named(encounters: Iterable[Resource], fhir: Fhir) -> set[str]:
    """The ids of the patients of inpatient encounters."""
    named = (id_of(at(one, "subject"), "Patient", fhir.base_url) for one in encounters if _counts(one, fhir))
    return {name for name in named if name}


def locations_named(spells: Spells) -> set[str]:
    """The ids of the places where somebody lies or lay."""
    entries = (entry for spell in spells.all for one in spell.encounters for entry in each(one, "location"))
    named = (id_of(at(entry, "location"), "Location", spells.fhir.base_url) for entry in entries)
    return {name for name in named if name}
