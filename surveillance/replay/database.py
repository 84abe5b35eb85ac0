"""The source's files stand in one SQLite database, loaded once and again only when a file or the loader changes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from surveillance.errors import ConfigurationError
from surveillance.replay.overlay import MEASURED_IN_PLACES, on_overlay
from surveillance.replay.source_files import FILES, fingerprint, read_tables

DATABASE = "mimic_iv.sqlite"
LOADER_VERSION = 1
"""Raised when the loader writes something else from the same files."""
INDEXES = (
    "CREATE INDEX by_admission ON transfers (hadm_id)",
    "CREATE INDEX by_time ON emar (ts)",
    "CREATE INDEX by_item ON labevents (itemid, subject_id, recorded_s)",
    "CREATE INDEX by_item_and_time ON chartevents (itemid, ts)",
    "CREATE INDEX by_patient_and_item ON chartevents (hadm_id, itemid, ts, value)",
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where the data stands, and how many rows came in.

    ``rows``: table → rows of its file. ``unplaced``: table → rows that lie in no admission: they are in the
    database, but belong to no patient of the overlay. ``without_census``: movements without transfer_id and end that
    are no discharge (visits to the emergency department without admission). ``fresh``: loaded by this call.
    """

    database: Path
    rows: dict[str, int]
    unplaced: dict[str, int]
    without_census: int
    fresh: bool

    def lines(self) -> list[str]:
        """The counts in words, for a terminal."""
        lines = []
        for table, number in self.rows.items():
            beside = f", of which {self.unplaced[table]:,} in no admission" if table in self.unplaced else ""
            lines.append(f"{table}: {number:,} rows{beside}")
        return [*lines, f"not in the census: {self.without_census:,} visits without admission"]


def load(data: Path, folder: Path) -> Loaded:
    """The database of ``data``'s CSV files in ``folder``, readable by its owner only.

    Raises:
        ConfigurationError: a file is missing or wrong, or the folder cannot be written; names the file.
    """
    mark = f"{LOADER_VERSION} {fingerprint(data)}"
    path = folder / DATABASE
    counts = _counts(path, mark)
    fresh = counts is None
    if counts is None:
        counts = _write(data, folder, mark)
    rows = {table: counts[f"rows {table}"] for table in FILES}
    unplaced = {table: counts[f"unplaced {table}"] for table in MEASURED_IN_PLACES}
    return Loaded(path, rows, unplaced, counts["without census"], fresh)


def _counts(path: Path, mark: str) -> dict[str, int] | None:
    """What was counted at the last loading; None if there is no whole database of these files."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = dict(connection.execute("SELECT name, number FROM loading").fetchall())
            marks = connection.execute("SELECT mark FROM loaded_from").fetchall()
    except sqlite3.Error:
        return None
    return {str(name): int(number) for name, number in found.items()} if marks == [(mark,)] else None


def _write(data: Path, folder: Path, mark: str) -> dict[str, int]:
    tables = on_overlay(read_tables(data))
    transfers = tables["transfers"]
    counts = {f"rows {table}": len(tables[table]) for table in FILES}
    counts |= {f"unplaced {table}": int(tables[table]["ts"].isna().sum()) for table in MEASURED_IN_PLACES}
    counts["without census"] = int((transfers["transfer_id"].isna() & (transfers["eventtype"] != "discharge")).sum())
    half = folder / f"{DATABASE}.{os.getpid()}"  # two programs may load at once; whichever ends last stands
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        half.touch(mode=0o600)
        with closing(sqlite3.connect(half)) as connection:
            for name, table in tables.items():
                table.to_sql(name, connection, index=False)
            for statement in INDEXES:
                connection.execute(statement)
            pd.DataFrame(counts.items(), columns=["name", "number"]).to_sql("loading", connection, index=False)
            pd.DataFrame({"mark": [mark]}).to_sql("loaded_from", connection, index=False)
            connection.execute("ANALYZE")
            connection.commit()
        half.replace(folder / DATABASE)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"{folder / DATABASE}: cannot be written ({type(error).__name__})") from None
    finally:
        half.unlink(missing_ok=True)
    return counts
