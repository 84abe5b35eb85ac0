"""The store as the poller sees it: whatever befalls it is words for a person, never a reason to stop the walls."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date

from surveillance.errors import StoreError
from surveillance.polling.closing import Closer
from surveillance.snapshot import Snapshot
from surveillance.store import Store
from surveillance.worklist import Rows, Worklist

log = logging.getLogger(__name__)


class Keeper:
    """Keeps snapshots as long as the store lets it, and opens the store again when it did not. Used by one thread.

    ``error``: why the last attempt failed; empty when it did not. ``closer``: makes points of charts of weeks that are
    over.
    """

    def __init__(self, open_it: Callable[[], Store], closer: Closer | None = None) -> None:
        self._open = open_it
        self._closer = closer
        self._store: Store | None = None
        self._thinned: date | None = None
        self._written: dict[str, int] = {}
        self.error = ""

    def read_back(self) -> tuple[Snapshot | None, dict[str, int], Worklist | None]:
        """The newest snapshot of the run before, feed → size of its last believed answer, and the rows behind it.

        Raises:
            ConfigurationError: the store is not one that this program can use.
        """
        found: list[tuple[Snapshot | None, dict[str, int], Rows]] = []
        self._attempt(lambda store: found.append((store.current(), store.accepted_rows(), store.worklists())))
        previous, accepted, rows = found[0] if found else (None, {}, {})
        self._written = dict(accepted)
        return previous, accepted, Worklist(previous.as_at, rows) if previous else None

    def save(self, snapshot: Snapshot, worklist: Worklist, accepted: Mapping[str, int]) -> None:
        """Keep a snapshot, its patient rows, how the polls went and the sizes of believed answers."""

        def write(store: Store) -> None:
            store.save(snapshot, worklist)
            store.record_poll(*snapshot.sources)
            for feed, rows in accepted.items():
                if self._written.get(feed) != rows:
                    store.accept_rows(feed, rows)
                    self._written[feed] = rows
            if self._closer:
                self._closer.close_some(store, snapshot.as_at)
                if self._closer.pending:
                    return  # thinning would take away what is still to be closed
            if self._thinned != snapshot.as_at.date():
                store.thin(snapshot.as_at)
                self._thinned = snapshot.as_at.date()

        self._attempt(write)

    def close(self) -> None:
        """Let go of the store."""
        if self._store:
            self._store.close()
        self._store = None

    def _attempt(self, action: Callable[[Store], None]) -> None:
        try:
            if self._store is None:
                self._store = self._open()
            action(self._store)
        except StoreError as error:
            if not self.error:
                log.error("%s (what it acknowledged before is kept; the display goes on)", error)
            self.error = str(error)
        else:
            if self.error:
                log.warning("the store works again")
            self.error = ""
