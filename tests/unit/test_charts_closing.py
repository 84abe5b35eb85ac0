"""A week becomes one point of what polls saw in it, or a gap that says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from surveillance.charts.closing import points_of
from surveillance.charts.points import ChartPoint, closes, last_closed, midnight, week_of
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Charted, Form
from surveillance.snapshot import Part, State
from surveillance.store import Told

WEEK = date(2026, 1, 5)
MONDAY_AFTER = date(2026, 1, 12)
SPRING, AUTUMN = date(2026, 3, 23), date(2026, 10, 19)
"""Weeks that end with a clock change: an hour is left out, an hour comes twice."""
CLOSED = Charted(Form.CLOSED, "VTE assessed in time", "%", target=95)
MEAN = Charted(Form.MEAN, "Outstanding", "per 100", over="patients_on_ward")
EVENTS = Charted(Form.EVENTS, "Harm", "days between")
MEASURE = next(iter(CATALOGUE.values()))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALWAYS = [(midnight(WEEK) - 90 * DAY, midnight(WEEK) + 400 * DAY)]


def told(since: datetime, up: float | None, down: float | None = 20, state: State = State.VALUE, **more: Any) -> Told:
    parts = (Part("count", state, up, up, down),) if up is not None else ()
    return Told(since, state, more.get("version", 1), more.get("as_at", since), parts, more.get("detail", ""))


def points(charted: Charted, readings: Sequence[Told], week: date = WEEK, **more: Any) -> list[ChartPoint]:
    return points_of(MEASURE, charted, "W1", week, readings, more.pop("watched", ALWAYS), **more)


def point(charted: Charted, readings: Sequence[Told], week: date = WEEK, **more: Any) -> ChartPoint:
    (found,) = points(charted, readings, week, **more)
    return found


def on(day: date, hour: float = 12) -> datetime:
    return midnight(day) + hour * HOUR


# When a week is closed


def test_a_week_is_closed_once_the_monday_after_it_is_over() -> None:
    assert last_closed(closes(WEEK)) == WEEK
    assert last_closed(closes(WEEK) - timedelta(microseconds=1)) == WEEK - 7 * DAY
    assert last_closed(closes(WEEK) + 6.9 * DAY) == WEEK


@pytest.mark.parametrize(("week", "hours"), [(WEEK, 168), (SPRING, 167), (AUTUMN, 169)])
def test_a_week_has_as_many_hours_as_its_clocks(week: date, hours: int) -> None:
    assert midnight(week + 7 * DAY) - midnight(week) == hours * HOUR
    assert week_of(midnight(week)) == week == week_of(midnight(week + 7 * DAY) - MINUTE)


# Closed cohorts


def test_the_point_is_what_was_said_last_on_the_monday_after() -> None:
    readings = [told(on(WEEK), 1), told(on(MONDAY_AFTER, 0.1), 15), told(on(MONDAY_AFTER, 23.9), 18)]
    readings.append(told(on(MONDAY_AFTER + DAY, 0.1), 3))  # speaks of other seven days
    found = point(CLOSED, readings)
    assert (found.numerator, found.denominator, found.start, found.reason) == (18, 20, WEEK, "")


def test_a_value_that_later_gives_way_to_no_data_on_that_monday_stands() -> None:
    readings = [told(on(MONDAY_AFTER, 9), 15), told(on(MONDAY_AFTER, 10), None, state=State.UNAVAILABLE)]
    assert point(CLOSED, readings).numerator == 15


def test_a_value_that_did_not_change_at_midnight_is_that_monday_s_once_polls_saw_it_then() -> None:
    sunday = told(on(MONDAY_AFTER, -3), 15)
    assert point(CLOSED, [sunday]).numerator == 15
    once = [(on(MONDAY_AFTER, -4), on(MONDAY_AFTER, 0.05))]  # the last poll was at three minutes past
    assert point(CLOSED, [sunday], watched=once).numerator == 15


def test_a_value_of_sunday_that_stood_for_moments_after_midnight_is_not_that_monday_s() -> None:
    readings = [
        told(on(MONDAY_AFTER, -3), 15),
        told(midnight(MONDAY_AFTER) + 10 * MINUTE / 60, None, state=State.STALE),
    ]
    assert point(CLOSED, readings).numerator is None


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (told(on(MONDAY_AFTER, -1), None, state=State.UNAVAILABLE, as_at=on(MONDAY_AFTER, -2.5)),
         "no data since 11 January 21:30"),
        (told(on(MONDAY_AFTER, -1), 4, state=State.STALE, as_at=on(WEEK, 9)), "no data since 5 January 09:00"),
        (told(on(MONDAY_AFTER, -1), None, state=State.UNAVAILABLE, as_at=None), "no data"),
        (told(on(MONDAY_AFTER, -1), None, state=State.NOT_CONNECTED), "not connected"),
        (told(on(MONDAY_AFTER, -1), None, state=State.NOT_RECORDED), "not recorded"),
        (told(on(MONDAY_AFTER, -1), None, state=State.SUSPECT), "the source's answer was implausible"),
    ],
)  # fmt: skip
def test_a_week_without_a_value_on_that_monday_is_a_gap_that_says_why(last: Told, reason: str) -> None:
    found = point(CLOSED, [told(on(WEEK), 7), last])
    assert (found.numerator, found.denominator, found.reason) == (None, None, reason)


def test_a_monday_without_polls_is_a_gap() -> None:
    found = point(CLOSED, [told(on(WEEK), 7)], watched=[(midnight(WEEK), on(WEEK, 160))])
    assert (found.numerator, found.reason) == (None, "not watched on Monday 12 January")


def test_a_closed_cohort_needs_no_more_than_one_poll_of_the_day_after() -> None:
    found = point(CLOSED, [told(on(MONDAY_AFTER, 9), 15)], watched=[(on(MONDAY_AFTER, 9), on(MONDAY_AFTER, 9))])
    assert (found.numerator, found.watched) == (15, 0)


def test_nothing_to_measure_adds_nothing_and_is_not_a_missing_answer() -> None:
    found = point(CLOSED, [told(on(MONDAY_AFTER, 9), None, state=State.NOT_APPLICABLE, detail="nothing to measure")])
    assert (found.numerator, found.denominator, found.reason) == (0, 0, "nothing to measure")


def test_a_ward_that_did_not_have_the_reading_yet_has_no_point() -> None:
    assert points(CLOSED, [told(on(MONDAY_AFTER + DAY, 0), 3)]) == []
    assert points(CLOSED, []) == []


def test_the_part_that_is_charted_counts() -> None:
    parts = (Part("early", State.VALUE, 1, 1, 4), Part("late", State.VALUE, 2, 2, 8))
    reading = Told(on(MONDAY_AFTER), State.VALUE, 1, on(MONDAY_AFTER), parts, "")
    assert point(replace(CLOSED, part="late"), [reading]).denominator == 8


@pytest.mark.parametrize("week", [SPRING, AUTUMN])
def test_clock_changes_do_not_move_the_monday_after(week: date) -> None:
    monday = week + 7 * DAY
    readings = [told(midnight(monday) - MINUTE, 1), told(midnight(monday), 2), told(midnight(monday + DAY) - MINUTE, 3)]
    assert point(CLOSED, readings, week).numerator == 3
    assert point(CLOSED, [*readings[:2], told(midnight(monday + DAY), 9)], week).numerator == 2


# Means


def patients(number: float, since: datetime | None = None) -> list[Told]:
    return [told(since or on(WEEK, -24), number)]


def test_a_mean_is_weighted_by_time_and_stands_over_that_of_the_patients() -> None:
    half = midnight(WEEK) + 84 * HOUR
    readings = [told(on(WEEK, -24), 2), told(half, 6)]
    over = [*patients(10), *patients(30, half)]
    found = point(MEAN, readings, over=over)
    assert (found.numerator, found.denominator, found.watched, found.reason) == (4, 20, 1, "")


def test_80_per_cent_exactly_is_enough_and_less_is_not() -> None:
    readings, share = [told(on(WEEK, -24), 2)], 168 * HOUR * 4 / 5
    enough = [(midnight(WEEK), midnight(WEEK) + share)]
    assert point(MEAN, readings, over=patients(10), watched=enough).numerator == 2
    too_few = [(midnight(WEEK), midnight(WEEK) + share - timedelta(microseconds=1))]
    found = point(MEAN, readings, over=patients(10), watched=too_few)
    assert (found.numerator, found.denominator, found.reason) == (None, None, "watched 79 % of the week")


@pytest.mark.parametrize(("week", "hours"), [(SPRING, 167), (AUTUMN, 169)])
def test_coverage_counts_real_hours_in_weeks_of_a_clock_change(week: date, hours: int) -> None:
    readings, over = [told(midnight(week), 2)], patients(10, midnight(week))
    watched = [(midnight(week), midnight(week) + 0.8 * hours * HOUR)]
    assert point(MEAN, readings, week, over=over, watched=watched).watched == 0.8
    watched = [(midnight(week), midnight(week) + 0.8 * hours * HOUR - MINUTE)]
    assert point(MEAN, readings, week, over=over, watched=watched).numerator is None


def test_time_that_is_stale_or_without_patients_is_not_watched_and_does_not_move_the_mean() -> None:
    readings = [told(on(WEEK, -24), 2), told(on(WEEK, 10), 50, state=State.STALE), told(on(WEEK, 20), 2)]
    over = [*patients(10), told(on(WEEK, 30), None, state=State.UNAVAILABLE), *patients(10, on(WEEK, 40))]
    found = point(MEAN, readings, over=over)
    assert (found.numerator, found.denominator, found.watched) == (2, 10, 148 / 168)


def test_the_mean_of_a_reading_over_its_own_denominator() -> None:
    found = point(replace(MEAN, over=""), [told(on(WEEK, -24), 2, 8)])
    assert (found.numerator, found.denominator) == (2, 8)


def test_a_mean_of_no_patients_is_nothing_to_measure() -> None:
    found = point(MEAN, [told(on(WEEK, -24), 0)], over=patients(0))
    assert (found.denominator, found.reason) == (0, "nothing to measure")


def test_a_definition_that_changes_within_a_week_leaves_what_was_said_before_out() -> None:
    readings = [told(on(WEEK, -24), 2), told(on(WEEK, 24), 8, version=2)]
    found = point(MEAN, readings, over=patients(10))
    assert (found.numerator, found.version) == (8, 2)
    late = [told(on(WEEK, -24), 2), told(on(WEEK, 84), 8, version=2)]
    found = point(MEAN, late, over=patients(10))
    assert (found.numerator, found.version) == (None, 2)
    assert found.reason == "watched 50 % of the week since the definition changed (version 2)"


def test_a_source_that_is_not_connected_is_no_matter_of_watching() -> None:
    found = point(MEAN, [told(on(WEEK, -24), None, state=State.NOT_CONNECTED)], over=patients(10))
    assert found.reason == "not connected"


# Events


def days_since(day: date, event: date, **more: Any) -> Told:
    return told(midnight(day) + MINUTE, (day - event).days, None, **more)


def dates(found: Sequence[ChartPoint]) -> Mapping[date, float | None]:
    return {one.start: one.numerator for one in found}


def week_of_readings(event: date, then: Mapping[date, date], week: date = WEEK) -> list[Told]:
    """Readings of every day from the week before; ``then``: day → the event that is the last from it on."""
    readings = []
    for number in range(-7, 9):
        day = week + number * DAY
        event = then.get(day, event)
        readings.append(days_since(day, event))
    return readings


def test_each_event_has_its_date_and_the_monday_says_that_they_are_known() -> None:
    wednesday = WEEK + 2 * DAY
    found = points(EVENTS, week_of_readings(WEEK - 30 * DAY, {wednesday: wednesday}))
    assert dates(found) == {WEEK - 30 * DAY: 1, WEEK: 0, wednesday: 1}


def test_an_event_on_the_monday_itself_says_both() -> None:
    found = points(EVENTS, week_of_readings(WEEK - 30 * DAY, {WEEK: WEEK}))
    assert dates(found) == {WEEK: 1}


def test_an_event_every_day_is_one_of_each_day_though_the_reading_stays_the_same() -> None:
    reading = told(on(WEEK, 1), 0, None)  # "0 days" from Monday on
    assert dates(points(EVENTS, [reading])) == {WEEK + n * DAY: 1 for n in range(7)}


def test_a_reading_that_outlives_its_day_by_moments_is_no_event() -> None:
    readings = [told(on(WEEK, 1), 4, None), told(midnight(WEEK + DAY) + 10 * MINUTE / 60, 5, None)]
    readings += [days_since(WEEK + n * DAY, WEEK - 4 * DAY) for n in range(2, 9)]
    assert dates(points(EVENTS, readings)) == {WEEK - 4 * DAY: 1, WEEK: 0}


def test_events_of_the_monday_after_wait_for_their_own_week() -> None:
    readings = week_of_readings(WEEK - 3 * DAY, {MONDAY_AFTER: MONDAY_AFTER})
    assert dates(points(EVENTS, readings)) == {WEEK - 3 * DAY: 1, WEEK: 0}


def test_a_week_without_event_is_known_and_one_without_answer_is_a_gap() -> None:
    none = told(on(WEEK, -24), None, state=State.NONE_ON_RECORD)
    assert dates(points(EVENTS, [none])) == {WEEK: 0}
    away = told(on(MONDAY_AFTER, -30), None, state=State.UNAVAILABLE, as_at=on(WEEK, 9))
    (gap,) = points(EVENTS, [none, away])
    assert (gap.numerator, gap.reason) == (None, "no data since 5 January 09:00")


@pytest.mark.parametrize("week", [SPRING, AUTUMN])
def test_events_keep_their_dates_through_clock_changes(week: date) -> None:
    sunday = week + 6 * DAY
    found = points(EVENTS, week_of_readings(week - 20 * DAY, {sunday: sunday}, week), week)
    assert dates(found) == {week - 20 * DAY: 1, week: 0, sunday: 1}


def test_moments_are_utc() -> None:
    assert midnight(date(2026, 7, 1)) == datetime(2026, 6, 30, 23, tzinfo=UTC)
