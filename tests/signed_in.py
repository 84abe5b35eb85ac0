"""A site that lets people and screens in, for tests: its store is a file, and its real time what the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from surveillance.access import accounts
from surveillance.access.access import Access
from surveillance.access.people import Device, Granted, Person, Role
from surveillance.settings import Settings
from surveillance.store import open_database
from tests import displays
from tests.displays import NOON

HALL = {"name": "hall", "place": "Ash Ward, hall", "ward": "A1"}
SCREENS = (HALL, {"name": "foyer", "ward": "C3", "profile": "public"})
QUICK = {"beat_s": 0.5, "lost_after_s": 5, "report_s": 1}


class Clock:
    """The real time, which goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> Any:
        return self.now


def site(**changes: Any) -> Settings:
    """Local accounts, and two screens."""
    return displays.settings(**{"access": {"local_accounts": True}, "screens": SCREENS, "wall": QUICK, **changes})


@contextmanager
def let_in(folder: Path, shown: Settings, now: Callable[[], Any] | None = None) -> Iterator[Access]:
    """Access to a site whose store stands in ``folder``."""
    access = Access(now or Clock())
    database = open_database(f"sqlite:///{folder / 'store.sqlite'}")
    access.open(shown, database)
    try:
        yield access
    finally:
        access.close()
        database.close()


@contextmanager
def open_site(folder: Path, shown: Settings | None = None) -> Iterator[tuple[str, Access, Clock]]:
    """A site that is served: its address, whom it lets in, and its real time."""
    clock, shown = Clock(), shown or site()
    with (
        let_in(folder, shown, clock) as access,
        displays.served(displays.hub_of(displays.snapshot(site=shown), site=shown), access=access) as address,
    ):
        yield address, access, clock


def session_of(access: Access, role: Role, *wards: str, name: str = "") -> str:
    """What the browser of somebody holds who is signed in."""
    assert access.opened
    person = Person(name or str(role), (name or str(role)).title(), "local", (Granted(role, wards),))
    return access.opened.sessions.begin(person, "10.0.0.1")[0]


def paired(access: Access, screen: str) -> tuple[str, Device]:
    """What the browser of a paired screen holds."""
    assert access.opened
    devices = access.opened.devices
    code, secret = devices.ask(screen, "10.0.0.2")
    assert devices.accept(code, "a test")
    token = devices.claim(secret)
    assert token
    device = devices.find(token)
    assert device
    return token, device


def weak_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as always, only with a thousandth of the work: where that is not what is tested."""
    monkeypatch.setattr(accounts, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=64))
