"""The pages of charts: a second Dash application, behind pages that are whole before any of its JavaScript runs.

Only the chart itself is Dash's (Plotly draws it); tables, words, icons and small charts are HTML made here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import flask
from dash import Dash, Input, Output, dcc, html, no_update
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from layouts.charts.choose import choose
from layouts.charts.compare import comparison, comparison_sheet, shown_funnel
from layouts.charts.detail import detail
from layouts.charts.drawn import Drawn, readable
from layouts.charts.figure import full_chart
from layouts.charts.frame import empty_words
from layouts.charts.funnel import funnel_figure
from layouts.charts.says import Whose, whose
from layouts.charts.sheet import file_name, points_sheet, summary_sheet
from layouts.charts.summary import summary
from layouts.document import message
from layouts.markup import document
from surveillance.hub import Hub, Seen
from surveillance.measures import CATALOGUE, Measure
from surveillance.settings import Settings
from surveillance.spc import explain

PREFIX = "/charts/"
DATA = "/data.csv"
NOT_ON_A_CHART = re.compile(r'<script src="[^"]*/(?:dash_table|dash_ag_grid)/[^"]*"></script>\n?')
"""Dash's bundles of tables; a chart's page has its own."""
MEASURE = "measure"
"""Stands where a kind of unit would: the wards side by side."""
NOT_KEPT = {"Cache-Control": "no-store"}
NOT_READ = "The history cannot be read: {}."
NO_MEANING = "This measure has no meaning on {}."


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address under /charts names. ``unit``: None for wards side by side, and for the choice of units."""

    unit: Whose | None = None
    measure: Measure | None = None
    data: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What was read for a page: one chart, those of a unit, or those of wards by code; or why nothing could be."""

    one: Drawn | None = None
    many: Sequence[Drawn] = ()
    wards: Mapping[str, Drawn] | None = None
    fault: str = ""


def asked_for(settings: Settings, path: str) -> Asked | None:
    """What ``path`` names; None if that is not there. A unit's code may hold any character, also a slash."""
    path = path.rstrip("/")
    data = path.endswith(DATA)
    kind, _, rest = path.removesuffix(DATA).removeprefix(PREFIX.rstrip("/")).lstrip("/").partition("/")
    if not kind:
        return None if data else Asked()
    if kind == MEASURE:
        measure = _charted(rest)
        return Asked(None, measure, data) if measure else None
    units = {unit.code: unit for unit in whose(settings) if unit.kind == kind}
    if rest in units:
        return Asked(units[rest], None, data)
    code, _, name = rest.rpartition("/")
    measure = _charted(name)
    return Asked(units[code], measure, data) if measure and code in units else None


def _charted(name: str) -> Measure | None:
    measure = CATALOGUE.get(name)
    return measure if measure and measure.charted else None


