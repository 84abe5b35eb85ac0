"""Every address has a gate, and a gate lets through only those for whom it is; what has no gate cannot be served.

A gate asks who somebody is anew at each request; streams are asked again at each frame, and end with the session.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, request_response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callbacks.api import error_json
from callbacks.asking import FOR_GOOD_S, READS, SCREEN, SESSION, cookie, from_own_page, giving_cookie, place
from callbacks.proxied import is_theirs
from layouts.document import message
from layouts.markup import document
from surveillance.access.access import Access
from surveillance.access.audit import Entry, Event
from surveillance.access.people import Device, Session, Who
from surveillance.access.rights import Right, has
from surveillance.errors import StoreError
from surveillance.hub import Hub
from surveillance.settings import Web

WHO = "surveillance.who"
"""Where a request that came through a gate carries who sent it."""
PLACE = "surveillance.place"
NOBODY_CAN = (
    "Nobody can sign in here yet, and so no patient is shown.",
    "A site says in [access] how people sign in.",
)


class Gate(StrEnum):
    """For whom an address is."""

    OPEN = "everybody"
    WALL = "whoever may see walls; a paired screen sees its own"
    WALL_PART = "whoever may see any wall"
    FIGURES = "whoever may see every ward's figures"
    SIGNED_IN = "whoever is signed in"
    ROWS = Right.ROWS.value
    TEAM = Right.TEAM.value
    ACCREDIT = Right.ACCREDIT.value
    ADMINISTER = Right.ADMINISTER.value


NEEDS = {
    Gate.FIGURES: Right.FIGURES,
    Gate.WALL: Right.FIGURES,
    Gate.WALL_PART: Right.FIGURES,
    Gate.ROWS: Right.ROWS,
    Gate.TEAM: Right.TEAM,
    Gate.ACCREDIT: Right.ACCREDIT,
    Gate.ADMINISTER: Right.ADMINISTER,
}
WALLS = (Gate.WALL, Gate.WALL_PART)
Endpoint = Callable[..., Any]
Pairing = Callable[["Guard", Scope, Receive, Send], Awaitable[None]]
LOOKS_AGAIN = '<script src="/assets/again.js"></script>\n'
"""For a page that may hang on a wall: it goes by itself when there is something better."""


class Guard:
    """Makes routes. ``pairing``: what the address of a screen shows to a browser that is not paired as that screen."""

    def __init__(self, hub: Hub, access: Access, pairing: Pairing) -> None:
        self.hub = hub
        self.access = access
        self.pairing = pairing

    def route(self, path: str, gate: Gate, endpoint: Endpoint, methods: Sequence[str] | None = None) -> Route:
        """An address that leads to ``endpoint``: a function of a request, or an ASGI application."""
        plain = inspect.isroutine(endpoint)
        within = request_response(endpoint) if plain else endpoint
        return Route(path, Gated(self, gate, within), methods=methods or (["GET"] if plain else None))

    @property
    def web(self) -> Web:
        """Where browsers find the program."""
        settings = self.hub.look().settings
        return settings.web if settings else Web()

    async def who(self, scope: Scope) -> Who:
        """Who sent a request; None where that is not known. A store that does not answer knows nobody."""
        if token := cookie(scope, SESSION, self.web):
            try:
                session = await run_in_threadpool(self.access.session, token)
            except StoreError:
                session = None
            if session and is_theirs(scope, session, self.access.rules.trusted_header):
                return session
        token = cookie(scope, SCREEN, self.web)
        return self.access.device(token) if token else None

    def allows(self, gate: Gate, who: Who, scope: Scope) -> bool:
        """Whether somebody may pass."""
        if gate is Gate.OPEN:
            return True
        if gate in (*WALLS, Gate.FIGURES) and self.access.walls_are_open:
            return True
        if isinstance(who, Device):
            if gate is Gate.WALL:
                kind = str(scope["path"]).removeprefix("/stream").lstrip("/").partition("/")[0]
                return kind in ("screen", "screens") and scope["path_params"].get("name") == who.screen
            return gate is Gate.WALL_PART
        if isinstance(who, Session):
            return gate is Gate.SIGNED_IN or has(who.person, NEEDS[gate])
        return False


class Gated:
    """An address with its gate."""

    def __init__(self, guard: Guard, gate: Gate, within: ASGIApp) -> None:
        self.gate = gate
        self._guard = guard
        self._within = within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or say why not."""
        guard = self._guard
        if scope["method"] not in READS and not from_own_page(scope, guard.web):
            words = "only a page of this program may send that"
            await error_json(403, words)(scope, receive, send)
            return
        scope[PLACE] = place(scope, guard.web)
        scope[WHO] = who = None if self.gate is Gate.OPEN else await guard.who(scope)
        if guard.allows(self.gate, who, scope):
            if isinstance(who, Device) and scope["method"] == "GET" and is_a_screens_page(scope):
                token = cookie(scope, SCREEN, guard.web)  # kept anew at each load, so that it never runs out
                send = giving_cookie(send, scope, guard.web, SCREEN, token, keep_s=FOR_GOOD_S)
            await self._within(scope, receive, self._while_known(who, send))
        else:
            await (await self._refusal(who, scope))(scope, receive, send)

    def _while_known(self, who: Who, send: Send) -> Send:
        """Ends what goes on for long (a stream) when whoever it is for may see it no more."""
        if self.gate is Gate.OPEN:
            return send
        access, ended = self._guard.access, False

        async def sending(message: Message) -> None:
            nonlocal ended
            if ended:
                return
            if message["type"] == "http.response.body" and message.get("more_body") and not access.still(who):
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                if task := asyncio.current_task():
                    task.cancel()
                return
            await send(message)

        return sending

    async def _refusal(self, who: Who, scope: Scope) -> ASGIApp:
        guard = self._guard
        reads_a_page = scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
        if who is None:
            return self._unknown(scope, reads_a_page)
        entry = Entry(Event.REFUSED, who, scope[PLACE], detail=f"{scope['method']} {scope['path']}"[:300])
        try:
            await run_in_threadpool(guard.access.record, entry)
        except StoreError:
            words = "The audit record cannot be written, so nothing is shown."
            return answer(503, "Not recorded", words, page=reads_a_page, again=True)
        if isinstance(who, Device):
            if reads_a_page and is_a_screens_page(scope):
                return partial(guard.pairing, guard)
            return answer(403, "Not for screens", "A paired screen shows its own wall.", page=reads_a_page)
        words = f"This is only for those who may {NEEDS[self.gate].value}."
        return answer(403, "Not for you", words, page=reads_a_page)

    def _unknown(self, scope: Scope, reads_a_page: bool) -> ASGIApp:
        """What somebody gets of whom nothing is known."""
        guard = self._guard
        if guard.hub.look().settings is None:
            words = "Nobody can be let in before the site is known."
            return answer(503, "Starting", words, page=reads_a_page, again=True)
        if not guard.access.rules.identity:
            return answer(403, "Nobody can sign in", *NOBODY_CAN, page=reads_a_page)
        if reads_a_page and is_a_screens_page(scope):
            return partial(guard.pairing, guard)
        if self.gate in WALLS and not guard.access.knows_screens:
            return answer(503, "Starting", "Which screens are paired is not known yet.", page=reads_a_page, again=True)
        if reads_a_page:
            asked = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
            return RedirectResponse(f"/sign-in?next={quote(asked, safe='')}", 303, {"Cache-Control": "no-store"})
        return answer(401, "Sign in", "Sign in first.", page=False)


def is_a_screens_page(scope: Scope) -> bool:
    """Whether a request is for what hangs on a wall under a screen's name; there nobody can sign in."""
    return str(scope["path"]).startswith("/screen/")


def answer(code: int, title: str, *words: str, page: bool, again: bool = False) -> Response:
    """A refusal, as a page for a person or as JSON for a program. ``again``: the page looks for a better one."""
    if not page:
        return error_json(code, " ".join(words))
    text = document(title, message(title, *words), renewed=again, end=LOOKS_AGAIN if again else "")
    return HTMLResponse(text, code, {"Cache-Control": "no-store"})
