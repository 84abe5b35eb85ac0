"""What is going to happen is kept in a database of its own, so that the hospital goes on where it was killed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, Text, delete, insert, select

from surveillance.demo.records import Write
from surveillance.demo.systems import SYSTEM_OF, writer

METADATA = MetaData()
AGENDA = Table(
    "agenda",
    METADATA,
    Column("system", String(16), primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("body", Text),
    sqlite_with_rowid=False,
)
STATE = Table("state", METADATA, Column("name", String(16), primary_key=True), Column("value", Text))


class Agenda:
    """Writes that are not due yet, and the state of what produces them."""

    def __init__(self, path: Path) -> None:
        self.engine = writer(path)
        METADATA.create_all(self.engine)

    def read(self, name: str) -> Any:
        """A kept value, or None."""
        with self.engine.connect() as connection:
            found = connection.execute(select(STATE.c.value).where(STATE.c.name == name)).scalar_one_or_none()
        return None if found is None else json.loads(found)

    @staticmethod
    def keep(connection: Connection, name: str, value: Any) -> None:
        """Keep a value in the caller's transaction."""
        connection.execute(delete(STATE).where(STATE.c.name == name))
        connection.execute(insert(STATE).values(name=name, value=json.dumps(value)))

    @staticmethod
    def put(connection: Connection, writes: Iterable[Write], seq: int) -> int:
        """Add writes in their order, numbered from ``seq``; returns the next free number."""
        rows = []
        for write in writes:
            body = json.dumps([write.table, write.key, write.new, write.values])
            rows.append({"system": SYSTEM_OF[write.table], "at": write.at, "seq": seq, "body": body})
            seq += 1
        if rows:
            connection.execute(insert(AGENDA), rows)
        return seq

    def due(self, system: str, after: int, now: int) -> Iterator[Write]:
        """The writes of a system with ``after`` < moment ≤ ``now`` in order."""
        chosen = select(AGENDA.c.at, AGENDA.c.body).where(
            AGENDA.c.system == system, AGENDA.c.at > after, AGENDA.c.at <= now
        )
        with self.engine.connect() as connection:
            for moment, body in connection.execute(chosen.order_by(AGENDA.c.at, AGENDA.c.seq)):
                table, key, new, values = json.loads(body)
                yield Write(moment, table, key, new, values)

    def forget(self, positions: dict[str, int]) -> None:
        """Drop what every system holds by now."""
        with self.engine.begin() as connection:
            for system, position in positions.items():
                connection.execute(delete(AGENDA).where(AGENDA.c.system == system, AGENDA.c.at <= position))
