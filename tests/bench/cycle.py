"""One process, one hospital: whole cycles of reading, accepting, computing and keeping, timed step by step.

Run as ``python -m tests.bench.cycle CONFIG CYCLES``; prints one JSON object. A process of its own, so that its peak
memory is that of the program and not of whatever filled the database.
"""

from __future__ import annotations

import json
import statistics
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from surveillance.compose import Lists, compose
from surveillance.opening import open_site
from surveillance.polling.collect import collect
from surveillance.snapshot import State
from surveillance.store import open_store, store_url
from tests.bench.hospital import AS_AT


def peak_memory_mb() -> float:
    """The most memory that this program held at once; ``ru_maxrss`` would count that of whoever started it."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(config: Path, cycles: int) -> None:
    """Times the cycles; the first is told apart, since later ones re-read old doses and observations hourly only."""
    opened = open_site(config)
    settings, site, readers = opened.settings, opened.site, opened.readers
    store = open_store(store_url(settings.store))
    store.save(*compose(site, {}, AS_AT - timedelta(minutes=1)))
    previous, before, steps, lists = None, None, [], Lists()
    for number in range(cycles):
        as_at = AS_AT + timedelta(seconds=number)
        started, asked = perf_counter(), readers[0].connector.queries
        feeds = collect(readers, as_at)
        read = perf_counter()
        snapshot, worklist = compose(site, feeds, as_at, previous, lists, before=before)
        computed = perf_counter()
        store.save(snapshot, worklist)
        kept = perf_counter()
        queries = readers[0].connector.queries - asked
        if queries != len(feeds):
            raise SystemExit(f"{queries} queries for {len(feeds)} feeds")
        steps.append((kept - started, read - started, computed - read, kept - computed))
        previous, before = snapshot, worklist
    readings = [reading for ward in snapshot.readings.values() for reading in ward.values()]
    later = list(zip(*steps[1:], strict=True))
    print(
        json.dumps(
            {
                "first_cycle_s": steps[0][0],
                "cycle_s": statistics.median(later[0]),
                "read_s": statistics.median(later[1]),
                "compute_s": statistics.median(later[2]),
                "keep_s": statistics.median(later[3]),
                "peak_memory_mb": peak_memory_mb(),
                "queries": queries,
                "rows": sum(feed.rows or 0 for feed in feeds.values()),
                "readings_with_value": sum(reading.state is State.VALUE for reading in readings),
                "readings": len(readings),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
