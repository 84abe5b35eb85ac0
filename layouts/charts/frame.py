"""What the pages of charts share: the frame, where a reader is, icons, and why nothing is drawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from layouts.charts.drawn import Drawn
from layouts.charts.palette import CLASS_NAMES
from layouts.charts.says import Whose, day
from layouts.document import page
from layouts.markup import Drawing
from layouts.words import clock, local
from surveillance.settings import Settings
from surveillance.spc import Chart, Kind, PointType

KEY: Final = {
    PointType.COMMON_CAUSE: "common cause",
    PointType.IMPROVEMENT: "special cause, improvement",
    PointType.CONCERN: "special cause, concern",
    PointType.NEUTRAL_HIGH: "special cause up, neither better nor worse",
    PointType.NEUTRAL_LOW: "special cause down, neither better nor worse",
}
SIGNS: Final = {
    PointType.COMMON_CAUSE: '<circle cx="8" cy="8" r="4.5"/>',
    PointType.IMPROVEMENT: '<rect x="3" y="3" width="10" height="10"/>',
    PointType.CONCERN: '<path d="M8 1l7 7-7 7-7-7z"/>',
    PointType.NEUTRAL_HIGH: '<path d="M8 2l6 12h-12z"/>',
    PointType.NEUTRAL_LOW: '<path d="M8 14l6-12h-12z"/>',
}
GAP_SIGN: Final = '<rect x="4" width="8" height="16"/>'


def charts_page(title: str, body: Sequence[Component], settings: Settings) -> list[Component]:
    """A page at a desk."""
    return page(title, *body, site=settings.site.name)


def crumbs(unit: Whose | None = None, measure: str = "") -> Component:
    """Where the reader is among the charts."""
    steps: list[Component] = [html.Li(html.A("All units", href="/charts"))]
    if unit:
        steps.append(html.Li(html.A(unit.name, href=unit.address) if measure else unit.name))
    if measure:
        steps.append(html.Li(measure))
    named: dict[str, Any] = {"aria-label": "Among the charts"}
    return html.Nav(html.Ol(steps), className="crumbs", **named)


def drawn_at(now: datetime) -> str:
    """When the page was made."""
    return f"Drawn at {clock(now, now)}, {day(local(now).date())}."


def drawing(svg: str) -> Component:
    """A drawing of ours in a page."""
    return html.Span(Drawing(svg), className="drawing")


def icon(svg: str, words: str) -> Component:
    """An icon with a few words beside it."""
    return html.Span([Drawing(svg), html.Span(words)], className="icon")


def empty_words(one: Drawn) -> str:
    """Why a chart has no point at all."""
    if not one.series:
        return "No week is complete yet."
    reasons = list(dict.fromkeys(point.reason for point in one.series if point.reason))
    return f"No week has a value: {'; '.join(reasons)}." if reasons else "No week has a value."


def key(chart: Chart) -> Component:
    """What the points are, as far as the chart has them."""
    kinds = {point.point_type for point in chart.points if point.value is not None}
    gaps = any(point.value is None for point in chart.points)
    return key_of(set() if chart.kind is Kind.RUN else kinds, gaps=gaps)


def key_of(kinds: Collection[PointType], *, gaps: bool = False) -> Component:
    """What these classes look like."""
    marks = [(CLASS_NAMES[kind], SIGNS[kind], words) for kind, words in KEY.items() if kind in kinds]
    marks += [("gap", GAP_SIGN, "no value")] if gaps else []
    items = [
        html.Li([Drawing(f'<svg viewBox="0 0 16 16" aria-hidden="true">{sign}</svg>'), words], className=f"of-{name}")
        for name, sign, words in marks
    ]
    return html.Ul(items, className="key")
