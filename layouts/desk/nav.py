"""Every measure of a ward, by what it asks for: its number, its level as shape, colour and word, and the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.desk.says import Group, badge, group_of
from layouts.wall.says import label_of, said
from layouts.words import LEVEL_SHAPES, LEVEL_WORDS
from surveillance.measures import EVERYTHING, Measure
from surveillance.snapshot import Level, Reading, Snapshot, State


def desk_address(ward: str, measure: str = "") -> str:
    """Where a ward's desk is; a code may hold any character."""
    return f"/desk/{quote(ward, safe='')}" + (f"?measure={quote(measure, safe='')}" if measure else "")


def grouped(snapshot: Snapshot, ward: str) -> dict[Group, list[tuple[Measure, Reading]]]:
    """The ward's measures in the order of the catalogue, without those that have no meaning there."""
    groups: dict[Group, list[tuple[Measure, Reading]]] = {group: [] for group in Group}
    for readings, forecast in ((snapshot.readings, False), (snapshot.forecasts, True)):
        for name, reading in readings.get(ward, {}).items():
            group = group_of(reading, forecast=forecast)
            if group is not None and name in EVERYTHING:
                groups[group].append((EVERYTHING[name], reading))
    return groups


def nav(snapshot: Snapshot, ward: str, chosen: str, now: datetime) -> list[Component]:
    """The list of measures; ``chosen``: the one whose page it is."""
    return [
        html.Section(
            [
                html.H2(group.value, id=f"group-{group.name.lower()}"),
                html.Ul([html.Li(_entry(ward, *one, chosen, now)) for one in ours]),
            ],
            className=f"group {group.name.lower()}",
            **{"aria-labelledby": f"group-{group.name.lower()}"},  # type: ignore[arg-type]  # typed for other names
        )
        for group, ours in grouped(snapshot, ward).items()
        if ours
    ]


def _entry(ward: str, measure: Measure, reading: Reading, chosen: str, now: datetime) -> Component:
    words = said(measure, reading, now)
    value, below = badge(measure, words)
    level = reading.level if reading.state is State.VALUE else Level.NONE
    described: dict[str, str] = {"data-measure": measure.id}
    if measure.id == chosen:
        described["aria-current"] = "page"
    label: list[Component] = [html.Span(label_of(measure, alone=True))]
    if below:
        label.append(html.Small([html.Span(", ", className="unseen"), below]))
    return html.A(
        [html.Span(label, className="label"), html.Span(list(_mark(level, value)), className=f"badge {level.value}")],
        href=desk_address(ward, measure.id),
        id=f"to-{measure.id}",
        title=words.explained or None,
        className=words.names,
        **described,  # type: ignore[arg-type]  # typed for other names
    )


def _mark(level: Level, value: str) -> Iterator[Component | str]:
    if level is not Level.NONE:
        yield html.Span(LEVEL_SHAPES[level], className="shape", **{"aria-hidden": "true"})  # type: ignore[arg-type]
    yield value
    if level is not Level.NONE:
        yield html.Span(f" {LEVEL_WORDS[level]}", className="unseen")
