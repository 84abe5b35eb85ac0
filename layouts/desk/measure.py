"""The page of one measure: how many, by which standard, from where and how old; and why a list is not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.desk.nav import desk_address, grouped
from layouts.desk.says import KNOWN, Group, badge, counted, none, not_current, soon, sources, title
from layouts.wall.says import label_of, said
from layouts.words import LEVEL_SHAPES, LEVEL_WORDS, age, clock
from surveillance.measures import Measure
from surveillance.snapshot import Level, Reading, Snapshot, State

LONGEST_REASON = 200
SHORTEST_REASON = 5
RECORDED = "Every view of this page is recorded with your name, the ward and the time."


def heading(
    measure: Measure, reading: Reading, now: datetime, due_soon: Sequence[datetime] = (), ward: str = ""
) -> list[Component]:
    """Its words above the list. ``due_soon``: when those fall due that are about to count."""
    level = reading.level if reading.state is State.VALUE else Level.NONE
    mark = [html.Span(f"{LEVEL_SHAPES[level]} {LEVEL_WORDS[level]}", className=f"level {level.value}")]
    parts: list[Component | str] = [
        html.A("Standard", href=f"/measures#{measure.id}"),
        f": {measure.standard.text}",
        *_from_where(reading, now),
    ]
    to = {"data-measure": measure.soon}
    if words := soon(due_soon, now):
        parts += [" · ", html.A(words, href=desk_address(ward, measure.soon), **to)]  # type: ignore[arg-type]
    found: list[Component] = [
        html.H1([title(measure, reading, now), " ", *(mark if level is not Level.NONE else [])]),
        html.P(parts, className="standard"),
    ]
    if reading.detail and reading.state is State.VALUE:
        found.append(html.P(reading.detail, className="detail"))
    if words := not_current(reading, now):
        found.append(html.P(words, className="banner"))
    return found


def _from_where(reading: Reading, now: datetime) -> list[Component | str]:
    """Its source, when that was read, and how long ago: the browser lets that age."""
    found: list[Component | str] = [f" · {named}"] if (named := sources(reading)) else []
    if reading.as_at:
        since = {"data-since": f"{reading.as_at.timestamp():.0f}"}
        aged = html.Span(age(now - reading.as_at), **since)  # type: ignore[arg-type]  # typed for other names
        found += [f"{', ' if found else ' · '}read {clock(reading.as_at, now, seconds=True)}, ", aged, " ago"]
    return found


def explained(measure: Measure) -> list[Component]:
    """Its definition, as it was declared."""
    facts = (
        ("Counts", measure.counts),
        ("Out of", measure.out_of),
        ("Clock", measure.clock),
        ("Not counted", "; ".join(measure.exclusions)),
        ("Owner", measure.owner),
    )
    listed = [part for name, words in facts if words for part in (html.Dt(name), html.Dd(words))]
    whole = html.P(html.A(f"The whole definition, version {measure.version}", href=f"/measures#{measure.id}"))
    return [html.H2("How it is counted"), html.Dl(listed), whole]


def ways(ward: str) -> list[Component]:
    """The ways to what the team writes, for those who may write it."""
    code = quote(ward, safe="")
    return [
        html.A("Huddle", href=f"/huddle/{code}", className="way"),
        html.A("Print huddle sheet", href=f"/huddle-sheet/{code}", className="way"),
    ]


def in_place_of_rows(measure: Measure, reading: Reading, now: datetime) -> list[Component]:
    """What stands where there is no row to list."""
    if reading.state not in KNOWN:
        return []
    first = reading.parts[0].value if reading.parts else None
    if all(part.value in (0, None) for part in reading.parts) and first == 0:
        return [html.P(none(measure, reading, now), className="nobody")]
    return [html.P("This figure is not a list of patients.", className="nobody")]


def overview(snapshot: Snapshot, ward: str, name: str, now: datetime) -> tuple[list[Component], list[Component] | None]:
    """What a ward's desk says before a measure is chosen: its heading, and all that passes a threshold, worst first."""
    groups = grouped(snapshot, ward)
    asks = [*groups[Group.ACT], *groups[Group.WATCH]]
    found: list[Component] = [html.H1(f"{name}: {_many(len(groups[Group.ACT]))} to act on now")]
    words = "Choose a number to see who is behind it." if asks else "Nothing passes a threshold now."
    if unknown := len(groups[Group.UNKNOWN]):
        words += f" {_many(unknown).capitalize()} without a current figure: see “Not known”."
    found.append(html.P(words, className="standard"))
    cards = [html.Li(_card(ward, measure, reading, now)) for measure, reading in asks]
    return found, [html.Ul(cards, className="cards")] if cards else None


def _card(ward: str, measure: Measure, reading: Reading, now: datetime) -> Component:
    value, below = badge(measure, said(measure, reading, now))
    mark = f"{LEVEL_SHAPES[reading.level]} {LEVEL_WORDS[reading.level]}"
    words = [html.Span(label_of(measure, alone=True), className="label"), html.Span(value, className="value")]
    words += [html.Span(mark, className=f"level {reading.level.value}"), html.Span(below, className="below")]
    to = {"data-measure": measure.id}
    return html.A(words, href=desk_address(ward, measure.id), **to)  # type: ignore[arg-type]  # typed for other names


def _many(number: int) -> str:
    return "1 measure" if number == 1 else f"{number or 'no'} measures"


def message(title: str, *words: str) -> list[Component]:
    """In place of a list: one thing that has to be said."""
    return [html.H1(title), *(html.P(text, className="banner") for text in words)]


def ask_reason(name: str, address: str, lasts_min: int) -> list[Component]:
    """The form by which somebody says why they look at another ward's patients. ``address``: where it is sent."""
    limits = {"minLength": SHORTEST_REASON, "maxLength": LONGEST_REASON}
    form = html.Form(
        [
            html.Label(f"Why do you look at the patients of {name}?", htmlFor="reason"),
            html.Textarea(id="reason", name="reason", required=True, rows=3, **limits),  # type: ignore[arg-type]
            html.P(f"Kept in the audit record with your name; it holds for {lasts_min} minutes.", className="quiet"),
            html.Button("Show the patients", type="submit", className="primary"),
        ],
        action=address,
        method="POST",
        className="panel reason",
    )
    return [form]


def summary(measure: Measure, rows: int) -> str:
    """The number of rows in words, for whoever hears the page."""
    return f"{measure.label}: {counted(measure, rows)} listed"
