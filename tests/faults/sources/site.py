"""The small hospital with two sources: its patients stand in a PostgreSQL database that a test may harm, its roster
in a file that nothing befalls. It is polled as the program does it, and every snapshot that is published is kept.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from surveillance.hub import Hub
from surveillance.opening import open_site
from surveillance.polling.clock import hospital_clock, real_interval_s
from surveillance.polling.composer import Composer
from surveillance.polling.keeper import Keeper
from surveillance.polling.pace import Pace
from surveillance.polling.poller import Poller
from surveillance.snapshot import Snapshot
from tests import mariadb, postgres
from tests.faults.sources.times import INTERVAL_S, LIMIT_S, TIMEOUT_S
from tests.small_hospital import AS_AT, small_hospital

PER_WARD = (40, 15, 0)
"""Patients of Ash, Birch and Cedar Ward: enough for an answer to be held against the one before."""
SOUND = "roster"
FEEDS = ("spell", "ward_stay", "discharge_plan")
"""Of the bad source."""
READER, PASSWORD = "reader", "p4ss-of-the-reader"
"""The login with which the bad source is asked."""
NUMBERS = itertools.count()

ROSTER = f"""
[sources.{SOUND}]
url_file = "roster.url"
times = {{ storage = "text", format = "%Y-%m-%d %H:%M:%S", zone = "UTC" }}
interval_s = {INTERVAL_S}
stale_after_s = 60

[sources.{SOUND}.feeds.duty]
sql = "duty.sql"
"""
DUTIES = """
CREATE TABLE duties (ward TEXT, began TEXT, ended TEXT);
INSERT INTO duties VALUES ('A1', '2026-11-23 07:30:00', '2026-11-23 20:00:00');
INSERT INTO duties VALUES ('A1', '2026-11-23 07:30:00', '2026-11-23 20:00:00');
INSERT INTO duties VALUES ('B2', '2026-11-23 07:30:00', '2026-11-23 20:00:00');
"""
DUTY = (
    "SELECT ward AS ward_code, began AS start_ts, ended AS end_ts, 'RN' AS staff_group, 'filled' AS state FROM duties"
)


@dataclass(frozen=True)
class Times:
    """How the bad source is asked, and from which ages its figures are stale, and not shown."""

    timeout_s: float = TIMEOUT_S
    stale_after_s: float = LIMIT_S
    limit_s: float = LIMIT_S
    heartbeat: bool = False


@dataclass
class Place:
    """The hospital before it is polled. ``database``: of the patients, on ``server``, read by ``driver``."""

    server: postgres.Cluster | mariadb.Server
    database: str
    folder: Path
    config: Path
    driver: str

    def run(self, sql: str) -> str:
        """What the patients' database prints."""
        return self.server.run(sql, self.database)

    def leads_to(self, url: str) -> None:
        """The program finds the patients' database there."""
        (self.folder / "pas.url").write_text(url, "utf-8")

    @property
    def url(self) -> str:
        """Of the patients' database itself."""
        login = f"{READER}:{PASSWORD}"
        if isinstance(self.server, mariadb.Server):
            return self.server.url(self.database, login=login, dialect=f"mariadb+{self.driver}")
        return self.server.url(self.database, login=login, driver=self.driver)

    def url_through(self, place: str) -> str:
        """Of the same database behind another address (host:port)."""
        return self.url.replace(f"127.0.0.1:{self.server.port}", place)

    def logins(self) -> int:
        """How often the program has logged in, or tried to, by the server's own log."""
        if isinstance(self.server, mariadb.Server):
            log = (self.server.folder / "asked").read_text("utf-8", errors="replace")
            return log.count(f"Connect\t{READER}@127.0.0.1 on {self.database} ")
        log = (self.server.folder / "log").read_text("utf-8", errors="replace")
        ours = [line for line in log.splitlines() if f" {READER}@{self.database} " in line]
        return sum("connection authorized" in line or "FATAL" in line for line in ours)

    def backends(self) -> list[int]:
        """The server's processes that answer the program."""
        found = self.server.run(f"SELECT pid FROM pg_stat_activity WHERE datname = '{self.database}'")
        return [int(line) for line in found.split()]


@contextmanager
def cluster() -> Iterator[postgres.Cluster]:
    """A server that writes down who logs in."""
    with postgres.cluster({READER: PASSWORD}) as server:
        server.run("ALTER SYSTEM SET log_connections = on")
        server.run("ALTER SYSTEM SET log_line_prefix = ' %u@%d '")
        server.run("SELECT pg_reload_conf()")
        yield server


@contextmanager
def maria_server() -> Iterator[mariadb.Server]:
    """The same in MariaDB."""
    with mariadb.server({READER: PASSWORD}) as server:
        server.run(f"SET GLOBAL general_log_file = '{server.folder / 'asked'}'; SET GLOBAL general_log = 1")
        yield server


