"""How fast a list of five hundred patients is opened, its view written down, and what fifty open desks cost the walls.

``python -m tests.bench.desk`` prints these figures alone.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from surveillance.access.access import Access
from surveillance.access.people import Granted, Person, Role
from surveillance.store import open_database
from tests.bench.desk_clients import asking, body_of, open_desks
from tests.bench.desk_server import MANY, site, url
from tests.bench.figures import Keep, Targets, printed
from tests.bench.walls import delivered, percentiles
from tests.bench.walls_screens import held
from tests.bench.walls_server import WARDS, Server, serving

OPENED = 60
SCREENS = 400
DESKS = 50
ROUNDS = 3
CHANGES = 6
EVERY_S = 6.0
TARGETS: Targets = {
    f"desk_{MANY}_rows_opening_p50_ms": ("≤", 300),
    f"desk_{MANY}_rows_opening_p99_ms": ("≤", 300),
    f"desk_{DESKS}_open_walls_p99_grows_by_percent": ("<", 20),
}


@contextmanager
def running() -> Iterator[tuple[Server, str]]:
    """A server, and what the browser of somebody holds who sees every ward."""
    with tempfile.TemporaryDirectory() as name:
        folder, access = Path(name), Access()
        database = open_database(url(folder))
        opened = access.open(site(WARDS), database)
        person = Person("bench", "Bench", "local", (Granted(Role.MATRON),))
        token, _ = opened.sessions.begin(person, "127.0.0.1")
        try:
            with serving("tests.bench.desk_server", str(WARDS), name) as server:
                server.publish("all")  # a wall answers before there is a snapshot
                yield server, token
        finally:
            access.close()
            database.close()


def opening(keep: Keep) -> None:
    """Every time on a page of its own, so that each view is written down; one at a time, over the loopback."""
    with running() as (server, token):
        common = {"cookies": {"session": token}, "headers": {"Origin": server.address}}
        with httpx.Client(base_url=server.address, **common) as client:  # type: ignore[arg-type]
            body, took, size = body_of(client), [], 0
            for number in range(OPENED):
                began = time.monotonic()
                question = asking(body, "W00", f"page {number}", 1, None)
                answer = client.post("/desk/_dash-update-component", json=question)
                took.append(time.monotonic() - began)
                shown = answer.json()["response"]["grid"]["rowData"]
                assert len(shown) == MANY
                size = len(answer.content)
                if number % 10 == 9:
                    server.publish("few")  # the list changes: it is made anew for the next
        found = percentiles(took)
        figures = {"p50_ms": found["published_to_bytes_p50_ms"], "p99_ms": found["published_to_bytes_p99_ms"]}
        keep(f"desk_{MANY}_rows_opening", {**figures, "kb": size / 1024})


def beside_walls(keep: Keep) -> None:
    """The same walls without and with open desks, by turns, since the computer is shared; the middle of the rounds."""
    without, together, answers = [], [], []
    with running() as (server, token):
        for _ in range(ROUNDS):
            without.append(_p99(server))
            with open_desks(server.address, token, DESKS) as took:
                together.append(_p99(server))
            answers += took
    before, after = statistics.median(without), statistics.median(together)
    grows = 100 * (after - before) / before
    figures = {"walls_p99_grows_by_percent": grows, "walls_p99_without_ms": before, "walls_p99_together_ms": after}
    keep(f"desk_{DESKS}_open", figures)
    found = percentiles(answers)
    figures = {"p50_ms": found["published_to_bytes_p50_ms"], "p99_ms": found["published_to_bytes_p99_ms"]}
    keep(f"desk_{DESKS}_open_renewed", figures)


def _p99(server: Server) -> float:
    published = []
    with held(server, SCREENS) as screens:
        for _ in range(CHANGES):
            published.append(server.publish("few"))
            time.sleep(EVERY_S)
    return delivered(screens.arrivals, published, SCREENS)["published_to_bytes_p99_ms"]


def measure(keep: Keep) -> None:
    """All of it; about five minutes."""
    opening(keep)
    beside_walls(keep)


if __name__ == "__main__":
    measure(printed(TARGETS))
