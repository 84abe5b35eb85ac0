"""A snapshot that nobody renews stops being live: what it holds is old, and then it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from surveillance.freshness import shown_for
from surveillance.measures import EVERYTHING
from surveillance.settings import Settings
from surveillance.snapshot import Level, Part, Reading, Snapshot, State

ByWard = Mapping[str, Mapping[str, Reading]]


def lapsed(snapshot: Snapshot, settings: Settings, now: datetime) -> Snapshot:
    """``snapshot`` as it may be shown at ``now`` if it is not renewed: no value is current, none outlives its limit.

    A source that was current is stale. Sums over wards are left out: none of their wards reports.
    """
    sources = tuple(
        replace(status, state="stale") if status.state == "current" else status for status in snapshot.sources
    )

    def of_wards(readings: ByWard) -> ByWard:
        return {
            ward: {name: _held(reading, settings, now) for name, reading in ours.items()}
            for ward, ours in readings.items()
        }

    return replace(
        snapshot,
        readings=of_wards(snapshot.readings),
        forecasts=of_wards(snapshot.forecasts),
        rollups=(),
        sources=sources,
    )


def _held(reading: Reading, settings: Settings, now: datetime) -> Reading:
    if reading.state not in (State.VALUE, State.STALE):
        return reading
    measure = EVERYTHING.get(reading.measure)
    feeds = (*measure.feeds, *measure.optional) if measure else ()
    if reading.as_at is None or now - reading.as_at > shown_for(settings, feeds):
        return replace(reading, state=State.UNAVAILABLE, parts=(), level=Level.NONE)
    parts = tuple(_stale(part) for part in reading.parts)
    return replace(reading, state=State.STALE, parts=parts, level=Level.NONE)


def _stale(part: Part) -> Part:
    return replace(part, state=State.STALE) if part.state is State.VALUE else part
