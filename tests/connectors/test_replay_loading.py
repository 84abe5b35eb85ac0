"""Recorded rows reach the overlay whole, belong to the right admission, and are loaded once."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveillance.errors import ConfigurationError
from surveillance.replay import default_instant, load, overlay_range
from surveillance.replay.questions import census, movements, records_by_unit, row_counts
from tests.replay_files import ICU, WARD, at, write_files


def doses(*times: str) -> list[str]:
    return [f"1,{time},Aspirin,Administered" for time in times]


def test_rows_are_counted_and_those_in_no_admission_are_told_apart(tmp_path: Path) -> None:
    data = write_files(
        tmp_path / "data",
        # the window's ends belong to it; a second more does not
        emar=doses("2150-06-10 06:59:59", "2150-06-10 07:00:00", "2150-06-12 12:00:00", "2150-06-12 12:00:01"),
    )
    loaded = load(data, tmp_path / "cache")
    assert loaded.rows["emar"] == 4
    assert loaded.unplaced == {"emar": 2, "labevents": 0, "chartevents": 0}
    assert loaded.without_census == 1
    assert "emar: 4 rows, of which 2 in no admission" in loaded.lines()


def test_a_row_belongs_to_the_admission_that_held_its_time(tmp_path: Path) -> None:
    rows = doses("2150-03-01 07:00:00", "2150-06-10 07:30:00", "2150-06-10 11:00:00", "2150-05-01 00:00:00")
    data = write_files(tmp_path / "data", emar=rows)
    database = load(data, tmp_path / "cache").database
    by_unit = records_by_unit(database, "Administered")
    assert by_unit == {WARD: 1, "Emergency Department": 1, ICU: 1, "none": 1}


def test_the_census_counts_from_arrival_until_before_departure(tmp_path: Path) -> None:
    database = load(write_files(tmp_path / "data"), tmp_path / "cache").database
    assert census(database, at("2024-01-10 06:59:59")) == {WARD: 2}
    assert census(database, at("2024-01-10 07:00:00")) == {WARD: 2, "Emergency Department": 1}
    assert census(database, at("2024-01-10 10:30:00")) == {WARD: 2, ICU: 1}
    assert census(database, at("2024-01-11 06:00:00")) == {WARD: 1, ICU: 1}
    assert census(database, at("2024-01-12 12:00:00")) == {}


def test_movements_and_rows_are_counted_on_the_overlay(tmp_path: Path) -> None:
    database = load(write_files(tmp_path / "data"), tmp_path / "cache").database
    assert movements(database, at("2024-01-10").date()) == {"admissions": 3, "discharges": 0, "moves": 0}
    assert movements(database, at("2024-01-12").date()) == {"admissions": 0, "discharges": 1, "moves": 0}
    assert row_counts(database) == {
        "transfers": 6,
        "admissions": 3,
        "emar": 0,
        "ED": 2,
        "admit": 3,
        "discharge": 1,
        "subjects": 2,
        "hadm": 3,
    }


def test_the_overlay_reaches_from_the_first_arrival_to_the_last_departure(tmp_path: Path) -> None:
    database = load(write_files(tmp_path / "data"), tmp_path / "cache").database
    assert overlay_range(database) == (at("2024-01-10 00:00:00"), at("2024-01-12 12:00:00"))
    assert default_instant(database) == datetime(2024, 1, 10, 8, tzinfo=UTC)


def test_files_are_loaded_again_only_after_a_change(tmp_path: Path) -> None:
    data, cache = write_files(tmp_path / "data"), tmp_path / "cache"
    assert load(data, cache).fresh
    again = load(data, cache)
    assert (again.fresh, again.rows["transfers"]) == (False, 6)
    write_files(data, emar=doses("2150-06-10 11:00:00"))
    changed = load(data, cache)
    assert (changed.fresh, changed.rows["emar"]) == (True, 1)


def test_a_database_that_was_cut_off_is_loaded_again(tmp_path: Path) -> None:
    data, cache = write_files(tmp_path / "data"), tmp_path / "cache"
    path = load(data, cache).database
    path.write_bytes(path.read_bytes()[:5000])
    assert load(data, cache).fresh
    assert census(path, at("2024-01-10 08:00:00")) == {WARD: 2, "Emergency Department": 1}


def test_only_the_owner_may_read_the_database_and_nothing_half_made_is_left(tmp_path: Path) -> None:
    path = load(write_files(tmp_path / "data"), tmp_path / "cache").database
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208  # names are enough


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    data = write_files(tmp_path / "data")
    (data / "emar.csv").unlink()
    with pytest.raises(ConfigurationError, match=r"emar\.csv: no such file"):
        load(data, tmp_path / "cache")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("charttime", "chart_time", r"emar\.csv: no column 'charttime'; did you mean 'chart_time'\?"),
        ("1,2150", "one,2150", r"emar\.csv: column 'subject_id' holds something that is no whole number$"),
        ("2150-06-10", "10/06/2150", r"emar\.csv: column 'charttime' holds something that is no time$"),
    ],
)
def test_a_wrong_column_is_named_and_its_content_is_not(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    data = write_files(tmp_path / "data", emar=doses("2150-06-10 11:00:00"))
    file = data / "emar.csv"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(ConfigurationError, match=complaint):
        load(data, tmp_path / "cache")
    assert not (tmp_path / "cache" / "mimic_iv.sqlite").exists()
