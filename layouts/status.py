"""The status page: how every feed of every source stands, what was rejected, and what is wrong with the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from dash import html
from dash.development.base_component import Component

from layouts.adt import adt_messages
from layouts.document import counts, page, scrolled
from layouts.screens import ScreenLine, screens_table
from layouts.words import age, clock, source_name
from surveillance.adt.heard import Heard
from surveillance.snapshot import Snapshot, SourceStatus
from surveillance.usage import Used

NAMES = ("Source", "Feed", "State", "True at", "Age", "Rows", "Newest row", "Rejected", "Noted", "Poll", "Last error")
RIGHT = ("Age", "Rows", "Poll")


def status(
    snapshot: Snapshot | None,
    now: datetime,
    faults: Mapping[str, str],
    *,
    site: str = "",
    stage: str = "",
    build: str = "",
    compose_s: float | None = None,
    screens: Sequence[ScreenLine] | None = None,
    walls: str = "",
    used: Mapping[str, Used] = MappingProxyType({}),
    adt: Heard | None = None,
    quiet: Mapping[str, datetime] = MappingProxyType({}),
) -> list[Component]:
    """The whole page. ``faults``: part of the program → what is wrong; ``compose_s``: how long the snapshot took.

    ``screens``: None while the site is not known. ``walls``: who sees them, in words. ``used``: source → what was
    used of it. ``quiet``: source → when its quiet hours are over.
    ``adt``: what was heard of ADT messages.
    """
    parts: list[Component] = [_program(snapshot, now, faults, stage, build, compose_s, walls, quiet)]
    if snapshot is not None:
        parts += [html.H2("Sources"), _feeds(snapshot, now)]
        if used:
            parts += [html.H2("What the display asked of its sources in the last hour"), _used(used)]
        parts += [html.H2("Data quality"), counts(snapshot.quality, "nothing was found to be doubtful")]
        beside = "nobody: every inpatient is on a listed ward, or the census is not known"
        parts += [html.H2("Patients in units that are not listed as wards"), counts(snapshot.off_wards, beside)]
    if adt is not None:
        parts += [html.H2("ADT messages"), adt_messages(adt, now)]
    if screens is not None:
        parts += [html.H2("Screens"), screens_table(screens)]
    return page("Status", *parts, site=site)


def _program(
    snapshot: Snapshot | None,
    now: datetime,
    faults: Mapping[str, str],
    stage: str,
    build: str,
    compose_s: float | None,
    walls: str,
    quiet: Mapping[str, datetime],
) -> Component:
    made = f"starting, no snapshot yet: {stage}"
    if snapshot is not None:
        took = f", worked out in {compose_s:.2f} s" if compose_s is not None else ""
        made = f"of {clock(snapshot.as_at, now, seconds=True)}, {age(now - snapshot.as_at)} old{took}"
    facts = [("Time", clock(now, now, seconds=True)), ("Snapshot", made)]
    store = faults.get("store", "")
    facts.append(("Store", store or ("keeps every snapshot" if snapshot is not None else "not used yet")))
    facts += [(name[:1].upper() + name[1:], words) for name, words in faults.items() if name not in ("store",)]
    facts += [(source_name(name), f"quiet hours: not asked until {clock(until, now)}") for name, until in quiet.items()]
    if walls:
        facts.append(("Walls", walls))
    facts.append(("Build", build))
    return html.Dl([part for name, words in facts for part in (html.Dt(name), html.Dd(words))], className="program")


def _feeds(snapshot: Snapshot, now: datetime) -> Component:
    head = html.Tr([html.Th(name, className="n" if name in RIGHT else "") for name in NAMES])
    table = html.Table([html.Thead(head), html.Tbody([_feed(one, now) for one in snapshot.sources])])
    return scrolled(table, "Sources", "feeds")


def _used(used: Mapping[str, Used]) -> Component:
    names = ("Source", "Queries", "Allowed", "Seconds", "Allowed", "Rows a query", "Ended as too late")
    head = html.Tr([html.Th(name, className="" if name == "Source" else "n") for name in names])

    def row(source: str, one: Used) -> Component:
        budget = one.budget
        cells = [
            f"{one.queries:,}",
            _limit(budget.queries_per_h),
            f"{one.seconds:.1f}",
            _limit(budget.seconds_per_h),
            _limit(budget.rows_per_query),
            f"{one.ended:,}",
        ]
        return html.Tr([html.Td(source_name(source)), *(html.Td(cell, className="n") for cell in cells)])

    table = html.Table([html.Thead(head), html.Tbody([row(source, one) for source, one in sorted(used.items())])])
    return scrolled(table, "What was asked of the sources", "feeds")


def _limit(most: float | None) -> str:
    return "no limit" if most is None else f"{most:,g}"


def _feed(one: SourceStatus, now: datetime) -> Component:
    return html.Tr(
        [
            html.Td(source_name(one.source)),
            html.Td(one.feed),
            html.Td(html.Span(one.state.replace("_", " "), className=f"feed-{one.state.replace('_', '-')}")),
            html.Td(clock(one.as_at, now, seconds=True) if one.as_at else "–"),
            html.Td(age(now - one.as_at) if one.as_at else "–", className="n"),
            html.Td("–" if one.rows is None else f"{one.rows:,}", className="n"),
            html.Td(clock(one.newest, now) if one.newest else "–"),
            html.Td(counts(one.rejected, "0" if one.rows is not None else "–")),
            html.Td(counts(one.notes, "–")),
            html.Td("–" if one.duration_s is None else f"{one.duration_s:.2f} s", className="n"),
            html.Td(one.error or "–"),
        ]
    )
