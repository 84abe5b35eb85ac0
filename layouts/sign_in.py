"""The pages by which people sign in and out: one thing on each, readable, and without any JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from layouts.fields import Input
from surveillance import __version__

STYLE = '<link rel="stylesheet" href="/assets/sign-in.css">\n'
"""What the head of these pages holds besides."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How people sign in at this site. ``provider``: what the identity provider is called; empty for none."""

    provider: str = ""
    local: bool = False
    proxy: bool = False


def sign_in(site: str, ways: Ways, after: str, problem: str = "", name: str = "") -> list[Component]:
    """The page that asks who somebody is. ``after``: where to go then. ``name``: as it was typed before."""
    body: list[Component] = []
    if problem:
        body.append(html.P(problem, className="problem", role="alert", id="problem"))
    if ways.provider:
        address = f"/sign-in/oidc?{urlencode({'next': after})}"
        body.append(html.A(f"Sign in with {ways.provider}", href=address, className="button"))
    if ways.provider and ways.local:
        body.append(html.P(html.Span("or with an account of this display"), className="or"))
    if ways.local:
        body.append(_form(after, name, wrong=bool(problem)))
    if not ways.provider and not ways.local:
        words = "Your organisation's sign-in page stands before this program. Open it by its usual address."
        body.append(html.P(words, className="lead"))
    note = "Patients are shown only to those who care for them. Every view is recorded with your name."
    body.append(html.P(note, className="quiet"))
    return _page(site, "Sign in", body)


def already(site: str, name: str, roles: str, after: str, more: Sequence[tuple[str, str]] = ()) -> list[Component]:
    """The page of somebody who is signed in. ``more``: address and words of what else is theirs."""
    body: list[Component] = [
        html.P(["You are signed in as ", html.Strong(name), f", {roles}."], className="lead"),
        html.A("Go on", href=after, className="button"),
        *(html.P(html.A(words, href=address)) for address, words in more),
        signing_out(),
        html.Form(
            html.Button("Sign out everywhere", type="submit", className="second"),
            method="post",
            action="/sign-out/everywhere",
        ),
    ]
    return _page(site, "Signed in", body)


def signed_out(site: str, words: Sequence[str], provider: str = "", address: str = "") -> list[Component]:
    """The page after signing out. ``address``: where to sign out at the provider as well."""
    body: list[Component] = [html.P(text, className="lead") for text in words]
    if address:
        body.append(html.A(f"Sign out of {provider} too", href=address, className="button"))
    body.append(html.P(html.A("Sign in again", href="/sign-in")))
    return _page(site, "Signed out", body)


def refused(site: str, title: str, words: Sequence[str], provider_logout: str = "") -> list[Component]:
    """The page for somebody who could not be let in. ``provider_logout``: where to leave the provider."""
    body: list[Component] = [html.P(text, className="lead" if not at else "") for at, text in enumerate(words)]
    body.append(html.A("Try again", href="/sign-in", className="button"))
    if provider_logout:
        body.append(html.P(html.A("Sign out there, to sign in as somebody else", href=provider_logout)))
    return _page(site, title, body)


def signing_out() -> Component:
    """A form with one button that ends the session."""
    return html.Form(html.Button("Sign out", type="submit", className="second"), method="post", action="/sign-out")


def _form(after: str, name: str, *, wrong: bool) -> Component:
    described = {"aria-describedby": "problem", "aria-invalid": "true"} if wrong else {}
    fields = [
        Input(type="hidden", name="next", value=after),
        html.Label("Name", htmlFor="name"),
        Input(
            id="name",
            name="name",
            value=name,
            autocomplete="username",
            autocapitalize="none",
            spellcheck="false",
            required=True,
            maxlength="128",
            **described,
        ),
        html.Label("Password", htmlFor="password"),
        Input(
            id="password",
            name="password",
            type="password",
            autocomplete="current-password",
            required=True,
            maxlength="1024",
            **described,
        ),
        html.Button("Sign in", type="submit", className="button"),
    ]
    return html.Form(fields, method="post", action="/sign-in/local")


def _page(site: str, title: str, body: list[Component]) -> list[Component]:
    head = html.Header(html.Div([html.P(site or "Ward Safety Surveillance"), html.H1(title)]), className="top")
    main = html.Main(html.Div(body, className="card"))
    return [head, main, html.Footer(f"Ward Safety Surveillance {__version__}")]
