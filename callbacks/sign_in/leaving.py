"""Signing out, here or everywhere, and how long a session still lasts; only what a person does makes it longer."""

from __future__ import annotations

from html import escape
from math import ceil

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from callbacks.api import error_json
from callbacks.asking import SESSION, take_cookie
from callbacks.guard import PLACE, WHO
from callbacks.sign_in.by_provider import SIGNED_OUT
from callbacks.sign_in.entrance import Entrance
from layouts.sign_in import signed_out
from surveillance.access.audit import Entry, Event
from surveillance.access.people import Session
from surveillance.errors import ProviderUnavailable, StoreError

SIGNED_OUT_HERE = "You are signed out of this display."
BY_PROXY = "The page before this one still knows you. Sign out there too, or close the browser."
NOT_ENDED = (
    "The store does not answer, so your session could not be ended.",
    "This browser has forgotten it, and it ends by itself.",
)
NO_STORE = {"Cache-Control": "no-store"}


class Leaving:
    """Each method answers a request."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def here(self, request: Request) -> Response:
        """End this session."""
        return await self._ended(request, everywhere=False)

    async def everywhere(self, request: Request) -> Response:
        """End every session of this person."""
        return await self._ended(request, everywhere=True)

    async def gone(self, _request: Request) -> Response:
        """The page after signing out."""
        rules = self._entrance.guard.access.rules
        words = (SIGNED_OUT_HERE, BY_PROXY) if rules.trusted_header else (SIGNED_OUT_HERE,)
        return self._entrance.page(200, "Signed out", signed_out(self._entrance.site, words))

    async def active(self, request: Request) -> Response:
        """The person did something: the session lasts longer."""
        session, opened = request.scope[WHO], self._entrance.guard.access.opened
        if not isinstance(session, Session) or opened is None:
            return error_json(401, "Sign in first.")
        try:
            return self._left(await run_in_threadpool(opened.sessions.active, session))
        except StoreError:
            return error_json(503, "The store does not answer.")

    async def left(self, request: Request) -> Response:
        """How long the session lasts if nothing is done; asking makes it no longer."""
        session = request.scope[WHO]
        return self._left(session) if isinstance(session, Session) else error_json(401, "Sign in first.")

    def _left(self, session: Session) -> Response:
        seconds = ceil((session.expires() - self._entrance.guard.access.now()).total_seconds())
        if seconds <= 0:
            return error_json(401, "Sign in first.")
        return JSONResponse({"left_s": seconds}, headers=NO_STORE)

    async def _ended(self, request: Request, *, everywhere: bool) -> Response:
        entrance = self._entrance
        guard, site = entrance.guard, entrance.site
        who = await guard.who(request.scope)
        answer: Response = RedirectResponse(SIGNED_OUT, 303, NO_STORE)
        if isinstance(who, Session):
            try:
                await run_in_threadpool(self._end, who, request.scope[PLACE], everywhere)
                answer = await self._answer(request, who)
            except StoreError:
                answer = entrance.page(503, "Not signed out", signed_out(site, NOT_ENDED))
        take_cookie(answer, request.scope, guard.web, SESSION)
        return answer

    def _end(self, session: Session, place: str, everywhere: bool) -> None:
        opened = self._entrance.opened()
        opened.trail.record(Entry(Event.SIGN_OUT, session, place, detail="everywhere" if everywhere else ""))
        if everywhere:
            opened.sessions.end_all(session.person.subject, session.person.via)
        else:
            opened.sessions.end(session)

    async def _answer(self, request: Request, session: Session) -> Response:
        entrance, hint = self._entrance, self._entrance.hint(session)
        if session.person.via != "oidc" or entrance.guard.access.rules.oidc is None:
            return RedirectResponse(SIGNED_OUT, 303, NO_STORE)
        provider, back = entrance.provider(), entrance.back(request, SIGNED_OUT)
        try:
            address = await run_in_threadpool(provider.leaving, back, hint)
        except ProviderUnavailable:
            address = ""
        if not address:
            return RedirectResponse(SIGNED_OUT, 303, NO_STORE)
        # A page, not a redirection: a form of ours leads to no other site (form-action), and need not.
        head = f'<meta http-equiv="refresh" content="0; url={escape(address)}">\n'
        words = (SIGNED_OUT_HERE, f"Now you are signed out of {provider.name} as well.")
        return entrance.page(200, "Signed out", signed_out(entrance.site, words, provider.name, address), head)
