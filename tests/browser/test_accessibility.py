"""Every page is clean by axe-core's rules for WCAG 2.2 AA, and every text of a wall has a contrast of 7:1.

Text on hatching is beyond axe-core: ``tests/unit/test_contrast.py`` works its contrast out from the colours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from layouts.past import written
from surveillance.hub import Hub
from surveillance.measures import Measure
from surveillance.rollup import roll_up
from surveillance.snapshot import Level, Reading, Snapshot, State
from tests.charted import charts_served, first, hospital
from tests.displays import NOON, every_state, hub_of, reading, served, settings, snapshot, status
from tests.pasts import BEGAN, archive_of, hub_with_past, keep, site_of

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LETTERS = {"ignoreUnicode": False, "ignoreLength": True, "pseudoSizeThreshold": 0.25}
"""What axe-core leaves unjudged unless told: single digits and shapes."""
LARGE = {"boldValue": 700, "boldTextPt": 14, "largeTextPt": 18}
AS_WCAG_SAYS = {**LETTERS, **LARGE, "contrastRatio": {"normal": {"expected": 4.5}, "large": {"expected": 3}}}
SEVEN_FOR_ALL = {**LETTERS, **LARGE, "contrastRatio": {"normal": {"expected": 7}, "large": {"expected": 7}}}
"""WCAG's AAA asks 4.5:1 of large text, and all text on a wall is large: the design asks 7:1 of all of it."""
RUN = """async ([tags, ordinary, enhanced]) => {
  axe.reset();
  axe.configure({ checks: [
    { id: "color-contrast", options: ordinary },
    ...(enhanced ? [{ id: "color-contrast-enhanced", options: enhanced }] : []),
  ] });
  const rules = { "target-size": { enabled: true }, "color-contrast-enhanced": { enabled: Boolean(enhanced) } };
  const only = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"] };
  const found = await axe.run(document, { ...only, rules });
  const told = rule => rule.nodes.map(node => {
    const checks = [...node.any, ...node.all, ...node.none];
    return { rule: rule.id, target: node.target.join(" "), html: node.html.slice(0, 160),
             why: checks.map(check => check.message).join("; "),
             reasons: checks.map(check => check.data?.messageKey || "") };
  });
  return { passed: found.passes.map(rule => rule.id), wrong: found.violations.flatMap(told),
           unsure: found.incomplete.flatMap(told) };
}"""
UNJUDGED = {
    "bgGradient",  # hatching
    "elmPartiallyObscured",  # the boxes of large lines overlap, their letters do not (test_walls_fit)
}
IN_DRAWINGS = {"imgNode", "bgOverlap"}
"""Why axe-core cannot judge words that stand in SVG."""
TURN = """turn => document.querySelectorAll("#live .page").forEach(
  (page, place) => page.toggleAttribute("data-off", place !== turn))"""
SCREENS = (
    {"name": "far", "ward": "A1", "density": "distance", "distance_m": 5},
    {"name": "foyer", "ward": "A1", "profile": "public"},
)
NIGHT = NOON.replace(hour=23)
QUICK = {"beat_s": 1, "lost_after_s": 2}
CUTTABLE = """(() => {
  const ask = window.fetch, connections = [];
  window.fetch = (address, options) => {
    const connection = new AbortController();
    connections.push(connection);
    return ask(address, { ...options, signal: connection.signal });
  };
  window.cutOff = () => {
    connections.forEach(connection => connection.abort());
    window.fetch = () => Promise.reject(new TypeError("there is no network"));
  };
})()"""
CUT_OFF = "() => window.cutOff()"
"""Playwright's own way to be offline leaves connections that are open as they are."""


def all_stale(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.STALE, as_at=NOON - timedelta(minutes=47))


def all_away(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.UNAVAILABLE, as_at=NOON - timedelta(hours=13))


def all_act(measure: Measure, ward: str) -> Reading:
    return replace(reading(measure, ward, number=12, detail="3 stage 3"), level=Level.ACT)


def all_watch(measure: Measure, ward: str) -> Reading:
    return replace(reading(measure, ward, number=12, detail="3 stage 3"), level=Level.WATCH)


def all_unsaid(measure: Measure, ward: str) -> Reading:
    """The states without a number that are not hatched, in turn."""
    quiet = (State.NOT_RECORDED, State.NONE_ON_RECORD, State.NOT_APPLICABLE, State.NOT_CONNECTED)
    return reading(measure, ward, quiet[len(measure.id) % len(quiet)])


