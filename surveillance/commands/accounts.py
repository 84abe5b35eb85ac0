"""``surveillance accounts``: who may sign in with a password kept here; each change is recorded before it is done."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from surveillance.access.access import Access, Opened
from surveillance.access.accounts import LONGEST_NAME, LONGEST_PASSWORD, account_name
from surveillance.access.audit import Entry, Event
from surveillance.access.claims import plain
from surveillance.access.people import ROLE_WORDS, Granted, Role
from surveillance.errors import ConfigurationError, nearest
from surveillance.settings import Settings, load_settings
from surveillance.store import desk_url, open_database

PLACE = "command line"
SHORTEST = 12
"""Characters of a password: length is what helps, says the National Cyber Security Centre; the demo makes its own."""


def run(asked: argparse.Namespace) -> int:
    """Do what was asked, for a running program as well; 1 if there was no such account."""
    settings = load_settings(asked.config)
    if not settings.access.local_accounts:
        raise ConfigurationError(
            f"{asked.config}: accounts are not switched on: say local_accounts = true in [access] if people are to "
            "sign in with a name and a password kept here"
        )
    grants = _grants(settings, asked) if asked.accounts_command == "add" else []
    name = _name(asked.name) if asked.accounts_command != "list" else ""
    password = _password(asked.password_file) if asked.accounts_command == "add" else ""
    database = open_database(desk_url(settings.store))
    access = Access()
    try:
        opened = access.open(settings, database)
        if asked.accounts_command == "list":
            return _list(opened)
        if asked.accounts_command == "remove":
            return _remove(opened, name)
        shown = plain(asked.shown or "") or name
        _record(opened, f"account {name}: {'; '.join(_words(one) for one in grants)}")
        opened.accounts.put(name, shown, password, grants)
        print(f"{name} may sign in; whoever was signed in under that name has to do so again")
        return 0
    finally:
        access.close()
        database.close()


def _list(opened: Opened) -> int:
    people = opened.accounts.names()
    for one in people:
        print(f"{one.subject}  {one.name}  {'; '.join(_words(granted) for granted in one.grants)}")
    if not people:
        print("nobody has an account")
    return 0


def _remove(opened: Opened, name: str) -> int:
    _record(opened, f"account {name} removed")
    done = opened.accounts.remove(name)
    print(f"{name} is removed, and signed out everywhere" if done else f"there is no account '{name}'")
    return 0 if done else 1


def _grants(settings: Settings, asked: argparse.Namespace) -> list[Granted]:
    wards, divisions = [one.code for one in settings.wards], [one.code for one in settings.divisions]
    for what, given, known in (("ward", asked.ward, wards), ("division", asked.division, divisions)):
        for code in given:
            if code not in known:
                raise ConfigurationError(f"there is no {what} '{code}'; {nearest(code, known)}")
    return [Granted(Role(role), tuple(asked.ward), tuple(asked.division)) for role in dict.fromkeys(asked.role)]


def _words(granted: Granted) -> str:
    where = [f"ward {code}" for code in granted.wards] + [f"division {code}" for code in granted.divisions]
    return f"{ROLE_WORDS[granted.role]} ({', '.join(where) or 'every ward'})"


def _name(written: str) -> str:
    name = account_name(written)
    if not name or name != plain(name, LONGEST_NAME):
        raise ConfigurationError(f"'{plain(written)}' is no name for an account: at most {LONGEST_NAME} letters")
    return name


def _password(path: Path | None) -> str:
    if path is not None:
        try:
            found = path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            said = error.strerror if isinstance(error, OSError) else "is no text"
            raise ConfigurationError(f"--password-file: {path}: {said}") from None
    elif sys.stdin.isatty():
        found = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != found:
            raise ConfigurationError("the two are not the same")
    else:
        raise ConfigurationError("nobody is there to type a password: give --password-file")
    if not SHORTEST <= len(found) <= LONGEST_PASSWORD:
        raise ConfigurationError(f"a password has from {SHORTEST} to {LONGEST_PASSWORD} characters")
    return found


def _record(opened: Opened, words: str) -> None:
    """Before the effect; what cannot be recorded is not done."""
    opened.trail.record(Entry(Event.CHANGE, None, PLACE, detail=words[:300], claimed=f"{PLACE} {_who_types()}"))


def _who_types() -> str:
    """The system's account; its number where it has no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
