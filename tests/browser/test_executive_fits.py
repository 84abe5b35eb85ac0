"""Leadership's wall fits every screen: with the most wards a page holds, long names, and figures in any state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from surveillance.hub import Hub
from surveillance.legibility import SMALLEST_PX
from surveillance.rollup import roll_up
from surveillance.settings import Settings
from tests.browser.test_walls_fit import BOARDS, CONTENTS, SCREENSHOTS, TURN, WRONG, sources_of
from tests.displays import LONG_NAME, hub_of, served, settings, snapshot

WARDS, DIVISIONS = 18, 3
NAMES = ("Acute Medical Unit", "Stroke", "Trauma and Orthopaedics", LONG_NAME, "Elderly Care, Birch Ward", "Urology")


def leaders(wards: int = WARDS) -> Settings:
    """The longest name is of 39 characters, and stands on several wards."""
    return settings(
        site={"name": "Fernhill Hospitals", "trust": "F", "trust_name": "Fernhill Hospitals NHS Trust (simulated)"},
        divisions=[{"code": f"D{n}", "name": f"Surgery and Critical Care {n}"} for n in range(DIVISIONS)],
        screens=[{"name": "upright", "executive": "F", "profile": "executive", "orientation": "portrait"}],
        wards=[
            {
                "code": f"W{n}",
                "name": NAMES[n % len(NAMES)],
                "beds": 28,
                "division": f"D{n * DIVISIONS // wards}",
                "site": "MAIN",
            }
            for n in range(wards)
        ],
    )


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[Hub, Settings, str]]:
    site = leaders()
    hub = hub_of(None, site=site)
    with served(hub) as address:
        yield hub, site, address


@pytest.mark.parametrize("screen", BOARDS)
def test_nothing_on_leaderships_wall_is_cut_off_overlaps_or_is_too_small(
    chromium: Browser, shown: tuple[Hub, Settings, str], screen: tuple[int, int]
) -> None:
    hub, site, address = shown
    page = chromium.new_page(viewport={"width": screen[0], "height": screen[1]})
    faults: dict[str, list[str]] = {}
    try:
        page.goto(f"{address}/executive" if screen[0] > screen[1] else f"{address}/screen/upright")
        page.wait_for_selector("#live > #wall")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.keyboard.press("Space")
        for content, make in CONTENTS.items():
            before = page.locator("#live #version").text_content()
            made = snapshot(make, site=site)
            made = replace(made, rollups=roll_up(site, made.readings), sources=sources_of(content))
            hub.publish(made, 0.1)
            page.wait_for_function("before => document.getElementById('version').textContent !== before", arg=before)
            for turn in range(page.locator("#live .page").count()):
                page.evaluate(TURN, turn)
                name = f"executive-{content}-{screen[0]}-{turn}".replace(" ", "-").replace(",", "")
                page.screenshot(path=SCREENSHOTS / f"{name}.png")
                if found := page.evaluate(WRONG, SMALLEST_PX["board"]):
                    faults[name] = found
    finally:
        page.close()
    assert faults == {}
