"""The program as a process that a test may kill, stop and start again, on a small hospital that is asked often."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.faults.walls.times import POLL_S, STALE_AFTER_S, STORE_WAIT_S, WALL
from tests.programs import SURVEILLANCE, answers, free_port, until
from tests.small_hospital import AS_AT, PATIENT, small_hospital

STARTS_WITHIN_S = 60.0
STORE = "WALLS_STORE"
"""The environment variable with the store's URL: a locked store is given up sooner than a site would."""


def often(config: Path, poll_s: float = POLL_S, stale_after_s: float = STALE_AFTER_S) -> Path:
    """The same configuration with short times, or those of the sources as given."""
    text = config.read_text("utf-8").replace('path = "store.sqlite"', f'url_env = "{STORE}"')
    lines = [line for line in text.splitlines() if not line.startswith("interval_s")]
    quick: list[str] = []
    for line in lines:
        quick.append(line)
        if line.startswith("[sources.") and line.count(".") == 1:
            quick += [f"interval_s = {poll_s}", f"stale_after_s = {stale_after_s}"]
    times = [f"{name} = {value}" for name, value in WALL.items()]
    config.write_text("\n".join([*quick, "", "[wall]", *times, ""]), encoding="utf-8")
    return config


def admitted(folder: Path, ward: str, name: str) -> None:
    """One more patient comes to a ward of the small hospital."""
    database = sqlite3.connect(folder / "pas.sqlite")
    with database:
        arrived = f"{AS_AT - timedelta(minutes=5):%Y-%m-%d %H:%M:%S}"
        database.execute("INSERT INTO visits VALUES (?, ?, ?)", (f"{PATIENT}-{name}", name, arrived))
        database.execute("INSERT INTO stays VALUES (?, ?, ?, ?)", (name, name, ward, arrived))
    database.close()


class Program:
    """``surveillance run`` on one port."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process
        return self._process.pid

    def starts(self, *, ready: bool = True) -> None:
        """Run it; return when it has a snapshot, or at once."""
        command = [str(SURVEILLANCE), "run", "--config", str(self.config), "--port", str(self.port)]
        folder = self.config.parent
        environment = os.environ | {STORE: f"sqlite:///{folder}/store.sqlite?timeout={STORE_WAIT_S}"}
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        if ready:
            until(lambda: answers(f"{self.address}/readyz"), STARTS_WITHIN_S)

    def is_killed(self) -> None:
        """End it without warning."""
        if self._process and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def hangs(self) -> None:
        """It answers nothing any more, and its connections stay open."""
        os.kill(self.pid, signal.SIGSTOP)

    def goes_on(self) -> None:
        """It does not hang any more."""
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def running(config: Path) -> Iterator[Program]:
    """The program on a configuration, ready; killed at the end."""
    program = Program(config)
    try:
        program.starts()
        yield program
    finally:
        program.is_killed()


def quick_hospital(folder: Path) -> Path:
    """A small hospital that is asked often."""
    return often(small_hospital(folder))
