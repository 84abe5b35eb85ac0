"""Everything that teams said, as the store has it: read at once when it changes, and only ever added to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from surveillance.errors import StoreError
from surveillance.store.database import Database
from surveillance.store.team import add, alone, later_than, newest
from surveillance.team.things import Kind, Standing, Thing, folded_in


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be kept. ``about``: the number of the thing that ends with it; None: it begins a new one."""

    ward: str
    kind: Kind
    content: Mapping[str, Any] = field(default_factory=dict)
    standing: Standing = Standing.OPEN
    about: int | None = None

    @property
    def words(self) -> str:
        """What it does, without anything that was typed: for the audit record."""
        done = "new" if self.about is None else str(self.standing)
        return f"{self.kind} {done}" + ("" if self.about is None else f" ({self.about})")


class Notebook:
    """Any thread may use it. Closed until ``open``; then each method that waits for the store raises ``StoreError``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._things: Mapping[int, Thing] = {}
        self._newest = 0
        self._was_read = False
        self._told: list[Callable[[], None]] = []

    def open(self, database: Database) -> None:
        """From now on it can be read and written."""
        self._database = database

    def close(self) -> None:
        """Nothing can be read or written any more; what was read stays."""
        self._database = None

    def tell(self, of_a_change: Callable[[], None]) -> None:
        """Call ``of_a_change`` after each entry that is made here, in the thread that made it; it returns at once."""
        self._told.append(of_a_change)

    @property
    def things(self) -> tuple[Thing, ...]:
        """What was said, in order, as it was last read."""
        return tuple(self._things.values())

    @property
    def was_read(self) -> bool:
        """Whether ``things`` are what the store has, and not merely nothing yet."""
        return self._was_read

    def of(self, ward: str) -> tuple[Thing, ...]:
        """What one team said."""
        return tuple(thing for thing in self._things.values() if thing.ward == ward)

    def read(self) -> bool:
        """Look at the store; whether there was something new."""
        database = self._opened()
        with self._lock:
            with database.reading() as connection:
                if newest(connection) == self._newest:
                    self._was_read = True
                    return False
                rows = later_than(connection, self._newest)
            self._things = folded_in(self._things, rows)
            self._newest = rows[-1].number
            self._was_read = True
        return True

    def keep(self, entry: Entry, by: tuple[str, str], at: datetime, moment: datetime) -> bool:
        """Keep an entry for good. ``by``: subject and role. ``at``: the real time. ``moment``: the hospital's.

        Returns False, and keeps nothing, if what it is about does not stand any more: somebody else was quicker.
        """
        database = self._opened()
        with database.writing() as connection:
            alone(connection)
            if entry.about is not None:
                after = {
                    thing.number: thing for thing in folded_in({}, later_than(connection, entry.about - 1)).values()
                }
                thing = after.get(entry.about)
                if thing is None or not thing.is_open or (thing.ward, thing.kind) != (entry.ward, entry.kind):
                    return False
            add(
                connection,
                entry.ward,
                str(entry.kind),
                str(entry.standing),
                (at, moment),
                by,
                entry.content,
                entry.about,
            )
        for of_a_change in tuple(self._told):
            of_a_change()
        return True

    def _opened(self) -> Database:
        if self._database is None:
            raise StoreError("the store does not answer yet")
        return self._database
