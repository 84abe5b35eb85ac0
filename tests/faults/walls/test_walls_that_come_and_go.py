"""A wall that is opened too early, that the configuration does not have yet, or does not have any more."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from surveillance.hub import Hub
from tests.displays import NOON, hub_of, served, settings, snapshot
from tests.faults.walls.proxy import Network, Proxy
from tests.faults.walls.screen import LIVE, LOST, SOME, WORDS, screen
from tests.faults.walls.site import Program, quick_hospital, running
from tests.faults.walls.times import NOT_LIVE_WITHIN_S, WALL


def test_a_screen_opened_before_the_first_poll_shows_no_digit_and_fills_by_itself(chromium: Browser) -> None:
    hub = Hub()
    hub.stage("connecting")
    with served(hub) as address, screen(chromium, f"{address}/ward/A1", drawn=False) as wall:
        assert "Starting, no snapshot yet" in wall.text("body")
        assert "connecting" in wall.text("body")
        hub.stage("waiting for the sources")
        hub.site(settings(wall=WALL), lambda: NOON)
        wall.is_drawn()
        assert wall.looks() == SOME
        assert "Starting, no snapshot yet" in wall.text("#live [id='0-fresh']")
        numbers = wall.page.locator("#live :is(.number, td.n)").all_text_contents()
        assert set(numbers) == {""}
        assert wall.page.locator("#live .mark").all_text_contents() == [""] * wall.page.locator("#live .mark").count()
        hub.publish(snapshot(), 0.01)
        wall.comes_to(LIVE, 2)
        assert wall.number("census") == "3"


def test_a_wall_of_a_program_that_starts_again_does_not_say_that_there_is_no_such_wall(
    chromium: Browser, network: Proxy
) -> None:
    with served(hub_of(snapshot(), site=settings(wall=WALL))) as before:
        network.leads_to(before)
        with screen(chromium, f"{network.address}/ward/A1") as wall:
            wall.comes_to(LIVE)
            starting = Hub()
            with served(starting) as after:
                network.leads_to(after)
                network.becomes(Network.CUT)
                network.becomes(Network.WORKS)
                wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
                assert "nothing received for" in wall.text("#lost")
                starting.site(settings(wall=WALL), lambda: NOON)
                starting.publish(snapshot(), 0.01)
                wall.comes_to(LIVE)


def renamed(program: Program, *names: str) -> None:
    """The site changes old names to new ones in its file and starts the program again."""
    program.is_killed()
    text = program.config.read_text("utf-8")
    for old, new in zip(names[::2], names[1::2], strict=True):
        text = text.replace(f'"{old}"', f'"{new}"')
    program.config.write_text(text, "utf-8")
    program.starts()


def test_walls_of_wards_that_come_and_go_say_so_and_fill_by_themselves(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = quick_hospital(tmp_path_factory.mktemp("renamed"))
    with (
        running(config) as program,
        screen(chromium, f"{program.address}/ward/A1") as goes,
        screen(chromium, f"{program.address}/ward/A9", drawn=False) as comes,
        screen(chromium, f"{program.address}/ward/B2") as other,
    ):
        goes.comes_to(LIVE)
        assert comes.looks() == WORDS
        assert "There is no ward “A9” here." in comes.text("body")
        renamed(program, "A1", "A9")
        comes.is_drawn()
        comes.shows(lambda: "Ash Ward" in comes.text("#live h1"))
        goes.comes_to(LOST, NOT_LIVE_WITHIN_S)
        goes.shows(lambda: "there is no such wall any more" in goes.text("#lost"))
        other.comes_to(LIVE)

        other.is_marked()
        renamed(program, "A9", "A1", "Birch Ward", "Beech Ward")
        goes.comes_to(LIVE)
        other.is_another_page()
        other.shows(lambda: other.text("#live h1") == "Beech Ward")
        other.comes_to(LIVE)
