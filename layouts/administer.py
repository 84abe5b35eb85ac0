"""The administrator's page: screens that wait for their code, screens that are paired, and who is signed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.document import page, scrolled
from layouts.fields import Input
from layouts.words import age, clock

TOLD: Mapping[str, str] = MappingProxyType(
    {
        "paired": "Accepted. The screen shows its wall within a few seconds.",
        "revoked": "Revoked. The screen shows a new code within a few seconds.",
        "signed-out": "Signed out everywhere.",
    }
)
"""What was done, by the word that stands in the page's address."""


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A screen that shows a code. ``begins``: its first half; ``place``: the address that it asked from."""

    screen: str
    begins: str
    place: str
    asked: datetime


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A pairing. ``fetched``: the screen has its token; ``fits``: the site has this screen with this profile."""

    number: int
    screen: str
    profile: str
    since: datetime
    by: str
    fetched: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class SignedInLine:
    """Somebody who is signed in. ``subject``: the name by which they sign in; ``idle_at``: when they would be out."""

    subject: str
    name: str
    roles: str
    since: datetime
    idle_at: datetime
    place: str


def administer(
    waiting: Sequence[WaitingLine],
    paired: Sequence[DeviceLine],
    signed_in: Sequence[SignedInLine],
    now: datetime,
    *,
    told: str = "",
    wrong: str = "",
    site: str = "",
) -> list[Component]:
    """The whole page. ``now``: the real time. ``told``: what was done; ``wrong``: why nothing was."""
    said: list[Component] = []
    if told:
        said.append(html.P(told, className="told", role="status"))
    if wrong:
        said.append(html.P(wrong, className="wrong", role="alert"))
    return page(
        "Administer",
        *said,
        html.H2("Pair a screen"),
        html.P("A screen that is not paired shows a code. Type all of it as it stands there; capitals do not matter."),
        _code_form(),
        *_waiting(waiting, now),
        html.H2("Paired screens"),
        *_paired(paired, now),
        html.H2("Who is signed in"),
        html.P("Signing somebody out ends every session of theirs, on every computer. They can sign in again."),
        *_signed_in(signed_in, now),
        _sign_out_form(),
        site=site,
    )


def _code_form() -> Component:
    field: dict[str, Any] = {"autoComplete": "off", "spellCheck": "false"}
    return _form(
        "/administer/pair",
        html.Label("Code", htmlFor="code"),
        Input(id="code", name="code", required=True, maxLength="20", size="12", className="code", **field),
        html.Button("Accept", type="submit"),
    )


def _waiting(waiting: Sequence[WaitingLine], now: datetime) -> list[Component]:
    if not waiting:
        return [html.P("No screen is waiting.", className="quiet")]
    rows = [
        html.Tr(
            [
                html.Th(one.screen, scope="row"),
                html.Td(f"{one.begins}-····"),
                html.Td(one.place),
                html.Td(f"{age(now - one.asked)} ago"),
            ]
        )
        for one in waiting
    ]
    return [_table("Screens that are waiting", ("Screen", "Its code begins", "Asked from", "Asked"), rows)]


def _paired(paired: Sequence[DeviceLine], now: datetime) -> list[Component]:
    if not paired:
        return [html.P("No screen is paired.", className="quiet")]
    rows = [
        html.Tr(
            [
                html.Th(one.screen, scope="row"),
                html.Td(str(one.number)),
                html.Td(one.profile),
                html.Td(clock(one.since, now)),
                html.Td(one.by),
                html.Td(_state(one)),
                html.Td(_revoke_form(one)),
            ]
        )
        for one in paired
    ]
    names = ("Screen", "Device", "For", "Paired", "By", "State", "Revoke")
    return [_table("Screens that are paired", names, rows)]


def _state(one: DeviceLine) -> str:
    if not one.fits:
        return "shows a code: the screen left the configuration, or its profile changed"
    return "paired" if one.fetched else "accepted; the screen has not come for its token yet"


def _revoke_form(one: DeviceLine) -> Component:
    named: dict[str, Any] = {"aria-label": f"Revoke {one.screen}, device {one.number}"}
    return _form(
        "/administer/revoke",
        Input(type="hidden", name="device", value=str(one.number)),
        html.Button("Revoke", type="submit", **named),
    )


def _signed_in(people: Sequence[SignedInLine], now: datetime) -> list[Component]:
    if not people:
        return [html.P("Nobody is signed in.", className="quiet")]
    rows = [
        html.Tr(
            [
                html.Th(one.name, scope="row"),
                html.Td(one.subject),
                html.Td(one.roles),
                html.Td(one.place),
                html.Td(clock(one.since, now)),
                html.Td(clock(one.idle_at, now)),
                html.Td(_sign_them_out_form(one)),
            ]
        )
        for one in people
    ]
    names = ("Name", "Signs in as", "Role", "From", "Since", "Ends if idle", "Sign out")
    return [_table("People who are signed in", names, rows)]


def _sign_them_out_form(one: SignedInLine) -> Component:
    named: dict[str, Any] = {"aria-label": f"Sign {one.name} out everywhere"}
    return _form(
        "/administer/sign-out",
        Input(type="hidden", name="subject", value=one.subject),
        html.Button("Sign out", type="submit", **named),
    )


def _sign_out_form() -> Component:
    return _form(
        "/administer/sign-out",
        html.Label("Name by which they sign in", htmlFor="subject"),
        Input(id="subject", name="subject", required=True, maxLength="200", size="32", autoComplete="off"),
        html.Button("Sign out everywhere", type="submit"),
    )


def _form(action: str, *parts: Component) -> Component:
    return html.Form(list(parts), action=action, method="post")


def _table(title: str, names: Sequence[str], rows: Sequence[Component]) -> Component:
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    return scrolled(html.Table([head, html.Tbody(list(rows))]), title)
