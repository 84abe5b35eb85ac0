"""What can befall a source: each fault is made on a real server, and undone when its block ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import psutil
import psycopg

from surveillance.snapshot import State
from tests import mariadb
from tests.faults.sources.network import far, near
from tests.faults.sources.site import FEEDS, PASSWORD, PER_WARD, READER, Place
from tests.small_hospital import AS_AT

PATIENTS = sum(PER_WARD)
Making = Callable[[Place], AbstractContextManager[Callable[[], AbstractContextManager[None]]]]


@dataclass(frozen=True)
class Fault:
    """``makes``: lays what it needs (the program finds the server through it), then gives the fault itself.

    ``feeds``: those of the bad source that it hits. ``becomes``: how their figures stand at first. ``words``: what
    /status says of one of them, a regular expression. ``logins``: how many each poll may try.
    """

    name: str
    makes: Making
    feeds: tuple[str, ...] = FEEDS
    becomes: State = State.STALE
    words: str = ""
    encoding: str = "UTF8"
    heartbeat: bool = False
    most_logins: int | None = None


def at_once(fault: Callable[[Place], AbstractContextManager[None]]) -> Making:
    """A fault for which nothing has to be laid."""

    @contextmanager
    def laid(place: Place) -> Iterator[Callable[[], AbstractContextManager[None]]]:
        yield lambda: fault(place)

    return laid


def changed(there: str, back: str) -> Making:
    """What somebody does to the database, and takes back."""

    @contextmanager
    def fault(place: Place) -> Iterator[None]:
        place.run(there)
        try:
            yield
        finally:
            place.run(back)

    return at_once(fault)


def postmaster(place: Place) -> psutil.Process:
    """The server's first process."""
    return psutil.Process(int((place.server.folder / "data" / "postmaster.pid").read_text().split()[0]))


@contextmanager
def mute(place: Place) -> Iterator[None]:
    """The server takes calls and says nothing; whom it answered before it answers no more."""
    first, backends = postmaster(place), place.backends()
    first.suspend()
    for pid in backends:
        os.kill(pid, signal.SIGTERM)
    try:
        yield
    finally:
        first.resume()


@contextmanager
def hanging(place: Place) -> Iterator[None]:
    """Whoever has logged in is answered no more."""
    first, over, stopped = postmaster(place), threading.Event(), set[int]()

    def stop_each() -> None:
        while not over.wait(0.01):
            for one in first.children():
                try:
                    words = " ".join(one.cmdline())
                    if f" {READER} {place.database} " in words and "authentication" not in words:
                        one.suspend()
                        stopped.add(one.pid)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=stop_each)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def killed(place: Place) -> Iterator[None]:
    """Every process of the server at once, as by kill -9."""
    first = postmaster(place)
    family = [first, *first.children()]
    for one in family:
        one.suspend()  # none may notice the end of another
    for one in family:
        one.kill()
    psutil.wait_procs(family, 10)
    try:
        yield
    finally:
        place.server.start()


@contextmanager
def maria_locked(place: Place) -> Iterator[None]:
    """Somebody loads a table, and has locked it for that."""
    import pyodbc

    where = f"SERVER=127.0.0.1;PORT={place.server.port};DATABASE={place.database};UID={mariadb.SUPERUSER}"
    with closing(pyodbc.connect(f"DRIVER={{{mariadb.DRIVER}}};{where}")) as other:
        other.execute("LOCK TABLES plans WRITE")
        yield
        other.execute("UNLOCK TABLES")


