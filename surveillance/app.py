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
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from callbacks.api import Api
from callbacks.broadcast import Broadcast
from callbacks.charts import PREFIX, ChartPages, charts_app
from callbacks.faces import ChartImages, icon
from callbacks.headers import SecurityHeaders
from callbacks.pages import Pages, WallPage
from callbacks.past import Past, WallOrPast
from callbacks.probes import Probes
from callbacks.screens import Screens
from callbacks.stream import Reports, Stream
from callbacks.wall import wall_app
from callbacks.walls import KINDS, Walls
from layouts.executive.plan import charts_on_walls
from surveillance import __version__
from surveillance.archive import Archive
from surveillance.charts.book import ChartBook
from surveillance.errors import ConfigurationError, SurveillanceError
from surveillance.hub import Hub
from surveillance.opening import Opened
from surveillance.polling.charting import ChartWatch
from surveillance.polling.clock import hospital_clock, real_interval_s
from surveillance.polling.closing import Closer
from surveillance.polling.composer import Composer
from surveillance.polling.keeper import Keeper
from surveillance.polling.orders import OrderWatch
from surveillance.polling.pace import Pace
from surveillance.polling.poller import Poller
from surveillance.store import open_store, store_url

ASSETS = Path(__file__).parents[1] / "assets"
GRACEFUL_S = 3
WORTH_COMPRESSING = 1024
WORKERS = 8
"""Threads that answer the requests of Dash."""


class Running:
    """A site that is polled: its hub fills and its snapshots are kept until ``close``."""

    def __init__(self, opened: Opened, hub: Hub, screens: Screens) -> None:
        """Connects to the store, not yet to a source.

        Raises:
            ConfigurationError: the store's configuration is wrong, or a newer program wrote it.
        """
        settings = opened.settings
        clock = hospital_clock(settings)
        url = store_url(settings.store)
        self._keeper = Keeper(lambda: open_store(url, settings.store), Closer(opened.site))
        self._book = ChartBook(lambda: open_store(url, settings.store), settings, clock)
        composer = Composer(opened.site, opened.feeds, hub, self._keeper, clock)
        composer.start_from(*self._keeper.read_back())
        hub.fault("store", self._keeper.error)
        hub.site(settings, clock, self._book)
        self._orders = OrderWatch(lambda: open_store(url, settings.store), screens.order)
        self._charts = ChartWatch(
            self._book, hub, charts_on_walls(settings), lambda found: setattr(composer, "concerns", found)
        )
        hub.stage("waiting for the sources")
        pace = {name: Pace(real_interval_s(settings, name)) for name in settings.sources}
        self.poller = Poller(opened.readers, composer, pace, clock)
        self.poller.start()

    def close(self) -> bool:
        """Stop polling; False if a source's query still hangs, which no thread can end."""
        self._orders.close()
        self._charts.close()
        self._book.close()
        ended = self.poller.close()
        if ended:
            self._keeper.close()
        return ended


def web(hub: Hub, screens: Screens | None = None, archive: Archive | None = None) -> Starlette:
    """The ASGI application: everything that is served, from what ``hub`` holds.

    ``screens``: what they are told. ``archive``: what is shown of the past.
    """
    build, walls, screens = build_of(ASSETS), Walls(), screens or Screens()
    dash, script_hashes = wall_app(hub, walls, build, (ASSETS / "guard.js").read_text("utf-8"))
    drawn: Any = WSGIMiddleware(dash, workers=WORKERS)
    plotly, chart_hashes = charts_app(hub)
    charts: Any = WSGIMiddleware(plotly, workers=WORKERS)
    chart_pages = ChartPages(hub, charts)
    pages, api, probes = Pages(hub, screens, build, drawn), Api(hub), Probes(hub, screens, build)
    wall = WallOrPast(WallPage(pages), Past(hub, walls, archive or Archive()))
    broadcast, reports = Broadcast(hub, walls, screens, build), Reports(hub, screens)
    routes = [
        *(Route(f"/stream/{kind}/{{name:path}}", Stream(broadcast, kind), methods=["GET"]) for kind in KINDS),
        *(Route(f"/{kind}/{{name:path}}", wall) for kind in KINDS),
        Route("/executive", wall),
        Route("/charts/image/{kind}/{unit}/{measure}.svg", ChartImages(hub).drawn),
        Route("/charts/icon/{kind}/{name}.svg", icon),
        Route(f"{PREFIX}_dash-{{rest:path}}", charts),
        Route(f"{PREFIX}{{rest:path}}", chart_pages),
        Route(PREFIX.rstrip("/"), chart_pages),
        Route("/screens/{name}/report", reports.take, methods=["POST"]),
        Route("/", pages.wards),
        Route("/measures", pages.measures),
        Route("/status", pages.status),
        Route("/made-of/{kind}/{unit}", pages.made_of),
        Route("/made-of/{kind}/{unit}/{measure}", pages.made_of),
        Route("/api/wards", api.wards),
        Route("/api/wards/{code:path}/snapshot", api.snapshot),
        Route("/healthz", probes.alive),
        Route("/readyz", probes.ready),
        Route("/metrics", probes.metrics),
        Mount("/assets", StaticFiles(directory=ASSETS)),
        Route("/_dash-{rest:path}", drawn),
    ]
    middleware = [
        Middleware(SecurityHeaders, script_hashes=tuple(dict.fromkeys((*script_hashes, *chart_hashes)))),
        Middleware(Compressed, minimum_size=WORTH_COMPRESSING),
    ]
    return Starlette(routes=routes, middleware=middleware, exception_handlers={404: pages.not_found})


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


class Closable(Protocol):
    """Something that runs beside the web server."""

    def close(self) -> bool:
        """Stop it; False if something in it hangs."""
        ...


class Service:
    """The web server, answering at once, and beside it what fills the hub, started in a thread of its own.

    ``begin``: starts it; an error of ours that it raises ends the service.
    """

    def __init__(self, hub: Hub, host: str, port: int, begin: Callable[[Screens], Closable]) -> None:
        screens = Screens()
        self._archive = Archive()
        try:
            self._socket = socket.create_server((host, port))
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from None
        self._begin = partial(begin, screens)
        self._running: Closable | None = None
        self._failure: SurveillanceError | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                web(hub, screens, self._archive),
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


def serve_until_told(hub: Hub, host: str, port: int, begin: Callable[[Screens], Closable]) -> int:
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
