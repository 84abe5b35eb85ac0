"""The newest feeds of all sources become one snapshot, published at once and then kept.

A snapshot is made soon after a source answered, and in any case every few seconds, so that ages grow and figures
turn stale even when every source is dead.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from time import monotonic

from surveillance.compose import NOT_ASKED, Lists, compose
from surveillance.current_lists import CurrentLists
from surveillance.feeds.data import FeedData, FeedState
from surveillance.hub import Hub
from surveillance.measures.site import Site
from surveillance.polling.keeper import Keeper
from surveillance.snapshot import Snapshot
from surveillance.snapshot_json import check
from surveillance.worklist import Worklist

log = logging.getLogger(__name__)

DEBOUNCE_S = 0.5
"""Sources that answer together make one snapshot."""
AT_LEAST_EVERY_S = 15.0
FIRST_WAIT_S = 5.0
"""How long the first snapshot waits for sources that have not answered yet."""


class Composer:
    """Holds the newest answer for every feed, and turns them into snapshots.

    ``expected``: feed → source, for every feed that is configured: until its source answers it is unavailable, never
    empty and never "not connected". ``lists``: where the rows behind each snapshot are handed over, before
    the hub has it.
    """

    def __init__(
        self,
        site: Site,
        expected: Mapping[str, str],
        hub: Hub,
        keeper: Keeper,
        clock: Callable[[], datetime],
        lists: CurrentLists | None = None,
    ) -> None:
        self._site = site
        self._hub = hub
        self._keeper = keeper
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting = False
        self._closing = False
        self._silent = set(expected.values())
        self._feeds = {
            feed: FeedData(feed, FeedState.UNAVAILABLE, source, error=NOT_ASKED) for feed, source in expected.items()
        }
        self._sizes: dict[str, int] = {}
        self._previous: Snapshot | None = None
        self._before: Worklist | None = None
        self._lists = Lists()
        self._current = lists or CurrentLists()
        self.concerns: Mapping[str, frozenset[str]] = {}
        """Ward → measures whose control chart deteriorates there; replaced by whoever makes charts, never changed."""
        self.amended: Callable[[Mapping[str, FeedData], datetime], Mapping[str, FeedData]] = lambda feeds, _now: feeds
        """The feeds at the hospital's time, with what is known beside the polls; their age stays that of the polls."""

    def start_from(
        self, previous: Snapshot | None, accepted: Mapping[str, int], before: Worklist | None = None
    ) -> None:
        """Hold the readings of the run before, and the rows behind them, until the sources answer."""
        self._previous = previous
        self._before = before
        known = {status.feed: status.as_at for status in previous.sources} if previous else {}
        with self._changed:
            self._sizes.update(accepted)
            self._feeds = {name: replace(feed, as_at=known.get(name)) for name, feed in self._feeds.items()}

    def accepted_rows(self) -> dict[str, int]:
        """Feed → size of its last believed answer."""
        with self._changed:
            return dict(self._sizes)

    def take(self, source: str, answers: list[FeedData], sizes: Mapping[str, int]) -> None:
        """The newest answers of one source; a failed feed remembers when it was last true."""
        with self._changed:
            for data in answers:
                before = self._feeds.get(data.feed)
                then = data.as_at or (before.as_at if before else None)
                self._feeds[data.feed] = replace(data, as_at=then)
            self._sizes.update(sizes)
            self._silent.discard(source)
            self._waiting = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Let there be a snapshot soon."""
        with self._changed:
            self._waiting = True
            self._changed.notify_all()

    def run(self, guarded: Callable[[str, Callable[[], None]], str]) -> None:
        """Make snapshots until ``close``; ``guarded`` runs one and returns what went wrong."""
        self._wait_for_the_first()
        while not self._closing:
            self._hub.fault("snapshot", guarded("the snapshot", self.compose_once))
            self._hub.fault("store", self._keeper.error)
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing, AT_LEAST_EVERY_S)
                if self._waiting:
                    self._changed.wait_for(lambda: self._closing, DEBOUNCE_S)

    def compose_once(self) -> None:
        """One snapshot: worked out, published, kept."""
        with self._changed:
            feeds, sizes = dict(self._feeds), dict(self._sizes)
            self._waiting = False
        started, now = monotonic(), self._clock()
        snapshot, worklist = compose(
            self._site, self.amended(feeds, now), now, self._previous, self._lists, self.concerns, self._before
        )
        for by_measure in (*snapshot.readings.values(), *snapshot.forecasts.values()):
            for reading in by_measure.values():
                check(reading)  # a number that contradicts its state must not reach a wall
        self._current.publish(snapshot, worklist)
        self._hub.publish(snapshot, monotonic() - started)
        self._previous, self._before = snapshot, worklist
        self._keeper.save(snapshot, worklist, sizes)

    def close(self) -> None:
        """Let ``run`` return."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _wait_for_the_first(self) -> None:
        if self._previous is not None:
            return  # figures of the run before are shown at once, as stale
        with self._changed:
            self._changed.wait_for(lambda: not self._silent or self._closing, FIRST_WAIT_S)
