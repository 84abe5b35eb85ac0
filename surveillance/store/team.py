"""What teams say, row by row: each is added once and stays, and a later row about the same thing says how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, select, text

from surveillance.store.tables import team_entry

TEAM_LOCK = 7_215_301_968
"""PostgreSQL's advisory lock of whoever adds a row; any number that nobody else uses."""


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One row.

    ``about``: the number of the row with which the thing began. ``state``: how the thing stands from here on.
    ``at``: the real time. ``moment``: the hospital's time. ``who``, ``role``: of whoever wrote it.
    """

    number: int
    ward: str
    kind: str
    about: int
    state: str
    at: datetime
    moment: datetime
    who: str
    role: str
    content: Mapping[str, Any]


def add(
    connection: Connection,
    ward: str,
    kind: str,
    state: str,
    times: tuple[datetime, datetime],
    by: tuple[str, str],
    content: Mapping[str, Any],
    about: int | None = None,
) -> TeamRow:
    """Add one row, alone among all who write. ``times``: real and hospital's. ``by``: subject and role.

    ``about``: None for the first row of a thing.
    """
    alone(connection)
    number = newest(connection) + 1
    row = TeamRow(number, ward, kind, about or number, state, *times, *by, content)
    values = {name: getattr(row, name) for name in TeamRow.__slots__}
    connection.execute(team_entry.insert().values({**values, "content": orjson.dumps(content).decode()}))
    return row


def alone(connection: Connection) -> None:
    """Nobody else writes until the transaction ends."""
    if connection.dialect.name == "postgresql":
        # SQLite has one writer at a time by itself; here a reader must never see a number before a smaller one. Not a
        # lock of the table: that would take the right to change rows.
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": TEAM_LOCK})


def newest(connection: Connection) -> int:
    """The number of the last row; 0 before the first."""
    number: int = connection.execute(select(func.coalesce(func.max(team_entry.c.number), 0))).scalar_one()
    return number


def later_than(connection: Connection, number: int) -> list[TeamRow]:
    """The rows after ``number``, in their order."""
    rows = connection.execute(select(team_entry).where(team_entry.c.number > number).order_by(team_entry.c.number))
    return [TeamRow(**{**row._mapping, "content": orjson.loads(row.content)}) for row in rows]
