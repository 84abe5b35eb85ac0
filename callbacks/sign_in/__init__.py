"""Signing in and out: by an identity provider, by a proxy that is believed, or by a local account."""

from __future__ import annotations

from starlette.routing import Route

from callbacks.guard import Gate, Guard
from callbacks.sign_in.by_provider import ByProvider
from callbacks.sign_in.entrance import Entrance
from callbacks.sign_in.leaving import Leaving
from callbacks.sign_in.pages import SignInPages


def sign_in_routes(guard: Guard) -> list[Route]:
    """Every address of signing in."""
    entrance = Entrance(guard)
    provider = ByProvider(entrance)
    pages, leaving = SignInPages(entrance), Leaving(entrance)
    return [
        guard.route("/sign-in", Gate.OPEN, entrance.answering(pages.asks)),
        guard.route("/sign-in/local", Gate.OPEN, entrance.answering(pages.local), ["POST"]),
        guard.route("/sign-in/oidc", Gate.OPEN, entrance.answering(provider.leads_there)),
        guard.route("/sign-in/oidc/done", Gate.OPEN, entrance.answering(provider.done)),
        guard.route("/sign-out", Gate.OPEN, entrance.answering(leaving.here), ["POST"]),
        guard.route("/sign-out/everywhere", Gate.OPEN, entrance.answering(leaving.everywhere), ["POST"]),
        guard.route("/signed-out", Gate.OPEN, entrance.answering(leaving.gone)),
        guard.route("/session/active", Gate.SIGNED_IN, leaving.active, ["POST"]),
        guard.route("/session/left", Gate.SIGNED_IN, leaving.left),
    ]
