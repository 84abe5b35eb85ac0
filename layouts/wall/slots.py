"""The places that hold one reading each: a tile, a cell, a line of a table, steps of a scale, or a line.

``skeleton`` draws a place once, without any reading; ``props`` says what stands in it now, by id.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component

from layouts.wall.says import STEPS, Said, label_of, part_labels
from surveillance.measures import Measure
from surveillance.measures.declaration import Kind

Style = Literal["tile", "cell", "row", "scale", "line", "cells"]
Props = dict[str, dict[str, Any]]

SIGN = "◆"
"""At a figure that somebody looks after: quiet, behind the mark of its level. What it means is said once a page."""
LARGEST = ("number", "beside", "words")
DATED = (Kind.SCALE, Kind.LABEL)
"""Kinds of which, in a line, the few words more are a date, where no mark needs the room."""
LARGE = 3
"""So many characters of a tile's number need smaller digits."""


def skeleton(style: Style, key: str, measure: Measure, *, alone: bool = False) -> Component:
    """The component of a place. ``key``: its id. ``alone``: see ``label_of``."""
    label = html.P(label_of(measure, alone=alone), className="label")
    if style == "tile":
        return html.Div([label, _figure(key)], id=key)
    if style == "cell":
        return html.Div([html.P(measure.label, className="unseen"), _figure(key)], id=key)
    if style == "row":
        numbers = [html.Td(id=f"{key}-{number}") for number in range(len(part_labels(measure)))]
        return html.Tr([html.Th(label_of(measure), scope="row"), html.Td(id=f"{key}-m"), *numbers], id=key)
    aside = [html.Span(id=f"{key}-f", className="foot"), html.Span(id=f"{key}-m", className="mark")]
    if style == "scale":
        steps = [html.Span(str(step), id=f"{key}-{step}") for step in range(1, STEPS + 1)]
        above = html.Div([label, *aside, html.Span(id=f"{key}-w", className="words")], className="above")
        return html.Div([above, html.Div(steps, className="steps")], id=key)
    names = part_labels(measure)
    captions = names if len(names) > 1 else ("",)
    parts = [
        html.Span([html.Span(caption, className="caption"), html.Span(id=f"{key}-{number}", className="number")])
        for number, caption in enumerate(captions)
    ]
    figure = html.Div([*parts, html.Span(id=f"{key}-w", className="words")], className="figure")
    return html.Div([label, *aside, figure], id=key)


def props(style: Style, key: str, measure: Measure, what: Said, *, details: bool = True, far: bool = False) -> Props:
    """What stands in the place now: id → properties.

    ``details``: whether a tile has room for them. ``far``: letters are so large that words must be few.
    """
    explained = "; ".join(words for words in (what.explained, what.owned) if words)
    whole: dict[str, Any] = {"className": f"{style} {what.names}", "title": explained}
    if what.owned and what.mark:
        what = replace(what, mark=f"{what.mark} {SIGN}")
    if style in ("tile", "cell"):
        large = len(what.number) >= LARGE
        more = (what.detail or what.below) if style == "tile" and details and not large else ""
        whole["className"] += " long" if large else ""
        return {
            key: whole,
            f"{key}-n": {"children": what.number},
            f"{key}-b": {"children": what.beside},
            f"{key}-w": {"children": what.brief if far and what.words else what.words},
            f"{key}-m": {"children": what.mark},
            f"{key}-f": {"children": (what.brief if far else what.when) if what.when else more},
        }
    if style == "row":
        return {key: whole} | _row(key, measure, what)
    dated = what.detail if style == "line" and measure.kind in DATED and not what.mark else ""
    said = {key: whole, f"{key}-m": {"children": what.mark}}
    said[f"{key}-f"] = {"children": what.brief if what.when else dated}
    said[f"{key}-w"] = {"children": what.words}
    if style == "scale":
        steps = {f"{key}-{step}": {"className": "step"} for step in range(1, STEPS + 1)}
        if (here := f"{key}-{what.number}") in steps:
            steps[here] = {"className": "step here"}
        return said | steps
    empty = ("",) * len(part_labels(measure))
    return said | {f"{key}-{number}": {"children": text} for number, text in enumerate(what.cells or empty)}


def _figure(key: str) -> Component:
    """The number or the words, and beside or below them whatever else there is."""
    large = [html.Span(id=f"{key}-{part}", className=name) for part, name in zip("nbw", LARGEST, strict=True)]
    aside = [html.Span(id=f"{key}-m", className="mark"), html.Span(id=f"{key}-f", className="foot")]
    return html.Div([html.Div(large, className="figure"), html.Div(aside, className="aside")], className="said")


def _row(key: str, measure: Measure, what: Said) -> Props:
    """A line of the table: words without a number take the room of the numbers."""
    count = len(part_labels(measure))
    if not what.cells:
        off: Props = {f"{key}-{number}": {"children": "", "className": "off"} for number in range(count)}
        return off | {f"{key}-m": {"children": what.brief, "colSpan": count + 1, "className": "words"}}
    numbers: Props = {f"{key}-{n}": {"children": text, "className": "n"} for n, text in enumerate(what.cells)}
    aside = what.mark or what.brief
    return numbers | {f"{key}-m": {"children": aside, "colSpan": 1, "className": "mark" if what.mark else "foot"}}
