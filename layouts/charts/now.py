"""What a charted figure is made of now: the current sum, and the reading of every ward with its state in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.charts.says import Whose, amount, wards_reporting
from layouts.document import ward_address
from layouts.words import LEVEL_SHAPES, LEVEL_WORDS, STATE_WORDS, clock, number
from surveillance.measures import CATALOGUE, Measure
from surveillance.settings import Settings
from surveillance.snapshot import Level, Part, Reading, Snapshot, State


def made_of_now(
    settings: Settings, unit: Whose, measure: Measure, snapshot: Snapshot | None, now: datetime, stage: str
) -> list[Component]:
    """A section: the measure itself, and beside it the measure of what is outstanding now, if it names one."""
    heading = html.H2("What it is made of now", id="now")
    if snapshot is None:
        return [heading, html.P(f"No snapshot yet: {stage}.", className="lead")]
    measures = [measure, *([CATALOGUE[measure.beside]] if measure.beside in CATALOGUE else [])]
    names = {ward.code: ward.name for ward in settings.wards}
    sums = [_sum(unit, one, snapshot, names, now) for one in measures]
    table = _wards(settings, unit, measures, snapshot, now)
    as_at = html.P(f"Readings as at {clock(snapshot.as_at, now)}; the chart above ends with the last whole week.")
    return [heading, as_at, *[said for said in sums if said], table]


def _sum(unit: Whose, measure: Measure, snapshot: Snapshot, names: dict[str, str], now: datetime) -> Component | None:
    if unit.kind == "ward":
        return None
    for one in snapshot.rollups:
        if one.reading.measure == measure.id and one.kind == unit.kind and one.reading.unit == unit.code:
            wards = wards_reporting(one.reporting, one.expected, one.missing, names)
            said: list[Any] = [html.Strong(f"{measure.label}: "), said_now(measure, one.reading, now), f". {wards}."]
            return html.P(said, className="sum")
    return html.P(f"{measure.label}: nothing is added up for this unit.", className="sum")


def _wards(
    settings: Settings, unit: Whose, measures: Sequence[Measure], snapshot: Snapshot, now: datetime
) -> Component:
    head = html.Tr([html.Th(name, scope="col") for name in ("Ward", *(measure.label for measure in measures))])
    rows = []
    for ward in settings.wards:
        if ward.code in unit.wards:
            link = html.Th(html.A(ward.name, href=ward_address(ward.code)), scope="row")
            readings = [snapshot.readings.get(ward.code, {}).get(measure.id) for measure in measures]
            cells = [_cell(measure, reading, now) for measure, reading in zip(measures, readings, strict=True)]
            rows.append(html.Tr([link, *cells]))
    named: dict[str, Any] = {"aria-label": "The wards now"}
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="now")
    return html.Div(table, className="across", role="region", tabIndex="0", **named)


def _cell(measure: Measure, reading: Reading | None, now: datetime) -> Component:
    if reading is None:
        return html.Td("Not worked out for this ward", className="why")
    words = said_now(measure, reading, now)
    if reading.state is State.VALUE and reading.level is not Level.NONE:
        mark = f"{LEVEL_SHAPES[reading.level]} {words} {LEVEL_WORDS[reading.level]}"
        return html.Td(html.Span(mark, className=f"mark level-{reading.level.value}"))
    known = reading.state in (State.VALUE, State.NONE_ON_RECORD, State.NOT_APPLICABLE)
    return html.Td(words, className="" if known else "why")


def said_now(measure: Measure, reading: Reading, now: datetime) -> str:
    """A reading in words: its numbers, or why there are none; an old one with the time at which it was true."""
    numbers = "; ".join(said for part in reading.parts if (said := _part(measure, part, len(reading.parts))))
    when = f"as at {clock(reading.as_at, now)}" if reading.as_at else ""
    if reading.state is State.VALUE:
        return ", ".join(filter(None, (numbers, reading.detail)))
    since = when.replace("as at", "since") if reading.state is State.UNAVAILABLE else ""
    old = f"{numbers} {when}" if reading.state is State.STALE else since
    return ", ".join(filter(None, (STATE_WORDS[reading.state], old, reading.detail)))


def _part(measure: Measure, part: Part, among: int) -> str:
    if part.value is None:
        return ""
    labels = dict(zip(measure.parts, measure.part_labels, strict=False))
    said = number(part.value, measure.scale)
    if measure.scale != 1 and part.denominator:
        said = f"{said} ({amount(part.numerator)} of {amount(part.denominator)})"
    return f"{labels.get(part.name, part.name)} {said}" if among > 1 else said
