"""``python -m tests.bench.soak``: 20,000 updates in one page of a real Chromium, which must not grow.

Updates are counted in the page, as Dash showed them. Exit code 1 if a target is missed.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page

from tests.bench.walls_browser import OBSERVE, chromium, opened
from tests.bench.walls_server import SERVER, Server, serving

MEASURED_AT = (1_000, 5_000, 10_000, 15_000, 20_000)
GROWS_AT_MOST_MB = 2.0
BURST = 50
GAP_S = 0.012
"""Between two updates of a burst."""
STANDS_STILL_MS = 60
"""A page that shows nothing new for so long has shown everything."""
MARKS_GO_AFTER_MS = 5_000
"""A number that changed is marked for less."""
COLLECTIONS = 2
WARDS = "1"


@dataclass(frozen=True)
class Measured:
    """A page at rest, all garbage collected: ``nodes`` of every kind, ``elements`` in the document."""

    updates: int
    heap_mb: float
    nodes: int
    elements: int


def shown(page: Page) -> int:
    """How many versions the page has shown."""
    count: int = page.evaluate("() => window.shown.length")
    return count


def publish(page: Page, server: Server, what: str) -> None:
    """Publish, and wait until the page has taken all of it: no more comes."""
    server.publish(what)
    before, now = -1, shown(page)
    while now != before:
        page.wait_for_timeout(STANDS_STILL_MS)
        before, now = now, shown(page)


def measured(page: Page, developer: CDPSession, updates: int) -> Measured:
    """What the page holds."""
    page.wait_for_timeout(MARKS_GO_AFTER_MS)
    page.evaluate("() => { window.shown.length = 0; }")
    for _ in range(COLLECTIONS):
        developer.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in developer.send("Performance.getMetrics")["metrics"]}
    elements = page.evaluate("() => document.getElementsByTagName('*').length")
    return Measured(updates, metrics["JSHeapUsedSize"] / 2**20, int(metrics["Nodes"]), elements)


def soak(page: Page, server: Server, developer: CDPSession) -> list[Measured]:
    """The page after so many updates each."""
    page.evaluate(OBSERVE)
    found: list[Measured] = []
    done, began = 0, time.monotonic()
    for goal in MEASURED_AT:
        while done + shown(page) < goal:
            publish(page, server, f"burst {BURST} {GAP_S}")
        publish(page, server, "rest")
        done += shown(page)
        found.append(measured(page, developer, done))
        one = found[-1]
        print(
            f"{one.updates:6} updates {one.heap_mb:8.2f} MB heap {one.nodes:6} nodes {one.elements:6} elements "
            f"{time.monotonic() - began:6.0f} s",
            flush=True,
        )
    return found


def main() -> int:
    """Soaks one page, prints what it holds on the way, and says what is missed."""
    complaints: list[str] = []
    with serving(SERVER, WARDS) as server, chromium() as browser, opened(browser, server) as (page, _):
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        developer = page.context.new_cdp_session(page)
        developer.send("Performance.enable")
        first, *_, last = found = soak(page, server, developer)
    growth = last.heap_mb - first.heap_mb
    constant = len({(one.nodes, one.elements) for one in found}) == 1
    print(f"heap grows {growth:.2f} MB (target ≤ {GROWS_AT_MOST_MB:g}) from {first.updates} to {last.updates} updates")
    print(f"DOM nodes are {'constant' if constant else 'NOT constant'}; errors on the console: {complaints or 'none'}")
    return 0 if growth <= GROWS_AT_MOST_MB and constant and not complaints else 1


if __name__ == "__main__":
    sys.exit(main())
