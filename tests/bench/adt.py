"""How many ADT messages a second are stored and acknowledged, and what a snapshot pays for those that wait.

``python -m tests.bench.adt`` prints these figures alone.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from surveillance.adt.fold import with_adt
from surveillance.adt.listener import Listener
from surveillance.opening import open_site
from surveillance.store import open_database
from tests import postgres
from tests.adt_messages import adt, event, sender
from tests.bench.figures import Keep, Targets, printed
from tests.bench.hospital import AS_AT, Size, fill_sqlite, write_site
from tests.connectors.adt_server import now, settings_of

MESSAGES = 1000
SENDERS = 4
WAITING = 200
"""Messages within two intervals of a large hospital, many times over."""
TARGETS: Targets = {"adt_sqlite_one_sender_messages_per_s": ("≥", 100)}


def measure(keep: Keep) -> None:
    """Everything."""
    with tempfile.TemporaryDirectory() as folder:
        keep("adt", acknowledged(f"sqlite:///{folder}/store.sqlite", "sqlite"))
        keep("adt", folded(Path(folder)))
    if postgres.programs() is not None:
        with postgres.cluster() as cluster:
            cluster.create_database("adt")
            keep("adt", acknowledged(cluster.url("adt"), "postgresql"))


def acknowledged(url: str, kind: str) -> dict[str, float]:
    """One sender, and several at once; each waits for its acknowledgement before it sends the next."""
    open_database(url).close()
    settings = settings_of(max_connections=SENDERS)
    listener = Listener(settings, lambda: open_database(url), {}, (now, now), lambda: None, lambda _: None)
    waits: list[float] = []

    def talk(name: str, number: int) -> None:
        with sender(listener.port) as pas:
            for one in range(number):
                message = adt("A02", f"{name}-{one}", "B2", now())
                started = perf_counter()
                assert pas.send(message) == "AA"
                waits.append(perf_counter() - started)

    with closing(listener):
        started = perf_counter()
        talk("one", MESSAGES)
        alone = perf_counter() - started
        middle, worst = statistics.median(waits), statistics.quantiles(waits, n=100)[98]
        threads = [threading.Thread(target=talk, args=(f"s{one}", MESSAGES // SENDERS)) for one in range(SENDERS)]
        started = perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        together = perf_counter() - started
    return {
        f"{kind}_one_sender_messages_per_s": MESSAGES / alone,
        f"{kind}_{SENDERS}_senders_messages_per_s": MESSAGES / together,
        f"{kind}_acknowledgement_p50_s": middle,
        f"{kind}_acknowledgement_p99_s": worst,
    }


def folded(folder: Path) -> dict[str, float]:
    """Messages put over the census of a hundred wards."""
    url = fill_sqlite(folder / "hospital.sqlite", Size())
    (reader,) = open_site(write_site(folder, url, Size(), "text")).readers
    feeds = {data.feed: data.frame for data in reader.poll(AS_AT)}
    spells, stays = feeds["spell"], feeds["ward_stay"]
    assert spells is not None
    assert stays is not None
    wards = stays["ward_code"].dropna().unique().tolist()
    visits = stays.loc[stays["end_ts"].isna(), "spell_key"].tolist()[:WAITING]
    at = AS_AT - timedelta(seconds=30)
    events = [event("A02", visit, wards[place % len(wards)], at) for place, visit in enumerate(visits)]
    took = []
    for _ in range(5):
        started = perf_counter()
        with_adt(spells, stays, AS_AT, events, {}, wards)
        took.append(perf_counter() - started)
    return {f"fold_{WAITING}_messages_100_wards_s": statistics.median(took)}


if __name__ == "__main__":
    measure(printed(TARGETS))
