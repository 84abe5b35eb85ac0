"""Are we improving: a few control charts with their icons, drawn on the server; one that is not there says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from layouts.executive.plan import Page
from layouts.wall.slots import Props

NONE_YET = "No chart yet: no week is complete"


@dataclass(frozen=True, slots=True)
class Face:
    """What a wall shows of a chart.

    ``latest``: its last value in words. ``variation``, ``assurance``: addresses of the icons and what they say.
    ``image``: address of the drawing without its palette; empty where there is nothing to draw, and ``why`` says so.
    """

    latest: str = ""
    variation: tuple[str, str] = ("", "")
    assurance: tuple[str, str] = ("", "")
    image: str = ""
    described: str = ""
    why: str = NONE_YET


Charts = Mapping[str, Face]
"""Measure id → its chart of the wall's unit."""


def skeleton(page: Page) -> Component:
    """A place for each chart of the page."""
    drawn = [_place(f"{page.key}g{n}", one.charted.title, one.charted.unit) for n, one in enumerate(page.charts)
             if one.charted]  # fmt: skip
    return html.Section([html.H2("Are we improving?"), *drawn], className="panel improving")


def _place(key: str, title: str, unit: str) -> Component:
    named = html.H3([title, html.Span(unit, className="unit")])
    icons = html.Span([html.Img(id=f"{key}v"), html.Img(id=f"{key}a")], className="icons")
    head = html.Div([named, html.Span(id=f"{key}l", className="latest"), icons], className="chart-head")
    images = [html.Img(id=f"{key}{palette[0]}", className=f"drawn {palette}") for palette in ("day", "night")]
    return html.Div([head, *images, html.P(id=f"{key}w", className="why")], id=key, className="chart")


def props(page: Page, drawn: Charts) -> Props:
    """What stands in the places."""
    found: Props = {}
    for n, measure in enumerate(page.charts):
        face, key = drawn.get(measure.id) or Face(), f"{page.key}g{n}"
        for end, (source, words) in (("v", face.variation), ("a", face.assurance)):
            found[f"{key}{end}"] = {"src": source or None, "alt": words, "className": "icon" if source else "off"}
        for palette in ("day", "night"):
            drawn_at = f"{face.image}&palette={palette}" if face.image else None
            alt = face.described if palette == "day" else ""
            found[f"{key}{palette[0]}"] = {
                "src": drawn_at,
                "alt": alt,
                "className": f"drawn {palette}" if drawn_at else "off",
            }
        found[f"{key}l"] = {"children": face.latest}
        found[f"{key}w"] = {"children": "" if face.image else face.why}
    return found
