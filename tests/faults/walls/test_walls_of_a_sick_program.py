"""The web server lives, but something behind it does not: the poller, or the store."""

from __future__ import annotations

import re
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from playwright.sync_api import Browser

from surveillance import hub as hub_module
from surveillance.hub import Hub
from tests.displays import hub_of, reading, served, settings, snapshot
from tests.faults.walls.screen import LIVE, LOST, SOME, screen
from tests.faults.walls.site import Program, admitted
from tests.faults.walls.times import BEAT_S, NOT_LIVE_WITHIN_S, RIGHT_WITHIN_S, STORE_WAIT_S, WALL
from tests.programs import until

LAPSES_AFTER_S = 1.0


@contextmanager
def renewed(hub: Hub) -> Iterator[None]:
    """Somebody makes snapshots."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.2):
            hub.publish(snapshot(), 0.01)

    hub.publish(snapshot(), 0.01)
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_wall_says_not_renewed_when_the_poller_is_dead_although_the_server_answers(
    chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "LAPSES_AFTER_S", LAPSES_AFTER_S)
    hub = hub_of(snapshot(), site=settings(wall=WALL))
    with served(hub) as address, ExitStack() as until_it_ends:
        with renewed(hub):
            wall = until_it_ends.enter_context(screen(chromium, f"{address}/ward/A1"))
            wall.comes_to(LIVE)
            wall.forget()
            wall.stays(LIVE, 2 * LAPSES_AFTER_S)
        wall.comes_to(SOME, LAPSES_AFTER_S + BEAT_S + 1)
        assert "Not renewed since 12:00" in wall.text("#live [id='0-fresh']")
        states = wall.page.locator("#live :is(.tile, .cell, .row, .scale, .line, .cells)")
        names = states.evaluate_all("all => all.map((e) => e.className)")
        assert names
        assert [name for name in names if not re.search(r"\b(stale|unavailable)\b", name)] == []
        with renewed(hub):
            wall.comes_to(LIVE)


def test_a_picture_that_cannot_be_drawn_once_stops_no_wall_for_ever(
    chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_of(snapshot(), site=settings(wall=WALL))
    with served(hub) as address, screen(chromium, f"{address}/ward/A1") as wall:
        wall.comes_to(LIVE)
        with monkeypatch.context() as fault:
            fault.setattr("callbacks.walls.wall_props", lambda *_, **__: 1 / 0)
            hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=7)), 0.01)
            wall.comes_to(LOST, NOT_LIVE_WITHIN_S)
        wall.comes_to(LIVE)
        wall.shows(lambda: wall.number("census") == "7")


@contextmanager
def locked(program: Program) -> Iterator[None]:
    """Another process holds the store."""
    store = sqlite3.connect(program.config.parent / "store.sqlite", isolation_level=None)
    try:
        store.execute("BEGIN EXCLUSIVE")
        yield
        store.execute("ROLLBACK")
    finally:
        store.close()


@contextmanager
def full(program: Program) -> Iterator[None]:
    """No file of the program can grow any more."""
    soft, hard = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (soft, hard))


def store_line(program: Program) -> str:
    """What the status page says of the store."""
    page = httpx.get(f"{program.address}/status").text
    return re.search(r"<dt>Store</dt><dd>(.*?)</dd>", page)[1]  # type: ignore[index]


@pytest.mark.parametrize("fault", [locked, full])
def test_walls_go_on_while_the_store_cannot_be_written_and_the_status_says_so(
    chromium: Browser, shared: Program, fault: type
) -> None:
    folder, keeps = shared.config.parent, "keeps every snapshot"
    with screen(chromium, f"{shared.address}/ward/C3") as wall:
        wall.comes_to(LIVE)
        wall.shows(lambda: wall.number("census") != "")
        before = int(wall.number("census"))
        until(lambda: store_line(shared) == keeps)
        wall.forget()
        with fault(shared):
            admitted(folder, "C3", f"while {fault.__name__}")
            until(lambda: store_line(shared) != keeps, 2 * STORE_WAIT_S + 5)
            wall.shows(lambda: wall.number("census") == str(before + 1), 2 * STORE_WAIT_S + 5)
            assert httpx.get(f"{shared.address}/readyz").status_code == 503
        until(lambda: store_line(shared) == keeps, 2 * STORE_WAIT_S + RIGHT_WITHIN_S)
        assert wall.seen() in ([], [LIVE]), "nobody in front of the wall noticed"
