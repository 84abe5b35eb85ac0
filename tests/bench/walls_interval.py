"""The same wall as others build it: ``dcc.Interval`` and a callback that asks a database and returns the layout.

Run as ``python -m tests.bench.walls_interval PORT`` it serves such a page and publishes as it is told. It is kind to
the interval: each ward is a row of its own in SQLite, and a screen that still waits for its answer does not ask again.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from dash import Dash, Input, Output, State, dcc, html

from callbacks.walls import Address, Walls
from surveillance.app import WORKERS
from surveillance.hub import Frame, Seen
from surveillance.snapshot import Snapshot
from surveillance.snapshot_json import dumps, snapshot_from_json, snapshot_to_json
from tests.bench.walls_server import WARDS, Changing, hospital, obey, serving

ASKS_EVERY_S = 2.0


class Database:
    """The newest snapshot of every ward, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.execute("create table ward (code text primary key, content text)")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path)

    def put(self, made: Snapshot) -> None:
        """Replace everything by what ``made`` says."""
        content = snapshot_to_json(made, {}, every_part=True)
        rows = [(ward["code"], dumps({**content, "wards": [ward]}).decode()) for ward in content["wards"]]
        connection = self._open()
        with connection:
            connection.executemany("insert or replace into ward values (?, ?)", rows)
        connection.close()

    def ward(self, code: str) -> Snapshot:
        """What it says of one ward."""
        connection = self._open()
        (content,) = connection.execute("select content from ward where code = ?", (code,)).fetchone()
        connection.close()
        return snapshot_from_json(json.loads(content))


def page(database: Database) -> Dash:
    """A Dash application that asks again and again."""
    site, walls = hospital(), Walls()
    app = Dash("interval")
    asking = dcc.Interval(id="tick", interval=ASKS_EVERY_S * 1000)
    app.layout = html.Div([dcc.Location(id="address"), asking, html.Div(id="live"), html.Div(id="made")])

    @app.callback(
        Output("live", "children"),
        Output("made", "children"),
        Input("tick", "n_intervals"),
        State("address", "pathname"),
    )
    def draw(_ticks: int, path: str) -> tuple[Any, float]:
        code = path.rpartition("/")[2]
        made, now = database.ward(code), datetime.now(UTC)
        seen = Seen("", now, site, Frame(1, made, time.monotonic(), 0.1))
        wall = walls.at(seen, Address("ward", code))
        assert wall
        return wall.painted(seen), made.as_at.timestamp()

    return app


@dataclass
class Screens:
    """What screens that ask have got."""

    latencies: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    packed: int = 0
    failed: int = 0


async def ask(port: int, ward: str, until: float, got: Screens) -> None:
    """Ask as Dash's script in a browser does, on one connection that is kept."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    shown, ticks = 0.0, 0
    due = time.time() + random.uniform(0, ASKS_EVERY_S)
    while due < until:
        await asyncio.sleep(max(due - time.time(), 0))
        ticks += 1
        body = json.dumps(
            {
                "output": "..live.children...made.children..",
                "outputs": [{"id": "live", "property": "children"}, {"id": "made", "property": "children"}],
                "inputs": [{"id": "tick", "property": "n_intervals", "value": ticks}],
                "changedPropIds": ["tick.n_intervals"],
                "state": [{"id": "address", "property": "pathname", "value": f"/ward/{ward}"}],
            }
        )
        head = f"POST /_dash-update-component HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\n\r\n{body}".encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        content, at = await reader.readexactly(size), time.time()
        if b" 200 " not in answer.partition(b"\r\n")[0]:
            got.failed += 1
        else:
            made = float(content.rpartition(b'"made":{"children":')[2].partition(b"}")[0])
            if shown and made > shown:
                got.latencies.append(at - made)
                got.sizes.append(len(answer) + size)
                got.packed = got.packed or len(gzip.compress(content))
            shown = made
        due += ASKS_EVERY_S * max(1, -(-(time.time() - due) // ASKS_EVERY_S))
    writer.close()


@dataclass(frozen=True)
class Asked:
    """What screens that ask got, in seconds, and what it took."""

    latencies: list[float]
    figures: dict[str, float]


def asked_for(screens: int, seconds: float, every_s: float) -> Asked:
    """So many screens ask for so long, while something changes on every ward."""
    with serving("tests.bench.walls_interval") as server:
        port, got, changes = int(server.address.rpartition(":")[2]), Screens(), 0

        async def run() -> None:
            nonlocal changes
            until = time.time() + seconds
            asking = [asyncio.create_task(ask(port, f"W{n % WARDS:02}", until, got)) for n in range(screens)]
            await asyncio.sleep(ASKS_EVERY_S * 1.5)
            while time.time() + every_s < until:
                await asyncio.to_thread(server.publish, "few")
                changes += 1
                await asyncio.sleep(every_s)
            await asyncio.gather(*asking)

        began, taken = time.monotonic(), server.cpu_s()
        asyncio.run(run())
        share = (server.cpu_s() - taken) / (time.monotonic() - began)
    figures = {
        "bytes_per_update": sum(got.sizes) / len(got.sizes),
        "bytes_per_update_if_compressed": got.packed,
        "missed_updates": changes * screens - len(got.latencies),
        "failed_requests": got.failed,
        "cpu_percent_of_core": 100 * share,
    }
    return Asked(got.latencies, figures)


def main(port: int) -> None:
    """Serves until it is killed."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "wards.sqlite")
        obey(Changing(hospital(), database.put))
        application: Any = WSGIMiddleware(page(database).server, workers=WORKERS)
        print(f"http://127.0.0.1:{port}/", flush=True)
        uvicorn.run(application, port=port, log_config=None, access_log=False, lifespan="off")


if __name__ == "__main__":
    main(int(sys.argv[1]))
