"""Wards add up to divisions, sites, the trust and the system by each measure's rule; a missing ward is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Measure, RollUp
from surveillance.settings import Settings
from surveillance.snapshot import Part, Reading, Rollup, State

ANSWERED = (State.VALUE, State.NONE_ON_RECORD)
"""A ward that reports: a number, or the knowledge that nothing is on record."""


def units(settings: Settings) -> list[tuple[str, str, list[str]]]:
    """(kind, code, ward codes) of every division, site, the trust and, if named, the system."""
    found = [
        (kind, unit.code, [ward.code for ward in settings.wards if getattr(ward, kind) == unit.code])
        for kind, named in (("division", settings.divisions), ("site", settings.sites))
        for unit in named
    ]
    everybody = [ward.code for ward in settings.wards]
    found.append(("trust", settings.site.trust, everybody))
    if settings.site.system:
        found.append(("system", settings.site.system, everybody))
    return found


def roll_up(settings: Settings, readings: Mapping[str, Mapping[str, Reading]]) -> tuple[Rollup, ...]:
    """Every measure over every unit."""
    return tuple(
        added(measure, kind, code, [readings[ward][measure.id] for ward in wards])
        for kind, code, wards in units(settings)
        for measure in CATALOGUE.values()
    )


def added(measure: Measure, kind: str, unit: str, readings: Sequence[Reading]) -> Rollup:
    """``readings`` of wards as one; only current values add, the wards without one are named."""
    asked = [reading for reading in readings if reading.state is not State.NOT_APPLICABLE]
    answered = [reading for reading in asked if reading.state in ANSWERED]
    missing = tuple(reading.unit for reading in asked if reading.state not in ANSWERED)
    with_value = [reading for reading in answered if reading.state is State.VALUE]
    times = [reading.as_at for reading in answered if reading.as_at]
    state, parts = _state(asked, answered, with_value), _parts(measure, with_value)
    if state is State.VALUE and all(part.value is None for part in parts):
        state = State.NOT_APPLICABLE
    as_at = min(times) if times else None
    reading = Reading(
        measure.id, measure.version, unit, state, parts if state is State.VALUE else (), as_at, source="wards"
    )
    return Rollup(reading, kind, len(answered), len(asked), missing)


def _state(asked: Sequence[Reading], answered: Sequence[Reading], with_value: Sequence[Reading]) -> State:
    if with_value:
        return State.VALUE
    if answered:
        return State.NONE_ON_RECORD
    if not asked:
        return State.NOT_APPLICABLE
    commonest = Counter(reading.state for reading in asked).most_common(1)[0][0]
    return State.UNAVAILABLE if commonest is State.STALE else commonest


def _parts(measure: Measure, readings: Sequence[Reading]) -> tuple[Part, ...]:
    if not readings:
        return ()
    if measure.rollup is RollUp.LEVELS:
        levels = Counter(str(reading.parts[0].value) for reading in readings)
        return tuple(Part(name, State.VALUE, number, number) for name, number in sorted(levels.items()))
    if measure.rollup is RollUp.MINIMUM:
        fewest = min(float(reading.parts[0].value or 0) for reading in readings)
        return (Part(measure.parts[0], State.VALUE, int(fewest), int(fewest)),)
    return tuple(_added_part(measure, name, readings) for name in measure.parts)


def _added_part(measure: Measure, name: str, readings: Sequence[Reading]) -> Part:
    parts = [part for reading in readings for part in reading.parts if part.name == name]
    adds = (State.VALUE, State.NOT_APPLICABLE) if measure.rollup is RollUp.RATIO else (State.VALUE,)
    known = [part for part in parts if part.numerator is not None and part.state in adds]
    if not known or (measure.rollup is RollUp.SUM and len(known) < len(parts)):
        return Part(name, State.NOT_CONNECTED if parts else State.NOT_APPLICABLE)
    up = sum(part.numerator or 0 for part in known)
    downs = [part.denominator for part in known if part.denominator is not None]
    down = sum(downs) if downs else None
    if measure.rollup is RollUp.RATIO:
        if not down:
            return Part(name, State.NOT_APPLICABLE, None, up, down)
        return Part(name, State.VALUE, up / down * measure.scale, up, down)
    return Part(name, State.VALUE, up, up, down)
