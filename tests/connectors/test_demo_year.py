"""The simulated hospital's year is what its measures say of it: planted effects show, and nothing is invented."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from surveillance.charts.points import ChartPoint, closes
from surveillance.commands import year as years
from surveillance.commands.year import BEFORE_MIDNIGHT, Year
from surveillance.compose import compose
from surveillance.demo.hospital import DemoHospital, create, made_of, to_be_made
from surveillance.demo.stretch import Stretch, stretches
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Form
from surveillance.opening import open_site
from surveillance.polling.collect import collect
from surveillance.snapshot import Reading, State
from surveillance.store import open_store, store_url

START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
WARDS = ("ELD2", "DIAB", "ORTH")
WEEKS = 18
NEWEST = date(2026, 11, 9)
"""The Monday of the last week that is closed at the start."""
CLOSED = [one.id for one in CATALOGUE.values() if one.charted and one.charted.form is Form.CLOSED]
EVENTS = [one.id for one in CATALOGUE.values() if one.charted and one.charted.form is Form.EVENTS]
Points = dict[tuple[str, str, date], ChartPoint]


def points_in(folder: Path) -> Points:
    """Everything that the store of a demo holds."""
    settings = open_site(folder / "hospital.toml").settings.store
    with open_store(store_url(settings), settings) as store:
        return {
            (point.measure, point.ward, point.start): point
            for measure in (*CLOSED, *EVENTS)
            for point in store.points(measure, None, date(2000, 1, 1), date(2100, 1, 1))
        }


def make(folder: Path) -> Path:
    create(folder, seed=3, start=START, days=20, wards=WARDS).close()
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make(tmp_path_factory.mktemp("year"))
    year = Year(made, weeks=WEEKS)
    assert year.run() == 2 * WEEKS
    year.close()
    return made


@pytest.fixture(scope="module")
def points(folder: Path) -> Points:
    return points_in(folder)


def share(points: Points, measure: str, wards: tuple[str, ...], weeks: range) -> float:
    """Numerators over denominators of some weeks, counted back from the newest, which is 0."""
    chosen = [points[measure, ward, NEWEST - timedelta(weeks=back)] for ward in wards for back in weeks]
    return sum(point.numerator or 0 for point in chosen) / sum(point.denominator or 0 for point in chosen)


def test_every_week_of_every_ward_has_a_point_of_every_measure(points: Points) -> None:
    mondays = [NEWEST - timedelta(weeks=back) for back in range(WEEKS)]
    for measure in (*CLOSED, *EVENTS):
        for ward in WARDS:
            for monday in mondays:
                point = points[measure, ward, monday]
                assert point.numerator is not None, point
                assert point.watched == 1


def test_fewer_critical_doses_are_missed_since_the_trolley_came(points: Points) -> None:
    since, before = range(12), range(13, WEEKS)
    medical = ("ELD2", "DIAB")
    assert share(points, "missed_critical_doses_rate", medical, since) < 0.7 * share(
        points, "missed_critical_doses_rate", medical, before
    )
    surgical = share(points, "missed_critical_doses_rate", ("ORTH",), since)
    assert surgical > 0.7 * share(points, "missed_critical_doses_rate", ("ORTH",), before)


def test_screening_in_surgery_gets_worse_and_nowhere_else(points: Points) -> None:
    now, before = range(4), range(11, WEEKS)
    surgical = [share(points, "nutrition_on_time", ("ORTH",), weeks) for weeks in (now, before)]
    assert surgical[0] < surgical[1] - 0.08
    medical = [share(points, "nutrition_on_time", ("ELD2", "DIAB"), weeks) for weeks in (now, before)]
    assert abs(medical[0] - medical[1]) < 0.08


def said(config: Path, as_at: datetime) -> dict[str, dict[str, Reading]]:
    """What an ordinary cycle says at a moment: every feed, as far back as ever."""
    opened = open_site(config)
    snapshot, _ = compose(opened.site, collect(opened.readers, as_at), as_at)
    for reader in opened.readers:
        reader.connector.close()
    return snapshot.readings


def agree(points: Points, readings: dict[str, dict[str, Reading]], monday: date) -> None:
    part_of = {one.id: one.charted.part for one in CATALOGUE.values() if one.charted}
    for measure in CLOSED:
        for ward in WARDS:
            point, reading = points[measure, ward, monday], readings[ward][measure]
            if reading.state is State.NOT_APPLICABLE:
                assert (point.numerator, point.denominator) == (0, 0)
            else:
                (part,) = (one for one in reading.parts if one.name == part_of[measure] or not part_of[measure])
                assert (point.numerator, point.denominator) == (part.numerator, part.denominator)
            assert point.version == reading.version


def test_a_week_that_the_demo_lived_is_what_its_own_databases_said(folder: Path, points: Points) -> None:
    agree(points, said(folder / "hospital.toml", closes(NEWEST) - BEFORE_MIDNIGHT), NEWEST)


def test_a_played_week_is_what_an_ordinary_cycle_would_have_said_then(
    folder: Path, points: Points, tmp_path: Path
) -> None:
    stretch = stretches(made_of(folder), WEEKS)[1]
    config = stretch.play(tmp_path, made_of(folder))  # with all of the laboratory, of which closed weeks need nothing
    for monday in (stretch.mondays[0], stretch.mondays[-1]):
        agree(points, said(config, closes(monday) - BEFORE_MIDNIGHT), monday)


def test_a_played_moment_asked_later_is_what_was_true_then(folder: Path, points: Points, tmp_path: Path) -> None:
    """Played only up to that moment: nothing that came later had been seen."""
    stretch = stretches(made_of(folder), WEEKS)[1]
    cut = Stretch(stretch.mondays[-2:])
    config = cut.play(tmp_path, made_of(folder))
    agree(points, said(config, closes(cut.mondays[0]) - BEFORE_MIDNIGHT), cut.mondays[0])


def test_the_events_are_those_that_the_ward_walls_count_days_from(folder: Path, points: Points) -> None:
    readings = said(folder / "hospital.toml", START)
    counted = 0
    for measure in EVENTS:
        for ward in WARDS:
            reading = readings[ward][measure]
            told = [point for point in points.values() if (point.measure, point.ward) == (measure, ward)]
            dates = [point.start for point in told if point.numerator]
            if reading.state is not State.VALUE or reading.parts[0].value is None:
                assert dates == []
                continue
            last = START.date() - timedelta(days=int(reading.parts[0].value))
            if NEWEST - timedelta(weeks=WEEKS - 1) <= last < NEWEST + timedelta(weeks=1):
                assert max(dates) == last
                counted += 1
    assert counted >= 3


def test_a_process_that_was_killed_is_gone_on_with(tmp_path: Path) -> None:
    """By two processes, each stopped after some weeks and begun again; the weeks are those of one that was not."""
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    for folder in (whole, stopped):
        create(folder, seed=3, start=START, days=15, wards=["GYNA"]).close()
    done = []
    for folder, part, parts, left in (
        *((stopped, part, 2, 1) for part in (0, 1, 0, 1)),
        (stopped, 0, 2, 99),
        (stopped, 1, 2, 99),
        (whole, 0, 1, 99),
    ):
        allowed = iter([True] * left + [False])
        year = Year(folder, part, parts, weeks=4)
        done.append(year.run(allowed.__next__))
        year.close()
    assert done[:4] == [1, 1, 1, 1]
    assert sum(done[:-1]) == done[-1] == 8
    assert points_in(stopped) == points_in(whole)
    assert not list(stopped.glob(f"{years.PREFIX}*"))


def test_what_is_there_is_not_done_again(folder: Path) -> None:
    DemoHospital.open(folder).advance_to(START + timedelta(hours=2))
    year = Year(folder, weeks=WEEKS)
    assert year.run() == 0
    year.close()


def test_a_process_whose_parent_is_gone_before_there_is_a_hospital_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", years.__name__, str(tmp_path), "0", "2"]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_hospital_is_said_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", years.__name__, str(tmp_path), "0", "2"]
    ended = subprocess.run(command, input=b"!", capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines() == [
        f"the demo's year of past: {tmp_path}: no simulated hospital stands here"
    ]


def test_what_is_to_be_made_is_known_before_it_is(folder: Path, tmp_path: Path) -> None:
    wanted: dict[str, Any] = {"seed": 3, "days": 20, "wards": WARDS}
    assert to_be_made(tmp_path, start=START, **wanted) == made_of(folder)
    assert to_be_made(folder, start=START + timedelta(hours=3), **wanted) is None
    assert to_be_made(folder, start=START + timedelta(days=60), **wanted) != made_of(folder)
