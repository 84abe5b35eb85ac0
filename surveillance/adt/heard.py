"""What was heard over MLLP, counted; no count tells who a patient is."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a poll said otherwise than the messages before it, in patients on listed wards.

    ``only_messages``: on a ward by the messages, on none by the poll. ``only_poll``: the reverse.
    ``other_ward``: on two different wards. ``at``: when the polled data was true.
    """

    at: datetime
    only_messages: int = 0
    only_poll: int = 0
    other_ward: int = 0

    @property
    def patients(self) -> int:
        """All of them."""
        return self.only_messages + self.only_poll + self.other_ward


@dataclass(frozen=True, slots=True)
class Heard:
    """Since the program started, unless it says otherwise.

    ``received``: messages that were read. ``stored``: of these, kept and acknowledged. ``again``: re-sent ones that
    were kept already. ``ignored``: reason → acknowledged without being kept, for nothing in them changes the census.
    ``refused``: reason → answered with a rejection. ``failed``: answered with an error, to be sent again.
    ``broken``: messages that began and did not end. ``outside``: bytes that belonged to no message.
    ``turned_away``: reason → connections. ``waiting``: kept messages that no poll has settled yet. ``late``: the poll
    knew them when they came. ``unknown``: settled visits that neither a poll nor a message began. ``elsewhere``:
    updates (A08) that name another ward than the one where the patient lies. ``last``: the hospital's time of the last
    message. ``since``: of the start. ``disagreement``: at the last poll. ``disagreed``: kind → patients, of all polls.
    ``held_back``: why messages are not applied at the moment; empty if they are.
    """

    since: datetime
    quiet_after_min: float
    received: int = 0
    stored: int = 0
    again: int = 0
    failed: int = 0
    broken: int = 0
    outside: int = 0
    connections: int = 0
    waiting: int = 0
    late: int = 0
    unknown: int = 0
    elsewhere: int = 0
    ignored: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    refused: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    turned_away: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    disagreed: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    last: datetime | None = None
    disagreement: Disagreement | None = None
    held_back: str = ""

    def quiet_min(self, now: datetime) -> float:
        """Minutes in which nothing was heard; 0 while that is no longer than the site finds usual."""
        silent = (now - (self.last or self.since)).total_seconds() / 60
        return silent if silent > self.quiet_after_min else 0.0


REASONS = ("ignored", "refused", "turned_away", "disagreed")


class Tally:
    """Counts that several threads add to."""

    def __init__(self, since: datetime, quiet_after_min: float) -> None:
        self._lock = threading.Lock()
        self._since = since
        self._quiet_after_min = quiet_after_min
        self._number: Counter[str] = Counter()
        self._by_reason: dict[str, Counter[str]] = {name: Counter() for name in REASONS}
        self._last: datetime | None = None
        self._disagreement: Disagreement | None = None
        self._held_back = ""

    def add(self, name: str, number: int = 1, reason: str = "") -> None:
        """Count; those that ``Heard`` has by reason need one."""
        with self._lock:
            counted = self._by_reason.get(name)
            if counted is None:
                self._number[name] += number
            else:
                counted[reason] += number

    def put(self, name: str, number: int) -> None:
        """A number that goes up and down."""
        with self._lock:
            self._number[name] = number

    def heard_at(self, moment: datetime) -> None:
        """A message came."""
        with self._lock:
            self._last = moment
            self._number["received"] += 1

    def disagreed(self, found: Disagreement) -> None:
        """A poll was compared with the messages before it."""
        with self._lock:
            self._disagreement = found
            for kind in ("only_messages", "only_poll", "other_ward"):
                self._by_reason["disagreed"][kind] += getattr(found, kind)

    def held_back(self, words: str) -> bool:
        """Why messages are not applied; returns whether that is new."""
        with self._lock:
            before, self._held_back = self._held_back, words
        return words != before

    def heard(self) -> Heard:
        """How it stands."""
        with self._lock:
            number = self._number
            reason = {name: MappingProxyType(dict(counted)) for name, counted in self._by_reason.items()}
            return Heard(
                self._since,
                self._quiet_after_min,
                received=number["received"],
                stored=number["stored"],
                again=number["again"],
                failed=number["failed"],
                broken=number["broken"],
                outside=number["outside"],
                connections=number["connections"],
                waiting=number["waiting"],
                late=number["late"],
                unknown=number["unknown"],
                elsewhere=number["elsewhere"],
                ignored=reason["ignored"],
                refused=reason["refused"],
                turned_away=reason["turned_away"],
                disagreed=reason["disagreed"],
                last=self._last,
                disagreement=self._disagreement,
                held_back=self._held_back,
            )
