"""A PostgreSQL server that a test may kill, and sources that are asked often."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surveillance.polling import composer, pace, process
from tests import mariadb, postgres
from tests.faults.sources.site import cluster, maria_server
from tests.faults.sources.times import AT_LEAST_EVERY_S, DEBOUNCE_S, GRACE_S, KNOCK_S
from tests.programs import missing


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Cluster]:
    if postgres.programs() is None:
        missing("no PostgreSQL server: Debian package postgresql")
    with cluster() as running:
        yield running


@pytest.fixture(scope="session")
def maria() -> Iterator[mariadb.Server]:
    if absent := mariadb.missing_programs():
        missing(f"no {', '.join(absent)}: Debian package mariadb-server")
    try:
        import pyodbc
    except ImportError:
        missing("pyodbc cannot be imported: Debian package unixodbc")
        return
    if mariadb.DRIVER not in pyodbc.drivers():
        missing("no ODBC driver for MariaDB: Debian package odbc-mariadb")
    with maria_server() as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composer, "DEBOUNCE_S", DEBOUNCE_S)
    monkeypatch.setattr(composer, "AT_LEAST_EVERY_S", AT_LEAST_EVERY_S)
    monkeypatch.setattr(pace, "KNOCK_S", KNOCK_S)
    monkeypatch.setattr(process, "GRACE_S", GRACE_S)
