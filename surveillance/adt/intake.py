"""One message at a time: read, stored, and only then acknowledged.

- AA: it is stored (or was already), or nothing in it changes the census.
- AE: it could not be stored. The same message is right later: send it again.
- AR: it can never be right: set it aside and go on with the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from surveillance.adt.acknowledgement import Answer, acknowledgement
from surveillance.adt.census import Census
from surveillance.adt.event import Event, Ignored, event_of
from surveillance.adt.heard import Tally
from surveillance.adt.message import INTERNAL, message_of
from surveillance.adt.stored import Stored
from surveillance.errors import MessageRefused, StoreError
from surveillance.polling.guarded import guarded
from surveillance.settings import Settings

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


class Intake:
    """Used by one thread. ``hospital``, ``real``: clocks. ``changed``: called when the census has changed."""

    def __init__(
        self,
        settings: Settings,
        stored: Stored,
        census: Census,
        tally: Tally,
        clocks: tuple[Clock, Clock],
        changed: Callable[[], None],
    ) -> None:
        assert settings.adt is not None, "there is a table [adt]"
        self._adt = settings.adt
        self._tolerance = timedelta(minutes=settings.options.future_tolerance_min)
        self._stored = stored
        self._census = census
        self._tally = tally
        self._hospital, self._real = clocks
        self._changed = changed
        self._told: set[str] = set()

    def begin(self) -> None:
        """Read what was acknowledged in the run before; later, with the first message, if the store is away."""
        try:
            self._load()
        except StoreError:
            return  # said by whoever met it

    def answer(self, block: bytes) -> bytes:
        """The acknowledgement of a message."""
        heard = self._hospital()
        self._tally.heard_at(heard)
        found: list[Event | Ignored] = []
        refused: list[MessageRefused] = []

        def read() -> None:
            try:
                message = message_of(block, self._adt.charset)
                found.append(event_of(message, self._adt, heard, self._tolerance))
            except MessageRefused as error:
                refused.append(error)

        if words := guarded("an ADT message", read):
            refused.append(MessageRefused(INTERNAL, "the message", words))  # sent again, it would fail again
        if refused:
            return self.refusal(block, refused[0])
        said = found[0]
        if isinstance(said, Ignored):
            self._tally.add("ignored", reason=said.reason)
            return acknowledgement(block, Answer.ACCEPT, self._real())
        return acknowledgement(block, Answer.ACCEPT if self._kept(said) else Answer.ERROR, self._real())

    def refusal(self, block: bytes, error: MessageRefused) -> bytes:
        """The rejection of a message; the first of a kind has a line in the log."""
        self._tally.add("refused", reason=str(error))
        if str(error) not in self._told:
            self._told.add(str(error))
            log.warning("an ADT message is refused, and so will be all of its kind: %s", error)
        return acknowledgement(block, Answer.REJECT, self._real(), error)

    def _kept(self, event: Event) -> bool:
        """Whether it is in the store now."""
        kept: list[bool] = []

        def store() -> None:
            try:
                self._load()
                kept.append(self._stored.keep(event, self._real()))
            except StoreError:
                kept.clear()

        if guarded("storing an ADT message", store) or not kept:
            self._tally.add("failed")
            return False
        self._tally.add("stored" if kept[0] else "again")
        if kept[0]:
            self._census.add([event])
            self._changed()
        return True

    def _load(self) -> None:
        if events := self._stored.load():
            self._census.add(events)
            self._changed()
