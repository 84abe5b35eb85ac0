"""What a site says about its files is checked before anything starts: columns exist, and no needed one is forgotten."""

from __future__ import annotations

from importlib.util import find_spec

from surveillance.errors import ConfigurationError, nearest
from surveillance.feeds.schema import Feed, Kind
from surveillance.feeds.tables import FEEDS
from surveillance.settings import FileFeed, Files

INSTALL = "install the extra 'excel' (pip install 'ward-safety-surveillance[excel]')"
MOMENTS = (Kind.TIME, Kind.DATE)


def check_files(files: Files, where: str) -> None:
    """Refuse feeds and columns that no canonical table has, and a feed that lacks what its table needs.

    Raises:
        ConfigurationError: starting with ``where`` and the key.
    """
    for feed, given in files.feeds.items():
        here = f"{where}.feeds.{feed}"
        if feed not in FEEDS:
            raise ConfigurationError(f"{where}.feeds: unknown feed '{feed}'; {nearest(feed, FEEDS)}")
        table = FEEDS[feed]
        for key in ("columns", "if_empty", "digits"):
            for name in getattr(given, key):
                if name not in table.names:
                    words = f"'{feed}' has no column '{name}'; {nearest(name, table.names)}"
                    raise ConfigurationError(f"{here}.{key}: {words}")
        _check_kinds(table, given, here)
        if given.columns and (lacks := _lacking(table, given)):
            raise ConfigurationError(f"{here}.columns: nothing is said of '{lacks[0]}', which '{feed}' must have")
        if given.pattern.casefold().endswith((".xlsx", ".xlsm")) and find_spec("openpyxl") is None:
            raise ConfigurationError(f"{here}.pattern: to read Excel, {INSTALL}")


def _check_kinds(table: Feed, given: FileFeed, here: str) -> None:
    for name in given.if_empty:
        if table[name].kind in MOMENTS:
            raise ConfigurationError(
                f"{here}.if_empty.{name}: a {table[name].kind.value} that is not said is not known"
            )
    for name in given.digits:
        if table[name].kind is not Kind.KEY:
            raise ConfigurationError(f"{here}.digits.{name}: only a key has leading zeros")
    for name, theirs in given.columns.items():
        if not all(theirs) or not theirs:
            raise ConfigurationError(f"{here}.columns.{name}: give a header")
    if given.overnight and not table.ordered:
        raise ConfigurationError(f"{here}.overnight: '{table.name}' has no start and end")


def _lacking(table: Feed, given: FileFeed) -> list[str]:
    said = {*given.columns, *given.if_empty}
    return [column.name for column in table.columns if column.required and column.name not in said]
