"""A fault from its beginning to the moment at which all is well again, and what must hold all the while."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from surveillance.measures import EVERYTHING
from surveillance.polling.process import MOST_LATE
from surveillance.snapshot import Reading, Snapshot, State
from tests import mariadb, postgres
from tests.faults.sources.faults import Fault
from tests.faults.sources.site import FEEDS, PER_WARD, SOUND, Place, Times, Watched, hospital, maria_hospital, polled
from tests.faults.sources.times import (
    FULL,
    HELD_S,
    INTERVAL_S,
    KNOCK_S,
    LONG_LIMIT_S,
    PATIENT_S,
    SAID_WITHIN_S,
    STALE_AFTER_S,
)
from tests.programs import until

PATIENTS = dict(zip(("A1", "B2", "C3"), PER_WARD, strict=True))
COUNTED = ("patients_on_ward", "edd_today")
"""Measures whose number is how many patients lie on the ward: any other number of theirs is a lie."""
SAYING = {State.STALE: (State.STALE, State.UNAVAILABLE), State.SUSPECT: (State.SUSPECT,)}
"""On a busy computer the limit may have come before the first snapshot in which a figure is stale."""
GONE = (State.SUSPECT, State.UNAVAILABLE)
Numbers = Mapping[tuple[str, str], Reading]


@dataclass(frozen=True)
class Course:
    """Seconds after the fault until every figure that it hits said so, and until none had a number any more (if that
    was waited for); after its end until all were right. ``logins``: tried at the server in the ``lasted_s`` before it.
    """

    said_s: float
    gone_s: float
    healed_s: float
    logins: int
    lasted_s: float

    @property
    def most_logins(self) -> float:
        """Each poll and each knock logs in as often as it may let a question run late, and none comes early."""
        return MOST_LATE * (self.lasted_s / INTERVAL_S + self.lasted_s / KNOCK_S + 2)


def numbers(snapshot: Snapshot) -> Numbers:
    """Every reading with a current number."""
    return {
        (ward, name): one
        for ward, readings in snapshot.readings.items()
        for name, one in readings.items()
        if one.state is State.VALUE
    }


def hit(fault: Fault, before: Numbers) -> set[tuple[str, str]]:
    """The readings that cannot be made without the feeds that the fault hits."""
    return {cell for cell in before if set(fault.feeds) & {*EVERYTHING[cell[1]].feeds, *EVERYTHING[cell[1]].optional}}


@contextmanager
def at(server: postgres.Cluster | mariadb.Server, folder: Path, fault: Fault, driver: str) -> Iterator[Place]:
    """A hospital at which the fault can be made, read by ``driver``."""
    times = Times() if fault.feeds == FEEDS else Times(PATIENT_S, LONG_LIMIT_S, LONG_LIMIT_S)
    if fault.heartbeat:
        times = replace(times, heartbeat=True, stale_after_s=STALE_AFTER_S)
    if isinstance(server, mariadb.Server):
        with maria_hospital(server, folder, times, driver) as place:
            yield place
    else:
        with hospital(server, folder, times, encoding=fault.encoding, driver=driver) as place:
            yield place


def endured(place: Place, fault: Fault, held_s: float = HELD_S) -> tuple[Course, Watched]:
    """The fault is made, lasts until its figures have gone and ``held_s`` beyond, and is undone.

    Raises:
        AssertionError: a figure did not say so, or did not come back; or what it does not hit was hit.
    """
    with fault.makes(place) as made, polled(place) as watched:
        until(watched.is_live)
        first, before = len(watched.seen) - 1, numbers(watched.now)
        harmed, logins, began = hit(fault, before), place.logins(), time.monotonic()
        assert len(before) > len(harmed) > 0
        with made():
            said = _took(watched, harmed, SAYING[fault.becomes], began)
            gone = _took(watched, harmed, GONE, began) if FULL or fault.feeds == FEEDS else said
            until(lambda: re.search(fault.words, " ".join(map(watched.error, fault.feeds))), SAID_WITHIN_S)
            time.sleep(held_s)
            tried, lasted = place.logins() - logins, time.monotonic() - began
        ended = time.monotonic()
        until(watched.is_live, SAID_WITHIN_S)
        healed = _took(watched, harmed, (State.VALUE,), ended)
        nothing_lies(watched.seen[first:], before, harmed)
    return Course(said, gone, healed, tried, lasted), watched


def _took(watched: Watched, cells: set[tuple[str, str]], states: Collection[State], since: float) -> float:
    """Seconds from ``since`` until the first snapshot after it in which every one of ``cells`` is in one of these."""

    def first() -> float | None:
        for moment, snapshot in watched.seen:
            if moment > since and all(snapshot.readings[ward][name].state in states for ward, name in cells):
                return moment - since
        return None

    until(lambda: first() is not None, SAID_WITHIN_S)
    return first() or 0.0


def nothing_lies(seen: list[tuple[float, Snapshot]], before: Numbers, harmed: set[tuple[str, str]]) -> None:
    """In every snapshot, what the fault does not hit is live, and no figure that it hits has another number.

    Raises:
        AssertionError: in one it is not so.
    """
    for _, snapshot in seen:
        for (ward, name), was in before.items():
            now = snapshot.readings[ward][name]
            if (ward, name) not in harmed:
                assert now.state is State.VALUE, (ward, name, now)
            elif now.value is not None and name in COUNTED:
                assert now.value == was.value == PATIENTS[ward], (ward, name, now)
    times = [next(one.as_at for one in snapshot.sources if one.source == SOUND) for _, snapshot in seen]
    assert times == sorted(times, key=lambda moment: moment.timestamp() if moment else 0)
    assert times[-1] != times[0], "the sound source went on"
