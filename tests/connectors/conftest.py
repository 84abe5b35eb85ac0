"""Real databases for the contract: SQLite, PostgreSQL by its own driver and over ODBC, MariaDB over ODBC."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Bounds
from connectors.dialects import postgresql_odbc
from connectors.sql import SqlConnector
from surveillance.settings import FeedSource, Pack, Times
from surveillance.store import open_database
from tests import mariadb, postgres
from tests.programs import missing

PASSWORD = "p4ss-of-the-reader"
BOUNDS = Bounds(
    as_at=datetime(2026, 7, 1, 11, 0, tzinfo=UTC),
    since=datetime(2026, 6, 30, 11, 0, tzinfo=UTC),
    events_since=datetime(2025, 5, 27, 11, 0, tzinfo=UTC),
)
NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Cluster]:
    if postgres.programs() is None:
        missing("no PostgreSQL server: Debian package postgresql")
    with postgres.cluster({"reader": PASSWORD}) as running:
        yield running


@pytest.fixture(scope="session")
def upgraded(server: postgres.Cluster) -> str:
    """A database with an empty store in it, to be copied: quicker than upgrading one for each test."""
    server.create_database("upgraded")
    open_database(server.url("upgraded")).close()
    return "upgraded"


def _odbc(driver: str, package: str) -> None:
    try:
        import pyodbc
    except ImportError:
        missing("pyodbc cannot be imported: Debian package unixodbc")
        return
    if driver not in pyodbc.drivers():
        missing(f"no ODBC driver {driver}: Debian package {package}")


@pytest.fixture(scope="session")
def odbc() -> None:
    _odbc(postgresql_odbc.DRIVER, "odbc-postgresql")


@pytest.fixture(scope="session")
def maria() -> Iterator[mariadb.Server]:
    _odbc(mariadb.DRIVER, "odbc-mariadb")
    if absent := mariadb.missing_programs():
        missing(f"no {', '.join(absent)}: Debian package mariadb-server")
    with mariadb.server({"reader": PASSWORD}) as running:
        running.know_zone("Europe/London")
        yield running


@dataclass
class Place:
    """An empty database, and how a test fills and reads it."""

    kind: str
    url: str
    folder: Path
    opened: list[SqlConnector]
    server: postgres.Cluster | mariadb.Server | None = None
    database: str = ""

    @property
    def is_sqlite(self) -> bool:
        return self.kind == "sqlite"

    @property
    def is_mariadb(self) -> bool:
        return self.kind.startswith("mariadb")

    def run(self, sql: str) -> str:
        """What the database prints, run as its owner."""
        if self.server:
            return self.server.run(sql, self.database)
        with sqlite3.connect(self.folder / "source.db") as connection:
            connection.executescript(sql)
        connection.close()
        return ""

    @property
    def moment(self) -> str:
        """The type of a column of moments without an offset."""
        return "DATETIME(6)" if self.is_mariadb else "TIMESTAMP"

    def account(self, name: str) -> str:
        """A login as GRANT wants it."""
        return f"{name}@'127.0.0.1'" if self.is_mariadb else name

    def url_of(self, login: str) -> str:
        assert self.server
        if isinstance(self.server, mariadb.Server):
            return self.server.url(self.database, login=login, dialect=self.kind)
        return self.server.url(self.database, driver=self.kind, login=login)

    def connector(
        self,
        sql: str | dict[str, str],
        *,
        heartbeat: str | None = None,
        url: str | None = None,
        timeout_s: float = 10,
        **times: Any,
    ) -> SqlConnector:
        """A connector whose feed ``ward_stay`` (or the named ones) is read by ``sql``."""
        feeds = {}
        for feed, text in (sql if isinstance(sql, dict) else {"ward_stay": sql}).items():
            (self.folder / f"{feed}.sql").write_text(text)
            feeds[feed] = FeedSource(sql=self.folder / f"{feed}.sql")
        beat = None
        if heartbeat:
            beat = self.folder / "heartbeat.sql"
            beat.write_text(heartbeat)
        pack = Pack(name="test", title="Test", times=Times(**times), heartbeat=beat, feeds=feeds)
        made = SqlConnector("epr", url or self.url, pack, timeout_s)
        self.opened.append(made)
        return made


def with_server(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    """An empty database of a server; ``kind``: the driver, of MariaDB with the dialect."""
    if "odbc" in kind and kind not in MARIADB:
        request.getfixturevalue("odbc")
    server = request.getfixturevalue("maria" if kind in MARIADB else "server")
    name = f"source_{next(NUMBERS)}"
    server.create_database(name)
    place = Place(kind, "", folder, [], server, name)
    place.url = place.url_of("ward")
    if place.is_mariadb:  # where it has no right at all nobody may log in
        server.run(f"GRANT SHOW VIEW ON {name}.* TO {place.account('reader')}")
    yield place
    for connector in place.opened:
        connector.close()
    if place.is_mariadb:  # which keeps rights on tables that are gone
        server.run(f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {place.account('reader')}")
    server.drop_database(name)


POSTGRESQL = ("psycopg", "pyodbc", "arrow_odbc")
MARIADB = ("mariadb+pyodbc", "mariadb+arrow_odbc")


@pytest.fixture(params=["sqlite", *POSTGRESQL, *MARIADB])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """One of each kind."""
    if request.param == "sqlite":
        (tmp_path / "source.db").touch()
        here = Place("sqlite", f"sqlite:///{tmp_path / 'source.db'}", tmp_path, [])
        yield here
        for connector in here.opened:
            connector.close()
        return
    yield from with_server(request.param, request, tmp_path)


@pytest.fixture(params=[*POSTGRESQL, *MARIADB])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """One of each kind that has a server."""
    yield from with_server(request.param, request, tmp_path)


@pytest.fixture(params=POSTGRESQL)
def postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """PostgreSQL by each way."""
    yield from with_server(request.param, request, tmp_path)


@pytest.fixture(params=MARIADB)
def mariadb_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """MariaDB over ODBC, by both ways."""
    yield from with_server(request.param, request, tmp_path)
