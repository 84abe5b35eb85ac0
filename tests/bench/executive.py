"""Leadership's wall of a hundred wards: from snapshot to frame, how much is sent, and how soon it stands in Chromium.

``python -m tests.bench.executive`` prints these figures alone.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

from callbacks.broadcast import Subject
from callbacks.walls import Address, Walls
from surveillance.hub import Hub
from tests.bench.figures import Keep, printed
from tests.bench.walls import TARGETS
from tests.bench.walls_browser import chromium, latencies, opened
from tests.bench.walls_server import SERVER, Changing, hospital, serving

WARDS = 100
FRAMES = 20
EXECUTIVE = Address("executive", "")


def frames(what: str) -> tuple[float, float]:
    """Milliseconds from a snapshot to what its screens are sent, and how many bytes that is (medians)."""
    site, hub, walls = hospital(WARDS), Hub(), Walls()
    hub.site(site, lambda: datetime.now(UTC))
    changing = Changing(site, lambda snapshot: hub.publish(snapshot, 0.0))
    wall = walls.at(hub.look(), EXECUTIVE)
    assert wall
    subject = Subject(wall)
    subject.show(wall.shown(hub.look()))
    took, sizes = [], []
    for _ in range(FRAMES):
        changing.publish(what)
        seen, before, started = hub.look(), subject.version, time.perf_counter()
        subject.show(wall.shown(seen))
        sizes.append(len(subject.since(before)))
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000, statistics.median(sizes)


def measure(keep: Keep) -> None:
    """All of it; about half a minute."""
    name = f"executive_{WARDS}_wards"
    took, few = frames("columns")
    slowest, everything = frames("all")
    keep(
        name,
        {
            "snapshot_to_frame_ms": max(took, slowest),
            "few_bytes_per_update": few,
            "all_bytes_per_update": everything,
        },
    )
    with (
        serving(SERVER, str(WARDS)) as server,
        chromium() as browser,
        opened(browser, server, "/executive") as (page, _),
    ):
        keep(name, {"published_to_dom_p50_ms": statistics.median(latencies(page, server, "columns"))})


if __name__ == "__main__":
    measure(printed(TARGETS))
