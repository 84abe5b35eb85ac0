"""Every source of a site read once, one after another: what a command needs that runs a single cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from surveillance.feeds.data import FeedData
from surveillance.polling.reader import SourceReader


def collect(
    readers: list[SourceReader], as_at: datetime, accepted_rows: Mapping[str, int] | None = None
) -> dict[str, FeedData]:
    """Feed name → what its source gave at ``as_at``."""
    return {data.feed: data for reader in readers for data in reader.poll(as_at, accepted_rows)}
