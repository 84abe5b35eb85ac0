"""How states, levels, numbers and times are written on every screen."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from surveillance.snapshot import Level, State

LONDON: Final = ZoneInfo("Europe/London")
"""What clocks on the wards show."""

STATE_WORDS: Final = {
    State.VALUE: "",
    State.STALE: "Stale",
    State.SUSPECT: "Check source",
    State.UNAVAILABLE: "No data",
    State.NOT_RECORDED: "Not recorded",
    State.NONE_ON_RECORD: "None on record",
    State.NOT_APPLICABLE: "Not applicable",
    State.NOT_CONNECTED: "Not connected",
}
STATE_MEANS: Final = {
    State.VALUE: "a current figure; 0 is one too",
    State.STALE: "a figure that was true at the time beside it, not now",
    State.SUSPECT: "the source answers, but what it says cannot be believed",
    State.UNAVAILABLE: "the source failed or has not answered for too long",
    State.NOT_RECORDED: "too little is recorded to tell",
    State.NONE_ON_RECORD: "no such event is on record since records begin",
    State.NOT_APPLICABLE: "has no meaning on this ward",
    State.NOT_CONNECTED: "no source is connected for it yet",
}
LEVEL_WORDS: Final = {Level.NONE: "", Level.WATCH: "Watch", Level.ACT: "Act"}
LEVEL_SHAPES: Final = {Level.NONE: "", Level.WATCH: "▲", Level.ACT: "●"}


def number(value: float | str | None, scale: float = 1) -> str:
    """A number as a screen shows it; ``scale`` 100 is a percentage. Missing is a dash, never nothing and never 0."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if scale == 100:
        return f"{value:.0f}%"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def local(moment: datetime) -> datetime:
    """The moment on London's clock."""
    return moment.astimezone(LONDON)


def day(moment: datetime) -> str:
    """Its London date, "Mon 23 November"."""
    there = local(moment)
    return f"{there:%a} {there.day} {there:%B}"


def clock(moment: datetime, now: datetime, *, seconds: bool = False) -> str:
    """Its London time, with the date in front when that is not today's."""
    there = local(moment)
    written = f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"
    if there.date() == local(now).date():
        return written
    year = f" {there.year}" if there.year != local(now).year else ""
    return f"{there.day} {there:%b}{year} {written}"


def day_or_time(moment: datetime, now: datetime) -> str:
    """Its London time if that is today's, else its date: where there is no room for both."""
    there = local(moment)
    return f"{there:%H:%M}" if there.date() == local(now).date() else f"{there.day} {there:%b}"


def is_night(now: datetime, when: str, starts: time, ends: time) -> bool:
    """Whether a wall is dark now. ``when``: always, never, or (schedule) from ``starts`` to ``ends`` in London."""
    if when != "schedule":
        return when == "always"
    at = local(now).time()
    return starts <= at < ends if starts < ends else at >= starts or at < ends


def age(span: timedelta) -> str:
    """How old something is, in the largest unit that says enough."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 86400} days"


def source_name(name: str) -> str:
    """A source's name as a title: short ones are abbreviations."""
    return name.upper() if len(name) <= 3 else name[:1].upper() + name[1:].replace("_", " ")
