"""A SQLite file is read only: a missing one is an error, and a replaced one is seen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import URL

from surveillance.errors import ConfigurationError, SourceUnavailable
from tests.connectors.conftest import BOUNDS, Place
from tests.connectors.test_sql_contract import ALL, STAYS, keys

TABLE = STAYS.format(moment="TIMESTAMP")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("sqlite", f"sqlite:///{tmp_path / 'source.db'}", tmp_path, [])


def test_a_missing_file_is_unavailable_and_is_not_made(place: Place) -> None:
    with pytest.raises(SourceUnavailable, match=r"feed ward_stay: the source failed .*SQLITE_CANTOPEN"):
        place.connector(ALL).read("ward_stay", BOUNDS)
    assert not (place.folder / "source.db").exists()


def test_a_file_that_was_replaced_is_read_anew(place: Place) -> None:
    place.run(TABLE)
    connector = place.connector(f"{ALL} ORDER BY ref")
    assert keys(connector) == ["S1", "S2"]
    (place.folder / "source.db").unlink()
    with pytest.raises(SourceUnavailable):
        connector.read("ward_stay", BOUNDS)
    place.run(TABLE + "DELETE FROM stays WHERE ref = 'S1'")
    assert keys(connector) == ["S2"]


def test_a_file_that_is_no_database_is_unavailable(place: Place) -> None:
    (place.folder / "source.db").write_bytes(b"not a database, at all" * 100)
    with pytest.raises(SourceUnavailable, match="SQLITE_NOTADB"):
        place.connector(ALL).read("ward_stay", BOUNDS)


def test_a_file_is_read_while_its_system_writes(place: Place) -> None:
    place.run("PRAGMA journal_mode = WAL;" + TABLE)
    writer = sqlite3.connect(place.folder / "source.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM stays")
    assert len(keys(place.connector(ALL))) == 2
    writer.execute("COMMIT")
    assert keys(place.connector(ALL)) == []
    writer.close()


def test_names_with_signs_that_mean_something_in_addresses(tmp_path: Path) -> None:
    odd = tmp_path / "a%20b c#d?e"
    odd.mkdir()
    place = Place("sqlite", "", odd, [])
    place.run(TABLE)
    url = URL.create("sqlite", database=str(odd / "source.db")).render_as_string()
    assert len(keys(place.connector(ALL, url=url))) == 2


def test_it_cannot_be_written(place: Place) -> None:
    place.run(TABLE)
    assert place.connector(ALL).can_write() is False


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_without_a_file_is_a_mistake(place: Place, url: str) -> None:
    with pytest.raises(ConfigurationError, match="source 'epr': its SQLite URL names no file"):
        place.connector(ALL, url=url)
