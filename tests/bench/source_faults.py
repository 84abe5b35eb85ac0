"""How soon figures say that their source is bad, how soon they are right again, and how often it is logged in to.

Each fault of ``tests.faults.sources`` on a server of its own, with the program's own waits: a source is asked every
5 s, a question may take 2 s, a figure is shown for 20 s at most. ``python -m tests.bench.source_faults`` prints these
figures alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import mariadb, postgres
from tests.bench.figures import Keep, Targets, printed

AT_ONCE = 5
"""Most of a fault is waiting."""
TARGETS: Targets = {"source_faults_said_max_s": ("≤", 15.0)}


def measure(keep: Keep) -> None:
    """Every fault, in a process of its own that waits as long as the program does."""
    command = [sys.executable, "-m", "tests.bench.source_faults", "json"]
    told = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"WALL_FAULTS": "full"}
    )
    keep("source_faults", json.loads(told.stdout))


def figures() -> dict[str, float]:
    """Of every fault whose server is installed."""
    from tests.faults.sources.course import Course, at, endured
    from tests.faults.sources.faults import ANSWERS, MARIADB, SERVER, Fault
    from tests.faults.sources.network import why_no_cable
    from tests.faults.sources.site import cluster, maria_server

    def course(fault: Fault) -> Course:
        with tempfile.TemporaryDirectory() as folder:
            if fault in MARIADB:
                with maria_server() as maria, at(maria, Path(folder), fault, "arrow_odbc") as place:
                    return endured(place, fault, held_s=0)[0]
            with cluster() as server, at(server, Path(folder), fault, "psycopg") as place:
                return endured(place, fault, held_s=0)[0]

    faults = [*SERVER, *ANSWERS] if postgres.programs() else []
    faults += [] if mariadb.missing_programs() else MARIADB
    if why_no_cable():
        faults = [fault for fault in faults if fault.name != "packets dropped"]
    found: dict[str, float] = {}
    with ThreadPoolExecutor(AT_ONCE) as several:
        courses = list(several.map(course, faults))
    for fault, took in zip(faults, courses, strict=True):
        name = re.sub(r"\W+", "_", ("mariadb " if fault in MARIADB else "") + fault.name)
        found |= {f"{name}_said_s": took.said_s, f"{name}_no_number_s": took.gone_s, f"{name}_healed_s": took.healed_s}
        found[f"{name}_logins_a_min"] = 60 * took.logins / took.lasted_s
    for what in ("said_s", "healed_s", "logins_a_min"):
        stem, unit = what.split("_", 1)
        found[f"{stem}_max_{unit}"] = max(number for name, number in found.items() if name.endswith(f"_{what}"))
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["json"]:
        print(json.dumps(figures()))
    else:
        measure(printed(TARGETS))
