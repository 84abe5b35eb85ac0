"""What a wall says about the age of its figures: live, or every source that is not current and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from layouts.words import clock, source_name
from surveillance.measures import EVERYTHING
from surveillance.snapshot import Snapshot, SourceStatus

CURRENT = "current"
NOT_CONNECTED = "not_connected"
COUNTED = {feed for one in EVERYTHING.values() for feed in (*one.feeds, *one.optional)}
"""A feed that no figure is made of says nothing about their age; `/status` tells how it stands."""

TEAMS = "team"
"""What teams write comes from the program itself. It says nothing about the hospital's data unless it is away."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One source that is not current. ``since``: when its data was true; ``aged``: whether ``words`` want that age.

    Written in full it is ``words``, the age, ``tail``; in short the ``name`` and the age.
    """

    name: str
    words: str
    since: datetime | None = None
    aged: bool = False
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """``live``: every source is current. ``chips``: those that are not. ``line``: the words below."""

    live: bool
    chips: tuple[Chip, ...]
    line: str


def freshness(snapshot: Snapshot | None, now: datetime, *, stage: str = "", lapsed: bool = False) -> Freshness:
    """How fresh ``snapshot`` is at ``now``; ``lapsed``: nobody has renewed it for too long."""
    if snapshot is None:
        return Freshness(False, (Chip("", "Starting, no snapshot yet"),), stage)
    if lapsed:
        chip = Chip("", f"Not renewed since {clock(snapshot.as_at, now)}")
        return Freshness(False, (chip,), "These figures are not live")
    sources: dict[str, list[SourceStatus]] = {}
    for status in snapshot.sources:
        if status.state != NOT_CONNECTED and status.feed in COUNTED:
            sources.setdefault(status.source, []).append(status)
    if not sources:
        return Freshness(False, (Chip("", "No source is connected"),), "There is nothing to show")
    troubled = {name: feeds for name, feeds in sources.items() if any(feed.state != CURRENT for feed in feeds)}
    sources = {name: feeds for name, feeds in sources.items() if name != TEAMS or name in troubled}
    read = (one.as_at for one in snapshot.sources if one.as_at and one.source != TEAMS)
    newest = max(read, default=snapshot.as_at)
    at = clock(newest, now, seconds=True)
    if not troubled:
        everything = f"All {len(sources)} sources current" if len(sources) > 1 else "Its source is current"
        return Freshness(True, (), f"{everything} · {at}")
    chips = tuple(_chip(name, feeds, now) for name, feeds in troubled.items())
    rest = "All other figures live" if len(troubled) < len(sources) else "No source is fully current"
    return Freshness(False, chips, f"{rest} · {at}")


def _chip(name: str, feeds: Iterable[SourceStatus], now: datetime) -> Chip:
    title, feeds = source_name(name), list(feeds)
    bad = [feed for feed in feeds if feed.state != CURRENT]
    states = {feed.state for feed in bad}
    times = [feed.as_at for feed in bad if feed.as_at]
    then = min(times) if times else None
    if len(bad) < len(feeds):
        return Chip(title, f"{title}: {len(bad)} of {len(feeds)} feeds not current", then)
    if states == {"stale"} and then:
        return Chip(title, f"{title} data", then, aged=True, tail=" old")
    if "refused" in states:
        return Chip(title, f"{title} refuses the login", then)
    if states == {"suspect"}:
        return Chip(title, f"{title} data not plausible", then)
    return Chip(title, f"{title}: no data since {clock(then, now)}" if then else f"{title}: no data", then)
