"""``surveillance feeds``: what the canonical tables are, what the display saw in them, and which size to believe."""

from __future__ import annotations

import argparse
import sys

from surveillance.commands.export import export
from surveillance.errors import ConfigurationError, nearest
from surveillance.feeds import FEEDS, Feed
from surveillance.feeds.schema import Column
from surveillance.opening import open_site
from surveillance.polling.clock import hospital_clock
from surveillance.polling.collect import collect
from surveillance.settings import load_settings
from surveillance.store import open_store, store_url

WARNING = "{directory} holds patient data: keep it where only you can read it, and delete it when you are done."


def run(asked: argparse.Namespace) -> int:
    """List the tables, or export them; 1 if a feed failed and so has no file."""
    if asked.feeds_command == "accept":
        return accept_smaller(asked)
    if asked.feeds_command != "export":
        for feed in FEEDS.values():
            print(described(feed))
        return 0
    opened = open_site(asked.config)
    with opened.once() as readers:
        answers = collect(readers, asked.as_at or hospital_clock(opened.settings)())
    try:
        written = export(answers, asked.directory)
    except OSError as error:
        raise ConfigurationError(f"{asked.directory}: {error.strerror}") from None
    print(WARNING.format(directory=asked.directory))
    for name, rows in written.items():
        print(f"{name}.csv: {rows} rows")
    failed = [data for name, data in answers.items() if name not in written]
    for data in failed:
        print(f"{data.feed}: no file: {data.state.value}: {data.error}", file=sys.stderr)
    return 1 if failed else 0


def accept_smaller(asked: argparse.Namespace) -> int:
    """Forget how large a feed was: after a restart its next answer is believed, however small.

    Raises:
        ConfigurationError: there is no such feed.
    """
    if asked.feed not in FEEDS:
        raise ConfigurationError(f"unknown feed '{asked.feed}'; {nearest(asked.feed, FEEDS)}")
    settings = load_settings(asked.config)
    store = open_store(store_url(settings.store), settings.store)
    before = store.accepted_rows().get(asked.feed)
    store.accept_rows(asked.feed, 0)
    store.close()
    print(f"{asked.feed}: {before or 0} before, forgotten. Restart the display; its next answer is believed.")
    return 0


def described(feed: Feed) -> str:
    """A table in words: what a row means, then its columns."""
    return "\n".join([f"{feed.name}: {feed.row_means}", *(_column(column) for column in feed.columns), ""])


def _column(column: Column) -> str:
    facts = [column.kind.value, column.unit, "" if column.nullable else "never empty"]
    facts += ["one of " + ", ".join(column.codes)] if column.codes else []
    if column.low is not None or column.high is not None:
        facts.append(f"{_limit(column.low)} to {_limit(column.high)}")
    return f"  {column.name} ({'; '.join(fact for fact in facts if fact)}): {column.means}"


def _limit(number: float | None) -> str:
    return "any" if number is None else f"{number:g}"
