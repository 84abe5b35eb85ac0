"""What needs help now: the first wards by the rule that stands beneath the heading, and who cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from layouts.executive.plan import Column, Plan
from layouts.executive.says import STAFF, figure
from layouts.wall.slots import Props
from surveillance.measures import CATALOGUE
from surveillance.need import RULE, Need, ranked
from surveillance.snapshot import Reading

WARDS = 3
REASONS = 2
"""So many figures are named beside a ward; further ones are counted."""


def skeleton(key: str) -> Component:
    """Places for the first wards and a line for the rest."""
    lines = [
        html.Li([html.Strong(id=f"{key}n{n}"), html.Span(id=f"{key}n{n}w")], id=f"{key}n{n}l") for n in range(WARDS)
    ]
    rule = html.P(RULE, className="rule")
    rest = html.P(id=f"{key}nrest", className="rest")
    return html.Section([html.H2("Needs help now"), rule, html.Ol(lines), rest], className="panel help-now")


def props(plan: Plan, key: str, needs: Sequence[Need], readings: Mapping[str, Mapping[str, Reading]]) -> Props:
    """The wards that need help most, and in words what is wrong there."""
    names = {ward.code: ward.name for ward in plan.unit.wards}
    needing = [need for need in ranked(needs) if need.needs_help]
    found: Props = {}
    for n in range(WARDS):
        need = needing[n] if n < len(needing) else None
        found[f"{key}n{n}l"] = {"className": "" if need else "off"}
        found[f"{key}n{n}"] = {"children": names[need.ward] if need else ""}
        found[f"{key}n{n}w"] = {"children": _reasons(plan, need, readings[need.ward]) if need else ""}
    return found | {f"{key}nrest": {"children": _rest(needs, needing)}}


def _reasons(plan: Plan, need: Need, readings: Mapping[str, Reading]) -> str:
    columns = {one.measure.id: one for one in (*plan.headline, *plan.columns)}
    worst = [*need.urgent, *need.act]
    said = [_reason(columns.get(name) or _unlisted(name), readings[name]) for name in worst[:REASONS]]
    more = f" and {len(worst) - REASONS} more" if len(worst) > REASONS else ""
    return ", ".join(said) + more


def _unlisted(name: str) -> Column:
    """A measure that counts as urgent although no column shows it."""
    measure = CATALOGUE[name]
    return Column(measure, measure.on_wall, measure.on_wall)


def _reason(column: Column, reading: Reading) -> str:
    short = {part.name for part in reading.parts} == STAFF
    number = figure(column.measure, reading.parts).lstrip("−" if short else "")
    return f"{number} {column.words}"


def _rest(needs: Sequence[Need], needing: Sequence[Need]) -> str:
    """What is not in the list: nothing that is unknown may look like nothing that is wrong."""
    more = len(needing) - WARDS
    unknown = sum(bool(need.unknown) for need in needs)
    said = []
    if more > 0:
        said.append(f"{more} more ward{'s' if more != 1 else ''} at ●")
    elif not needing:
        said.append("No figure that is known is at ● act")
    if unknown:
        said.append(f"{unknown} ward{'s' if unknown != 1 else ''} not fully known")
    return " · ".join(said)
