"""Patients move through the simulated hospital as they could through a real one."""

from __future__ import annotations

import itertools
import sqlite3
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from surveillance.demo.faults import RENAMED
from surveillance.demo.flow import CLEANING, Flow, Journey
from surveillance.demo.formulary import CATALOGUE, CRITICAL, named
from surveillance.demo.generator import Generator
from surveillance.demo.hospital import DemoHospital, create
from surveillance.demo.live import main
from surveillance.demo.localtime import DAY, seconds
from surveillance.demo.records import KEYS_PER_SUBJECT
from surveillance.demo.systems import SYSTEMS
from surveillance.demo.wards import WARDS, DemoWard, chosen
from surveillance.errors import ConfigurationError

START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def journeys() -> list[Journey]:
    """A fortnight of the whole hospital, without what is recorded about each patient."""
    found: list[Journey] = []

    class OnlyJourneys(Generator):
        def _admit(self, journey: Journey) -> list[object]:  # type: ignore[override]
            self.next_number += 1
            found.append(journey)
            return []

    generator = OnlyJourneys(WARDS, 11, seconds(START))
    list(generator.opening())
    list(generator.until(seconds(START) + 14 * DAY))
    return found


def test_no_bed_is_given_twice(journeys: list[Journey]) -> None:
    beds = defaultdict(list)
    for journey in journeys:
        for segment in journey.segments:
            if segment.bed:
                beds[segment.bed].append((segment.start, segment.end))
    for bed, stays in beds.items():
        stays.sort()
        for (_, left), (came, _) in itertools.pairwise(stays):
            assert came >= left, bed


def test_segments_follow_each_other_and_end_after_they_begin(journeys: list[Journey]) -> None:
    for journey in journeys:
        for segment in journey.segments:
            assert segment.end > segment.start
        for before, after in zip(journey.segments, journey.segments[1:], strict=False):
            assert before.end == after.start
        if journey.ed:
            arrived, seen, decided = journey.ed
            assert arrived < seen < decided <= journey.admit


@pytest.mark.parametrize("ward", [ward for ward in WARDS if ward.care != "day_case"], ids=lambda ward: ward.code)
def test_wards_are_nearly_full(journeys: list[Journey], ward: DemoWard) -> None:
    moments = [seconds(START) + hour * 3600 for hour in range(48, 14 * 24, 7)]
    code, beds = ward.code, ward.beds
    stays = [(s.start, s.end) for j in journeys for s in j.segments if s.ward == code]
    census = [sum(start <= moment < end for start, end in stays) for moment in moments]
    assert 0.6 * beds <= sum(census) / len(census) <= beds
    assert max(census) <= beds


def test_the_bed_last_vacated_is_taken_and_cleaned_first() -> None:
    flow = Flow(chosen(1), 0)
    for bed in range(34):
        flow.beds.reserve("AMU", bed, 10_000 + bed)
    assert flow.beds.find("AMU", 9_000, 60) is None
    assert flow.beds.find("AMU", 10_000, CLEANING) == (0, 10_000 + CLEANING)
    assert flow.beds.find("AMU", 100_000, 0) == (33, 100_000)
    assert flow.beds.find("SGA", 100_000, 0) is None


def test_medicines_have_one_class_each_and_every_critical_class_has_some() -> None:
    assert len({drug.name for drug in CATALOGUE.values()}) == len(CATALOGUE)
    assert set(CRITICAL) <= {drug.drug_class for drug in CATALOGUE.values()}
    with pytest.raises(KeyError):
        named("Nothing of this name")


def test_the_renamed_columns_exist() -> None:
    for source, column in RENAMED.items():
        assert any(column in table.columns for table in SYSTEMS[source].metadata.tables.values())


def test_row_numbers_of_two_subjects_never_meet(tmp_path: Path) -> None:
    create(tmp_path, seed=2, start=START, days=1, wards=["CRIT"])
    with sqlite3.connect(tmp_path / "prescribing.sqlite") as database:
        most = database.execute("SELECT max(admin_id % ?) FROM administration", (KEYS_PER_SUBJECT,)).fetchone()[0]
    assert most < KEYS_PER_SUBJECT / 2


def test_the_live_process_follows_its_clock_and_tolerates_no_second_writer(tmp_path: Path) -> None:
    create(tmp_path, seed=2, start=START, speed=3600, days=1, wards=["DAYC"])
    stop, moved = Event(), Event()

    class StopOnceMoved(Event):
        def wait(self, timeout: float | None = None) -> bool:
            if DemoHospital.open(tmp_path).position > START + timedelta(minutes=5):
                moved.set()
            return stop.wait(0.05)

    writer = Thread(target=main, args=(tmp_path, StopOnceMoved()))
    writer.start()
    try:
        assert moved.wait(20)
        with pytest.raises(ConfigurationError, match="another process writes"):
            main(tmp_path, Event())
    finally:
        stop.set()
        writer.join(20)
    assert not writer.is_alive()
