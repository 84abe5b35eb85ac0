"""Which sources are in their quiet hours, and until when; also on the nights on which clocks change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from surveillance.feeds.moments import LONDON
from surveillance.settings import QuietHours, Settings

STEP = timedelta(minutes=1)


def quiet_until(spans: Sequence[QuietHours], moment: datetime) -> datetime | None:
    """When the quiet hours that hold at ``moment`` are over (UTC); None if none hold.

    What counts is what a clock on the wall shows: on the night on which an hour is repeated, both times it is quiet.
    """
    if not _hold(spans, moment):
        return None
    moment = moment.astimezone(UTC).replace(second=0, microsecond=0)
    while _hold(spans, moment):
        moment += STEP
    return moment


def quiet_now(settings: Settings, moment: datetime) -> dict[str, datetime]:
    """source → when its quiet hours are over, for each that is in them."""
    found = {name: quiet_until(source.quiet_hours, moment) for name, source in settings.sources.items()}
    return {name: until for name, until in found.items() if until is not None}


def _hold(spans: Sequence[QuietHours], moment: datetime) -> bool:
    local = moment.astimezone(LONDON).time()
    return any(span.hold(local) for span in spans)
