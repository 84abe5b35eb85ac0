"""The whole web server with a desk full of patients, started anew by a fork for each line that it reads.

Everything is imported and built once, so that a start takes a moment. For each line it prints the process and port of
the new server. With ``late`` it shows rows before it has recorded them, as it never may.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time

import uvicorn

from surveillance.access.access import Access
from surveillance.access.audit import Entry
from surveillance.app import web
from surveillance.current_lists import CurrentLists
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Kind
from surveillance.store import open_database
from surveillance.store.database import Database
from tests.desks import pair, site
from tests.displays import hub_of

RULES = site(idle_s=3600)
COUNTS = {
    name: 3 + 40 * number % 250
    for number, (name, measure) in enumerate(CATALOGUE.items())
    if measure.kind in (Kind.COUNT, Kind.TWO_COLUMN)
}
"""Measure → how many patients are behind its number: some answers are whole in one packet, others are not."""
LATE_S = 0.05


def records_late(access: Access) -> None:
    """Makes it a program that shows first and records then."""
    record = access.record

    def later(entry: Entry) -> int:
        def wait_and_record() -> None:
            time.sleep(LATE_S)
            record(entry)

        threading.Thread(target=wait_and_record, daemon=True).start()
        return 0

    access.record = later  # type: ignore[method-assign]


def serve(app: object, access: Access, url: str) -> None:
    """Until killed."""
    access.open(RULES, Database(url))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # what is not sent yet dies with the program
        print(os.getpid(), listening.getsockname()[1], flush=True)
        config = uvicorn.Config(app, log_config=None, lifespan="off")  # type: ignore[arg-type]
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    made, worklist = pair(COUNTS)
    known, lists = Access(), CurrentLists()
    lists.publish(made, worklist)
    if "late" in sys.argv[2:]:
        records_late(known)
    application = web(hub_of(made, site=RULES), access=known, lists=lists)
    open_database(sys.argv[1]).close()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who are killed
    for _ in sys.stdin:
        if os.fork() == 0:
            serve(application, known, sys.argv[1])
