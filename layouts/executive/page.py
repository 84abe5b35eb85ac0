"""The executive wall from its plan: the skeleton once, and what its ids show at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.executive import charts, head, help_now
from layouts.executive.plan import Line, Page, Plan
from layouts.executive.says import SIGNS, Cell, cell, figure, legend
from layouts.freshness import freshness
from layouts.wall import header
from layouts.wall.page import VERSION
from layouts.wall.plan import HEADLINE
from layouts.wall.says import absent
from layouts.wall.slots import Props
from layouts.words import STATE_WORDS
from surveillance.measures import Measure
from surveillance.need import Need, need_of, ranked
from surveillance.settings import Ward
from surveillance.snapshot import Reading, Rollup, Snapshot, State

Readings = Mapping[str, Mapping[str, Reading]]

FEW = 12
"""So few lines are not stretched over the page."""


@dataclass(frozen=True, slots=True)
class Now:
    """What the wall shows from, looked up once for all of its pages."""

    readings: Readings
    rollups: Mapping[tuple[str, str, str], Rollup]
    needs: tuple[Need, ...]
    at: datetime

    def reading(self, ward: str, measure: Measure) -> Reading:
        """One ward's reading; one that the snapshot does not hold is no data."""
        return self.readings.get(ward, {}).get(measure.id) or absent(measure, ward)


def skeleton(plan: Plan) -> Component:
    """Every page, without any reading."""
    pages = [_page(plan, page) for page in plan.pages]
    return html.Div([*pages, html.Span(id=VERSION, hidden=True)], className="wall", id="wall")


def executive_props(
    plan: Plan,
    snapshot: Snapshot | None,
    now: datetime,
    drawn: charts.Charts,
    *,
    stage: str = "",
    lapsed: bool = False,
) -> Props:
    """What every id of the skeleton shows at ``now``. ``drawn``: the charts that there are."""
    seen = look(plan, snapshot, now)
    fresh = freshness(snapshot, now, stage=stage, lapsed=lapsed)
    order = _order(plan, seen)
    rows = {line: _row(plan, seen, line, order) for page in plan.pages for line in page.lines}
    found: Props = {}
    for page in plan.pages:
        found |= header.freshness_props(page.key, fresh)
        found |= head.props(plan, page.key, seen.rollups, seen.readings)
        for place, line in enumerate(page.lines):
            found |= {f"{page.key}{place}{end}": props for end, props in rows[line].items()}
        found |= help_now.props(plan, page.key, seen.needs, seen.readings)
        found |= head.level_props(plan, page.key, seen.rollups)
        found |= charts.props(page, drawn)
    return found


def look(plan: Plan, snapshot: Snapshot | None, now: datetime) -> Now:
    """The parts of a snapshot that the wall needs."""
    wards = [ward.code for ward in plan.unit.wards]
    readings = {code: snapshot.readings.get(code, {}) for code in wards} if snapshot else {}
    rollups = {(one.kind, one.reading.unit, one.reading.measure): one for one in (snapshot.rollups if snapshot else ())}
    judged = list(dict.fromkeys([*(one.measure.id for one in plan.columns), *plan.shown.urgent]))
    needs = [need_of(code, readings.get(code, {}), judged, plan.shown.urgent) for code in wards]
    return Now(readings, rollups, tuple(needs), now)


def _order(plan: Plan, seen: Now) -> dict[str, list[Ward]]:
    """Division → its wards in the order in which the matrix shows them."""
    if plan.shown.order == "listed":
        return {code: list(wards) for code, wards in plan.wards_of.items()}
    place = {need.ward: number for number, need in enumerate(ranked(seen.needs))}
    return {code: sorted(wards, key=lambda one: place[one.code]) for code, wards in plan.wards_of.items()}


# -- the skeleton


