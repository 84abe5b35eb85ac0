"""The definitions page: every measure in the words of its own declaration, and nothing written beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.document import page
from layouts.wall.plan import titled
from layouts.words import STATE_MEANS, STATE_WORDS
from surveillance.measures import EVERYTHING, Measure
from surveillance.measures.declaration import Better
from surveillance.settings import Settings, Threshold

EVIDENCE = {
    "S": "published standard",
    "K": "published; to be checked by the trust",
    "L": "local default; no published standard is known",
}


def definitions(settings: Settings | None) -> list[Component]:
    """All definitions, with the site's own numbers where it has set them."""
    measures = list(EVERYTHING.values())
    groups = list(dict.fromkeys(measure.group for measure in measures))
    index = html.Ul([html.Li(html.A(measure.label, href=f"#{measure.id}")) for measure in measures], className="index")
    sections: list[Component] = [
        html.P("A number on a wall is the length of a list; these are the rules by which each list is made."),
        index,
    ]
    for group in groups:
        sections.append(html.H2(titled(group)))
        sections += [definition(measure, settings) for measure in measures if measure.group == group]
    meanings = [(STATE_WORDS[state] or "A number", words) for state, words in STATE_MEANS.items()]
    sections += [html.H2("What stands where a number would"), _listed(meanings)]
    return page("Measures", *sections, site=settings.site.name if settings else "")


def over_time(measure: Measure) -> str:
    """How it is drawn as a chart, in words; empty if it is not."""
    how = measure.charted
    if how is None:
        return ""
    over = f" of “{EVERYTHING[how.over].label}”" if how.over else ""
    target = f"; target {how.target:g}" if how.target is not None else ""
    return f"{how.title}, {how.unit} ({how.form.value}{over}){target}"


def definition(measure: Measure, settings: Settings | None) -> Component:
    """One measure's whole declaration."""
    standard = measure.standard
    facts: list[tuple[str, Any]] = [
        ("Counts", measure.counts),
        ("Out of", measure.out_of),
        ("Standard", standard.text),
        ("Evidence", EVIDENCE.get(standard.evidence, standard.evidence)),
        ("Sources", "; ".join(standard.sources)),
        ("Clock", measure.clock),
        ("Left out", "; ".join(measure.exclusions)),
        ("Numbers shown", ", ".join(measure.part_labels or measure.parts) if len(measure.parts) > 1 else ""),
        ("Parameters", _parameters(measure, settings)),
        ("Watch and act", _threshold(measure, settings)),
        ("Better", "" if measure.better is Better.NEUTRAL else measure.better.value),
        ("Adds up by", measure.rollup.value),
        ("Beside", EVERYTHING[measure.beside].label if measure.beside else ""),
        ("Over time", over_time(measure)),
        ("Reads", ", ".join(measure.feeds)),
        ("Reads if connected", ", ".join(measure.optional)),
        ("Question", measure.dimension.value.replace("_", " ")),
        ("Notes", measure.notes),
        ("Owner", measure.owner),
        ("Version", f"{measure.version}, to be reviewed by {_date(measure.review)}"),
        ("Shown", _shown(measure)),
    ]
    return html.Article(
        [html.H3([measure.label, html.Code(measure.id)]), _listed(facts)], id=measure.id, className="definition"
    )


def _listed(facts: Iterable[tuple[str, Any]]) -> Component:
    return html.Dl([part for name, words in facts if words for part in (html.Dt(name), html.Dd(words))])


def _parameters(measure: Measure, settings: Settings | None) -> str:
    own = settings.standards.get(measure.id, {}) if settings else {}
    written = []
    for name, default in measure.params.items():
        value = own.get(name, default)
        changed = " (set by this site)" if name in own else ""
        written.append(f"{name} = {'none' if value is None else value}{changed}")
    return ", ".join(written)


def _threshold(measure: Measure, settings: Settings | None) -> str:
    """The site's limits; a ward with limits of its own is named."""
    general = settings.thresholds.get(measure.id, measure.threshold) if settings else measure.threshold
    written = _limits(measure, general)
    if settings:
        own = [ward for ward in settings.wards if measure.id in ward.thresholds]
        others = [f"{ward.name}: {_limits(measure, ward.thresholds[measure.id])}" for ward in own]
        written = "; ".join([written or "no colour", *others]) if others else written
    return written or "never coloured"


def _limits(measure: Measure, threshold: Threshold) -> str:
    sign = "≤" if measure.better is Better.HIGHER else "≥"
    found = [(name, limit) for name, limit in (("watch", threshold.watch), ("act", threshold.act)) if limit is not None]
    return ", ".join(f"{name} {sign} {limit:g}" for name, limit in found)


def _shown(measure: Measure) -> str:
    if measure.sensitive:
        return "sensitive: not on screens that the public can see"
    return "also on public screens" if measure.public else "on staff screens"


def _date(written: str) -> str:
    moment = date.fromisoformat(written)
    return f"{moment.day} {moment:%B %Y}"
