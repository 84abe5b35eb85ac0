"""What stands around every ward's desk: whose ward, who looks, how live it is, and for how long it is still shown."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.desk.nav import desk_address


def top(ward: str, person: str, role: str, reason: str = "") -> Component:
    """The bar above the desk. ``reason``: why somebody looks at another ward than their own."""
    left: list[Component] = [
        html.P(html.A(ward, href="/desk", title="Choose another ward"), className="ward"),
        html.P("Nurse in charge", className="what"),
        html.P(
            [html.Span(className="dot", **{"aria-hidden": "true"}), html.Span("Connecting", id="live-words")],  # type: ignore[arg-type]
            id="live",
            className="pill",
            role="status",
        ),
    ]
    if reason:
        left.append(html.P(f"Reason given: {reason}", className="why"))
    leave = html.Form(html.Button("Sign out", type="submit", className="pill"), action="/sign-out", method="POST")
    right = [
        html.P(f"{person}, {role}", className="who"),
        html.P(["Screen hides in ", html.Span("–:––", id="left")], id="hides", className="pill", role="timer"),
        leave,
    ]
    return html.Header([html.Div(left, className="left"), html.Div(right, className="right")], className="bar")


def hidden_notice(ward: str) -> Component:
    """What takes the place of everything once the screen hides; a browser shows it without asking anybody."""
    again = html.A("Sign in again", href=desk_address(ward), className="primary")
    words = "No patient is shown here any more."
    return html.Main(
        [html.H1("Hidden. Sign in again."), html.P(words, className="counts"), html.P(again)],
        id="hidden",
        className="hidden-notice",
        hidden=True,
    )


def wards(own: Sequence[tuple[str, str, str]], others: Sequence[tuple[str, str]]) -> list[Component]:
    """The choice of wards. ``own``: code, name and what it asks for; ``others``: code and name."""
    found: list[Component] = [html.H1("Wards")]
    if own:
        mine = [html.Li([html.A(name, href=desk_address(code)), " ", html.Span(asks)]) for code, name, asks in own]
        found += [html.H2("Your wards"), html.Ul(mine, className="own wards")]
    if others:
        theirs = [html.Li(html.A(name, href=desk_address(code))) for code, name in others]
        found += [
            html.H2("Other wards, with a reason"),
            html.P("You are asked why before any patient is shown, and the answer is kept.", className="quiet"),
            html.Ul(theirs, className="wards"),
        ]
    if not own and not others:
        found.append(html.P("Your role does not include the patients of any ward.", className="banner"))
    return [html.Main(found, className="choose")]
