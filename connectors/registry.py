"""The one place where a source's configuration becomes a connector: its pack, the site's changes to it, its URL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from connectors.base import Connector
from connectors.packs import check_feed_name, check_feeds, check_mapping, check_times, load_pack
from connectors.sql import SqlConnector
from surveillance.errors import ConfigurationError
from surveillance.settings import FeedSource, Pack, Source, source_url

Mappings = Mapping[str, Mapping[str, Mapping[str, str]]]
"""feed → column → a source's word → our word."""


def open_source(
    name: str,
    source: Source,
    site_file: Path,
    mappings: Mappings | None = None,
    environment: dict[str, str] | None = None,
) -> Connector:
    """The connector for one source; nothing connects yet. Its ``pack`` holds what ``configured`` gives.

    Raises:
        ConfigurationError: anything in the source's configuration, pack, queries, URL or driver is wrong.
    """
    pack = configured(name, source, site_file, mappings)
    url = source_url(name, source, environment)
    scheme = url.partition(":")[0]
    if scheme in ("http", "https", "file"):
        raise ConfigurationError(f"source '{name}': no connector reads '{scheme}:' yet; a database's URL is expected")
    return SqlConnector(name, url, pack, source.timeout_s, source.budget.rows_per_query)


def configured(name: str, source: Source, site_file: Path, mappings: Mappings | None = None) -> Pack:
    """The source's pack with the site's own settings put over it.

    A feed's query, ``lookback_h`` and ``recent_h`` of the site replace the pack's. Words add up: the pack's, then
    ``mappings`` (the site's ``[mappings]``, for all sources), then the source's own; for one word the last holds.

    Raises:
        ConfigurationError: naming the file and the key.
    """
    where = f"{site_file}: sources.{name}"
    pack = _pack(name, source, site_file, where)
    if source.times is not None:
        check_times(source.times, f"{where}.times")
        pack = pack.model_copy(update={"times": source.times})
    check_feeds(source.feeds, f"{where}.feeds")
    for feed, mapping in (mappings or {}).items():
        check_feed_name(feed, f"{site_file}: mappings")
        check_mapping(feed, mapping, f"{site_file}: mappings.{feed}")
    feeds = {
        feed: _merged(pack.feeds.get(feed), (mappings or {}).get(feed, {}), source.feeds.get(feed))
        for feed in [*pack.feeds, *(feed for feed in source.feeds if feed not in pack.feeds)]
    }
    for feed, given in feeds.items():
        if given.sql is None:
            raise ConfigurationError(f"{where}.feeds.{feed}: give sql; the pack '{pack.name}' has no such feed")
    if not feeds:
        raise ConfigurationError(f"{where}: no feeds; give a pack, or sql for a feed")
    return pack.model_copy(update={"feeds": feeds})


def _pack(name: str, source: Source, site_file: Path, where: str) -> Pack:
    if source.pack is None:
        return Pack(name=name, title=name, feeds={})
    try:
        return load_pack(source.pack, site_file.parent)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}.pack: {error}") from None


def _merged(pack: FeedSource | None, shared: Mapping[str, Mapping[str, str]], own: FeedSource | None) -> FeedSource:
    base, over = pack or FeedSource(), own or FeedSource()
    layers = (base.mapping, shared, over.mapping)
    columns = {column: None for layer in layers for column in layer}
    return FeedSource(
        sql=over.sql or base.sql,
        lookback_h=over.lookback_h or base.lookback_h,
        recent_h=over.recent_h or base.recent_h,
        mapping={
            column: {theirs: ours for layer in layers for theirs, ours in layer.get(column, {}).items()}
            for column in columns
        },
    )
