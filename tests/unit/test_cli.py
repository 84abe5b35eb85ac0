from __future__ import annotations

import csv
import json
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from surveillance.cli import main
from surveillance.feeds import FEEDS
from surveillance.measures import CATALOGUE, EVERYTHING
from tests.small_hospital import PATIENT, small_hospital

AT = "2026-11-23T12:00:00Z"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return small_hospital(tmp_path)


def snapshot(config: Path, capsys: pytest.CaptureFixture[str], *others: str) -> dict[str, Any]:
    assert main(["snapshot", "--config", str(config), "--as-at", AT, *others]) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    return content


def test_a_snapshot_has_every_reading_of_every_ward(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = snapshot(config, capsys)
    assert content["as_at"] == AT
    assert [(ward["code"], ward["name"]) for ward in content["wards"]] == [
        ("A1", "Ash Ward"),
        ("B2", "Birch Ward"),
        ("C3", "Cedar Ward"),
    ]
    for ward in content["wards"]:
        assert [reading["measure"] for reading in ward["readings"]] == list(CATALOGUE)
    counts = [ward["readings"][0]["value"] for ward in content["wards"]]
    assert counts == [3, 1, 0]
    assert content["sources"][0]["name"] == "pas"
    assert content["sources"][0]["state"] == "current"
    trust = [one for one in content["rollups"] if one["kind"] == "trust" and one["measure"] == "patients_on_ward"]
    assert [one["value"] for one in trust] == [4]


def test_only_a_known_number_is_written_as_one(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = snapshot(config, capsys)
    readings = [
        *content["rollups"],
        *(one for ward in content["wards"] for one in ward["readings"] + ward["forecasts"]),
    ]
    states = {reading["state"] for reading in readings}
    assert {"value", "not_connected"} <= states
    for reading in readings:
        assert (reading["value"] is not None) == (reading["state"] in ("value", "stale")), reading


def test_no_patient_is_in_it(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["snapshot", "--config", str(config), "--as-at", AT]) == 0
    assert main(["check", "--config", str(config)]) == 0
    assert main(["feeds", "export", "--config", str(config), "--as-at", AT, str(config.parent / "out")]) == 0
    printed = capsys.readouterr()
    assert PATIENT not in printed.out + printed.err


def test_one_ward(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = snapshot(config, capsys, "--ward", "B2")
    assert [ward["code"] for ward in content["wards"]] == ["B2"]


@pytest.mark.parametrize(("asked", "offered"), [("b2", "'B2'"), ("Brich Ward", "'B2'"), ("zzzzzz", "A1, B2, C3")])
def test_an_unknown_ward_is_answered_with_the_nearest(
    config: Path, capsys: pytest.CaptureFixture[str], asked: str, offered: str
) -> None:
    assert main(["snapshot", "--config", str(config), "--ward", asked]) == 2
    assert offered in capsys.readouterr().err


def test_a_time_without_an_offset_is_utc_and_others_are_turned_into_it(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for written in ("2026-11-23T12:00:00", "2026-11-23T14:00:00+02:00"):
        assert main(["snapshot", "--config", str(config), "--as-at", written]) == 0
        assert json.loads(capsys.readouterr().out)["as_at"] == AT


def test_a_time_that_is_none_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["snapshot", "--config", str(config), "--as-at", "yesterday"])
    assert ended.value.code == 2
    assert "'yesterday' is no time" in capsys.readouterr().err


def test_check_prints_a_line_a_feed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if line.startswith("pas") and "ward_stay" in line)
    assert line.split()[:4] == ["pas", "ward_stay", "current", "4"]
    assert "not connected: " in out


def test_check_finds_a_feed_whose_query_fails(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(config.parent / "pas.sqlite") as database:
        database.execute("ALTER TABLE plans RENAME COLUMN visit TO visits")
    database.close()
    assert main(["check", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert "pas, discharge_plan: SourceChanged" in out
    assert "2 of 3 feeds can be counted" in out


def test_a_failed_feed_is_unavailable_in_the_snapshot_never_zero(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "pas.sqlite").unlink()
    content = snapshot(config, capsys)
    first = [ward["readings"][0] for ward in content["wards"]]
    assert {(one["state"], one["value"]) for one in first} == {("unavailable", None)}
    assert content["sources"][0]["state"] == "unavailable"


def test_every_fault_of_the_configuration_is_told_at_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text("utf-8")
    text += "\n[thresholds]\nra_vtee = { act = 3 }\n\n[standards.ra_vte]\nlimit = 14\n"
    text = text.replace('sql = "spell.sql"', 'sql = "spel.sql"')
    config.write_text(text, "utf-8")
    assert main(["check", "--config", str(config)]) == 2
    told = capsys.readouterr().err
    assert "unknown measure 'ra_vtee'; did you mean 'ra_vte'?" in told
    assert "unknown key 'limit'; did you mean 'limit_h'?" in told
    assert "spel.sql" in told
    assert "Traceback" not in told


def test_a_misspelt_key_is_named_with_the_nearest(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text("utf-8").replace("url_file", "url_fiel"), "utf-8")
    assert main(["run", "--config", str(config)]) == 2
    assert "unknown key 'sources.pas.url_fiel'; did you mean 'url_file'?" in capsys.readouterr().err


def test_a_configuration_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_the_export_is_what_the_display_saw_for_its_owner_only(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = config.parent / "support" / "export"
    assert main(["feeds", "export", "--config", str(config), "--as-at", AT, str(folder)]) == 0
    assert "patient data" in capsys.readouterr().out
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["discharge_plan.csv", "spell.csv", "ward_stay.csv"]
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == FEEDS[path.stem].names
        assert len(rows) == 4
    spells = list(csv.DictReader((folder / "spell.csv").read_text("utf-8").splitlines()))
    assert spells[0]["admit_ts"] == "2026-11-23T11:00:00Z"
    assert spells[0]["discharge_ts"] == ""
    plans = list(csv.DictReader((folder / "discharge_plan.csv").read_text("utf-8").splitlines()))
    assert plans[0]["edd"] == "2026-11-23"


def test_a_feed_that_failed_leaves_no_file_not_even_an_old_one(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["feeds", "export", "--config", str(config), "--as-at", AT, str(config.parent / "out")]
    assert main(arguments) == 0
    (config.parent / "spell.sql").write_text("SELECT 1 AS other", "utf-8")
    assert main(arguments) == 1
    assert "spell: no file: unavailable: SourceChanged" in capsys.readouterr().err
    assert sorted(path.name for path in (config.parent / "out").iterdir()) == ["discharge_plan.csv", "ward_stay.csv"]


def test_feeds_alone_lists_every_canonical_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feeds"]) == 0
    out = capsys.readouterr().out
    for feed in FEEDS.values():
        assert f"{feed.name}: {feed.row_means}" in out
        assert all(f"  {column} (" in out for column in feed.names)


def test_measures_prints_the_whole_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measures", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in content] == list(EVERYTHING)
    for one in content:
        assert one["label"]
        assert one["counts"]
        assert one["owner"]
        assert one["version"]
        assert one["review"]
        assert one["standard"]["text"]
    assert main(["measures"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in EVERYTHING)


def test_verify_ends_with_one_when_a_case_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = {"id": "n1", "title": "all in order", "expected": {"total": 3}}
    case["input"] = {"rr": 16, "spo2": 97, "on_oxygen": False, "sbp": 120, "pulse": 70, "acvpu": "A", "temp": 37}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [case]}), "utf-8")
    assert main(["verify", str(path)]) == 1
    assert "0 passed, 1 failed" in capsys.readouterr().out


def test_a_fault_that_does_not_exist_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "fault", "epr", "stopp", "--folder", str(tmp_path)]) == 2
    assert "did you mean 'stop'?" in capsys.readouterr().err
    assert main(["demo", "--folder", str(tmp_path), "fault", "epr", "stop"]) == 0
    assert (tmp_path / "faults.json").exists()
