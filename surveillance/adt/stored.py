"""Messages in the store: kept before they are acknowledged, and deleted when a poll has settled them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from surveillance.adt.event import Event
from surveillance.errors import StoreError
from surveillance.store.adt import AdtRow, forget, keep, kept
from surveillance.store.database import Database

log = logging.getLogger(__name__)


class Stored:
    """Used by one thread. The database is opened when it is needed, and what it holds is read first."""

    def __init__(self, open_it: Callable[[], Database]) -> None:
        self._open = open_it
        self._database: Database | None = None
        self._settled: set[str] = set()
        self._fails = False

    def load(self) -> list[Event]:
        """What was acknowledged in the run before and is not settled; nothing if it was read already.

        Raises:
            StoreError: it cannot be read.
        """
        if self._database is not None:
            return []
        try:
            database = self._open()
            with database.reading() as connection:
                events = [Event.from_plain(row.content) for row in kept(connection)]
        except StoreError as error:
            self._failed(error)
            raise
        self._database = database
        return events

    def keep(self, event: Event, at: datetime) -> bool:
        """Keep an event, on the disk when this returns; False if it was kept already. ``at``: the real time.

        Raises:
            StoreError: it is not kept.
        """
        assert self._database is not None, "load comes first"
        row = AdtRow(event.key, at, event.control_id, event.kind, event.plain())
        try:
            with self._database.writing() as connection:
                is_new = keep(connection, row)
        except StoreError as error:
            self._failed(error)
            raise
        if self._fails:
            log.warning("ADT messages are stored again")
            self._fails = False
        return is_new

    def forget(self, keys: frozenset[str]) -> None:
        """Delete settled events; those that cannot be deleted now are deleted with the next ones."""
        self._settled |= keys
        if self._database is None:
            return
        try:
            with self._database.writing() as connection:
                forget(connection, self._settled)
        except StoreError as error:
            self._failed(error)
        else:
            self._settled.clear()

    def close(self) -> None:
        """Let go of the database."""
        if self._database:
            self._database.close()

    def _failed(self, error: StoreError) -> None:
        if not self._fails:
            log.error("ADT messages cannot be stored and are not acknowledged: %s", error)
        self._fails = True
