"""The seven closed local days before today, and whether the sources reach back far enough to speak of them.

A reading taken on a Monday so describes exactly the calendar week before; a week of a clock change is an hour shorter
or longer. A cohort of which a part is missing is never shown as a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

import pandas as pd

from surveillance.feeds.moments import LONDON
from surveillance.measures.hospital import Hospital
from surveillance.measures.shifts import at_local

DAYS = 7
MIDNIGHT = time(0)
BEFORE_H = 24
"""What is due at the start of a period follows from what was done up to so many hours before it."""


@dataclass(frozen=True, slots=True)
class Week:
    """[``start``, ``end``), both local midnights; ``days``: its local dates."""

    start: pd.Timestamp
    end: pd.Timestamp
    days: pd.DatetimeIndex

    @property
    def words(self) -> str:
        """Its first and last day."""
        first, last = self.days[0], self.days[-1]
        return f"{first.day} {first:%B} to {last.day} {last:%B}"


def closed_week(hospital: Hospital) -> Week:
    """The week that every compliance measure answers for."""

    def find() -> Week:
        today = hospital.local_date
        days = pd.date_range(end=today - pd.Timedelta(days=1), periods=DAYS)
        return Week(at_local(days[0], MIDNIGHT), at_local(today, MIDNIGHT), days)

    week: Week = hospital.once("closed week", find)
    return week


def cut_short(hospital: Hospital, feeds: Iterable[str], start: pd.Timestamp) -> str:
    """Words for the first of these feeds whose rows do not reach back to what a period from ``start`` needs; else ''.

    A feed that is not connected, or whose reach nobody knows, is not asked.
    """
    needed = start - pd.Timedelta(hours=BEFORE_H)
    for feed in feeds:
        since = hospital.since.get(feed)
        if hospital.has(feed) and since is not None and since > needed:
            local = since.tz_convert(LONDON)
            return f"not enough data: {feed} reaches back to {local.day} {local:%B %Y} only"
    return ""
