"""Instants are whole seconds since 1970; rounds, shifts and days are read off a Europe/London wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MINUTE = 60
HOUR = 3600
DAY = 86400
WEEK_DAYS = 7
_QUARTER = 900
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=20_000)
def at(day: date, hour: int, minute: int = 0) -> int:
    """The instant of a wall-clock time: the first of two in autumn, shifted past the gap in spring."""
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON).timestamp())


@lru_cache(maxsize=50_000)
def _offset(quarter: int) -> int:
    offset = datetime.fromtimestamp(quarter * _QUARTER, LONDON).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def wall_seconds(instant: int) -> int:
    """``instant`` plus the offset of its zone: seconds that count wall-clock time."""
    return instant + _offset(instant // _QUARTER)


@lru_cache(maxsize=5_000)
def _date(days: int) -> date:
    return date.fromordinal(_EPOCH + days)


def day_of(instant: int) -> date:
    """The local calendar date."""
    return _date(wall_seconds(instant) // DAY)


def weekend(instant: int) -> bool:
    """Whether it is Saturday or Sunday."""
    return _weekend(instant // _QUARTER)


@lru_cache(maxsize=50_000)
def _weekend(quarter: int) -> bool:
    return day_of(quarter * _QUARTER).weekday() >= 5


def hour_of(instant: int) -> float:
    """The local hour of day with its fraction."""
    return wall_seconds(instant) % DAY / HOUR


def following(day: date, days: int = 1) -> date:
    """The calendar date so many days later."""
    return _date(day.toordinal() - _EPOCH + days)


def seconds(moment: datetime) -> int:
    """A moment as seconds since 1970; one without a zone is UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


@lru_cache(maxsize=90_000)
def clock_text(second_of_day: int) -> str:
    """``HH:MM:SS``."""
    return f"{second_of_day // HOUR:02}:{second_of_day // MINUTE % 60:02}:{second_of_day % 60:02}"


@lru_cache(maxsize=5_000)
def date_text(days: int) -> str:
    """``YYYY-MM-DD`` of so many days since 1970."""
    return _date(days).isoformat()
