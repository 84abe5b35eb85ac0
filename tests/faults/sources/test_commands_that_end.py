"""A command that asks once ends though a source does not, and says of which feed it knows nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from surveillance.cli import main
from tests import mariadb, postgres
from tests.faults.sources.faults import maria_hanging
from tests.faults.sources.site import Times, hospital, maria_hospital
from tests.faults.sources.times import TIMEOUT_S
from tests.programs import SURVEILLANCE

LONGEST_S = 60
"""Of a command whose source hangs, on a busy computer. Without an end it would take for ever."""
LATE = f"feed spell: the query ran past its deadline of {TIMEOUT_S:g} s and its process was ended"


def command(name: str, config: Path) -> subprocess.CompletedProcess[str]:
    asked = [str(SURVEILLANCE), name, "--config", str(config)]
    return subprocess.run(asked, capture_output=True, text=True, timeout=LONGEST_S, check=False)


def test_of_a_database_that_hangs(maria: mariadb.Server, tmp_path: Path) -> None:
    with maria_hospital(maria, tmp_path, Times(), "arrow_odbc") as place, maria_hanging(place):
        checked, shown = command("check", place.config), command("snapshot", place.config)
    assert checked.returncode == 1
    assert LATE in checked.stdout
    assert "not asked, because feed spell and feed ward_stay ran late" in checked.stdout
    assert not checked.stderr
    readings = {one["measure"]: one for one in json.loads(shown.stdout)["wards"][0]["readings"]}
    assert readings["patients_on_ward"]["state"] == "unavailable"
    assert readings["patients_on_ward"]["value"] is None
    assert readings["staff_rn_day"]["state"] == "value"


def test_what_is_asked_in_a_process_is_checked_as_anything_else(
    server: postgres.Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with hospital(server, tmp_path, driver="arrow_odbc") as place:
        query = tmp_path / "spell.sql"
        query.write_text(query.read_text("utf-8").replace("SELECT", "SELECT 1 AS shoe_size,", 1), "utf-8")
        assert main(["check", "--config", str(place.config)]) == 0
        assert "shoe_size" in capsys.readouterr().out
        place.run("ALTER TABLE stays RENAME COLUMN ward TO unit")
        assert main(["check", "--config", str(place.config)]) == 1
        assert "feed ward_stay: the source has no column 'ward'" in capsys.readouterr().out
