"""The record of what was seen, changed and refused: written before anything is shown, and only ever added to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from surveillance.access.people import ROLE_WORDS, Device, Session, Who
from surveillance.store.audit_log import Record, append
from surveillance.store.database import Database


class Event(StrEnum):
    """What happened."""

    VIEW = "view"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    SIGN_IN_REFUSED = "sign-in refused"
    REFUSED = "refused"
    REASON = "reason given"
    CHANGE = "change"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    ``who``: None for somebody unknown; then ``claimed`` is the name that they gave. ``rows``, ``keys``: how many rows
    were shown, and the keys of their patients. ``detail``: never the content of a row.
    """

    event: Event
    who: Who
    place: str
    ward: str = ""
    measure: str = ""
    version: int | None = None
    rows: int | None = None
    keys: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""
    claimed: str = ""


class Trail:
    """Writes entries, each in a transaction of its own that is on the disk when ``record`` returns."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def record(self, entry: Entry) -> int:
        """Keep one entry; returns its number.

        Raises:
            StoreError: it was not kept. Then whatever it is about must not be shown or done.
        """
        with self._database.writing() as connection:
            return append(connection, self._now(), _named(entry))


def _named(entry: Entry) -> Record:
    who, role, via, session = entry.claimed, "", "", ""
    if isinstance(entry.who, Session):
        person = entry.who.person
        who, via, session = person.subject, person.via, entry.who.key[:12]
        role = ", ".join(ROLE_WORDS[one] for one in person.roles)
    elif isinstance(entry.who, Device):
        who, role, via = f"screen {entry.who.screen} (device {entry.who.number})", "screen", "device"
    return Record(
        str(entry.event),
        who,
        role,
        via,
        session,
        entry.place,
        entry.ward,
        entry.measure,
        entry.version,
        entry.rows,
        entry.keys,
        entry.reason,
        entry.detail,
    )
