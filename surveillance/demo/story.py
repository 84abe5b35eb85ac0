"""What is planted in the simulated hospital's year, so that a chart has something true to find; all else is chance.

Three effects, smooth and modest, that follow from the calendar and the demo's start alone:

- **An improvement.** From the Monday twelve weeks before the week of the start, the medical wards have an insulin
  trolley: critical doses are missed or late half as often as before. Today is the better state.
- **A deterioration.** Over the ten weeks before the week of the start, nutrition screening in surgery slips: the share
  that is late grows steadily to three and a half times what it was, and stays there.
- **Winter.** From December to February (with slopes of four weeks) more people come as emergencies, more of them with
  sepsis, C. difficile is found more often, and doctors are later with VTE assessments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from surveillance.demo.localtime import WEEK_DAYS, at, day_of, following
from surveillance.demo.wards import MED, SUR

TROLLEY = "insulin trolley started"
TROLLEY_WEEKS, WITHOUT_TROLLEY = 12, 2.0
"""Begin before the week of the start; how much more often a critical dose was missed or late until then."""
SLIP_WEEKS, SLIPPED = 10, 3.5
"""Weeks of the decline before the week of the start; how much more often screening is late at its end."""
MIDWINTER = (1, 15)
FULL_DAYS, OVER_DAYS = 36, 64
"""Days from midwinter up to which it is full winter, and from which there is none."""
WINTER_ARRIVALS = {"take": 0.1, "emergency": 0.1, "critical": 0.1, "child": 0.25}
"""Way of arrival → how many more come in full winter."""
WINTER_SEPSIS, WINTER_DIFFICILE, WINTER_VTE = 0.3, 0.8, 1.0
"""How much more often each happens in full winter: sepsis, a C. difficile toxin, a late VTE assessment."""


@dataclass(frozen=True, slots=True)
class Story:
    """The planted effects of a demo that started at ``start`` (seconds since 1970)."""

    start: int
    trolley: int = field(init=False)
    """When the insulin trolley came."""
    slip: tuple[int, int] = field(init=False)
    """When screening began to slip, and when it had slipped as far as it does."""

    def __post_init__(self) -> None:
        """Everything begins on Mondays, so that a start some days later in the week is the same story."""
        monday = week_of(self.start)
        object.__setattr__(self, "trolley", at(weeks_before(monday, TROLLEY_WEEKS), 0))
        object.__setattr__(self, "slip", (at(weeks_before(monday, SLIP_WEEKS), 0), at(monday, 0)))

    @property
    def trolley_day(self) -> date:
        """The Monday on which the insulin trolley came."""
        return day_of(self.trolley)

    def missed(self, division: str, moment: int) -> float:
        """How often a critical dose is missed or late in a division, as a multiple of today's."""
        return WITHOUT_TROLLEY if moment < self.trolley and division == MED else 1.0

    def late_screening(self, division: str, moment: int) -> float:
        """How often nutrition screening is late in a division, as a multiple of what it was a year ago."""
        begins, ends = self.slip
        if division != SUR or moment <= begins:
            return 1.0
        return 1.0 + (SLIPPED - 1.0) * min((moment - begins) / (ends - begins), 1.0)


def arrivals(kind: str, moment: int) -> float:
    """How many arrive by a way, as a multiple of summer's."""
    more = WINTER_ARRIVALS.get(kind)
    return 1.0 + more * winter(moment) if more else 1.0


def most_arrivals(kind: str) -> float:
    """The most that ``arrivals`` ever says."""
    return 1.0 + WINTER_ARRIVALS.get(kind, 0.0)


def sepsis(moment: int) -> float:
    """How often the acutely ill have sepsis, as a multiple of summer's."""
    return 1.0 + WINTER_SEPSIS * winter(moment)


def difficile(moment: int) -> float:
    """How often a C. difficile toxin is found, as a multiple of summer's."""
    return 1.0 + WINTER_DIFFICILE * winter(moment)


def late_vte(moment: int) -> float:
    """How often a VTE assessment is late, as a multiple of summer's."""
    return 1.0 + WINTER_VTE * winter(moment)


def winter(moment: int) -> float:
    """How much winter it is: 0 from late March to mid-November, 1 around the turn of the year."""
    return _winter(day_of(moment))


@lru_cache(maxsize=2_000)
def _winter(day: date) -> float:
    away = min(abs((day - date(year, *MIDWINTER)).days) for year in (day.year, day.year + 1))
    share = min(max((OVER_DAYS - away) / (OVER_DAYS - FULL_DAYS), 0.0), 1.0)
    return share * share * (3 - 2 * share)


def week_of(moment: int) -> date:
    """The Monday of the local week that holds ``moment``."""
    day = day_of(moment)
    return following(day, -day.weekday())


def weeks_before(monday: date, weeks: int) -> date:
    """The Monday so many weeks earlier."""
    return following(monday, -WEEK_DAYS * weeks)
