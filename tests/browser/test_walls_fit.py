"""A wall fits its screen whatever it has to say: nothing is cut off, lies over anything else, or is too small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from surveillance.hub import Hub
from surveillance.legibility import SMALLEST_PX
from surveillance.measures import EVERYTHING, Measure
from surveillance.measures.declaration import Kind
from surveillance.snapshot import Level, Reading, SourceStatus, State
from surveillance.team.board import Gauge, OpenAction, Owned, TeamBoard
from tests.displays import NOON, every_state, hub_of, reading, served, settings, snapshot, status

BOARDS = ((1920, 1080), (3840, 2160), (1366, 768), (1080, 1920))
SCREENSHOTS = Path("build/screens")
"""To be looked at by a person: a test cannot tell whether a page is good to read."""
LONG = "B/2 & more"
"""The ward with the longest name, of 40 characters, and the longest words about where it stands."""
YESTERDAY = NOON - timedelta(hours=13)
SCREENS = (
    {"name": "far", "ward": "A1", "density": "distance", "distance_m": 5},
    {"name": "foyer", "ward": "A1", "profile": "public"},
)

# Boxes of text and of what holds them, with the box that each must stay within; and the smallest letters.
WRONG = """smallest => {
  const wrong = [], slack = 2, unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const box = e => e.getBoundingClientRect();
  const seen = e => box(e).width > 0 && getComputedStyle(e).visibility !== "hidden";
  const inside = (e, within) => {
    const a = box(e), b = box(within);
    if (!a.width) return;
    const out = Math.max(b.left - a.left, a.right - b.right, b.top - a.top, a.bottom - b.bottom);
    if (out > slack) wrong.push(`${e.className || e.tagName} "${e.textContent}" leaves ${within.className} by ${out}`);
  };
  const overlap = (a, b) => {
    const p = box(a), q = box(b);
    const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (across > slack && down > slack * 3)
      wrong.push(`"${a.textContent}" lies over "${b.textContent}" by ${across}, ${down}`);
  };
  const pages = [...document.querySelectorAll("#live .page")].filter(seen);
  if (pages.length !== 1) wrong.push(`${pages.length} pages are shown`);
  const wall = pages[0], all = selector => [...wall.querySelectorAll(selector)].filter(seen);
  const range = document.createRange();
  for (const panel of all(".panel, header > div")) inside(panel, document.documentElement);
  const holders = all(".tile, .row, .line, .cell, .scale, .cells, .total, .every-ward th, .every-ward td");
  for (const holder of holders) {
    inside(holder, holder.closest(".panel"));
    const words = [...holder.querySelectorAll("p, span, td, th")]
      .filter(e => seen(e) && !e.children.length && e.textContent && !e.matches(".unseen"));
    for (const word of words) inside(word, holder);
    words.forEach((a, i) => words.slice(i + 1).forEach(b => overlap(a, b)));
  }
  for (const e of all(".every-ward th, .every-ward td, .total p"))
    if (e.scrollWidth > e.clientWidth + slack) wrong.push(`"${e.textContent}" is wider than its place`);
  const panels = all(".panel");
  panels.forEach((a, i) => panels.slice(i + 1).forEach(b => overlap(a, b)));
  const parts = all("header > div");
  parts.forEach((a, i) => parts.slice(i + 1).forEach(b => overlap(a, b)));
  for (const e of all("p, span, h1, h2, td, th")) {
    range.selectNodeContents(e);
    const text = range.getBoundingClientRect();
    if (!text.width || !e.textContent.trim() || e.matches(".unseen")) continue;
    const around = box(e.closest(".tile, .row, .line, .cell, .total, .panel, header > div, header") || wall);
    if (text.right > around.right + slack || text.left < around.left - slack)
      wrong.push(`"${e.textContent}" is cut off`);
    const size = parseFloat(getComputedStyle(e).fontSize) / unit * 16;
    if (!e.children.length && size < smallest - 0.01) wrong.push(`"${e.textContent}" has ${size} px at 1080 lines`);
  }
  if (document.documentElement.scrollHeight > window.innerHeight) wrong.push("the page scrolls down");
  if (document.documentElement.scrollWidth > window.innerWidth) wrong.push("the page scrolls sideways");
  return wrong;
}"""


def all_stale(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.STALE, 128, as_at=NOON - timedelta(minutes=47))


def all_act(measure: Measure, ward: str) -> Reading:
    return replace(reading(measure, ward, number=128, detail="3 stage 3"), level=Level.ACT)


def all_watch(measure: Measure, ward: str) -> Reading:
    return replace(reading(measure, ward, number=24, detail="3 stage 3"), level=Level.WATCH)


def all_away(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.UNAVAILABLE, as_at=YESTERDAY)


def all_watch_with_words(measure: Measure, ward: str) -> Reading:
    """Labels are as long as a site may name them, and every date is there."""
    found = all_watch(measure, ward)
    if measure.kind is Kind.LABEL:
        part = replace(found.parts[0], value="Not yet accredited")
        return replace(found, parts=(part,), level=Level.NONE, detail="was due 13 Sep 2026")
    return replace(found, detail="rated 13 Sep") if measure.kind is Kind.SCALE else found


CONTENTS = {
    "single digits": reading,
    "every state": every_state,
    "all stale": all_stale,
    "all act, three digits": all_act,
    "all watch, two digits": all_watch,
    "all watch, with words": all_watch_with_words,
    "no data since yesterday": all_away,
}


def sources_of(content: str) -> tuple[SourceStatus, ...]:
    """What the header says beside it: nothing amiss, two sources, or all of them."""
    if content == "no data since yesterday":
        names = ("epr", "prescribing", "laboratory", "rostering")
        return tuple(status(name, "spell", "unavailable", YESTERDAY) for name in names)
    if content == "all stale":
        then = NOON - timedelta(minutes=47)
        return status("prescribing", "order", "stale", then), status("epr", "spell", "unavailable", then)
    return snapshot().sources


TURN = """turn => document.querySelectorAll("#live .page").forEach(
  (page, place) => page.toggleAttribute("data-off", place !== turn))"""


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[Hub, str]]:
    hub = hub_of(None, site=settings(screens=SCREENS))
    with served(hub) as address:
        yield hub, address


NEAR, FAR = SMALLEST_PX["board"], SMALLEST_PX["distance"]
"""The smallest letters at 1080 lines: of a board, and of tiles that are read from 5 m (16 arc minutes on 55 inches)."""
CASES = (
    *(("/ward/A1", screen, NEAR, tuple(CONTENTS)) for screen in BOARDS),
    *((f"/ward/{quote(LONG, safe='')}", screen, NEAR, ("no data since yesterday",)) for screen in BOARDS),
    ("/screen/far", (1920, 1080), FAR, tuple(CONTENTS)),
    ("/screen/foyer", (1920, 1080), FAR, tuple(CONTENTS)),
)


SAYS_ALL = TeamBoard(
    {name: Owned(1, name, "senior nurse in charge", NOON) for name in EVERYTHING},
    "Two nurses check each insulin dose before the lunch trolley leaves the room, bay",
    tuple(
        OpenAction(n, "Agree with pharmacy who brings insulin charts to us", "senior nurse in charge", YESTERDAY.date())
        for n in range(5)
    ),
    tuple(Gauge("Staff who recommend us most", "culture", "%", "123456.7", "September-October") for _ in range(4)),
)
"""As much as a team can say: every figure is owned, every text as long as it may be."""


@pytest.mark.parametrize("board", [None, SAYS_ALL], ids=["team says nothing", "team says all it can"])
@pytest.mark.parametrize(("path", "screen", "smallest", "contents"), CASES)
def test_nothing_is_cut_off_overlaps_or_is_too_small(
    chromium: Browser,
    shown: tuple[Hub, str],
    path: str,
    screen: tuple[int, int],
    smallest: float,
    contents: tuple[str, ...],
    board: TeamBoard | None,
) -> None:
    hub, address = shown
    hub.team({ward.code: board for ward in settings().wards} if board else {})
    page = chromium.new_page(viewport={"width": screen[0], "height": screen[1]})
    faults: dict[str, list[str]] = {}
    try:
        hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=9)), 0.1)
        page.goto(f"{address}{path}")
        page.wait_for_selector("#live > #wall")
        page.wait_for_selector("#first-paint", state="detached")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.keyboard.press("Space")  # pages are held
        for content in contents:
            before = page.locator("#live #version").text_content()
            hub.publish(replace(snapshot(CONTENTS[content]), sources=sources_of(content)), 0.1)
            page.wait_for_function("before => document.getElementById('version').textContent !== before", arg=before)
            for turn in range(page.locator("#live .page").count()):
                page.evaluate(TURN, turn)
                name = f"{path[1:].replace('/', '-')}-{content}-{screen[0]}-{turn}{'-team' if board else ''}".replace(
                    " ", "-"
                ).replace(",", "")
                page.screenshot(path=SCREENSHOTS / f"{name.replace('%', '')}.png")
                if found := page.evaluate(WRONG, smallest):
                    faults[name] = found
    finally:
        page.close()
    assert faults == {}
