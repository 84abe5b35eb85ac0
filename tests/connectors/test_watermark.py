"""Reading what changed is the same as reading everything: proved on hospitals that change as they like."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from surveillance.compose import compose
from surveillance.feeds.data import FeedData, FeedState
from surveillance.polling.held import UNSEEN
from surveillance.polling.reader import SourceReader
from tests.canonical import site_of
from tests.connectors.changing_hospital import QUERIES, STARTS, WATERMARKS, Asked, Changing
from tests.connectors.conftest import NUMBERS
from tests.postgres import Cluster

SEEDS, POLLS = (300, 24) if os.environ.get("WALL_FAULTS") == "full" else (12, 10)
"""``make soak`` plays them all, and at length."""
SITE = site_of(
    medicines={"classes": {"insulin": ["D1"]}, "critical": ["insulin"]},
    plausibility={"minimum_rows": 1_000, "rejected_share": 1},
)
BESIDE = [feed for feed in QUERIES if feed not in WATERMARKS]


@dataclass
class Played:
    """What came of one seed. ``differed``: feed and moment of every poll that a full reading would have answered
    otherwise, a deleted row excepted until all is read again. ``unseen``: what the reader itself found of them."""

    differed: list[tuple[str, datetime]] = field(default_factory=list)
    changed_unseen: int = 0
    gone_unseen: int = 0
    parts: int = 0
    wholes: int = 0
    snapshots: int = 0
    rejected: int = 0


def reader(connector: Asked) -> SourceReader:
    return SourceReader("epr", connector, connector.pack.feeds, SITE.settings)


def read(one: SourceReader, as_at: datetime, feeds: Iterable[str]) -> dict[str, FeedData]:
    return {data.feed: data for data in one.polled(as_at, {}, tuple(feeds))}


def told(data: FeedData, without: set[str]) -> tuple[Any, ...]:
    """Everything that the program hears of a feed, but how long it took."""
    assert data.frame is not None, data.error
    frame = data.frame
    if without and data.feed == "dose_event":
        frame = frame[~frame["order_key"].isin(without)].reset_index(drop=True)
        return (frame.to_csv(),)
    notes = {reason: rows for reason, rows in data.notes.items() if not reason.endswith(UNSEEN)}
    return frame.to_csv(), data.rejected, notes, data.newest, data.since, data.rows, data.size, data.absent


def play(seed: int, url: str, folder: Path, polls: int = POLLS, **changes: Any) -> Played:
    """A hospital of ``seed`` polled by a reader that asks for changes and, each time, by one that asks for all."""
    dice = Random(seed)
    hospital = Changing(url, folder, dice, STARTS[seed % len(STARTS)], **changes)
    source, everything = hospital.connector(), hospital.connector()
    running, played = reader(source), Played()
    now = hospital.start
    for _ in range(polls):
        before, step = now, timedelta(seconds=dice.choice([1, 20, 60, 60, 60, 300, 900, 2400]))
        now += step
        lag = timedelta(seconds=dice.choice([0, 5, 20]))  # what happens between the poll's moment and its query
        hospital.pass_time(now + lag - hospital.now if now + lag > hospital.now else timedelta(0), dice.randint(0, 12))
        if dice.random() < 0.15:
            hospital.delete()
        if dice.random() < 0.1:
            running = reader(source)
        source.broken = dice.random() < 0.1
        as_at = before - timedelta(minutes=dice.randint(1, 90)) if dice.random() < 0.06 else now
        source.wholes.clear()
        found = read(running, as_at, WATERMARKS)
        played.wholes += len(source.wholes)
        if source.broken:
            assert {data.state for data in found.values()} == {FeedState.UNAVAILABLE}
            continue
        if "dose_event" in source.wholes:
            hospital.deleted.clear()
        full = reader(everything)
        whole = read(full, as_at, WATERMARKS)
        played.differed += [
            (feed, as_at)
            for feed in WATERMARKS
            if told(found[feed], hospital.deleted) != told(whole[feed], hospital.deleted)
        ]
        for feed in WATERMARKS:
            played.changed_unseen += found[feed].notes.get(f"changed: rows changed, {UNSEEN}", 0)
            played.gone_unseen += found[feed].notes.get(f"changed: rows gone, {UNSEEN}", 0)
        played.rejected += sum(sum(found[feed].rejected.values()) for feed in WATERMARKS)
        if not hospital.deleted and not played.snapshots and not played.differed:
            rest = read(full, as_at, BESIDE)
            (ours, rows), (theirs, their_rows) = (compose(SITE, {**feeds, **rest}, as_at) for feeds in (found, whole))
            assert (ours.readings, rows.rows) == (theirs.readings, their_rows.rows)
            played.snapshots += 1
    played.parts = len(source.parts)
    source.close()
    everything.close()
    return played


@pytest.fixture
def database(server: Cluster) -> Iterator[str]:
    name = f"changing_{next(NUMBERS)}"
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)


def in_file(folder: Path) -> str:
    return f"sqlite:///{folder / 'source.db'}"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_held_is_what_a_full_reading_gives(seed: int, tmp_path: Path) -> None:
    played = play(seed, in_file(tmp_path), tmp_path)
    assert played.differed == []
    assert played.changed_unseen == 0
    assert min(played.parts, played.wholes) > 0
    assert played.rejected > 0
    assert played.snapshots == 1


# Why each part of the rule is there: without it readings differ, and the reader itself says so when all is read again.


def test_without_an_overlap_what_is_written_late_is_not_seen(tmp_path: Path) -> None:
    none = {feed: rule.model_copy(update={"overlap_s": 0.0}) for feed, rule in WATERMARKS.items()}
    played = play(2, in_file(tmp_path), tmp_path, 10, watermarks=none)
    assert played.differed
    assert played.changed_unseen


def test_a_moment_yet_to_come_that_is_not_asked_for_passes_unseen(tmp_path: Path) -> None:
    spell = QUERIES["spell"].replace("OR v.discharged >= :changed_since", "")
    played = play(4, in_file(tmp_path), tmp_path, 10, queries={**QUERIES, "spell": spell})
    assert {feed for feed, _ in played.differed} == {"spell"}
    assert played.changed_unseen


def test_a_query_that_leaves_out_what_may_change_keeps_what_it_no_longer_gives(tmp_path: Path) -> None:
    spell = QUERIES["spell"].replace("WHERE", "WHERE v.removed = 0 AND")
    played = play(5, in_file(tmp_path), tmp_path, 10, queries={**QUERIES, "spell": spell})
    assert {feed for feed, _ in played.differed} == {"spell"}
    assert played.gone_unseen


# In a real server


@pytest.mark.usefixtures("odbc")
@pytest.mark.parametrize(("seed", "driver"), [(1, "psycopg"), (2, "arrow_odbc")])
def test_in_postgresql_too(seed: int, driver: str, database: str, tmp_path: Path) -> None:
    played = play(seed, database, tmp_path, 10, asked_at=database.replace("psycopg", driver))
    assert (played.differed, played.changed_unseen) == ([], 0)
    assert min(played.parts, played.wholes, played.rejected, played.snapshots) > 0


def test_a_transaction_that_is_committed_after_a_poll_is_seen_by_the_next(database: str, tmp_path: Path) -> None:
    hospital = Changing(database, tmp_path, Random(1), STARTS[0])
    source, now = hospital.connector(), hospital.start
    running = reader(source)
    row = "INSERT INTO dose VALUES (:one, :rx, 'S1', :now, :now, NULL, NULL, NULL, NULL, :now)"

    def doses(as_at: datetime) -> set[str]:
        (data,) = read(running, as_at, ["dose_event"]).values()
        assert data.frame is not None
        return set(data.frame["order_key"])

    doses(now)
    with hospital.engine.begin() as slow:
        slow.execute(text(row), {"one": 9001, "rx": "slow", "now": hospital.stored(now + timedelta(seconds=1))})
        with hospital.engine.begin() as quick:
            later = hospital.stored(now + timedelta(seconds=240))
            quick.execute(text(row), {"one": 9002, "rx": "quick", "now": later})
        assert {"slow", "quick"} & doses(now + timedelta(seconds=250)) == {"quick"}
    assert {"slow", "quick"} <= doses(now + timedelta(seconds=280))
    assert source.wholes == ["dose_event"]
    assert source.unknown["dose_event"] == ()
    source.close()
