"""The pages of charts say what they show, and why where they show nothing; the CSV holds the same, and runs nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.charts import Asked, asked_for
from layouts.charts.drawn import readable
from layouts.charts.figure import APART, apart, full_chart
from layouts.charts.funnel import Share, funnel, is_share, wilson
from layouts.charts.says import figure, listed, periods, wards_reporting, whose
from layouts.charts.sheet import file_name, safe
from surveillance.charts.book import ChartBook
from surveillance.errors import StoreError
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.spc import Kind
from tests import displays
from tests.charted import (
    AWAY,
    LAST,
    NOW,
    QUIET_WARD,
    REASON,
    TROUBLE,
    WEEKS,
    WORDS,
    book_of,
    charts_served,
    events,
    first,
    hospital,
    snapshot_of,
    week,
)

MEASURE = first().id
TRUST = hospital().site.trust
UNIT = f"/charts/trust/{TRUST}"
ODD = "/charts/ward/B%2F2%20%26%20more"
CHARTED = [one for one in CATALOGUE.values() if one.charted]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with charts_served(tmp_path_factory.mktemp("charts")) as (address, _), httpx.Client(base_url=address) as asking:
        yield asking


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChartBook]:
    with book_of(tmp_path_factory.mktemp("book"), hospital()) as opened:
        yield opened


def words_of(answer: httpx.Response) -> str:
    """The text of a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def rows_of(answer: httpx.Response) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    """The lines above the table of a CSV file, and the table."""
    text = answer.content.decode("utf-8-sig")
    head, _, table = text.partition("\r\n\r\n")
    about: dict[str, list[str]] = {}
    for name, *rest in csv.reader(io.StringIO(head)):
        about.setdefault(name, []).append(rest[0])
    return about, list(csv.DictReader(io.StringIO(table)))


