"""The one door: whoever signs in, by whatever way, gets a new session here, recorded before the browser holds it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callbacks.asking import SESSION, cookie, give_cookie, own_origin
from callbacks.guard import NOBODY_CAN, PLACE, Guard
from callbacks.sign_in.provider import Provider
from callbacks.sign_in.rates import WAIT_S, Rates
from layouts.markup import document
from layouts.sign_in import STYLE, refused
from surveillance.access.access import Opened
from surveillance.access.audit import Entry, Event
from surveillance.access.listening import client_secret
from surveillance.access.people import Person, Session
from surveillance.errors import ConfigurationError, ProviderRefused, ProviderUnavailable, StoreError
from surveillance.settings import Oidc

HINTS = 5_000
FIELDS = 20
LONGEST_AFTER = 1024
TOO_OFTEN = "There were too many attempts. Wait a minute, then try again."
Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """Somebody is not let in. ``words``: for them; ``detail``: for the record; ``claimed``: who they said they are."""

    def __init__(self, code: int, words: Sequence[str], detail: str, claimed: str = "", leave: str = "") -> None:
        super().__init__(detail)
        self.code, self.words, self.detail, self.claimed, self.leave = code, words, detail, claimed, leave


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who is let in, and where they go then. ``id_token``: what the provider knows their sign-in by."""

    person: Person
    after: str
    id_token: str = ""


class Entrance:
    """What all ways of signing in share."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.rates = Rates()
        self._provider: Provider | None = None
        self._hints: OrderedDict[str, str] = OrderedDict()

    def answering(self, endpoint: Endpoint) -> Endpoint:
        """``endpoint``, whose errors become pages, and whose refusals are recorded."""

        async def answers(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Refused as error:
                return await self._refusal(request, error)
            except ProviderUnavailable:
                name = self._provider.name if self._provider else "The identity provider"
                words = (f"{name} does not answer just now, so nobody can sign in by it.", "Walls are not affected.")
                return self.page(503, "Cannot sign in", refused(self.site, "Cannot sign in", words))
            except StoreError:
                words = ("The store does not answer, so nobody can be signed in or out.", "Try again in a minute.")
                return self.page(503, "Cannot sign in", refused(self.site, "Cannot sign in", words))

        return answers

    @property
    def site(self) -> str:
        """The site's name; empty until it is known."""
        settings = self.guard.hub.look().settings
        return settings.site.name if settings else ""

    def opened(self) -> Opened:
        """What knows people.

        Raises:
            Refused: nobody can sign in here.
            StoreError: not yet, or not just now.
        """
        if self.guard.hub.look().settings and not self.guard.access.rules.identity:
            raise Refused(404, NOBODY_CAN, "")
        if self.guard.access.opened is None:
            raise StoreError("the store has not answered yet")
        return self.guard.access.opened

    def provider(self) -> Provider:
        """The site's.

        Raises:
            Refused: it has none.
        """
        rule = self.guard.access.rules.oidc
        if rule is None:
            raise Refused(404, ("This site has no identity provider.",), "")
        if self._provider is None or self._provider.rule is not rule:
            self._provider = Provider(rule, _secret(rule), self.guard.access.now)
        return self._provider

    def back(self, request: Request, path: str) -> str:
        """An address of ours to which a provider sends browsers back."""
        return f"{own_origin(request.scope, self.guard.web)}{path}"

    def count(self, request: Request, name: str = "", *, claimed: str = "", of_place: bool = True) -> None:
        """Let one attempt count. ``claimed``: whose it is, for the record.

        Raises:
            Refused: there were too many.
        """
        place = request.scope[PLACE] if of_place else ""
        if not self.rates.allows(self.guard.access.rules.sign_ins_per_min, place, name):
            raise Refused(429, (TOO_OFTEN,), "too many attempts", claimed)

    async def enter(self, request: Request, entered: Entered) -> Response:
        """Begin a session, end the one that the browser held, and go where they wanted."""
        held = cookie(request.scope, SESSION, self.guard.web)
        opened, place = self.opened(), request.scope[PLACE]
        token, session = await run_in_threadpool(_begun, opened, entered.person, place, held)
        if entered.id_token:
            self._hints[session.key] = entered.id_token
            while len(self._hints) > HINTS:
                self._hints.popitem(last=False)
        answer = RedirectResponse(entered.after, 303, {"Cache-Control": "no-store"})
        give_cookie(answer, request.scope, self.guard.web, SESSION, token, keep_s=None)
        return answer

    def hint(self, session: Session) -> str:
        """The ID token of a session, once; empty if it is not known any more."""
        return self._hints.pop(session.key, "")

    def page(self, code: int, title: str, body: Any, head: str = "", headers: dict[str, str] | None = None) -> Response:
        """A page of signing in."""
        text = document(title, body, head=STYLE + head, renewed=False)
        return HTMLResponse(text, code, {"Cache-Control": "no-store", **(headers or {})})

    async def _refusal(self, request: Request, error: Refused) -> Response:
        place = request.scope[PLACE]
        told = error.code == 429 and self.rates.is_told(place)
        if error.detail and not told and self.guard.access.opened:
            entry = Entry(Event.SIGN_IN_REFUSED, None, place, detail=error.detail[:300], claimed=error.claimed)
            with suppress(StoreError):  # nobody is let in, recorded or not
                await run_in_threadpool(self.guard.access.record, entry)
        title = "Not signed in" if error.detail else "Nobody can sign in"
        headers = {"Retry-After": str(WAIT_S)} if error.code == 429 else None
        return self.page(error.code, title, refused(self.site, title, error.words, error.leave), headers=headers)


def _begun(opened: Opened, person: Person, place: str, held: str) -> tuple[str, Session]:
    token, session = opened.sessions.begin(person, place)
    try:
        opened.trail.record(Entry(Event.SIGN_IN, session, place))
        before = opened.sessions.find(held) if held else None
        if before:
            opened.trail.record(Entry(Event.SIGN_OUT, before, place, detail="signed in anew"))
            opened.sessions.end(before)
    except StoreError:
        with suppress(StoreError):  # nobody holds its token, so it ends by itself
            opened.sessions.end(session)
        raise
    return token, session


def _secret(rule: Oidc) -> str:
    try:
        return client_secret(rule)
    except ConfigurationError as error:
        raise ProviderUnavailable(str(error)) from None


def local_path(asked: str) -> str:
    """Where to go after signing in: a page of ours, never another site, whatever the address says."""
    sound = asked.startswith("/") and "//" not in asked and "\\" not in asked and len(asked) <= LONGEST_AFTER
    back_again = asked.startswith(("/sign-in", "/sign-out", "/signed-out", "/session/"))
    return asked if sound and asked.isascii() and asked.isprintable() and not back_again else "/"


async def fields_of(request: Request) -> dict[str, str]:
    """What a plain form sent; of a name that stands twice the first.

    Raises:
        Refused: it is no form of ours.
    """
    try:
        found = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=FIELDS)
    except ValueError:
        raise Refused(400, ("That is no form of this program.",), "no form") from None
    return {name: values[0] for name, values in found.items()}


def refusal_by_provider(provider: Provider, error: ProviderRefused, claimed: str = "") -> Refused:
    """What somebody reads when the provider did not vouch for them."""
    words = (f"{provider.name} did not sign you in here.", f"The reason: {error}.")
    return Refused(403, words, f"{provider.name}: {error}", claimed)
