"""Saves one snapshot after another into a store and prints the number of each that was acknowledged, until killed."""

from __future__ import annotations

import sys
from itertools import count
from typing import Any

from surveillance.snapshot import Snapshot
from surveillance.store import open_store
from surveillance.worklist import Worklist
from tests.stores import after, rollup, snapshot


def numbered(number: int) -> tuple[Snapshot, Worklist]:
    """The snapshot with this number: some wards change at each, some seldom, one never."""
    as_at = after(number / 2)
    values = {f"W{ward}": {"falls": number // (1 + ward), "aki": number * ward} for ward in range(30)}
    kept = snapshot(
        as_at, {**values, "STEADY": {"falls": 1}}, rollups=(rollup("med", number, as_at),), quality={"x": number}
    )
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {
        (f"W{ward}", "falls"): [{"key": f"S{number}-{n}", "as_at": as_at, "note": "x" * 300} for n in range(number % 5)]
        for ward in range(30)
    }
    return kept, Worklist(as_at, rows)


def number_of(kept: Snapshot | None) -> int:
    """The number that a snapshot has; -1 for none."""
    return -1 if kept is None else int(kept.quality["x"])


if __name__ == "__main__":
    with open_store(sys.argv[1]) as store:
        for number in count(number_of(store.current()) + 1):
            store.save(*numbered(number))
            print(number, flush=True)
