"""What stands in a resource, read so that a wrong shape is nothing or ``UNREADABLE``, never a guess and no exception.

Source: HL7 FHIR R4 (4.0.1), datatypes, and the page on references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Resource = Mapping[str, Any]

LONDON = ZoneInfo("Europe/London")
UNREADABLE = "?"
"""Stands where something was said that cannot be read: no time and no number, so that the gate counts its row."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
REFERENCE = re.compile(
    r"(?P<base>https?://.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(/_history/[^/]+)?"
)
TICK = timedelta(microseconds=1)
Moment = datetime | None


def at(value: Any, *path: str) -> Any:
    """What stands at ``path``, None where there is nothing of the kind."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def each(value: Any, *path: str) -> list[Resource]:
    """The objects of the list at ``path``."""
    found = at(value, *path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text_at(value: Any, *path: str) -> str | None:
    """The text at ``path``, if it is one."""
    found = at(value, *path)
    return found if isinstance(found, str) and found.strip() else None


def id_of(reference: Any, kind: str, base_url: str) -> str | None:
    """The id that a Reference gives of a ``kind`` on this server; None if it gives none."""
    found = REFERENCE.fullmatch(text_at(reference, "reference") or "")
    if found is None or found["type"] != kind or (found["base"] or f"{base_url}/") != f"{base_url}/":
        return None
    return found["id"]


def identifier_of(value: Any, system: str) -> str | None:
    """The value of the resource's identifier of this system; an old one only if there is no other."""
    found = [one for one in each(value, "identifier") if text_at(one, "system") == system and text_at(one, "value")]
    found.sort(key=lambda one: text_at(one, "use") == "old")
    return text_at(found[0], "value") if found else None


def extension_of(value: Any, url: str) -> Resource:
    """The extension with this URL, {} without one."""
    return next((one for one in each(value, "extension") if text_at(one, "url") == url), {})


def instant(value: Any) -> datetime | None:
    """A moment (UTC); None for anything less exact, which says no time of day."""
    return _instant(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)  # what was measured at one moment says so many times
def _instant(value: str) -> datetime | None:
    if not INSTANT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: Any) -> date | None:
    """A whole calendar date; None for a year or a month."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if date.min < found < date.max else None  # beyond them there is no midnight


def start_of(value: Any) -> datetime | None:
    """Where a period that is said to start then starts: a date is the first moment of its day in London."""
    if (exact := instant(value)) is not None:
        return exact
    on = day(value)
    return None if on is None else _midnight(on)


def end_of(value: Any) -> datetime | None:
    """Where a period said to end then ends: a date is the last moment of its day in London (FHIR R4, Period)."""
    if (exact := instant(value)) is not None:
        return exact
    on = day(value)
    return None if on is None else _midnight(on + timedelta(days=1)) - TICK


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), LONDON).astimezone(UTC)


def written(moment: datetime | None, said: Any = None) -> str | None:
    """``moment`` as the gate reads it; ``UNREADABLE`` if something was ``said`` that is no moment."""
    if moment is not None:
        return moment.isoformat()
    return None if said is None else UNREADABLE


def last_updated(resource: Resource) -> datetime | None:
    """When the server last changed it, by the server's clock."""
    return instant(at(resource, "meta", "lastUpdated"))
