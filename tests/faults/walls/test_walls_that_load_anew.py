"""A new build is deployed, or a page did not arrive whole: the wall loads itself anew, but never leaves for nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Request, Route

from surveillance import app
from surveillance.hub import Hub
from tests.displays import hub_of, reading, served, settings, snapshot
from tests.faults.walls.proxy import Network, Proxy
from tests.faults.walls.screen import LIVE, LOST, screen
from tests.faults.walls.times import NOT_LIVE_WITHIN_S, WALL


def seven() -> Hub:
    """A hub in which every number is a 7."""
    return hub_of(snapshot(lambda measure, ward: reading(measure, ward, number=7)), site=settings(wall=WALL))


def three() -> Hub:
    return hub_of(snapshot(), site=settings(wall=WALL))


def test_a_wall_loads_itself_anew_when_a_new_build_is_deployed(
    chromium: Browser, network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "build_of", lambda _: "old")
    with served(three()) as old:
        network.leads_to(old)
        with screen(chromium, f"{network.address}/ward/A1") as wall:
            wall.shows(lambda: wall.number("census") == "3")
            wall.is_marked()
            network.becomes(Network.CUT)
            wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
            # Deployed, and rolled back and forth within a minute: each time the page follows.
            for build in ("new", "old"):
                monkeypatch.setattr(app, "build_of", lambda _, build=build: build)
                with served(seven()) as new:
                    network.leads_to(new)
                    network.becomes(Network.WORKS)
                    wall.is_another_page()
                    wall.is_drawn()
                    wall.comes_to(LIVE)
                    wall.shows(lambda: wall.number("census") == "7")
                    wall.is_marked()
                    network.becomes(Network.CUT)


def test_a_wall_does_not_leave_for_a_new_build_that_is_gone_again(
    chromium: Browser, network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "build_of", lambda _: "old")
    latest = "Math.random = () => 0.99;"  # it would leave 3 s after it heard of the new build
    with served(three()) as old:
        network.leads_to(old)
        with screen(chromium, f"{network.address}/ward/A1", before=latest) as wall:
            wall.comes_to(LIVE)
            wall.is_marked()
            monkeypatch.setattr(app, "build_of", lambda _: "new")
            with served(seven()) as new:
                network.becomes(Network.CUT)
                network.leads_to(new)
                network.asked.clear()
                network.becomes(Network.WORKS)
                wall.shows(lambda: any(b"/stream/" in line for line in network.asked), named="listening")
                wall.page.wait_for_timeout(1000)  # it has heard of it, and has not left yet
                network.becomes(Network.CUT)
                wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
                wall.forget()
                wall.stays(LOST, 3)  # longer than it waits at most
                assert wall.has_mark()
                network.becomes(Network.WORKS)
                wall.is_another_page()
                wall.is_drawn()
                wall.shows(lambda: wall.number("census") == "7")


@pytest.mark.parametrize("needed", ["**/_dash-layout", "**/dash-renderer/build/dash_renderer*"])
def test_a_wall_whose_network_is_cut_while_it_loads_shows_nothing_old_as_live_and_loads_anew(
    chromium: Browser, network: Proxy, needed: str
) -> None:
    hub = three()
    with served(hub) as address, screen(chromium, "about:blank", drawn=False) as wall:
        network.leads_to(address)

        def cut(request: Request) -> None:
            if "/stream/" in request.url and not cuts:
                cuts.append(request.url)
                network.becomes(Network.CUT)

        cuts: list[str] = []
        wall.page.on("request", cut)
        wall.page.route(needed, lambda route: route.abort(), times=1)
        wall.page.goto(f"{network.address}/ward/A1", wait_until="commit")
        wall.shows(lambda: cuts != [], named="listening")
        hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=7)), 0.01)
        wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        wall.complaints.clear()  # of Dash: it does not try again
        wall.page.unroute(needed)
        network.becomes(Network.WORKS)
        wall.is_drawn()
        wall.comes_to(LIVE)
        wall.shows(lambda: wall.number("census") == "7")


@pytest.mark.parametrize("arrives", ["without its own script", "in part"])
def test_a_page_that_did_not_arrive_whole_shows_nothing_old_as_live_and_loads_anew(
    chromium: Browser, arrives: str
) -> None:
    hub = three()
    with served(hub) as address, screen(chromium, "about:blank", drawn=False) as wall:

        def cut_short(route: Route) -> None:
            whole = route.fetch()
            text = whole.text()
            route.fulfill(response=whole, body=text[: text.index('id="about"') - 50])

        if arrives == "in part":
            wall.page.route(f"{address}/ward/A1", cut_short, times=1)
        else:
            wall.page.route("**/assets/wall.js", lambda route: route.abort(), times=1)
        wall.page.goto(f"{address}/ward/A1")
        hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=7)), 0.01)
        wall.shows(lambda: wall.looks() != LIVE, NOT_LIVE_WITHIN_S)
        wall.is_drawn()
        wall.comes_to(LIVE)
        wall.shows(lambda: wall.number("census") == "7")
