"""What walls receive and send: their stream of frames, and the reports of named screens."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from callbacks.api import error_json
from callbacks.broadcast import Broadcast
from callbacks.screens import Report, Screens
from callbacks.walls import Address
from surveillance.hub import Hub

HEADERS = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
LONGEST_REPORT = 2048


class Stream:
    """An ASGI endpoint without a framework's helpers: a thousand screens hold one each, so it has to be light."""

    def __init__(self, broadcast: Broadcast, kind: str) -> None:
        self._broadcast = broadcast
        self._kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send frames until the screen is gone, or what it shows is."""
        address = Address(self._kind, str(scope["path_params"]["name"]))
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        frames = self._broadcast.frames(address, asked.get("shown", [""])[0])
        first = await anext(frames, None)
        if first is None:
            known = self._broadcast.knows_the_site
            words = f"there is no {address.kind} '{address.name}'" if known else "starting: the site is not known yet"
            await error_json(404 if known else 503, words)(scope, receive, send)
            return
        sending = asyncio.current_task()
        gone = asyncio.ensure_future(_gone(receive))
        gone.add_done_callback(lambda done: sending.cancel() if sending and not done.cancelled() else None)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send({"type": "http.response.body", "body": first, "more_body": True})
            del first  # it holds the whole wall, and a stream lasts for months
            async for frame in frames:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except asyncio.CancelledError:
            if not gone.done():  # the server ends: a thousand screens would be a thousand errors in the log
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            await frames.aclose()  # type: ignore[attr-defined]  # it is a generator


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Reports:
    """Where a named screen says how it is."""

    def __init__(self, hub: Hub, screens: Screens) -> None:
        self._hub = hub
        self._screens = screens

    async def take(self, request: Request) -> Response:
        """Keep one report; anything else than a small, sound one is refused."""
        settings, name = self._hub.look().settings, str(request.path_params["name"])
        if settings is None or all(screen.name != name for screen in settings.screens):
            return error_json(404, f"there is no screen '{name}'")
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_REPORT:
                return error_json(413, f"a report has at most {LONGEST_REPORT} bytes")
        try:
            self._screens.report(name, Report.model_validate_json(body))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            return error_json(422, wrong)
        return Response(status_code=204)
