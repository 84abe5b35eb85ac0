"""Europe/London calendar and shifts on UTC instants (rule 0.4, rulings 18, 20, 122-124)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)  # only ever added to calendar dates


def local_date(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


@cache
def at_local(day: date, clock: time) -> datetime:
    """The instant at which a London clock shows ``clock`` on ``day``."""
    return datetime.combine(day, clock, tzinfo=LONDON).astimezone(UTC)


def midnight(day: date) -> datetime:
    return at_local(day, time(0))


def day_shift(day: date, site: dict) -> tuple[datetime, datetime]:
    return at_local(day, site["day_start"]), at_local(day, site["night_start"])


def night_shift(day: date, site: dict) -> tuple[datetime, datetime]:
    return at_local(day, site["night_start"]), at_local(day + DAY, site["day_start"])


def shown_night(now: datetime, site: dict) -> tuple[datetime, datetime]:
    """Ruling 123: before the day starts the night that began yesterday, else the one that starts today."""
    today = local_date(now)
    if now < at_local(today, site["day_start"]):
        return night_shift(today - DAY, site)
    return night_shift(today, site)


def current_shift(now: datetime, site: dict) -> tuple[str, datetime, datetime]:
    start, end = day_shift(local_date(now), site)
    if start <= now < end:
        return "day", start, end
    return "night", *shown_night(now, site)


def next_shift(now: datetime, site: dict) -> tuple[datetime, datetime]:
    """The shift that starts next, strictly after ``now``."""
    today = local_date(now)
    coming = [shift(day, site) for day in (today, today + DAY) for shift in (day_shift, night_shift)]
    return min(shift for shift in coming if shift[0] > now)
