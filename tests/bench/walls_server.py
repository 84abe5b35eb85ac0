"""One process: the real web server on a hospital that changes when it is told to.

Run as ``python -m tests.bench.walls_server PORT [WARDS]``. Each line of its input is an order, each line of its output
after the first one the answer in JSON: ``few``, ``all``, ``columns`` (a few of the executive wall's), ``same`` or
``rest`` publish a snapshot and answer with its time; ``burst``, followed by a number and a time in seconds, publishes
so many changes with so much time between them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import psutil

from layouts.executive.plan import own_lists
from surveillance.app import serve_until_told
from surveillance.hub import Hub
from surveillance.measures import Measure
from surveillance.rollup import roll_up
from surveillance.settings import Settings
from surveillance.snapshot import Reading, Snapshot
from tests.displays import reading, settings, snapshot, status
from tests.programs import answers, free_port, until

SERVER = "tests.bench.walls_server"
"""This module."""
WARDS = 40
FEW = 5
"""So many readings of every ward change in a change of few."""
SETTLES_S = 0.1
"""Between working a snapshot out and publishing it."""


def hospital(count: int = WARDS) -> Settings:
    """So many ordinary wards."""
    ward = {"division": "MED", "site": "MAIN", "beds": 28, "specialty": "respiratory medicine"}
    wards = [{"code": f"W{number:02}", "name": f"Ward {number}", **ward} for number in range(count)]
    return settings(wards=wards)


class Changing:
    """Snapshots of a hospital in which something changes on every ward, and who gets them."""

    def __init__(self, site: Settings, put: Callable[[Snapshot], None]) -> None:
        self._put = put
        self._site = site
        self._count = 0
        self._numbers: dict[str, int] = {}
        self._names: list[str] = list(snapshot(site=site).readings[site.wards[0].code])
        self.publish("all")

    def publish(self, what: str) -> float:
        """Change ``what`` and put the snapshot; the moment just before, which the snapshot carries as its own."""
        self._count += 1
        if what == "rest":
            self._numbers = {}
        elif what != "same":
            names = [one.measure for one in own_lists().columns] if what == "columns" else self._names
            count = len(names) if what == "all" else FEW
            for name in (names[(self._count * FEW + place) % len(names)] for place in range(count)):
                self._numbers[name] = self._numbers.get(name, 0) % 7 + 1
        made = snapshot(self._reading, site=self._site)
        rollups = roll_up(self._site, made.readings)
        sources = (status("epr", "spell"), status("prescribing", "order"))
        time.sleep(SETTLES_S if what in ("few", "all", "columns") else 0)
        now = datetime.now(UTC)
        self._put(replace(made, as_at=now, sources=sources, rollups=rollups))
        return now.timestamp()

    def _reading(self, measure: Measure, ward: str) -> Reading:
        return reading(measure, ward, number=self._numbers.get(measure.id, 3))

    def close(self) -> bool:
        """There is nothing to stop."""
        return True


def obey(changing: Changing) -> Changing:
    """Follow the orders of the standard input from now on."""

    def follow() -> None:
        for line in sys.stdin:
            what, *others = line.split()
            if what == "burst":
                for _ in range(int(others[0])):
                    at = changing.publish("steps")
                    time.sleep(float(others[1]))
            else:
                at = changing.publish(what)
            print(json.dumps(at), flush=True)

    threading.Thread(target=follow, daemon=True).start()
    return changing


class Server:
    """A server in a process of its own, as whoever measures it sees it."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.address = address
        self._process = process
        self._told = psutil.Process(process.pid)

    def publish(self, what: str) -> float:
        """Have it publish; the moment just before it did."""
        assert self._process.stdin
        assert self._process.stdout
        print(what, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def cpu_s(self) -> float:
        """Seconds of a core that it has taken so far."""
        times = self._told.cpu_times()
        return float(times.user + times.system)

    def memory_kb(self) -> float:
        """What it holds now."""
        return float(self._told.memory_info().rss) / 1024


@contextmanager
def serving(module: str = SERVER, *arguments: str) -> Iterator[Server]:
    """A server that answers."""
    port = free_port()
    command = [sys.executable, "-m", module, str(port), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline(), "it ended at once"
            address = f"http://127.0.0.1:{port}"
            until(lambda: answers(f"{address}/ward/W00"))
            yield Server(process, address)
        finally:
            process.kill()


def main(port: int, wards: int = WARDS) -> int:
    """Serves until it is killed."""
    site, hub = hospital(wards), Hub()
    hub.site(site, lambda: datetime.now(UTC))
    changing = Changing(site, lambda made: hub.publish(made, 0.1))
    return serve_until_told(hub, "127.0.0.1", port, lambda _: obey(changing))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
