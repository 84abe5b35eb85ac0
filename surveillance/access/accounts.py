"""Local accounts: a name, a password of which only the argon2id hash is kept, and what they may do."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from surveillance.access.people import Granted, Person
from surveillance.access.written import grants_of, grants_to_json
from surveillance.store import sign_ins
from surveillance.store.database import Database

VIA = "local"
LONGEST_NAME = 128
LONGEST_PASSWORD = 1024
AT_ONCE = 2
"""Passwords that are checked at the same time: each takes 64 MiB and a tenth of a second, as it should."""


class Accounts:
    """Any thread may ask; each method waits for the store and raises ``StoreError`` if it fails."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._hasher = PasswordHasher()
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def put(self, name: str, shown: str, password: str, grants: Sequence[Granted]) -> None:
        """Make an account, or give one another password and other rights; whoever used it has to sign in again."""
        known = account_name(name)
        row = sign_ins.AccountRow(
            known, shown or known, self._hasher.hash(_plain(password)), grants_to_json(grants), self._now()
        )
        with self._database.writing() as connection:
            sign_ins.keep_account(connection, row)
            sign_ins.drop_sessions(connection, _sessions(connection, known))

    def check(self, name: str, password: str) -> Person | None:
        """The person; None when name or password is wrong, after the same time in both cases."""
        known = account_name(name)
        with self._turn:
            nobodys = self._nobodys_hash
            with self._database.reading() as connection:
                row = sign_ins.account_of(connection, known) if 0 < len(known) <= LONGEST_NAME else None
            try:
                self._hasher.verify(row.password if row else nobodys, _plain(password))
            except (VerificationError, InvalidHashError):
                return None
        return _person(row) if row else None

    def named(self, name: str) -> str:
        """The name of the account as it is kept; empty if there is none."""
        known = account_name(name)
        if not 0 < len(known) <= LONGEST_NAME:
            return ""
        with self._database.reading() as connection:
            return known if sign_ins.account_of(connection, known) else ""

    def remove(self, name: str) -> bool:
        """Whether there was one; whoever used it is signed out."""
        known = account_name(name)
        with self._database.writing() as connection:
            sign_ins.drop_sessions(connection, _sessions(connection, known))
            return sign_ins.drop_account(connection, known)

    def names(self) -> list[Person]:
        """Everybody who has an account."""
        with self._database.reading() as connection:
            rows = sign_ins.accounts(connection)
        return [_person(row) for row in rows]

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())


def account_name(name: str) -> str:
    """A name as accounts are kept: how it was typed makes no difference."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)[:LONGEST_PASSWORD]


def _person(row: sign_ins.AccountRow) -> Person:
    try:
        grants = grants_of(row.grants)
    except ValueError:  # of a program with other roles: nothing is given rather than guessed
        grants = ()
    return Person(row.name, row.shown, VIA, grants)


def _sessions(connection: Connection, name: str) -> list[str]:
    """The sessions of an account, and of nobody who is called the same elsewhere."""
    found = sign_ins.sessions_of(connection, name)
    return [row.key for row in found if orjson.loads(row.person).get("via") == VIA]
