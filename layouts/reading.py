"""One reading as a tile, a row or a line of a table: its number only where there is one, its state always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.words import LEVEL_SHAPES, LEVEL_WORDS, STATE_WORDS, clock, number
from surveillance.measures import Measure
from surveillance.measures.declaration import Kind
from surveillance.snapshot import Level, Part, Reading, State

STAFF = ("actual", "planned")
HIGHEST_LEVEL = 5
"""Of a scale."""
SHORT_DETAIL = 24
"""Longer words stand in the tooltip: nothing on a wall is cut off."""
WITH_NUMBER = (State.VALUE, State.STALE)


def absent(measure: Measure, unit: str) -> Reading:
    """What stands for a reading that a snapshot does not hold."""
    return Reading(measure.id, measure.version, unit, State.UNAVAILABLE)


def tile(measure: Measure, reading: Reading, now: datetime) -> Component:
    """A large number with its words."""
    body = [html.P(_label(measure), className="label"), html.Div(_figure(measure, reading, now), className="figure")]
    kind = "tile celled" if _celled(measure) else "tile"
    return html.Div([*body, html.Div(_foot(reading, now), className="foot")], **_marked(measure, reading, kind))


def row(measure: Measure, reading: Reading, now: datetime) -> Component:
    """The words on the left, the number on the right; several numbers stand in cells below the words."""
    kind = "row celled" if _celled(measure) else "row"
    body = [
        html.P(_label(measure), className="label"),
        html.Div(_foot(reading, now), className="foot"),
        html.Div(_figure(measure, reading, now), className="figure"),
    ]
    return html.Div(body, **_marked(measure, reading, kind))


def table(measures: Sequence[Measure], readings: Mapping[str, Reading], now: datetime) -> Component:
    """Measures that share their two columns, a line each."""
    first = measures[0]
    head = html.Tr(
        [html.Th("Assessment"), html.Th(""), *(html.Th(label, className="n") for label in labels(first))],
    )
    lines = [_line(measure, readings.get(measure.id) or absent(measure, ""), now) for measure in measures]
    return html.Table([html.Thead(head), html.Tbody(lines)], className="two-column")


def labels(measure: Measure) -> tuple[str, ...]:
    """What its numbers are called."""
    return measure.part_labels or measure.parts


def _label(measure: Measure) -> str:
    """Its words; a range such as 1–5 is not broken across lines."""
    return measure.label.replace("–", "–\N{WORD JOINER}")


def _celled(measure: Measure) -> bool:
    """Whether its numbers stand in cells of their own."""
    return len(measure.parts) > 1 and measure.parts != STAFF


def _line(measure: Measure, reading: Reading, now: datetime) -> Component:
    if reading.state in WITH_NUMBER:
        marks = html.Td(_foot(reading, now, short=True), className="foot")
        cells = [marks, *(html.Td(_part(part, measure), className="n") for part in reading.parts)]
    else:
        cells = [html.Td(_words(reading, now), colSpan=len(measure.parts) + 1, className="words")]
    return html.Tr([html.Td(_label(measure), className="label"), *cells], **_marked(measure, reading, "line"))


def _marked(measure: Measure, reading: Reading, kind: str) -> dict[str, Any]:
    names = f"{kind} state-{reading.state.value} level-{reading.level.value}"
    marked = {"id": f"reading-{measure.id}", "className": names.replace("_", "-")}
    explained = "; ".join(words for words in (STATE_WORDS[reading.state], reading.detail) if words)
    return marked | ({"title": explained} if explained else {})


def _figure(measure: Measure, reading: Reading, now: datetime) -> list[Component]:
    if reading.state not in WITH_NUMBER:
        return [html.Span(_words(reading, now), className="words")]
    if not _celled(measure) and len(reading.parts) == len(STAFF):
        actual, planned = reading.parts
        beside = html.Span(f"({_part(planned, measure)})", className="beside")
        return [html.Span(_part(actual, measure), className="number"), beside]
    if len(reading.parts) > 1:
        named = dict(zip(measure.parts, labels(measure), strict=False))
        return [_cell(named.get(part.name, part.name), part, measure) for part in reading.parts]
    shown = [html.Span(_part(part, measure), className="number") for part in reading.parts]
    return [*shown, *_unit(measure)]


def _unit(measure: Measure) -> list[Component]:
    words = {Kind.DAYS_SINCE: "days", Kind.SCALE: f"of {HIGHEST_LEVEL}"}.get(measure.kind)
    return [html.Span(words, className="beside")] if words else []


def _cell(caption: str, part: Part, measure: Measure) -> Component:
    shown = html.Span(_part(part, measure), className="number")
    return html.Span([html.Span(caption, className="caption"), shown], className="cell")


def _part(part: Part, measure: Measure) -> str:
    return number(part.value if part.state in WITH_NUMBER else None, measure.scale)


def _words(reading: Reading, now: datetime) -> str:
    words = STATE_WORDS[reading.state]
    if reading.state is State.UNAVAILABLE and reading.as_at:
        return f"{words} since {clock(reading.as_at, now)}"
    return words


def _foot(reading: Reading, now: datetime, *, short: bool = False) -> list[Component]:
    """The level in shape and word, the time of a stale number, and words that fit."""
    foot: list[Component] = []
    if reading.level is not Level.NONE and reading.state is State.VALUE:
        words = f"{LEVEL_SHAPES[reading.level]} {LEVEL_WORDS[reading.level]}"
        foot.append(html.Span(words, className="level"))
    if reading.state is State.STALE and reading.as_at:
        foot.append(html.Span(f"as at {clock(reading.as_at, now)}", className="as-at"))
    told = reading.state in (State.VALUE, State.NOT_RECORDED, State.NONE_ON_RECORD)
    if not short and told and reading.detail and len(reading.detail) <= SHORT_DETAIL:
        foot.append(html.Span(reading.detail, className="detail"))
    return foot
