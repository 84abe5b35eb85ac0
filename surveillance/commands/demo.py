"""``surveillance demo``: a simulated hospital is made or continued, written to by a process of its own, and served."""

from __future__ import annotations

import argparse
import fcntl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from surveillance.app import Beside, Running, serve_until_told
from surveillance.cli import PORT
from surveillance.commands import people, second, year
from surveillance.demo import faults
from surveillance.demo.hospital import create, to_be_made
from surveillance.errors import ConfigurationError
from surveillance.hub import Hub
from surveillance.opening import open_site

HOST = "127.0.0.1"
WRITER_ENDS_S = 5
WRITERS_LOCK = "live.lock"
"""Held by the process that writes to the hospital in a folder."""
OFF = "none"


def run(asked: argparse.Namespace) -> int:
    """Serve the hospital, or switch one of its faults."""
    if asked.demo_command == "fault":
        name = None if asked.name == OFF else asked.name
        faults.set_fault(asked.folder, asked.source, name)
        print(f"{asked.source}: {'works again' if name is None else faults.FAULTS[name]}")
        return 0
    if asked.demo_command == "second-epr":
        return second.write(asked.into, asked.of)
    if asked.make_only:
        _wait_until_free(asked.folder)
        _, filling = _made(asked)
        return max(process.wait() for process in filling)
    wanted = [_fault(written) for written in asked.fault]
    hub = Hub()
    hub.stage("the simulated hospital is being made")
    return serve_until_told(hub, HOST, asked.port or PORT, lambda beside: Demo(hub, beside, asked, wanted))


class Demo:
    """The hospital's writer, what fills its year of past, and the polling of it."""

    def __init__(self, hub: Hub, beside: Beside, asked: argparse.Namespace, wanted: list[tuple[str, str]]) -> None:
        _wait_until_free(asked.folder)
        config, self._beside = _made(asked)
        faults.clear(asked.folder)
        for source, name in wanted:
            faults.set_fault(asked.folder, source, name)
        names = people.let_in(asked.folder, config)
        told = f"Desk: /desk (sign in as {', '.join(names)}; password {people.password(asked.folder)})"
        print(told, flush=True)
        self._beside.append(subprocess.Popen([sys.executable, "-m", "surveillance.demo.live", str(asked.folder)]))
        self._running = Running(open_site(config), hub, beside)

    def close(self) -> bool:
        """Stop all."""
        for process in self._beside:
            process.terminate()
        ended = self._running.close()
        for process in self._beside:
            try:
                process.wait(WRITER_ENDS_S)
            except subprocess.TimeoutExpired:
                process.kill()
        return ended


def _made(asked: argparse.Namespace) -> tuple[Path, list[subprocess.Popen[bytes]]]:
    """The configuration of the hospital in its folder, and the processes that go on filling its year of past."""
    start = asked.start or datetime.now(UTC)
    asked.folder.mkdir(parents=True, exist_ok=True)
    filling = year.begin(asked.folder, to_be_made(asked.folder, seed=asked.seed, start=start))
    config = create(asked.folder, seed=asked.seed, start=start, speed=asked.speed).config
    year.let_go(filling)
    return config, filling


def _wait_until_free(folder: Path) -> None:
    """A writer whose program was killed ends within a second or two; two writers must not work at once."""
    lock = folder / WRITERS_LOCK
    deadline = monotonic() + WRITER_ENDS_S
    while lock.exists():
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if monotonic() > deadline:
                    raise ConfigurationError(f"{folder}: another demo runs here; give --folder") from None
            else:
                return
        sleep(0.1)


def _fault(written: str) -> tuple[str, str]:
    source, sign, name = written.partition("=")
    if not sign:
        raise ConfigurationError(f"--fault {written}: write SOURCE=NAME, like epr=stop")
    return source, name
