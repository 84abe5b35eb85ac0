"""Points of charts are kept apart from readings, whole or not at all. Also run on PostgreSQL (tests/connectors)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from surveillance.charts.points import ChartPoint
from surveillance.errors import StoreError
from surveillance.settings import StoreSettings
from surveillance.snapshot import State
from surveillance.store import Store, open_store
from tests.stores import T0, after, reading, save, snapshot, unknown

MONDAY = date(2026, 10, 5)
WEEK = timedelta(days=7)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


def point(ward: str = "A1", start: date = MONDAY, measure: str = "falls", up: float | None = 3.5) -> ChartPoint:
    return ChartPoint(measure, ward, start, 2, up, 7.25 if up is not None else None, 0.875, "" if up else "no data")


def test_points_come_back_as_they_were_kept_in_order(store: Store) -> None:
    gap = point("B2", MONDAY + WEEK, up=None)
    store.keep_points([gap, point("B2"), point("A1", MONDAY + WEEK), point(measure="aki")])
    assert store.points("falls", None, MONDAY, MONDAY + 2 * WEEK) == [point("B2"), point("A1", MONDAY + WEEK), gap]
    assert store.points("falls", ["B2"], MONDAY, MONDAY + 2 * WEEK) == [point("B2"), gap]
    assert store.points("falls", None, MONDAY + timedelta(days=1), MONDAY + WEEK) == []
    assert store.latest_points() == {
        ("falls", "A1"): MONDAY + WEEK,
        ("falls", "B2"): MONDAY + WEEK,
        ("aki", "A1"): MONDAY,
    }


def test_a_point_kept_again_takes_the_place_of_the_one_before_and_is_news(store: Store) -> None:
    assert store.points_revision() == 0
    store.keep_points([point(measure="aki"), point()])
    first = store.points_revision()
    assert first > 0
    store.keep_points([replace(point(), numerator=4.0)])  # it had the greatest number
    assert store.points_revision() > first
    assert store.points_written_since(first) == {"falls"}
    assert [kept.numerator for kept in store.points("falls", None, MONDAY, MONDAY + WEEK)] == [4.0]
    store.keep_points([point(), replace(point(), numerator=5.0)])
    assert [kept.numerator for kept in store.points("falls", None, MONDAY, MONDAY + WEEK)] == [5.0]
    store.keep_points([])
    assert store.points_written_since(store.points_revision()) == frozenset()


def test_all_points_of_a_call_are_kept_or_none(store: Store) -> None:
    store.keep_points([point()])
    with pytest.raises(StoreError):
        store.keep_points([replace(point(), numerator=9.0), replace(point("B2"), reason=None)])  # type: ignore[arg-type]
    assert store.points("falls", None, MONDAY, MONDAY + WEEK) == [point()]


def test_points_outlive_the_readings_and_go_when_days_go(url: str) -> None:
    keep = StoreSettings(keep_every_change_days=1, keep_hourly_days=2, keep_daily_days=30)
    with open_store(url, keep) as store:
        last_day, too_old = T0.date() - timedelta(days=30), T0.date() - timedelta(days=31)
        store.keep_points([point(start=last_day), point(start=too_old)])
        save(store, snapshot(T0, {"A1": {"falls": 1}}))
        store.thin(T0)
        assert store.points("falls", None, date.min, date.max) == [point(start=last_day)]


def test_what_was_told_of_every_ward_is_read_at_once(store: Store) -> None:
    save(store, snapshot(T0, {"A1": {"falls": 1, "aki": 5}, "B2": {"falls": 2}}))
    save(store, snapshot(after(1), {"A1": {"falls": 1, "aki": 6}, "B2": {"falls": unknown("falls", "B2")}}))
    save(store, snapshot(after(2), {"A1": {"falls": 4}}))
    save(store, snapshot(after(3), {"A1": {"falls": reading("falls", "A1", 9)}}))
    told = store.told("falls", after(0.5), after(3))
    assert {ward: [(one.since, one.state) for one in said] for ward, said in told.items()} == {
        "A1": [(T0, State.VALUE), (after(2), State.VALUE)],
        "B2": [(T0, State.VALUE), (after(1), State.UNAVAILABLE), (after(2), None)],
    }
    assert [part.numerator for one in told["A1"] for part in one.parts] == [1, 4]


def test_what_was_watched_are_spans_from_first_to_last_poll(store: Store) -> None:
    assert store.watched(T0, after(100)) == []
    for minute in (0, 5, 10, 30, 31, 90):  # gaps of 20 and 59 minutes
        save(store, snapshot(after(minute), {"A1": {"falls": minute}}))
    spans = [(T0, after(10)), (after(30), after(31)), (after(90), after(90))]
    assert store.watched(T0, after(100)) == spans
    assert store.watched(after(29), after(89)) == spans[1:2]
    assert store.watched(after(11), after(29)) == []
    assert store.watched(after(6), after(9)) == [(after(5), after(10))]  # to the next poll on either side
    assert store.watched(after(-9), after(-1)) == []
