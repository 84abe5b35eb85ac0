"""The units of which there are charts: each ward, division, site, the trust and, if named, the system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Measure
from surveillance.rollup import units
from surveillance.settings import Settings

WARD = "ward"


@dataclass(frozen=True, slots=True)
class Unit:
    """``kind``: ward, division, site, trust or system. ``wards``: the codes of the wards in it."""

    kind: str
    code: str
    wards: tuple[str, ...]


def units_of(settings: Settings) -> dict[tuple[str, str], Unit]:
    """(kind, code) → the unit: the larger ones as they roll up, then every ward."""
    found = [Unit(kind, code, tuple(wards)) for kind, code, wards in units(settings)]
    found += [Unit(WARD, ward.code, (ward.code,)) for ward in settings.wards]
    return {(unit.kind, unit.code): unit for unit in found}


def applying(settings: Settings, measure: str, unit: Unit) -> tuple[str, ...]:
    """The wards of ``unit`` on which the measure has a meaning."""
    profiles = settings.all_profiles
    profile_of = {ward.code: ward.profile for ward in settings.wards}
    return tuple(code for code in unit.wards if measure not in profiles[profile_of[code]].not_applicable)


def charted(catalogue: Mapping[str, Measure] = CATALOGUE) -> dict[str, Measure]:
    """The measures that are drawn over time, in the order of the catalogue."""
    return {name: measure for name, measure in catalogue.items() if measure.charted}
