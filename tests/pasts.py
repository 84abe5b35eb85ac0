"""A hospital with a past, for the tests of looking back: three hours of it, each with its own number, and a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from surveillance.archive import Archive
from surveillance.hub import Hub
from surveillance.settings import Settings, StoreSettings
from surveillance.snapshot import Snapshot
from surveillance.store import open_store, store_url
from surveillance.worklist import Worklist
from tests.displays import NOON, Make, hub_of, reading, settings, snapshot

NOW = 77
"""Every number of the wall that is live; no wall of the past has it."""
BEGAN = NOON - timedelta(hours=3)
LEFT = NOON - timedelta(hours=2)
"""From here on nobody watched,"""
CAME_BACK = NOON - timedelta(minutes=75)
"""until here."""
ENDED = NOON - timedelta(minutes=5)
EVERY = timedelta(minutes=5)


def all_are(number: float, **others: Any) -> Make:
    return lambda measure, ward: reading(measure, ward, number=number, **others)


def number_at(moment: datetime) -> int:
    """What every reading was in the hour of ``moment``: 11, 12, 13."""
    return 11 + int((moment - BEGAN) / timedelta(hours=1))


def moments(since: datetime, until: datetime, every: timedelta = EVERY) -> Iterator[datetime]:
    while since <= until:
        yield since
        since += every


def three_hours() -> Iterator[Snapshot]:
    for moment in (*moments(BEGAN, LEFT), *moments(CAME_BACK, ENDED)):
        yield snapshot(all_are(number_at(moment), as_at=moment), moment)


def site_of(folder: Path, **changes: Any) -> Settings:
    """A site that keeps its past in ``folder`` and shows it."""
    return settings(**{"store": {"path": folder / "store.sqlite"}, "web": {"replay": True}, **changes})


def keep(site: Settings, shown: Iterable[Snapshot], *, thin_at: datetime | None = None) -> None:
    with open_store(store_url(site.store), site.store) as store:
        for one in shown:
            store.save(replace(one, sources=()), Worklist(one.as_at, {}))
        if thin_at:
            store.thin(thin_at)


def hub_with_past(site: Settings, now: datetime = NOON) -> Hub:
    """Its wall shows nothing but ``NOW``."""
    return hub_of(snapshot(all_are(NOW), site=site), now, site)


@contextmanager
def archive_of() -> Iterator[Archive]:
    archive = Archive()
    try:
        yield archive
    finally:
        archive.close()


def coarse(path: Path) -> StoreSettings:
    """Every change for a day, then hours for two, then days."""
    return StoreSettings(path=path, keep_every_change_days=1, keep_hourly_days=3, keep_daily_days=30)
