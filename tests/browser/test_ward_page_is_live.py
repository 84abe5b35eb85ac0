"""A ward's page in a real browser shows what the API says, renews itself, and says when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from layouts.words import number
from surveillance.hub import Hub
from surveillance.measures import EVERYTHING
from tests.displays import every_state, hub_of, reading, served, snapshot
from tests.programs import answers, free_port, program, until
from tests.small_hospital import small_hospital

expect.set_options(timeout=30_000)
SHOWN = """() => Object.fromEntries([...document.querySelectorAll("#live [id^=reading-]")].map(e =>
  [e.id.slice(8), [...e.querySelectorAll(".number, td.n, .beside")].map(n => n.textContent.replace(/[()]/g, ""))]))"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 1366, "height": 768})
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()


def numbers(content: dict[str, Any]) -> dict[str, list[str]]:
    """Measure → the numbers that a page must show for it, in their order."""
    found = {}
    for one in content["readings"] + content["forecasts"]:
        values = one["value"].values() if isinstance(one["value"], dict) else [one["value"]]
        known = one["state"] in ("value", "stale")
        found[one["measure"]] = [number(value, EVERYTHING[one["measure"]].scale) for value in values] if known else []
    return found


def shown(page: Page) -> dict[str, list[str]]:
    words = {"days", "of 5"}
    found: dict[str, list[str]] = page.evaluate(SHOWN)
    return {measure: [text for text in texts if text not in words] for measure, texts in found.items()}


def test_the_page_shows_the_numbers_of_the_api_and_renews_them(page: Page) -> None:
    hub = hub_of(snapshot(every_state))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with served(hub) as address:
        page.goto(f"{address}/ward/A1")
        page.wait_for_selector("#live > .wall")
        assert shown(page) == numbers(httpx.get(f"{address}/api/wards/A1/snapshot").json())

        hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=7)), 0.1)
        expect(page.locator("#live #reading-obs_overdue .number")).to_have_text("7")
        assert shown(page) == numbers(httpx.get(f"{address}/api/wards/A1/snapshot").json())
        assert not page.locator("#lost").is_visible()
        assert page.locator("#first-paint").count() == 0
    assert complaints == [], "the page's own rules forbid nothing that it does"
    assert {url.startswith(address) for url in asked} == {True}, "everything comes from the program itself"


def test_the_first_paint_needs_no_javascript(chromium: Browser) -> None:
    with served(hub_of(snapshot(every_state))) as address:
        context = chromium.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/ward/A1")
        expect(page.locator("#first-paint h1")).to_have_text("Ash Ward")
        assert page.locator("#first-paint #reading-obs_overdue").is_visible()
        context.close()


def test_a_page_opened_while_the_program_starts_fills_by_itself(page: Page) -> None:
    hub = Hub()
    with served(hub) as address:
        page.goto(f"{address}/ward/A1")
        expect(page.get_by_text("Starting, no snapshot yet").first).to_be_visible()
        ready = hub_of(snapshot())
        settings = ready.look().settings
        assert settings
        hub.site(settings, lambda: ready.look().now)
        hub.publish(snapshot(), 0.1)
        expect(page.locator("#live #reading-obs_overdue .number")).to_have_text("3")


def test_a_page_says_not_live_when_the_program_is_killed_and_comes_back(page: Page, tmp_path: Path) -> None:
    config, port = small_hospital(tmp_path), free_port()
    address = f"http://127.0.0.1:{port}"
    with program("run", "--config", config, "--port", port) as process:
        until(lambda: answers(f"{address}/readyz"))
        page.goto(f"{address}/ward/A1")
        expect(page.locator("#live #reading-patients_on_ward .number")).to_have_text("3")
        expect(page.locator("#live #reading-edd_today .number")).to_have_text("3")
        assert not page.locator("#lost").is_visible()
        process.kill()
    expect(page.locator("#lost")).to_contain_text("NOT LIVE")
    expect(page.locator("#lost")).to_contain_text("12:00:00")
    background = "e => getComputedStyle(e).backgroundImage"
    assert "repeating-linear-gradient" in page.locator("#live #reading-edd_today").evaluate(background)
    with program("run", "--config", config, "--port", port):
        until(lambda: answers(f"{address}/readyz"))
        expect(page.locator("#lost")).to_be_hidden()
        page.wait_for_selector("#live > .wall")
        assert shown(page) == numbers(httpx.get(f"{address}/api/wards/A1/snapshot").json())
