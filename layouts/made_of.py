"""What a figure of a unit is made of: each ward's reading in words, and the wards that are missing by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.document import page, scrolled, ward_address
from layouts.wall.says import absent, said
from layouts.words import clock, number
from surveillance.measures import CATALOGUE, Measure
from surveillance.measures.declaration import RollUp
from surveillance.settings import Ward
from surveillance.snapshot import Reading, Rollup, Snapshot

ADDS = {
    RollUp.SUM: "The wards' numbers add.",
    RollUp.RATIO: "Numerators and denominators add; the wards' percentages are not averaged.",
    RollUp.MINIMUM: "The smallest number of days among the wards.",
    RollUp.LEVELS: "Wards are counted by level.",
}


def made_of_address(kind: str, unit: str, measure: str = "") -> str:
    """Where the figures of a unit are taken apart; one of them for a measure."""
    parts = (kind, unit, measure) if measure else (kind, unit)
    return "/made-of/" + "/".join(quote(part, safe="") for part in parts)


def unit_figures(name: str, kind: str, unit: str, snapshot: Snapshot | None, now: datetime) -> list[Component]:
    """Every measure of a unit with how many wards it is made of."""
    rollups = {one.reading.measure: one for one in _of(snapshot, kind, unit)}
    rows = [
        html.Tr(
            [
                html.Th(html.A(measure.label, href=made_of_address(kind, unit, measure.id)), scope="row"),
                html.Td(_number(measure, rollups.get(measure.id), now)),
                html.Td(_reporting(rollups.get(measure.id)), className="n"),
            ]
        )
        for measure in CATALOGUE.values()
    ]
    head = html.Tr([html.Th("Measure"), html.Th("Now"), html.Th("Wards reporting", className="n")])
    table = html.Table([html.Thead(head), html.Tbody(rows)])
    told = [html.P(f"Figures {_when(snapshot, now)}", className="lead")] if snapshot else []
    return page(f"{name}: what its figures are made of", *told, scrolled(table, "Figures"))


def made_of(
    measure: Measure,
    names: tuple[str, str],
    kind: str,
    unit: str,
    wards: tuple[Ward, ...],
    snapshot: Snapshot | None,
    now: datetime,
) -> list[Component]:
    """One figure of a unit, ward by ward. ``names``: of the unit and of the site."""
    rollup = next((one for one in _of(snapshot, kind, unit) if one.reading.measure == measure.id), None)
    readings: Mapping[str, Mapping[str, Reading]] = snapshot.readings if snapshot else {}
    rows = [_ward(measure, ward, readings.get(ward.code, {}).get(measure.id) or absent(measure, ward.code), now)
            for ward in wards]  # fmt: skip
    missing = [ward.name for ward in wards if rollup and ward.code in rollup.missing]
    head = ("Ward", "Reading", "Level", "True at", "Made of")
    table = html.Table([html.Thead(html.Tr([html.Th(words) for words in head])), html.Tbody(rows)])
    lead: list[Component | str] = [html.Strong(_number(measure, rollup, now))]
    lead.append(f" · {_reporting(rollup)} wards reporting")
    if snapshot:
        lead.append(f" · {_when(snapshot, now)}")
    told = [html.P(f"Missing, and not counted as 0: {', '.join(missing)}.", className="lead")] if missing else []
    definition = html.A("Definition", href=f"/measures#{measure.id}")
    ways = html.P([definition, " · ", html.A(f"All figures of {names[0]}", href=made_of_address(kind, unit))])
    return page(
        f"{measure.label}: {names[0]}",
        html.P(lead, className="lead"),
        html.P(ADDS[measure.rollup]),
        *told,
        scrolled(table, "Wards"),
        ways,
        site=names[1],
    )


def _of(snapshot: Snapshot | None, kind: str, unit: str) -> tuple[Rollup, ...]:
    rollups = snapshot.rollups if snapshot else ()
    return tuple(one for one in rollups if (one.kind, one.reading.unit) == (kind, unit))


def _when(snapshot: Snapshot, now: datetime) -> str:
    return f"as at {clock(snapshot.as_at, now)}"


def _number(measure: Measure, rollup: Rollup | None, now: datetime) -> str:
    if rollup is None:
        return "No snapshot yet"
    return _words(measure, rollup.reading, now)


def _words(measure: Measure, reading: Reading, now: datetime) -> str:
    what = said(measure, reading, now)
    if measure.rollup is RollUp.LEVELS and len(reading.parts) != len(measure.parts):
        return ", ".join(f"{part.value} at {part.name}" for part in reading.parts) or what.words
    if what.words:
        return what.words
    labels = measure.part_labels or measure.parts
    parts = [number(part.value, measure.scale) for part in reading.parts]
    if len(parts) == 1:
        text = parts[0]
    else:
        text = ", ".join(_part(label, value) for label, value in zip(labels, parts, strict=False))
    return f"{text} ({what.when})" if what.when else text


def _part(label: str, value: str) -> str:
    """A label that is a number itself stands before its colon, else the two would be one row of numbers."""
    return f"{label}: {value}" if label.isdigit() else f"{value} {label.lower()}"


def _reporting(rollup: Rollup | None) -> str:
    return f"{rollup.reporting} of {rollup.expected}" if rollup else "–"


def _ward(measure: Measure, ward: Ward, reading: Reading, now: datetime) -> Component:
    what = said(measure, reading, now)
    adds = [
        f"{number(part.numerator)} of {number(part.denominator)}"
        for part in reading.parts
        if part.numerator is not None and part.denominator is not None
    ]
    return html.Tr(
        [
            html.Th(html.A(ward.name, href=ward_address(ward.code)), scope="row"),
            html.Td(_words(measure, reading, now), title=what.explained),
            html.Td(html.Span(what.mark, className=f"mark level-{reading.level.value}") if what.mark else ""),
            html.Td(clock(reading.as_at, now) if reading.as_at else "–"),
            html.Td(", ".join(adds)),
        ]
    )
