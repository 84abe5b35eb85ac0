"""What ``[adt]`` names must exist: its source, that source's census, and the wards."""

from __future__ import annotations

from collections.abc import Mapping

from surveillance.adt.census import FEEDS
from surveillance.errors import nearest
from surveillance.settings import Settings


def adt_faults(settings: Settings, given: Mapping[str, str]) -> list[str]:
    """A line for each name that is none. ``given``: feed → the source that gives it."""
    if settings.adt is None:
        return []
    source, codes = settings.adt.source, [ward.code for ward in settings.wards]
    if source not in settings.sources:
        return [f"adt.source: unknown source '{source}'; {nearest(source, settings.sources)}"]
    faults = [
        f"adt.source: '{source}' does not give the feed '{feed}', which messages keep current"
        for feed in FEEDS
        if given.get(feed) != source
    ]
    return faults + [
        f"adt.wards: '{place}': unknown ward '{code}'; {nearest(code, codes)}"
        for place, code in settings.adt.wards.items()
        if code not in codes
    ]


def points_of_care(settings: Settings, mapping: Mapping[str, str]) -> dict[str, str]:
    """A point of care in a sender's words → ward. ``mapping``: the source's own words for wards."""
    aliases = {alias: ward.code for ward in settings.wards for alias in ward.source_codes}
    return {**aliases, **mapping, **(settings.adt.wards if settings.adt else {})}