@contextmanager
def maria_hanging(place: Place) -> Iterator[None]:
    """The server stands still: it takes calls, and answers nobody, whoever has logged in."""
    process = psutil.Process(int((place.server.folder / "pid").read_text()))
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@contextmanager
def maria_killed(place: Place) -> Iterator[None]:
    """The server at once, as by kill -9."""
    assert isinstance(place.server, mariadb.Server)
    place.server.stop()
    try:
        yield
    finally:
        place.server.start()


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Somebody alters a table in a transaction that does not end."""
    with psycopg.connect(place.server.url(place.database).replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE plans IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def dropping(place: Place) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """The server stands behind a cable of which nothing comes any more, and nobody is told."""
    with far(place.server.folder / f".s.PGSQL.{place.server.port}") as (line, cable):
        place.leads_to(place.url_through(line.place))

        @contextmanager
        def fault() -> Iterator[None]:
            cable.is_cut()
            try:
                yield
            finally:
                cable.is_mended()

        yield fault


@contextmanager
def trickling(place: Place) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """What the server says comes byte by byte."""
    with near(place.server.folder / f".s.PGSQL.{place.server.port}") as line:
        place.leads_to(place.url_through(line.place))

        @contextmanager
        def fault() -> Iterator[None]:
            line.trickles = True
            try:
                yield
            finally:
                line.trickles = False

        yield fault


@contextmanager
def other_password(place: Place) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """The server's people change the password; the fault ends when the display's people write it into their file."""
    new = f"{PASSWORD}-new"

    @contextmanager
    def fault() -> Iterator[None]:
        place.server.run(f"ALTER ROLE {READER} PASSWORD '{new}'")
        for pid in place.backends():
            place.server.run(f"SELECT pg_terminate_backend({pid})")
        yield
        place.leads_to(place.url.replace(PASSWORD, new))

    try:
        yield fault
    finally:
        place.server.run(f"ALTER ROLE {READER} PASSWORD '{PASSWORD}'")


@contextmanager
def clock_ahead(place: Place) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """What happens in Birch Ward is written down as of three hours later; the query leaves no row out for that."""
    query = place.folder / "ward_stay.sql"
    query.write_text(query.read_text("utf-8").partition(" WHERE ")[0], "utf-8")

    @contextmanager
    def fault() -> Iterator[None]:
        later = f"{AS_AT + timedelta(hours=3):%Y-%m-%d %H:%M:%S}"
        place.run(f"UPDATE stays SET began = '{later}' WHERE ward = 'B2'")
        try:
            yield
        finally:
            place.run("UPDATE stays SET began = arrived FROM visits WHERE visits.visit = stays.visit")

    yield fault


class Beating:
    """Somebody writes into the source twice an interval until ``still``; the server's clock is four minutes ahead."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.still = threading.Event()
        self._over = threading.Event()

    @contextmanager
    def laid(self) -> Iterator[Callable[[], AbstractContextManager[None]]]:
        """From now on."""
        thread = threading.Thread(target=self._beat)
        thread.start()
        try:
            yield self._fault
        finally:
            self._over.set()
            thread.join()

    @contextmanager
    def _fault(self) -> Iterator[None]:
        self.still.set()
        try:
            yield
        finally:
            self.still.clear()

    def _beat(self) -> None:
        moment = AS_AT + timedelta(minutes=4)
        with psycopg.connect(
            self._place.server.url(self._place.database).replace("+psycopg", ""), autocommit=True
        ) as other:
            other.execute("INSERT INTO beats VALUES ('')")
            while True:
                if not self.still.is_set():
                    moment += timedelta(seconds=0.1)
                    other.execute("UPDATE beats SET moment = %s", [moment.strftime("%Y-%m-%d %H:%M:%S.%f")])
                if self._over.wait(0.1):
                    return


def stalled(place: Place) -> AbstractContextManager[Callable[[], AbstractContextManager[None]]]:
    """The replica answers, and nothing in it moves any more."""
    return Beating(place).laid()


SLEEPY = """
ALTER TABLE plans RENAME TO plans_;
CREATE VIEW plans AS SELECT visit, leaves FROM plans_ WHERE pg_sleep(0.1) IS NOT NULL;
GRANT SELECT ON plans TO reader
"""
TENFOLD = (
    "INSERT INTO stays SELECT stay || '-' || n, visit || '-' || n, ward, began FROM stays, generate_series(1, 9) n"
)
PLAN = ("discharge_plan",)
STAY = ("ward_stay",)

