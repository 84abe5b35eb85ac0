"""Snapshots and servers for the tests of what is shown: any state, any number, on wards with short and long names."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from callbacks.screens import Screens
from surveillance.access.access import Access
from surveillance.app import listening, web
from surveillance.archive import Archive
from surveillance.current_lists import CurrentLists
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE, EVERYTHING, Measure
from surveillance.settings import Settings
from surveillance.snapshot import Level, Part, Reading, Snapshot, SourceStatus, State
from surveillance.team.notebook import Notebook

NOON = datetime(2026, 11, 23, 12, 0, 31, tzinfo=UTC)
LONG_NAME = "Neonatal Transitional Care, Family Unit"
MANY_PARTS = 4
Make = Callable[[Measure, str], Reading]


def settings(**changes: Any) -> Settings:
    """Three wards: an ordinary one, one with the longest name, and one whose code is no simple word."""
    wards = [
        {"code": "A1", "name": "Ash Ward", "beds": 24, "specialty": "respiratory medicine"},
        {
            "code": "B/2 & more",
            "name": LONG_NAME,
            "beds": 8,
            "specialty": "neonatal critical care and transitional care",
        },
        {"code": "C3", "name": "Cedar <b>Ward</b>", "beds": None},
    ]
    content: dict[str, Any] = {
        "site": {"name": "Test hospital"},
        "divisions": [{"code": "MED", "name": "Medicine"}],
        "sites": [{"code": "MAIN", "name": "Main hospital"}],
        "wards": [{"division": "MED", "site": "MAIN", **ward} for ward in wards],
    }
    return Settings.model_validate({**content, **changes})


def reading(measure: Measure, ward: str, state: State = State.VALUE, number: float = 3, **others: Any) -> Reading:
    """A reading of any measure in any state."""
    known = state in (State.VALUE, State.STALE)
    if len(measure.parts) > MANY_PARTS:
        number = number % 100  # nine classes of three digits each would be a ward of a thousand patients
    parts = tuple(Part(name, state, number, number, 30) for name in measure.parts) if known else ()
    given = {"as_at": NOON - timedelta(seconds=20), "source": "epr", **others}
    return Reading(measure.id, measure.version, ward, state, parts, **given)


def snapshot(make: Make = reading, as_at: datetime = NOON, site: Settings | None = None) -> Snapshot:
    """Every measure on every ward as ``make`` gives it."""
    codes = [ward.code for ward in (site or settings()).wards]
    return Snapshot(
        as_at,
        {ward: {name: make(measure, ward) for name, measure in CATALOGUE.items()} for ward in codes},
        {ward: {n: make(m, ward) for n, m in EVERYTHING.items() if n not in CATALOGUE} for ward in codes},
        sources=(status("epr", "spell"), status("prescribing", "order")),
    )


def status(
    source: str, feed: str, state: str = "current", as_at: datetime | None = NOON, **others: Any
) -> SourceStatus:
    """How one feed stands."""
    given = {"polled_at": NOON, "rows": 12, "duration_s": 0.2, **others}
    return SourceStatus(source, feed, state, as_at, **given)


def every_state(measure: Measure, ward: str) -> Reading:
    """The states and levels in turn, so that a page shows all of them."""
    kinds = [*((state, Level.NONE) for state in State), (State.VALUE, Level.WATCH), (State.VALUE, Level.ACT)]
    state, level = kinds[list(EVERYTHING).index(measure.id) % len(kinds)]
    return replace(reading(measure, ward, state), level=level)


def hub_of(shown: Snapshot | None, now: datetime = NOON, site: Settings | None = None) -> Hub:
    """A hub whose clock stands still, holding one snapshot."""
    hub = Hub()
    hub.site(site or settings(), lambda: now)
    if shown is not None:
        hub.publish(shown, 0.1)
    return hub


class QuickServer(uvicorn.Server):
    """The real one, which ends at once where nobody is connected, and not after two tenths of a second."""

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864_000
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        for server in self.servers:
            server.close()


@contextmanager
def answering(application: ASGIApp, port: int = 0) -> Iterator[str]:
    """The address at which an application answers."""
    with listening("127.0.0.1", port) as heard:
        config = uvicorn.Config(application, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = QuickServer(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [heard]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.005)
        assert server.started
        try:
            yield f"http://127.0.0.1:{heard.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def served(
    hub: Hub,
    screens: Screens | None = None,
    archive: Archive | None = None,
    access: Access | None = None,
    lists: CurrentLists | None = None,
    notebook: Notebook | None = None,
) -> Iterator[str]:
    """The address at which ``hub`` is served."""
    with answering(web(hub, screens, archive, access, lists, notebook)) as address:
        yield address
