"""The patient rows of the current snapshot, one text a ward and measure; what changed is overwritten, the rest goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import NoneType
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from surveillance.store.tables import worklist as worklists
from surveillance.worklist import Cell, Row

Lists = dict[tuple[str, str], Sequence[Row]]

PLAIN = (str, float, int, NoneType)  # bool is an int
ONE_AWAY = delete(worklists).where(
    worklists.c.ward == bindparam("the_ward"), worklists.c.measure == bindparam("the_measure")
)


def keys(connection: Connection) -> Lists:
    """The lists that are there, with nothing known of their rows."""
    return {(row.ward, row.measure): () for row in connection.execute(select(worklists.c.ward, worklists.c.measure))}


def overwrite(connection: Connection, before: Lists, rows: Mapping[tuple[str, str], Sequence[Row]]) -> Lists:
    """Makes the table hold ``rows`` and nothing else, touching only what differs from ``before``.

    Returns what it holds now: an empty list is not kept, as it says the same as none.

    Raises:
        ValueError: a value cannot be kept as it is; names ward, measure and column, never the value.
    """
    now = {key: found for key, found in rows.items() if found}
    changed = {key: found for key, found in now.items() if not before.get(key) or before[key] != found}
    away = [key for key in before if key in changed or key not in now]
    if away:
        connection.execute(ONE_AWAY, [{"the_ward": ward, "the_measure": measure} for ward, measure in away])
    if changed:
        texts = [
            {"ward": ward, "measure": measure, "rows": _text(ward, measure, found)}
            for (ward, measure), found in changed.items()
        ]
        connection.execute(insert(worklists), texts)
    return now


def rows_of(connection: Connection, ward: str, measure: str) -> list[dict[str, Cell]]:
    """The rows behind one number, in their order."""
    query = select(worklists.c.rows).where(worklists.c.ward == ward, worklists.c.measure == measure)
    text = connection.execute(query).scalar()
    return [] if text is None else _rows(text)


def every_list(connection: Connection) -> dict[tuple[str, str], list[dict[str, Cell]]]:
    """(ward, measure) → its rows, in their order."""
    query = select(worklists.c.ward, worklists.c.measure, worklists.c.rows)
    return {(kept.ward, kept.measure): _rows(kept.rows) for kept in connection.execute(query)}


def _rows(text: str) -> list[dict[str, Cell]]:
    content = orjson.loads(text)
    found: list[dict[str, Cell]] = content["rows"]
    for row in found:
        for column in content["moments"]:
            if isinstance(value := row.get(column), str):
                row[column] = datetime.fromisoformat(value)
    return found


def _text(ward: str, measure: str, rows: Sequence[Row]) -> str:
    # JSON has no moments: the columns that hold them are named beside the rows.
    kinds: set[tuple[str, type]] = {(column, type(value)) for row in rows for column, value in row.items()}
    moments = {column for column, kind in kinds if issubclass(kind, datetime)}
    for column, kind in kinds:
        mixed = column in moments and not issubclass(kind, (datetime, NoneType))
        if mixed or not (issubclass(kind, (datetime, *PLAIN)) or kind.__module__ == "numpy"):
            raise ValueError(f"worklist of {ward}, {measure}: column '{column}' may not hold a {kind.__name__}")
    content = {"moments": sorted(moments), "rows": rows}
    return orjson.dumps(content, default=_moment, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _moment(value: Any) -> datetime | None:
    """A pandas Timestamp as a datetime in UTC, or without a zone if it has none; NaT as None."""
    if not isinstance(value, datetime) or value != value:
        return None  # NaT alone is not itself
    plain = datetime.fromisoformat(value.isoformat(timespec="microseconds"))
    return plain if plain.tzinfo is None else plain.astimezone(UTC)
