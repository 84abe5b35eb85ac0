"""A process of its own keeps the simulated hospital up with its clock until it is stopped or its parent is gone."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from sqlalchemy.exc import OperationalError

from surveillance.demo.hospital import DemoHospital
from surveillance.errors import ConfigurationError
from surveillance.settings import load_settings

EVERY_S = 1.0
"""Real seconds between two rounds of writing."""

log = logging.getLogger(__name__)


def main(folder: Path, stop: Event | None = None) -> None:
    """Write whatever is due, again and again, until ``stop`` is set, a signal comes or the parent process is gone.

    Raises:
        ConfigurationError: no hospital stands in the folder, or another process writes to it already.
    """
    stop = stop or _stopped_by_signal()
    parent = os.getppid()
    with _alone(folder):
        hospital = DemoHospital.open(folder)
        clock = load_settings(hospital.config).clock
        while True:
            real = datetime.now(UTC)
            try:
                hospital.advance_to(clock.now(real) if clock else real)
            except OperationalError as error:  # somebody holds a file; what was written is whole
                log.warning("the simulated hospital could not write: %s", type(error.orig).__name__)
                hospital.close()
                hospital = DemoHospital.open(folder)
            if stop.wait(EVERY_S) or os.getppid() != parent:
                break
        hospital.close()


def _stopped_by_signal() -> Event:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "live.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"{folder}: another process writes to this simulated hospital") from None
        yield


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except ConfigurationError as error:
        sys.exit(str(error))
