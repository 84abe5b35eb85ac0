"""One week of one measure on one ward: what adds up, or why there is nothing to add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from surveillance.feeds.moments import LONDON

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """What is kept of one period.

    ``start``: the Monday on which the week begins (Europe/London); of an event, its date. ``version``: of the
    measure's definition. ``numerator`` and ``denominator`` are None where the week is a gap, and ``reason`` says why.
    ``watched``: share of the week in which the hospital was watched, 0 to 1.
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
    """The instant at which a local day begins."""
    return datetime.combine(day, time(), tzinfo=LONDON)
