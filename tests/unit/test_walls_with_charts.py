"""Charts on walls: made beside the polling, shown as words and images, and never an empty one for one that is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from callbacks.faces import charts_then, face, faces
from layouts.executive.charts import NONE_YET
from layouts.executive.plan import charts_on_walls, unit_of
from surveillance.charts import UnitChart
from surveillance.charts.chart import unreadable
from surveillance.measures import CATALOGUE
from surveillance.polling.charting import ChartWatch
from surveillance.settings import Web
from surveillance.spc import Assurance, Variation
from tests.charted import book_of, charts_served, first, hospital
from tests.displays import hub_of, served


@pytest.fixture
def chart(tmp_path: Path) -> Iterator[UnitChart]:
    with book_of(tmp_path, hospital()) as book:
        found = book.chart(first().id, "trust", "trust")
        assert found
        yield found


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


def test_a_chart_shows_its_last_value_its_icons_and_where_its_drawing_is(chart: UnitChart) -> None:
    shown = face(chart)
    assert chart.latest
    assert chart.latest.value is not None
    assert shown.latest == f"{chart.latest.value:.0f}%"
    assert shown.image.startswith(f"/charts/image/trust/trust/{chart.measure.id}.svg?v=")
    assert shown.variation[1]
    assert shown.why == ""


def test_the_address_of_a_drawing_changes_when_a_week_is_added(chart: UnitChart) -> None:
    assert face(chart).image == face(replace(chart)).image
    last = replace(chart.series[-1], value=1.0)
    assert face(chart).image != face(replace(chart, series=(*chart.series[:-1], last))).image


def test_a_history_that_cannot_be_read_is_said_and_nothing_is_drawn() -> None:
    measure = first()
    assert measure.charted
    shown = face(unreadable(measure, measure.charted, "trust", "trust"))
    assert shown.why == "History cannot be read"
    assert (shown.image, shown.latest, shown.variation) == ("", "", ("", ""))


def test_a_chart_without_any_point_says_so(chart: UnitChart) -> None:
    assert face(replace(chart, series=(), chart=None)).why == NONE_YET


def test_only_the_charts_of_the_walls_own_unit_stand_on_it(chart: UnitChart) -> None:
    unit = unit_of(hospital(), "MED")
    assert unit
    charts = {("trust", "trust", "a"): chart, ("division", "MED", "b"): chart, ("site", "MED", "c"): chart}
    assert list(faces(charts, unit)) == ["b"]


def test_every_chart_of_every_units_list_is_wanted() -> None:
    wanted = charts_on_walls(hospital())
    assert {kind for kind, _, _ in wanted} == {"trust", "division", "site"}
    assert all(CATALOGUE[measure].charted for _, _, measure in wanted)


def test_drawings_and_icons_are_whole_images_of_their_own(chart: UnitChart) -> None:
    hub = hub_of(None, site=hospital())
    hub.charts({("trust", "trust", chart.measure.id): chart})
    with served(hub) as address, httpx.Client(base_url=address) as client:
        shown = face(chart)
        day, night = (client.get(f"{shown.image}&palette={palette}") for palette in ("day", "night"))
        for answer in (day, night, client.get(shown.variation[0])):
            assert answer.headers["content-type"].startswith("image/svg+xml")
            assert ElementTree.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
            assert "max-age" in answer.headers["cache-control"]
        assert day.text != night.text
        for missing in (f"{shown.image}&palette=red", shown.image.replace("trust/trust", "trust/none")):
            assert client.get(missing).status_code == 404
        for kind, names in (("variation", Variation), ("assurance", Assurance)):
            assert {client.get(f"/charts/icon/{kind}/{name}.svg").status_code for name in names} == {200}
        assert client.get("/charts/icon/variation/green.svg").status_code == 404


def test_a_chart_of_the_past_holds_the_weeks_that_were_closed_then(tmp_path: Path) -> None:
    then = datetime(2026, 7, 8, 12, tzinfo=UTC)
    with charts_served(tmp_path, hospital().model_copy(update={"web": Web(replay=True)})) as (address, hub):
        key = ("trust", "trust", first().id)
        found = charts_then(hub.look(), [key, ("trust", "trust", "none")], then)[key]
        assert found.series[-1].start == date(2026, 6, 29), "the week that ended on the Sunday before"
        shown = face(found, then)
        drawn = httpx.get(f"{address}{shown.image}&palette=day")
        assert drawn.status_code == 200
        assert drawn.text.count("<path") > 3
        for at in ("x", "-1", "9" * 15):
            assert httpx.get(f"{address}{face(found).image}&at={at}&palette=day").status_code == 404


def test_a_chart_of_the_past_is_not_to_be_had_where_the_past_is_off(tmp_path: Path) -> None:
    with charts_served(tmp_path) as (address, hub):
        then = datetime(2026, 7, 8, 12, tzinfo=UTC)
        found = charts_then(hub.look(), [("trust", "trust", first().id)], then).values()
        for chart in found:
            assert httpx.get(f"{address}{face(chart, then).image}&palette=day").status_code == 404
        assert found


class FakeBook:
    """Hands out what a test puts in."""

    def __init__(self, charts: Mapping[tuple[str, str, str], UnitChart]) -> None:
        self.charts = dict(charts)
        self.looks = 0

    def chart(self, measure_id: str, kind: str, unit_code: str) -> UnitChart | None:
        self.looks += 1
        return self.charts.get((kind, unit_code, measure_id))

    def concerns(self) -> Mapping[str, frozenset[str]]:
        return {"A1": frozenset({"x"})}


def test_a_watch_puts_charts_on_the_hub_once_and_again_when_they_change(chart: UnitChart) -> None:
    key = ("trust", "trust", chart.measure.id)
    hub, book, told = hub_of(None, site=hospital()), FakeBook({key: chart}), threading.Event()
    published: list[int] = []
    hub.tell(lambda: published.append(1))
    watch = ChartWatch(book, hub, [key, ("trust", "trust", "none")], lambda found: told.set() if found else None, 0.01)  # type: ignore[arg-type]  # it needs no store
    until(lambda: book.looks >= 10)
    assert dict(hub.look().charts) == {key: chart}
    assert len(published) == 1
    assert told.is_set()
    book.charts[key] = replace(chart, words=("new",))
    until(lambda: hub.look().charts[key].words == ("new",))
    watch.close()