@contextmanager
def hospital(
    server: postgres.Cluster,
    folder: Path,
    times: Times | None = None,
    *,
    encoding: str = "UTF8",
    driver: str = "psycopg",
) -> Iterator[Place]:
    """The hospital in a database of its own, of whose tables the program may read all."""
    config, patients = written(folder, times or Times())
    place = Place(server, f"source_{next(NUMBERS)}", folder, config, driver)
    server.run(f"CREATE DATABASE {place.database} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")
    place.run(f"{patients}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")
    place.leads_to(place.url)
    try:
        yield place
    finally:
        server.drop_database(place.database)


@contextmanager
def maria_hospital(server: mariadb.Server, folder: Path, times: Times, driver: str) -> Iterator[Place]:
    """The same in MariaDB, over ODBC."""
    config, patients = written(folder, times)
    place = Place(server, f"source_{next(NUMBERS)}", folder, config, driver)
    server.create_database(place.database)
    place.run(f"SET sql_mode = 'ANSI_QUOTES'; {patients}; GRANT SELECT ON {place.database}.* TO {READER}@'127.0.0.1'")
    place.leads_to(place.url)
    try:
        yield place
    finally:
        server.drop_database(place.database)


def written(folder: Path, times: Times) -> tuple[Path, str]:
    """The files of the hospital, with the roster's: its configuration, and what makes the patients' tables."""
    config = small_hospital(folder, per_ward=PER_WARD)
    with closing(sqlite3.connect(folder / "pas.sqlite")) as file:
        patients = [line.rstrip(";") for line in file.iterdump() if line.startswith(("CREATE", "INSERT"))]
    with closing(sqlite3.connect(folder / "roster.sqlite")) as file:
        file.executescript(DUTIES)
    (folder / "roster.url").write_text(f"sqlite:///{folder / 'roster.sqlite'}", "utf-8")
    (folder / "duty.sql").write_text(DUTY, "utf-8")
    quick = f"timeout_s = {times.timeout_s}\ninterval_s = {INTERVAL_S}\nstale_after_s = {times.stale_after_s}\n"
    if times.heartbeat:
        pack = folder / "pas"
        pack.mkdir()
        (pack / "pack.toml").write_text('name = "pas"\ntitle = "PAS"\nheartbeat = "heartbeat.sql"\n[feeds]\n', "utf-8")
        (pack / "heartbeat.sql").write_text("SELECT max(moment) FROM beats", "utf-8")
        quick += 'pack = "./pas"\n'
    text = config.read_text("utf-8").replace('url_file = "pas.url"\n', f'url_file = "pas.url"\n{quick}')
    stands = f"real_start = {AS_AT:%Y-%m-%dT%H:%M:%SZ}\nspeed = 0"
    goes = f"real_start = {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\nspeed = 1"
    limits = ", ".join(f"{feed} = {times.limit_s / 60}" for feed in FEEDS)
    config.write_text(f"{text.replace(stands, goes)}{ROSTER}\n[options]\nlimit_min = {{ {limits} }}\n", "utf-8")
    return config, ";\n".join([*patients, "CREATE TABLE beats (moment TEXT)"])


class Deaf(Keeper):
    """Keeps nothing."""

    def __init__(self) -> None:
        super().__init__(lambda: (_ for _ in ()).throw(AssertionError("nobody opens it")))

    def save(self, *_: Any) -> None:
        """Nothing."""


@dataclass
class Watched:
    """Everything that was published since the polling began: (seconds of this computer's steady clock, snapshot)."""

    hub: Hub
    poller: Poller
    seen: list[tuple[float, Snapshot]] = field(default_factory=list)

    def keep(self) -> None:
        """Of the hub: there is something new."""
        snapshot = self.hub.look().snapshot
        if snapshot and (not self.seen or self.seen[-1][1] is not snapshot):
            self.seen.append((time.monotonic(), snapshot))

    @property
    def now(self) -> Snapshot:
        """The newest."""
        return self.seen[-1][1]

    def error(self, feed: str) -> str:
        """What /status says of a feed."""
        return next(one.error for one in self.now.sources if one.feed == feed)

    def is_live(self) -> bool:
        """Whether every feed is current."""
        return bool(self.seen) and {one.state for one in self.now.sources} == {"current"}


@contextmanager
def polled(place: Place) -> Iterator[Watched]:
    """The hospital as ``surveillance.app`` polls it: every source in a process of its own, without pages and store."""
    opened, hub = open_site(place.config), Hub()
    clock = hospital_clock(opened.settings)
    hub.site(opened.settings, clock)
    composer = Composer(opened.site, opened.feeds, hub, Deaf(), clock)
    pace = {name: Pace(real_interval_s(opened.settings, name)) for name in opened.settings.sources}
    poller = Poller(opened.apart(hub.used), composer, pace, clock, random.Random(1))
    watched = Watched(hub, poller)
    hub.tell(watched.keep)
    poller.start()
    try:
        yield watched
    finally:
        assert poller.close()
