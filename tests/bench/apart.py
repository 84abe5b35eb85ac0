"""What it costs to ask a source in a process of its own, and how soon a question that is late has ended.

``python -m tests.bench.apart`` prints these figures alone.
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil

from surveillance.errors import SourceUnavailable
from surveillance.opening import Opened, open_site
from tests.bench.figures import Keep, Targets, printed
from tests.bench.hospital import AS_AT, Size, fill_sqlite, write_site
from tests.small_hospital import AS_AT as SMALL_AT
from tests.small_hospital import small_hospital

POLLS = 7
LATE = 5
TIMEOUT_S = 1.0
TARGETS: Targets = {"apart_overrun_beyond_deadline_max_s": ("≤", 1.0)}


def measure(keep: Keep) -> None:
    """Everything."""
    with tempfile.TemporaryDirectory() as folder:
        url = fill_sqlite(Path(folder) / "hospital.sqlite", Size())
        keep("apart", against_one_process(open_site(write_site(Path(folder), url, Size(), "text"))))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", f"from tests.bench.apart import told; told({folder!r})"]
        keep("apart", json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def told(folder: str) -> None:
    """Print what ``overruns`` finds. A new process loads the main module of its parent first: the program's has nothing
    to load, these benchmarks' has.
    """
    print(json.dumps(overruns(Path(folder))))


def against_one_process(opened: Opened) -> dict[str, float]:
    """Polls of a hundred wards, in this process and in one of their own, in turn."""
    (reader,), (source,) = opened.readers, opened.apart()
    took: dict[str, list[float]] = {"here": [], "apart": [], "busy": []}
    for number in range(POLLS):
        as_at = AS_AT + timedelta(seconds=number)
        for name, one in (("here", reader), ("apart", source)):
            asking: Any = one
            busy, started = psutil.Process().cpu_times().user, perf_counter()
            asking.poll(as_at)
            if number:  # the first reads everything
                took[name].append(perf_counter() - started)
                if name == "apart":
                    took["busy"].append(psutil.Process().cpu_times().user - busy)
    source.close()
    middle = {name: statistics.median(found) for name, found in took.items()}
    return {
        "poll_100_wards_in_this_process_s": middle["here"],
        "poll_100_wards_in_its_own_s": middle["apart"],
        "of_which_this_process_is_busy_s": middle["busy"],
    }


def overruns(folder: Path) -> dict[str, float]:
    """How long after its deadline a question to a server that says nothing has ended."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        config = small_hospital(folder)
        (folder / "pas.url").write_text(f"postgresql+psycopg://ward@127.0.0.1:{mute.getsockname()[1]}/ward", "utf-8")
        words = config.read_text("utf-8")
        quick = f'url_file = "pas.url"\ntimeout_s = {TIMEOUT_S}\n'
        config.write_text(words.replace('url_file = "pas.url"\n', quick), "utf-8")
        (source,) = open_site(config).apart()
        took = []
        for number in range(LATE + 1):
            started = perf_counter()
            try:
                source.knock(SMALL_AT)
            except SourceUnavailable:
                if number:  # with the first the processes are begun
                    took.append(perf_counter() - started - TIMEOUT_S)
        source.close()
    return {"overrun_beyond_deadline_p50_s": statistics.median(took), "overrun_beyond_deadline_max_s": max(took)}


if __name__ == "__main__":
    measure(printed(TARGETS))
