"""A site's file becomes what every command needs: its settings, checked against the catalogue, and a reader a source.

All faults of the whole configuration are found before anything starts, and told together.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import surveillance.demo  # noqa: F401 - its URLs are known from here on, whichever command reads them
from connectors.registry import open_source
from layouts.executive.plan import executive_faults
from layouts.wall.plan import layout_faults
from surveillance.adt.names import adt_faults, points_of_care
from surveillance.charts.names import chart_faults
from surveillance.errors import ConfigurationError
from surveillance.freshness import limit_of, promise_of
from surveillance.measures import EVERYTHING
from surveillance.measures.site import Site, check_names
from surveillance.polling.apart import SourceApart, Tell
from surveillance.polling.clock import at_speed
from surveillance.polling.once import asked_once
from surveillance.polling.reader import SourceReader
from surveillance.settings import Settings, Source, load_settings
from surveillance.team.feeds import SOURCE, team_feeds

NEW_OBJECTS = 5_000
"""Python looks for cycles after so many new containers; each row of a source is one, and its 700 are soon reached."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A site whose configuration is right; nothing is connected yet."""

    site: Site
    readers: list[SourceReader]
    config: Path

    @property
    def settings(self) -> Settings:
        """The site's settings."""
        return self.site.settings

    def apart(self, tell: Tell = lambda *_: None) -> list[SourceApart]:
        """Each source as it is asked in a process of its own. ``tell``: who is told what was used of it."""
        return [SourceApart(reader, self.config, self.settings, tell) for reader in self.readers]

    def once(self) -> AbstractContextManager[list[SourceReader]]:
        """Each source for a command that asks it once: late questions end as they do while the program runs."""
        return asked_once(self.readers, self.config, self.settings)

    @property
    def feeds(self) -> dict[str, str]:
        """Feed → the source that gives it."""
        given = {feed: reader.name for reader in self.readers for feed in reader.connector.feeds}
        return given | dict.fromkeys(team_feeds(self.settings, given), SOURCE)

    @property
    def points_of_care(self) -> dict[str, str]:
        """A point of care as ADT messages name it → ward, where they differ."""
        stays = (reader.connector.pack.feeds.get("ward_stay") for reader in self.readers)
        given = next((feed.mapping for feed in stays if feed), {})
        return points_of_care(self.settings, given.get("ward_code", {}))

    @property
    def from_teams(self) -> tuple[str, ...]:
        """The feeds that teams fill by writing here."""
        return tuple(feed for feed, source in self.feeds.items() if source == SOURCE)


def open_site(config: Path, environment: Mapping[str, str] | None = None) -> Opened:
    """The site of a configuration file.

    Raises:
        ConfigurationError: one line for each fault of the file, its packs, its queries and its URLs.
    """
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    written = load_settings(config)
    settings = at_speed(written)
    faults: list[str] = []
    try:
        check_names(settings, {name: measure.params for name, measure in EVERYTHING.items()})
    except ConfigurationError as error:
        faults += [f"{config}: {line}" for line in str(error).splitlines()]
    try:
        site = Site.of(settings)
    except ConfigurationError as error:
        faults.append(f"{config}: {error}")
    named_wrong = (*layout_faults(settings), *executive_faults(settings), *chart_faults(settings))
    faults += [f"{config}: {line}" for line in named_wrong]
    if SOURCE in settings.sources:
        faults.append(f"{config}: sources.{SOURCE}: what teams write here is called so; name the source otherwise")
    readers, given = [], dict[str, str]()
    for name, source in settings.sources.items():
        try:
            connector = open_source(name, source, config, settings.mappings, dict(environment) if environment else None)
        except ConfigurationError as error:
            faults += [line if str(config) in line else f"{config}: {line}" for line in str(error).splitlines()]
            continue
        readers.append(SourceReader(name, connector, connector.pack.feeds, settings))
        rules = [one.watermark for one in connector.pack.feeds.values() if one.watermark]
        if words := too_small(source, len(connector.feeds), sum(60 / rule.reconcile_min for rule in rules)):
            faults.append(f"{config}: sources.{name}.budget.queries_per_h: {words}")
        faults += [f"{config}: sources.{name}: {words}" for words in never_stale(written, name, connector.feeds)]
        for feed in connector.feeds:
            if feed in given:
                faults.append(f"{config}: sources.{name}: the feed '{feed}' already comes from '{given[feed]}'")
            given[feed] = name
    faults += [f"{config}: {line}" for line in adt_faults(settings, given)]
    if faults:
        raise ConfigurationError("\n".join(faults))
    return Opened(site, readers, config)


def never_stale(settings: Settings, source: str, feeds: Iterable[str]) -> list[str]:
    """A line for each feed that would be taken off the walls while it is still called current."""
    promise = promise_of(settings, source)
    return [
        f"its data counts as current for {promise.total_seconds() / 60:g} min (stale_after_s, else twice interval_s), "
        f"but options.limit_min shows {feed} for {limit_of(settings, feed).total_seconds() / 60:g} min only"
        for feed in feeds
        if promise > limit_of(settings, feed)
    ]


def too_small(source: Source, feeds: int, again: float = 0) -> str:
    """Why a source's budget would be spent before each hour is over; empty if it would not.

    ``again``: how many more queries an hour read everything beside the changes.
    """
    most, asks = source.budget.queries_per_h, (feeds + 1) * 3600 / source.interval_s + again
    if most is None or most >= asks:
        return ""
    return f"{most} are too few for {feeds} feeds and a heartbeat every {source.interval_s:g} s: {asks:.0f} an hour"
