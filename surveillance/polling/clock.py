"""The hospital's time: the computer's clock, or that of a simulated or replayed hospital; and its promises at speed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from surveillance.quiet import quiet_until
from surveillance.settings import Settings

SHORTEST_INTERVAL_S = 2.0
"""However fast a hospital's time runs, a source is not asked more often (real seconds)."""
PROMISED_POLLS = 3
"""A hospital whose time runs fast is current as long as its data is from one of the last so many polls."""


def hospital_clock(settings: Settings) -> Callable[[], datetime]:
    """A function that tells the hospital's time (UTC)."""
    clock = settings.clock
    if clock is None:
        return lambda: datetime.now(UTC)
    return lambda: clock.now(datetime.now(UTC)).astimezone(UTC)


def real_interval_s(settings: Settings, source: str) -> float:
    """Real seconds between two polls: the interval is meant in the hospital's time."""
    interval = settings.sources[source].interval_s
    speed = settings.clock.speed if settings.clock else 1.0
    return interval if speed <= 1 else max(interval / speed, min(interval, SHORTEST_INTERVAL_S))


def quiet_s(settings: Settings, source: str, as_at: datetime) -> float:
    """Real seconds for which a source is left alone from ``as_at`` (the hospital's time) on; 0 if it may be asked."""
    until = quiet_until(settings.sources[source].quiet_hours, as_at)
    if until is None:
        return 0.0
    speed = settings.clock.speed if settings.clock else 1.0
    return (until - as_at).total_seconds() / (speed or 1.0)


def at_speed(settings: Settings) -> Settings:
    """``settings`` whose sources promise no more than can be kept while the hospital's time runs fast.

    At ten times the speed two real seconds between polls are twenty of the hospital's: that is no staleness.
    """
    speed = settings.clock.speed if settings.clock else 1.0
    if speed <= 1:
        return settings
    sources = {}
    for name, source in settings.sources.items():
        kept = PROMISED_POLLS * real_interval_s(settings, name) * speed
        sources[name] = source.model_copy(update={"stale_after_s": max(source.promise_s, kept)})
    return settings.model_copy(update={"sources": sources})
