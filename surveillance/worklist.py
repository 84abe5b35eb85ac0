"""A worklist holds the patient rows behind the numbers of one snapshot, and is kept apart from every history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Cell = datetime | float | int | str | bool | None
"""What a row may hold. Missing is None; a column holds moments or other things, never both."""

Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Worklist:
    """The rows that count, for every ward and measure at one moment.

    ``as_at``: that of the snapshot it belongs to. ``rows``: (ward code, measure id) → rows with the columns ``part``
    (which number of the reading the row counts in), ``key`` (spell, order or dose) and those that the measure declares.
    Nobody changes a row after it was handed over: an unchanged list is recognised by comparing it with the last one.
    """

    as_at: datetime
    rows: Mapping[tuple[str, str], Sequence[Row]] = field(default_factory=dict)
