"""The page that asks who somebody is, and the two ways that need no other site: an account, and a proxy's word."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from callbacks.guard import PLACE
from callbacks.proxied import VIA, carries, is_proxy, named
from callbacks.sign_in.entrance import Entered, Entrance, Refused, fields_of, local_path
from layouts.sign_in import Ways, already, sign_in
from surveillance.access.accounts import LONGEST_NAME, account_name
from surveillance.access.audit import Entry, Event
from surveillance.access.claims import person, plain
from surveillance.access.people import Session
from surveillance.access.rights import Right, has
from surveillance.settings import TrustedHeader

WRONG = "That name and password do not belong together."
NOT_THE_PROXY = "This request says who sent it, and does not come from where such requests come from."
THEIRS = {
    Right.ROWS: ("/desk", "The desk: who is behind each number"),
    Right.ADMINISTER: ("/administer", "Screens, and who is signed in"),
}
"""Right → a page that is for those who have it, and its words."""
NAMED_BADLY = "The page before this one does not say clearly who you are."


class SignInPages:
    """Each method answers a request."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def asks(self, request: Request) -> Response:
        """The ways to sign in at this site; by a proxy that says who it is, at once."""
        entrance = self._entrance
        entrance.opened()
        after = local_path(request.query_params.get("next", ""))
        rule = entrance.guard.access.rules.trusted_header
        if rule and carries(request.scope, rule):
            return await self._by_proxy(request, rule, after)
        who = await entrance.guard.who(request.scope)
        if isinstance(who, Session):
            more = [place for right, place in THEIRS.items() if has(who.person, right)]
            body = already(entrance.site, who.person.name, who.person.role_words, after, more)
            return entrance.page(200, "Signed in", body)
        return entrance.page(200, "Sign in", sign_in(entrance.site, self._ways, after))

    async def local(self, request: Request) -> Response:
        """A name and a password."""
        entrance = self._entrance
        opened = entrance.opened()
        if not entrance.guard.access.rules.local_accounts:
            raise Refused(404, ("This site has no accounts of its own.",), "")
        fields = await fields_of(request)
        after, typed = local_path(fields.get("next", "")), plain(fields.get("name", ""), LONGEST_NAME)
        name = typed if typed == fields.get("name", "").strip() else ""  # a name with what nobody sees is nobody's
        # What was typed as a name may be a password: it is recorded only where it is somebody's name.
        known = await run_in_threadpool(opened.accounts.named, name)
        entrance.count(request, account_name(typed), claimed=known)
        found = await run_in_threadpool(opened.accounts.check, name, fields.get("password", ""))
        if found:
            return await entrance.enter(request, Entered(found, after))
        place = request.scope[PLACE]
        detail = "wrong password" if known else "there is no account of the name that was typed"
        entry = Entry(Event.SIGN_IN_REFUSED, None, place, detail=detail, claimed=known)
        await run_in_threadpool(entrance.guard.access.record, entry)
        return entrance.page(403, "Sign in", sign_in(entrance.site, self._ways, after, WRONG, typed))

    async def _by_proxy(self, request: Request, rule: TrustedHeader, after: str) -> Response:
        entrance = self._entrance
        if not is_proxy(request.scope, rule):
            entrance.count(request)
            raise Refused(403, (NOT_THE_PROXY,), "a header that only the proxy may send")
        who = named(request.scope, rule)
        if who is None:
            entrance.count(request)
            raise Refused(403, (NAMED_BADLY,), "the proxy named nobody, or somebody twice")
        entrance.count(request, who.user, claimed=who.user, of_place=False)  # everybody comes from the proxy
        found = person(who.user, who.name, VIA, who.groups, entrance.guard.access.rules.grants)
        if found is None:
            words = (f"You are signed in as {plain(who.user)}, but no group of yours has a role here.",)
            raise Refused(403, words, "no group of theirs has a role here", who.user)
        return await entrance.enter(request, Entered(found, after))

    @property
    def _ways(self) -> Ways:
        rules = self._entrance.guard.access.rules
        provider = self._entrance.provider().name if rules.oidc else ""
        return Ways(provider, rules.local_accounts, rules.trusted_header is not None)