# ------------------------------------------------------------------------------------------------ addresses
def test_every_page_answers_and_is_not_kept(client: httpx.Client) -> None:
    for path in (
        "/charts",
        "/charts/",
        UNIT,
        f"{UNIT}/{MEASURE}",
        ODD,
        f"{ODD}/{MEASURE}",
        f"/charts/measure/{MEASURE}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "text/html" in answer.headers["Content-Type"]
        assert client.head(path).status_code == 200
    assert client.get(UNIT).headers["Cache-Control"] == "no-store"


def test_a_code_may_hold_anything() -> None:
    settings = hospital()
    odd = next(unit for unit in whose(settings) if unit.code == "B/2 & more")
    assert asked_for(settings, "/charts/ward/B/2 & more") == Asked(odd)
    assert asked_for(settings, f"/charts/ward/B/2 & more/{MEASURE}") == Asked(odd, first())
    assert asked_for(settings, f"/charts/ward/B/2 & more/{MEASURE}/data.csv") == Asked(odd, first(), data=True)
    assert odd.address == ODD


@pytest.mark.parametrize(
    "path",
    [
        "/charts/ward/none",
        f"/charts/ward/none/{MEASURE}",
        f"{UNIT}/none",
        "/charts/measure/none",
        f"{UNIT}/patients_on_ward",
        "/charts/data.csv",
        "/charts/<script>alert(1)</script>",
    ],
)
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'href="/charts"' in answer.text
    assert "<script>alert" not in answer.text


def test_every_unit_and_measure_can_be_chosen(client: httpx.Client) -> None:
    text = client.get("/charts").text
    for unit in whose(hospital()):
        assert f'href="{unit.address}"' in text
    for measure in CHARTED:
        assert f'href="/charts/measure/{measure.id}"' in text


@pytest.mark.parametrize("path", ["/charts", UNIT, f"{UNIT}/{MEASURE}", f"/charts/measure/{MEASURE}"])
def test_nothing_comes_from_elsewhere(client: httpx.Client, path: str) -> None:
    text = client.get(path).text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert "cdn" not in text
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "unsafe" not in policy.partition("script-src")[2].partition(";")[0]


# ------------------------------------------------------------------------------------------------ what pages say
def test_the_summary_has_a_row_for_each_measure_and_counts_all_of_them(client: httpx.Client) -> None:
    text = client.get(UNIT).text
    table, grid = text.split('class="grid"')
    for measure in CHARTED:
        assert measure.charted
        link = f'href="{UNIT}/{measure.id}">{measure.charted.title}</a>'
        assert link in table
        assert link in grid
    counted = [int(number) for number in re.findall(r'class="count">(\d+)<', grid)]
    assert sum(counted) == len(CHARTED)


def test_a_measure_is_told_in_words(client: httpx.Client) -> None:
    answer = client.get(f"{UNIT}/{MEASURE}")
    said = words_of(answer)
    assert "Concern: The value lies below the lower limit, week of" in said
    assert f"{week(TROUBLE).day} {week(TROUBLE):%b %Y}" in said
    assert f"New limits: {REASON}" in said
    assert WORDS in said
    assert f'href="/measures#{MEASURE}"' in answer.text
    assert "Hit or miss" in said or "Consistently" in said
    assert answer.text.count('scope="row"') >= WEEKS
    assert f"without {dict(NAMES)[AWAY[0]]}" in said, "wards that are missing are named"
    for name in dict(NAMES).values():
        assert name in said, "every ward's reading now"


NAMES = [(ward.code, ward.name) for ward in hospital().wards]


def test_what_it_is_made_of_now_is_that_of_the_snapshot(client: httpx.Client) -> None:
    said = words_of(client.get(f"{UNIT}/{MEASURE}")).partition("What it is made of now")[2]
    shown = snapshot_of(hospital())
    for one in shown.rollups:
        if one.kind == "trust" and one.reading.measure == MEASURE:
            assert wards_reporting(one.reporting, one.expected, one.missing, dict(NAMES)) in said
    assert 'href="/ward/B%2F2%20%26%20more"' in client.get(f"{UNIT}/{MEASURE}").text


def test_a_ward_without_a_week_says_so(client: httpx.Client) -> None:
    answer = client.get(f"/charts/ward/{QUIET_WARD}/{MEASURE}")
    assert answer.status_code == 200
    assert "No week is complete yet" in answer.text
    assert "<figure" not in answer.text
    assert "react-entry-point" not in answer.text
    assert client.get(f"/charts/ward/{QUIET_WARD}").text.count("No week is complete yet") >= len(CHARTED)


class Unreadable:
    revision = 0
    error = "the database is locked"

    def __init__(self, book: ChartBook) -> None:
        self._unreadable = book

    def chart(self, *asked: str) -> Any:
        return self._unreadable.chart(*asked)

    def summary(self, *asked: str) -> Any:
        return self._unreadable.summary(*asked)

    def wards(self, *asked: str) -> Any:
        return self._unreadable.wards(*asked)


def refuse() -> Any:
    raise StoreError("the database is locked")


@pytest.mark.parametrize("path", [UNIT, f"{UNIT}/{MEASURE}", f"/charts/measure/{MEASURE}"])
@pytest.mark.parametrize("data", ["", "/data.csv"])
def test_a_history_that_cannot_be_read_is_no_empty_chart(path: str, data: str) -> None:
    settings, hub = hospital(), Hub()
    hub.site(settings, lambda: NOW, Unreadable(ChartBook(refuse, settings, lambda: NOW)))
    with displays.served(hub) as address, httpx.Client(base_url=address) as asking:
        answer = asking.get(path + data)
    assert answer.status_code == 503
    assert "The history cannot be read: the database is locked." in unescape(answer.text)
    assert 'class="light"' not in answer.text
    assert "react-entry-point" not in answer.text


def test_while_it_starts_it_says_so() -> None:
    hub = Hub()
    hub.stage("making the hospital")
    with displays.served(hub) as address, httpx.Client(base_url=address) as asking:
        answer = asking.get("/charts")
        assert answer.status_code == 503
        assert "making the hospital" in answer.text


# ------------------------------------------------------------------------------------------------ CSV
def test_the_csv_holds_every_point_that_is_shown(client: httpx.Client, book: ChartBook) -> None:
    answer = client.get(f"{UNIT}/{MEASURE}/data.csv")
    about, rows = rows_of(answer)
    one = book.chart(MEASURE, "trust", TRUST)
    assert one is not None
    assert one.chart is not None
    assert about["measure id"] == [MEASURE]
    assert about["definition version"] == [str(CATALOGUE[MEASURE].version)]
    assert about["unit"] == ["Test hospital"]
    assert about["made at"] == ["2026-11-25 12:00:31 GMT"]
    assert about["phase"] == [f"from {one.phases[0].start.isoformat()}: {REASON}"]
    assert [row["week"] for row in rows] == [point.start.isoformat() for point in one.series]
    for row, at, point in zip(rows, one.series, one.chart.points, strict=True):
        assert row["value"] == ("" if at.value is None else str(at.value))
        assert row["numerator"] == ("" if at.numerator is None else str(at.numerator))
        assert row["upper limit"] == ("" if point.upl is None else str(point.upl))
        assert row["wards missing"] == listed(at.missing, dict(NAMES))
        assert bool(row["reason for no value"]) == (at.value is None)
    assert rows[TROUBLE]["class"] == "Concern"
    assert "below the lower limit" in rows[TROUBLE]["rules"]


def test_the_other_files_hold_a_row_a_measure_and_a_row_a_ward(client: httpx.Client) -> None:
    _, rows = rows_of(client.get(f"{UNIT}/data.csv"))
    assert [row["measure"] for row in rows] == [one.charted.title for one in CHARTED if one.charted]
    about, rows = rows_of(client.get(f"/charts/measure/{MEASURE}/data.csv"))
    assert [row["code"] for row in rows] == [code for code, _ in NAMES]
    assert about["limits"] == ["Wilson score interval, 2 and 3 sigma"]
    assert rows[-1]["why nothing is drawn"] == "No week is complete yet."


def test_the_file_is_named_for_every_system(client: httpx.Client) -> None:
    headers = client.get(f"{ODD}/{MEASURE}/data.csv").headers
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    name = f"charts-ward-b-2-more-{MEASURE.replace('_', '-')}-2026-11-25.csv"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert re.fullmatch(r"[a-z0-9-]+\.csv", file_name("ward", 'x"\r\n/../é', now=NOW))


@given(st.text())
def test_no_text_is_run_by_a_spreadsheet(text: str) -> None:
    written = safe(text)
    assert isinstance(written, str)
    assert not written.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert written in (text, f"'{text}")


def test_numbers_stay_numbers() -> None:
    assert safe(-1.5) == -1.5
    assert safe(None) == ""
    assert safe("=cmd|' /C calc'!A0") == "'=cmd|' /C calc'!A0"


# ------------------------------------------------------------------------------------------------ figures
@pytest.mark.parametrize("kind", ["trust", "division", "ward"])
def test_plotly_knows_everything_that_it_is_told(book: ChartBook, kind: str) -> None:
    graph_objects = pytest.importorskip("plotly.graph_objects")
    code = {"trust": TRUST, "division": "MED", "ward": "ELM"}[kind]
    for one in readable(book.summary(kind, code)):
        if one.chart.latest is None:
            continue
        drawn = graph_objects.Figure(full_chart(one, dict(NAMES)))  # refuses what it does not know
        marks = [trace for trace in drawn.data if trace.mode == "markers" and trace.name != "No value"]
        values = sum(point.value is not None for point in one.series)
        assert sum(len(trace.x) for trace in marks) == values, "every value is a point"
        gaps = [shape for shape in drawn.layout.shapes if shape.type == "rect"]
        assert len(gaps) == len(one.series) - values
        line = next(trace for trace in drawn.data if trace.name == "Values")
        assert line.connectgaps is False


def test_a_point_tells_all_that_is_known_of_it(book: ChartBook) -> None:
    (one,) = readable([chart for chart in [book.chart(MEASURE, "trust", TRUST)] if chart])
    said = [text for trace in full_chart(one, dict(NAMES))["data"] for text in trace.get("text", ())]
    away = next(text for text in said if "without Elm Ward" in text.replace("<br>", " "))
    assert re.search(r"<b>[\d.]+%</b> week of \d+ \w+ 2026<br>\d+ of \d+", away)
    assert any(text.startswith("No value, week of") for text in said)


def test_names_are_no_tags_of_plotlys(book: ChartBook) -> None:
    (one,) = readable([chart for chart in [book.chart(MEASURE, "trust", TRUST)] if chart])
    said = "".join(text for trace in full_chart(one, {"ELM": "<b>Elm</b>"})["data"] for text in trace.get("text", ()))
    assert "without &lt;b&gt;Elm" in said.replace("<br>", " ")


def test_days_between_events_are_drawn_by_their_dates(book: ChartBook) -> None:
    measure = events()
    if measure is None:
        pytest.skip("no measure of days between events is charted")
    (one,) = readable([chart for chart in [book.chart(measure.id, "trust", TRUST)] if chart])
    assert one.chart.kind in (Kind.T, Kind.RUN)
    assert full_chart(one, {})["layout"]["yaxis"]["ticksuffix"] == ""


@given(st.lists(st.floats(0, 400), max_size=6).map(sorted))
def test_words_beside_lines_never_overlap(heights: list[float]) -> None:
    moved = apart(heights)
    assert len(moved) == len(heights)
    assert all(b - a >= APART - 1e-6 for a, b in pairwise(moved))
    if all(b - a >= APART for a, b in pairwise(heights)):
        assert moved == pytest.approx(heights)


# ------------------------------------------------------------------------------------------------ the funnel
def test_wilsons_interval_is_the_published_one() -> None:
    """Newcombe (1998), table I: 81 of 263 and 15 of 148, 95 %."""
    for cases, size, expected in ((81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605))):
        assert wilson(cases / size, size, 1.959964) == pytest.approx(expected, abs=1e-4)


