"""Pages that are read at a desk: the list of wards, messages, and the frame that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.words import LEVEL_SHAPES, LEVEL_WORDS
from surveillance import __version__
from surveillance.settings import Settings
from surveillance.snapshot import Level, Snapshot


def page(title: str, *body: Component, site: str = "") -> list[Component]:
    """A header with the ways to the other pages, ``body``, and the version."""
    links = (("/", "Wards"), ("/charts", "Charts"), ("/measures", "Measures"), ("/status", "Status"))
    ways = html.Nav([html.A(words, href=address) for address, words in links])
    named = html.Div([html.P(site or "Ward Safety Surveillance"), html.H1(title)])
    foot = html.Footer(f"Ward Safety Surveillance {__version__}. This page shows no patient.")
    return [html.Header([named, ways], className="top"), html.Main(list(body)), foot]


def scrolled(table: Component, title: str, kind: str = "wide") -> Component:
    """A table that may be wider than its screen: whoever has no pointer scrolls it by keys."""
    named: dict[str, Any] = {"aria-label": title}
    return html.Div(table, className=kind, tabIndex="0", role="region", **named)


def ward_address(code: str) -> str:
    """Where a ward's page is; a code may hold any character."""
    return f"/ward/{quote(code, safe='')}"


def ward_list(settings: Settings | None, snapshot: Snapshot | None, stage: str) -> list[Component]:
    """Every ward by site and division, with how many of its tiles ask for attention."""
    if settings is None:
        return page("Wards", html.P("Starting, no snapshot yet", className="lead"), html.P(stage))
    sections: list[Component] = []
    if snapshot is None:
        sections.append(html.P(f"Starting, no snapshot yet: {stage}", className="lead"))
    sites = {unit.code: unit.name for unit in settings.sites}
    for division in settings.divisions:
        wards = [ward for ward in settings.wards if ward.division == division.code]
        if not wards:
            continue
        rows = [
            html.Tr(
                [
                    html.Td(html.A(ward.name, href=ward_address(ward.code))),
                    html.Td(ward.specialty),
                    html.Td(sites[ward.site]),
                    html.Td("–" if ward.beds is None else str(ward.beds), className="n"),
                    *_levels(snapshot, ward.code),
                ]
            )
            for ward in wards
        ]
        names = ("Ward", "Specialty", "Site", "Beds", "Act", "Watch", "Without a current figure")
        head = html.Tr([html.Th(name, className="n" if position > 2 else "") for position, name in enumerate(names)])
        sections += [html.H2(division.name), html.Table([html.Thead(head), html.Tbody(rows)], className="wards")]
    units = [
        ("Whole trust", "trust", settings.site.trust),
        *((one.name, "division", one.code) for one in settings.divisions),
        *((one.name, "site", one.code) for one in settings.sites),
    ]
    links = [
        html.Li(
            [
                html.A(name, href=executive_address("" if kind == "trust" else code)),
                " (",
                html.A("what its figures are made of", href=f"/made-of/{kind}/{quote(code, safe='')}"),
                ")",
            ]
        )
        for name, kind, code in units
    ]
    leaders = [html.H2("Leadership safety wall"), html.Ul(links)]
    return page("Wards", *leaders, *sections, site=settings.site.name)


def executive_address(code: str) -> str:
    """Where the executive wall of a unit is; of the trust for none."""
    return f"/executive/{quote(code, safe='')}" if code else "/executive"


def message(title: str, *words: str, hint: tuple[str, str] | None = None) -> list[Component]:
    """A page that says one thing. ``hint``: an address and the words that lead there."""
    body: list[Component] = [html.P(text, className="lead") for text in words]
    if hint:
        body.append(html.P(["Did you mean ", html.A(hint[1], href=hint[0]), "?"]))
    return page(title, *body, html.P(html.A("All wards", href="/")))


def counts(numbers: Mapping[str, int], nothing: str = "none") -> Component:
    """Reason → number, as a short list."""
    if not numbers:
        return html.Span(nothing, className="quiet")
    return html.Ul([html.Li(f"{reason}: {number:,}") for reason, number in numbers.items()], className="counts")


def _levels(snapshot: Snapshot | None, code: str) -> Sequence[Component]:
    if snapshot is None or code not in snapshot.readings:
        return [html.Td("–", className="n") for _ in range(3)]
    readings = snapshot.readings[code].values()
    found = [_level(level, sum(one.level is level for one in readings)) for level in (Level.ACT, Level.WATCH)]
    away = sum(one.state.value in ("stale", "suspect", "unavailable") for one in readings)
    return [*found, html.Td(str(away), className="n")]


def _level(level: Level, number: int) -> Component:
    if not number:
        return html.Td("0", className="n")
    words = f"{LEVEL_SHAPES[level]} {number} {LEVEL_WORDS[level]}"
    return html.Td(html.Span(words, className=f"mark level-{level.value}"), className="n")
