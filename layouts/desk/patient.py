"""Everything that is outstanding for one patient, on one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from layouts.desk.nav import desk_address
from layouts.desk.somebody import Somebody
from layouts.words import clock
from surveillance.measures import Measure
from surveillance.measures.columns import due_column, said
from surveillance.snapshot import Level, Reading, State

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


Item = tuple[Measure, Reading, Mapping[str, object]]
"""A measure, the ward's reading of it, and the patient's row in its list."""


def patient_line(who: Somebody, items: Iterable[Item], ward: str, now: datetime) -> list[Component]:
    """Who it is, and each list in which they stand; what asks for action comes first."""
    news2 = "" if who.news2 is None or who.news2_at is None else f"NEWS2 {who.news2} at {clock(who.news2_at, now)}"
    facts = (f"Bed {who.bed}" if who.bed else "", who.hospital_number, news2)
    ordered = sorted(items, key=lambda item: (-(Level.NONE, Level.WATCH, Level.ACT).index(_level(item[1])), _due(item)))
    head = [
        html.H2(f"Everything outstanding for {who.shown or 'this patient'}"),
        html.P(" · ".join(fact for fact in facts if fact), className="quiet"),
        html.Button("Close", id="close-patient", type="button"),
    ]
    line = html.Ul([html.Li(_said(item, ward, now)) for item in ordered], className="outstanding")
    return [html.Section([html.Div(head, className="head"), line], className="panel patient", id="patient-line")]


def _said(item: Item, ward: str, now: datetime) -> list[Component | str]:
    measure, reading, row = item
    part = f": {said(measure, 'part', str(row['part'])).lower()}" if len(measure.parts) > 1 and row.get("part") else ""
    named = f"{measure.on_wall}{part}"
    # A level is the whole ward's; what is said of the patient is how late it is.
    to = {"data-measure": measure.id}
    link = html.A(named, href=desk_address(ward, measure.id), **to)  # type: ignore[arg-type]  # typed for other names
    found: list[Component | str] = [link]
    if words := late(_due(item), now):
        found.append(f", {words}")
    if reading.state is State.STALE and reading.as_at:
        found.append(f" (as at {clock(reading.as_at, now)}, not current)")
    return found


def late(due_s: float, now: datetime) -> str:
    """How long something has been overdue, or is not yet due; empty where nothing is due."""
    if due_s == float("inf"):
        return ""
    seconds = now.timestamp() - due_s
    words = span(timedelta(seconds=abs(seconds)))
    return f"{words} overdue" if seconds > 0 else f"due in {words}"


def span(time: timedelta) -> str:
    """Minutes below an hour, hours and minutes below two days, then days and hours; the browser writes the same."""
    seconds = int(time.total_seconds())
    if seconds < HOUR_S:
        return f"{seconds // MINUTE_S} min"
    if seconds < 2 * DAY_S:
        return f"{seconds // HOUR_S} h {seconds % HOUR_S // MINUTE_S:02d}"
    return f"{seconds // DAY_S} d {seconds % DAY_S // HOUR_S} h"


def _level(reading: Reading) -> Level:
    return reading.level if reading.state is State.VALUE else Level.NONE


def _due(item: Item) -> float:
    measure, _, row = item
    due = row.get(due_column(measure) or "")
    return due.timestamp() if isinstance(due, datetime) else float("inf")
