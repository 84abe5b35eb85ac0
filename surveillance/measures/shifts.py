"""Shifts do not overlap: day from the day start to the night start, night to the next day start, in local time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

import pandas as pd

from surveillance.feeds.moments import LONDON
from surveillance.settings import Shifts

ONE_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift; ``hours`` are elapsed, so a night of a clock change is an hour shorter or longer."""

    name: str
    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def hours(self) -> float:
        """Its elapsed length."""
        return float((self.end - self.start) / pd.Timedelta(hours=1))


def at_local(date: pd.Timestamp, clock: time) -> pd.Timestamp:
    """The instant at which the local clock of ``date`` shows ``clock``."""
    local = date + pd.Timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    return local.tz_localize(LONDON, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")


def day_shift(shifts: Shifts, date: pd.Timestamp) -> Shift:
    """The day shift of a local date."""
    return Shift("day", at_local(date, shifts.day_start), at_local(date, shifts.night_start))


def night_shift(shifts: Shifts, date: pd.Timestamp) -> Shift:
    """The night shift that starts on a local date."""
    return Shift("night", at_local(date, shifts.night_start), at_local(date + ONE_DAY, shifts.day_start))


def shown_night(shifts: Shifts, date: pd.Timestamp, now: pd.Timestamp) -> Shift:
    """The night in progress before the day starts, afterwards the one that starts today."""
    before_day = now < at_local(date, shifts.day_start)
    return night_shift(shifts, date - ONE_DAY if before_day else date)


def current_shift(shifts: Shifts, date: pd.Timestamp, now: pd.Timestamp) -> Shift:
    """The shift that holds ``now``."""
    day = day_shift(shifts, date)
    return day if day.start <= now < day.end else shown_night(shifts, date, now)


def next_shift(shifts: Shifts, date: pd.Timestamp, now: pd.Timestamp) -> Shift:
    """The first shift that starts after ``now``."""
    day = day_shift(shifts, date)
    if now < day.start:
        return day
    return night_shift(shifts, date) if now < day.end else day_shift(shifts, date + ONE_DAY)


def shifts_between(shifts: Shifts, start: pd.Timestamp, end: pd.Timestamp) -> list[Shift]:
    """Every shift that overlaps [``start``, ``end``), cut to it."""
    first = start.tz_convert(LONDON).tz_localize(None).normalize() - ONE_DAY
    last = end.tz_convert(LONDON).tz_localize(None).normalize()
    whole = [shift(shifts, date) for date in pd.date_range(first, last) for shift in (day_shift, night_shift)]
    cut = [Shift(shift.name, max(shift.start, start), min(shift.end, end)) for shift in whole]
    return [shift for shift in cut if shift.start < shift.end]
