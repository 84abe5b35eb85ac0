"""A thousand screens in one process, light ones: it notes when the bytes of each frame came, and reads them afterwards.

Run as ``python -m tests.bench.walls_screens PORT SCREENS``; says ``ready`` when every screen has its first frame, and
at the end of its input prints one line of JSON: for each update that a screen got when, of which snapshot, of how many
bytes.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.walls_server import WARDS, Server

AT_ONCE = 50
"""Connections that are made together."""
FIRST_WITHIN_S = 60.0
FILES = 4096
MADE = re.compile(rb'"made":([0-9.]+)')
Arrival = tuple[float, float, int]
"""When an update came, when its snapshot was published, and its bytes."""


class Screen(asyncio.Protocol):
    """One connection."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.received: list[tuple[float, bytes]] = []
        self.first = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"GET {self._path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self.received.append((time.time(), data))
        if not self.first.is_set() and data.endswith(b"\n\n\r\n"):
            self.first.set()

    def updates(self) -> Iterator[Arrival]:
        """Every frame but the first that says what changed, once a snapshot."""
        text, ends, told = b"", [], set()
        for at, data in self.received:
            text += data
            ends.append((len(text), at))
        place = 0
        for number, event in enumerate(text.split(b"\n\n")[:-1]):
            place += len(event) + 2
            if number and b"}\ndata: " in event:
                made = MADE.search(event)
                assert made
                if made[1] in told:
                    continue
                told.add(made[1])
                yield next(at for end, at in ends if end >= place), float(made[1]), len(event) + 2


async def hold(port: int, count: int) -> list[Arrival]:
    """Hold so many screens, the same number of each ward, until the input ends."""
    loop = asyncio.get_running_loop()
    screens = [Screen(f"/stream/ward/W{number % WARDS:02}?shown=") for number in range(count)]
    for start in range(0, count, AT_ONCE):
        some = screens[start : start + AT_ONCE]
        for screen in some:
            await loop.create_connection(lambda screen=screen: screen, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.wait_for(asyncio.gather(*(screen.first.wait() for screen in some)), FIRST_WITHIN_S)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    return [arrival for screen in screens for arrival in screen.updates()]


class Held:
    """The screens, as whoever measures sees them. ``arrivals``: what came, once they are let go."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []


@contextmanager
def held(server: Server, count: int) -> Iterator[Held]:
    """So many screens while the block runs."""
    command = [sys.executable, "-m", "tests.bench.walls_screens", server.address.rpartition(":")[2], str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            found = Held()
            yield found
            said, _ = process.communicate()
            found.arrivals = [tuple(arrival) for arrival in json.loads(said)]
        finally:
            process.kill()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, max(FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    print(json.dumps(asyncio.run(hold(int(sys.argv[1]), int(sys.argv[2])))))
