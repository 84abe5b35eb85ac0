"""Dated values are sorted by date, and what is no series is refused with the position of what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

LARGEST: Final = 1e100
"""No count, rate or time is larger; sums of squares of such numbers can still be computed."""


class SeriesError(ValueError):
    """The dates or values are none of a series; the message names the position, counted from 0, never a value."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values by rising date; None is a missing value."""

    dates: tuple[date, ...]
    values: tuple[float | None, ...]

    def phases(self, rebase: Iterable[date]) -> tuple[int, ...]:
        """The indices at which new phases start: of exactly these dates. A date not in the data is ignored."""
        wanted = set(rebase)
        return tuple(n for n, at in enumerate(self.dates) if at in wanted)


def series(dates: Sequence[date], values: Sequence[float | None]) -> Series:
    """The values sorted by their dates.

    Dates are dates or times, not both, and none comes twice; values are finite numbers or None. Raises SeriesError.
    """
    if len(dates) != len(values):
        raise SeriesError(f"{len(dates)} dates and {len(values)} values")
    for position, at in enumerate(dates):
        if not isinstance(at, date):
            raise SeriesError(f"position {position}: not a date but {type(at).__name__}")
        if _scale(at) != _scale(dates[0]):
            raise SeriesError(f"position {position}: dates, times and times with a time zone cannot be compared")
    seen: dict[date, int] = {}
    for position, at in enumerate(dates):
        if seen.setdefault(at, position) != position:
            raise SeriesError(f"position {position}: the date {at} is already that of position {seen[at]}")
    by_date = sorted(zip(dates, finite(values), strict=True), key=lambda row: row[0])
    return Series(tuple(at for at, _ in by_date), tuple(value for _, value in by_date))


def finite(values: Sequence[float | None]) -> list[float | None]:
    """The values as floats. Raises SeriesError for what is neither a finite number nor None; True is no number."""
    present = [value for value in values if value is not None]
    try:
        fine = all(map(math.isfinite, present)) and not any(map(_is_flag, set(map(type, present))))
        fine = fine and min(present, default=0) > -LARGEST and max(present, default=0) < LARGEST
    except (TypeError, ValueError, OverflowError):
        fine = False
    if not fine:
        raise SeriesError(_first_fault(values))
    return [None if value is None else float(value) for value in values]


def _first_fault(values: Sequence[object]) -> str:
    for position, value in enumerate(values):
        if value is None:
            continue
        try:
            fine = not _is_flag(type(value)) and math.isfinite(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            fine = False
        if not fine:
            return f"position {position}: not a finite number but {_described(value)}"
        if not abs(value) < LARGEST:  # type: ignore[arg-type]
            return f"position {position}: too large for a measurement"
    return "not numbers that can be compared"


def _is_flag(kind: type) -> bool:
    return kind.__name__ == "bool"  # Python's and numpy's


def _described(value: object) -> str:
    return str(value) if isinstance(value, float) else type(value).__name__


def _scale(at: date) -> tuple[bool, bool]:
    return isinstance(at, datetime), isinstance(at, datetime) and at.tzinfo is not None
