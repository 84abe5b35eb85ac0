"""Which code means what: the systems and codes of UK Core as defaults, a site's own put over them, and codes as words.

Sources: UK Core Observation profiles and their examples (HL7 UK), the NEWS2 specification of CareConnect (SNOMED CT),
and the vital signs profiles of FHIR R4 (LOINC).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.fhir.elements import at, each, text_at
from surveillance.settings.fhir import Fhir

SYSTEMS: Mapping[str, str] = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "dmd": "https://dmd.nhs.uk",
    "place": "http://terminology.hl7.org/CodeSystem/location-physical-type",
    "act": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
}
CODES: Mapping[str, tuple[str, ...]] = {
    "rr": ("loinc|9279-1", "sct|86290005"),
    "spo2": ("loinc|2708-6", "loinc|59408-5", "sct|103228002", "sct|431314004"),
    "sbp": ("loinc|8480-6", "sct|72313002"),
    "pulse": ("loinc|8867-4", "sct|364075005", "sct|78564009", "sct|444981005"),
    "acvpu": ("sct|1104441000000107",),
    "temp": ("loinc|8310-5", "sct|276885007", "sct|386725007"),
    "air": ("sct|722742002",),
    "oxygen": ("sct|371825009", "loinc|3151-8"),
    "fio2": ("loinc|3150-6",),
    "news2": ("sct|1104051000000101",),
    "scale_1": ("sct|1104311000000102",),
    "scale_2": ("sct|1104321000000108",),
    "panel": ("loinc|85353-1", "loinc|85354-9", "sct|75367002"),
}
"""``panel`` holds others as members or parts: it is asked for, since a search finds no part by its own code."""
SCORES = (
    "sct|1104301000000104",
    "sct|1104331000000105",
    "sct|1104341000000101",
    "sct|1104351000000103",
    "sct|1104361000000100",
    "sct|1104371000000107",
)
"""The part scores of NEWS2 beside that of either scale: of respiration, oxygen, pressure, pulse, ACVPU, temperature."""
BOTTOM_UP = ("place|bd", "place|ro", "place|area", "place|lvl", "place|co")
"""Physical types of places inside a ward."""
BED = "place|bd"


@dataclass(frozen=True, slots=True)
class Codes:
    """A site's codes. ``parameters``: word → parameter, ``ranks``: → how early it is listed.

    ``searched``: every code that Observations are asked for by.
    """

    systems: Mapping[str, str]
    parameters: Mapping[str, str]
    ranks: Mapping[str, int]
    searched: tuple[str, ...]

    def words(self, concept: Any) -> list[str]:
        """Each coding of a CodeableConcept as ``alias|code``, the one that a person chose first; then its text."""
        codings = each(concept, "coding")
        if len(codings) > 1:
            codings.sort(key=lambda one: at(one, "userSelected") is not True)
        found = [word for one in codings if (word := self.word(one))]
        text = text_at(concept, "text")
        return [*found, text] if text else found

    def word(self, coding: Any) -> str | None:
        """A Coding as ``alias|code``; without a system as the bare code."""
        code, system = text_at(coding, "code"), text_at(coding, "system")
        if code is None:
            return None
        alias = self.systems.get(system or "", system)
        return f"{alias}|{code}" if alias else code

    def known(self, concept: Any, words: Iterable[str]) -> str | None:
        """The concept's word that is one of ``words``, else its first; None where it has none."""
        own = self.words(concept)
        return next((word for word in own if word in words), own[0] if own else None)


def codes_of(fhir: Fhir) -> Codes:
    """The built-in codes with the site's put over them."""
    urls = {**SYSTEMS, **fhir.systems}
    systems = {url: alias for alias, url in urls.items()}
    chosen = {**CODES, **fhir.codes}
    parameters = {word: name for name, words in chosen.items() for word in words}
    ranks = {word: rank for rank, word in enumerate(parameters)}
    return Codes(
        systems, parameters, ranks, tuple(spelt(word, urls) for word in parameters if not _of_score(word, chosen))
    )


def _of_score(word: str, chosen: Mapping[str, tuple[str, ...]]) -> bool:
    """Part scores stand inside the total, which is asked for."""
    return word in chosen["scale_1"] or word in chosen["scale_2"]


def spelt(word: str, urls: Mapping[str, str]) -> str:
    """``alias|code`` as a search parameter writes it."""
    alias, bar, code = word.rpartition("|")
    return f"{urls.get(alias, alias)}{bar}{code}"
