"""The page of all units that have charts, and what is charted."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.charts.frame import charts_page
from layouts.charts.says import KIND_WORDS, Whose, charted_measures
from surveillance.settings import Settings


def choose(settings: Settings, units: Sequence[Whose]) -> list[Component]:
    """Units by kind, the trust first, and the measures by which wards can be compared."""
    first = units[0]
    body: list[Component] = [
        html.P(html.A(f"{first.name}, all measures", href=first.address), className="lead"),
    ]
    for kind, words in KIND_WORDS.items():
        if kind == "ward":
            continue
        found = [unit for unit in units if unit.kind == kind]
        if found:
            heading = words if len(found) == 1 else f"{words}s"
            body += [html.H2(heading), _links([(unit.address, unit.name) for unit in found])]
    for division in settings.divisions:
        codes = {ward.code for ward in settings.wards if ward.division == division.code}
        wards = [unit for unit in units if unit.kind == "ward" and unit.code in codes]
        if wards:
            body += [html.H2(f"Wards: {division.name}"), _links([(unit.address, unit.name) for unit in wards])]
    compared = [(f"/charts/measure/{measure.id}", charted.title) for measure, charted in charted_measures()]
    body.append(html.H2("Wards side by side"))
    body.append(_links(compared) if compared else html.P("No measure is drawn over time."))
    return charts_page("Charts over time", body, settings)


def _links(links: Sequence[tuple[str, str]]) -> Component:
    return html.Ul([html.Li(html.A(words, href=address)) for address, words in links], className="choices")
