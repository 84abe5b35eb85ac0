"""People are let in as soon as the store that knows them answers; until then nobody is, and no wall waits for it."""

from __future__ import annotations

import threading

from surveillance.access.access import Access
from surveillance.errors import StoreError
from surveillance.settings import Settings
from surveillance.store import desk_url, open_database
from surveillance.store.database import Database

EVERY_S = 2.0


class LettingIn:
    """A thread of its own that opens the store for ``access``, and asks again while it does not answer."""

    def __init__(self, access: Access, settings: Settings) -> None:
        self._access = access
        self._settings = settings
        self._database: Database | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._open, name="letting in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let nobody in any more."""
        self._closing.set()
        self._thread.join(EVERY_S)
        self._access.close()
        if self._database:
            self._database.close()

    def _open(self) -> None:
        while not self._closing.is_set():
            try:
                self._database = open_database(desk_url(self._settings.store))
            except StoreError:
                self._closing.wait(EVERY_S)  # the keeper says what is wrong with the store
            else:
                self._access.open(self._settings, self._database)
                return
