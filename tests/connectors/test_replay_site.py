"""A replayed hospital has a site configuration that the program accepts, and promises no number it cannot give."""

from pathlib import Path

import pytest

from surveillance.errors import ConfigurationError
from surveillance.measures import EVERYTHING
from surveillance.measures.site import Site, check_names
from surveillance.replay import prepare
from surveillance.replay.units import CHARTED_AT_BEDSIDE, NOT_RECORDED
from surveillance.settings import Settings, load_settings, source_url
from tests.replay_files import ICU, WARD, at, read_csv, write_files

MEDICINES = ("Heparin", "Heparin Flush (10 units/ml)", "NORepinephrine", "EPINEPHrine", "Moonshine")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("replay")
    rows = [f"1,2150-06-11 08:00:00,{name},Administered" for name in MEDICINES]
    data = write_files(tmp_path / "data", emar=rows)
    return prepare(data, tmp_path / "cache", as_at=at("2024-01-11 08:00:00"), speed=60, real_start=at("2026-11-23"))


@pytest.fixture(scope="module")
def settings(config: Path) -> Settings:
    return load_settings(config)


def test_the_configuration_is_one_that_the_program_accepts(config: Path, settings: Settings) -> None:
    check_names(settings, {name: measure.params for name, measure in EVERYTHING.items()})
    url = source_url("mimic", settings.sources["mimic"])
    assert url == f"sqlite:///{(config.parent / 'mimic_iv.sqlite').resolve()}"
    assert settings.options.own_aki_stage
    assert settings.store.path is not None
    assert settings.store.path.parent == config.parent


def test_every_care_unit_is_a_ward_but_those_that_the_pack_excludes(settings: Settings) -> None:
    assert [(ward.code, ward.name) for ward in settings.wards] == [(ICU, ICU), (WARD, WARD)]


def test_the_clock_starts_where_it_was_told_and_runs_at_its_speed(settings: Settings) -> None:
    assert settings.clock is not None
    assert settings.clock.now(at("2026-11-23 00:01:00")) == at("2024-01-11 09:00:00")


def test_without_an_instant_it_starts_in_the_busiest_morning(tmp_path: Path) -> None:
    settings = load_settings(prepare(write_files(tmp_path / "data"), tmp_path / "cache"))
    assert settings.clock is not None
    assert settings.clock.start == at("2024-01-10 08:00:00")


def test_a_ward_without_bedside_charting_has_no_number_for_observations(settings: Settings) -> None:
    site = Site.of(settings)
    for measure in CHARTED_AT_BEDSIDE:
        assert site.wards_of(measure) == [ICU]
    for measure in NOT_RECORDED:
        assert site.wards_of(measure) == []
    assert site.wards_of("aki_patients") == site.wards_of("missed_doses_today") == [ICU, WARD]


def test_a_medicine_has_the_class_of_the_longest_beginning_that_is_known(config: Path, settings: Settings) -> None:
    assert read_csv(config.parent / "medicine_classes.csv") == {
        "epinephrine": "emergency",
        "heparin": "anticoagulant",
        "heparin flush (10 units/ml)": "flush",
        "norepinephrine": "other",
    }
    assert Site.of(settings).critical_classes == {"emergency", "anticoagulant"}


def test_data_without_any_ward_is_refused(tmp_path: Path) -> None:
    data = write_files(tmp_path / "data")
    file = data / "transfers.csv"
    file.write_text(file.read_text().replace(ICU, "PACU").replace(WARD, "Unknown"))
    with pytest.raises(ConfigurationError, match="no care unit in it is a ward"):
        prepare(data, tmp_path / "cache")
