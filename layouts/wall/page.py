"""A wall from its pages: the skeleton once, and what its ids show at any moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.freshness import freshness
from layouts.wall import header, team
from layouts.wall.plan import HEADLINE, PLACES, Page, Panel, drawn_as_cells
from layouts.wall.says import absent, part_labels, said
from layouts.wall.slots import SIGN, Props, Style, props, skeleton
from layouts.words import age, clock, day
from surveillance.measures import Measure
from surveillance.snapshot import Reading, Snapshot
from surveillance.team.board import Boards

VERSION = "version"
"""The id of the element that holds the version of what the browser shows."""


def wall(pages: Sequence[Page]) -> Component:
    """The skeleton of all pages, without any reading."""
    drawn = [_page(page) for page in pages]
    return html.Div([*drawn, html.Span(id=VERSION, hidden=True)], className="wall", id="wall")


def _page(page: Page) -> Component:
    timed: dict[str, Any] = {"data-dwell": f"{page.dwell_s:g}"}
    body = html.Main(_body(page), className=page.density)
    below = [team.skeleton(page.key)] if says_what_the_team_says(page) else []
    return html.Div([header.skeleton(page), body, *below], id=f"{page.key}page", className="page", **timed)


def says_what_the_team_says(page: Page) -> bool:
    """Whether there is a strip for it below: not for visitors, nor where letters are large."""
    return page.for_staff and page.density == "board"


def _body(page: Page) -> list[Component]:
    if page.density == "distance":
        return [_panel(page, panel) for panel in page.panels]
    return [html.Div(list(_column(page, place)), className=f"column {place}") for place in PLACES]


def _column(page: Page, place: str) -> Iterator[Component]:
    """The panels of a column; halves that follow each other share a row."""
    halves: list[Component] = []
    for panel in (panel for panel in page.panels if panel.section.place == place):
        if halves and not panel.section.half:
            yield html.Div(halves, className="halves")
            halves = []
        drawn = _panel(page, panel)
        if panel.section.half:
            halves.append(drawn)
        else:
            yield drawn
    if halves:
        yield html.Div(halves, className="halves")


def _panel(page: Page, panel: Panel) -> Component:
    section, key = panel.section, page.key
    note = [html.Span(section.note, className="note")] if section.note else []
    if page.for_staff and page.density == "distance":
        note.append(html.Span(id=f"{key}owned", className="note"))
    body: list[Component] = []
    if panel.tiles:
        tiles = [skeleton("tile", f"{key}{one.id}", one, alone=True) for one in panel.tiles]
        body.append(html.Div(tiles, className=f"tiles across-{section.across}"))
    if panel.matrix and section.matrix:
        heads = [html.Span(name, className="caption") for name in ("", *section.matrix.columns)]
        cells = [
            cell
            for name, row in zip(section.matrix.rows, panel.matrix, strict=False)
            for cell in (
                html.Span(name, className="caption"),
                *(skeleton("cell", f"{key}{one.id}", one) for one in row),
            )
        ]
        body.append(html.Div([*heads, *cells], className=f"matrix across-{len(section.matrix.columns)}"))
    if panel.table:
        labels = part_labels(panel.table[0])
        columns = [
            html.Th(words, scope="col", className="n", colSpan=1 if place else 2) for place, words in enumerate(labels)
        ]
        head = html.Tr([html.Th(section.note.capitalize(), scope="col"), *columns])
        rows = [skeleton("row", f"{key}{one.id}", one) for one in panel.table]
        body.append(html.Table([html.Thead(head), html.Tbody(rows)]))
        note = []
    if panel.scale:
        body += [skeleton("scale", f"{key}{one.id}", one) for one in panel.scale]
    if panel.lines:
        lines = [skeleton(_line_style(one), f"{key}{one.id}", one) for one in panel.lines]
        body.append(html.Div(lines, className="lines"))
    title = [html.H2([section.title, *note])] if section.title else []
    return html.Section([*title, *body], className="panel")


def _line_style(measure: Measure) -> Style:
    return "cells" if drawn_as_cells(measure) else "line"


def _styles(panel: Panel) -> Iterator[tuple[Style, Measure]]:
    """Every reading's place in the panel."""
    yield from (("tile", one) for one in panel.tiles)
    yield from (("cell", one) for row in panel.matrix for one in row)
    yield from (("row", one) for one in panel.table)
    yield from (("scale", one) for one in panel.scale)
    yield from ((_line_style(one), one) for one in panel.lines)


def wall_props(
    pages: Sequence[Page],
    snapshot: Snapshot | None,
    now: datetime,
    *,
    stage: str = "",
    lapsed: bool = False,
    boards: Boards | None = None,
) -> Props:
    """What every id of the skeleton shows at ``now``.

    ``stage``: what the program is busy with while there is no snapshot. ``lapsed``: nobody renews the snapshot.
    ``boards``: what the teams say.
    """
    fresh = freshness(snapshot, now, stage=stage, lapsed=lapsed)
    found: Props = {}
    for page in pages:
        code = page.ward.code
        ours = {**snapshot.readings.get(code, {}), **snapshot.forecasts.get(code, {})} if snapshot else {}
        headline = _reading(ours, HEADLINE, code)
        found |= header.census_props(page, said(HEADLINE, headline, now))
        found |= header.freshness_props(page.key, fresh)
        board = (boards or {}).get(code) if page.for_staff else None
        if says_what_the_team_says(page):
            found |= team.props(page.key, board, ours, now)
        owns = False
        for panel in page.panels:
            for style, measure in _styles(panel):
                what = said(measure, _reading(ours, measure, code), now)
                if board and (owned := board.owned.get(measure.id)) and team.still_asks(ours.get(measure.id)):
                    what = replace(what, owned=team.owned_words(owned, now))
                    owns = owns or bool(what.mark)
                found |= props(
                    style,
                    f"{page.key}{measure.id}",
                    measure,
                    what,
                    details=panel.section.details,
                    far=page.density == "distance",
                )
        if page.for_staff and page.density == "distance":
            found[f"{page.key}owned"] = {"children": f"{SIGN} owned" if owns else ""}
    return found


def _reading(ours: Mapping[str, Reading], measure: Measure, code: str) -> Reading:
    return ours.get(measure.id) or absent(measure, code)


def filled(node: Any, shown: Props, now: datetime) -> Any:
    """A copy of a skeleton with what its ids show put in, and what a browser's clock keeps up to date afterwards."""
    if isinstance(node, list):
        return [filled(child, shown, now) for child in node]
    if not isinstance(node, Component):
        return node
    described: dict[str, Any] = node.to_plotly_json()  # type: ignore[no-untyped-call]  # published without types
    own = dict(described["props"])
    own |= shown.get(str(own.get("id", "")), {})
    if own.get("className") == "clock":
        own["children"] = clock(now, now)
    elif own.get("className") == "date":
        own["children"] = day(now)
    elif since := own.get("data-since"):
        own["children"] = age(now - datetime.fromtimestamp(float(since), UTC))
    own["children"] = filled(own.get("children"), shown, now)
    made: Component = type(node)(**own)
    return made
