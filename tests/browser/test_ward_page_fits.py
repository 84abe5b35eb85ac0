"""A ward's page fits its screen whatever it has to say: nothing is cut off, and nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from surveillance.hub import Hub
from surveillance.measures import Measure
from surveillance.snapshot import Level, Reading, State
from tests.displays import NOON, every_state, hub_of, reading, served, snapshot, status

SCREENS = ((1920, 1080), (1366, 768))
SCREENSHOTS = Path("build/screens")
"""To be looked at by a person: a test cannot tell whether a page is good to read."""
LONG = "B/2 & more"
"""The ward with the longest name."""
YESTERDAY = NOON - timedelta(hours=13)

# Boxes of text and of what holds them, with the box that each must stay within.
OVERFLOWING = """() => {
  const wrong = [], slack = 2;
  const box = e => e.getBoundingClientRect();
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
    if (across > slack && down > slack)
      wrong.push(`"${a.textContent}" lies over "${b.textContent}" by ${across}, ${down}`);
  };
  const wall = document.querySelector("#live > .wall") || document.querySelector("#first-paint > .wall");
  const all = selector => [...wall.querySelectorAll(selector)];
  const range = document.createRange();
  for (const panel of all(".panel, header > div")) {
    inside(panel, document.documentElement);
    for (const e of panel.querySelectorAll("*")) inside(e, panel);
  }
  for (const holder of all(".tile, .row, .line")) {
    const words = [...holder.querySelectorAll(".label, .number, .words, .beside, .caption, .level, .as-at, .detail")];
    for (const word of words) inside(word, holder);
    words.forEach((a, i) => words.slice(i + 1).forEach(b => { if (!a.contains(b) && !b.contains(a)) overlap(a, b); }));
  }
  const panels = all(".panel");
  panels.forEach((a, i) => panels.slice(i + 1).forEach(b => overlap(a, b)));
  for (const e of all("p, span, h1, h2, td, th")) {
    range.selectNodeContents(e);
    const text = range.getBoundingClientRect();
    const around = box(e.closest(".tile, .row, .line, .panel, header > div") || wall);
    if (text.width && (text.right > around.right + slack || text.left < around.left - slack))
      wrong.push(`the text "${e.textContent}" is cut off`);
  }
  if (document.documentElement.scrollHeight > window.innerHeight) wrong.push("the page scrolls down");
  if (document.documentElement.scrollWidth > window.innerWidth) wrong.push("the page scrolls sideways");
  return wrong;
}"""


def all_stale(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.STALE, 128, as_at=NOON - timedelta(minutes=47))


def all_act(measure: Measure, ward: str) -> Reading:
    return replace(reading(measure, ward, number=128, detail="3 stage 3"), level=Level.ACT)


def all_away(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.UNAVAILABLE, as_at=YESTERDAY)


CONTENTS = {
    "single digits": reading,
    "every state": every_state,
    "all stale": all_stale,
    "all act, three digits": all_act,
    "no data since yesterday": all_away,
}


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[Hub, str]]:
    hub = hub_of(None)
    with served(hub) as address:
        yield hub, address


CASES = (
    *(("A1", content, screen) for content in CONTENTS for screen in SCREENS),
    *((LONG, "every state", screen) for screen in SCREENS),
    ("A1", "every state", (3840, 2160)),
)


@pytest.mark.parametrize(("ward", "content", "screen"), CASES)
def test_nothing_is_cut_off_or_overlaps(
    chromium: Browser, shown: tuple[Hub, str], ward: str, content: str, screen: tuple[int, int]
) -> None:
    hub, address = shown
    sources = snapshot().sources
    if content == "no data since yesterday":
        sources = tuple(status(name, "spell", "unavailable", YESTERDAY) for name in ("epr", "prescribing", "rostering"))
    hub.publish(replace(snapshot(CONTENTS[content]), sources=sources), 0.1)
    page = chromium.new_page(viewport={"width": screen[0], "height": screen[1]})
    try:
        page.goto(f"{address}/ward/{quote(ward, safe='')}")
        page.wait_for_selector("#live > .wall")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.screenshot(path=SCREENSHOTS / f"{content}-{screen[0]}-{ward[0]}.png".replace(" ", "-").replace(",", ""))
        assert page.evaluate(OVERFLOWING) == []
    finally:
        page.close()
