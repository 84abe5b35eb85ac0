"""The installed program as a process of its own, for tests that stop, kill and start it again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

SURVEILLANCE = Path(sys.executable).with_name("surveillance")


def missing(what: str) -> NoReturn:
    """A developer goes on without the tests that need it; continuous integration, where all must be there, fails."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def until(condition: Callable[[], object], seconds: float = 30, every: float = 0.05) -> None:
    """Wait for a condition; fail if it does not come about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(every)


@contextmanager
def program(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The program with these arguments; killed at the end if it still runs."""
    command = [str(SURVEILLANCE), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait(10)


def answers(address: str, code: int = 200) -> bool:
    """Whether the address answers with this status."""
    try:
        return httpx.get(address, timeout=5).status_code == code
    except httpx.HTTPError:
        return False
