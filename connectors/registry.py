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
FHIR_PACK = "fhir_uk_core"
"""The words of a FHIR server that names no pack."""


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
    if source.files is not None:
        from connectors.files import FilesConnector, check_files

        check_files(source.files, f"{site_file}: sources.{name}.files")
        return FilesConnector(name, source.files, pack, source.budget.rows_per_query)
    if source.fhir is not None:
        from connectors.fhir.opening import open_fhir

        return open_fhir(name, source, pack, f"{site_file}: sources.{name}", environment)
    url = source_url(name, source, environment)
    scheme = url.partition(":")[0]
    if scheme in ("http", "https", "file"):
        raise ConfigurationError(f"source '{name}': no connector reads '{scheme}:' yet; a database's URL is expected")
    return SqlConnector(name, url, pack, source.timeout_s, source.budget.rows_per_query)


def configured(name: str, source: Source, site_file: Path, mappings: Mappings | None = None) -> Pack:
    """The source's pack with the site's own settings put over it.

    A feed's query, ``lookback_h``, ``recent_h`` and ``watermark`` of the site replace the pack's, whose watermark goes
    with its query. Words add up: the pack's, then ``mappings`` (the site's ``[mappings]``, for all sources), then the
    source's own; for one word the last holds.

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
        for feed in dict.fromkeys([*pack.feeds, *source.feeds, *(source.files.feeds if source.files else ())])
    }
    for feed, given in feeds.items():
        if given.watermark and given.sql is None:
            raise ConfigurationError(f"{where}.feeds.{feed}.watermark: only a feed with a query of its own has one")
        if source.files is not None:
            if given.sql is not None or feed not in source.files.feeds:
                raise ConfigurationError(f"{where}.feeds.{feed}: a source of files has no sql; say which files it is")
        elif given.sql is None and source.fhir is None:
            raise ConfigurationError(f"{where}.feeds.{feed}: give sql; the pack '{pack.name}' has no such feed")
    if not feeds:
        raise ConfigurationError(f"{where}: no feeds; give a pack, or sql for a feed")
    return pack.model_copy(update={"feeds": feeds})


def _pack(name: str, source: Source, site_file: Path, where: str) -> Pack:
    chosen = source.pack or (FHIR_PACK if source.fhir is not None else None)
    if chosen is None:
        return Pack(name=name, title=name, feeds={})
    try:
        pack = load_pack(chosen, site_file.parent)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}.pack: {error}") from None
    if pack.speaks == "fhir" and source.fhir is None:
        raise ConfigurationError(
            f"{where}.pack: '{chosen}' has words of FHIR servers; say which one it is: fhir.base_url"
        )
    return pack


def _merged(pack: FeedSource | None, shared: Mapping[str, Mapping[str, str]], own: FeedSource | None) -> FeedSource:
    base, over = pack or FeedSource(), own or FeedSource()
    layers = (base.mapping, shared, over.mapping)
    columns = {column: None for layer in layers for column in layer}
    return FeedSource(
        sql=over.sql or base.sql,
        lookback_h=over.lookback_h or base.lookback_h,
        recent_h=over.recent_h or (None if over.watermark else base.recent_h),
        watermark=over.watermark or (None if over.recent_h or over.sql else base.watermark),
        mapping={
            column: {theirs: ours for layer in layers for theirs, ours in layer.get(column, {}).items()}
            for column in columns
        },
    )
