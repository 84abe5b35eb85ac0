"""ADT messages that were acknowledged and that no poll has confirmed yet: rows of patients, deleted once one has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from surveillance.store.tables import adt_message

ONE_AWAY = delete(adt_message).where(adt_message.c.key == bindparam("the_key"))


@dataclass(frozen=True, slots=True)
class AdtRow:
    """One message. ``key``: tells it from every other. ``at``: the real time at which it came.

    ``control_id``: of its sender. ``event``: its type, as ``A01``. ``content``: the few fields that are needed of it.
    """

    key: str
    at: datetime
    control_id: str
    event: str
    content: Mapping[str, Any]


def keep(connection: Connection, row: AdtRow) -> bool:
    """Keep a message; False if it was kept already. To be called by one writer at a time."""
    if connection.execute(select(adt_message.c.key).where(adt_message.c.key == row.key)).first():
        return False
    values = {name: getattr(row, name) for name in AdtRow.__slots__}
    connection.execute(insert(adt_message).values({**values, "content": orjson.dumps(row.content).decode()}))
    return True


def kept(connection: Connection) -> list[AdtRow]:
    """Every message that is kept."""
    rows = connection.execute(select(adt_message).order_by(adt_message.c.at, adt_message.c.key))
    return [AdtRow(**{**row._mapping, "content": orjson.loads(row.content)}) for row in rows]


def forget(connection: Connection, keys: Iterable[str]) -> None:
    """Delete these messages."""
    if gone := [{"the_key": key} for key in sorted(keys)]:
        connection.execute(ONE_AWAY, gone)
