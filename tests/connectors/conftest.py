"""Real databases for the contract: SQLite, PostgreSQL by its own driver, PostgreSQL over ODBC."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Bounds
from connectors.sql import SqlConnector
from surveillance.settings import FeedSource, Pack, Times
from surveillance.store import open_database
from tests import postgres
from tests.connectors import pg_odbc

PASSWORD = "p4ss-of-the-reader"
BOUNDS = Bounds(
    as_at=datetime(2026, 7, 1, 11, 0, tzinfo=UTC),
    since=datetime(2026, 6, 30, 11, 0, tzinfo=UTC),
    events_since=datetime(2025, 5, 27, 11, 0, tzinfo=UTC),
)
NUMBERS = itertools.count()


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Cluster]:
    if postgres.programs() is None:
        _missing("no PostgreSQL server: Debian package postgresql")
    with postgres.cluster({"reader": PASSWORD}) as running:
        yield running


@pytest.fixture(scope="session")
def upgraded(server: postgres.Cluster) -> str:
    """A database with an empty store in it, to be copied: quicker than upgrading one for each test."""
    server.create_database("upgraded")
    open_database(server.url("upgraded")).close()
    return "upgraded"


@pytest.fixture(scope="session")
def odbc() -> None:
    try:
        import pyodbc
    except ImportError:
        _missing("pyodbc cannot be imported: Debian package unixodbc")
        return
    if pg_odbc.DRIVER not in pyodbc.drivers():
        _missing("no ODBC driver for PostgreSQL: Debian package odbc-postgresql")
    pg_odbc.register()


@dataclass
class Place:
    """An empty database, and how a test fills and reads it."""

    kind: str
    url: str
    folder: Path
    opened: list[SqlConnector]
    server: postgres.Cluster | None = None
    database: str = ""

    @property
    def is_sqlite(self) -> bool:
        return self.kind == "sqlite"

    def run(self, sql: str) -> str:
        """What the database prints, run as its owner."""
        if self.server:
            return self.server.run(sql, self.database)
        with sqlite3.connect(self.folder / "source.db") as connection:
            connection.executescript(sql)
        connection.close()
        return ""

    def url_of(self, login: str) -> str:
        assert self.server
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


def _postgresql(kind: str, server: postgres.Cluster, folder: Path) -> Iterator[Place]:
    name = f"source_{next(NUMBERS)}"
    server.create_database(name)
    place = Place(kind, server.url(name, driver=kind), folder, [], server, name)
    yield place
    for connector in place.opened:
        connector.close()
    server.drop_database(name)


@pytest.fixture(params=["sqlite", "psycopg", "pyodbc"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """One of each kind."""
    if request.param == "sqlite":
        (tmp_path / "source.db").touch()
        here = Place("sqlite", f"sqlite:///{tmp_path / 'source.db'}", tmp_path, [])
        yield here
        for connector in here.opened:
            connector.close()
        return
    if request.param == "pyodbc":
        request.getfixturevalue("odbc")
    yield from _postgresql(request.param, request.getfixturevalue("server"), tmp_path)


@pytest.fixture(params=["psycopg", "pyodbc"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """One of each kind that has a server."""
    if request.param == "pyodbc":
        request.getfixturevalue("odbc")
    yield from _postgresql(request.param, request.getfixturevalue("server"), tmp_path)
