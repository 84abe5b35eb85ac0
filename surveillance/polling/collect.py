"""Every source of a site read once, one after another: what a command needs that runs a single cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from connectors.registry import open_source
from surveillance.feeds.data import FeedData
from surveillance.measures.site import Site
from surveillance.polling.reader import SourceReader


def readers_of(site: Site, config: Path, environment: dict[str, str] | None = None) -> list[SourceReader]:
    """A reader for each configured source; nothing is connected yet.

    Raises:
        ConfigurationError: a source, its pack or its URL is wrong.
    """
    readers = []
    for name, source in site.settings.sources.items():
        connector = open_source(name, source, config, site.settings.mappings, environment)
        readers.append(SourceReader(name, connector, connector.pack.feeds, site.settings))
    return readers


def collect(
    readers: list[SourceReader], as_at: datetime, accepted_rows: Mapping[str, int] | None = None
) -> dict[str, FeedData]:
    """Feed name → what its source gave at ``as_at``."""
    return {data.feed: data for reader in readers for data in reader.poll(as_at, accepted_rows)}