CONTENTS = (every_state, all_stale, all_away, all_act, all_watch, all_unsaid)
FROM_AFAR = (every_state, all_act)
"""A wall for a distance has the colours of any other, on six times as many pages."""


def troubled(shown: Snapshot) -> Snapshot:
    """With a source that is not current, which the header and the status page name."""
    away = status("prescribing", "order", "stale", NOON - timedelta(minutes=47), rejected={"spell_key: empty": 3})
    return replace(shown, sources=(*shown.sources, away), rollups=roll_up(settings(), shown.readings))


@contextmanager
def opened(chromium: Browser, address: str) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1920, "height": 1080})
    page.add_init_script(CUTTABLE)
    try:
        page.goto(address)
        page.evaluate("document.fonts.ready.then(() => true)")
        yield page
    finally:
        page.close()


def drawn(page: Page) -> None:
    """Wait until Dash has drawn a wall, and hold its pages."""
    page.wait_for_selector("#live > #wall")
    page.wait_for_selector("#first-paint", state="detached")
    page.keyboard.press("Space")


def faults(page: Page, *, wall: bool = False) -> list[dict[str, Any]]:
    """What axe-core finds wrong, and what it cannot judge for another reason than those of ``UNJUDGED``."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE)  # by the debugger's protocol: the page's own rules forbid scripts from elsewhere
    found = page.evaluate(RUN, [RULES, AS_WCAG_SAYS, SEVEN_FOR_ALL if wall else None])
    assert {"document-title", "html-has-lang", "color-contrast"} <= {*found["passed"]}
    return [*found["wrong"], *(one for one in found["unsure"] if not UNJUDGED & {*one["reasons"]})]


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest) -> Iterator[tuple[Hub, str]]:
    """At night the same colours serve every kind of wall: two are looked at."""
    hub = hub_of(None, {"day": NOON, "night": NIGHT}[request.param], settings(screens=SCREENS))
    with served(hub) as address:
        yield hub, address


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        *product(("day",), ("/ward/A1", "/screen/far", "/screen/foyer", "/executive")),
        ("night", "/ward/A1"),
        ("night", "/executive"),
    ],
    indirect=["shown"],
)
def test_a_wall_is_clean_in_every_state(chromium: Browser, shown: tuple[Hub, str], path: str) -> None:
    hub, address = shown
    hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=9)), 0.1)
    found = {}
    with opened(chromium, f"{address}{path}") as page:
        drawn(page)
        assert page.evaluate("document.documentElement.classList.contains('night')") == (hub.look().now == NIGHT)
        for content in FROM_AFAR if path == "/screen/far" else CONTENTS:
            before = page.locator("#live #version").text_content()
            hub.publish(troubled(snapshot(content)), 0.1)
            page.wait_for_function("before => document.getElementById('version').textContent !== before", arg=before)
            for turn in range(page.locator("#live .page").count()):
                page.evaluate(TURN, turn)
                if wrong := faults(page, wall=True):
                    found[f"{content.__name__} {turn}"] = wrong
    assert found == {}


def test_a_colour_that_is_a_little_too_weak_is_noticed(chromium: Browser) -> None:
    with (
        served(hub_of(snapshot(all_watch), site=settings())) as address,
        opened(chromium, f"{address}/ward/A1") as page,
    ):
        drawn(page)
        assert faults(page, wall=True) == []
        page.evaluate("document.documentElement.style.setProperty('--on-watch', '#7a4b00')")  # 6.6 to 1
        found = faults(page, wall=True)
        assert {one["rule"] for one in found} == {"color-contrast-enhanced"}
        assert any("number" in one["html"] for one in found), "single digits are judged, too"


@pytest.fixture(scope="module")
def by_day() -> Iterator[str]:
    """Pages for a desk are the same at night."""
    with served(hub_of(troubled(snapshot(every_state)), site=settings(screens=SCREENS))) as address:
        yield address


MADE_OF = ("/made-of/trust/trust", "/made-of/division/MED/ra_vte", "/made-of/trust/trust/process_reliability")


@pytest.mark.parametrize("path", ["/", "/measures", "/status", "/nowhere", "/ward/a1", "/screen/none", *MADE_OF])
def test_a_page_at_a_desk_is_clean(chromium: Browser, by_day: str, path: str) -> None:
    with opened(chromium, f"{by_day}{path}") as page:
        assert faults(page) == []
        page.set_viewport_size({"width": 400, "height": 800})
        assert faults(page) == []


CHARTED = f"/charts/trust/{hospital().site.trust}/{first().id}"


@pytest.mark.parametrize(
    "path",
    ["/charts", "/charts/division/MED", CHARTED, f"/charts/measure/{first().id}", f"/charts/ward/NEW/{first().id}"],
)
def test_a_page_of_charts_is_clean(chromium: Browser, tmp_path: Path, path: str) -> None:
    with charts_served(tmp_path) as (address, _), opened(chromium, f"{address}{path}") as page:
        if page.locator("#react-entry-point").count():
            page.wait_for_function("() => document.querySelectorAll('.full .annotation-text').length > 2")
            page.wait_for_timeout(500)  # Plotly lays it out once more
        assert in_charts(faults(page)) == []
        for row in page.locator(".summary th a").all()[:1]:
            row.focus()  # its chart shows itself
            assert [one for one in in_charts(faults(page)) if "bgOverlap" not in one["reasons"]] == []
            row.blur()
        page.set_viewport_size({"width": 400, "height": 800})
        page.wait_for_function("""() => [...document.querySelectorAll(".main-svg")].every(
          drawn => drawn.getBoundingClientRect().right <= 400)""")
        assert in_charts(faults(page)) == []


@pytest.fixture(scope="module")
def looked_back_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = site_of(tmp_path_factory.mktemp("past"))
    keep(site, [snapshot(content, BEGAN + timedelta(minutes=n)) for n, content in enumerate(CONTENTS)])
    keep(site, [snapshot(as_at=NOON - timedelta(minutes=5))])
    with archive_of() as archive, served(hub_with_past(site), None, archive) as address:
        yield address


def in_charts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the contrast of words in drawings, which axe-core cannot judge and ``test_contrast`` works out."""
    return [
        one for one in found if not (one["html"].startswith(("<text", "<tspan")) and IN_DRAWINGS & {*one["reasons"]})
    ]


