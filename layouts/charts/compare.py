"""The page that compares wards on one measure: a funnel plot, and a small chart of each; never a ranked list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from layouts.charts.drawn import Drawn
from layouts.charts.frame import charts_page, crumbs, drawing, drawn_at, empty_words, key_of
from layouts.charts.funnel import WEEKS, Funnel, Share, class_of, funnel, is_share, standing_words
from layouts.charts.light import light_chart, span_of
from layouts.charts.says import (
    ASSURANCE_SHORT,
    CLASS_LABELS,
    VARIATION_SHORT,
    Whose,
    amount,
    day,
    figure,
    period,
)
from layouts.charts.sheet import Cell, sheet
from layouts.markup import Drawing
from layouts.words import local
from surveillance.measures import Measure
from surveillance.measures.declaration import Charted
from surveillance.settings import Settings
from surveillance.spc import Kind, assurance_icon, explain, variation_icon

SIZE: Final = (300, 104)
COLUMNS: Final = (
    "ward",
    "code",
    "numerator",
    "denominator",
    "value",
    "weeks with a value",
    "where it stands",
    "latest week",
    "latest value",
    "variation",
    "assurance",
    "why nothing is drawn",
)


def comparison(
    settings: Settings,
    measure: Measure,
    charted: Charted,
    charts: Mapping[str, Drawn],
    now: datetime,
    *,
    fault: str = "",
    graph: str = "",
) -> list[Component]:
    """The whole page. ``charts``: of every ward, by its code. ``graph``: the HTML into which Dash draws the funnel."""
    names = {ward.code: ward.name for ward in settings.wards}
    link = html.A("Download CSV", href=f"/charts/measure/{measure.id}/data.csv")
    drawn = html.Span(drawn_at(now), className="quiet")
    body: list[Component] = [crumbs(None, f"{charted.title}, wards"), html.P([link, drawn], className="ways")]
    if fault:
        body.append(html.P(fault, className="lead fault", role="alert"))
    else:
        body += _funnel_section(measure, charted, charts, names, graph)
        body += _multiples(settings, measure, charted, charts)
        more = html.A("The whole definition", href=f"/measures#{measure.id}")
        body += [html.H2("What is measured"), html.P([f"{measure.counts}. ", more])]
    return charts_page(f"{charted.title}: wards side by side", body, settings)


def shown_funnel(charted: Charted, charts: Mapping[str, Drawn]) -> Funnel | None:
    """The funnel of the page, if the measure is a share and anything can be added up."""
    return funnel(charts) if is_share(charted) else None


def comparison_sheet(
    settings: Settings, measure: Measure, charted: Charted, charts: Mapping[str, Drawn], now: datetime
) -> str:
    """What the page shows, as CSV, in the organisation's order."""
    drawn = shown_funnel(charted, charts)
    head: list[tuple[str, Cell]] = [
        ("measure", measure.label),
        ("measure id", measure.id),
        ("unit", settings.site.name),
        ("unit of the values", charted.unit),
        ("definition version", measure.version),
        ("made at", f"{local(now):%Y-%m-%d %H:%M:%S %Z}"),
    ]
    if drawn:
        head += [("weeks added up", f"{drawn.since.isoformat()} to {drawn.until.isoformat()}")]
        head += [("all wards", 100 * drawn.mean), ("limits", "Wilson score interval, 2 and 3 sigma")]
    return sheet(head, COLUMNS, _lines(settings, charts, drawn))


def _lines(settings: Settings, charts: Mapping[str, Drawn], drawn: Funnel | None) -> Iterator[list[Cell]]:
    shares = {share.ward: share for share in drawn.shares} if drawn else {}
    for ward in settings.wards:
        one, share = charts.get(ward.code), shares.get(ward.code)
        sums: list[Cell] = [None] * 5
        if share and drawn:
            sums = [share.numerator, share.denominator, 100 * share.value, share.weeks, standing_words(drawn, share)]
        if one is None or one.chart.latest is None:
            yield [ward.name, ward.code, *sums, *[None] * 4, empty_words(one) if one else "not charted for this ward"]
            continue
        at, chart = one.series[one.chart.latest], one.chart
        icons = [VARIATION_SHORT[chart.variation], ASSURANCE_SHORT[chart.assurance]]
        yield [ward.name, ward.code, *sums, at.start.isoformat(), at.value, *icons, ""]


