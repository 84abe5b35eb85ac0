"""The program is killed at any moment while people look at patients: whatever reached anybody stands in the record."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from surveillance.access.access import Access, Opened
from surveillance.store import open_database
from surveillance.store.audit_checking import check
from surveillance.store.audit_reading import Wanted, keys_of, lines
from surveillance.store.database import Database
from tests.desks import STAFF, WARD
from tests.faults.audit_viewer import COUNTS, RULES

ROOT = Path(__file__).parents[2]
ROUNDS = 200 if os.environ.get("WALL_FAULTS") == "full" else 50
"""``make soak`` kills as often as it takes to be sure."""
CLIENTS = 3
LONGEST_S = 0.2
"""After the first answer the program is killed within this time."""
CALLBACK = "/desk/_dash-update-component"
HOSPITAL_NUMBER = re.compile(rb"RXR (1\d{5})")


@dataclass
class Viewer:
    """Somebody who looks at one measure after another. ``seen``: measure → keys of the patients whose row came."""

    token: str
    session: str
    seen: dict[str, set[str]] = field(default_factory=dict)
    whole: int = 0
    cut: int = 0

    def look(self, port: int, form: dict[str, Any], first: threading.Event, measures: list[str]) -> None:
        """Until the program is gone. What came of an answer that was cut short counts as seen."""
        headers = {"Cookie": f"session={self.token}", "Content-Type": "application/json"}
        headers["Origin"] = f"http://127.0.0.1:{port}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.sock = slow_socket(port)
        for number, measure in enumerate(measures):
            came, whole = b"", False
            try:
                connection.request("POST", CALLBACK, json.dumps(asking(form, measure, f"page {number}")), headers)
                answer = connection.getresponse()
                assert answer.status == 200
                while piece := answer.read1(4096):
                    came += piece
                    first.set()
                whole = answer.length == 0
            except (OSError, http.client.HTTPException):
                pass
            if numbers := HOSPITAL_NUMBER.findall(came):
                self.seen.setdefault(measure, set()).update(f"p{int(one) - 100_000}" for one in numbers)
            self.whole, self.cut = self.whole + whole, self.cut + bool(came and not whole)
            if not whole:
                break
        connection.close()


def slow_socket(port: int) -> socket.socket:
    """A connection that holds little on its way, so that an answer can be cut short."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(30)
    made.connect(("127.0.0.1", port))
    return made


def asking(form: dict[str, Any], measure: str, page: str) -> dict[str, Any]:
    """What a desk's page sends that shows a measure."""
    inputs = [{**form["inputs"][0], "value": {"ward": WARD, "measure": measure, "page": page}}]
    return {**form, "inputs": inputs, "changedPropIds": ["asked.data"]}


@contextmanager
def viewer_program(url: str, *how: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.faults.audit_viewer", url, *how]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        yield program
        assert program.stdin is not None
        program.stdin.close()


def started(program: subprocess.Popen[str]) -> tuple[int, int]:
    """Process and port of a new server."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write("start\n")
    program.stdin.flush()
    process, port = program.stdout.readline().split()
    return int(process), int(port)


def form_of(program: subprocess.Popen[str], token: str) -> dict[str, Any]:
    """The form of the request that shows a measure, as the program itself declares it."""
    process, port = started(program)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/desk/_dash-dependencies", headers={"Cookie": f"session={token}"})
    callbacks = json.loads(connection.getresponse().read())
    connection.close()
    os.kill(process, signal.SIGKILL)
    (found,) = (one for one in callbacks if "asked" in {given["id"] for given in one["inputs"]})
    places = [part.rsplit(".", 1) for part in found["output"].strip(".").split("...")]
    outputs = [{"id": name, "property": prop} for name, prop in places]
    return {"output": found["output"], "outputs": outputs, "inputs": found["inputs"], "state": found["state"]}


def killed_while_looking(
    program: subprocess.Popen[str], form: dict[str, Any], opened: Opened, chance: random.Random
) -> list[Viewer]:
    """What people saw of a program that was killed at any moment."""
    viewers = []
    for _ in range(CLIENTS):
        token, session = opened.sessions.begin(STAFF, "127.0.0.1")
        viewers.append(Viewer(token, session.key[:12]))
    first = threading.Event()
    process, port = started(program)
    threads = [
        threading.Thread(target=one.look, args=(port, form, first, chance.sample(sorted(COUNTS), len(COUNTS))))
        for one in viewers
    ]
    for thread in threads:
        thread.start()
    if chance.random() < 0.9:
        assert first.wait(30)
    # No condition to wait for: the moment is meant to be any.
    time.sleep(chance.uniform(0, LONGEST_S))
    os.kill(process, signal.SIGKILL)
    for thread in threads:
        thread.join(30)
    return viewers


def unrecorded(database: Database, viewers: list[Viewer]) -> list[tuple[str, str]]:
    """(session, measure) of each answer with a patient of whom the record does not say that they were seen there."""
    recorded: dict[tuple[str, str], set[str]] = {}
    with database.reading() as connection:
        for line in lines(connection, Wanted(event="view", ward=WARD)):
            recorded.setdefault((line["session"], line["measure"]), set()).update(keys_of(line["keys"]))
    return [
        (one.session, measure)
        for one in viewers
        for measure, keys in one.seen.items()
        if not keys <= recorded.get((one.session, measure), set())
    ]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    database, access = open_database(url), Access()
    yield access.open(RULES, database)
    access.close()
    database.close()


def test_a_killed_program_has_recorded_every_view_that_reached_anybody(url: str, opened: Opened) -> None:
    chance, viewers = random.Random(20261123), list[Viewer]()
    with viewer_program(url) as program:
        form = form_of(program, opened.sessions.begin(STAFF, "127.0.0.1")[0])
        for _ in range(ROUNDS):
            viewers += killed_while_looking(program, form, opened, chance)
    database = open_database(url)
    assert unrecorded(database, viewers) == []
    with database.reading() as connection:
        found = check(connection)
    database.close()
    assert (found.faults, found.unguarded) == ((), ())
    # That it was tried: many saw something, some only the beginning of an answer, and some nothing of what is recorded.
    assert sum(one.whole for one in viewers) > ROUNDS
    assert any(one.cut for one in viewers)
    assert found.rows > sum(one.whole for one in viewers)


def test_a_program_that_shows_first_and_records_then_would_be_found(url: str, opened: Opened) -> None:
    chance = random.Random(20261124)
    database = open_database(url)
    with viewer_program(url, "late") as program:
        form = form_of(program, opened.sessions.begin(STAFF, "127.0.0.1")[0])
        rounds = (killed_while_looking(program, form, opened, chance) for _ in range(20))
        assert any(unrecorded(database, viewers) for viewers in rounds)
    database.close()
