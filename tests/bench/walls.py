"""How fast walls get what changed and what that costs: pushed to a thousand screens, in Chromium, and asked for.

``python -m tests.bench.walls [thousand] [idle] [browser] [interval]`` prints these figures alone.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence

from tests.bench.figures import Keep, Targets, printed
from tests.bench.walls_browser import in_chromium
from tests.bench.walls_interval import asked_for
from tests.bench.walls_screens import Arrival, held
from tests.bench.walls_server import Server, serving

SCREENS = 1000
IDLE = 100
EVERY_S = 5.0
CHANGES = {"few": 6, "all": 4}
"""What changes on every ward → how often."""
IDLE_S = 21.0
ASKING = (100, 200)
"""Screens that ask every two seconds, for comparison."""
ASKING_S = 20.0

TARGETS: Targets = {
    "walls_1000_few_missed_updates": ("=", 0),
    "walls_1000_few_published_to_bytes_p99_ms": ("≤", 150),
    "walls_1000_few_bytes_per_update": ("≤", 4096),
    "walls_1000_all_missed_updates": ("=", 0),
    "walls_1000_all_published_to_bytes_p99_ms": ("≤", 150),
    "walls_1000_all_bytes_per_update": ("≤", 4096),
    "walls_1000_memory_per_screen_kb": ("≤", 50),
    "walls_100_idle_cpu_percent_of_core": ("≤", 1),
    "walls_chromium_published_to_dom_p50_ms": ("≤", 100),
    "walls_chromium_first_contentful_paint_s": ("≤", 1),
    "walls_chromium_page_on_the_wire_kb": ("≤", 500),
    "executive_100_wards_snapshot_to_frame_ms": ("≤", 30),
    "executive_100_wards_few_bytes_per_update": ("≤", 25 * 1024),
    "executive_100_wards_all_bytes_per_update": ("≤", 25 * 1024),
    "executive_100_wards_published_to_dom_p50_ms": ("≤", 200),
}


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """The median and the slowest in a hundred, in milliseconds."""
    ordered = sorted(seconds)
    slow = ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]
    return {
        "published_to_bytes_p50_ms": statistics.median(ordered) * 1000,
        "published_to_bytes_p99_ms": slow * 1000,
    }


def delivered(arrivals: Sequence[Arrival], published: Sequence[float], screens: int) -> dict[str, float]:
    """What came of these snapshots."""
    mine = set(published)
    ours = [arrival for arrival in arrivals if arrival[1] in mine]
    return {
        **percentiles([at - made for at, made, _ in ours]),
        "bytes_per_update": statistics.fmean(size for *_, size in ours),
        "missed_updates": len(published) * screens - len(ours),
    }


def thousand(keep: Keep) -> None:
    """Everything that is pushed to a thousand screens arrives, and when, and what it takes."""
    with serving() as server:
        before = server.memory_kb()
        published: dict[str, list[float]] = {}
        cost: dict[str, float] = {}
        with held(server, SCREENS) as screens:
            for what, count in CHANGES.items():
                began, taken = time.monotonic(), server.cpu_s()
                published[what] = [change(server, what) for _ in range(count)]
                cost[what] = 100 * (server.cpu_s() - taken) / (time.monotonic() - began)
            after = server.memory_kb()
        for what, made in published.items():
            figures = delivered(screens.arrivals, made, SCREENS)
            keep(f"walls_{SCREENS}_{what}", {**figures, "cpu_percent_of_core": cost[what]})
        keep(f"walls_{SCREENS}", {"memory_per_screen_kb": (after - before) / SCREENS})


def change(server: Server, what: str) -> float:
    """Publish, and wait as long as between two polls."""
    at = server.publish(what)
    time.sleep(EVERY_S)
    return at


def idle(keep: Keep) -> None:
    """What a hundred screens take on which nothing changes."""
    with serving() as server, held(server, IDLE):
        server.publish("same")
        began, taken = time.monotonic(), server.cpu_s()
        time.sleep(IDLE_S)
        share = (server.cpu_s() - taken) / (time.monotonic() - began)
        keep(f"walls_{IDLE}_idle", {"cpu_percent_of_core": 100 * share})


def interval(keep: Keep) -> None:
    """The same wall, asked for by ``dcc.Interval``."""
    for screens in ASKING:
        found = asked_for(screens, ASKING_S, EVERY_S)
        figures = {**percentiles(found.latencies), **found.figures}
        keep(f"interval_{screens}", figures)


def browser(keep: Keep) -> None:
    """One wall in Chromium."""
    keep("walls_chromium", in_chromium())


def measure(keep: Keep) -> None:
    """All of it; about two and a half minutes."""
    for part in (thousand, idle, browser, interval):
        part(keep)


if __name__ == "__main__":
    parts = {"thousand": thousand, "idle": idle, "browser": browser, "interval": interval}
    for part in sys.argv[1:] or parts:
        parts[part](printed(TARGETS))
