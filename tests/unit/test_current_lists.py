"""A number and the rows behind it are always of one moment, whoever looks and whenever."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from surveillance.current_lists import CurrentLists, Listed
from surveillance.snapshot import Snapshot
from surveillance.worklist import Worklist

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


def pair(second: int) -> tuple[Snapshot, Worklist]:
    at = NOON + timedelta(seconds=second)
    return Snapshot(at, {}), Worklist(at)


def test_before_the_first_snapshot_there_is_nothing() -> None:
    assert CurrentLists().look() is None


def test_the_newest_pair_is_seen_as_it_was_handed_over() -> None:
    lists = CurrentLists()
    lists.publish(*pair(1))
    newest = pair(2)
    lists.publish(*newest)
    assert lists.look() == Listed(*newest)


def test_two_moments_are_no_pair_and_what_stood_there_stays() -> None:
    lists = CurrentLists()
    lists.publish(*pair(1))
    with pytest.raises(ValueError, match="same moment"):
        lists.publish(pair(2)[0], pair(3)[1])
    seen = lists.look()
    assert seen is not None
    assert seen.snapshot.as_at == NOON + timedelta(seconds=1)


def test_many_lookers_never_see_two_moments() -> None:
    lists, over, wrong = CurrentLists(), threading.Event(), []

    def look() -> None:
        while not over.is_set():
            seen = lists.look()
            if seen and seen.snapshot.as_at != seen.worklist.as_at:
                wrong.append(seen)

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for second in range(2_000):
        lists.publish(*pair(second))
    over.set()
    for looker in lookers:
        looker.join()
    assert wrong == []
