"""What was heard of ADT messages, for the status page: counts and reasons, and no patient."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.document import counts
from layouts.words import clock
from surveillance.adt.heard import Disagreement, Heard


def adt_messages(heard: Heard, now: datetime) -> Component:
    """A list of facts. ``now``: the hospital's time."""
    facts: list[tuple[str, Component | str]] = [
        ("Last heard", _last(heard, now)),
        ("Connections", f"{heard.connections:,} now"),
        ("Received", f"{heard.received:,} since {clock(heard.since, now)}"),
        ("Stored", f"{heard.stored:,}, and {heard.again:,} that were sent again"),
        ("Waiting for a poll to settle them", f"{heard.waiting:,}"),
        ("Known to the poll before they came", f"{heard.late:,}"),
        ("Acknowledged, not needed", counts(heard.ignored)),
        ("Refused (AR)", counts(heard.refused)),
        ("Not stored, asked for again (AE)", f"{heard.failed:,}"),
        ("Broken off", f"{heard.broken:,}, and {heard.outside:,} bytes that were no message"),
        ("Connections ended", counts(heard.turned_away)),
        ("Of visits that nobody began", f"{heard.unknown:,}"),
        ("Updates (A08) that name another ward", f"{heard.elsewhere:,}, which moved nobody"),
        ("Where the last poll said otherwise", _disagreement(heard.disagreement, now)),
        ("… and all polls", f"{sum(heard.disagreed.values()):,} patients"),
    ]
    if heard.held_back:
        facts.insert(0, ("Not applied", heard.held_back))
    return html.Dl([part for name, words in facts for part in (html.Dt(name), html.Dd(words))], className="program")


def _last(heard: Heard, now: datetime) -> str:
    when = clock(heard.last, now, seconds=True) if heard.last else f"nothing since {clock(heard.since, now)}"
    if quiet := heard.quiet_min(now):
        return f"{when}: nothing for {quiet:.0f} min, which is longer than usual. The polls go on."
    return when


def _disagreement(found: Disagreement | None, now: datetime) -> str:
    if found is None:
        return "not compared yet"
    if not found.patients:
        return f"nowhere, at {clock(found.at, now, seconds=True)}"
    parts = (
        (found.only_messages, "on a ward by the messages alone"),
        (found.only_poll, "on a ward by the poll alone"),
        (found.other_ward, "on two different wards"),
    )
    said = ", ".join(f"{number:,} {words}" for number, words in parts if number)
    return f"{said}, at {clock(found.at, now, seconds=True)}: the poll stands"
