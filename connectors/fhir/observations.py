"""Rows of ``obs_set`` from Observations: a panel with its members, or what was measured of a patient at one instant.

The NEWS2 total is the one that was recorded; nothing is scored here. Of two measurements of one thing at one instant
that of the panel stands, then that whose code is listed first; two equals that differ are none.
Sources: UK Core Observation and its NEWS2 example, the vital signs profiles of FHIR R4, and UCUM for units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from connectors.fhir.codes import SCORES, Codes
from connectors.fhir.elements import UNREADABLE, Resource, at, each, id_of, instant, text_at, written
from connectors.fhir.spells import Spells

COUNTS = frozenset({"final", "amended", "corrected"})
NOT_MADE = frozenset({"registered", "preliminary", "cancelled", "entered-in-error"})
"""Statuses of what was not measured, or that nobody stands for yet. Any other word is quarantined."""
FIELDS = frozenset({
    "resourceType", "id", "status", "code", "subject", "encounter", "effectiveDateTime", "effectivePeriod",
    "effectiveInstant", "issued", "valueQuantity", "valueInteger", "valueCodeableConcept", "valueString",
    "component", "hasMember", "derivedFrom", "dataAbsentReason",
})  # fmt: skip
NUMBERS = ("rr", "spo2", "sbp", "pulse", "temp")
UNITS: Mapping[str, frozenset[str]] = {
    "rr": frozenset({"/min", "1/min", "{Breaths}/min", "{breaths}/min", "{resp}/min"}),
    "spo2": frozenset({"%"}),
    "sbp": frozenset({"mm[Hg]"}),
    "pulse": frozenset({"/min", "1/min", "{beats}/min", "{Beats}/min", "{beat}/min"}),
    "temp": frozenset({"Cel"}),
    "fio2": frozenset({"%"}),
}
"""UCUM codes in which a number is what the table means by it; a number in another unit is emptied and counted."""
ROOM_AIR_PERCENT = 21
SCORED = len(SCORES) + 1
"""Part scores of a whole NEWS2."""
MARGIN = timedelta(hours=1)
"""A member of a panel may have been measured so long before the panel's own time."""
Row = dict[str, Any]


class Part(NamedTuple):
    """An Observation or a component of one: its codes as words, what it is about, and how early that code is listed."""

    content: Resource
    words: list[str]
    parameter: str | None
    rank: int


@dataclass(slots=True)
class Set:
    """One set of vital signs, while it is put together."""

    keys: list[str | None]
    ts: datetime | None
    said_ts: Any
    odd: bool
    values: dict[str, Any] = field(default_factory=dict)
    ranks: dict[str, tuple[bool, int]] = field(default_factory=dict)
    scores: set[str] = field(default_factory=set)


def observation_rows(
    observations: Mapping[str, Resource], spells: Spells, codes: Codes, words: Iterable[str], as_at: datetime,
    since: datetime,
) -> list[Row]:  # fmt: skip
    """A row for each set of the inpatients; ``words``: of consciousness, that the site's mapping knows."""
    known = frozenset(words)
    read = {name: (one, _parts(one, codes)) for name, one in observations.items()}
    kept = {name: one for name, one in read.items() if _is_row(*one, as_at, since - MARGIN)}
    sets: dict[Any, Set] = {}
    for name, panel in _belonging(kept, spells.fhir.base_url).items():
        one, parts = kept[name]
        lead, _ = kept[panel]
        said = _said(lead)
        ts = instant(said)
        if ts and ts < since:
            continue
        keys = spells.of(lead, ts)
        if not keys:
            continue
        # What has no time, no patient, no code or no status that we know is quarantined alone, not with a whole set.
        odd = text_at(one, "status") not in COUNTS or not parts[0].words
        place: Any = (*keys, ts) if ts and keys != [None] and not odd else name
        found = sets.setdefault(place, Set(keys, ts, said, odd))
        for part in parts:
            _put(found, part, _value(part, codes, known), alone=panel == name)
    return [_row(one, key) for one in sets.values() for key in one.keys]


def _parts(one: Resource, codes: Codes) -> list[Part]:
    """The Observation itself, then its components."""
    found = []
    for part in (one, *each(one, "component")):
        words = codes.words(at(part, "code"))
        listed = [word for word in words if word in codes.parameters]
        parameter = codes.parameters[listed[0]] if listed else None
        found.append(Part(part, words, parameter, min(map(codes.ranks.__getitem__, listed), default=0)))
    return found


