"""By an identity provider: a browser goes there with a question, and comes back with a code that only we can use."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbacks.asking import cookie, give_cookie, take_cookie
from callbacks.sign_in.attempts import LASTS, Attempt, Attempts
from callbacks.sign_in.entrance import Entered, Entrance, Refused, local_path, refusal_by_provider
from callbacks.sign_in.provider import Provider, Vouched
from surveillance.access.claims import claim, groups_in, person, plain, subject_of
from surveillance.access.people import Person
from surveillance.errors import ProviderRefused

ATTEMPT = "sign-in"
"""The cookie that binds an attempt to the browser that began it."""
DONE = "/sign-in/oidc/done"
SIGNED_OUT = "/signed-out"
BEGIN_AGAIN = "This attempt to sign in is over, or was begun in another browser. Please begin again."


class ByProvider:
    """Each method answers a request."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._attempts = Attempts(entrance.guard.access.now)

    async def leads_there(self, request: Request) -> Response:
        """Begin: send the browser to the provider."""
        entrance, web = self._entrance, self._entrance.guard.web
        entrance.opened()
        provider = entrance.provider()
        entrance.count(request)
        attempt = self._attempts.begin(local_path(request.query_params.get("next", "")))
        address = await run_in_threadpool(provider.authorisation, attempt, entrance.back(request, DONE))
        answer = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        give_cookie(answer, request.scope, web, ATTEMPT, attempt.browser, keep_s=int(LASTS.total_seconds()))
        return answer

    async def done(self, request: Request) -> Response:
        """End: the browser comes back from the provider."""
        entrance, web, asked = self._entrance, self._entrance.guard.web, request.query_params
        entrance.opened()
        provider = entrance.provider()
        attempt = self._attempts.end(cookie(request.scope, ATTEMPT, web), asked.get("state", ""))
        if attempt is None:
            entrance.count(request)
            raise Refused(403, (BEGIN_AGAIN,), f"{provider.name}: no such attempt")
        try:
            entered = await run_in_threadpool(self._entered, provider, attempt, dict(asked), entrance.back(request, ""))
        except ProviderRefused as error:
            raise refusal_by_provider(provider, error) from None
        answer = await entrance.enter(request, entered)
        take_cookie(answer, request.scope, web, ATTEMPT)
        return answer

    def _entered(self, provider: Provider, attempt: Attempt, asked: dict[str, str], origin: str) -> Entered:
        issuer = provider.about()["issuer"]
        if asked.get("iss", issuer) != issuer:
            raise ProviderRefused("another provider answered")
        if "error" in asked or not asked.get("code"):
            raise ProviderRefused(plain(asked.get("error"), 64) or "it gave no code")
        vouched = provider.vouched(asked["code"], attempt, f"{origin}{DONE}")
        return Entered(self._person(provider, vouched, origin), attempt.after, vouched.id_token)

    def _person(self, provider: Provider, vouched: Vouched, origin: str) -> Person:
        rule, grants = provider.rule, self._entrance.guard.access.rules.grants
        claims = vouched.claims
        subject = subject_of(claims.get("sub"))
        if not subject:
            raise ProviderRefused("it calls you by a name that cannot be kept")
        groups = groups_in(claim(claims, rule.groups_claim))
        found = person(subject, claim(claims, rule.name_claim), "oidc", groups, grants)
        if found is None:
            words = (
                f"You are signed in at {provider.name} but no group of yours has a role here.",
                "Ask whoever looks after this display at your hospital to give your group a role.",
            )
            leave = provider.leaving(f"{origin}{SIGNED_OUT}", vouched.id_token)
            raise Refused(403, words, f"{provider.name}: no group of theirs has a role here", subject, leave)
        return found
