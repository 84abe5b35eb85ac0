"""What colours a tile: a local threshold, and nothing else; only a current value is ever coloured."""

from __future__ import annotations

from collections.abc import Sequence

from surveillance.measures.declaration import Better, Kind, Measure
from surveillance.settings import Threshold
from surveillance.snapshot import Level, Part


def concern(parts: Sequence[Part]) -> float | None:
    """The number that a threshold is held against: the shortfall of staff, else the sum of the parts that are known."""
    by_name = {part.name: part.value for part in parts}
    if set(by_name) == {"actual", "planned"}:
        actual, planned = by_name["actual"], by_name["planned"]
        return float(planned) - float(actual) if actual is not None and planned is not None else None
    known = [float(value) for value in by_name.values() if isinstance(value, int | float)]
    return sum(known) if known else None


def level_of(measure: Measure, threshold: Threshold, parts: Sequence[Part]) -> Level:
    """Whether the number asks to be watched or acted on; several percentages are no number."""
    number = concern(parts)
    if number is None or measure.kind is Kind.RATIO:
        return Level.NONE
    for level, limit in ((Level.ACT, threshold.act), (Level.WATCH, threshold.watch)):
        if limit is not None and (number <= limit if measure.better is Better.HIGHER else number >= limit):
            return level
    return Level.NONE
