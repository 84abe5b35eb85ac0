"""Wards add up to a unit's series; gaps, phases and their reasons are shown, and nobody is summed as 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from surveillance.charts.chart import UnitChart, chart_of
from surveillance.charts.points import ChartPoint
from surveillance.charts.series import SeriesPoint, series_of
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Better, Charted, Form
from surveillance.settings import Charts, Note, Rebase
from surveillance.spc import Assurance, Direction, Kind, Variation

MONDAY = date(2025, 1, 6)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
WARDS = ("W1", "W2", "W3", "W4", "W5")
NAMES = {ward: f"Ward {ward[1]}" for ward in WARDS}
CLOSED = Charted(Form.CLOSED, "VTE assessed in time", "% of those due", target=95.0)
EVENTS = Charted(Form.EVENTS, "Harm", "days between")
MEASURE = replace(next(iter(CATALOGUE.values())), id="vte", better=Better.HIGHER, charted=CLOSED)
HARM = replace(MEASURE, id="harm", charted=EVENTS)


def week(number: int) -> date:
    return MONDAY + number * WEEK


def point(ward: str, start: date, up: float | None = 9, down: float | None = 10, **more: Any) -> ChartPoint:
    down = None if up is None else down
    return ChartPoint("vte", ward, start, more.get("version", 1), up, down, 1.0, more.get("reason", ""))


def series(points: Sequence[ChartPoint], wards: Sequence[str] = WARDS, **more: Any) -> tuple[SeriesPoint, ...]:
    return series_of(more.pop("charted", CLOSED), points, wards, least=0.8, names=NAMES, **more)


# Weeks


def test_numerators_and_denominators_add_and_shares_are_not_averaged() -> None:
    (found,) = series([point("W1", week(0), 1, 1), point("W2", week(0), 50, 99)])
    assert (found.numerator, found.denominator, found.value) == (51, 100, 51)
    assert (found.reporting, found.expected, found.missing, found.reason) == (2, 2, (), "")


def test_a_missing_ward_is_named_and_adds_nothing() -> None:
    points = [point(ward, week(0), 5, 10) for ward in WARDS]
    points += [point(ward, week(1), 5, 10) for ward in WARDS if ward != "W3"]
    found = series(points)[1]
    assert (found.numerator, found.denominator, found.value) == (20, 40, 50)
    assert (found.reporting, found.expected, found.missing) == (4, 5, ("W3",))  # 80 % exactly is enough


def test_fewer_than_80_per_cent_of_wards_is_a_gap_that_names_them() -> None:
    points = [point(ward, week(0)) for ward in WARDS[:3]]
    points += [point(ward, week(0), None, reason="not connected") for ward in WARDS[3:]]
    (found,) = series(points)
    assert (found.value, found.numerator, found.missing) == (None, None, ("W4", "W5"))
    assert found.reason == "3 of 5 wards reported; missing: Ward 4, Ward 5"


def test_a_ward_says_itself_why_it_has_no_value() -> None:
    points = [point("W1", week(0)), point("W1", week(1), None, reason="watched 62 % of the week")]
    assert [one.reason for one in series(points, ["W1"])] == ["", "watched 62 % of the week"]


def test_every_week_between_the_first_and_the_last_appears() -> None:
    found = series([point("W1", week(0)), point("W1", week(3))], ["W1"], through=week(4))
    assert [one.start for one in found] == [week(n) for n in range(5)]
    assert [one.value for one in found] == [90, None, None, 90, None]
    assert {one.reason for one in found if one.value is None} == {"nothing was kept of this week"}
    assert series([], through=week(4)) == ()


def test_wards_where_the_measure_has_no_meaning_are_not_expected() -> None:
    points = [point("W1", week(0)), point("W2", week(0)), point("W9", week(0), 0, 1000)]
    (found,) = series(points, ["W1", "W2"])
    assert (found.expected, found.missing, found.value) == (2, (), 90)


def test_a_ward_that_opens_is_expected_from_then_on() -> None:
    points = [point("W1", week(n)) for n in range(3)] + [point("W2", week(1))]
    assert [(one.expected, one.missing) for one in series(points)] == [(1, ()), (2, ()), (2, ("W2",))]


def test_a_ward_with_nothing_to_measure_reports_and_adds_nothing() -> None:
    nothing = point("W2", week(0), 0, 0, reason="nothing to measure")
    (found,) = series([point("W1", week(0)), nothing])
    assert (found.value, found.reporting, found.missing) == (90, 2, ())
    (alone,) = series([nothing])
    assert (alone.value, alone.reason) == (None, "nothing to measure")


def test_what_was_measured_by_an_earlier_definition_is_not_added() -> None:
    points = [point(ward, week(0), version=2) for ward in WARDS[:4]] + [point("W5", week(0), version=1)]
    (found,) = series(points)
    assert (found.numerator, found.missing, found.version) == (36, ("W5",), 2)


# Days between events


def event(ward: str, day: date) -> ChartPoint:
    return point(ward, day, 1, None)


def known(ward: str, number: int) -> ChartPoint:
    return point(ward, week(number), 0, None)


def unknown(ward: str, number: int) -> ChartPoint:
    return point(ward, week(number), None, reason="not connected")


def between(points: Sequence[ChartPoint], wards: Sequence[str]) -> list[tuple[date, float | None]]:
    return [(one.start, one.value) for one in series(points, wards, charted=EVENTS)]


def test_events_of_all_wards_are_in_order_with_the_days_between() -> None:
    days = [MONDAY + n * DAY for n in (1, 9, 9, 12)]
    points = [known(ward, n) for ward in ("W1", "W2") for n in range(3)]
    points += [event("W1", days[0]), event("W2", days[1]), event("W1", days[2]), event("W2", days[3])]
    assert between(points, ["W1", "W2"]) == [(days[0], None), (days[1], 8), (days[2], 0), (days[3], 3)]
    assert series(points, ["W1", "W2"], charted=EVENTS)[0].reason == "the first event on record"


def test_days_in_which_too_few_wards_were_known_are_a_gap() -> None:
    points = [known("W1", n) for n in range(4)] + [known("W2", 0), unknown("W2", 1), known("W2", 2), known("W2", 3)]
    points += [event("W1", week(0) + DAY), event("W1", week(2) + DAY), event("W2", week(3) + DAY)]
    found = series(points, ["W1", "W2"], charted=EVENTS)
    assert [one.value for one in found] == [None, None, 7]
    assert found[1].missing == ("W2",)
    assert found[1].reason == (
        "the events of the week of 13 January 2025 are not known: 1 of 2 wards reported; missing: Ward 2"
    )


def test_an_event_from_before_anybody_watched_begins_an_interval_of_its_own_ward_only() -> None:
    before = MONDAY - 30 * DAY
    points = [known("W1", 0), event("W1", before), event("W1", MONDAY + 2 * DAY)]
    assert between(points, ["W1"]) == [(before, None), (MONDAY + 2 * DAY, 32)]
    points += [known("W2", 0)]
    assert between(points, ["W1", "W2"]) == [(before, None), (MONDAY + 2 * DAY, None)]


# Charts


def chart(values: Sequence[float | None], settings: Mapping[str, Any] | None = None, **more: Any) -> UnitChart:
    points = [
        point("W1", week(n), value, 100, version=more.get("versions", {}).get(n, 1)) for n, value in enumerate(values)
    ]
    return chart_of(more.get("measure", MEASURE), "ward", "W1", series(points, ["W1"]), Charts(**(settings or {})))


STEADY = [80, 82, 79, 81, 80, 83, 78, 80, 81, 79, 82, 80, 81, 80, 79, 82]


def test_a_chart_has_a_point_for_each_of_the_series_and_says_it_in_sentences() -> None:
    found = chart([*STEADY, 99])
    assert found.chart is not None
    assert [one.value for one in found.chart.points] == [one.value for one in found.series]
    assert (found.chart.variation, found.target, found.direction) == (
        Variation.IMPROVEMENT_HIGH,
        95,
        Direction.INCREASE,
    )
    assert found.words == (
        "Special cause variation of an improving nature, high.",
        "Consistently failing the target.",
        "The value lies above the upper limit.",
    )
    assert (found.latest, found.is_concern) == (found.series[-1], False)
    assert chart([*STEADY, 50], measure=MEASURE).is_concern


def test_the_icons_are_those_of_the_latest_value_and_a_gap_has_none() -> None:
    found = chart([*STEADY, 99, None])
    assert found.latest == found.series[-2]


def test_the_site_s_own_target_goes_before_the_measure_s() -> None:
    found = chart(STEADY, {"targets": {"vte": 60}})
    assert found.chart is not None
    assert (found.target, found.chart.assurance) == (60, Assurance.PASS)


def test_a_changed_definition_begins_a_phase_with_its_reason_and_breaks_the_line() -> None:
    found = chart([*STEADY, *[40 + n % 3 for n in range(14)]], versions=dict.fromkeys(range(16, 30), 2))
    assert [(one.start, one.reason) for one in found.phases] == [(week(16), "definition changed (version 2)")]
    assert found.breaks == {16}
    assert found.chart is not None
    assert found.chart.variation is Variation.COMMON_CAUSE  # 40 is no change within the new phase
    assert found.chart.points[15].limits != found.chart.points[16].limits


def test_a_rebase_begins_a_phase_at_the_first_week_from_its_date_on_with_its_reason() -> None:
    rebases = [
        Rebase(measure="vte", date=week(8) + DAY, reason="form moved into admission"),
        Rebase(measure="vte", unit="W1", date=week(12), reason="new ward layout"),
        Rebase(measure="vte", unit="W2", date=week(5), reason="of another ward"),
        Rebase(measure="harm", date=week(5), reason="of another measure"),
        Rebase(measure="vte", date=week(0) - DAY, reason="before the first week"),
        Rebase(measure="vte", date=week(99), reason="in the future"),
    ]
    found = chart(STEADY, {"rebases": rebases}, versions=dict.fromkeys(range(12, 16), 2))
    assert [(one.index, one.start, one.reason, one.definition) for one in found.phases] == [
        (9, week(9), "form moved into admission", False),
        (12, week(12), "definition changed (version 2); new ward layout", True),
    ]
    assert found.chart is not None
    assert [one.phase for one in found.chart.points] == [0] * 9 + [1] * 3 + [2] * 4


def test_notes_are_those_of_the_measure_and_the_unit() -> None:
    notes = [
        Note(measure="vte", date=week(3), words="later"),
        Note(measure="vte", unit="W1", date=week(1), words="insulin trolley started"),
        Note(measure="vte", unit="W2", date=week(1), words="elsewhere"),
    ]
    found = chart(STEADY, {"notes": notes})
    assert [(one.at, one.words) for one in found.notes] == [(week(1), "insulin trolley started"), (week(3), "later")]


def test_events_are_a_t_chart_without_a_target() -> None:
    points = [known("W1", n) for n in range(30)] + [event("W1", MONDAY + n * 10 * DAY) for n in range(1, 21)]
    points += [event("W1", MONDAY + 201 * DAY)]
    found = chart_of(HARM, "ward", "W1", series(points, ["W1"], charted=EVENTS), Charts(targets={"harm": 3}))
    assert found.chart is not None
    assert (found.chart.kind, found.target) == (Kind.T, None)
    assert found.series[-1].value == 1


def test_a_unit_without_points_has_a_chart_without_points() -> None:
    found = chart_of(MEASURE, "ward", "W1", (), Charts())
    assert found.chart is not None
    assert (found.series, found.chart.points, found.latest, found.unreadable) == ((), (), None, "")


def test_a_measure_that_is_not_charted_has_none() -> None:
    with pytest.raises(ValueError, match="vte is not charted"):
        chart_of(replace(MEASURE, charted=None), "ward", "W1", (), Charts())
