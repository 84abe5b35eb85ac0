"""What it costs to read 300,000 observations whole, and to read only those that changed, from PostgreSQL.

``python -m tests.bench.watermark`` prints these figures alone.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import psutil
import psycopg

from connectors.base import Bounds, RawRows
from connectors.sql import SqlConnector
from surveillance.polling.reader import SourceReader
from surveillance.settings import FeedSource, Pack, Settings, Watermark
from tests import postgres
from tests.bench.figures import Keep, printed
from tests.bench.hospital import AS_AT, Size, tables

POLLS = 9
CHANGES = 40
"""Rows that are new or changed in a minute; as many again come with the overlap of each of its five."""
QUERY = """
SELECT o.obs_id, o.changed_at, {columns}
FROM obs o WHERE o.ts >= :since AND o.changed_at >= :changed_since
"""
SETTINGS = {
    "site": {"name": "Bench"},
    "wards": [{"code": "W", "name": "W", "division": "D", "site": "S"}],
    "divisions": [{"code": "D", "name": "D"}],
    "sites": [{"code": "S", "name": "S"}],
    "plausibility": {"minimum_rows": 10_000_000},
}


class Timed(SqlConnector):
    """Remembers how long the last answer took to arrive, and its rows."""

    took_s = 0.0
    rows = 0

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        started = perf_counter()
        raw = super().read(feed, bounds)
        self.took_s, self.rows = perf_counter() - started, len(raw.frame)
        return raw


def fill(url: str) -> list[str]:
    """The observations as a vendor's table, with a number and the time of the change; their columns."""
    columns, rows = next((columns, rows) for feed, columns, rows in tables(Size()) if feed == "obs_set")
    types = {"spell_key": "text", "ts": "timestamp", "o2": "text", "acvpu": "text", "complete": "int"}
    declared = ", ".join(f"{column} {types.get(column, 'float')}" for column in columns)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(f"CREATE TABLE obs (obs_id int PRIMARY KEY, changed_at timestamp, {declared})")
        with connection.cursor().copy(f"COPY obs (obs_id, changed_at, {', '.join(columns)}) FROM STDIN") as copy:
            for number, row in enumerate(rows):
                copy.write_row((number, row[1], *row))
        connection.execute("CREATE INDEX ON obs (ts)")
        connection.execute("CREATE INDEX ON obs (changed_at)")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return columns


def change(url: str, as_at: datetime) -> None:
    """What a minute brings: some old rows corrected, and some new ones."""
    stamp = as_at.replace(tzinfo=None)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(
            "UPDATE obs SET rr = rr + 1, changed_at = %s WHERE obs_id IN"
            " (SELECT (random() * 299999)::int FROM generate_series(1, %s))",
            (stamp, CHANGES // 2),
        )
        connection.execute(
            "INSERT INTO obs SELECT n.top + s, %(at)s, o.spell_key, %(at)s, o.rr, o.spo2, o.spo2_scale, o.o2, o.sbp,"
            " o.pulse, o.acvpu, o.temp, o.news2_total, o.complete"
            " FROM generate_series(1, %(rows)s) s, (SELECT MAX(obs_id) AS top FROM obs) n, obs o WHERE o.obs_id = s",
            {"at": stamp, "rows": CHANGES // 2},
        )


def measure(keep: Keep) -> None:
    """Everything, if there is a server."""
    if postgres.programs() is None:
        print("PostgreSQL is not installed: what a watermark costs is missing")
        return
    with postgres.cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        cluster.create_database("watermark")
        keep("watermark", polls(cluster.url("watermark"), Path(folder)))


def polls(url: str, folder: Path) -> dict[str, float]:
    """The same polls by a reader that asks for changes, and by one that reads everything."""
    columns = fill(url)
    (folder / "obs_set.sql").write_text(QUERY.format(columns=", ".join(f"o.{column}" for column in columns)))
    rule = Watermark(column="changed_at", key=("obs_id",))
    pack = Pack(name="bench", title="Bench", feeds={"obs_set": FeedSource(sql=folder / "obs_set.sql", watermark=rule)})
    connector = Timed("bench", url, pack, 120)
    settings = Settings.model_validate(SETTINGS)
    asked: dict[str, list[tuple[float, float]]] = {"whole": [], "changed": []}
    start = AS_AT.astimezone(UTC).replace(minute=1)
    running = SourceReader("bench", connector, pack.feeds, settings)
    gc.collect()
    before, changed_rows = psutil.Process().memory_info().rss, 0
    for number in range(POLLS):
        as_at = start + timedelta(minutes=number)
        change(url, as_at)
        readers = {"changed": running, "whole": SourceReader("bench", connector, pack.feeds, settings)}
        for name, reader in readers.items():
            if name == "whole" and number >= 3:
                continue
            started = perf_counter()
            (data,) = reader.poll(as_at)
            if data.frame is None:
                raise SystemExit(data.error)
            if number or name == "whole":
                asked[name].append((perf_counter() - started, connector.took_s))
                changed_rows = connector.rows if name == "changed" else changed_rows
            del data, reader
        readers.clear()
    gc.collect()
    held = psutil.Process().memory_info().rss - before
    connector.close()
    figures = {
        f"{name}_{what}_s": statistics.median(took[place] for took in found)
        for name, found in asked.items()
        for place, what in enumerate(("poll", "of_which_source"))
    }
    return {**figures, "changed_rows_of_the_last_poll": changed_rows, "memory_afterwards_mb": held / 2**20}


if __name__ == "__main__":
    measure(printed({}))
