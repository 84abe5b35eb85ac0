"""What stands around every ward's desk: whose ward, who looks, how live it is, and for how long it is still shown."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.desk.nav import desk_address
from layouts.document import page


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


def wards(own: Sequence[tuple[str, str, str]], others: Sequence[tuple[str, str]], site: str = "") -> list[Component]:
    """The choice of wards. ``own``: code, name and what it asks for; ``others``: code and name."""
    found: list[Component] = []
    if own:
        found += [html.H2("Your wards"), _wards([(code, name, asks) for code, name, asks in own])]
    if others:
        why = "You are asked why before any patient is shown, and the answer is kept with your name."
        found += [html.H2("Other wards, with a reason"), html.P(why, className="lead")]
        found.append(_wards([(code, name, "") for code, name in others]))
    if not found:
        found.append(html.P("Your role does not include the patients of any ward.", className="lead"))
    return page("Desk", *found, site=site)


def _wards(rows: Sequence[tuple[str, str, str]]) -> Component:
    drawn = [
        html.Tr([html.Td(html.A(name, href=desk_address(code), className="to")), html.Td(asks)])
        for code, name, asks in rows
    ]
    head = html.Thead(html.Tr([html.Th("Ward"), html.Th("Asks for" if any(asks for *_, asks in rows) else "")]))
    return html.Table([head, html.Tbody(drawn)] if any(asks for *_, asks in rows) else html.Tbody(drawn))
