"""The page of a unit: one row a measure with its latest point, lines and icons, and how many stand where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from layouts.charts.drawn import Drawn
from layouts.charts.frame import charts_page, crumbs, drawing, drawn_at, empty_words, icon
from layouts.charts.light import light_chart
from layouts.charts.says import (
    ASSURANCE_SHORT,
    KIND_WORDS,
    VARIATION_SHORT,
    Whose,
    figure,
    period,
    wards_reporting,
)
from layouts.markup import Drawing
from surveillance.settings import Settings
from surveillance.spc import Assurance, Variation, assurance_icon, variation_icon

HEADS: Final = ("Measure", "Latest", "Target", "Mean", "Lower limit", "Upper limit", "Variation", "Assurance")
RIGHT: Final = range(1, 6)
VARIATION_ROWS: Final[dict[str, tuple[Variation, ...]]] = {
    "Improvement": (Variation.IMPROVEMENT_HIGH, Variation.IMPROVEMENT_LOW),
    "Common cause": (Variation.COMMON_CAUSE,),
    "Concern": (Variation.CONCERN_HIGH, Variation.CONCERN_LOW),
    "Neither": (Variation.NEUTRAL_HIGH, Variation.NEUTRAL_LOW),
    "Too few points": (Variation.NONE,),
}
ASSURANCE_COLUMNS: Final = {
    "Pass": Assurance.PASS,
    "Hit and miss": Assurance.INCONSISTENT,
    "Fail": Assurance.FAIL,
    "No target": Assurance.NONE,
}


def summary(
    settings: Settings, unit: Whose, charts: Sequence[Drawn], now: datetime, *, fault: str = ""
) -> list[Component]:
    """The whole page. ``fault``: why the history cannot be read."""
    body: list[Component] = [crumbs(unit), _lead(unit, now)]
    if fault:
        body.append(html.P(fault, className="lead fault", role="alert"))
    elif not charts:
        body.append(html.P("No measure is drawn over time.", className="lead"))
    else:
        names = {ward.code: ward.name for ward in settings.wards}
        body += [_table(unit, charts, names), html.H2("Variation and assurance"), _grid(unit, charts)]
    return charts_page(f"{unit.name}: charts over time", body, settings)


def _lead(unit: Whose, now: datetime) -> Component:
    wards = "" if unit.kind == "ward" else f", {len(unit.wards)} {'ward' if len(unit.wards) == 1 else 'wards'}"
    said = html.Span(f"{KIND_WORDS[unit.kind]}{wards}. {drawn_at(now)}", className="quiet")
    return html.P([html.A("Download CSV", href=f"{unit.address}/data.csv"), said], className="ways")


def _table(unit: Whose, charts: Sequence[Drawn], names: Mapping[str, str]) -> Component:
    head = html.Tr([html.Th(name, scope="col", className="n" if n in RIGHT else "") for n, name in enumerate(HEADS)])
    rows = [_row(unit, one, names) for one in charts]
    named: dict[str, Any] = {"aria-label": "Latest point, lines and icons of every measure"}
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="summary")
    return html.Div(table, className="across", role="region", tabIndex="0", **named)


def _row(unit: Whose, one: Drawn, names: Mapping[str, str]) -> Component:
    charted, chart = one.charted, one.chart
    title = html.A(charted.title, href=unit.address_of(one.measure.id))
    about = html.Span(charted.unit, className="quiet unit")
    first = html.Th([title, about, _peek(unit, one)], scope="row")
    if chart.latest is None:
        return html.Tr([first, html.Td(empty_words(one), colSpan=len(HEADS) - 1, className="why")])
    at, point = one.series[chart.latest], chart.points[chart.latest]
    latest = [
        html.Strong(figure(point.value, charted)),
        html.Span(period(at.start, charted), className="quiet when"),
    ]
    if at.missing:
        words = wards_reporting(at.reporting, at.expected, at.missing, names)
        latest.append(html.Span(words, className="quiet when"))
    if later := len(one.series) - 1 - chart.latest:
        latest.append(html.Span(f"{later} later without a value", className="when gap-words"))
    centre = point.limits.centre
    middle: list[Any] = [
        figure(centre, charted),
        *([html.Span("median", className="quiet when")] if point.mean is None else []),
    ]
    return html.Tr(
        [
            first,
            html.Td(latest, className="n"),
            html.Td(figure(chart.target, charted), className="n"),
            html.Td(middle, className="n"),
            html.Td(figure(point.lpl, charted), className="n"),
            html.Td(figure(point.upl, charted), className="n"),
            html.Td(icon(variation_icon(chart.variation), VARIATION_SHORT[chart.variation])),
            html.Td(icon(assurance_icon(chart.assurance), ASSURANCE_SHORT[chart.assurance])),
        ]
    )


def _peek(unit: Whose, one: Drawn) -> Component:
    """The chart that shows itself when its row is pointed at, or its link has the keyboard's focus."""
    svg = light_chart(one.chart, f"{one.charted.title}, {unit.name}")
    return html.Span([drawing(svg), html.Span(one.charted.unit, className="quiet")], className="peek")


def _grid(unit: Whose, charts: Sequence[Drawn]) -> Component:
    """Counts by both icons; every cell names its measures."""
    corner = html.Th("Variation", scope="col")
    columns = [
        html.Th([Drawing(assurance_icon(mark)), html.Span(name)], scope="col")
        for name, mark in ASSURANCE_COLUMNS.items()
    ]
    rows = []
    for name, marks in VARIATION_ROWS.items():
        icons = html.Span([Drawing(variation_icon(mark)) for mark in marks], className="icons")
        cells: list[Component] = [html.Th([icons, html.Span(name)], scope="row")]
        for assurance in ASSURANCE_COLUMNS.values():
            here = [one for one in charts if one.chart.variation in marks and one.chart.assurance is assurance]
            links = [html.Li(html.A(one.charted.title, href=unit.address_of(one.measure.id))) for one in here]
            said = [html.Span(str(len(here)), className="count"), html.Ul(links)] if here else "0"
            cells.append(html.Td(said, className="some" if here else "none"))
        rows.append(html.Tr(cells))
    named: dict[str, Any] = {"aria-label": "How many measures have which icons"}
    table = html.Table([html.Thead(html.Tr([corner, *columns])), html.Tbody(rows)], className="grid")
    return html.Div(table, className="across", role="region", tabIndex="0", **named)
