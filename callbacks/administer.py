"""Where an administrator pairs and revokes screens and signs people out: each change is recorded before its effect."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from callbacks.guard import PLACE, WHO, Gate, Guard, answer
from layouts.administer import TOLD, DeviceLine, SignedInLine, WaitingLine, administer
from layouts.markup import document
from surveillance.access.audit import Entry, Event
from surveillance.access.devices import HALF, Paired, Waiting
from surveillance.access.people import Session
from surveillance.errors import StoreError

ADMINISTER = "/administer"
LONGEST = 200
STYLE = '<link rel="stylesheet" href="/assets/administer.css">\n'
NOT_SHOWN = "No screen shows this code now. A code is replaced after 15 minutes: look at the screen again."
NO_DEVICE = "There is no such pairing any more."
NOBODY = "Nobody of this name is signed in."
NOT_READ = "The store does not answer, so nobody knows who is signed in. Nothing was changed."
NOT_RECORDED = "The audit record cannot be written, or the store does not answer, so nothing was changed."


def administer_routes(guard: Guard) -> list[Route]:
    """Every address of the page."""
    page = Administration(guard)
    gate = Gate.ADMINISTER
    return [
        guard.route(ADMINISTER, gate, page.shown, ["GET"]),
        guard.route(f"{ADMINISTER}/pair", gate, page.pair, ["POST"]),
        guard.route(f"{ADMINISTER}/revoke", gate, page.revoke, ["POST"]),
        guard.route(f"{ADMINISTER}/sign-out", gate, page.sign_out, ["POST"]),
    ]


class Administration:
    """Each method answers a request of an administrator, whom the gate has let through."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def shown(self, request: Request) -> Response:
        """The page."""
        return await self._page(TOLD.get(request.query_params.get("told", ""), ""))

    async def pair(self, request: Request) -> Response:
        """Accept the code that a screen shows."""
        opened = self._guard.access.opened
        code = (await _form(request)).get("code", "")
        waiting = opened.devices.shown(code) if opened else None
        if opened is None or waiting is None:
            return await self._page(wrong=NOT_SHOWN, code=422)
        words = f"pairs screen {waiting.screen}, asked from {waiting.place}"
        by = _who(request).person.subject
        return await self._done(
            request, words, lambda: opened.devices.accept(code, by) is not None, "paired", NOT_SHOWN
        )

    async def revoke(self, request: Request) -> Response:
        """End one pairing, or all of them."""
        opened = self._guard.access.opened
        number = (await _form(request)).get("device", "")
        if opened is None or not (number.isascii() and number.isdecimal()):
            return await self._page(wrong=NO_DEVICE, code=422)
        device, by = int(number[:9]), _who(request).person.subject
        words = f"revokes device {device}"
        return await self._done(request, words, lambda: opened.devices.revoke(device, by), "revoked", NO_DEVICE)

    async def sign_out(self, request: Request) -> Response:
        """End every session of a person."""
        opened = self._guard.access.opened
        subject = (await _form(request)).get("subject", "").strip()
        if opened is None or not subject:
            return await self._page(wrong=NOBODY, code=422)
        words = f"signs {subject} out everywhere"
        return await self._done(request, words, lambda: opened.sessions.end_all(subject) > 0, "signed-out", NOBODY)

    async def _done(
        self, request: Request, words: str, effect: Callable[[], bool], told: str, not_done: str
    ) -> Response:
        """Record, do it, and show the page anew. ``effect``: whether there was something to do."""

        def recorded_and_done() -> bool:
            self._guard.access.record(Entry(Event.CHANGE, _who(request), request.scope[PLACE], detail=words))
            return effect()

        try:
            done = await run_in_threadpool(recorded_and_done)
        except StoreError:
            return answer(503, "Nothing was changed", NOT_RECORDED, page=True)
        if not done:
            return await self._page(wrong=not_done, code=422)
        return RedirectResponse(f"{ADMINISTER}?told={told}", 303, {"Cache-Control": "no-store"})

    async def _page(self, told: str = "", *, wrong: str = "", code: int = 200) -> Response:
        return await run_in_threadpool(self._drawn, told, wrong, code)

    def _drawn(self, told: str, wrong: str, code: int) -> Response:
        access, settings = self._guard.access, self._guard.hub.look().settings
        devices = access.opened.devices if access.opened else None
        site = settings.site.name if settings else ""
        waiting = [_waiting_line(one) for one in devices.waiting()] if devices else []
        try:
            people = [_person_line(one) for one in access.opened.sessions.going_on()] if access.opened else []
        except StoreError:
            return answer(503, "Not to be had", NOT_READ, page=True)
        paired = [_device_line(one) for one in devices.paired()] if devices else []
        body = administer(waiting, paired, people, access.now(), told=told, wrong=wrong, site=site)
        text = document("Administer", body, head=STYLE, renewed=False)
        return HTMLResponse(text, code, {"Cache-Control": "no-store"})


def _waiting_line(one: Waiting) -> WaitingLine:
    return WaitingLine(one.screen, one.code[:HALF], one.place, one.asked)


def _device_line(one: Paired) -> DeviceLine:
    device = one.device
    return DeviceLine(
        device.number, device.screen, device.profile, one.since, one.by, fetched=one.fetched, fits=one.fits
    )


def _person_line(one: Session) -> SignedInLine:
    person = one.person
    return SignedInLine(person.subject, person.name, person.role_words, one.started, one.expires(), one.place)


def _who(request: Request) -> Session:
    who = request.scope[WHO]
    if not isinstance(who, Session):
        raise TypeError("only a person passes the gate")
    return who


async def _form(request: Request) -> dict[str, str]:
    """What a plain form sent; of a name that stands twice the first. Its length was limited before."""
    written = (await request.body()).decode("utf-8", "replace")
    return {name: values[0][:LONGEST] for name, values in parse_qs(written, max_num_fields=20).items()}
