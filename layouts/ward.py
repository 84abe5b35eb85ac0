"""A ward's page: who and how fresh in the header, then every measure of the catalogue in its panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.freshness import freshness, freshness_of
from layouts.panels import HEADLINE, Panel, panels
from layouts.reading import WITH_NUMBER, absent, row, table, tile
from layouts.words import STATE_WORDS, clock, day, local, number
from surveillance.measures import Measure
from surveillance.measures.declaration import Kind
from surveillance.settings import Settings, Ward
from surveillance.snapshot import Reading, Snapshot

NIGHT_FROM, NIGHT_TO = time(20), time(7)
"""London times between which a wall is dark."""
COLUMNS = 3
SIZES = ((20, "who"), (32, "who long"))
"""Characters of a ward's name → how large it is written, so that it stays on one line."""
SMALLEST = "who longest"


@dataclass(frozen=True, slots=True)
class Place:
    """A ward with the names of where it stands."""

    code: str
    name: str
    where: str
    beds: int | None

    @classmethod
    def of(cls, settings: Settings, ward: Ward) -> Place:
        """The ward as its header names it."""
        divisions = {unit.code: unit.name for unit in settings.divisions}
        sites = {unit.code: unit.name for unit in settings.sites}
        specialty = ward.specialty[:1].upper() + ward.specialty[1:]
        parts = [part for part in (specialty, divisions[ward.division], sites[ward.site]) if part]
        return cls(ward.code, ward.name, " · ".join(dict.fromkeys(parts)), ward.beds)


def wall(
    place: Place,
    snapshot: Snapshot | None,
    now: datetime,
    *,
    speed: float = 1.0,
    stage: str = "",
    build: str = "",
    beat: str = "",
) -> Component:
    """The whole page. Without a snapshot it says so and shows no number at all.

    ``beat``: differs each time the page is drawn, so that a browser can tell that it was, also when nothing changed.
    ``build``: of the program; a browser that has another one loads anew.
    """
    if snapshot is None:
        body = [html.Main([html.P("Starting, no snapshot yet", className="lead"), html.P(stage)], className="notice")]
    else:
        readings = {**snapshot.readings.get(place.code, {}), **snapshot.forecasts.get(place.code, {})}
        body = [html.Main(_columns(readings, now), className="columns")]
    night = " night" if is_night(now) else ""
    known: dict[str, Any] = {"data-now": f"{now.timestamp():.3f}", "data-speed": f"{speed:g}"}
    known |= {"data-build": build, "data-beat": beat}
    return html.Div([header(place, snapshot, now, speed), *body], className=f"wall{night}", id="wall", **known)


def header(place: Place, snapshot: Snapshot | None, now: datetime, speed: float) -> Component:
    """Which ward, how many patients, what time it is, and whether this is live."""
    size = next((name for limit, name in SIZES if len(place.name) <= limit), SMALLEST)
    named = html.Div([html.H1(place.name), html.P(place.where)], className=size)
    clocked = html.Div(
        [html.P(f"{local(now):%H:%M}", id="clock", className="clock"), html.P(day(now), id="date")], className="when"
    )
    if snapshot is None:
        starting = html.Div(html.P("■ Starting", className="chip"), id="freshness", className="freshness")
        return html.Header([named, html.Div(className="census"), clocked, starting])
    headline = snapshot.readings.get(place.code, {}).get(HEADLINE.id) or absent(HEADLINE, place.code)
    fresh = freshness_of(freshness(snapshot, now, speed))
    return html.Header([named, _census(headline, place.beds, now), clocked, fresh])


def is_night(now: datetime) -> bool:
    """Whether the wall is dark at this time."""
    at = local(now).time()
    return at >= NIGHT_FROM or at < NIGHT_TO


def _census(reading: Reading, beds: int | None, now: datetime) -> Component:
    told = [html.P("patients")] if reading.state in WITH_NUMBER else []
    if reading.state not in WITH_NUMBER:
        big = html.P(STATE_WORDS[reading.state], className="words")
    else:
        big = html.P(number(reading.parts[0].value), className="number")
    stale = reading.as_at and STATE_WORDS[reading.state] and reading.state in WITH_NUMBER
    if stale and reading.as_at:
        told.append(html.P(f"as at {clock(reading.as_at, now)}"))
    elif beds is not None:
        told.append(html.P(f"{beds} beds"))
    names = f"census state-{reading.state.value}".replace("_", "-")
    return html.Div([big, html.Div(told)], className=names, id=f"reading-{HEADLINE.id}", title=HEADLINE.label)


def _columns(readings: Mapping[str, Reading], now: datetime) -> list[Component]:
    placed = panels()
    return [
        html.Div(
            [_panel(panel, measures, readings, now) for panel, measures in placed if panel.column == column],
            className=f"column column-{column}",
        )
        for column in range(COLUMNS)
    ]


def _panel(panel: Panel, measures: Sequence[Measure], readings: Mapping[str, Reading], now: datetime) -> Component:
    note = [html.Span(panel.note, className="note")] if panel.note else []
    lines = [one for one in measures if one.kind is Kind.TWO_COLUMN]
    others = [one for one in measures if one.kind is not Kind.TWO_COLUMN]
    shape = tile if panel.style == "tiles" else row
    body: list[Component] = []
    if lines:
        body.append(table(lines, readings, now))
    if others:
        drawn = [shape(one, readings.get(one.id) or absent(one, ""), now) for one in others]
        body.append(html.Div(drawn, className=panel.style))
    return html.Section([html.H2([panel.title, *note]), *body], className="panel")
