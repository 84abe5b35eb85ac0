"""A patient is in the store while a number counts them, and then nowhere in its files but in the audit record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from surveillance.access.access import Access
from surveillance.access.audit import Entry, Event
from surveillance.access.people import Granted, Person, Role
from surveillance.feeds.data import FeedData, FeedState
from surveillance.hub import Hub
from surveillance.opening import Opened, open_site
from surveillance.polling.composer import Composer
from surveillance.polling.keeper import Keeper
from surveillance.settings import AccessSettings
from surveillance.snapshot import State
from surveillance.store import Store, open_database, open_store
from tests.small_hospital import AS_AT, PATIENT, small_hospital
from tests.stores import after, save, snapshot

LEAVES, STAYS = "SPELL-OF-WHO-LEAVES", "SPELL-OF-WHO-STAYS"
COUNTED = "patients_on_ward"


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Hospital:
    """A small hospital that is read and kept as the program does it, one poll at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: Opened = open_site(small_hospital(folder))
        self.change(
            *(f"update {table} set visit = '{LEAVES}' where visit = 'v1'" for table in ("visits", "stays", "plans")),
            *(f"update {table} set visit = '{STAYS}' where visit = 'v4'" for table in ("visits", "stays", "plans")),
        )
        self.store = folder / "store.sqlite"
        self.hub, self.clock = Hub(), Clock(AS_AT)
        self.keeper = Keeper(lambda: open_store(f"sqlite:///{self.store}"))
        self.composer = Composer(self.opened.site, self.opened.feeds, self.hub, self.keeper, self.clock)

    def change(self, *statements: str) -> None:
        """In the source."""
        with sqlite3.connect(self.folder / "pas.sqlite") as source:
            for statement in statements:
                source.execute(statement)
        source.close()

    def poll(self, *, fails: bool = False) -> None:
        for reader in self.opened.readers:
            answers = reader.poll(self.clock.now)
            if fails:
                answers = [FeedData(one.feed, FeedState.UNAVAILABLE, reader.name, error="away") for one in answers]
            self.composer.take(reader.name, answers, {})
        self.composer.compose_once()
        assert self.keeper.error == ""

    def state(self, ward: str) -> State:
        newest = self.hub.look().snapshot
        assert newest is not None
        return newest.readings[ward][COUNTED].state

    def kept(self) -> bytes:
        """Every byte of the store's files, once its log was written into it."""
        checkpoint(self.store)
        return everything(self.store)


def checkpoint(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0
    connection.close()


def everything(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))


def tables_that_name(path: Path, words: str) -> set[str]:
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
    found = {name for name in names if words in str(connection.execute(f'select * from "{name}"').fetchall())}
    connection.close()
    return found


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    made = Hospital(tmp_path)
    yield made
    made.keeper.close()


def test_somebody_who_is_counted_is_in_the_worklist_alone(hospital: Hospital) -> None:
    hospital.poll()
    assert LEAVES.encode() in hospital.kept()
    for words in (LEAVES, STAYS, PATIENT):
        assert tables_that_name(hospital.store, words) == {"worklist"}


def test_somebody_who_left_is_nowhere_but_in_the_record_of_who_saw_them(hospital: Hospital) -> None:
    hospital.poll()
    database, access = open_database(f"sqlite:///{hospital.store}"), Access()
    access.open(hospital.opened.settings, database)
    access.record(Entry(Event.VIEW, None, "10.0.0.1", "A1", COUNTED, 1, 1, (f"{PATIENT}-1",)))
    access.close()
    database.close()
    hospital.change(*(f"delete from {table} where visit = '{LEAVES}'" for table in ("visits", "stays", "plans")))
    hospital.clock.now += timedelta(minutes=1)
    hospital.poll()
    kept = hospital.kept()
    assert STAYS.encode() in kept
    assert LEAVES.encode() not in kept
    assert kept.count(f"{PATIENT}-1".encode()) == 1
    assert tables_that_name(hospital.store, f"{PATIENT}-1") == {"audit"}


def test_nobody_is_kept_of_a_number_that_is_not_known_any_more(hospital: Hospital) -> None:
    hospital.poll()
    hospital.clock.now += timedelta(minutes=90)
    hospital.poll(fails=True)
    assert hospital.state("A1") is State.STALE
    assert LEAVES.encode() in hospital.kept()  # the number is still shown, and so is the list behind it
    hospital.clock.now += timedelta(minutes=31)
    hospital.poll(fails=True)
    assert hospital.state("A1") is State.UNAVAILABLE
    kept = hospital.kept()
    for words in (LEAVES, STAYS, PATIENT):
        assert words.encode() not in kept
        assert tables_that_name(hospital.store, words) == set()


def test_the_log_of_the_file_forgets_them_too_without_being_asked(tmp_path: Path) -> None:
    """The write-ahead log is cut once it was written into the file: nothing lingers where nobody writes again."""
    path = tmp_path / "store.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        for number in range(18):
            poll(store, number, [{"key": f"S{number}-{n}", "note": "y" * 900} for n in range(200)])
        poll(store, 18, [{"key": LEAVES, "note": "x" * 900}] * 200)
        number = 18
        while LEAVES.encode() in everything(path):
            number += 1
            assert number < 218, "two hundred polls, in which little changed"
            poll(store, number, [{"key": f"S{number}"}])


def poll(store: Store, number: int, rows: list[dict[str, Any]]) -> None:
    save(store, snapshot(after(number), {"A1": {"falls": number}}), {("A1", "falls"): rows})


def test_who_was_signed_in_is_forgotten_when_the_session_ends(tmp_path: Path) -> None:
    path, clock = tmp_path / "store.sqlite", Clock(datetime(2026, 11, 23, 9, tzinfo=UTC))
    hospital, database = open_site(small_hospital(tmp_path)).settings, open_database(f"sqlite:///{path}")
    access = Access(clock)
    rules = AccessSettings(local_accounts=True, idle_s=300)
    opened = access.open(hospital.model_copy(update={"access": rules}), database)
    names = ["SIGNED-OUT", "IDLE", "EVERYWHERE", "GOES-ON"]
    people = [Person(name, name, "local", (Granted(Role.WARD_STAFF),)) for name in names]
    sessions = [opened.sessions.begin(person, "10.9.8.7")[1] for person in people]
    assert tables_that_name(path, "SIGNED-OUT") == {"session"}
    opened.sessions.end(sessions[0])
    opened.sessions.end_all("EVERYWHERE")
    clock.now += timedelta(seconds=200)
    opened.sessions.active(sessions[3])
    clock.now += timedelta(seconds=200)
    opened.sessions.begin(people[3], "10.9.8.7")
    with database.reading() as connection:
        assert set(connection.execute(text("select subject from session")).scalars()) == {"GOES-ON"}
    access.close()
    database.close()
    checkpoint(path)
    kept = everything(path)
    assert [name for name in names if name.encode() in kept] == ["GOES-ON"]
