"""How the last poll of every feed went and how large its last believable answer was: kept, but without a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from surveillance.snapshot import SourceStatus
from surveillance.snapshot_json import dumps, status_from_json, status_to_json
from surveillance.store.tables import accepted, poll

ONE_POLL_AWAY = delete(poll).where(poll.c.source == bindparam("the_source"), poll.c.feed == bindparam("the_feed"))
ONE_COUNT_AWAY = delete(accepted).where(accepted.c.feed == bindparam("the_feed"))


def record(connection: Connection, statuses: Iterable[SourceStatus]) -> None:
    """Each replaces what was known of its feed of its source."""
    rows = [
        {"source": status.source, "feed": status.feed, "status": dumps(status_to_json(status)).decode()}
        for status in {(status.source, status.feed): status for status in statuses}.values()
    ]
    if rows:
        old = [{"the_source": row["source"], "the_feed": row["feed"]} for row in rows]
        connection.execute(ONE_POLL_AWAY, old)
        connection.execute(insert(poll), rows)


def last(connection: Connection) -> tuple[SourceStatus, ...]:
    """The last status of every feed, by source and feed."""
    rows = connection.execute(select(poll).order_by(poll.c.source, poll.c.feed))
    return tuple(status_from_json(row.source, orjson.loads(row.status)) for row in rows)


def accept(connection: Connection, rows: Mapping[str, int]) -> None:
    """Keeps how many rows each feed had."""
    if rows:
        connection.execute(ONE_COUNT_AWAY, [{"the_feed": feed} for feed in rows])
        connection.execute(insert(accepted), [{"feed": feed, "rows": count} for feed, count in rows.items()])


def accepted_rows(connection: Connection) -> dict[str, int]:
    """Feed → rows in its last believed answer."""
    return dict(connection.execute(select(accepted.c.feed, accepted.c.rows)).all())
