"""Desks in one process, as the browser's part is: each hears that there is something new, and asks for it.

Run as ``python -m tests.bench.desk_clients ADDRESS TOKEN DESKS``; says ``ready`` when each has shown its list once, and
at the end of its input prints one line of JSON: seconds that each answer took.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.bench.desk_server import MEASURE
from tests.bench.walls_server import WARDS

SPREAD_S = 0.25
"""As ``assets/desk.js`` has it."""


def body_of(client: httpx.Client) -> dict[str, Any]:
    """What a page posts, without what it asks for."""
    (found,) = [one for one in client.get("/desk/_dash-dependencies").json() if one["inputs"][0]["id"] == "asked"]
    places = [part.rsplit(".", 1) for part in found["output"].strip(".").split("...")]
    outputs = [{"id": name, "property": prop} for name, prop in places]
    return {"output": found["output"], "outputs": outputs, "changedPropIds": ["asked.data"]}


def asking(body: dict[str, Any], ward: str, page: str, number: int, drawn: Any) -> dict[str, Any]:
    """One question. ``drawn``: what the page was told that it holds."""
    asked = {"ward": ward, "measure": MEASURE.id, "page": page, "n": number}
    return {
        **body,
        "inputs": [{"id": "asked", "property": "data", "value": asked}],
        "state": [{"id": "drawn", "property": "data", "value": drawn}],
    }


class Desks:
    """``took``: seconds of each answer."""

    def __init__(self, address: str, token: str, body: dict[str, Any]) -> None:
        self.took: list[float] = []
        self.ready = 0
        self._body = body
        # A connection that the server is just about to close would lose a question, which a browser asks again.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        common: dict[str, Any] = {"cookies": {"session": token}, "headers": {"Origin": address}, "timeout": 60}
        self._client = httpx.AsyncClient(base_url=address, limits=limits, **common)

    async def one(self, number: int) -> None:
        """A desk, until it is cancelled."""
        ward, version, asked, drawn = f"W{number % WARDS:02}", None, 0, None
        async with self._client.stream("GET", f"/stream/desk/{ward}") as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data: ") or (frame := json.loads(line[6:]))["v"] == version:
                    continue
                await asyncio.sleep(random.random() * SPREAD_S if asked else 0)
                version, asked, began = frame["v"], asked + 1, time.monotonic()
                question = asking(self._body, ward, f"page {number}", asked, drawn)
                answer = await self._client.post("/desk/_dash-update-component", json=question)
                assert answer.status_code == 200, answer.text
                drawn = answer.json()["response"]["drawn"]["data"]
                self.took.append(time.monotonic() - began)
                self.ready += asked == 1


async def run(address: str, token: str, desks: int) -> None:
    """All of them, until the end of the input."""
    with httpx.Client(base_url=address, cookies={"session": token}) as client:
        held = Desks(address, token, body_of(client))
    tasks = [asyncio.create_task(held.one(number)) for number in range(desks)]
    while held.ready < desks:
        await asyncio.sleep(0.05)
        for task in tasks:
            if task.done():
                task.result()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        if task.done():
            task.result()  # one that failed is a figure that is wrong
        task.cancel()
    print(json.dumps(held.took), flush=True)


@contextmanager
def open_desks(address: str, token: str, desks: int) -> Iterator[list[float]]:
    """So many open desks; afterwards seconds that their answers took."""
    command = [sys.executable, "-m", "tests.bench.desk_clients", address, token, str(desks)]
    took: list[float] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.readline() == "ready\n"
            yield took
            process.stdin.close()
            took += json.loads(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3])))
