"""Every fault of a simulated source looks to a connector like the real thing, and ends when it is switched off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Bounds
from connectors.registry import open_source
from connectors.sql import SqlConnector
from surveillance.demo.faults import FAULTS, SOURCES, clear, fault_of, set_fault
from surveillance.demo.hospital import DemoHospital, create
from surveillance.errors import ConfigurationError, SourceChanged, SourceRefused, SourceUnavailable
from surveillance.settings import load_settings

START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
BOUNDS = Bounds(START, START - timedelta(days=2), START - timedelta(days=400))
FEED = {"epr": "obs_set", "prescribing": "dose_event", "laboratory": "lab_result", "rostering": "duty"}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> DemoHospital:
    return create(tmp_path_factory.mktemp("faults"), seed=3, start=START, days=1, wards=["CRIT"])


@pytest.fixture
def folder(hospital: DemoHospital) -> Iterator[Path]:
    yield hospital.folder
    clear(hospital.folder)


@pytest.fixture
def connectors(folder: Path) -> Iterator[dict[str, SqlConnector]]:
    config = folder / "hospital.toml"
    opened = {name: open_source(name, source, config) for name, source in load_settings(config).sources.items()}
    yield opened
    for connector in opened.values():
        connector.close()


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("fault", "error"), [("stop", SourceUnavailable), ("refuse", SourceRefused), ("column", SourceChanged)]
)
def test_a_broken_source_raises_what_it_should(
    folder: Path, connectors: dict[str, SqlConnector], source: str, fault: str, error: type[Exception]
) -> None:
    set_fault(folder, source, fault)
    with pytest.raises(error):
        connectors[source].read(FEED[source], BOUNDS)
    others = [name for name in SOURCES if name != source]
    assert all(len(connectors[name].read(FEED[name], BOUNDS).frame) for name in others)
    set_fault(folder, source, None)
    assert len(connectors[source].read(FEED[source], BOUNDS).frame)


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_source_keeps_its_columns(folder: Path, connectors: dict[str, SqlConnector], source: str) -> None:
    whole = connectors[source].read(FEED[source], BOUNDS).frame
    set_fault(folder, source, "empty")
    empty = connectors[source].read(FEED[source], BOUNDS).frame
    assert len(empty) == 0
    assert list(empty.columns) == list(whole.columns)


def test_a_slow_source_takes_its_time(folder: Path, connectors: dict[str, SqlConnector]) -> None:
    set_fault(folder, "laboratory", "slow", seconds=0.2)
    started = time.monotonic()
    connectors["laboratory"].read("lab_result", BOUNDS)
    assert time.monotonic() - started >= 0.2


def test_a_stalled_source_answers_with_an_old_heartbeat(hospital: DemoHospital, folder: Path) -> None:
    later = hospital.position + timedelta(minutes=30)
    set_fault(folder, "epr", "stall")
    hospital.advance_to(later)
    settings = load_settings(hospital.config)
    heartbeats = {}
    for name, source in settings.sources.items():
        connector = open_source(name, source, hospital.config)
        heartbeats[name] = connector.data_as_at(BOUNDS)
        connector.close()
    assert heartbeats["epr"] == later - timedelta(minutes=30)
    assert heartbeats["prescribing"] == later


def test_a_display_cannot_write_to_a_source(connectors: dict[str, SqlConnector]) -> None:
    assert [connector.can_write() for connector in connectors.values()] == [False] * 4


def test_unknown_names_are_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="unknown fault 'stopp'; did you mean 'stop'"):
        set_fault(folder, "epr", "stopp")
    with pytest.raises(ConfigurationError, match="unknown source 'labratory'; did you mean 'laboratory'"):
        set_fault(folder, "labratory", "stop")
    assert fault_of(folder, "epr") is None


def test_every_fault_says_what_it_does() -> None:
    assert set(FAULTS) == {"stop", "stall", "slow", "empty", "refuse", "column"}
