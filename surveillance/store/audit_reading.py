"""The audit record is read as it is kept, row by row in its order: however long it is, little of it is in memory."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, Connection, select, text, type_coerce

from surveillance.store.audit_log import storable
from surveillance.store.tables import EPOCH, audit

AT_ONCE = 500
"""Rows that are fetched together."""
REFUSES = {
    "sqlite": ("audit_continued", "audit_no_delete", "audit_no_update"),
    "postgresql": ("audit_continued", "audit_not_emptied", "audit_unchanged"),
}
"""The triggers that keep the record as it was written."""

Line = dict[str, Any]
"""A row by its columns as the database holds them; ``at``: microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: those that meet all that is given.

    ``who``: part of the name, in any case. ``patient``: a key that the row names. ``since``: the first moment,
    ``until``: the first no more.
    """

    who: str | None = None
    ward: str | None = None
    patient: str | None = None
    event: str | None = None
    measure: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Wanted()


def lines(
    connection: Connection, wanted: Wanted = EVERYTHING, *, newest_first: bool = False
) -> Generator[Line, None, None]:
    """The rows that are wanted, in the order of their numbers or against it."""
    number, names = audit.c.number, [str(column.name) for column in audit.columns]
    columns = [type_coerce(column, BigInteger) if column.name == "at" else column for column in audit.columns]
    query = select(*columns).where(*_conditions(wanted)).order_by(number.desc() if newest_first else number)
    with _any_text(connection):
        found = connection.execution_options(stream_results=True, yield_per=AT_ONCE).execute(query)
        try:
            for row in found:
                line = dict(zip(names, row, strict=True))
                if wanted.patient is None or wanted.patient in keys_of(line["keys"]):
                    yield line
        finally:
            found.close()


def keys_of(written: object) -> list[str]:
    """The keys of patients in a row; none if somebody made something else of it."""
    try:
        found = orjson.loads(written) if isinstance(written, str) else None
    except orjson.JSONDecodeError:
        return []
    return [str(key) for key in found] if isinstance(found, list) else []


def moment_of(at: object) -> datetime | None:
    """When a row was written; None if somebody made something else of it."""
    try:
        return EPOCH + timedelta(microseconds=at) if isinstance(at, int) else None
    except OverflowError:
        return None


def followed_by(connection: Connection, hashes: list[str]) -> dict[str, int]:
    """Hash → number of a row that remembers it as that of the row before."""
    query = select(audit.c["before"], audit.c.number).where(audit.c["before"].in_(hashes))
    with _any_text(connection):
        return {row[0]: row[1] for row in connection.execute(query)}


def unguarded(connection: Connection) -> list[str]:
    """The triggers against changes of the record that are missing, switched off or emptied."""
    if connection.dialect.name == "postgresql":
        query = (
            "select t.tgname from pg_trigger t join pg_proc p on p.oid = t.tgfoid where t.tgrelid = 'audit'::regclass "
            "and t.tgenabled in ('O', 'A') and strpos(p.prosrc, 'RAISE EXCEPTION') > 0"
        )
    else:
        query = (
            "select name from sqlite_master where type = 'trigger' and tbl_name = 'audit' "
            "and instr(sql, 'RAISE(ABORT') > 0"
        )
    standing = set(connection.execute(text(query)).scalars())
    return [name for name in REFUSES[connection.dialect.name] if name not in standing]


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for column, word in (
        (audit.c.ward, wanted.ward),
        (audit.c.event, wanted.event),
        (audit.c.measure, wanted.measure),
    ):
        if word is not None:
            yield column == storable(word)
    if wanted.who is not None:
        yield audit.c.who.icontains(storable(wanted.who), autoescape=True)
    if wanted.patient is not None:
        # As JSON writes it; what ``like`` finds too much (another case) is left out when the row is read.
        written = orjson.dumps(storable(wanted.patient)).decode()
        yield audit.c["keys"].contains(written, autoescape=True)
    if wanted.since is not None:
        yield audit.c.at >= wanted.since
    if wanted.until is not None:
        yield audit.c.at < wanted.until


@contextmanager
def _any_text(connection: Connection) -> Iterator[None]:
    """Text that somebody made unreadable in a SQLite file is still read, so that its row can be named."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.text_factory = lambda written: written.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str
