"""What a reading says in a cell of the matrix: a number, or one sign for each way of not knowing, named below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from layouts.words import LEVEL_SHAPES, LEVEL_WORDS, STATE_WORDS, clock, number
from surveillance.measures import Measure
from surveillance.measures.declaration import Kind
from surveillance.snapshot import Level, Part, Reading, State
from surveillance.thresholds import concern

SIGNS = {
    State.STALE: "◌",
    State.SUSPECT: "?",
    State.UNAVAILABLE: "✕",
    State.NOT_RECORDED: "…",
    State.NONE_ON_RECORD: "□",
    State.NOT_CONNECTED: "○",
    State.NOT_APPLICABLE: "–",
}
STAFF = {"actual", "planned"}
THIN = "\N{THIN SPACE}"
"""Between a sign and its number: columns are narrow."""
WIDE = 3
"""So many characters leave no room between."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``names``: classes; ``text``: what stands in it; ``explained``: for whoever can point at it."""

    names: str
    text: str
    explained: str


def legend(measures: Sequence[Measure]) -> list[str]:
    """Each sign that the cells of these measures may hold, and what it says."""
    events = any(measure.kind is Kind.DAYS_SINCE for measure in measures)
    hidden = {State.NOT_APPLICABLE} if events else {State.NOT_APPLICABLE, State.NONE_ON_RECORD}
    levels = [f"{LEVEL_SHAPES[level]} {LEVEL_WORDS[level].lower()}" for level in (Level.ACT, Level.WATCH)]
    states = [f"{sign} {STATE_WORDS[state].lower()}" for state, sign in SIGNS.items() if state not in hidden]
    return [*levels, *states, f"{SIGNS[State.NOT_APPLICABLE]} n/a", "* ward missing"]


def cell(measure: Measure, reading: Reading, now: datetime) -> Cell:
    """One ward's reading; coloured only by its own threshold, and only while it is current."""
    level = reading.level if reading.state is State.VALUE else Level.NONE
    names = f"{reading.state.value} {level.value}".replace("_", "-")
    sign = SIGNS.get(reading.state, LEVEL_SHAPES[level])
    explained = "; ".join(words for words in (STATE_WORDS[reading.state], reading.detail) if words)
    if reading.state not in (State.VALUE, State.STALE):
        return Cell(names, sign, explained)
    if reading.state is State.STALE and reading.as_at:
        explained = f"as at {clock(reading.as_at, now)}; {explained}"
    text = figure(measure, reading.parts)
    if text == "0" and level is Level.NONE and reading.state is State.VALUE:
        names += " zero"
    if sign and len(text) >= WIDE:
        return Cell(f"{names} wide", f"{sign}{text}", explained)
    return Cell(names, f"{sign}{THIN}{text}" if sign else text, explained)


def figure(measure: Measure, parts: tuple[Part, ...]) -> str:
    """One number for a reading: of staff the difference from what was planned, else what its threshold judges."""
    if {part.name for part in parts} == STAFF:
        short = concern(parts)
        return number(None) if short is None else f"{-short:+g}".replace("-", "−") if short else "0"
    values = [part.value for part in parts]
    if measure.kind is Kind.RATIO or any(isinstance(value, str) for value in values):
        return number(values[0] if values else None, measure.scale)
    known = [value for value in values if isinstance(value, int | float)]
    return number(sum(known) if len(known) == len(values) else None)