def _funnel_section(
    measure: Measure, charted: Charted, charts: Mapping[str, Drawn], names: Mapping[str, str], graph: str
) -> list[Component]:
    heading = html.H2("Funnel plot")
    if not is_share(charted):
        words = "A funnel plot is drawn of cases that count or do not, out of those due: this measure is none of these."
        return [heading, html.P(words)]
    drawn = funnel(charts)
    if drawn is None:
        return [heading, html.P(f"No ward has a value in the last {WEEKS} weeks.", className="lead fault")]
    lead = (
        f"{charted.title}, {charted.unit.partition(',')[0]}, from the week of {day(drawn.since)} to that of "
        f"{day(drawn.until)}, by the number that it is out of. The limits are Wilson score intervals around all wards "
        "together: one ward in 20 lies beyond the inner (two sigma) by chance, one in 370 beyond the outer "
        "ones (three sigma). Wards differ in their patients: a ward outside is a reason to ask, not a verdict."
    )
    kinds = {class_of(drawn, share, measure.better) for share in drawn.shares}
    chart = html.Figure(
        [html.Div([Drawing(graph)], className="full funnel"), key_of(kinds)],
        className="chart",
    )
    return [heading, html.P(lead, className="lead-in"), chart, _table(measure, drawn, names)]


def _table(measure: Measure, drawn: Funnel, names: Mapping[str, str]) -> Component:
    heads = ("Ward", "Value", "Numerator", "Denominator", "Weeks", "Where it stands")
    head = html.Tr([html.Th(name, scope="col", className="n" if 0 < n < 5 else "") for n, name in enumerate(heads)])
    rows = [_share(measure, drawn, share, names) for share in drawn.shares]
    named: dict[str, Any] = {"aria-label": "The wards of the funnel plot, in the organisation's order"}
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="shares")
    return html.Div(table, className="across", role="region", tabIndex="0", **named)


def _share(measure: Measure, drawn: Funnel, share: Share, names: Mapping[str, str]) -> Component:
    address = f"{Whose('ward', share.ward, '', ()).address_of(measure.id)}"
    numbers = [
        f"{100 * share.value:.1f}%",
        amount(share.numerator),
        amount(share.denominator),
        f"{share.weeks} of {WEEKS}",
    ]
    return html.Tr(
        [
            html.Th(html.A(names.get(share.ward, share.ward), href=address), scope="row"),
            *(html.Td(said, className="n") for said in numbers),
            html.Td(standing_words(drawn, share).capitalize()),
        ]
    )


def _multiples(settings: Settings, measure: Measure, charted: Charted, charts: Mapping[str, Drawn]) -> list[Component]:
    """A small chart of each ward, by division, all on one scale."""
    span = span_of(*(one.chart for one in charts.values()))
    parts: list[Component] = [html.H2("Each ward over time")]
    if span is None:
        return [*parts, html.P("No ward has a point yet: no week is complete.", className="lead fault")]
    scale = f"from {figure(span[0], charted)} to {figure(span[1], charted)}"
    parts.append(html.P(f"All on one scale, {scale}, {charted.unit}; in the organisation's order.", className="quiet"))
    for division in settings.divisions:
        wards = [ward for ward in settings.wards if ward.division == division.code and ward.code in charts]
        if wards:
            cards = [_card(Whose("ward", ward.code, ward.name, ()), measure, charts[ward.code], span) for ward in wards]
            parts += [html.H3(division.name), html.Ul(cards, className="multiples")]
    return parts


def _card(ward: Whose, measure: Measure, one: Drawn, span: tuple[float, float]) -> Component:
    chart = one.chart
    head: list[Any] = [html.A(ward.name, href=ward.address_of(measure.id))]
    if chart.latest is None:
        return html.Li([html.Div(head, className="card-head"), html.P(empty_words(one), className="why")])
    at = one.series[chart.latest]
    icons = html.Span(
        [Drawing(variation_icon(chart.variation)), Drawing(assurance_icon(chart.assurance))], className="icons"
    )
    width, height = SIZE
    words = f"{ward.name}. {explain(chart)}"
    svg = light_chart(chart, words, width=width, height=height, span=span)
    said: list[Any] = [html.Strong(figure(at.value, one.charted)), f" {period(at.start, one.charted)}"]
    if chart.kind is not Kind.RUN:
        said.append(f" · {CLASS_LABELS[chart.points[chart.latest].point_type].lower()}")
    return html.Li([html.Div([*head, icons], className="card-head"), drawing(svg), html.P(said, className="quiet")])
