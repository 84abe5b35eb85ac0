"""What a team says on its ward's wall: a strip below the figures, which is not there while it says nothing.

It changes no number and no colour. Who owns a figure is marked at the figure by a sign, and said in words in the strip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.wall.says import label_of, said
from layouts.wall.slots import SIGN, Props
from layouts.words import clock, day_or_time, local
from surveillance.measures import EVERYTHING
from surveillance.snapshot import Level, Reading, State
from surveillance.team.board import Gauge, OpenAction, Owned, TeamBoard

PARTS = {"owned": f"{SIGN} Owned", "trying": "What we are trying", "actions": "Actions", "gauges": "Safety barometer"}
ROOM = 76
"""Characters of one part: three lines in a quarter of a wall's width. What does not fit is counted."""


def skeleton(key: str) -> Component:
    """The strip of one page, empty."""
    parts = [
        html.Div([html.H2(title), html.P(id=f"{key}team-{name}", dir="auto")], id=f"{key}team-{name}-part")
        for name, title in PARTS.items()
    ]
    return html.Div(parts, id=f"{key}team")


def props(key: str, board: TeamBoard | None, readings: Mapping[str, Reading], now: datetime) -> Props:
    """What stands in the strip."""
    board = board or TeamBoard()
    owned = [one for one in board.owned.values() if still_asks(readings.get(one.measure))]
    said_ones = {
        "owned": fitted([f"{_label(one)}: {one.role}, {clock(one.since, now)}" for one in owned]),
        "trying": board.trying,
        "actions": fitted([due_words(one, now) for one in board.actions]),
        "gauges": fitted([gauge_words(one, readings, now) for one in board.barometer]),
    }
    found: Props = {f"{key}team": {"className": "team" if any(said_ones.values()) else "off"}}
    for name, words in said_ones.items():
        found[f"{key}team-{name}"] = {"children": words}
        found[f"{key}team-{name}-part"] = {"className": f"says {name}" if words else "off"}
    return found


def still_asks(reading: Reading | None) -> bool:
    """Whether a figure may still ask for attention, so that its owner is named: not once it is known not to."""
    return reading is None or reading.state is not State.VALUE or reading.level is not Level.NONE


def fitted(words: Sequence[str]) -> str:
    """As many as there is room for, at least one; further ones are counted."""
    shown: list[str] = []
    for place, text in enumerate(words):
        more = f" · +{len(words) - place - 1}" if place + 1 < len(words) else ""
        if shown and len(" · ".join([*shown, text])) + len(more) > ROOM:
            return f"{' · '.join(shown)} · +{len(words) - place}"
        shown.append(text)
    return " · ".join(shown)


def owned_words(owned: Owned, now: datetime) -> str:
    """Who looks after a figure, and since when."""
    return f"Owned: {owned.role}, {clock(owned.since, now)}"


def due_words(action: OpenAction, now: datetime) -> str:
    """An action with its owner's role and when it is due."""
    due = ""
    if action.due:
        late = action.due < local(now).date()
        due = f", {'was due' if late else 'by'} {action.due.day} {action.due:%b}"
    return f"{action.what} ({action.role}{due})"


def gauge_words(gauge: Gauge, readings: Mapping[str, Reading], now: datetime) -> str:
    """An indicator with its value: as it was entered with its period, or as its measure says now."""
    measure = EVERYTHING.get(gauge.measure)
    if measure and (reading := readings.get(measure.id)):
        what = said(measure, reading, now)
        at = f" at {day_or_time(reading.as_at, now)}" if what.when and reading.as_at else ""
        return f"{gauge.title}: {what.number or what.words}{f' {gauge.unit}' if what.number and gauge.unit else ''}{at}"
    if not gauge.value:
        return f"{gauge.title}: none entered"
    value = f"{gauge.value} {gauge.unit}".strip()
    return f"{gauge.title}: {value} ({gauge.period})"


def _label(owned: Owned) -> str:
    measure = EVERYTHING.get(owned.measure)
    return label_of(measure) if measure else owned.measure
