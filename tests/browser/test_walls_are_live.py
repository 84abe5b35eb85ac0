"""A wall in a real browser shows what the API says, renews itself, turns its pages, and does what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from callbacks.screens import Screens
from layouts.words import number
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE, EVERYTHING
from surveillance.measures.declaration import Kind
from tests.displays import NOON, every_state, hub_of, reading, served, settings, snapshot

expect.set_options(timeout=15_000)
TEXTS = """() => Object.fromEntries([...document.querySelectorAll("#live [id]")].map(e => [e.id, e.textContent]))"""
QUICK = {"beat_s": 0.5, "lost_after_s": 5, "report_s": 1}
SCREENS = (
    {"name": "both", "place": "Staff room", "wards": ["A1", "C3"], "dwell_s": 5},
    {"name": "foyer", "ward": "A1", "profile": "public"},
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 1366, "height": 768})
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


def drawn(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#first-paint", state="detached")


def compared(page: Page, content: dict[str, Any]) -> list[str]:
    """What the wall shows otherwise than the API says; every number that stands on it by itself is compared."""
    texts, wrong = page.evaluate(TEXTS), []

    def differ(measure: str, places: tuple[str, ...], value: float | None) -> None:
        wanted = number(value, EVERYTHING[measure].scale) if value is not None else ""
        shown = [texts[place] for place in places if texts.get(place)]
        if shown != ([wanted] if wanted else []):
            wrong.append(f"{measure}: {shown} instead of {wanted}")

    compared_measures = 0
    for one in content["readings"] + content["forecasts"]:
        measure = EVERYTHING[one["measure"]]
        if not measure.on_ward_wall:
            continue
        here, values = f"0-{measure.id}", one["value"]
        if measure.id == next(iter(CATALOGUE)):
            here = "0-census"
        if measure.kind is Kind.TWO_COLUMN:
            for place, name in enumerate(measure.parts):
                differ(measure.id, (f"{here}-{place}",), values[name] if values else None)
        elif measure.parts == ("actual", "planned"):
            differ(measure.id, (f"{here}-n",), values["actual"] if values else None)
        elif len(measure.parts) == 1 and measure.kind is not Kind.SCALE:
            differ(measure.id, (f"{here}-n", f"{here}-0"), values)
        else:
            continue
        compared_measures += 1
    assert compared_measures > 35
    return wrong


def test_the_wall_shows_the_numbers_of_the_api_and_renews_them(page: Page) -> None:
    hub = hub_of(snapshot(every_state), site=settings(wall=QUICK))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with served(hub) as address:
        drawn(page, f"{address}/ward/A1")
        assert compared(page, httpx.get(f"{address}/api/wards/A1/snapshot").json()) == []

        hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=7)), 0.1)
        expect(page.locator("[id='0-obs_overdue-0']")).to_have_text("7")
        assert compared(page, httpx.get(f"{address}/api/wards/A1/snapshot").json()) == []
        assert not page.locator("#lost").is_visible()
        expect(page.locator(".tile[data-changed]").first).to_be_attached()
        expect(page.locator("[data-changed]")).to_have_count(0)
    assert complaints == [], "the page's own rules forbid nothing that it does"
    assert {url.startswith(address) for url in asked} == {True}, "everything comes from the program itself"


def test_a_wall_loads_no_library_that_it_does_not_use(page: Page) -> None:
    names: list[str] = []
    page.on("request", lambda request: names.append(request.url))
    with served(hub_of(snapshot(), site=settings(wall=QUICK))) as address:
        drawn(page, f"{address}/ward/A1")
    assert [name for name in names if "plotly" in name or "core_components" in name or "dash_table" in name] == []


def test_the_first_paint_needs_no_javascript(chromium: Browser) -> None:
    with served(hub_of(snapshot(every_state))) as address:
        context = chromium.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/ward/A1")
        expect(page.locator("#first-paint h1")).to_have_text("Ash Ward")
        assert page.locator("[id='0-edd_today']").is_visible()
        context.close()


def test_a_screen_turns_its_pages_without_ever_showing_none_or_two(page: Page) -> None:
    page.clock.install(time=NOON)
    with served(hub_of(snapshot(), site=settings(wall=QUICK, screens=SCREENS))) as address:
        drawn(page, f"{address}/screen/both")
        seen = []
        for _ in range(12):
            titles = page.locator("#live h1:visible").all_inner_texts()
            assert len(titles) == 1
            seen.append(titles[0])
            page.clock.run_for(1000)
        # Real time passes as well, so that on a busy computer a turn takes fewer looks.
        assert seen.count("Ash Ward") >= 3
        assert seen.count("Cedar <b>Ward</b>") >= 3
        page.keyboard.press("Space")
        held = page.locator("#live h1:visible").inner_text()
        for _ in range(12):
            page.clock.run_for(1000)
            assert page.locator("#live h1:visible").inner_text() == held, "the space bar holds a page"


def test_a_screen_does_what_it_is_told_and_reports(page: Page) -> None:
    screens = Screens()
    screens.order({("all", "reload"): 1})  # given before the page is loaded: there is nothing left to do
    with served(hub_of(snapshot(), site=settings(wall=QUICK, screens=SCREENS)), screens) as address:
        drawn(page, f"{address}/screen/foyer")
        screens.order({("all", "reload"): 1, ("foyer", "identify"): 2})
        expect(page.locator("#identify")).to_have_text("foyer")
        page.evaluate("window.before = true")
        screens.order({("foyer", "identify"): 2, ("all", "reload"): 3})
        page.wait_for_function("() => !window.before && !document.getElementById('first-paint')")
        page.wait_for_timeout(1500)  # a report is due every second
        row = httpx.get(f"{address}/status").text.partition('href="/screen/foyer"')[2].partition("</tr>")[0]
        assert "screen-up" in row
        assert "1366 × 768 at 1" in row


def test_the_wall_moves_by_a_few_pixels_against_burn_in(page: Page) -> None:
    page.clock.install(time=NOON)
    with served(hub_of(snapshot(), site=settings(wall=QUICK))) as address:
        drawn(page, f"{address}/ward/A1")
        places = set()
        for _ in range(4):
            page.clock.fast_forward(95_000)
            page.clock.run_for(2_000)
            places.add(page.evaluate("getComputedStyle(document.querySelector('#live .page')).translate"))
        assert len(places) > 2


def test_it_is_night_by_the_hospitals_clock_and_not_by_the_screens(page: Page) -> None:
    night = NOON.replace(hour=22)
    with served(hub_of(snapshot(as_at=night), now=night, site=settings(wall=QUICK))) as address:
        drawn(page, f"{address}/ward/A1")
        assert page.evaluate("document.documentElement.classList.contains('night')")
        assert page.locator(".clock").inner_text() == "22:00"


def test_a_wall_opened_while_the_program_starts_fills_by_itself(page: Page) -> None:
    hub = Hub()
    with served(hub) as address:
        page.goto(f"{address}/ward/A1")
        expect(page.get_by_text("Starting, no snapshot yet").first).to_be_visible()
        ready = hub_of(snapshot())
        site = ready.look().settings
        assert site
        hub.site(site, lambda: ready.look().now)
        hub.publish(snapshot(), 0.1)
        expect(page.locator("#live [id='0-edd_today-n']")).to_have_text("3")


@pytest.mark.parametrize("path", ["/ward/A1", "/screen/far"])
def test_a_wall_that_is_not_live_says_nothing_of_now(page: Page, path: str) -> None:
    soon = {"beat_s": 0.3, "lost_after_s": 1.5}
    far = {"name": "far", "ward": "A1", "density": "distance"}
    with served(hub_of(snapshot(), site=settings(wall=soon, screens=[far]))) as address:
        drawn(page, f"{address}{path}")
        expect(page.locator("#live .freshness:visible")).to_have_count(1)
    expect(page.locator("#lost")).to_contain_text("NOT LIVE")
    for part in (".freshness", ".census", ".clock", ".mark"):
        expect(page.locator(f"#live {part}:visible")).to_have_count(0)
    assert page.locator("#live h1:visible").inner_text() == "Ash Ward"
