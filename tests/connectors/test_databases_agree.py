"""The simulated hospital gives the same answers from every database, read by every way that there is to it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import dialects
from surveillance.commands.snapshot import snapshot_of
from surveillance.demo.hospital import DemoHospital, create
from surveillance.demo.systems import SYSTEMS
from surveillance.errors import ConfigurationError
from surveillance.feeds.data import FeedState
from surveillance.opening import open_site
from tests import mariadb, postgres

START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
AS_AT = START + timedelta(hours=3)
SMALL: dict[str, Any] = {"seed": 7, "days": 1, "wards": ("AMU", "GYNA", "MATY", "PAED")}
DATABASE = "demo"


def moved_on(folder: Path, url: str | None) -> Path:
    """A hospital in SQLite, or in the database of a URL, moved on by some hours; returns its folder."""
    hospital = create(folder, start=START, into=dict.fromkeys(SYSTEMS, url) if url else None, **SMALL)
    hospital.advance_to(AS_AT)
    hospital.close()
    return folder


def leads_to(folder: Path, url: str) -> None:
    """The hospital's systems are found there."""
    for name in SYSTEMS:
        (folder / f"{name}.url").write_text(url, encoding="utf-8")


def answers(folder: Path) -> str:
    """Everything that is known of it, but for how long it took to ask."""
    opened = open_site(folder / "hospital.toml")
    snapshot = snapshot_of(opened, AS_AT)
    for source in snapshot["sources"]:
        for feed in source["feeds"]:
            feed["duration_s"] = None
    given = json.dumps(snapshot, sort_keys=True, indent=0)
    for reader in opened.readers:
        reader.close()
    return given


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    return answers(moved_on(tmp_path_factory.mktemp("sqlite"), None))


@pytest.fixture(scope="module")
def in_postgresql(server: postgres.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    server.create_database(DATABASE)
    yield moved_on(tmp_path_factory.mktemp("postgresql"), server.url(DATABASE))
    server.drop_database(DATABASE)


def test_every_source_of_the_reference_answers(sqlite: str) -> None:
    snapshot = json.loads(sqlite)
    readings = [reading for ward in snapshot["wards"] for reading in ward["readings"]]
    assert "unavailable" not in {reading["state"] for reading in readings}
    assert sum(reading["state"] == "value" and bool(reading["value"]) for reading in readings) > 50


def test_postgresql_agrees_by_its_own_driver(sqlite: str, in_postgresql: Path) -> None:
    assert answers(in_postgresql) == sqlite


@pytest.mark.usefixtures("odbc")
@pytest.mark.parametrize("driver", ["pyodbc", "arrow_odbc"])
def test_postgresql_agrees_over_odbc(
    sqlite: str, server: postgres.Cluster, in_postgresql: Path, tmp_path: Path, driver: str
) -> None:
    folder = shutil.copytree(in_postgresql, tmp_path / "over_odbc")
    leads_to(folder, server.url(DATABASE, driver=driver))
    assert answers(folder) == sqlite
    source = next(source for source in open_site(folder / "hospital.toml").apart() if source.name == "rostering")
    found = source.poll(AS_AT)  # a process of its own knows the dialect too
    source.close()
    assert {data.state for data in found} == {FeedState.CURRENT}


def test_mariadb_agrees_over_odbc(sqlite: str, maria: mariadb.Server, tmp_path: Path) -> None:
    dialects.register()
    maria.create_database(DATABASE)
    folder = moved_on(tmp_path, maria.url(DATABASE))
    assert answers(folder) == sqlite
    leads_to(folder, maria.url(DATABASE, dialect="mariadb+arrow_odbc"))
    assert answers(folder) == sqlite
    maria.drop_database(DATABASE)


def test_a_hospital_elsewhere_goes_on_and_its_database_is_never_made_anew(
    server: postgres.Cluster, in_postgresql: Path, tmp_path: Path
) -> None:
    hospital = DemoHospital.open(in_postgresql)
    assert hospital.position == AS_AT
    hospital.close()
    with pytest.raises(ConfigurationError, match="the database for epr is not empty: it has a table ALERT"):
        create(tmp_path, start=START, into={"epr": server.url(DATABASE)}, **SMALL)
    with pytest.raises(ConfigurationError, match="unknown source 'pas'"):
        create(tmp_path, start=START, into={"pas": server.url(DATABASE)}, **SMALL)
