"""The screens of the site on the status page: which are up, dark or old, and whether they can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dash import html
from dash.development.base_component import Component

from layouts.document import scrolled
from layouts.words import age

NAMES = (
    *("Screen", "Place", "Shows", "For", "Paired", "State", "Heard", "Up for", "Its data", "Viewport", "Build"),
    "Legibility",
)


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """One screen. ``state``: up, dark (does not report), old (another build, or not live), or never heard.

    Times in seconds; ``error``: the last one that its page had. ``small``: what cannot be read from where it hangs.
    ``paired``: since when and as which devices, in words; empty for none.
    """

    name: str
    place: str
    shows: str
    profile: str
    state: str
    heard_s: float | None = None
    uptime_s: float | None = None
    data_age_s: float | None = None
    viewport: str = ""
    build: str = ""
    error: str = ""
    small: Sequence[str] = ()
    paired: Sequence[str] = ()


def screens_table(screens: Sequence[ScreenLine]) -> Component:
    """A line for each screen, in the site's order."""
    if not screens:
        return html.P("No screens are configured: walls are opened by their ward's address.", className="quiet")
    head = html.Tr([html.Th(name) for name in NAMES])
    table = html.Table([html.Thead(head), html.Tbody([_line(one) for one in screens])], className="screens")
    return scrolled(table, "Screens")


def _line(one: ScreenLine) -> Component:
    state = html.Span(one.state, className=f"screen-{one.state.partition(' ')[0]}")
    told = [state, html.Div(one.error)] if one.error else [state]
    legible = [html.Li(words) for words in one.small]
    return html.Tr(
        [
            html.Td(html.A(one.name, href=f"/screen/{one.name}")),
            html.Td(one.place or "–"),
            html.Td(one.shows),
            html.Td(one.profile),
            html.Td([html.Div(words) for words in one.paired] or "not paired"),
            html.Td(told),
            html.Td(f"{_span(one.heard_s)} ago" if one.heard_s is not None else "–"),
            html.Td(_span(one.uptime_s)),
            html.Td(f"{_span(one.data_age_s)} old" if one.data_age_s is not None else "–"),
            html.Td(one.viewport or "–"),
            html.Td(one.build or "–"),
            html.Td(html.Ul(legible, className="counts") if legible else "good"),
        ]
    )


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else age(timedelta(seconds=seconds))
