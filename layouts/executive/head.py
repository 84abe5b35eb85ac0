"""The figures of the whole unit: each says how many wards it is made of, and which are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from layouts.executive.plan import Column, Plan
from layouts.executive.says import figure
from layouts.wall.plan import HEADLINE
from layouts.wall.slots import Props
from layouts.words import LEVEL_SHAPES, STATE_WORDS
from surveillance.measures import Measure
from surveillance.snapshot import Level, Reading, Rollup, State

LONG = 4
"""So many characters of a figure are written smaller."""
NAMED = 3
"""So many missing wards are named at the head; further ones are counted."""

Rollups = Mapping[tuple[str, str, str], Rollup]
Readings = Mapping[str, Mapping[str, Reading]]


def skeleton(plan: Plan, key: str) -> Component:
    """A tile for each figure, and the line that names who is missing."""
    tiles = [
        html.Div(
            [
                html.P([html.Span(id=f"{key}h{n}v"), html.Span(id=f"{key}h{n}of", className="of")], className="figure"),
                html.P(
                    [html.Span(id=f"{key}h{n}a", className="act"), html.Span(id=f"{key}h{n}x", className="watch")],
                    className="levels",
                ),
                html.P(column.label, className="label"),
                html.P(id=f"{key}h{n}w", className="reporting"),
            ],
            id=f"{key}h{n}",
        )
        for n, column in enumerate(plan.headline)
    ]
    return html.Div([html.Div(tiles, className="headline"), html.P(id=f"{key}without", className="without")])


def props(plan: Plan, key: str, rollups: Rollups, readings: Readings) -> Props:
    """What stands in the tiles."""
    found: Props = {}
    missing: dict[str, list[str]] = {}
    for n, column in enumerate(plan.headline):
        rollup = rollups.get((plan.unit.kind, plan.unit.code, column.measure.id))
        found |= _tile(plan, f"{key}h{n}", column, rollup, readings)
        for ward in rollup.missing if rollup else ():
            missing.setdefault(ward, []).append(column.label)
    return found | {f"{key}without": {"children": _without(plan, missing)}}


def _tile(plan: Plan, here: str, column: Column, rollup: Rollup | None, readings: Readings) -> Props:
    measure = column.measure
    known = rollup is not None and rollup.reading.state is State.VALUE
    enough = rollup is not None and rollup.reporting >= plan.shown.coverage * rollup.expected
    names = "total" if known and enough else "total thin"
    value = figure(measure, rollup.reading.parts) if known and rollup else ""
    state = STATE_WORDS[rollup.reading.state] if rollup else STATE_WORDS[State.UNAVAILABLE]
    wards = f"{rollup.reporting} of {rollup.expected} wards" if rollup else ""
    at = {level: _at(measure, level, readings) for level in (Level.ACT, Level.WATCH)}
    beds = [ward.beds for ward in plan.unit.wards if ward.beds is not None]
    room = 0 < len(value) < LONG and not any(at.values())
    of = f"/{sum(beds)}" if measure is HEADLINE and beds and room else ""
    return {
        here: {"className": f"{names} long" if len(value) >= LONG else names},
        f"{here}v": {"children": value or state, "className": "number" if value else "words"},
        f"{here}of": {"children": of},
        f"{here}w": {"children": wards},
        f"{here}a": {"children": at[Level.ACT]},
        f"{here}x": {"children": at[Level.WATCH]},
    }


def _at(measure: Measure, level: Level, readings: Readings) -> str:
    """How many wards are at a level, with its shape; the line below the matrix gives its word."""
    wards = sum(
        one[measure.id].level is level and one[measure.id].state is State.VALUE
        for one in readings.values()
        if measure.id in one
    )
    return f"{LEVEL_SHAPES[level]} {wards}" if wards else ""


def _without(plan: Plan, missing: Mapping[str, list[str]]) -> str:
    """Which wards are not in a figure above."""
    if not missing:
        return ""
    names = {ward.code: ward.name for ward in plan.unit.wards}
    worst = sorted(missing, key=lambda ward: -len(missing[ward]))
    said = [f"{names[ward]} ({len(missing[ward])})" for ward in worst[:NAMED]]
    more = f" and {len(worst) - NAMED} more" if len(worst) > NAMED else ""
    return f"Not in every figure: {', '.join(said)}{more}"


def level_skeleton(plan: Plan, key: str) -> Component:
    """A line for each measure of which wards are counted by level."""
    lines = [
        html.P(
            [html.Span(measure.on_wall, className="label"), html.Span(id=f"{key}l{n}", className="counts")],
            className="level-line",
        )
        for n, measure in enumerate(plan.levels)
    ]
    return html.Section(lines, className="panel by-level")


def level_props(plan: Plan, key: str, rollups: Rollups) -> Props:
    """How many wards stand at each level, and how many say nothing."""
    found: Props = {}
    accreditation = plan.settings.team.accreditation
    levels = accreditation.levels if accreditation else ()
    for n, measure in enumerate(plan.levels):
        rollup = rollups.get((plan.unit.kind, plan.unit.code, measure.id))
        found[f"{key}l{n}"] = {"children": _levels(rollup, levels)}
    return found


def _levels(rollup: Rollup | None, order: Sequence[str]) -> str:
    """``order``: of levels that are words, from the lowest."""
    if rollup is None:
        return "no data"
    counted = list(rollup.reading.parts) if rollup.reading.state is State.VALUE else []
    counted.sort(key=lambda part: order.index(part.name) if part.name in order else -1)
    said = [f"{part.value:g} at {_level(part.name)}" for part in counted if isinstance(part.value, int | float)]
    without = rollup.expected - sum(int(part.value) for part in counted if isinstance(part.value, int | float))
    if without:
        state = STATE_WORDS[rollup.reading.state].lower()  # of most wards, where none of them says anything
        said.append(f"{without} without one" if said else f"{state} on {rollup.expected} wards")
    return " · ".join(said)


def _level(name: str) -> str:
    return name.removesuffix(".0")
