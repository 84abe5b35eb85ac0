"""What one cell, or several put together, says: spreadsheets turn keys into numbers and dates, and split times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
EXACT_BELOW = 10**15
"""Excel keeps fifteen digits of a number; the rest of a longer key is gone."""
A_DAY = timedelta(days=1)
WINDOWS_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # workbooks know no zones


class CellError(str):
    """What stands in a cell that shows one of Excel's errors, or whose formula has no stored result."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line or row of a file. ``cells``: None where blank. ``epoch``: of numbers that are dates; None for text."""

    number: int
    cells: tuple[Any, ...]
    epoch: datetime | None = None

    def at(self, place: int) -> Any:
        """The cell there; None beyond the last."""
        return self.cells[place] if place < len(self.cells) else None


def trusted_key(value: Any) -> bool:
    """Whether a key is still what it was before a spreadsheet read it as a number or a date."""
    if isinstance(value, str):
        return SCIENTIFIC.fullmatch(value.strip()) is None
    if isinstance(value, int | float):
        return abs(value) < EXACT_BELOW
    return not isinstance(value, date | time | timedelta)


def with_zeros(value: Any, width: int) -> Any:
    """A number with the zeros that it lost in front; anything else as it is."""
    text = "" if value is None else shown(value)
    return text.zfill(width) if text.isdigit() else value


def shown(cell: Any) -> str:
    """A cell as text; a whole number without decimals."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def moment(cell: Any, epoch: datetime) -> Any:
    """A number as the moment that Excel means by it, to the second, or as a time of day; anything else as it is."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return cell
    try:
        found = epoch + timedelta(seconds=round(cell * A_DAY.total_seconds()))
    except (OverflowError, ValueError):
        return shown(cell)
    return found.time() if 0 <= cell < 1 else found


def joined(cells: tuple[Any, ...], form: str) -> Any:
    """Several cells as one text, with a blank between them; None if one is blank.

    ``form``: of a moment, as a date, a blank and a time: a cell that is a date, or a time of day, is written so.
    """
    if any(cell is None for cell in cells):
        return None
    day, _, clock = form.partition(" ")
    texts = []
    for cell in cells:
        if isinstance(cell, timedelta):
            cell = (WINDOWS_EPOCH + cell % A_DAY).time()
        if isinstance(cell, datetime | time):
            texts.append(cell.strftime(day if isinstance(cell, datetime) else clock))
        else:
            texts.append(shown(cell))
    return " ".join(texts)
