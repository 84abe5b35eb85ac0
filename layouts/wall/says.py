"""What a reading says on a wall: its number only where there is one, its state always."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from layouts.words import LEVEL_SHAPES, LEVEL_WORDS, STATE_WORDS, clock, day_or_time, number
from surveillance.measures import Measure
from surveillance.measures.declaration import Kind
from surveillance.snapshot import Level, Part, Reading, State

STAFF = ("actual", "planned")
STEPS = 5
"""Of a scale."""
SHORT_DETAIL = 20
"""Longer words stand in the tooltip: nothing on a wall is cut off."""
WITH_NUMBER = (State.VALUE, State.STALE)
WITH_DETAIL = (State.VALUE, State.NOT_RECORDED, State.NONE_ON_RECORD)


def absent(measure: Measure, unit: str) -> Reading:
    """What stands for a reading that a snapshot does not hold."""
    return Reading(measure.id, measure.version, unit, State.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Said:
    """A reading in words. Exactly one of ``number`` and ``words`` is not empty.

    ``number``: the largest figure; ``beside``: what stands next to it; ``below``: its other part, where there is room
    for one number only. ``cells``: the number of each part that the wall shows. ``words``: of a state without a number.
    ``when``: when it was true, if not now. ``brief``: ``words`` or ``when`` where there is little room. ``detail``: a
    few words more. ``mark``: shape and word of the level. ``explained``: for whoever can point at it.
    """

    names: str
    number: str = ""
    beside: str = ""
    below: str = ""
    when: str = ""
    detail: str = ""
    cells: tuple[str, ...] = ()
    words: str = ""
    brief: str = ""
    mark: str = ""
    explained: str = ""
    owned: str = ""
    """Who looks after it, in words."""


def said(measure: Measure, reading: Reading, now: datetime) -> Said:
    """The reading of ``measure`` as a wall says it at ``now``."""
    coloured = reading.level if reading.state is State.VALUE else Level.NONE
    names = f"{reading.state.value} {coloured.value}".replace("_", "-")
    explained = "; ".join(words for words in (STATE_WORDS[reading.state], reading.detail) if words)
    detail = reading.detail if reading.state in WITH_DETAIL and len(reading.detail) <= SHORT_DETAIL else ""
    if reading.state not in WITH_NUMBER or not reading.parts:
        words = brief = STATE_WORDS[reading.state]
        if reading.state is State.UNAVAILABLE and reading.as_at:
            words = f"{words} since {clock(reading.as_at, now)}"
            brief = f"{brief} since {day_or_time(reading.as_at, now)}"
        return Said(names, words=words, brief=brief, detail=detail, explained=explained)
    large, beside, below = _figures(measure, reading)
    stale = reading.as_at if reading.state is State.STALE else None
    when = f"as at {clock(stale, now)}" if stale else ""
    brief = f"at {day_or_time(stale, now)}" if stale else ""
    mark = f"{LEVEL_SHAPES[coloured]} {LEVEL_WORDS[coloured]}" if coloured is not Level.NONE else ""
    cells = tuple(_written(part, measure) for part in shown_parts(measure, reading))
    return Said(names, large, beside, below, when, detail, cells, brief=brief, mark=mark, explained=explained)


def shown_parts(measure: Measure, reading: Reading) -> list[Part]:
    """The parts that a wall has room for, in their order."""
    wanted = measure.wall_parts or measure.parts
    by_name = {part.name: part for part in reading.parts}
    return [by_name.get(name, Part(name, State.UNAVAILABLE)) for name in wanted]


def part_labels(measure: Measure) -> tuple[str, ...]:
    """What the parts that a wall shows are called."""
    named = dict(zip(measure.parts, measure.wall_labels or measure.part_labels or measure.parts, strict=False))
    return tuple(named[name] for name in measure.wall_parts or measure.parts)


def label_of(measure: Measure, *, alone: bool = False) -> str:
    """Its words; a range such as 1–5 or a name such as COVID-19 is not broken across lines.

    ``alone``: of a measure that usually stands in a table, where its columns say what is counted.
    """
    words = measure.on_wall
    if alone and measure.kind is Kind.TWO_COLUMN:
        words = f"{words}: {part_labels(measure)[0].lower()}"
    return words.replace("–", "–\N{WORD JOINER}").replace("-", "-\N{WORD JOINER}")


def _figures(measure: Measure, reading: Reading) -> tuple[str, str, str]:
    """The large figure, what stands beside it, and the line below."""
    parts = shown_parts(measure, reading)
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        beside = f"of {STEPS}" if measure.kind is Kind.SCALE else ""
        return _written(first, measure), beside, ""
    if measure.parts == STAFF:
        return _written(first, measure), f"({_written(last, measure)})", ""
    below = f"{part_labels(measure)[-1]} {_written(last, measure)}"
    if measure.kind is Kind.PAIR:
        return _sum(parts), "", below
    return _written(first, measure), part_labels(measure)[0], below


def _sum(parts: list[Part]) -> str:
    """Of parts that exclude each other; unknown if one of them is."""
    values = [part.value for part in parts]
    known = [value for value in values if isinstance(value, int | float)]
    return number(sum(known) if len(known) == len(values) else None)


def _written(part: Part, measure: Measure) -> str:
    return number(part.value if part.state in WITH_NUMBER else None, measure.scale)
