"""The book has every chart of the store's points as they are now, and says so when it cannot be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callbacks.screens import Screens
from surveillance.access.access import Access
from surveillance.app import Beside, Running
from surveillance.charts.book import ChartBook
from surveillance.charts.names import chart_faults
from surveillance.charts.points import ChartPoint, closes
from surveillance.current_lists import CurrentLists
from surveillance.errors import ConfigurationError, StoreError
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Better, Charted, Form
from surveillance.opening import open_site
from surveillance.settings import Settings
from surveillance.spc import Variation
from surveillance.store import Store, open_store
from tests.canonical import site_of, ward
from tests.small_hospital import small_hospital

MONDAY = date(2026, 1, 5)
WEEK = timedelta(days=7)
LAST = MONDAY + 20 * WEEK
FIRST = next(iter(CATALOGUE.values()))
VTE = replace(FIRST, id="vte", better=Better.HIGHER, charted=Charted(Form.CLOSED, "VTE", "%", target=95.0))
HARM = replace(FIRST, id="harm", better=Better.HIGHER, charted=Charted(Form.EVENTS, "Harm", "days"))
MEASURES = {"vte": VTE, "beds": replace(FIRST, id="beds"), "harm": HARM}
SITE: dict[str, Any] = {
    "profiles": {"quiet": {"not_applicable": ["vte"]}},
    "wards": [ward("W1"), ward("W2"), ward("W3", profile="quiet")],
}


def settings_of(**charts: Any) -> Settings:
    return site_of(**SITE, charts=charts).settings


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock(closes(LAST))


@pytest.fixture
def book(url: str, store: Store, clock: Clock) -> Iterator[ChartBook]:
    made = ChartBook(lambda: open_store(url), settings_of(), clock, MEASURES)
    yield made
    made.close()


def points(unit: str, latest: float = 90, measure: str = "vte") -> list[ChartPoint]:
    found = [ChartPoint(measure, unit, MONDAY + n * WEEK, 1, 90 + n % 3, 100) for n in range(20)]
    return [*found, ChartPoint(measure, unit, LAST, 1, latest, 100)]


def test_wards_add_up_to_every_unit_and_are_drawn_alone(store: Store, book: ChartBook) -> None:
    store.keep_points([*points("W1", 80), *points("W2", 90)])
    ward_chart, trust = book.chart("vte", "ward", "W1"), book.chart("vte", "trust", "trust")
    assert ward_chart is not None
    assert trust is not None
    assert [chart.series[-1].value for chart in (ward_chart, trust)] == [80, 85]
    assert (trust.series[-1].expected, len(trust.series)) == (2, 21)
    assert [chart.code for chart in book.wards("vte")] == ["W1", "W2"]
    assert [chart.measure.id for chart in book.summary("division", "MED")] == ["vte", "harm"]
    assert [chart.measure.id for chart in book.summary("ward", "W3")] == ["harm"]


def test_what_is_not_charted_or_not_there_has_none(book: ChartBook) -> None:
    assert book.chart("beds", "trust", "trust") is None
    assert book.chart("nothing", "trust", "trust") is None
    assert book.chart("vte", "ward", "W9") is None
    assert book.chart("vte", "ward", "W3") is None  # it has no meaning there
    assert book.wards("beds") == []
    assert book.summary("ward", "W9") == []


def test_a_new_point_is_seen_and_other_charts_are_not_drawn_again(store: Store, book: ChartBook) -> None:
    store.keep_points([*points("W1"), *points("W2")])
    before, harm, revision = book.chart("vte", "ward", "W1"), book.chart("harm", "ward", "W1"), book.revision
    assert book.chart("vte", "ward", "W1") is before
    store.keep_points([ChartPoint("vte", "W1", LAST, 1, 70, 100)])
    assert book.revision > revision
    now = book.chart("vte", "ward", "W1")
    assert now is not None
    assert now.series[-1].value == 70
    assert book.chart("harm", "ward", "W1") is harm


def test_a_week_that_nobody_closed_is_a_gap_a_day_after_it_should_have_been(
    store: Store, book: ChartBook, clock: Clock
) -> None:
    store.keep_points(points("W1"))
    clock.now = closes(LAST + WEEK) + timedelta(hours=23)
    chart = book.chart("vte", "ward", "W1")
    assert chart is not None
    assert chart.series[-1].start == LAST
    clock.now += timedelta(hours=2)
    chart = book.chart("vte", "ward", "W1")
    assert chart is not None
    assert (chart.series[-1].start, chart.series[-1].value) == (LAST + WEEK, None)


def test_a_chart_shows_so_many_weeks(url: str, store: Store, clock: Clock) -> None:
    store.keep_points(points("W1"))
    book = ChartBook(lambda: open_store(url), settings_of(weeks=15), clock, MEASURES)
    chart = book.chart("vte", "ward", "W1")
    book.close()
    assert chart is not None
    assert [one.start for one in chart.series] == [LAST - n * WEEK for n in range(14, -1, -1)]


def test_concerns_name_the_ward_and_the_measure(store: Store, book: ChartBook) -> None:
    assert book.concerns() == {}
    store.keep_points([*points("W1", 60), *points("W2")])
    assert book.concerns() == {"W1": {"vte"}}
    assert [chart.is_concern for chart in book.wards("vte")] == [True, False]
    store.keep_points([ChartPoint("vte", "W1", LAST, 1, 91, 100)])
    assert book.concerns() == {}


def test_a_history_that_cannot_be_read_says_so_and_is_no_empty_chart(
    url: str, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep_points([*points("W1", 60), *points("W2")])
    faults: list[Exception] = []

    def opened() -> Store:
        if faults:
            raise faults[-1]
        return open_store(url)

    book = ChartBook(opened, settings_of(), clock, MEASURES)
    readable, revision, concerns = book.chart("vte", "ward", "W1"), book.revision, book.concerns()
    assert readable is not None
    assert readable.unreadable == ""

    def away(_: Store) -> int:
        raise StoreError("the database does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "points_revision", away)
        for fault in (StoreError("out of reach"), ConfigurationError("written by a newer program")):
            faults.append(fault)
            found = [book.chart("vte", "ward", "W1"), *book.wards("vte"), *book.summary("trust", "trust")]
            assert {one.unreadable for one in found if one} == {"history cannot be read"}
            assert [one.chart for one in found if one] == [None] * 5
            assert book.error in ("the database does not answer", str(fault))
            assert (book.revision, book.concerns()) == (revision, concerns)
    faults.clear()
    assert book.chart("vte", "ward", "W1") == readable
    assert book.error == ""
    book.close()


def test_a_store_that_is_away_is_waited_for_once_a_summary(clock: Clock) -> None:
    tries = []

    def away() -> Store:
        tries.append(1)
        raise StoreError("out of reach")

    book = ChartBook(away, settings_of(), clock, MEASURES)
    assert len(book.summary("trust", "trust")) == 2
    assert book.concerns() == {}
    assert len(tries) == 2


def test_many_threads_may_ask_while_points_are_kept(store: Store, book: ChartBook) -> None:
    store.keep_points([*points("W1"), *points("W2")])
    done = threading.Event()

    def keep() -> None:
        number = 0
        while not done.is_set():
            number += 1
            store.keep_points([ChartPoint("vte", "W1", LAST, 1, 80 + number % 9, 100)])

    def ask(number: int) -> set[Variation]:
        charts = [*book.wards("vte"), *book.summary("trust", "trust"), *book.summary("ward", "W2")]
        book.concerns()
        assert not any(chart.unreadable for chart in charts), (number, book.error)
        return {chart.chart.variation for chart in charts if chart.chart}

    writer = threading.Thread(target=keep)
    writer.start()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(60)))
    done.set()
    writer.join()
    assert all(found)


# What the site's [charts] may name


@pytest.mark.parametrize(
    ("charts", "fault"),
    [
        ({"targets": {"vet": 90}}, "charts.targets.vet: unknown measure 'vet'; did you mean 'vte'?"),
        ({"targets": {"beds": 90}}, "charts.targets.beds: the measure 'beds' is not charted; known: harm, vte"),
        ({"targets": {"harm": 9}}, "charts.targets.harm: days between events have no target"),
        (
            {"rebases": [{"measure": "vte", "unit": "MDE", "date": MONDAY, "reason": "new form"}]},
            "charts.rebases.0.unit: unknown unit 'MDE'; did you mean 'MED'?",
        ),
        (
            {"notes": [{"measure": name, "date": MONDAY, "words": "opened"} for name in ("vte", "x")]},
            "charts.notes.1.measure: unknown measure 'x'; known: harm, vte",
        ),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told_with_its_key_and_the_nearest(charts: dict[str, Any], fault: str) -> None:
    assert chart_faults(settings_of(**charts), MEASURES) == [fault]


def test_every_unit_may_be_named() -> None:
    units = ("W1", "MED", "MAIN", "trust", "")
    rebases = [{"measure": "vte", "unit": unit, "date": MONDAY, "reason": "new form"} for unit in units]
    assert chart_faults(settings_of(rebases=rebases, targets={"vte": 90}), MEASURES) == []


def test_wrong_names_stop_the_start_with_file_and_key(tmp_path: Path) -> None:
    config = small_hospital(tmp_path)
    config.write_text(config.read_text("utf-8") + "\n[charts.targets]\nno_such_measure = 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"hospital\.toml: charts\.targets\.no_such_measure: unknown measure"):
        open_site(config)


def test_a_running_site_s_book_is_reachable_by_its_pages(tmp_path: Path) -> None:
    hub = Hub()
    assert hub.look().book is None
    running = Running(open_site(small_hospital(tmp_path)), hub, Beside(Screens(), Access(), CurrentLists()))
    try:
        book = hub.look().book
        assert book is not None
        assert (book.revision, book.error) == (0, "")
        charts = book.summary("trust", "trust")
        assert {chart.series for chart in charts} == {()}
        assert [chart.unreadable for chart in charts] == [""] * len(charts)
    finally:
        running.close()
