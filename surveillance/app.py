"""The composition root: the only file that knows both ends, from the sources' readers to the pages.

One process: the poller's threads fill the hub and the store, the web server shows what the hub holds.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from callbacks.api import Api
from callbacks.broadcast import Broadcast
from callbacks.charts import PREFIX, ChartPages, charts_app
from callbacks.desk import desk_routes
from callbacks.faces import ChartImages, icon
from callbacks.guard import Gate, Guard
from callbacks.headers import SecurityHeaders, broken
from callbacks.huddle import huddle_routes
from callbacks.limits import Limited
from callbacks.pages import Pages, WallPage
from callbacks.pairing import PairingPage, pairing_routes
from callbacks.past import Past, WallOrPast
from callbacks.probes import Probes
from callbacks.screens import Screens
from callbacks.sign_in import sign_in_routes
from callbacks.stream import Reports, Stream
from callbacks.wall import wall_app
from callbacks.walls import KINDS, Walls
from layouts.executive.plan import charts_on_walls
from surveillance import __version__
from surveillance.access.access import Access
from surveillance.adt.listener import listener_of
from surveillance.archive import Archive
from surveillance.charts.book import ChartBook
from surveillance.current_lists import CurrentLists
from surveillance.errors import ConfigurationError, SurveillanceError
from surveillance.hub import Hub
from surveillance.opening import Opened
from surveillance.polling.charting import ChartWatch
from surveillance.polling.clock import hospital_clock, quiet_s, real_interval_s
from surveillance.polling.closing import Closer
from surveillance.polling.composer import Composer
from surveillance.polling.keeper import Keeper
from surveillance.polling.letting_in import LettingIn
from surveillance.polling.orders import OrderWatch
from surveillance.polling.pace import Pace
from surveillance.polling.poller import Poller
from surveillance.polling.team_watch import TeamWatch, Times
from surveillance.store import desk_url, open_database, open_store, store_url, walls_url
from surveillance.team.boards import boards_then
from surveillance.team.notebook import Notebook

ASSETS = Path(__file__).parents[1] / "assets"
GRACEFUL_S = 3
WORTH_COMPRESSING = 1024
WORKERS = 8
"""Threads that answer the requests of Dash."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the pages and what fills the hub both know. ``lists``: the patients behind the numbers, for desks alone."""

    screens: Screens
    access: Access
    lists: CurrentLists
    notebook: Notebook = field(default_factory=Notebook)


class Running:
    """A site that is polled: its hub fills and its snapshots are kept until ``close``."""

    def __init__(self, opened: Opened, hub: Hub, beside: Beside) -> None:
        """Connects to the store, not yet to a source.

        Raises:
            ConfigurationError: the store's configuration is wrong, or a newer program wrote it.
        """
        settings = opened.settings
        clock = hospital_clock(settings)
        url, walls = store_url(settings.store), walls_url(settings.store)
        self._keeper = Keeper(lambda: open_store(url, settings.store), Closer(opened.site))
        self._book = ChartBook(lambda: open_store(walls, settings.store), settings, clock)
        composer = Composer(opened.site, opened.feeds, hub, self._keeper, clock, beside.lists)
        composer.start_from(*self._keeper.read_back())
        hub.fault("store", self._keeper.error)
        beside.access.of_site(settings)
        hub.site(settings, clock, self._book)
        self._letting_in = LettingIn(beside.access, settings)
        self._orders = OrderWatch(lambda: open_store(walls, settings.store), beside.screens.order)
        self._charts = ChartWatch(
            self._book, hub, charts_on_walls(settings), lambda found: setattr(composer, "concerns", found)
        )
        desk = desk_url(settings.store)
        clocks = clock, beside.access.now
        self._team = TeamWatch(
            beside.notebook, lambda: open_database(desk), (composer, hub), settings, opened.from_teams, Times(*clocks)
        )
        self._adt = listener_of(settings, opened.points_of_care, lambda: open_database(url), clocks, (composer, hub))
        hub.stage("waiting for the sources")
        pace = {name: Pace(real_interval_s(settings, name)) for name in settings.sources}
        self.poller = Poller(opened.apart(hub.used), composer, pace, clock, quiet_s=partial(quiet_s, settings))
        self.poller.start()

    def close(self) -> bool:
        """Stop polling; False if a source's query still hangs, which no thread can end."""
        for part in (self._adt, self._letting_in, self._team, self._orders, self._charts, self._book):
            if part:
                part.close()
        ended = self.poller.close()
        if ended:
            self._keeper.close()
        return ended


