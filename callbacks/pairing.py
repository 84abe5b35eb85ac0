"""What the address of a screen shows to a browser that is not paired as that screen: a code, or why there is none.

It is a page for a wall, so it never leads to signing in: an administrator accepts the code on a page of their own.
"""

from __future__ import annotations

from urllib.parse import quote

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from callbacks.administer import ADMINISTER, administer_routes
from callbacks.asking import FOR_GOOD_S, SCREEN, cookie, give_cookie, own_origin, take_cookie
from callbacks.guard import PLACE, WHO, Gate, Guard
from layouts.markup import document
from layouts.pairing import Notice, busy_notice, closed_notice, code_notice, missing_notice, other_notice, pairing
from layouts.words import is_night
from surveillance.access.devices import FETCHED_WITHIN, Waiting
from surveillance.access.people import Device, Who
from surveillance.errors import StoreError
from surveillance.settings import Screen

PAIRING = "pairing"
"""The cookie by which a browser that asks is known."""
RENEWED_BEFORE_S = 90
"""A code that runs out sooner than that is replaced, so that nobody types one that has just run out."""
ASKED_A_MINUTE = RateLimitItemPerMinute(60)
"""New codes a minute for one address; a hospital's screens, switched on together behind one, have theirs soon."""
SCRIPT = '<script src="/assets/pairing.js"></script>\n'
NOT_KEPT = {"Cache-Control": "no-store"}
WALL, RENEW = "wall", "renew"
CODES = {"closed": 503, "busy": 429, "other": 403}
"""What a page with a notice answers, by the first word of its state; others answer 401."""


class PairingPage:
    """An ASGI endpoint, but for the guard that it is handed with each request."""

    def __init__(self) -> None:
        self._asked = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await (await self._answer(guard, scope))(scope, receive, send)

    async def _answer(self, guard: Guard, scope: Scope) -> Response:
        name = str(scope["path_params"].get("name", ""))
        screen = _screen(guard, name)
        opened = guard.access.opened
        notice = _without_code(guard, scope.get(WHO), name)
        if notice or screen is None or opened is None:
            return _noticed(guard, screen, notice or missing_notice(name))
        waiting, secret = _waiting(guard, scope, name), cookie(scope, PAIRING, guard.web)
        try:
            if waiting and waiting.accepted and (token := await run_in_threadpool(opened.devices.claim, secret)):
                return _paired(guard, scope, token)
            if waiting and not waiting.accepted and not _runs_out(guard, waiting):
                return _noticed(guard, screen, _code(guard, scope, screen, waiting.code))
            if not self._asked.hit(ASKED_A_MINUTE, scope[PLACE]):
                return _noticed(guard, screen, busy_notice(name, screen.place))
            code, secret = await run_in_threadpool(opened.devices.ask, name, scope[PLACE], secret)
        except StoreError:
            return _noticed(guard, screen, closed_notice(name, screen.place))
        response = _noticed(guard, screen, _code(guard, scope, screen, code))
        keep_s = int(FETCHED_WITHIN.total_seconds())
        give_cookie(response, scope, guard.web, PAIRING, secret, keep_s=keep_s)
        return response


def pairing_routes(guard: Guard) -> list[Route]:
    """Every address of pairing."""

    async def state(request: Request) -> Response:
        """What the page of a screen should show; one that shows something else loads itself anew."""
        name = request.query_params.get("screen", "")
        return JSONResponse({"state": await _state(guard, request.scope, name)}, headers=NOT_KEPT)

    return [guard.route("/pairing/state", Gate.OPEN, state, ["GET"]), *administer_routes(guard)]


async def _state(guard: Guard, scope: Scope, name: str) -> str:
    """``wall``: the wall itself; ``renew``: another page with a code; else the state of a notice that stays."""
    who = await guard.who(scope)
    if guard.allows(Gate.WALL, who, {"path": f"/screen/{name}", "path_params": {"name": name}}):
        return WALL
    if notice := _without_code(guard, who, name):
        return notice.state
    waiting = _waiting(guard, scope, name)
    if waiting is None:
        return RENEW
    if waiting.accepted:
        return WALL
    return RENEW if _runs_out(guard, waiting) else f"code {waiting.code}"


def _without_code(guard: Guard, who: Who, name: str) -> Notice | None:
    """Why no code is shown; None where one is to be."""
    screen = _screen(guard, name)
    if screen is None:
        return missing_notice(name)
    if isinstance(who, Device):
        return other_notice(name, screen.place, who.screen, who.number)
    return None if guard.access.knows_screens else closed_notice(name, screen.place)


def _screen(guard: Guard, name: str) -> Screen | None:
    settings = guard.hub.look().settings
    return next((one for one in settings.screens if one.name == name), None) if settings else None


def _waiting(guard: Guard, scope: Scope, name: str) -> Waiting | None:
    """What this browser asked, if that was for this screen."""
    opened, secret = guard.access.opened, cookie(scope, PAIRING, guard.web)
    found = opened.devices.asked_with(secret) if opened and secret else None
    return found if found and found.screen == name else None


def _runs_out(guard: Guard, waiting: Waiting) -> bool:
    return (waiting.ends - guard.access.now()).total_seconds() < RENEWED_BEFORE_S


def _code(guard: Guard, scope: Scope, screen: Screen, code: str) -> Notice:
    return code_notice(screen.name, screen.place, code, own_origin(scope, guard.web) + ADMINISTER)


def _paired(guard: Guard, scope: Scope, token: str) -> Response:
    """The same address again, from now on as the screen."""
    response = RedirectResponse(quote(scope["path"]), 303, NOT_KEPT)
    give_cookie(response, scope, guard.web, SCREEN, token, keep_s=FOR_GOOD_S)
    take_cookie(response, scope, guard.web, PAIRING)
    return response


def _noticed(guard: Guard, screen: Screen | None, notice: Notice) -> Response:
    now = guard.hub.look().now
    dark = screen is not None and is_night(now, screen.night, screen.night_from, screen.night_to)
    names = "night" if dark else ""
    text = document(f"Screen {notice.screen}", pairing(notice), kind="pairing", names=names, end=SCRIPT)
    return HTMLResponse(text, CODES.get(notice.state.partition(" ")[0], 401), NOT_KEPT)
