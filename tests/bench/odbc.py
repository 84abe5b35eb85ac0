"""What reading all feeds of a hundred wards costs over ODBC, beside PostgreSQL's own driver, from the same tables.

``python -m tests.bench.odbc`` prints these figures alone.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from connectors.base import Connector
from surveillance.feeds import FEEDS
from surveillance.opening import open_site
from surveillance.polling.reader import SourceReader
from tests import postgres
from tests.bench.figures import Keep, Targets, printed
from tests.bench.hospital import AS_AT, Size, fill_postgresql, write_site

ROUNDS = 5
TARGETS: Targets = {
    "odbc_against_native_ratio": ("≤", 1.5),
    "odbc_poll_against_native_ratio": ("≤", 1.5),
}


def measure(keep: Keep) -> None:
    """Everything."""
    if postgres.programs() is None:
        print("PostgreSQL is not installed: the figures of ODBC are missing")
        return
    with postgres.cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        cluster.create_database("bench")
        native = fill_postgresql(cluster.url("bench"), Size())
        ways = {
            "native": native,
            "odbc": cluster.url("bench", driver="arrow_odbc"),
            "odbc_by_value": cluster.url("bench", driver="pyodbc"),
        }
        readers = {}
        for way, url in ways.items():
            place = Path(folder) / way
            place.mkdir()
            (readers[way],) = open_site(write_site(place, url, Size(), "native")).readers
        keep("odbc", against_native(readers))
        for reader in readers.values():
            reader.close()


def against_native(readers: Mapping[str, SourceReader]) -> dict[str, float]:
    """Each way in turn, so that a busy computer is busy for both."""
    took: dict[str, list[float]] = {way: [] for way in readers}
    rows = {way: read_all(reader) for way, reader in readers.items()}
    if len(set(rows.values())) > 1:
        raise RuntimeError(f"the ways give different numbers of rows: {rows}")
    for _ in range(ROUNDS):
        for way, reader in readers.items():
            started = perf_counter()
            read_all(reader)
            took[way].append(perf_counter() - started)
    middle = {way: statistics.median(found) for way, found in took.items()}
    figures = {f"all_feeds_100_wards_{way}_s": seconds for way, seconds in middle.items()}
    return figures | {"against_native_ratio": middle["odbc"] / middle["native"]} | polled(readers)


def polled(readers: Mapping[str, SourceReader]) -> dict[str, float]:
    """The poll of every minute: the recent rows of the large feeds, everything of the others, checked by the gate."""
    took: dict[str, list[float]] = {way: [] for way in readers}
    for number in range(ROUNDS + 1):
        for way, reader in readers.items():
            started = perf_counter()
            reader.poll(AS_AT + timedelta(seconds=number))
            if number:  # the first reads everything
                took[way].append(perf_counter() - started)
    middle = {way: statistics.median(found) for way, found in took.items()}
    figures = {f"poll_100_wards_{way}_s": seconds for way, seconds in middle.items()}
    return figures | {"poll_against_native_ratio": middle["odbc"] / middle["native"]}


def read_all(reader: SourceReader) -> int:
    """The rows of every feed, as far back as a whole reading goes."""
    connector: Connector = reader.connector
    return sum(len(connector.read(feed, reader.bounds(FEEDS[feed], AS_AT)).frame) for feed in reader.feeds)


if __name__ == "__main__":
    measure(printed(TARGETS))
