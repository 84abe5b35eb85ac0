"""A source is dead or stalls: its figures say so, those of the others stay live, and all come back by themselves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from surveillance.demo.faults import SOURCES, clear, set_fault
from surveillance.demo.hospital import create
from surveillance.measures import EVERYTHING
from surveillance.opening import open_site
from tests.faults.walls.screen import LIVE, SOME, Screen, screen
from tests.faults.walls.site import STARTS_WITHIN_S, STORE, Program, often, running
from tests.faults.walls.times import BEAT_S, NOT_LIVE_WITHIN_S, RIGHT_WITHIN_S, STALE_AFTER_S
from tests.small_hospital import small_hospital

SAID_WITHIN_S = STALE_AFTER_S + BEAT_S + NOT_LIVE_WITHIN_S
HATCHED = """() => Object.fromEntries([...document.querySelectorAll("#live [id^='0-']")]
  .filter((e) => e.matches(".tile, .cell, .row, .scale, .line, .cells"))
  .map((e) => [e.id.slice(2), getComputedStyle(e).backgroundImage.includes("repeating-linear-gradient")]))"""


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A hospital of four sources in which things go on."""
    made = create(tmp_path_factory.mktemp("four"), seed=3, start=datetime.now(UTC), days=2, wards=1)
    made.close()
    with subprocess.Popen([sys.executable, "-m", "surveillance.demo.live", str(made.folder)]) as writer:
        try:
            with running(often(made.config)) as program:
                yield program
        finally:
            writer.terminate()


@pytest.fixture
def wall(chromium: Browser, hospital: Program) -> Iterator[Screen]:
    clear(hospital.config.parent)
    with screen(chromium, f"{hospital.address}/ward/AMU") as shown:
        shown.comes_to(LIVE, RIGHT_WITHIN_S)
        yield shown
        clear(hospital.config.parent)


def measures_of(config: Path, sources: set[str]) -> set[str]:
    """The measures that cannot be worked out without these sources."""
    feeds = open_site(config, {STORE: ""}).feeds
    return {name for name, measure in EVERYTHING.items() if sources & {feeds.get(feed) for feed in measure.feeds}}


def hatched(wall: Screen) -> set[str]:
    """The measures whose place is hatched, as what is stale or missing is."""
    found: dict[str, bool] = wall.page.evaluate(HATCHED)
    return {measure for measure, is_hatched in found.items() if is_hatched}


def measures_on(wall: Screen) -> set[str]:
    return set(wall.page.evaluate(HATCHED))


@pytest.mark.parametrize(
    ("fault", "within", "words"),
    [("stop", NOT_LIVE_WITHIN_S, "Laboratory"), ("stall", SAID_WITHIN_S, "Laboratory data")],
)
def test_what_one_bad_source_gives_says_so_and_everything_else_stays_live(
    wall: Screen, hospital: Program, fault: str, within: float, words: str
) -> None:
    folder, affected = hospital.config.parent, measures_of(hospital.config, {"laboratory"}) & measures_on(wall)
    before = hatched(wall)
    assert affected - before, "the test would see nothing"
    set_fault(folder, "laboratory", fault)
    wall.comes_to(SOME, within)
    assert words in wall.text("#live [id='0-fresh']")
    assert "All other figures live" in wall.text("#live [id='0-fresh-line']")
    wall.shows(lambda: affected <= hatched(wall), 1)
    others = measures_on(wall) - measures_of(hospital.config, {"laboratory"})
    optional = {name for name in others if any("lab" in feed for feed in EVERYTHING[name].optional)}
    assert not (others - optional) & (hatched(wall) - before)
    clear(folder)
    wall.comes_to(LIVE, RIGHT_WITHIN_S)
    wall.shows(lambda: not affected & (hatched(wall) - before))


def test_no_figure_looks_current_when_every_source_is_dead(wall: Screen, hospital: Program) -> None:
    folder, before = hospital.config.parent, hatched(wall)
    for source in SOURCES:
        set_fault(folder, source, "stop")
    wall.shows(lambda: "No source is fully current" in wall.text("#live [id='0-fresh-line']"), NOT_LIVE_WITHIN_S)
    affected = measures_of(hospital.config, set(SOURCES)) & measures_on(wall)
    wall.shows(lambda: affected <= hatched(wall) | not_connected(wall), 1)
    assert wall.number("census"), "the last figures stay, as stale"
    assert wall.looks() == SOME, "the program itself lives"
    clear(folder)
    wall.comes_to(LIVE, RIGHT_WITHIN_S)
    wall.shows(lambda: hatched(wall) <= before)


def test_a_wall_does_not_wait_for_the_next_poll_of_a_source_that_is_back(chromium: Browser, tmp_path: Path) -> None:
    config = small_hospital(tmp_path)
    database, away = tmp_path / "pas.sqlite", tmp_path / "away.sqlite"
    database.rename(away)
    with (
        running(often(config, poll_s=600, stale_after_s=1200)) as program,
        screen(chromium, f"{program.address}/ward/A1") as wall,
    ):
        wall.comes_to(SOME, STARTS_WITHIN_S)
        away.rename(database)
        wall.comes_to(LIVE, RIGHT_WITHIN_S)


def not_connected(wall: Screen) -> set[str]:
    """Measures that could say nothing before either."""
    silent = ".not-connected, .not-applicable"
    found = wall.page.evaluate("s => [...document.querySelectorAll(s)].map((e) => e.id.slice(2))", silent)
    return set(found)