SERVER = (
    Fault("hang before connecting", at_once(mute), words="ran past its deadline"),
    Fault("hang after connecting", at_once(hanging), words="ran past its deadline"),
    Fault("server killed", at_once(killed), words="the source failed"),
    Fault("packets dropped", dropping, words="ran past its deadline|the source failed"),
    Fault("bytes trickle", trickling, words="ran past its deadline"),
    Fault("password changed", other_password, words="refused the login", most_logins=2),
    Fault("replica stalled, its clock ahead", stalled, heartbeat=True),
)
"""Of the server and the way to it."""

ANSWERS = (
    Fault("lock held on a table", at_once(locked), PLAN, words="lock|ran past its deadline"),
    Fault(
        "permission revoked on a table",
        changed(f"REVOKE SELECT ON plans FROM {READER}", f"GRANT SELECT ON plans TO {READER}"),
        PLAN,
        words="may not read",
    ),
    Fault(
        "column renamed",
        changed("ALTER TABLE plans RENAME leaves TO leaving", "ALTER TABLE plans RENAME leaving TO leaves"),
        PLAN,
        words="has no column 'leaves'",
    ),
    Fault(
        "column dropped",
        changed(
            "CREATE TABLE kept AS TABLE plans; ALTER TABLE plans DROP leaves",
            "ALTER TABLE plans ADD leaves TEXT; UPDATE plans SET leaves = kept.leaves FROM kept "
            "WHERE kept.visit = plans.visit",
        ),
        PLAN,
        words="has no column 'leaves'",
    ),
    Fault(
        "column retyped",
        changed(
            "ALTER TABLE stays ALTER began TYPE TIMESTAMP USING began::TIMESTAMP",
            "ALTER TABLE stays ALTER began TYPE TEXT USING to_char(began, 'YYYY-MM-DD HH24:MI:SS')",
        ),
        STAY,
        words=r"another type than the query expects \(\w+ 42883",
    ),
    Fault(
        "column holds something else",
        changed(
            "UPDATE plans SET leaves = 'soon' WHERE length(visit) = 2", f"UPDATE plans SET leaves = '{AS_AT:%Y-%m-%d}'"
        ),
        PLAN,
        State.SUSPECT,
        f"9 of {PATIENTS} rows of discharge_plan were rejected",
    ),
    Fault(
        "ten times the rows",
        changed(TENFOLD, "DELETE FROM stays WHERE stay LIKE '%-%'"),
        STAY,
        State.SUSPECT,
        f"{10 * PATIENTS} open stays in the site's wards, {PATIENTS} before",
    ),
    Fault(
        "slow trickle of rows",
        changed(SLEEPY, "DROP VIEW plans; ALTER TABLE plans_ RENAME TO plans"),
        PLAN,
        words="ran past its deadline",
    ),
    Fault(
        "wrong encoding",
        changed(
            f"INSERT INTO stays VALUES ('latin', E'v\\xe9', 'A1', '{AS_AT:%Y-%m-%d %H:%M:%S}')",
            "DELETE FROM stays WHERE stay = 'latin'",
        ),
        STAY,
        words=r"not in the encoding that it claims \(\w+ 22021",
        encoding="SQL_ASCII",
    ),
    Fault(
        "events in the future",
        clock_ahead,
        STAY,
        State.SUSPECT,
        f"{PER_WARD[1]} of {PATIENTS} rows of ward_stay were rejected",
    ),
    Fault(
        "another set of wards",
        changed("UPDATE stays SET ward = 'NEW-' || ward", "UPDATE stays SET ward = substr(ward, 5)"),
        STAY,
        State.SUSPECT,
        f"0 open stays in the site's wards, {PATIENTS} before",
    ),
)
"""Of what the server answers."""

MARIADB = (
    Fault("lock held on a table", at_once(maria_locked), PLAN, words="waited too long for a lock"),
    Fault("server hangs", at_once(maria_hanging), words="ran past its deadline of .* process was ended"),
    Fault("server killed", at_once(maria_killed), words="the source failed"),
)
"""Where MariaDB over ODBC differs: its driver keeps no time-out."""
