"""One week of one measure on one ward: what adds up, or why there is nothing to add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from surveillance.feeds.moments import LONDON

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """What is kept of one period.

    ``start``: the Monday on which the week begins (Europe/London); of an event, its date. ``version``: of the
    measure's definition. ``numerator`` and ``denominator`` are None where the week is a gap, and ``reason`` says why.
    Both are 0 where there was nothing to measure: such a ward reports, and adds nothing.
    ``watched``: share of the week in which the hospital was watched, 0 to 1.

    Of days between events: ``numerator`` is 1 on the date of an event. A Monday without an event has 0, which says that
    the week's events are known, or None, which says that they are not.
    """

    measure: str
    ward: str
    start: date
    version: int
    numerator: float | None
    denominator: float | None
    watched: float = 1.0
    reason: str = ""


def week_of(moment: datetime) -> date:
    """The Monday of the local week that holds ``moment``."""
    day = moment.astimezone(LONDON).date()
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    """The instant at which a local day begins, in UTC: the difference of two is real time, whatever clocks do."""
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)


def closes(week: date) -> datetime:
    """When a week is closed: the Monday after it is over, and late entries with it."""
    return midnight(week + WEEK + timedelta(days=1))


def last_closed(moment: datetime) -> date:
    """The newest week that is closed at ``moment``."""
    week = week_of(moment) - WEEK
    return week if closes(week) <= moment else week - WEEK
