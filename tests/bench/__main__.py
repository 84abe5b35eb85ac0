"""``make bench``: prints a table and writes ``build/bench.json``, a flat object of names with units → numbers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import postgres
from tests.bench import adt, apart, burden, charts, desk, executive, odbc, source_faults, walls, watermark
from tests.bench.figures import printed
from tests.bench.hospital import Size, fill_postgresql, fill_sqlite, write_site

GROWTH_WARDS = (10, 100, 400)
CYCLES = 5
MEASURED = (apart, burden, source_faults, odbc, adt, charts, walls, desk)
"""What has targets."""


def cycle(folder: Path, url: str, size: Size, storage: str) -> dict[str, float]:
    """The figures of one hospital, measured in a process of its own."""
    config = write_site(folder, url, size, storage)
    command = [sys.executable, "-m", "tests.bench.cycle", str(config), str(CYCLES)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def main() -> int:
    """Measures everything; the figures of one run belong together."""
    results: dict[str, float] = {}
    show = printed({key: one for part in MEASURED for key, one in part.TARGETS.items()})

    def keep(name: str, figures: Mapping[str, float]) -> None:
        for figure, number in figures.items():
            results[f"{name}_{figure}"] = round(number, 4)
        show(name, figures)

    for wards in GROWTH_WARDS:
        size = Size().scaled(wards)
        with tempfile.TemporaryDirectory() as folder:
            url = fill_sqlite(Path(folder) / "hospital.sqlite", size)
            keep(f"sqlite_{wards}_wards", cycle(Path(folder), url, size, "text"))
    smallest, _, largest = GROWTH_WARDS
    growth = results[f"sqlite_{largest}_wards_cycle_s"] / results[f"sqlite_{smallest}_wards_cycle_s"]
    results["growth_of_cycle_10_to_400_wards_ratio"] = round(growth, 2)
    print(f"{'growth of the cycle, 10 to 400 wards (40 is linear)':52} {growth:12.2f}")
    if postgres.programs() is None:
        print("PostgreSQL is not installed: its figures are missing")
    else:
        with postgres.cluster() as cluster, tempfile.TemporaryDirectory() as folder:
            cluster.create_database("bench")
            url = fill_postgresql(cluster.url("bench"), Size())
            keep("postgresql_100_wards", cycle(Path(folder), url, Size(), "native"))
    adt.measure(keep)
    apart.measure(keep)
    odbc.measure(keep)
    source_faults.measure(keep)
    burden.measure(keep)
    watermark.measure(keep)
    charts.measure(keep)
    walls.measure(keep)
    executive.measure(keep)
    desk.measure(keep)
    path = Path("build/bench.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
