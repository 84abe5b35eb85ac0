"""The whole program is killed at any moment and started again: what it had kept stays, and it goes on from there."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from surveillance.demo.hospital import create
from surveillance.snapshot import Snapshot
from surveillance.store import Store, open_store
from tests.programs import answers, free_port, program, until
from tests.stores import said

KILLS = 10 if os.environ.get("WALL_FAULTS") == "full" else 5


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospital")
    path = create(folder, seed=3, start=datetime.now(UTC), days=4, wards=3).config
    lines = path.read_text("utf-8").splitlines()
    # Polled every second, so that a kill finds it at work.
    quick = ["interval_s = 1" if line.startswith("interval_s") else line for line in lines]
    path.write_text("\n".join(quick) + "\n", "utf-8")
    return path


@contextmanager
def written_to(folder: Path) -> Iterator[None]:
    """A hospital in which things go on."""
    command = [sys.executable, "-m", "surveillance.demo.live", str(folder)]
    with subprocess.Popen(command) as writer:
        try:
            yield
        finally:
            writer.terminate()


def kept(store: Store, before: list[Snapshot]) -> None:
    """Remember what the store has acknowledged."""
    newest = store.current()
    if newest and (not before or newest.as_at > before[-1].as_at):
        before.append(newest)


def test_a_killed_program_loses_nothing_and_goes_on(config: Path) -> None:
    chance, port = random.Random(20261123), free_port()
    url = f"sqlite:///{config.parent}/store.sqlite"
    acknowledged: list[Snapshot] = []
    with written_to(config.parent):
        for number in range(KILLS):
            with program("run", "--config", config, "--port", port) as process, open_store(url) as store:
                if number % 2 == 0:  # at work; every other time perhaps while it starts
                    until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 60)
                ends = time.monotonic() + chance.uniform(0.5, 6)
                while time.monotonic() < ends:
                    kept(store, acknowledged)
                    time.sleep(0.02)  # no condition to wait for: the moment of the kill is meant to be any
                process.send_signal(signal.SIGKILL)
            with sqlite3.connect(config.parent / "store.sqlite") as database:
                assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
            database.close()
            with open_store(url) as store:
                newest = store.current()
                assert (newest is None) == (not acknowledged)
                if newest is None:
                    continue
                assert newest.as_at >= acknowledged[-1].as_at
                for snapshot in acknowledged:
                    assert said(store.at(snapshot.as_at)) == said(snapshot)
        assert len(acknowledged) >= KILLS / 2

        with program("run", "--config", config, "--port", port) as process:
            until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 60)
            until(lambda: _current(port), 60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0


def _current(port: int) -> bool:
    sources = httpx.get(f"http://127.0.0.1:{port}/api/wards/AMU/snapshot").json()["sources"]
    return {source["state"] for source in sources} == {"current"}
