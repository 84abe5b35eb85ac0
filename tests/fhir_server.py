"""A FHIR R4 server as a process of its own, over HTTP: Medplum's engine behind a front of ours (``tests/fhir``).

No registry has a whole server that runs without a database, a queue and a container beside it, so HTTP, tokens, the
links between pages and the faults are ours; what a search finds, what it refuses, and what R4 allows are not.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests import npm
from tests.programs import answers, free_port, until

HERE = Path(__file__).parent / "fhir"
BUILD = Path(__file__).parents[1] / "build" / "fhir"
FILES = ("package.json", "package-lock.json", ".npmrc", "server.mjs")
CLIENT, SECRET = "the-display", "a secret of the display: ä/+"


def installed() -> Path:
    """The folder with the server and its packages."""
    return npm.installed(HERE, BUILD, FILES)


@dataclass
class Server:
    """One that runs."""

    address: str

    @property
    def base_url(self) -> str:
        return f"{self.address}/fhir"

    def put(self, *resources: dict[str, Any]) -> None:
        """Add resources, or replace them."""
        self._tell("put", list(resources))

    def faults(self, *faults: dict[str, Any]) -> None:
        """Faults from now on, in place of those before."""
        self._tell("faults", list(faults))

    def forget_tokens(self) -> None:
        self._tell("tokens")

    def asked(self) -> list[str]:
        """Addresses asked for since this was asked last."""
        return list(self._tell("asked"))

    def _tell(self, what: str, content: Any = None) -> Any:
        told = httpx.post(f"{self.address}/_test/{what}", json=content, timeout=20)
        assert told.status_code == 200, told.text
        return told.json()


@contextmanager
def fhir_server(folder: Path, resources: list[dict[str, Any]], token_s: int = 300) -> Iterator[Server]:
    """A server that holds ``resources``; ``folder``: an empty one for them."""
    build, port = installed(), free_port()
    for place, one in enumerate(resources):
        (folder / f"{place:04}.json").write_text(json.dumps(one), "utf-8")
    environment = {**os.environ, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "TOKEN_S": str(token_s)}
    log = folder.parent / f"fhir-{port}.log"
    command = [npm.NODE, "server.mjs", str(port), str(folder)]
    with (
        log.open("w") as written,
        subprocess.Popen(command, cwd=build, env=environment, stdout=written, stderr=written) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            until(lambda: process.poll() is not None or answers(f"{address}/fhir/Patient", 401))
            assert process.poll() is None, log.read_text("utf-8")[-3000:]
            yield Server(address)
        finally:
            process.kill()
