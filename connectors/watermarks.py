"""A query of which only changed rows are asked fits its watermark, or the program does not start."""

from __future__ import annotations

from connectors.queries import Query
from surveillance.errors import ConfigurationError
from surveillance.feeds.schema import Feed
from surveillance.feeds.tables import FEEDS
from surveillance.settings import Watermark

BOUND = "changed_since"


def watermark_names(rule: Watermark | None, table: Feed) -> frozenset[str]:
    """The columns that a watermark needs of an answer, in lower case; the table need not have them."""
    if rule is None:
        return frozenset()
    named = (*(rule.key or table.key), rule.column, *((rule.gone,) if rule.gone else ()))
    return frozenset(name.lower() for name in named)


def check_watermark(feed: str, rule: Watermark | None, query: Query, where: str) -> None:
    """Refuse a watermark that the query does not use or that has no key, and a query that wants one it was not given.

    Raises:
        ConfigurationError: naming the query's file, or the key ``where`` the watermark stands.
    """
    if rule is None:
        if BOUND in query.parameters:
            raise ConfigurationError(f"{query.path}: ':{BOUND}' is known only with a watermark; give {where}")
        return
    if BOUND not in query.parameters:
        raise ConfigurationError(f"{where}: the query does not use ':{BOUND}': {query.path}")
    if not rule.key and not FEEDS[feed].key:
        raise ConfigurationError(f"{where}.key: name the columns that tell rows apart; the table '{feed}' has no key")


def check_heartbeat(query: Query | None) -> None:
    """Refuse a heartbeat that asks for changes: nothing is known of an earlier one.

    Raises:
        ConfigurationError: naming the file.
    """
    if query is not None and BOUND in query.parameters:
        raise ConfigurationError(f"{query.path}: a heartbeat has no ':{BOUND}'")
