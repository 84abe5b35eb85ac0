"""The simulated hospital is the same for the same seed, however it is moved on and however often it is killed."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from surveillance.demo import hospital as hospitals
from surveillance.demo.faults import set_fault
from surveillance.demo.hospital import DemoHospital, create
from surveillance.demo.systems import SYSTEMS
from surveillance.errors import ConfigurationError
from surveillance.settings import load_settings

START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
LATER = START + timedelta(hours=30)
SMALL: dict[str, Any] = {"seed": 7, "days": 1, "wards": ("GYNA", "CRIT")}


def dump(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the four databases."""
    found = {}
    for name, system in SYSTEMS.items():
        connection = sqlite3.connect(folder / f"{name}.sqlite")
        for table in system.tables:
            found[table] = sorted(connection.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr)
        connection.close()
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    create(folder, start=START, **SMALL)
    return folder


@pytest.fixture(scope="module")
def moved(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same hospital, 30 hours later, in one step."""
    folder = tmp_path_factory.mktemp("moved") / "it"
    shutil.copytree(made, folder)
    assert DemoHospital.open(folder).advance_to(LATER) > 500
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "it"
    shutil.copytree(made, folder)
    return folder


def test_the_same_seed_and_start_give_the_same_rows(made: Path, tmp_path: Path) -> None:
    create(tmp_path, start=START, **SMALL)
    assert dump(tmp_path) == dump(made)


def test_another_seed_gives_other_patients(made: Path, tmp_path: Path) -> None:
    create(tmp_path, start=START, **(SMALL | {"seed": 8}))
    assert dump(tmp_path)["BED_STAY"] != dump(made)["BED_STAY"]


def test_many_steps_give_what_one_step_gives(copy: Path, moved: Path) -> None:
    hospital = DemoHospital.open(copy)
    now = START
    for minutes in (1, 0, 3, 17, 59, 240, 600):
        now += timedelta(minutes=minutes)
        hospital.advance_to(now)
    hospital.advance_to(LATER)
    assert dump(copy) == dump(moved)


def test_the_past_in_bulk_is_what_living_through_it_gives(tmp_path: Path) -> None:
    create(tmp_path, start=LATER, seed=7, wards=["AMU"], days=2)
    short = tmp_path / "short"
    create(short, start=LATER - timedelta(days=1), seed=7, wards=["AMU"], days=1)
    DemoHospital.open(short).advance_to(LATER)
    assert dump(short) == dump(tmp_path)


def test_a_hospital_killed_between_two_systems_goes_on(
    copy: Path, moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = hospitals.apply

    def killed(system: object, *rest: object) -> int:
        if system is SYSTEMS["laboratory"]:
            raise KeyboardInterrupt
        return apply(system, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(hospitals, "apply", killed)
    with pytest.raises(KeyboardInterrupt):
        DemoHospital.open(copy).advance_to(START + timedelta(hours=5))
    monkeypatch.undo()
    DemoHospital.open(copy).advance_to(LATER)
    assert dump(copy) == dump(moved)


def test_a_stalled_system_stands_still_and_then_catches_up(copy: Path, moved: Path) -> None:
    hospital = DemoHospital.open(copy)
    before = dump(copy)
    set_fault(copy, "prescribing", "stall")
    hospital.advance_to(START + timedelta(hours=6))
    during = dump(copy)
    for table in SYSTEMS["prescribing"].tables:
        assert during[table] == before[table]
    assert during["OBS_CHART"] != before["OBS_CHART"]
    set_fault(copy, "prescribing", None)
    hospital.advance_to(LATER)
    assert dump(copy) == dump(moved)


def test_time_never_goes_back(copy: Path) -> None:
    hospital = DemoHospital.open(copy)
    before = dump(copy)
    assert hospital.advance_to(START - timedelta(hours=1)) == 0
    assert dump(copy) == before
    assert hospital.position == START


def test_creating_again_continues_what_stands_there(copy: Path, moved: Path) -> None:
    create(copy, start=LATER, **SMALL)
    assert dump(copy) == dump(moved)
    create(copy, start=START, **SMALL)  # the same command again after it was killed
    assert dump(copy) == dump(moved)
    clock = load_settings(copy / "hospital.toml").clock
    assert clock is not None
    assert clock.start == LATER


@pytest.mark.parametrize(
    ("change", "start"),
    [({"seed": 8}, START), ({}, START - timedelta(days=40)), ({}, START + timedelta(days=60)), ({"wards": 1}, START)],
    ids=["other seed", "earlier", "much later", "other wards"],
)
def test_another_hospital_replaces_what_stands_there(copy: Path, change: dict[str, Any], start: datetime) -> None:
    (copy / "store.sqlite").write_text("snapshots of a hospital that is gone", encoding="utf-8")
    hospital = create(copy, start=start, **(SMALL | change))
    assert hospital.position == start
    assert not (copy / "store.sqlite").exists()


def test_a_hospital_with_the_tables_of_an_earlier_version_is_made_anew(copy: Path, made: Path) -> None:
    with sqlite3.connect(copy / "epr.sqlite") as epr:
        epr.execute("DROP TABLE PAT_IDENT")
    epr.close()
    agenda = hospitals.Agenda(copy / hospitals.AGENDA)
    known = agenda.read("made")
    assert known is not None
    with agenda.engine.begin() as connection:
        hospitals.Agenda.keep(connection, "made", {key: known[key] for key in known if key != "shape"})
    agenda.engine.dispose()
    with pytest.raises(ConfigurationError, match="an earlier version"):
        DemoHospital.open(copy)
    create(copy, start=START, **SMALL).close()
    assert dump(copy) == dump(made)


def test_a_creation_that_was_killed_is_done_again(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hospitals.Agenda, "keep", lambda *_: sys.exit("killed"))
    with pytest.raises(SystemExit):
        create(tmp_path, start=START, **SMALL)
    monkeypatch.undo()
    create(tmp_path, start=START, **SMALL)
    assert dump(tmp_path) == dump(made)


def test_the_configuration_names_sources_wards_and_clock(made: Path) -> None:
    settings = load_settings(made / "hospital.toml")
    assert set(settings.sources) == set(SYSTEMS)
    assert [ward.code for ward in settings.wards] == ["GYNA", "CRIT"]
    assert settings.clock is not None
    assert settings.clock.start == START
    assert "simulated" in settings.site.name


def test_a_hospital_in_the_present_has_no_clock_of_its_own(tmp_path: Path) -> None:
    hospital = create(tmp_path, seed=7, days=1, wards=["DAYC"], start=datetime.now(UTC))
    assert load_settings(hospital.config).clock is None


def test_a_folder_without_a_hospital_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no simulated hospital"):
        DemoHospital.open(tmp_path)


def test_an_unknown_ward_is_named() -> None:
    nowhere = Path("nowhere")
    with pytest.raises(ConfigurationError, match="unknown ward 'AMX'; did you mean 'AMU'"):
        create(nowhere, seed=1, start=START, wards=["AMX"])
    assert not nowhere.exists()
