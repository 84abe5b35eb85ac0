"""``surveillance devices``: paired screens are listed, accepted and revoked, as on the administrator's page."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable

from surveillance.access.access import Access, Opened
from surveillance.access.audit import Entry, Event
from surveillance.access.devices import HALF
from surveillance.errors import ConfigurationError, StoreError
from surveillance.settings import load_settings
from surveillance.store import desk_url, open_database

PLACE = "command line"


def run(asked: argparse.Namespace) -> int:
    """Do what was asked, for a running program as well, which knows it within seconds; 1 if there was nothing to do."""
    settings = load_settings(asked.config)
    database = open_database(desk_url(settings.store))
    access = Access()
    try:
        opened = access.open(settings, database)
        if not opened.devices.known:
            raise StoreError("the store does not say which screens are paired")
        return COMMANDS[asked.devices_command](opened, asked)
    finally:
        access.close()
        database.close()


def _list(opened: Opened, asked: argparse.Namespace) -> int:  # noqa: ARG001
    waiting, paired = opened.devices.waiting(), opened.devices.paired()
    for one in paired:
        state = "paired" if one.fetched else "accepted, the screen has not come for its token yet"
        if not one.fits:
            state = "shows a code: the screen left the configuration, or its profile changed"
        device = one.device
        print(f"{device.number:>4}  {device.screen}  {device.profile}  since {one.since:%Y-%m-%d %H:%M} UTC", end="")
        print(f"  by {one.by}  {state}")
    for ask in waiting:
        print(f"   -  {ask.screen}  waits with {ask.code[:HALF]}-....  since {ask.asked:%H:%M} UTC  from {ask.place}")
    if not (paired or waiting):
        print("no screen is paired, and none is waiting")
    return 0


def _accept(opened: Opened, asked: argparse.Namespace) -> int:
    waiting = opened.devices.shown(asked.code)
    if waiting is None:
        raise ConfigurationError(f"no screen shows the code '{asked.code}' now")
    _record(opened, f"pairs screen {waiting.screen}, asked from {waiting.place}")
    device = opened.devices.accept(asked.code, _name())
    if device is None:
        raise ConfigurationError(f"no screen shows the code '{asked.code}' any more")
    print(f"{device.screen} is paired as device {device.number}; it shows its wall within seconds")
    return 0


def _revoke(opened: Opened, asked: argparse.Namespace) -> int:
    _record(opened, f"revokes device {asked.number}")
    done = opened.devices.revoke(asked.number, _name())
    print(f"device {asked.number} is revoked" if done else f"there is no pairing {asked.number}")
    return 0 if done else 1


def _revoke_all(opened: Opened, asked: argparse.Namespace) -> int:  # noqa: ARG001
    _record(opened, "revokes every device")
    print(f"{opened.devices.revoke_all(_name())} revoked: their screens show new codes")
    return 0


def _record(opened: Opened, words: str) -> None:
    """Before the effect; what cannot be recorded is not done."""
    opened.trail.record(Entry(Event.CHANGE, None, PLACE, detail=words, claimed=_name()))


def _name() -> str:
    """Who types: the system's account."""
    return f"{getpass.getuser()} ({PLACE})"


COMMANDS: dict[str, Callable[[Opened, argparse.Namespace], int]] = {
    "list": _list,
    "accept": _accept,
    "revoke": _revoke,
    "revoke-all": _revoke_all,
}
