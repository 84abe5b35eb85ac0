"""The moment that an address names in words; and why it names none, or two: London's clocks change twice a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from layouts.past import full, zone
from layouts.words import LONDON

WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[T ](?P<time>\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)(?P<offset>Z|[+ -]\d{2}:\d{2})?", re.ASCII
)
"""An offset's plus sign that was not escaped arrives as a space."""
EXAMPLE = "Write it like 2026-11-27T02:15, in London's time, or with an offset, like 2026-11-27T02:15Z."
LONGEST = 40
"""More of what was asked for is not repeated."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why words name no single moment. ``choices``: moments that may have been meant."""

    title: str
    words: str
    choices: tuple[datetime, ...] = ()


def moment_of(asked: str) -> datetime | Unclear:
    """The moment in UTC."""
    found = WRITTEN.fullmatch(asked.strip())
    if found is None:
        return _nonsense(asked)
    offset = (found["offset"] or "").replace(" ", "+")
    try:
        there = datetime.fromisoformat(f"{found['day']}T{found['time']}{offset.replace('Z', '+00:00')}")
        return there.astimezone(UTC) if there.tzinfo else _in_london(there)
    except (ValueError, OverflowError):
        return _nonsense(asked)


def _in_london(there: datetime) -> datetime | Unclear:
    once, again = (there.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1))
    if once == again:
        return once
    if once < again:
        came = f"The clocks went back that night, and {there:%H:%M} came twice."
        return Unclear("Which of the two?", f"{came} Choose {zone(once)} or {zone(again)}.", (once, again))
    went = f"The clocks went forward on {full(once, time=False)}: there was no {there:%H:%M}."
    return Unclear("There was no such time", f"{went} Nearest to it are:", (again, once))


def _nonsense(asked: str) -> Unclear:
    if not asked.strip():
        return Unclear("No moment was given", EXAMPLE)
    said = asked if len(asked) <= LONGEST else f"{asked[:LONGEST]}…"
    return Unclear("That is no moment", f"“{said}” is no date and time. {EXAMPLE}")
