"""What the desk says of a reading: how many of what, by which standard, how old, and why there is no list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Final

from layouts.wall.says import Said, said
from layouts.words import STATE_MEANS, STATE_WORDS, clock, number, source_name
from surveillance.measures import Measure
from surveillance.measures.declaration import Kind
from surveillance.snapshot import Level, Part, Reading, State

NOUNS: Final = {
    ("spell_key",): ("patient", "patients"),
    ("order_key", "due_ts"): ("dose", "doses"),
    ("order_key",): ("prescription", "prescriptions"),
    ("spell_key", "assessment"): ("assessment", "assessments"),
    ("wound_key",): ("pressure ulcer", "pressure ulcers"),
    ("duty",): ("duty", "duties"),
}
"""The key of what is counted → its words."""
KNOWN: Final = (State.VALUE, State.STALE)


class Group(Enum):
    """Where a measure stands on the desk."""

    ACT = "Act now"
    WATCH = "Watch"
    QUIET = "No concern"
    SOON = "Next 4 hours"
    UNKNOWN = "Not known"


def group_of(reading: Reading, *, forecast: bool = False) -> Group | None:
    """Where a reading stands; None for one that has no meaning on the ward. Only what is current can be of no concern.

    ``forecast``: it tells of what is about to come.
    """
    if reading.state is State.NOT_APPLICABLE:
        return None
    if reading.state is not State.VALUE:
        return Group.UNKNOWN
    levels = {Level.ACT: Group.ACT, Level.WATCH: Group.WATCH}
    return levels.get(reading.level, Group.SOON if forecast else Group.QUIET)


def counted(measure: Measure, value: float) -> str:
    """So many of what the measure counts."""
    one, many = NOUNS.get(measure.key, ("", ""))
    return f"{number(value)} {one if value == 1 else many}".strip()


def title(measure: Measure, reading: Reading, now: datetime) -> str:
    """The heading of a measure's page: what, and how many."""
    words = said(measure, reading, now)
    if words.words:
        return f"{measure.label}: {words.words.lower()}"
    named = dict(zip(measure.parts, measure.part_labels, strict=False))
    if measure.kind is Kind.TWO_COLUMN:
        first, *others = reading.parts
        others = [part for part in others if part.value != 0]
        also = "".join(f"; {named[part.name].lower()}: {_written(part, measure)}" for part in others)
        return f"{measure.label} {named[first.name].lower()}: {_of_part(measure, first)}{also}"
    if len(reading.parts) > 1:
        each = ", ".join(f"{named.get(part.name, part.name)} {_written(part, measure)}" for part in reading.parts)
        return f"{measure.label}: {each}"
    if measure.kind is Kind.COUNT:
        return f"{measure.label}: {_of_part(measure, reading.parts[0])}"
    return f"{measure.label}: {words.number} {words.beside}".strip()


def not_current(reading: Reading, now: datetime) -> str:
    """Why what is shown, or not shown, is no current figure; empty where it is one."""
    if reading.state is State.VALUE:
        return ""
    why = f" ({reading.detail})" if reading.detail else ""
    if reading.state is State.STALE and reading.as_at:
        return f"As at {clock(reading.as_at, now)}, not current{why}."
    words = STATE_WORDS[reading.state]
    if reading.state is State.UNAVAILABLE and reading.as_at:
        words = f"{words} since {clock(reading.as_at, now)}"
    return f"{words}: {STATE_MEANS[reading.state]}{why}. Nobody knows who would be on this list."


def none(measure: Measure, reading: Reading, now: datetime) -> str:
    """What stands in place of an empty list whose number is known to be 0."""
    looked_at = [part.denominator for part in reading.parts if part.denominator is not None]
    then = f" as at {clock(reading.as_at, now)}" if reading.state is State.STALE and reading.as_at else ""
    if not looked_at:
        return f"None{then}."
    # A sum over parts would count a patient twice: each part looks at all of them.
    many = max(looked_at)
    return f"None{then}. {counted(measure, many)} {'was' if many == 1 else 'were'} looked at."


def sources(reading: Reading) -> str:
    """Where it comes from."""
    return ", ".join(source_name(one) for one in reading.source.split("+") if one)


def soon(dues: Sequence[datetime], now: datetime) -> str:
    """How many more are about to count, and by when."""
    if not dues:
        return ""
    verb = "falls" if len(dues) == 1 else "fall"
    return f"{len(dues)} more {verb} due by {clock(max(dues), now)}"


def _below(words: Said) -> str:
    return words.when or ("" if words.below.endswith(" 0") else words.below)


def badge(measure: Measure, words: Said) -> tuple[str, str]:
    """What stands beside a measure in the list of them: its number, and what belongs below."""
    if words.words:
        return "–", words.brief or words.words
    return f"{words.number} {words.beside}".strip() if measure.kind is Kind.PAIR else words.number, _below(words)


def _of_part(measure: Measure, part: Part) -> str:
    return counted(measure, part.value) if isinstance(part.value, int | float) else _written(part, measure)


def _written(part: Part, measure: Measure) -> str:
    return number(part.value if part.state in KNOWN else None, measure.scale)
