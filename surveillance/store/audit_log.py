"""The audit record as a chain: each row holds the hash of the row before, so that a change of any of them shows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, String, select, text

from surveillance.store.tables import EPOCH, MICROSECOND, audit

FIRST = "0" * 64
"""What stands before the first row."""
CHAINED = (
    "number",
    "at",
    "event",
    "who",
    "role",
    "via",
    "session",
    "place",
    "ward",
    "measure",
    "version",
    "rows",
    "keys",
    "reason",
    "detail",
    "before",
)
"""The columns that a row's hash is made of, in this order for ever: another order would be another hash."""
NUMBERS = frozenset({"number", "at"})
PERHAPS_NUMBERS = frozenset({"version", "rows"})
AUDIT_LOCK = 7_215_301_967
"""PostgreSQL's advisory lock of whoever adds a row; any number that nobody else uses."""
LONGEST_TEXT = 4000
"""Characters of a reason or detail; more is cut."""
CUT = " […cut]"
"""Ends a text that was longer than its place."""
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that no database can keep as text: NUL, and halves of pairs."""
_ROOM = {
    column.name: column.type.length or LONGEST_TEXT
    for column in audit.columns
    if isinstance(column.type, String) and column.name != "keys"
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row, without its number, time and hashes. ``keys``: of the patients whose rows were shown."""

    event: str
    who: str
    role: str = ""
    via: str = ""
    session: str = ""
    place: str = ""
    ward: str = ""
    measure: str = ""
    version: int | None = None
    rows: int | None = None
    keys: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""


def append(connection: Connection, at: datetime, record: Record) -> int:
    """Add a row at the end of the chain, alone among all who write; returns its number.

    A text that is longer than its place is cut and says so, and what no database can keep becomes U+FFFD: a record
    that is refused would keep patients from their nurse. Keys of patients are never cut.
    """
    if connection.dialect.name == "postgresql":
        # SQLite has one writer at a time by itself; here the chain's end must not be read by two at once. No lock of
        # the table: that would take the right to change rows. And on the disk before anything is shown, whatever the
        # server's own setting.
        connection.execute(
            text("select pg_advisory_xact_lock(:lock), set_config('synchronous_commit', 'on', true)"),
            {"lock": AUDIT_LOCK},
        )
    last = connection.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)).first()
    number, before = (last.number + 1, last.hash) if last else (1, FIRST)
    content = {
        **{name: _fitting(getattr(record, name), room) for name, room in _ROOM.items() if name in Record.__slots__},
        "number": number,
        "at": (at - EPOCH) // MICROSECOND,
        "version": None if record.version is None else int(record.version),
        "rows": None if record.rows is None else int(record.rows),
        "keys": orjson.dumps([storable(key) for key in record.keys]).decode(),
        "before": before,
    }
    connection.execute(audit.insert().values({**content, "at": at, "hash": digest(content)}))
    return number


def digest(content: Mapping[str, object]) -> str:
    """The hash of a row: SHA-256 of a JSON array of ``CHAINED``, in UTF-8 without spaces; ``at`` is a number.

    Raises:
        ValueError: a value is of a kind that the program never writes there.
    """
    for name in CHAINED:
        value = content[name]
        # Exact kinds: JSON would write a true 1, a lost infinity or a NULL as something that was there before.
        number = name in NUMBERS or (name in PERHAPS_NUMBERS and value is not None)
        if not (type(value) is (int if number else str) or (name in PERHAPS_NUMBERS and value is None)):
            raise ValueError(f"{name} may not be a {type(value).__name__}")
    try:
        return hashlib.sha256(orjson.dumps([content[name] for name in CHAINED])).hexdigest()
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from None


def storable(words: str) -> str:
    """The same in characters that every database keeps."""
    return _UNSTORABLE.sub(UNREADABLE, words)


def _fitting(words: str, room: int) -> str:
    words = storable(words)
    return words if len(words) <= room else words[: room - len(CUT)] + CUT
