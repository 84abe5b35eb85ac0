"""The server is killed, hangs, or stays away for long: every wall says so, and is right again without anybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.faults.walls.screen import LIVE, LOST, screen
from tests.faults.walls.site import Program, admitted
from tests.faults.walls.times import LONG_DOWN_S, LOST_AFTER_S, NOT_LIVE_WITHIN_S


@pytest.mark.parametrize("down_s", [0, LONG_DOWN_S], ids=["and started again", "and away for long"])
def test_a_wall_says_not_live_when_the_server_is_killed_and_shows_new_figures_when_it_is_back(
    chromium: Browser, shared: Program, down_s: float
) -> None:
    with screen(chromium, f"{shared.address}/ward/A1") as wall:
        wall.comes_to(LIVE)
        wall.shows(lambda: wall.number("census") != "")
        before = int(wall.number("census"))
        shared.is_killed()
        wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        assert "These figures are from 12:00:00." in wall.text("#lost")
        wall.forget()
        wall.stays(LOST, down_s)
        admitted(shared.config.parent, "A1", f"after {down_s}")
        shared.starts()
        wall.comes_to(LIVE)
        wall.shows(lambda: wall.number("census") == str(before + 1))


def test_a_wall_says_not_live_when_the_server_hangs_and_comes_back_when_it_goes_on(
    chromium: Browser, shared: Program
) -> None:
    with screen(chromium, f"{shared.address}/ward/A1") as wall:
        wall.comes_to(LIVE)
        shared.hangs()
        try:
            wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
            wall.forget()
            wall.stays(LOST, 2 * LOST_AFTER_S + 2)  # long enough for it to give up connections on which nothing comes
        finally:
            shared.goes_on()
        wall.comes_to(LIVE)


def test_a_wall_comes_back_when_a_hung_server_is_killed_and_started_again(chromium: Browser, shared: Program) -> None:
    with screen(chromium, f"{shared.address}/ward/B2") as wall:
        wall.comes_to(LIVE)
        shared.hangs()
        wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        shared.is_killed()
        shared.starts()
        wall.comes_to(LIVE)
