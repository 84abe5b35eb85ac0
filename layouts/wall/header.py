"""The header of a wall: which ward, how many patients, what time it is, and whether this is live."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.freshness import Chip, Freshness
from layouts.wall.plan import HEADLINE, Page
from layouts.wall.says import Said
from layouts.wall.slots import Props

CHIPS = 8
"""So many sources that are not current have a place in the header; further ones are counted."""
IN_FULL = 2
"""More of them are named in short, so that all of them fit."""
SIZES = ((16, ""), (24, "long"), (32, "longer"))
"""Characters of a ward's name → how large it is written."""
LONGEST = "longest"
ONE_LINE = 48
"""Longer words about where it stands take two lines."""


def skeleton(page: Page) -> Component:
    """The header of one page."""
    key = page.key
    size = next((name for limit, name in SIZES if len(page.ward.name) <= limit), LONGEST)
    size = size or ("wide" if len(page.where) > ONE_LINE else "")
    named = html.Div([html.H1(page.ward.name), html.P(page.where)], className=f"who {size}")
    census = html.Div(
        [
            html.P([html.Span(id=f"{key}census-n", className="number"), html.Span(id=f"{key}census-w")]),
            html.Div([html.P(id=f"{key}census-a"), html.P(id=f"{key}census-b")]),
        ],
        id=f"{key}census",
        title=HEADLINE.label,
    )
    return html.Header([named, census, time_skeleton(), freshness_skeleton(key)])


def time_skeleton() -> Component:
    """The clock and the date, which the browser keeps."""
    return html.Div([html.P(className="clock"), html.P(className="date")], className="when")


def freshness_skeleton(key: str) -> Component:
    """The place of ``freshness_props``."""
    chips = [
        html.Span(
            [
                html.Span(id=f"{key}chip{number}-w"),
                html.Span(id=f"{key}chip{number}-a", className="age"),
                html.Span(id=f"{key}chip{number}-t"),
            ],
            id=f"{key}chip{number}",
        )
        for number in range(CHIPS)
    ]
    head = html.P([html.Span(id=f"{key}live"), html.Span(chips, className="chips")], className="head")
    return html.Div([head, html.P(id=f"{key}fresh-line", className="told")], id=f"{key}fresh", role="status")


def census_props(page: Page, what: Said) -> Props:
    """How many patients, of how many beds, or why that is not known."""
    key, known = page.key, bool(what.number)
    beds = f"{page.ward.beds} beds" if page.ward.beds is not None else ""
    below = what.when or beds
    return {
        f"{key}census": {"className": f"census {what.names}"},
        f"{key}census-n": {"children": what.number},
        f"{key}census-w": {"children": what.words},
        f"{key}census-a": {"children": "patients" if known else ""},
        f"{key}census-b": {"children": below if known else ""},
    }


def freshness_props(key: str, found: Freshness) -> Props:
    """Live, or every source that is not, with its age."""
    short, chips = len(found.chips) > IN_FULL, found.chips
    if len(chips) > CHIPS:
        chips = (*chips[: CHIPS - 1], Chip("", f"and {len(chips) - CHIPS + 1} more"))
    names = "freshness live" if found.live else f"freshness {'many' if short else 'some'}"
    said: Props = {
        f"{key}fresh": {"className": names},
        f"{key}live": {"children": "● Live" if found.live else "■"},
        f"{key}fresh-line": {"children": found.line},
    }
    for number in range(CHIPS):
        here = f"{key}chip{number}"
        chip = chips[number] if number < len(chips) else None
        if chip is None:
            said[here] = {"className": "off"}
            continue
        since = f"{chip.since.timestamp():.0f}" if chip.since and (short or chip.aged) else ""
        words = chip.name if short and since else chip.words
        said[here] = {"className": "chip"}
        said[f"{here}-w"] = {"children": f"{words} " if since else words}
        said[f"{here}-a"] = {"data-since": since}
        said[f"{here}-t"] = {"children": "" if short else chip.tail}
    return said
