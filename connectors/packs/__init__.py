"""A pack is one system's queries as a folder: ``pack.toml`` and an ``.sql`` file for each feed.

A pack that comes with the program is called by its folder's name; a site's own by a path that starts at the folder of
the site's configuration (``./epr``). A query may have variants for single dialects (``spell.mssql.sql``). Whatever is
wrong in a pack stops start-up with the file and the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.queries import variants
from surveillance.errors import ConfigurationError, nearest
from surveillance.feeds.schema import Kind
from surveillance.feeds.tables import FEEDS
from surveillance.settings import FeedSource, Pack, Times, parse, read_toml

PACKS = Path(__file__).parent
MANIFEST = "pack.toml"
WORD_KINDS = (Kind.KEY, Kind.TEXT, Kind.CODE)
"""What holds words. Times, numbers and yes/no have forms, which no mapping changes."""


def pack_names() -> list[str]:
    """The packs that come with the program."""
    return sorted(manifest.parent.name for manifest in PACKS.glob(f"*/{MANIFEST}"))


def load_pack(name: str, site_folder: Path | None = None) -> Pack:
    """The pack called ``name``, in which every feed has the path of its query.

    Raises:
        ConfigurationError: there is no such pack, or it is wrong; naming the file and the key.
    """
    manifest = _manifest(name, site_folder)
    pack = parse(Pack, read_toml(manifest), manifest)
    if pack.name != manifest.parent.name:
        raise ConfigurationError(f"{manifest}: name: '{pack.name}' is not its folder's name '{manifest.parent.name}'")
    check_times(pack.times, f"{manifest}: times")
    check_feeds(pack.feeds, f"{manifest}: feeds")
    if pack.speaks != "sql":
        return pack
    feeds = {feed: _with_query(given, manifest.parent / f"{feed}.sql") for feed, given in pack.feeds.items()}
    for feed, given in feeds.items():
        if given.sql is not None and not given.sql.is_file() and not variants(given.sql):
            raise ConfigurationError(f"{manifest}: feeds.{feed}: no such file: {given.sql}")
    if pack.heartbeat is not None and not pack.heartbeat.is_file() and not variants(pack.heartbeat):
        raise ConfigurationError(f"{manifest}: heartbeat: no such file: {pack.heartbeat}")
    return pack.model_copy(update={"feeds": feeds})


def _manifest(name: str, site_folder: Path | None) -> Path:
    if "/" in name:
        return ((site_folder or Path()) / name).resolve() / MANIFEST
    if name not in pack_names():
        raise ConfigurationError(
            f"unknown pack '{name}'; {nearest(name, pack_names())} (a pack of your own is named by a path: './{name}')"
        )
    return PACKS / name / MANIFEST


def _with_query(given: FeedSource, usual: Path) -> FeedSource:
    return given if given.sql else given.model_copy(update={"sql": usual})


def check_feeds(feeds: Mapping[str, FeedSource], where: str) -> None:
    """Refuse feeds and columns that no canonical table has, and words that no column knows.

    Raises:
        ConfigurationError: starting with ``where`` and the key.
    """
    for feed, given in feeds.items():
        check_feed_name(feed, where)
        check_mapping(feed, given.mapping, f"{where}.{feed}.mapping")


def check_feed_name(feed: str, where: str) -> None:
    """Refuse a name that no canonical table has.

    Raises:
        ConfigurationError: starting with ``where``.
    """
    if feed not in FEEDS:
        raise ConfigurationError(f"{where}: unknown feed '{feed}'; {nearest(feed, FEEDS)}")


def check_mapping(feed: str, mapping: Mapping[str, Mapping[str, str]], where: str) -> None:
    """Refuse a mapping of an unknown column, of one that holds no words, or to a word that the column does not know.

    Raises:
        ConfigurationError: starting with ``where`` and the column.
    """
    table = FEEDS[feed]
    for name, words in mapping.items():
        if name not in table.names:
            raise ConfigurationError(f"{where}: '{feed}' has no column '{name}'; {nearest(name, table.names)}")
        column = table[name]
        if column.kind not in WORD_KINDS:
            raise ConfigurationError(f"{where}.{name}: a {column.kind.value} is not mapped; give it so in the query")
        for theirs, ours in words.items():
            if column.codes and ours and ours not in column.codes:
                raise ConfigurationError(
                    f"{where}.{name}: '{theirs}' is mapped to the unknown word '{ours}'; {nearest(ours, column.codes)}"
                )


def check_times(times: Times, where: str) -> None:
    """Refuse a zone that does not exist.

    Raises:
        ConfigurationError: starting with ``where``.
    """
    try:
        ZoneInfo(times.zone)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(f"{where}.zone: unknown time zone '{times.zone}' (example: Europe/London)") from None