def _is_row(one: Resource, parts: list[Part], as_at: datetime, since: datetime) -> bool:
    """Whether it says something of ours, and was there by ``as_at``."""
    if text_at(one, "status") in NOT_MADE:
        return False
    issued, ts = instant(at(one, "issued")), instant(_said(one))
    if (issued and issued > as_at) or (ts and not since <= ts <= as_at):
        return False
    return any(part.parameter for part in parts) or not any(part.words for part in parts)


def _said(one: Resource) -> Any:
    """What it says of the time; of a period the end, when the measuring was done."""
    return at(one, "effectiveDateTime") or at(one, "effectiveInstant") or at(one, "effectivePeriod", "end")


def _belonging(kept: Mapping[str, tuple[Resource, list[Part]]], base_url: str) -> dict[str, str]:
    """Each Observation and the one whose time and patient hold for it: the panel or score that names it, or itself."""
    above: dict[str, str] = {}
    for name, (one, _) in kept.items():
        members = [
            id_of(ref, "Observation", base_url) for key in ("hasMember", "derivedFrom") for ref in each(one, key)
        ]
        for member in members:
            if member in kept:
                above.setdefault(str(member), name)
    return {name: _top(name, above) for name in kept}


def _top(name: str, above: Mapping[str, str]) -> str:
    been = [name]
    while (name := above.get(name, name)) not in been:
        been.append(name)
    return name if name == been[-1] else min(been)  # of a circle, always the same one


def _value(part: Part, codes: Codes, known: frozenset[str]) -> Any:
    """What the part says; None if it says nothing."""
    if part.parameter == "acvpu":
        concept = at(part.content, "valueCodeableConcept")
        return codes.known(concept, known) or text_at(part.content, "valueString")
    if part.parameter in UNITS or part.parameter in ("news2", "oxygen"):
        return _number(str(part.parameter), part.content)
    said = part.parameter == "air" or any(key.startswith("value") for key in part.content)
    return True if said else None


def _number(parameter: str, part: Resource) -> Any:
    """The number of a quantity; ``UNREADABLE`` if it is a bound, in another unit, or none; None if not measured."""
    if at(part, "valueInteger") is not None:
        return at(part, "valueInteger")
    quantity = at(part, "valueQuantity")
    if quantity is None:
        return None
    value, unit = at(quantity, "value"), text_at(quantity, "code")
    if isinstance(value, bool) or not isinstance(value, int | float) or at(quantity, "comparator") is not None:
        return UNREADABLE
    if parameter in UNITS and unit is not None and unit not in UNITS[parameter]:
        return UNREADABLE
    return value


def _put(found: Set, part: Part, value: Any, *, alone: bool) -> None:
    match part.parameter:
        case None if value is not None:
            found.scores |= set(SCORES) & set(part.words)
        case "scale_1" | "scale_2" if value is not None:
            second = part.parameter == "scale_2" or found.values.get("spo2_scale") == 2
            found.values["spo2_scale"] = 2 if second else 1
            found.scores.add("spo2")
        case None | "panel" | "scale_1" | "scale_2":
            pass
        case "air":
            found.values.setdefault("o2", "air")
        case "oxygen":
            found.values["o2"] = "air" if value == 0 else "oxygen"
        case "fio2" if value is not None:
            found.values["o2"] = "air" if value == ROOM_AIR_PERCENT else "oxygen"
        case _ if value is not None:
            name, rank = "news2_total" if part.parameter == "news2" else part.parameter, (alone, part.rank)
            before = found.ranks.get(name, rank)
            if name not in found.values or rank < before:
                found.values[name], found.ranks[name] = value, rank
            elif rank == before and found.values[name] != value:
                found.values[name] = UNREADABLE  # nobody can say which of the two holds


def _row(found: Set, key: str | None) -> Row:
    values = found.values
    measured = all(values.get(name) not in (None, UNREADABLE) for name in (*NUMBERS, "acvpu", "o2"))
    return {
        "spell_key": key,
        "ts": UNREADABLE if found.odd or (found.ts is None and found.said_ts is not None) else written(found.ts),
        **{name: values.get(name) for name in (*NUMBERS, "acvpu", "o2", "spo2_scale", "news2_total")},
        "complete": measured or len(found.scores) == SCORED,
    }
