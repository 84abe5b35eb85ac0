"""What teams write reaches measures and walls within seconds, and at once where it is written in this process.

A store that cannot be read makes their feeds unavailable, never empty. A figure that was acknowledged and asks for
nothing any more ends its acknowledgement by itself; one that is not known does not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from surveillance.errors import StoreError
from surveillance.hub import Hub
from surveillance.polling.composer import Composer
from surveillance.settings import Settings
from surveillance.snapshot import Level, State
from surveillance.store.database import Database
from surveillance.team.boards import boards_of
from surveillance.team.feeds import SOURCE, answers, away
from surveillance.team.notebook import Entry, Notebook
from surveillance.team.things import Kind, Standing, Thing

EVERY_S = 3.0
RENEWED_AFTER = timedelta(minutes=1)
"""Of the hospital's time: so old may the feeds grow while nobody writes."""
ITSELF = ("", "the figure cleared")
"""Who ended an acknowledgement by itself: subject and role."""


@dataclass(frozen=True, slots=True)
class Times:
    """``hospital``: its time. ``real``: that of the computer."""

    hospital: Callable[[], datetime]
    real: Callable[[], datetime]


class TeamWatch:
    """A thread of its own, so that a store that is locked delays nobody. ``feeds``: those that teams fill here."""

    def __init__(
        self,
        notebook: Notebook,
        open_it: Callable[[], Database],
        into: tuple[Composer, Hub],
        settings: Settings,
        feeds: Sequence[str],
        times: Times,
    ) -> None:
        self._notebook = notebook
        self._open = open_it
        self._composer, self._hub = into
        self._settings = settings
        self._feeds = feeds
        self._times = times
        self._database: Database | None = None
        self._told: tuple[datetime, str] | None = None
        self._cleared: dict[int, datetime] = {}
        self._closing = False
        self._wake = threading.Event()
        notebook.tell(self._wake.set)
        self._hub.tell(self._look_for_cleared)
        self._thread = threading.Thread(target=self._watch, name="what teams write", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._closing = True
        self._wake.set()
        self._thread.join(EVERY_S)
        self._notebook.close()
        if self._database:
            self._database.close()

    def _watch(self) -> None:
        while not self._closing:
            self._wake.clear()
            try:
                if self._database is None:
                    self._database = self._open()
                    self._notebook.open(self._database)
                changed = self._notebook.read() or self._told is None
                if self._end_cleared():
                    changed = self._notebook.read() or changed
                error = ""
            except StoreError as fault:
                changed, error = False, f"{type(fault).__name__}: {fault}"
            self._pass_on(error, changed=changed)
            self._wake.wait(EVERY_S)

    def _pass_on(self, error: str, *, changed: bool) -> None:
        now = self._times.hospital()
        if self._told and self._told[1] == error and not changed and now - self._told[0] < RENEWED_AFTER:
            return
        if changed and not error:
            self._hub.team(boards_of(self._settings, self._notebook.things))
        if self._feeds:
            found = away(self._feeds, now, error) if error else answers(self._notebook.things, self._feeds, now)
            self._composer.take(SOURCE, found, {})
        self._told = (now, error)

    def _look_for_cleared(self) -> None:
        """Of the newest snapshot, in the thread that published it; notes what there is to be written."""
        snapshot = self._hub.look().snapshot
        if snapshot is None or self._closing:
            return
        for thing in self._notebook.things:
            if thing.kind is not Kind.OWNED or not thing.is_open or snapshot.as_at < thing.since:
                continue
            name = thing.content["measure"]
            reading = snapshot.readings.get(thing.ward, {}).get(name)
            reading = reading or snapshot.forecasts.get(thing.ward, {}).get(name)
            if reading and reading.state is State.VALUE and reading.level is Level.NONE:
                self._cleared.setdefault(thing.number, snapshot.as_at)
                self._wake.set()

    def _end_cleared(self) -> bool:
        """Write what cleared; whether there was anything."""
        things = {thing.number: thing for thing in self._notebook.things}
        cleared = {number: at for number, at in tuple(self._cleared.items()) if number in things}
        for number, at in cleared.items():
            if things[number].is_open:
                self._notebook.keep(_end_of(things[number]), ITSELF, self._times.real(), at)
            self._cleared.pop(number, None)
        return bool(cleared)


def _end_of(thing: Thing) -> Entry:
    return Entry(thing.ward, thing.kind, standing=Standing.CLEARED, about=thing.number)
