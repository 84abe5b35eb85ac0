"""A desk's stream says that there is something new, and that the server lives; never what, and never of whom."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from callbacks.api import error_json
from callbacks.stream import HEADERS
from surveillance.hub import Hub
from surveillance.settings import Wall as WallSettings
from surveillance.snapshot_json import dumps
from surveillance.wards import ward_of


class DeskStream:
    """An ASGI endpoint that is served by one event loop. ``build``: a page of another one loads anew."""

    def __init__(self, hub: Hub, build: str) -> None:
        self._hub = hub
        self._build = build
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        hub.tell(self._something_changed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send frames until the page is gone; whoever made the route ends them with the session."""
        self._loop = asyncio.get_running_loop()
        settings, ward = self._hub.look().settings, str(scope["path_params"]["ward"])
        if settings is None or ward_of(settings, ward) is None:
            words = "starting: the site is not known yet" if settings is None else f"there is no ward '{ward}'"
            await error_json(503 if settings is None else 404, words)(scope, receive, send)
            return
        sending = asyncio.current_task()
        gone = asyncio.ensure_future(_gone(receive))
        gone.add_done_callback(lambda done: sending.cancel() if sending and not done.cancelled() else None)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            while True:
                changed = self._changed
                await send({"type": "http.response.body", "body": self._frame(), "more_body": True})
                await self._beat_or(changed)
        except asyncio.CancelledError:
            if not gone.done():  # the server ends, or the session did
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()

    async def _beat_or(self, changed: asyncio.Event) -> None:
        settings = self._hub.look().settings
        try:
            await asyncio.wait_for(changed.wait(), (settings.wall if settings else WallSettings()).beat_s)
        except TimeoutError:
            return

    def _frame(self) -> bytes:
        seen = self._hub.look()
        frame = {
            "v": seen.frame.version if seen.frame else 0,
            "build": self._build,
            "now": round(seen.now.timestamp(), 3),
            "speed": seen.speed,
            "made": seen.snapshot.as_at.timestamp() if seen.snapshot else None,
            "lapsed": seen.lapsed,
        }
        return b"data: " + dumps(frame) + b"\n\n"

    def _something_changed(self) -> None:
        """Called by any thread."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        waiting, self._changed = self._changed, asyncio.Event()
        waiting.set()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
