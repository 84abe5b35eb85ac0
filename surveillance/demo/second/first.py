"""The first hospital's rows, and its moments as a clock on a wall in London shows them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from surveillance.demo.localtime import DAY, clock_text, date_text, wall_seconds

Row = dict[str, Any]


def rows(folder: Path, system: str, query: str) -> Iterator[Row]:
    """What a query finds in one of its databases."""
    file = quote(str((folder / f"{system}.sqlite").absolute()))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        for row in database.execute(query):
            yield dict(row)


@lru_cache(maxsize=200_000)
def wall(moment: str | int | None) -> str | None:
    """A stored moment, seconds since 1970 or text with an offset, as ``YYYY-MM-DD HH:MM:SS`` in London."""
    if moment is None:
        return None
    instant = moment if isinstance(moment, int) else int(datetime.fromisoformat(moment).timestamp())
    seconds = wall_seconds(instant)
    return f"{date_text(seconds // DAY)} {clock_text(seconds % DAY)}"


def british(date: str | None) -> str | None:
    """``YYYY-MM-DD`` as ``DD/MM/YYYY``."""
    return f"{date[8:10]}/{date[5:7]}/{date[:4]}" if date else None


def person_of(number: str | None) -> str | None:
    """The second record's own number of a person."""
    return f"CR{number[1:]}" if number else None


def spell_of(visit: str | None) -> str | None:
    """The second record's own number of a spell."""
    return f"{visit[2:]}-S" if visit else None
