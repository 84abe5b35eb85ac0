"""Shifts and medicine rounds keep their wall-clock times in the nights when the clocks change."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from surveillance.demo.hospital import create
from surveillance.demo.localtime import LONDON, at, clock_text, date_text, day_of, hour_of, wall_seconds

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.fixture(scope="module", params=[SPRING, AUTUMN], ids=["spring", "autumn"])
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[date, Path]:
    """A small hospital played from the evening before until the evening after."""
    folder = tmp_path_factory.mktemp("night")
    evening = datetime(request.param.year, request.param.month, request.param.day, tzinfo=UTC) - timedelta(hours=5)
    create(folder, seed=5, start=evening, days=1, wards=["ORTH"]).advance_to(evening + timedelta(hours=26))
    return request.param, folder


def local(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, LONDON)


def test_rounds_are_at_local_times(night: tuple[date, Path]) -> None:
    day, folder = night
    with sqlite3.connect(folder / "prescribing.sqlite") as database:
        rows = database.execute(
            "SELECT DISTINCT a.due_at FROM administration a JOIN rx_item r ON r.rx_id = a.rx_id "
            "WHERE r.freq_type = 'SCHED' AND a.due_at BETWEEN ? AND ?",
            (at(day, 0) - 86400, at(day, 23)),
        )
        clocks = {local(due).strftime("%H:%M") for (due,) in rows}
    rounds = {"06:00", "08:00", "12:00", "14:00", "18:00", "22:00"}
    assert rounds <= clocks
    assert clocks <= rounds | {"07:30", "17:30", "07:00", "11:00", "15:00", "19:00", "22:30"}


def test_duties_are_written_as_the_wall_shows(night: tuple[date, Path]) -> None:
    day, folder = night
    before = day - timedelta(days=1)
    with sqlite3.connect(folder / "rostering.sqlite") as database:
        nights = database.execute(
            "SELECT DISTINCT DutyStart, DutyEnd FROM RosterDuty WHERE DutyStart LIKE ? AND DutyEnd LIKE ?",
            (f"{before}%", f"{day}%"),
        ).fetchall()
        days = database.execute(
            "SELECT DISTINCT substr(DutyStart, 12) FROM RosterDuty WHERE DutyStart LIKE ?", (f"{day}%",)
        ).fetchall()
    assert nights == [(f"{before} 19:30", f"{day} 08:00")]
    assert {start for (start,) in days} <= {"07:30", "08:00", "12:30", "19:30"}


def test_the_hours_of_the_day_are_23_or_25() -> None:
    assert at(SPRING + timedelta(days=1), 0) - at(SPRING, 0) == 23 * 3600
    assert at(AUTUMN + timedelta(days=1), 0) - at(AUTUMN, 0) == 25 * 3600


@pytest.mark.parametrize("day", [SPRING, AUTUMN, date(2026, 7, 1), date(2026, 12, 31)])
def test_wall_time_agrees_with_the_zone_every_quarter_of_an_hour(day: date) -> None:
    for moment in range(at(day, 0), at(day, 0) + 26 * 3600, 900):
        shown = local(moment)
        assert day_of(moment) == shown.date()
        assert hour_of(moment) == shown.hour + shown.minute / 60
        wall = wall_seconds(moment)
        assert f"{date_text(wall // 86400)} {clock_text(wall % 86400)}" == shown.strftime("%Y-%m-%d %H:%M:%S")


def test_a_time_that_spring_skips_comes_an_hour_later() -> None:
    assert local(at(SPRING, 1, 30)).strftime("%H:%M") == "02:30"
