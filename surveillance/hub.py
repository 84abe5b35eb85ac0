"""The hub holds what the screens may see now: the site's names, the newest snapshot, and what is wrong; nothing older.

Nothing in it identifies a patient. A snapshot that nobody renews is handed out as what it is: no longer current.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from types import MappingProxyType
from typing import Any, Protocol

from surveillance.adt.heard import Heard
from surveillance.charts import UnitChart
from surveillance.lapse import lapsed
from surveillance.settings import Settings
from surveillance.snapshot import Snapshot
from surveillance.team.board import Boards
from surveillance.usage import Used

STARTING = "starting"
LAPSES_AFTER_S = 30.0
"""A snapshot is made every 15 s at most; one that is older (in real time) shows that none are made any more."""


ChartOf = tuple[str, str, str]
"""Kind of unit (trust, division, …), its code, and the measure of a chart over time."""


class Book(Protocol):
    """Where charts over time are read; any thread may, and each waits for the store."""

    @property
    def revision(self) -> int:
        """Grows whenever there are new points."""
        ...

    @property
    def error(self) -> str:
        """Why the history could not be read when it was last asked for; empty when it could."""
        ...

    def chart(self, measure_id: str, kind: str, unit_code: str) -> UnitChart | None:
        """One measure of one unit; None where it has no meaning."""
        ...

    def then(self, measure_id: str, kind: str, unit_code: str, moment: datetime) -> UnitChart | None:
        """The same as it stood at an earlier moment."""
        ...

    def summary(self, kind: str, unit_code: str) -> list[UnitChart]:
        """Every charted measure of a unit."""
        ...

    def wards(self, measure_id: str) -> list[UnitChart]:
        """One measure on each ward where it has a meaning."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One published snapshot.

    ``published``: seconds of this computer's steady clock. ``compose_s``: how long it took to work out.
    """

    version: int
    snapshot: Snapshot
    published: float
    compose_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that a page shows, as it stood at one moment.

    ``settings``: None until the site is known. ``frame``: None until there is a first snapshot. ``stage``: what the
    program is busy with until then. ``faults``: part of the program → what is wrong with it.
    ``now``: the hospital's time. ``lapsed``: nobody renews the snapshot, and its readings say so.
    ``charts``: those that walls show, whole; replaced when a week is added, never changed. ``book``: all the others.
    ``is_past``: it stood so at ``now``, which is not the present.
    """

    stage: str
    now: datetime
    settings: Settings | None = None
    frame: Frame | None = None
    faults: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    speed: float = 1.0
    lapsed: bool = False
    charts: Mapping[ChartOf, Any] = field(default_factory=lambda: MappingProxyType({}))
    book: Book | None = None
    is_past: bool = False
    team: Boards = field(default_factory=lambda: MappingProxyType({}))
    """Ward code → what its team says now; replaced whole, never changed."""
    used: Mapping[str, Used] = field(default_factory=lambda: MappingProxyType({}))
    """Source → what was used of it within the last hour."""
    adt: Heard | None = None
    """What was heard of ADT messages; None where nobody listens for them."""

    @property
    def snapshot(self) -> Snapshot | None:
        """What may be shown."""
        return self.frame.snapshot if self.frame else None

    @property
    def names(self) -> dict[str, str]:
        """Ward code → name, in the organisation's order."""
        return {ward.code: ward.name for ward in self.settings.wards} if self.settings else {}

    @property
    def age_s(self) -> float | None:
        """Real seconds since the newest snapshot was published."""
        return monotonic() - self.frame.published if self.frame else None


class Hub:
    """The latest value only; any thread may publish, any number may look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._seen = Seen(STARTING, self._clock())
        self._told: list[Callable[[], None]] = []

    def tell(self, of_a_change: Callable[[], None]) -> None:
        """Call ``of_a_change`` after each change, in the thread that made it; it must return at once."""
        with self._lock:
            self._told.append(of_a_change)

    def stage(self, words: str) -> None:
        """Say what the program is busy with before there is a snapshot."""
        with self._lock:
            self._seen = replace(self._seen, stage=words)

    def site(self, settings: Settings, clock: Callable[[], datetime], book: Book | None = None) -> None:
        """From now on the site is known, the hospital's time is that of ``clock``, and ``book`` has its charts."""
        speed = settings.clock.speed if settings.clock else 1.0
        with self._lock:
            self._clock = clock
            self._seen = replace(self._seen, settings=settings, speed=speed, book=book)
        self._changed()

    def publish(self, snapshot: Snapshot, compose_s: float) -> None:
        """Put ``snapshot`` in place of the one before."""
        with self._lock:
            version = self._seen.frame.version + 1 if self._seen.frame else 1
            self._seen = replace(self._seen, frame=Frame(version, snapshot, monotonic(), compose_s))
        self._changed()

    def charts(self, charts: Mapping[ChartOf, Any]) -> None:
        """Put these charts in place of the ones before."""
        with self._lock:
            self._seen = replace(self._seen, charts=MappingProxyType(dict(charts)))
        self._changed()

    def used(self, source: str, used: Used) -> None:
        """Say what was used of a source within the last hour."""
        with self._lock:
            self._seen = replace(self._seen, used=MappingProxyType({**self._seen.used, source: used}))

    def adt(self, heard: Heard) -> None:
        """Say what was heard of ADT messages."""
        with self._lock:
            self._seen = replace(self._seen, adt=heard)

    def team(self, boards: Boards) -> None:
        """Put what teams say in place of what they said before."""
        with self._lock:
            self._seen = replace(self._seen, team=MappingProxyType(dict(boards)))
        self._changed()

    def fault(self, part: str, words: str) -> None:
        """Note what is wrong with a part of the program; empty words: nothing."""
        with self._lock:
            others = {name: said for name, said in self._seen.faults.items() if name != part}
            self._seen = replace(self._seen, faults=MappingProxyType(others | ({part: words} if words else {})))

    def look(self) -> Seen:
        """What stands now."""
        seen = replace(self._seen, now=self._clock())
        if seen.frame and seen.settings and (seen.age_s or 0) > LAPSES_AFTER_S:
            frame = replace(seen.frame, snapshot=lapsed(seen.frame.snapshot, seen.settings, seen.now))
            return replace(seen, frame=frame, lapsed=True)
        return seen

    def _changed(self) -> None:
        for of_a_change in tuple(self._told):
            of_a_change()