class ChartsApp(Dash):
    """The Dash application of the pages that hold a chart of Plotly's; every other page is without JavaScript."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        super().__init__(
            "surveillance.charts",
            title="Charts over time",
            include_assets_files=False,
            requests_pathname_prefix=PREFIX,
            routes_pathname_prefix=PREFIX,
            update_title="",
        )
        self.layout = html.Div([dcc.Location(id="address", refresh=False), html.Div(id="place")])
        self.callback(Output("place", "children"), Input("address", "pathname"))(self.graph)

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]  # Dash names every part
        """The HTML of the page that a browser asked for."""
        seen = self._hub.look()
        asked = asked_for(seen.settings, flask.request.path) if seen.settings else None
        if asked is None or asked.measure is None or seen.settings is None:  # but for a race the pages have seen to it
            flask.abort(503)
        end = NOT_ON_A_CHART.sub("", "\n".join(parts[name] for name in ("config", "scripts", "renderer")))
        found = read(seen, asked)
        return page_of(seen, seen.settings, asked, found, graph=parts["app_entry"], end=end)

    def graph(self, path: str | None) -> Any:
        """The chart of the page at ``path``, to be drawn by Plotly; nothing where there is none."""
        seen = self._hub.look()
        settings = seen.settings
        asked = asked_for(settings, unquote(path)) if settings and path else None
        if settings is None or asked is None or asked.measure is None:
            return no_update
        names = {ward.code: ward.name for ward in settings.wards}
        figure = figure_of(asked.measure, read(seen, asked), names)
        if figure is None:
            return no_update
        room = {"height": f"{figure['layout']['height']}px"}
        still: Any = {"displayModeBar": False, "doubleClick": "reset"}
        return dcc.Graph(figure=figure, responsive=True, config=still, style=room)


def figure_of(measure: Measure, found: Found, names: Mapping[str, str]) -> dict[str, Any] | None:
    """What Plotly draws on a page; None where the page says why there is nothing."""
    if found.one is not None:
        return full_chart(found.one, names) if found.one.chart.latest is not None else None
    if found.wards is not None and measure.charted and (funnel := shown_funnel(measure.charted, found.wards)):
        return funnel_figure(funnel, names, measure.better)
    return None


def read(seen: Seen, asked: Asked) -> Found:
    """What the history says, or why it cannot be read."""
    book, unit, measure = seen.book, asked.unit, asked.measure
    if unit is None and measure is None:
        return Found()
    if book is None:
        return Found(fault=NOT_READ.format("no store is kept"))
    if unit is None:
        charts = book.wards(measure.id) if measure else []
    elif measure is None:
        charts = book.summary(unit.kind, unit.code)
    else:
        one = book.chart(measure.id, unit.kind, unit.code)
        if one is None:
            return Found(fault=NO_MEANING.format(unit.name))
        charts = [one]
    drawn = readable(charts)
    if len(drawn) < len(charts):
        return Found(fault=NOT_READ.format(book.error or charts[0].unreadable))
    if unit is None:
        return Found(wards={one.of.code: one for one in drawn})
    return Found(many=drawn) if measure is None else Found(drawn[0])


def page_of(seen: Seen, settings: Settings, asked: Asked, found: Found, *, graph: str = "", end: str = "") -> str:
    """The HTML of a page."""
    unit, measure, now, fault = asked.unit, asked.measure, seen.now, found.fault
    if unit is None and measure is None:
        title, body = "Charts over time", choose(settings, whose(settings))
    elif unit is None:
        assert measure is not None
        assert measure.charted is not None
        title = f"{measure.charted.title}: wards"
        body = comparison(settings, measure, measure.charted, found.wards or {}, now, fault=fault, graph=graph)
    elif measure is None:
        title, body = f"{unit.name}: charts", summary(settings, unit, found.many, now, fault=fault)
    else:
        title = f"{measure.charted.title if measure.charted else measure.label}: {unit.name}"
        body = detail(
            settings, unit, measure, found.one, seen.snapshot, now, fault=fault, stage=seen.stage, graph=graph
        )
    head = '<link rel="stylesheet" href="/assets/charts.css">\n'
    return document(title, body, head=head, end=end, renewed=False)


class ChartPages:
    """An ASGI endpoint for everything under /charts. ``drawn``: the Dash application behind it."""

    def __init__(self, hub: Hub, drawn: ASGIApp) -> None:
        self._hub = hub
        self._drawn = drawn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the history is read aside, so that no wall waits for it."""
        answer = await run_in_threadpool(self._answer, str(scope["path"]))
        await (answer or self._drawn)(scope, receive, send)

    def _answer(self, path: str) -> Response | None:
        """The answer; None where Dash has to draw."""
        seen = self._hub.look()
        settings = seen.settings
        if settings is None:
            body = message("Starting, no snapshot yet", seen.stage)
            return _html(document("Starting", body), 503)
        asked = asked_for(settings, path)
        if asked is None:
            words = "There is no such unit, or no such measure that is drawn over time."
            return _html(
                document("No such chart", message("No such chart", words, hint=("/charts", "all charts"))), 404
            )
        found = read(seen, asked)
        if asked.data:
            return _csv(settings, asked, found, seen.now)
        names = {ward.code: ward.name for ward in settings.wards}
        if asked.measure and figure_of(asked.measure, found, names):
            return None
        return _html(page_of(seen, settings, asked, found), 503 if found.fault else 200)


def _csv(settings: Settings, asked: Asked, found: Found, now: datetime) -> Response:
    unit, measure = asked.unit, asked.measure
    names = {ward.code: ward.name for ward in settings.wards}
    if found.fault:
        return Response(found.fault, 503, NOT_KEPT, "text/plain")
    if unit is None:
        assert measure is not None
        assert measure.charted is not None
        text = comparison_sheet(settings, measure, measure.charted, found.wards or {}, now)
        name = file_name("wards", measure.id, now=now)
    elif measure is None:
        text = summary_sheet(unit, found.many, names, now, {one.measure.id: empty_words(one) for one in found.many})
        name = file_name(unit.kind, unit.code, now=now)
    else:
        assert found.one is not None
        text = points_sheet(unit, found.one, names, now, explain(found.one.chart))
        name = file_name(unit.kind, unit.code, measure.id, now=now)
    headers = {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), 200, headers, "text/csv; charset=utf-8")


def _html(text: str, code: int = 200) -> HTMLResponse:
    return HTMLResponse(text, code, NOT_KEPT)


def charts_app(hub: Hub) -> tuple[Any, Sequence[str]]:
    """The WSGI application, and the hashes of the inline scripts that its pages hold."""
    app = ChartsApp(hub)
    return app.server, app.csp_hashes()
