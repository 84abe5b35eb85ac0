"""The way between the server and a wall is refused, cut, or silently lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from surveillance.snapshot import Snapshot
from tests.displays import hub_of, reading, served, settings, snapshot
from tests.faults.walls.proxy import Network, Proxy
from tests.faults.walls.screen import LIVE, LOST, screen
from tests.faults.walls.site import Program
from tests.faults.walls.times import AWAY_S, LOST_AFTER_S, NOT_LIVE_WITHIN_S, REFUSING_S, WALL

FAULTS = {Network.REFUSES: REFUSING_S, Network.CUT: AWAY_S, Network.LOSES: AWAY_S}


@pytest.fixture
def network(shared: Program) -> Iterator[Proxy]:
    with Proxy(shared.address).serving() as proxy:
        yield proxy


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.lower())
def test_a_wall_says_not_live_while_the_network_is_bad_and_comes_back(
    chromium: Browser, network: Proxy, fault: Network
) -> None:
    with screen(chromium, f"{network.address}/ward/A1") as wall:
        wall.comes_to(LIVE)
        network.becomes(fault)
        wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        wall.forget()
        wall.stays(LOST, FAULTS[fault])
        network.becomes(Network.WORKS)
        wall.comes_to(LIVE)


@pytest.mark.parametrize("fault", [Network.CUT, Network.LOSES], ids=lambda fault: fault.name.lower())
def test_what_changed_while_the_network_was_away_stands_on_the_wall_afterwards(
    chromium: Browser, fault: Network
) -> None:
    hub = hub_of(numbered(1), site=settings(wall=WALL))
    with (
        served(hub) as address,
        Proxy(address).serving() as network,
        screen(chromium, f"{network.address}/ward/A1") as wall,
    ):
        for number in range(2, 6):
            hub.publish(numbered(number), 0.01)
            wall.shows(lambda number=number: wall.number("census") == str(number))
        network.becomes(fault)
        wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        hub.publish(numbered(6), 0.01)
        network.becomes(Network.WORKS)
        wall.comes_to(LIVE)
        wall.shows(lambda: wall.number("census") == "6", 1, "the newest number")


def numbered(number: int) -> Snapshot:
    """A snapshot in which every number is this one."""
    return snapshot(lambda measure, ward: reading(measure, ward, number=number))


def test_a_network_that_is_away_for_a_moment_only_is_not_worth_an_alarm(chromium: Browser, network: Proxy) -> None:
    with screen(chromium, f"{network.address}/ward/A1") as wall:
        wall.comes_to(LIVE)
        wall.forget()
        network.becomes(Network.CUT)
        network.becomes(Network.WORKS)
        wall.stays(LIVE, LOST_AFTER_S + 1.5)


def test_a_wall_says_not_live_when_its_own_cable_is_pulled_and_comes_back(chromium: Browser, network: Proxy) -> None:
    with screen(chromium, f"{network.address}/ward/A1") as wall:
        wall.comes_to(LIVE)
        wall.context.set_offline(True)  # Chromium lets what is open go on
        network.becomes(Network.CUT)
        network.becomes(Network.WORKS)
        wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        wall.forget()
        wall.stays(LOST, AWAY_S)
        wall.context.set_offline(False)
        wall.comes_to(LIVE)


def test_a_wall_that_was_opened_but_never_heard_anything_does_not_look_live(chromium: Browser, network: Proxy) -> None:
    never = "window.fetch = () => new Promise(() => {});"
    with screen(chromium, f"{network.address}/ward/A1", before=never, drawn=False) as wall:
        wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        assert "no connection yet" in wall.text("#lost")
