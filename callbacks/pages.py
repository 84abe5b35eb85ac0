"""The pages that need no JavaScript: the list of wards, the definitions, the status, and what is not there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks.api import error_json
from callbacks.screens import Screens, screen_lines
from callbacks.walls import Address, screen_of
from layouts.definitions import definitions
from layouts.document import message, ward_address, ward_list
from layouts.executive.plan import unit_of
from layouts.made_of import made_of, unit_figures
from layouts.markup import document
from layouts.status import status
from layouts.words import clock
from surveillance.access.access import Access
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.quiet import quiet_now
from surveillance.wards import nearest_ward


class Pages:
    """Each method answers a request from what the hub holds.

    ``walls``: the application that draws a ward's page. ``access``: who sees walls, and which screens are paired.
    """

    def __init__(self, hub: Hub, screens: Screens, build: str, walls: ASGIApp, access: Access) -> None:
        self._hub = hub
        self._screens = screens
        self._build = build
        self._walls = walls
        self._access = access

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
        screens = None
        if seen.settings:
            screens = screen_lines(seen.settings, self._screens, self._build, paired_in_words(self._access))
        body = status(
            snapshot,
            seen.now,
            seen.faults,
            site=site,
            stage=seen.stage,
            build=self._build,
            compose_s=took,
            screens=screens,
            walls=walls_in_words(self._access) if seen.settings else "",
            used=seen.used,
            adt=seen.adt,
            quiet=quiet_now(seen.settings, seen.now) if seen.settings else {},
        )
        return _page("Status", body)

    async def made_of(self, request: Request) -> Response:
        """What the figures of a unit are made of, or one of them."""
        seen, asked = self._hub.look(), request.path_params
        unit = unit_of(seen.settings, str(asked["unit"]), str(asked["kind"])) if seen.settings else None
        name = str(asked.get("measure", ""))
        if seen.settings is None or unit is None or (name and name not in CATALOGUE):
            return await self.not_found(request, LookupError())
        if not name:
            return _page(unit.name, unit_figures(unit.name, unit.kind, unit.code, seen.snapshot, seen.now))
        names = (unit.name, seen.settings.site.name)
        body = made_of(CATALOGUE[name], names, unit.kind, unit.code, unit.wards, seen.snapshot, seen.now)
        return _page(CATALOGUE[name].label, body)

    async def wall(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A wall; one that the site does not have is not found, with the nearest that it has."""
        seen = self._hub.look()
        address = Address(scope["path"].lstrip("/").partition("/")[0], str(scope["path_params"].get("name", "")))
        if seen.settings is None:
            body = message("Starting, no snapshot yet", seen.stage)
            await _page("Starting", body, 503, again=True)(scope, receive, send)
        elif screen_of(seen.settings, address):
            await self._walls(scope, receive, send)
        else:
            close = nearest_ward(seen.settings, address.name) if address.kind == "ward" else None
            hint = (ward_address(close.code), close.name) if close else None
            body = message(f"No such {address.kind}", f"There is no {address.kind} “{address.name}” here.", hint=hint)
            await _page(f"No such {address.kind}", body, 404, again=True)(scope, receive, send)

    async def not_found(self, request: Request, _error: Exception) -> Response:
        """An address that leads nowhere."""
        if request.url.path.startswith("/api/"):
            return error_json(404, f"there is no {request.url.path}")
        words = f"There is no page {request.url.path} here."
        return _page("Page not found", message("Page not found", words), 404)


class WallPage:
    """An ASGI endpoint: Starlette hands a class's instance the whole request, so that Dash can answer it."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._pages.wall(scope, receive, send)


def walls_in_words(access: Access) -> str:
    """Who sees the walls."""
    if access.rules.unpaired_walls_allowed:
        return (
            "Anybody who reaches this address sees the walls: unpaired walls are allowed "
            "([access] unpaired_walls_allowed)"
        )
    if access.walls_are_open:
        return "Whoever reaches this address sees the walls: [access] names no way to sign in"
    return "Paired screens see their own wall, and people who are signed in see all"


def paired_in_words(access: Access) -> dict[str, list[str]]:
    """Screen → since when it is paired, and as which device."""
    words: dict[str, list[str]] = {}
    for one in access.opened.devices.paired() if access.opened else ():
        if one.fits and one.fetched:
            since = f"since {clock(one.since, access.now())} (device {one.device.number})"
            words.setdefault(one.device.screen, []).append(since)
    return words


def _page(title: str, body: object, code: int = 200, *, again: bool = False) -> HTMLResponse:
    """``again``: a screen that shows the page looks by itself whether there is something better."""
    end = '<script src="/assets/again.js"></script>\n' if again else ""
    return HTMLResponse(document(title, body, end=end), code, {"Cache-Control": "no-store"})
