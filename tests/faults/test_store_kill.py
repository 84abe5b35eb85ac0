"""Nothing that the store acknowledged is lost when its program is killed, at whatever moment."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from surveillance.store import open_store
from tests.faults.store_writer import number_of, numbered
from tests.stores import said

ROOT = Path(__file__).parents[2]
ROUNDS = 20 if os.environ.get("WALL_FAULTS") == "full" else 10


def start(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.store_writer", url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed(url: str, chance: random.Random, *, while_starting: bool) -> list[int]:
    """The numbers that a writer acknowledged before it was killed."""
    with start(url) as writer:
        assert writer.stdout is not None
        seen = [] if while_starting else [int(writer.stdout.readline()) for _ in range(chance.randint(1, 12))]
        # No condition to wait for: the moment is meant to be any.
        time.sleep(chance.uniform(0.2, 1.2) if while_starting else chance.uniform(0, 0.03))
        writer.kill()
        return seen + [int(line) for line in writer.stdout if line.endswith("\n")]


def test_a_killed_program_has_kept_everything_that_it_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite"
    chance = random.Random(20261123)
    acknowledged: list[int] = []
    for turn in range(ROUNDS):
        acknowledged += killed(url, chance, while_starting=turn in (0, 1, 9))
        with open_store(url) as store:
            newest = store.current()
            last = number_of(newest)
            assert last >= max(acknowledged, default=-1)
            if newest is None:
                continue
            assert newest == numbered(last)[0]
            for (ward, measure), rows in numbered(last)[1].rows.items():
                assert store.worklist(ward, measure) == rows
            for number in acknowledged:
                kept = numbered(number)[0]
                assert said(store.at(kept.as_at)) == said(kept)
    assert len(acknowledged) > ROUNDS
    assert acknowledged == sorted(set(acknowledged))


@pytest.mark.parametrize("programs", [6])
def test_programs_that_start_at_once_share_a_new_store(tmp_path: Path, programs: int) -> None:
    code = "import sys; from surveillance.store import open_store; print(open_store(sys.argv[1]).revision())"
    command = [sys.executable, "-W", "error", "-c", code, f"sqlite:///{tmp_path}/store.sqlite"]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(programs)]
    assert [(one.communicate()[0].strip(), one.returncode) for one in started] == [("0", 0)] * programs
