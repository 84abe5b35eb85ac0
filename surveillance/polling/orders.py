"""Orders for screens are looked up in the store every few seconds and passed on to the web server."""

from __future__ import annotations

import threading
from collections.abc import Callable

from surveillance.errors import StoreError
from surveillance.store import Store
from surveillance.store.screen_orders import Orders

EVERY_S = 2.0


class OrderWatch:
    """A thread of its own, so that a store that is locked delays nobody. The keeper says what is wrong with the store.

    ``take``: gets the newest orders at first, and whenever they differ from those before.
    """

    def __init__(self, open_it: Callable[[], Store], take: Callable[[Orders], None]) -> None:
        self._open = open_it
        self._take = take
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="screen orders", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._closing.set()
        self._thread.join(EVERY_S)

    def _watch(self) -> None:
        store: Store | None = None
        known: Orders | None = None
        while not self._closing.is_set():
            try:
                store = store or self._open()
                orders = store.screen_orders()
                if orders != known:
                    known = orders
                    self._take(orders)
            except StoreError:
                pass  # the keeper says so
            self._closing.wait(EVERY_S)
        if store:
            store.close()