def _page(plan: Plan, page: Page) -> Component:
    timed: dict[str, Any] = {"data-dwell": f"{plan.shown.dwell_s:g}"}
    unit, wards = plan.unit, len(plan.unit.wards)
    number_of_divisions = len({ward.division for ward in unit.wards})
    what = [f"{wards} ward{'s' if wards != 1 else ''}"]
    if number_of_divisions > 1:
        what.append(f"{number_of_divisions} divisions")
    if len(plan.pages) > 1:
        what.append(f"page {plan.pages.index(page) + 1} of {len(plan.pages)}")
    named = html.Div(
        [html.H1(plan.shown.title), html.P(" · ".join([unit.name, *what]))],
        className="who",
    )
    top = html.Header([named, header.time_skeleton(), header.freshness_skeleton(page.key)])
    left = html.Section([head.skeleton(plan, page.key), _matrix(plan, page)], className="panel wards")
    right = html.Div(
        [charts.skeleton(page), help_now.skeleton(page.key), head.level_skeleton(plan, page.key)],
        className="aside-column",
    )
    body = html.Main(html.Div([left, right], className="executive"))
    return html.Div([top, body], id=f"{page.key}page", className="page leadership", **timed)


def _matrix(plan: Plan, page: Page) -> Component:
    heads = ["Ward", "Beds", *(column.label for column in plan.columns)]
    first, *others = (html.Th(words, scope="col") for words in heads)
    names = "every-ward few" if len(page.lines) <= FEW else "every-ward"
    lines = [_line(plan, f"{page.key}{place}") for place, _ in enumerate(page.lines)]
    table = html.Table([html.Thead(html.Tr([first, *others])), html.Tbody(lines)], className=names)
    signs = legend([column.measure for column in plan.columns])
    below = html.P([html.Span(sign) for sign in signs], className="legend")
    return html.Div([table, below], className="matrix-of-wards")


def _line(plan: Plan, key: str) -> Component:
    cells = [html.Td(id=f"{key}c{number}") for number in range(len(plan.columns))]
    return html.Tr([html.Th(id=f"{key}n", scope="row"), html.Td(id=f"{key}b"), *cells], id=key)


# -- what stands in it


def _row(plan: Plan, seen: Now, line: Line, order: Mapping[str, Sequence[Ward]]) -> Props:
    """One line of the matrix: the end of an id → its properties."""
    if line.place is None:
        return _division(plan, seen, line.division)
    ward = order[line.division][line.place]
    beds = cell(HEADLINE, seen.reading(ward.code, HEADLINE), seen.at)
    of = f"/{ward.beds}" if ward.beds is not None else ""
    row: Props = {
        "": {"className": "ward"},
        "n": {"children": ward.name},
        "b": _cell_props(Cell(beds.names, f"{beds.text}{of}" if beds.text.isdigit() else beds.text, "")),
    }
    for place, column in enumerate(plan.columns):
        row[f"c{place}"] = _cell_props(cell(column.measure, seen.reading(ward.code, column.measure), seen.at))
    return row


def _division(plan: Plan, seen: Now, division: str) -> Props:
    """A division's own line: its wards added up; hatched where too few of them report."""
    row: Props = {"": {"className": "division"}, "n": {"children": plan.divisions[division]}}
    everywhere = sum(ward.division == division for ward in plan.settings.wards)
    whole = len(plan.wards_of[division]) == everywhere  # else the sum would not be that of the lines below it
    for end, measure in (("b", HEADLINE), *((f"c{n}", one.measure) for n, one in enumerate(plan.columns))):
        rollup = seen.rollups.get(("division", division, measure.id)) if whole else None
        row[end] = _sum_props(plan, measure, rollup)
    return row


def _sum_props(plan: Plan, measure: Measure, rollup: Rollup | None) -> dict[str, Any]:
    if rollup is None:
        return {"children": "", "className": "sum", "title": ""}
    if rollup.reading.state is not State.VALUE:
        hatched = "sum thin" if rollup.missing else "sum"
        words = STATE_WORDS[rollup.reading.state]
        return {"children": SIGNS[rollup.reading.state], "className": hatched, "title": words}
    thin = rollup.reporting < plan.shown.coverage * rollup.expected
    missing = f"without {', '.join(rollup.missing)}" if rollup.missing else ""
    whole = f"{rollup.reporting} of {rollup.expected} wards reporting; {missing}".rstrip("; ")
    text = figure(measure, rollup.reading.parts)
    marked = f"{text}*" if rollup.missing and not thin else text
    return {"children": marked, "className": "sum thin" if thin else "sum", "title": whole}


def _cell_props(one: Cell) -> dict[str, Any]:
    return {"children": one.text, "className": one.names, "title": one.explained}
