"""The page of one measure of one unit: its chart, what the rules say of it, its points, and what it is made of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from layouts.charts.drawn import Drawn
from layouts.charts.figure import dated, phases_of
from layouts.charts.frame import charts_page, crumbs, drawing, drawn_at, empty_words, icon, key
from layouts.charts.light import light_chart
from layouts.charts.now import made_of_now
from layouts.charts.says import (
    METHOD_WORDS,
    Whose,
    amount,
    class_words,
    day,
    figure,
    listed,
    period,
    periods,
)
from layouts.markup import Drawing
from surveillance.measures.declaration import Form, Measure
from surveillance.settings import Settings
from surveillance.snapshot import Snapshot
from surveillance.spc import (
    ASSURANCE_WORDS,
    VARIATION_WORDS,
    Kind,
    assurance_icon,
    explain,
    variation_icon,
    words,
)

FIRST_SIZE: Final = (1040, 470)
"""Of the drawing that stands until Plotly has drawn, and where there is no JavaScript."""


def detail(
    settings: Settings,
    unit: Whose,
    measure: Measure,
    one: Drawn | None,
    snapshot: Snapshot | None,
    now: datetime,
    *,
    fault: str = "",
    stage: str = "",
    graph: str = "",
) -> list[Component]:
    """The whole page. ``one``: None with a ``fault``. ``graph``: the HTML into which Dash draws the chart."""
    names = {ward.code: ward.name for ward in settings.wards}
    title = measure.charted.title if measure.charted else measure.label
    body: list[Component] = [crumbs(unit, title), _ways(unit, measure, now)]
    if one is None:
        body.append(html.P(fault, className="lead fault", role="alert"))
    elif one.chart.latest is None:
        body += [html.P(empty_words(one), className="lead fault"), _definition(measure)]
    else:
        body += [
            html.Section([_chart(one, unit, graph), _reading(one)], className="chart-and-reading"),
            *_rules(one),
            *_dates(one),
            _definition(measure),
        ]
    body += made_of_now(settings, unit, measure, snapshot, now, stage)
    if one is not None and one.series:
        body += _points(one, names)
    return charts_page(f"{title} · {unit.name}", body, settings)


def _ways(unit: Whose, measure: Measure, now: datetime) -> Component:
    links = [
        html.A("Download CSV", href=f"{unit.address_of(measure.id)}/data.csv"),
        html.A("Compare wards", href=f"/charts/measure/{measure.id}"),
    ]
    return html.P([*links, html.Span(drawn_at(now), className="quiet")], className="ways")


def _chart(one: Drawn, unit: Whose, graph: str) -> Component:
    words_of = f"{one.charted.title}, {unit.name}. {explain(one.chart)} Every point stands in the table below."
    width, height = FIRST_SIZE
    first = light_chart(one.chart, words_of, width=width, height=height)
    return html.Figure(
        [
            html.Figcaption([html.Strong(one.charted.title), f" {one.charted.unit}"]),
            html.Div([drawing(first), Drawing(graph)], className="full"),
            key(one.chart),
        ],
        className="chart",
    )


def _reading(one: Drawn) -> Component:
    """Beside the chart: the icons, the latest point and the lines."""
    chart, charted = one.chart, one.charted
    assert chart.latest is not None
    at, point = one.series[chart.latest], chart.points[chart.latest]
    middle = "Mean" if point.mean is not None else "Median"
    facts = [
        ("Latest", f"{figure(point.value, charted)}, {period(at.start, charted)}"),
        (middle, figure(point.limits.centre, charted)),
        ("Limits", f"{figure(point.lpl, charted)} to {figure(point.upl, charted)}"),
        ("Target", figure(chart.target, charted) if chart.target is not None else "none"),
    ]
    if later := len(one.series) - 1 - chart.latest:
        facts.append(("Since then", f"{later} without a value: {one.series[-1].reason or 'no reason is kept'}"))
    parts = [part for name, said in facts for part in (html.Dt(name), html.Dd(said))]
    icons = [
        icon(variation_icon(chart.variation), VARIATION_WORDS[chart.variation]),
        icon(assurance_icon(chart.assurance), ASSURANCE_WORDS[chart.assurance]),
    ]
    return html.Div([*icons, html.Dl(parts), html.P(METHOD_WORDS[chart.kind], className="quiet")], className="reading")


def _rules(one: Drawn) -> list[Component]:
    """Each rule that holds anywhere, with the weeks at which it does."""
    heading = html.H2("Rules that fired")
    if one.chart.kind is Kind.RUN:
        return [heading, html.P("None can: a run chart has no limits.")]
    runs: dict[tuple[str, str], list[list[int]]] = {}
    for index, point in enumerate(one.chart.points):
        for said in words(one.chart, index):
            found = runs.setdefault((said, class_words(point.point_type, one.chart)), [])
            if found and found[-1][-1] == index - 1:
                found[-1].append(index)
            else:
                found.append([index])
    if not runs:
        return [heading, html.P("None: every point is common cause variation.")]
    lines = sorted((run[-1], run, *said) for said, of_rule in runs.items() for run in of_rule)[::-1]
    items = [
        html.Li([html.Strong(f"{kind}: "), f"{said}, {periods(_starts(one, run), one.charted)}"])
        for _, run, said, kind in lines
    ]
    return [heading, html.Ul(items, className="rules")]


def _starts(one: Drawn, run: Sequence[int]) -> list[date]:
    return [one.series[index].start for index in run]


def _dates(one: Drawn) -> list[Component]:
    found = dated(one)
    if not found:
        return []
    items = [html.Li([html.Strong(f"{day(at)}: "), said]) for at, said, _ in found]
    return [html.H2("Phases and notes"), html.Ul(items, className="rules")]


def _definition(measure: Measure) -> Component:
    facts = [
        ("Counts", measure.counts),
        ("Out of", measure.out_of),
        ("Drawn as", measure.charted.unit if measure.charted else ""),
        ("Standard", measure.standard.text),
        ("Version", str(measure.version)),
    ]
    parts = [part for name, said in facts if said for part in (html.Dt(name), html.Dd(said))]
    more = html.P(html.A("The whole definition", href=f"/measures#{measure.id}"))
    return html.Div([html.H2("What is measured"), html.Dl(parts), more], className="measured")


def _points(one: Drawn, names: Mapping[str, str]) -> list[Component]:
    """The same as the chart, the newest first."""
    events = one.charted.form is Form.EVENTS
    heads = [
        "Event" if events else "Week of",
        "Value",
        "Numerator",
        "Denominator",
        "Mean",
        "Lower limit",
        "Upper limit",
    ]
    heads += ["What it is", "Rules", "Wards", "Why there is no value"]
    head = html.Tr([html.Th(name, scope="col", className="n" if 0 < n < 7 else "") for n, name in enumerate(heads)])
    starts = {start for start, _ in phases_of(one)}
    rows = []
    for index in reversed(range(len(one.series))):
        at, point = one.series[index], one.chart.points[index]
        numbers = [
            figure(point.value, one.charted),
            amount(at.numerator),
            amount(at.denominator),
            figure(point.limits.centre, one.charted),
            figure(point.lpl, one.charted),
            figure(point.upl, one.charted),
        ]
        wards = f"{at.reporting} of {at.expected}" if at.expected else ""
        wards += f", without {listed(at.missing, names)}" if at.missing else ""
        said = [
            class_words(point.point_type, one.chart) if point.value is not None else "No value",
            "; ".join(words(one.chart, index)),
            wards,
            at.reason,
        ]
        cells = [html.Th(day(at.start), scope="row"), *(html.Td(number, className="n") for number in numbers)]
        names_of = " ".join(("gap",) * (point.value is None) + ("starts",) * (index in starts and index > 0))
        rows.append(html.Tr([*cells, *(html.Td(text) for text in said)], className=names_of or None))
    named: dict[str, Any] = {"aria-label": "Every point of the chart"}
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="points")
    return [
        html.H2("Every point", id="points"),
        html.Div(table, className="across", role="region", tabIndex="0", **named),
    ]
