"""``surveillance devices`` does what the administrator's page does, while the program runs or not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from surveillance.access.devices import Devices
from surveillance.cli import main
from surveillance.settings import load_settings
from surveillance.store import open_database
from surveillance.store.database import Database
from tests.programs import until
from tests.small_hospital import small_hospital

CONFIGURED = """
[access]
local_accounts = true

[[screens]]
name = "hall"
ward = "A1"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = small_hospital(tmp_path)
    path.write_text(path.read_text("utf-8") + CONFIGURED, "utf-8")
    return path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


def rows(folder: Path, asked: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "store.sqlite")) as store:
        return store.execute(asked).fetchall()


def told(config: Path, *asked: str) -> int:
    return main(["devices", *asked, "--config", str(config)])


def running(config: Path, database: Database) -> Devices:
    """The program that serves the site, whose time is the real one, as that of the command."""
    return Devices(database, load_settings(config), lambda: datetime.now(UTC))


def test_the_command_accepts_lists_and_revokes(
    config: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(config, "list") == 0
    assert "no screen is paired, and none is waiting" in capsys.readouterr().out
    with closing(running(config, database)) as devices:
        code, secret = devices.ask("hall", "10.0.0.2")
        assert told(config, "list") == 0
        listed = capsys.readouterr().out
        assert f"hall  waits with {code[:4]}-...." in listed
        assert "from 10.0.0.2" in listed
        assert told(config, "accept", code.lower()) == 0
        assert "hall is paired as device 1" in capsys.readouterr().out
        assert devices.claim(secret)
        assert told(config, "list") == 0
        assert "1  hall  staff  since" in capsys.readouterr().out
        assert told(config, "revoke", "1") == 0
        assert told(config, "revoke", "1") == 1
        until(lambda: devices.paired() == [], 10)
    details = [detail for (detail,) in rows(config.parent, "SELECT detail FROM audit ORDER BY number")]
    assert details == ["pairs screen hall, asked from 10.0.0.2", "revokes device 1", "revokes device 1"]
    assert {event for (event,) in rows(config.parent, "SELECT event FROM audit")} == {"change"}


def test_the_command_revokes_all(config: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(running(config, database)) as devices:
        for _ in range(2):
            assert devices.accept(devices.ask("hall", "10.0.0.2")[0], "ada")
    assert told(config, "revoke-all") == 0
    assert "2 revoked" in capsys.readouterr().out


def test_the_command_says_what_no_screen_shows(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(config, "accept", "CCCC-CCCC") == 2
    assert "no screen shows the code 'CCCC-CCCC' now" in capsys.readouterr().err
