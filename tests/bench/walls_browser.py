"""One wall in a real Chromium: how soon something stands there, how soon a change does, and what the page weighs."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.walls_server import Server, serving
from tests.browser.conftest import CHROMIUM, QUIET

OPENINGS = 3
UPDATES = 40
SHOWN_WITHIN_MS = 30_000

OBSERVE = """() => {
  window.shown = [];
  const version = () => document.querySelector("#live #version")?.textContent;
  let before = version();
  new MutationObserver(() => {
    if (version() === before) return;
    before = version();
    window.shown.push([before, Date.now()]);
  }).observe(document.getElementById("live"), {subtree: true, childList: true, characterData: true});
}"""
"""When the page showed which version: Dash is handed the version after everything else of an update."""

PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, server: Server, path: str = "/ward/W00") -> Iterator[tuple[Page, dict[str, float]]]:
    """A wall that Dash has drawn, opened with nothing in any cache, and what was asked for it: id → bytes."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.set_default_timeout(SHOWN_WITHIN_MS)
    wire: dict[str, float] = {}

    def add(event: dict[str, Any]) -> None:
        wire[event["requestId"]] = wire.get(event["requestId"], 0) + (event["encodedDataLength"] or event["dataLength"])

    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.requestWillBeSent", lambda event: wire.update({event["requestId"]: 0}))
    network.on("Network.dataReceived", add)  # of the stream, which never finishes
    network.on("Network.loadingFinished", lambda event: wire.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(f"{server.address}{path}")
    page.wait_for_selector("#live > .wall")
    page.wait_for_selector("#first-paint", state="detached")
    page.wait_for_function(PAINTED)
    yield page, wire
    context.close()


def in_chromium() -> dict[str, float]:
    """The figures of the page; the weight is that of everything until Dash has drawn it."""
    paints: list[float] = []
    weights: list[float] = []
    requests = 0
    with serving() as server, chromium() as browser:
        for _ in range(OPENINGS):
            with opened(browser, server) as (page, wire):
                paints.append(page.evaluate(PAINTED))
                weights.append(sum(wire.values()))
                requests = len(wire)
        with opened(browser, server) as (page, _):
            changed = latencies(page, server)
    return {
        "published_to_dom_p50_ms": statistics.median(changed),
        "published_to_dom_p99_ms": sorted(changed)[len(changed) * 99 // 100],
        "first_contentful_paint_s": statistics.median(paints) / 1000,
        "page_on_the_wire_kb": statistics.median(weights) / 1024,
        "requests": requests,
    }


def latencies(page: Page, server: Server, what: str = "few") -> list[float]:
    """Milliseconds from published until the page shows it; page and server share one clock."""
    page.evaluate(OBSERVE)
    published = []
    for number in range(UPDATES):
        published.append(server.publish(what))
        page.wait_for_function("count => window.shown.length >= count", arg=number + 1)
        time.sleep(random.uniform(0.05, 0.15))
    shown = page.evaluate("() => window.shown")
    assert len(shown) == UPDATES, (len(shown), shown[:4])
    return [at - 1000 * made for made, (_, at) in zip(published, shown, strict=True)]
