"""What the display costs a source's database at the default intervals, and what a dead source costs the others.

``python -m tests.bench.burden`` prints these figures alone.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import psutil

from surveillance.errors import SourceUnavailable
from surveillance.opening import open_site
from surveillance.polling.apart import SourceApart
from surveillance.polling.held import WHOLE_EVERY
from surveillance.settings import Source
from tests import postgres
from tests.bench.figures import Keep, Targets, printed
from tests.bench.hospital import AS_AT, Size, fill_postgresql, write_site
from tests.small_hospital import small_hospital

POLLS = 9
TARGETS: Targets = {
    "burden_dead_source_ratio": ("≤", 1.05),
    "burden_source_database_share_of_one_core_percent": ("<", 2.0),
}


def measure(keep: Keep) -> None:
    """Everything; on PostgreSQL, for SQLite is no server that could be burdened."""
    if postgres.programs() is None:
        print("PostgreSQL is not installed: its burden is not measured")
        return
    with postgres.cluster() as server, tempfile.TemporaryDirectory() as folder:
        server.create_database("bench")
        url = fill_postgresql(server.url("bench"), Size())
        (source,) = open_site(write_site(Path(folder), url, Size(), "native")).apart()
        keep("burden", at_the_server(server, source))
        keep("burden", beside_a_dead_one(source, Path(folder)))
        source.close()


def at_the_server(server: postgres.Cluster, source: SourceApart) -> dict[str, float]:
    """Processor seconds of the whole server for a poll that reads everything, and for one that reads what is recent."""
    took = []
    for number in range(POLLS):
        before = busy_s(server)
        source.poll(AS_AT + timedelta(seconds=number))
        took.append(busy_s(server) - before)
    whole, recent = took[0], statistics.median(took[1:])
    polls = WHOLE_EVERY.total_seconds() / Source(url_env="ANY").interval_s
    share = (whole + (polls - 1) * recent) / WHOLE_EVERY.total_seconds()
    return {
        "source_database_busy_first_poll_s": whole,
        "source_database_busy_later_poll_s": recent,
        "source_database_share_of_one_core_percent": 100 * share,
    }


def busy_s(server: postgres.Cluster) -> float:
    """Seconds for which processors worked for the server so far, also in processes of it that have ended."""
    first = psutil.Process(int((server.folder / "data" / "postmaster.pid").read_text().split()[0]))
    ended = first.cpu_times()
    times = [one.cpu_times() for one in (first, *first.children(recursive=True))]
    return sum(one.user + one.system for one in times) + ended.children_user + ended.children_system


def beside_a_dead_one(source: SourceApart, folder: Path) -> dict[str, float]:
    """Polls of a source that answers, alone and while one that says nothing is asked all the time, in turn."""
    took: dict[str, list[float]] = {"alone": [], "beside": []}
    for number in range(POLLS):
        for name in took:
            with dead(folder / f"dead{number}") if name == "beside" else nothing():
                started = perf_counter()
                source.poll(AS_AT + timedelta(minutes=1, seconds=number))
                took[name].append(perf_counter() - started)
    alone, beside = (statistics.median(found) for found in took.values())
    return {"poll_alone_s": alone, "poll_beside_a_dead_source_s": beside, "dead_source_ratio": beside / alone}


@contextmanager
def nothing() -> Iterator[None]:
    """No other source."""
    yield


@contextmanager
def dead(folder: Path) -> Iterator[None]:
    """A source that takes every call and says nothing is being polled by a thread of its own."""
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        config = small_hospital(folder)
        (folder / "pas.url").write_text(f"postgresql+psycopg://ward@127.0.0.1:{mute.getsockname()[1]}/ward", "utf-8")
        (other,) = open_site(config).apart()

        def ask() -> None:
            with suppress(SourceUnavailable):  # it is closed while it waits
                other.poll(AS_AT)

        asking = threading.Thread(target=ask)
        asking.start()
        with mute.accept()[0]:  # it has called, and waits
            yield
        other.close()
        asking.join()


if __name__ == "__main__":
    measure(printed(TARGETS))
