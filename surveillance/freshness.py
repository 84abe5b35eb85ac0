"""Age against promise: how long a figure may be shown as current, as stale, and not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from surveillance.feeds.data import FeedData, FeedState
from surveillance.settings import Settings

SHORT_LIMIT = timedelta(minutes=30)
LONG_LIMIT = timedelta(hours=2)
SHORT_LIVED = frozenset({"obs_set", "obs_plan", "dose_event", "order", "duty", "census_staffing"})
"""Observations, doses and staffing change by the minute (local default)."""


def limit_of(settings: Settings, feed: str) -> timedelta:
    """The age from which a figure of this feed is no longer shown."""
    own = settings.options.limit_min.get(feed)
    if own is not None:
        return timedelta(minutes=own)
    return SHORT_LIMIT if feed in SHORT_LIVED else LONG_LIMIT


def shown_for(settings: Settings, feeds: Iterable[str]) -> timedelta:
    """The age from which a figure made of these feeds is no longer shown: the shortest of theirs."""
    return min((limit_of(settings, feed) for feed in feeds), default=LONG_LIMIT)


def aged(settings: Settings, feed: FeedData, now: datetime) -> FeedState:
    """How ``feed`` stands at ``now``: what was current grows stale, and then unavailable."""
    if feed.state not in (FeedState.CURRENT, FeedState.STALE) or feed.as_at is None:
        return feed.state
    age = now - feed.as_at
    if age > limit_of(settings, feed.feed):
        return FeedState.UNAVAILABLE
    return FeedState.STALE if age > promise_of(settings, feed.source) else FeedState.CURRENT


def promise_of(settings: Settings, source: str) -> timedelta:
    """The age up to which what a source gave is current."""
    given = settings.sources.get(source)
    return timedelta(seconds=given.promise_s) if given else LONG_LIMIT


def oldest(feeds: Mapping[str, FeedData], names: Iterable[str]) -> datetime | None:
    """When the least recent of these feeds was true."""
    times = [moment for name in names if name in feeds and (moment := feeds[name].as_at) is not None]
    return min(times) if times else None
