"""A listener and its store in a process of its own, to be killed; prints its port. ``dies``: before it acknowledges."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime

from surveillance.adt import intake
from surveillance.adt.listener import Listener
from surveillance.settings import Settings
from surveillance.store import open_database


def now() -> datetime:
    return datetime.now(UTC)


def settings_of(**adt: object) -> Settings:
    """A site with three wards and any free port."""
    wards = [{"code": code, "name": code, "division": "MED", "site": "MAIN"} for code in ("A1", "B2", "C3")]
    units = {"divisions": [{"code": "MED", "name": "Medicine"}], "sites": [{"code": "MAIN", "name": "Main"}]}
    content = {"site": {"name": "Test"}, "wards": wards, **units, "adt": {"source": "pas", "port": 0, **adt}}
    return Settings.model_validate(content)


if __name__ == "__main__":
    if "dies" in sys.argv:
        intake.acknowledgement = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    url = sys.argv[1]
    listener = Listener(settings_of(), lambda: open_database(url), {}, (now, now), lambda: None, lambda _: None)
    print(listener.port, flush=True)
    sys.stdin.read()
    listener.close()