@pytest.mark.parametrize("path", ["/ward/A1", "/executive"])
def test_a_wall_as_it_was_is_clean_in_every_state(chromium: Browser, looked_back_at: str, path: str) -> None:
    for number, content in enumerate(CONTENTS):
        asked = f"{looked_back_at}{path}?at={written(BEGAN + timedelta(minutes=number))}"
        with opened(chromium, asked) as page:
            assert "THE PAST" in page.inner_text("#past")
            assert faults(page) == [], content.__name__
            if content is every_state:
                page.set_viewport_size({"width": 700, "height": 900})
                assert faults(page) == [], content.__name__


@pytest.mark.parametrize("at", [written(BEGAN + timedelta(hours=1)), "2026-10-25T01:30", "2027-01-01T00:00", "", "x"])
def test_why_no_past_is_shown_is_clean(chromium: Browser, looked_back_at: str, at: str) -> None:
    for path in ("/ward/A1", "/ward/none", "/screen/none"):
        with opened(chromium, f"{looked_back_at}{path}?at={at}") as page:
            assert faults(page) == []
            page.set_viewport_size({"width": 400, "height": 800})
            assert faults(page) == []


@pytest.mark.parametrize("path", ["/", "/status", "/ward/A1"])
def test_what_it_says_while_it_starts_is_clean(chromium: Browser, path: str) -> None:
    hub = Hub()
    hub.stage("making the hospital")
    with served(hub) as address, opened(chromium, f"{address}{path}") as page:
        assert "tarting, no snapshot yet" in page.inner_text("body")
        assert faults(page) == []


@pytest.mark.parametrize("now", [NOON, NIGHT], ids=["day", "night"])
def test_a_wall_before_the_first_snapshot_is_clean(chromium: Browser, now: datetime) -> None:
    with served(hub_of(None, now, settings())) as address, opened(chromium, f"{address}/ward/A1") as page:
        drawn(page)
        assert faults(page, wall=True) == []


@pytest.mark.parametrize("path", ["/ward/A1", "/executive"])
@pytest.mark.parametrize("now", [NOON, NIGHT], ids=["day", "night"])
def test_a_wall_that_is_not_live_is_clean(chromium: Browser, now: datetime, path: str) -> None:
    hub = hub_of(troubled(snapshot(every_state)), now, settings(wall=QUICK))
    with served(hub) as address, opened(chromium, f"{address}{path}") as page:
        drawn(page)
        assert faults(page, wall=True) == []
        page.evaluate(CUT_OFF)
        expect(page.locator("#lost")).to_contain_text("NOT LIVE", timeout=30_000)
        assert faults(page, wall=True) == []