@given(st.floats(0, 1), st.integers(1, 10_000), st.sampled_from([2, 3]))
def test_limits_stay_between_0_and_1_around_the_mean(share: float, size: int, sigmas: int) -> None:
    low, high = wilson(share, size, sigmas)
    assert -1e-9 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1 + 1e-9


def test_the_funnel_adds_up_the_last_13_weeks_in_the_organisations_order(book: ChartBook) -> None:
    charts = {one.of.code: one for one in readable(book.wards(MEASURE))}
    drawn = funnel(charts)
    assert drawn is not None
    assert [share.ward for share in drawn.shares] == [code for code, _ in NAMES if code != QUIET_WARD]
    assert (drawn.since, drawn.until) == (LAST - timedelta(weeks=12), LAST)
    recent = [point for point in charts["A1"].series if point.start >= drawn.since]
    assert drawn.shares[1].numerator == sum(point.numerator or 0 for point in recent)
    assert drawn.standing(Share("x", drawn.mean * 1000, 1000, 13)) == (0, 0)
    assert drawn.standing(Share("x", 0, 1000, 13)) == (-1, 3)


def test_only_shares_of_cases_have_a_funnel(client: httpx.Client) -> None:
    for measure in CHARTED:
        assert measure.charted
        said = client.get(f"/charts/measure/{measure.id}").text
        assert ("full funnel" in said) == is_share(measure.charted)
        assert said.count('class="card-head"') == len(NAMES)


# ------------------------------------------------------------------------------------------------ words
def test_how_things_are_written() -> None:
    charted = first().charted
    assert charted
    assert figure(94.26, charted) == "94.3%"
    assert figure(None, charted) == "–"
    assert periods([date(2026, 11, 2), date(2026, 11, 9)], charted) == "weeks from 2 Nov 2026 to 9 Nov 2026"
    assert wards_reporting(1, 2, ("A1",), {"A1": "Ash"}) == "1 of 2 wards reporting; without Ash"


def test_pages_before_there_are_enough_weeks_are_run_charts(tmp_path: Path) -> None:
    with charts_served(tmp_path, weeks=8) as (address, _), httpx.Client(base_url=address) as asking:
        said = words_of(asking.get(f"{UNIT}/{MEASURE}"))
        assert "Run chart: a median without limits" in said
        assert "None can: a run chart has no limits." in said
