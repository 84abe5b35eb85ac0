"""What is planted in the simulated year happens when it says, smoothly, and only to those it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from surveillance.demo import story
from surveillance.demo.localtime import DAY, at, day_of, seconds
from surveillance.demo.story import Story
from surveillance.demo.stretch import STRETCHES, WARM_UP_DAYS, Made, lived, stretches
from surveillance.demo.wards import FAM, MED, SUR

WEDNESDAY = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
TOLD = Story(seconds(WEDNESDAY))


def made(start: datetime, days: int = 35) -> Made:
    return Made(1, seconds(start) - days * DAY, seconds(start), ("AMU",))


def test_the_trolley_comes_on_a_monday_twelve_weeks_before_the_week_of_the_start() -> None:
    assert TOLD.trolley_day == date(2026, 8, 24)
    assert TOLD.missed(MED, TOLD.trolley - 1) == 2 * TOLD.missed(MED, TOLD.trolley)
    assert TOLD.missed(MED, TOLD.start) == TOLD.missed(SUR, 0) == TOLD.missed(FAM, 0) == 1


def test_screening_slips_in_surgery_over_ten_weeks_and_stays_there() -> None:
    begins, ends = TOLD.slip
    assert (day_of(begins), day_of(ends)) == (date(2026, 9, 7), date(2026, 11, 16))
    slipping = [TOLD.late_screening(SUR, moment) for moment in range(begins - 7 * DAY, ends + 14 * DAY, DAY)]
    assert slipping == sorted(slipping)
    assert max(after - before for before, after in pairwise(slipping)) < 0.04
    assert (slipping[0], slipping[-1]) == (1, story.SLIPPED)
    assert TOLD.late_screening(MED, ends) == 1


@pytest.mark.parametrize("days", [-2, 1, 4])
def test_a_start_on_another_day_of_the_week_is_the_same_story(days: int) -> None:
    other = Story(seconds(WEDNESDAY + timedelta(days=days)))
    assert (other.trolley, other.slip) == (TOLD.trolley, TOLD.slip)


def test_winter_is_from_december_to_february_with_slopes() -> None:
    degrees = [story.winter(at(date(2026, 7, 1), 12) + number * DAY) for number in range(365)]
    assert {story.winter(at(date(2027, *day), 12)) for day in ((12, 12), (1, 15), (2, 18))} == {1}
    assert {story.winter(at(date(2026, *day), 12)) for day in ((4, 1), (7, 15), (11, 10))} == {0}
    assert max(abs(after - before) for before, after in pairwise(degrees)) < 0.06
    for told in (story.sepsis, story.difficile, story.late_vte):
        assert told(at(date(2026, 7, 1), 0)) == 1 < told(at(date(2027, 1, 15), 0))
    assert story.arrivals("take", at(date(2027, 1, 15), 0)) == story.most_arrivals("take") == 1.1
    assert story.arrivals("birth", at(date(2027, 1, 15), 0)) == story.most_arrivals("birth") == 1


@pytest.mark.parametrize("day", range(7))
def test_the_weeks_of_a_year_are_there_once_and_end_with_the_last_that_is_closed(day: int) -> None:
    start = WEDNESDAY + timedelta(days=day)
    own, played = lived(made(start)), stretches(made(start), 52)
    mondays = [*own, *(monday for stretch in played for monday in stretch.mondays)]
    assert mondays == [mondays[0] - timedelta(weeks=number) for number in range(52)]
    closes = [at(monday + timedelta(days=8), 0) for monday in (mondays[0], mondays[0] + timedelta(weeks=1))]
    assert closes[0] <= seconds(start) < closes[1]
    assert at(own[-1], 0) - WARM_UP_DAYS * DAY >= made(start).begin
    assert len(played) == STRETCHES
    for stretch in played:
        assert day_of(stretch.begin) == stretch.mondays[-1] - timedelta(days=WARM_UP_DAYS)
        assert day_of(stretch.end) == stretch.mondays[0] + timedelta(days=8)


def test_a_short_past_leaves_every_week_to_be_played() -> None:
    assert lived(made(WEDNESDAY, days=5)) == []
    assert sum(len(stretch.mondays) for stretch in stretches(made(WEDNESDAY, days=5), 3)) == 3
    assert stretches(made(WEDNESDAY), 0) == []