def web(
    hub: Hub,
    screens: Screens | None = None,
    archive: Archive | None = None,
    access: Access | None = None,
    lists: CurrentLists | None = None,
    notebook: Notebook | None = None,
) -> Starlette:
    """The ASGI application: everything that is served, from what ``hub`` holds.

    ``screens``: what they are told. ``archive``: what is shown of the past. ``access``: who may see what.
    ``lists``: the rows behind the numbers, which nothing but the desk is given. ``notebook``: what teams write.
    """
    guard = Guard(hub, access or Access(), PairingPage())
    to, gate, past = guard.route, Gate, archive or Archive()
    build, walls, screens = build_of(ASSETS), Walls(), screens or Screens()
    dash, script_hashes = wall_app(hub, walls, build, (ASSETS / "guard.js").read_text("utf-8"))
    drawn: Any = WSGIMiddleware(dash, workers=WORKERS)
    plotly, chart_hashes = charts_app(hub)
    charts: Any = WSGIMiddleware(plotly, workers=WORKERS)
    chart_pages = ChartPages(hub, charts)
    pages, api, probes = Pages(hub, screens, build, drawn, guard.access), Api(hub), Probes(hub, screens, build)
    notebook = notebook or Notebook()
    wall = WallOrPast(WallPage(pages), Past(hub, walls, past, partial(boards_then, notebook)))
    broadcast, reports = Broadcast(hub, walls, screens, build), Reports(hub, screens)
    lists = lists or CurrentLists()
    desk, desk_hashes = desk_routes(guard, lists, past, build)
    routes = [
        *(to(f"/stream/{kind}/{{name:path}}", gate.WALL, Stream(broadcast, kind), ["GET"]) for kind in KINDS),
        *(to(f"/{kind}/{{name:path}}", gate.WALL, wall) for kind in KINDS),
        to("/executive", gate.WALL, wall),
        to("/screens/{name}/report", gate.WALL, reports.take, ["POST"]),
        to("/charts/image/{kind}/{unit}/{measure}.svg", gate.WALL_PART, ChartImages(hub).drawn),
        to("/charts/icon/{kind}/{name}.svg", gate.WALL_PART, icon),
        to("/_dash-{rest:path}", gate.WALL_PART, drawn),
        to(f"{PREFIX}_dash-{{rest:path}}", gate.FIGURES, charts),
        to(f"{PREFIX}{{rest:path}}", gate.FIGURES, chart_pages),
        to(PREFIX.rstrip("/"), gate.FIGURES, chart_pages),
        to("/", gate.FIGURES, pages.wards),
        to("/measures", gate.FIGURES, pages.measures),
        to("/status", gate.FIGURES, pages.status),
        to("/made-of/{kind}/{unit}", gate.FIGURES, pages.made_of),
        to("/made-of/{kind}/{unit}/{measure}", gate.FIGURES, pages.made_of),
        to("/api/wards", gate.FIGURES, api.wards),
        to("/api/wards/{code:path}/snapshot", gate.FIGURES, api.snapshot),
        *desk,
        *huddle_routes(guard, notebook, lists),
        *sign_in_routes(guard),
        *pairing_routes(guard),
        to("/healthz", gate.OPEN, probes.alive),
        to("/readyz", gate.OPEN, probes.ready),
        to("/metrics", gate.OPEN, probes.metrics),
        Mount("/assets", StaticFiles(directory=ASSETS)),
    ]
    hashes = tuple(dict.fromkeys((*script_hashes, *chart_hashes, *desk_hashes)))
    middleware = [
        Middleware(SecurityHeaders, script_hashes=hashes),
        Middleware(Limited),
        Middleware(Compressed, minimum_size=WORTH_COMPRESSING),
    ]
    return Starlette(routes=routes, middleware=middleware, exception_handlers={404: pages.not_found, Exception: broken})


class Compressed(GZipMiddleware):
    """Compresses everything but streams, for which it would keep a compressor each."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        streams = scope["type"] == "http" and scope["path"].startswith("/stream/")
        await (self.app(scope, receive, send) if streams else super().__call__(scope, receive, send))


def build_of(assets: Path) -> str:
    """The program's version and a fingerprint of what browsers hold of it: they load anew when it changes."""
    fingerprint = hashlib.sha256()
    for path in sorted(assets.rglob("*.*")):
        fingerprint.update(path.read_bytes())
    return f"{__version__}+{fingerprint.hexdigest()[:8]}"


def listening(host: str, port: int) -> socket.socket:
    """A socket on which browsers are heard; 0 is any free port.

    What is written goes at once: otherwise the second piece of an answer waits until the browser has acknowledged the
    first, which it takes 40 ms to do. asyncio sees to it for sockets that it opens itself, and not for this one.
    """
    opened = socket.create_server((host, port))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


class Closable(Protocol):
    """Something that runs beside the web server."""

    def close(self) -> bool:
        """Stop it; False if something in it hangs."""
        ...


class Service:
    """The web server, answering at once, and beside it what fills the hub, started in a thread of its own.

    ``begin``: starts it; an error of ours that it raises ends the service.
    """

    def __init__(self, hub: Hub, host: str, port: int, begin: Callable[[Beside], Closable]) -> None:
        beside = Beside(Screens(), Access(), CurrentLists())
        self._archive = Archive()
        try:
            self._socket = listening(host, port)
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from None
        self._begin = partial(begin, beside)
        self._running: Closable | None = None
        self._failure: SurveillanceError | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                web(hub, beside.screens, self._archive, beside.access, beside.lists, beside.notebook),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACEFUL_S,
                lifespan="off",
            )
        )

    def run(self) -> None:
        """Answer requests until the process is told to end, then stop everything.

        Raises:
            SurveillanceError: what ``begin`` raised.
        """
        gc.collect()
        gc.freeze()  # what stands from here on for ever need not be looked through while a thousand screens wait
        starting = threading.Thread(target=self._start, name="start-up", daemon=True)
        starting.start()
        self._server.run(sockets=[self._socket])
        starting.join(GRACEFUL_S)
        self._archive.close()
        ended = self._running.close() if self._running else not starting.is_alive()
        if self._failure:
            raise self._failure
        if not ended:  # a driver that waits for ever would keep the process: nothing of ours is left to be done
            logging.shutdown()
            os._exit(0)

    def _start(self) -> None:
        try:
            self._running = self._begin()
        except SurveillanceError as error:
            self._failure = error
            self._server.should_exit = True


def serve_until_told(hub: Hub, host: str, port: int, begin: Callable[[Beside], Closable]) -> int:
    """Serve what ``hub`` holds and what ``begin`` puts into it; returns the exit code. To be called by the main thread.

    Raises:
        ConfigurationError: nobody can listen there; or what ``begin`` raised.
    """
    service = Service(hub, host, port, begin)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # the server ends at them, and raises them again when it has ended
    print(f"Ward Safety Surveillance: http://{host}:{port}/", flush=True)
    service.run()
    return 0
