"""The store as somebody sees it who looks back: opened when it is first asked for, and anew after it failed.

It gives what was shown at a moment, and so no patient: the rows behind a number are not kept once it has changed.
"""

from __future__ import annotations

import threading
from datetime import datetime

from surveillance.errors import StoreError
from surveillance.lookback import Around, Gap, Look, Stretch
from surveillance.settings import StoreSettings
from surveillance.snapshot import State
from surveillance.store import Store, open_store, walls_url


class Archive:
    """May be used by several threads. (``callbacks`` know it as ``LooksBack``: no page can reach the store.)"""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settings: StoreSettings | None = None
        self._store: Store | None = None
        self._gaps: tuple[Gap, ...] = ()
        self._searched: datetime | None = None

    def look(self, settings: StoreSettings, moment: datetime) -> Look:
        """What is kept of ``moment`` by the store that ``settings`` name.

        Raises:
            StoreError: it does not answer.
            ConfigurationError: it cannot be opened by this program.
        """
        store = self._opened(settings)
        try:
            around = store.around(moment)
            shown = store.at(moment) if around and around.watched else None
            return Look(shown, around, self._all_gaps(store, around))
        except StoreError:
            self.close()
            raise

    def counts(
        self, settings: StoreSettings, ward: str, measure: str, since: datetime, until: datetime
    ) -> list[Stretch]:
        """How a ward's number (of its first part) went from ``since`` to ``until``.

        Raises:
            StoreError: it does not answer.
            ConfigurationError: it cannot be opened by this program.
        """
        store = self._opened(settings)
        try:
            points, watched = store.history(ward, measure, since, until), store.watched(since, until)
        except StoreError:
            self.close()
            raise
        first = [point for at, point in enumerate(points) if not at or point.as_at != points[at - 1].as_at]
        ends = [*(point.as_at for point in first[1:]), until][: len(first)]
        return [
            (max(point.as_at, since, start), min(end, until, stop), float(point.value))
            for point, end in zip(first, ends, strict=True)
            for start, stop in watched
            if point.state is State.VALUE and isinstance(point.value, int | float)
            if max(point.as_at, since, start) < min(end, until, stop)
        ]

    def close(self) -> None:
        """Let go of the store; it is opened again when somebody asks."""
        with self._lock:
            if self._store:
                self._store.close()
            self._store, self._gaps, self._searched = None, (), None

    def _opened(self, settings: StoreSettings) -> Store:
        if settings != self._settings:
            self.close()
        with self._lock:
            if self._store is None:
                self._store = open_store(walls_url(settings), settings)
                self._settings = settings
            return self._store

    def _all_gaps(self, store: Store, around: Around | None) -> tuple[Gap, ...]:
        """A gap never changes once it is over, so only new history is searched."""
        with self._lock:
            if around is None or store is not self._store:
                return ()
            newest = self._gaps[-1][1] if self._gaps else around.first
            self._gaps += tuple(gap for gap in store.gaps(self._searched) if gap[1] > newest)
            self._searched = max(self._searched or around.last, around.last)
            return tuple(gap for gap in self._gaps if gap[1] > around.first)
