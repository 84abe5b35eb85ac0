"""The desk: exactly who is behind each number of a ward, for those who may know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from a2wsgi import WSGIMiddleware
from starlette.routing import Route

from callbacks.desk.app import PREFIX, REASON, DeskApp
from callbacks.desk.pages import DeskPages
from callbacks.desk.rows import Rows
from callbacks.desk.stream import DeskStream
from callbacks.guard import Gate, Guard
from surveillance.current_lists import CurrentLists
from surveillance.lookback import Counts

WORKERS = 4
"""Threads that answer desks; walls have their own."""


def desk_routes(guard: Guard, lists: CurrentLists, past: Counts, build: str) -> tuple[list[Route], Sequence[str]]:
    """Every address of the desk, and the hashes of the inline scripts of its pages.

    ``lists``: the rows behind the newest snapshot. ``past``: what is kept of numbers. ``build``: of the program.
    """
    rows = Rows(lists, guard.hub, guard.access)
    app = DeskApp(guard.hub, rows, past, build)
    drawn: Any = WSGIMiddleware(app.server, workers=WORKERS)
    pages, to = DeskPages(guard.hub, rows, drawn), guard.route
    routes = [
        to("/stream/desk/{ward:path}", Gate.ROWS, DeskStream(guard.hub, build), ["GET"]),
        to("/desk", Gate.ROWS, pages.wards),
        to(PREFIX, Gate.ROWS, pages.wards),
        to(f"{PREFIX}_dash-{{rest:path}}", Gate.ROWS, drawn),
        to(f"{PREFIX}{{ward:path}}", Gate.ROWS, pages, ["GET"]),
        to(f"{REASON}{{ward:path}}", Gate.ROWS, pages.reason, ["POST"]),
    ]
    return routes, app.csp_hashes()
