"""What the header says about the age of the figures: live, or which source is not current and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from layouts.words import age, clock, source_name
from surveillance.snapshot import Snapshot, SourceStatus

CURRENT = "current"
NOT_CONNECTED = "not_connected"
NOT_RENEWED = timedelta(minutes=1)
"""A snapshot older than this (in real time) is not live, whatever it says of its sources."""
NAMED = 2
"""So many sources that are not current are named; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """``live``: every source is current. ``chips``: what is not, in a few words each. ``line``: the words below."""

    live: bool
    chips: tuple[str, ...]
    line: str


def freshness(snapshot: Snapshot, now: datetime, speed: float = 1.0) -> Freshness:
    """How fresh ``snapshot`` is at ``now``; ``speed``: of the hospital's clock against a real one."""
    if now - snapshot.as_at > NOT_RENEWED * max(speed, 1.0):
        return Freshness(False, (f"Not renewed since {clock(snapshot.as_at, now)}",), "These figures are not live")
    sources: dict[str, list[SourceStatus]] = {}
    for status in snapshot.sources:
        if status.state != NOT_CONNECTED:
            sources.setdefault(status.source, []).append(status)
    if not sources:
        return Freshness(False, ("No source is connected",), "There is nothing to show")
    troubled = {name: feeds for name, feeds in sources.items() if any(feed.state != CURRENT for feed in feeds)}
    newest = max((status.as_at for status in snapshot.sources if status.as_at), default=snapshot.as_at)
    at = clock(newest, now, seconds=True)
    if not troubled:
        everything = f"All {len(sources)} sources current" if len(sources) > 1 else "Its source is current"
        return Freshness(True, (), f"{everything} · {at}")
    chips = tuple(_trouble(name, feeds, now) for name, feeds in troubled.items())
    rest = "All other figures live" if len(troubled) < len(sources) else "No source is fully current"
    if len(chips) > NAMED:  # the header has room for so many names and one line
        rest = f"and {len(chips) - NAMED} more not current"
    return Freshness(False, chips, f"{rest} · {at}")


def freshness_of(found: Freshness) -> Component:
    """The header's last part."""
    if found.live:
        head: list[Component] = [html.P([html.Span("●", className="dot"), " Live"], className="live")]
    else:
        head = [html.P(["■ ", words], className="chip") for words in found.chips[:NAMED]]
    return html.Div([*head, html.P(found.line, className="line")], id="freshness", className="freshness")


def _trouble(name: str, feeds: Iterable[SourceStatus], now: datetime) -> str:
    title, feeds = source_name(name), list(feeds)
    bad = [feed for feed in feeds if feed.state != CURRENT]
    states = {feed.state for feed in bad}
    times = [feed.as_at for feed in bad if feed.as_at]
    then = min(times) if times else None
    if len(bad) < len(feeds):
        return f"{title}: {len(bad)} of {len(feeds)} feeds not current"
    if states == {"stale"} and then:
        return f"{title} data {age(now - then)} old"
    if "refused" in states:
        return f"{title} refuses the login"
    if states == {"suspect"}:
        return f"{title} data not plausible"
    return f"{title}: no data since {clock(then, now)}" if then else f"{title}: no data"
