"""The huddle sheet: one page of A4 with what asks for attention, who is here, what is due, and room to write.

No patient stands on it: it is made of what the ward's wall shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.freshness import Freshness
from layouts.wall.plan import HEADLINE
from layouts.wall.says import absent, part_labels, said
from layouts.wall.team import due_words, gauge_words, owned_words
from layouts.words import LEVEL_SHAPES, LEVEL_WORDS, STATE_WORDS, clock, day
from surveillance.measures import CATALOGUE, EVERYTHING, Measure
from surveillance.settings import Ward
from surveillance.snapshot import Level, Reading, State
from surveillance.team.board import TeamBoard

STYLE = '<link rel="stylesheet" href="/assets/huddle.css">\n'
APART = ("staffing", "next_4_hours")
"""Groups that have a place of their own."""
ACTIONS = 6
"""So many open actions are printed; further ones are counted."""
NOT_KNOWN = (State.STALE, State.SUSPECT, State.UNAVAILABLE, State.NOT_RECORDED)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What it is made of. ``readings``: of the ward, measures and forecasts alike; ``applies`` to the ward's wall."""

    ward: Ward
    where: str
    site: str
    now: datetime
    readings: Mapping[str, Reading]
    board: TeamBoard
    fresh: Freshness

    def reading(self, measure: Measure) -> Reading:
        """One reading; one that is not there is no data."""
        return self.readings.get(measure.id) or absent(measure, self.ward.code)


def sheet(shown: Sheet) -> Component:
    """The whole sheet."""
    measures = [one for one in CATALOGUE.values() if one.on_ward_wall and one is not HEADLINE]
    judged = [one for one in measures if one.group not in APART]
    left = [_level(shown, level, judged) for level in (Level.ACT, Level.WATCH)]
    left.append(_not_known(shown, judged))
    right = [
        _figures(shown, "Staffing: actual and planned", (one for one in measures if one.group == APART[0])),
        _figures(shown, "Due in the next 4 hours", (one for one in EVERYTHING.values() if one.group == APART[1])),
        *_said(shown),
    ]
    return html.Div(
        [
            _head(shown),
            html.Main(
                [
                    html.Div([html.Div(left, className="asks"), html.Div(right, className="aside")], className="two"),
                    _actions(shown),
                    html.Section([html.H2("Notes"), html.Div(className="ruled")], className="notes"),
                ]
            ),
        ],
        className="sheet",
    )


def _head(shown: Sheet) -> Component:
    patients = _words(shown, HEADLINE)
    beds = f" · {shown.ward.beds} beds" if shown.ward.beds is not None else ""
    sources = "all sources current" if shown.fresh.live else f"not all sources current: {shown.fresh.line}"
    return html.Header(
        [
            html.Div([html.H1(shown.ward.name), html.P(f"Huddle sheet · {shown.where} · {shown.site}")]),
            html.Div(
                [
                    html.P(f"Patients: {patients}{beds}", className="census"),
                    html.P(f"{day(shown.now)} {shown.now.year}, {clock(shown.now, shown.now)}"),
                    html.P(sources),
                ]
            ),
        ]
    )


def _level(shown: Sheet, level: Level, measures: Iterable[Measure]) -> Component:
    """Every figure at one level, with its owner."""
    found = [one for one in measures if (reading := shown.reading(one)).state is State.VALUE and reading.level is level]
    title = f"{LEVEL_SHAPES[level]} {LEVEL_WORDS[level]}: {len(found)}"
    return html.Section([html.H2(title), html.Ul([_line(shown, one) for one in found])], className=level.value)


def _line(shown: Sheet, measure: Measure) -> Component:
    owned = shown.board.owned.get(measure.id)
    more = [html.Small(owned_words(owned, shown.now))] if owned else []
    return html.Li([html.Span(measure.on_wall), html.B(_words(shown, measure)), *more])


def _not_known(shown: Sheet, measures: Iterable[Measure]) -> Component:
    """What nobody can say now, by how it is not known; nothing that is unknown looks like nothing that is wrong."""
    by_state: dict[State, list[str]] = {}
    for one in measures:
        by_state.setdefault(shown.reading(one).state, []).append(one.on_wall)
    told = [
        html.P([html.B(f"{STATE_WORDS[state]}: "), ", ".join(by_state[state])])
        for state in NOT_KNOWN
        if state in by_state
    ]
    return html.Section([html.H2("Not known now"), *(told or [html.P("Nothing.")])], className="unknown")


def _figures(shown: Sheet, title: str, measures: Iterable[Measure]) -> Component:
    lines = [one for one in measures if shown.reading(one).state is not State.NOT_APPLICABLE]
    return html.Section([html.H2(title), html.Ul([_marked(shown, one) for one in lines])])


def _marked(shown: Sheet, measure: Measure) -> Component:
    reading = shown.reading(measure)
    level = reading.level if reading.state is State.VALUE else Level.NONE
    mark = f"{LEVEL_SHAPES[level]} " if level is not Level.NONE else ""
    return html.Li([html.Span(measure.on_wall), html.B(f"{mark}{_words(shown, measure)}")])


def _words(shown: Sheet, measure: Measure) -> str:
    """A reading in one line: each number with what it is called."""
    what = said(measure, shown.reading(measure), shown.now)
    if what.words:
        return what.words
    labels = part_labels(measure)
    text = " · ".join(f"{label} {cell}" for label, cell in zip(labels, what.cells, strict=True))
    if len(what.cells) == 1:
        text = what.cells[0]
    return f"{text} ({what.when})" if what.when else text


def _said(shown: Sheet) -> list[Component]:
    """The line of what is tried, and the barometer where the team chose indicators."""
    board = shown.board
    gauges = [html.P(gauge_words(one, shown.readings, shown.now)) for one in board.barometer]
    found = [("What we are trying", [html.P(board.trying or "–", dir="auto")])]
    found += [("Safety barometer", gauges)] if gauges else []
    return [html.Section([html.H2(title), *body], className="said") for title, body in found]


def _actions(shown: Sheet) -> Component:
    actions = shown.board.actions
    lines = [html.Li(due_words(one, shown.now), dir="auto") for one in actions[:ACTIONS]]
    more = [html.P(f"and {len(actions) - ACTIONS} more")] if len(actions) > ACTIONS else []
    nothing = [] if actions else [html.P("–")]
    return html.Section(
        [html.H2(f"Open actions: {len(actions)}"), html.Ul(lines), *more, *nothing], className="actions"
    )
