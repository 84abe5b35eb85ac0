"""The pages that need no JavaScript: the list of wards, the definitions, the status, and what is not there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks.api import error_json
from layouts.definitions import definitions
from layouts.document import message, ward_address, ward_list
from layouts.markup import document
from layouts.status import status
from surveillance.hub import Hub
from surveillance.wards import nearest_ward, ward_of


class Pages:
    """Each method answers a request from what the hub holds. ``walls``: the application that draws a ward's page."""

    def __init__(self, hub: Hub, build: str, walls: ASGIApp) -> None:
        self._hub = hub
        self._build = build
        self._walls = walls

    async def wards(self, _request: Request) -> Response:
        """The list of wards."""
        seen = self._hub.look()
        return _page("Wards", ward_list(seen.settings, seen.frame.snapshot if seen.frame else None, seen.stage))

    async def measures(self, _request: Request) -> Response:
        """Every definition."""
        return _page("Measures", definitions(self._hub.look().settings))

    async def status(self, _request: Request) -> Response:
        """How everything stands."""
        seen = self._hub.look()
        site = seen.settings.site.name if seen.settings else ""
        snapshot, took = (seen.frame.snapshot, seen.frame.compose_s) if seen.frame else (None, None)
        body = status(snapshot, seen.now, seen.faults, site=site, stage=seen.stage, build=self._build, compose_s=took)
        return _page("Status", body)

    async def ward(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A ward's page; one that the site does not have is not found, with the nearest that it has."""
        seen, code = self._hub.look(), str(scope["path_params"]["code"])
        if seen.settings is None or ward_of(seen.settings, code):
            await self._walls(scope, receive, send)
            return
        close = nearest_ward(seen.settings, code)
        hint = (ward_address(close.code), close.name) if close else None
        body = message("No such ward", f"There is no ward “{code}” here.", hint=hint)
        await _page("No such ward", body, 404)(scope, receive, send)

    async def not_found(self, request: Request, _error: Exception) -> Response:
        """An address that leads nowhere."""
        if request.url.path.startswith("/api/"):
            return error_json(404, f"there is no {request.url.path}")
        words = f"There is no page {request.url.path} here."
        return _page("Page not found", message("Page not found", words), 404)


class WardPage:
    """An ASGI endpoint: Starlette hands a class's instance the whole request, so that Dash can answer it."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._pages.ward(scope, receive, send)


def _page(title: str, body: object, code: int = 200) -> HTMLResponse:
    return HTMLResponse(document(title, body), code, {"Cache-Control": "no-store"})
