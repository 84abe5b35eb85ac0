"""When the overlay has patients, and the instant at which a replay starts unless told otherwise."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from surveillance.errors import ConfigurationError

START_HOUR = 8
"""After the night, when the day's doses and observations have begun."""


def overlay_range(database: Path) -> tuple[datetime, datetime]:
    """The first arrival and the last departure on the overlay.

    Raises:
        ConfigurationError: there is no patient on it.
    """
    first, last = _asked(database, "SELECT MIN(first_ts), MAX(left_ts) FROM admissions")[0]
    if first is None or last is None:
        raise ConfigurationError(f"{database}: no admission has a place on the overlay")
    return datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)


def default_instant(database: Path) -> datetime:
    """08:00 of the day on which most patients are in the hospital at that hour (the earliest such day).

    Raises:
        ConfigurationError: there is no patient on the overlay.
    """
    first, last = overlay_range(database)
    spells = _asked(database, "SELECT first_ts, left_ts FROM admissions WHERE first_ts IS NOT NULL")
    morning = first.replace(hour=START_HOUR, minute=0, second=0)
    mornings = [morning + timedelta(days=day) for day in range((last - first).days + 2)]
    return max(mornings, key=lambda at: sum(start <= at.timestamp() < end for start, end in spells))


def _asked(database: Path, query: str) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()
