"""A wall as it was at a moment that is kept, or why there is none. Who asks for the past never sees the present.

The store is read, and the page drawn, in a thread of its own: the walls that are live do not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks.faces import charts_then
from callbacks.guard import WHO
from callbacks.walls import Address, Wall, Walls
from callbacks.when import Unclear, moment_of
from layouts.document import message
from layouts.markup import document
from layouts.past import Desk, full, of_day, then, unshown
from layouts.words import local
from surveillance.access.people import Session
from surveillance.errors import ConfigurationError, StoreError
from surveillance.hub import Frame, Hub, Seen
from surveillance.lookback import Look, LooksBack
from surveillance.settings import Settings
from surveillance.snapshot import Snapshot
from surveillance.team.board import Boards
from surveillance.wards import nearest_ward

AT_ONCE = 2
"""So many look back at the same time; the others wait, for the walls that are live go first."""
KEPT = {"hour": "hourly", "day": "daily"}
OFF = (
    "Walls as they were are shown here to people who are signed in.",
    "A site shows them to whoever sees its walls by replay = true in [web].",
)
UNREAD = "what the team said then cannot be read now"
Said = Callable[[Settings, datetime], Boards | None]
"""Who knows what teams said at a moment; None: it has not been read."""
STYLE = '<link rel="stylesheet" href="/assets/past.css">\n'
SCRIPT = '<script src="/assets/replay.js"></script>\n'


class WallOrPast:
    """An ASGI endpoint: the wall as it is, or, asked for a moment by ``?at=``, as it was."""

    def __init__(self, live: ASGIApp, past: Past) -> None:
        self._live = live
        self._past = past

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        asked = [value for name, value in given if name.strip().lower() == "at"]
        if not asked:
            await self._live(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await PlainTextResponse("the past can only be looked at", 405, {"Allow": "GET, HEAD"})(scope, receive, send)
        else:
            address = Address(scope["path"].lstrip("/").partition("/")[0], scope["path_params"].get("name", ""))
            response = await self._past.answer(
                address, " and ".join(asked), signed_in=isinstance(scope.get(WHO), Session)
            )
            await response(scope, receive, send)


class Past:
    """``archive``: the history of the site that ``hub`` knows. ``said``: what its teams said."""

    def __init__(self, hub: Hub, walls: Walls, archive: LooksBack, said: Said) -> None:
        self._hub = hub
        self._walls = walls
        self._archive = archive
        self._said = said
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def answer(self, address: Address, asked: str, *, signed_in: bool = False) -> Response:
        """The page for an address and what its ``?at=`` says. ``signed_in``: whether a person asks."""
        async with self._turns:
            return await run_in_threadpool(self.page, address, asked, signed_in)

    def page(self, address: Address, asked: str, signed_in: bool = False) -> HTMLResponse:
        """The same, in the thread that calls."""
        seen = self._hub.look()
        if seen.settings is None:
            return _message(503, "Starting, no snapshot yet", seen.stage)
        if address.kind == "screen":
            return _message(404, "A named screen shows no past", "It hangs on a wall, where it would mislead.")
        if not (signed_in or seen.settings.web.replay):
            return _message(403, "The past is not shown here", *OFF)
        wall = self._walls.at(seen, address)
        if wall is None:
            return _no_such(seen.settings, address, asked)
        moment = moment_of(asked)
        desk = Desk(_live(address), wall.title)
        try:
            look = self._archive.look(seen.settings.store, seen.now if isinstance(moment, Unclear) else moment)
        except (StoreError, ConfigurationError) as error:
            return _unshown(503, desk, "The store cannot be read", (f"{error}.", "What it kept is not lost by that."))
        if look.around:
            desk = replace(desk, first=look.around.first, last=look.around.last, gaps=look.gaps)
        if isinstance(moment, Unclear):
            return _unshown(400, desk, moment.title, (moment.words,), moment.choices)
        desk = replace(desk, moment=moment)
        if moment > seen.now:
            return _unshown(400, desk, "That moment is still to come", (f"It is {full(seen.now)} here.",))
        if look.snapshot is None:
            return _unkept(desk, look)
        boards = self._said(seen.settings, look.snapshot.as_at)
        charts = charts_then(seen, wall.charts, look.snapshot.as_at)
        then = replace(past(seen, look.snapshot, boards or {}), charts=charts)
        notes = _notes(address, moment, look, look.snapshot)
        if boards is None and address.kind == "ward":
            notes.append(UNREAD)
        return _shown(wall, desk, then, notes)


def past(seen: Seen, snapshot: Snapshot, boards: Boards) -> Seen:
    """What a page would have shown at the moment of ``snapshot``, by the names that the site has today."""
    frame = Frame(0, snapshot, 0.0, 0.0)
    return Seen("", snapshot.as_at, seen.settings, frame, is_past=True, team=boards)


def _shown(wall: Wall, desk: Desk, seen: Seen, notes: Sequence[str]) -> HTMLResponse:
    body = then(desk, wall.painted(seen), seen.now, notes)
    return _framed(200, f"PAST · {full(seen.now)} · {desk.name}", body)


def _notes(address: Address, moment: datetime, look: Look, snapshot: Snapshot) -> list[str]:
    """What must be known of a picture of the past."""
    notes = []
    grain = look.around.grain if look.around else None
    if snapshot.as_at < moment:
        kept = f"kept {KEPT[grain]} here: " if grain else ""
        same_day = local(moment).date() == local(snapshot.as_at).date()
        this = of_day(snapshot.as_at) if same_day else full(snapshot.as_at)
        notes.append(f"{of_day(moment) if same_day else full(moment)} was asked for; {kept}this is {this}")
    if address.kind == "ward" and address.name not in snapshot.readings:
        notes.append("the site had no such ward then")
    return notes


def _unkept(desk: Desk, look: Look) -> HTMLResponse:
    """Nothing is kept of a moment that has been."""
    around, moment = look.around, desk.moment
    if around is None or moment is None:
        return _unshown(404, desk, "Nothing is kept yet", ("There is no history before the first snapshot.",))
    if moment < around.first:
        words = "It is before the first moment that is kept, or from a time whose history is gone."
        return _unshown(404, desk, "Nothing is kept of that moment", (words,), (around.first,))
    words = "Nobody asked the sources then, so what the wall would have said is not known. The nearest moments are:"
    if around.grain:
        words = f"Of that time one moment is kept {KEPT[around.grain]}, and at it nobody watched. The nearest are:"
    near = tuple(one for one in (around.before, around.after) if one)
    return _unshown(404, desk, "Not watched at that moment", (words,), near)


def _unshown(code: int, desk: Desk, title: str, words: Sequence[str], choices: Sequence[datetime] = ()) -> HTMLResponse:
    return _framed(code, f"PAST · {title} · {desk.name}", unshown(desk, title, words, choices))


def _framed(code: int, title: str, body: object) -> HTMLResponse:
    text = document(title, body, kind="wall", names="past", head=STYLE, end=SCRIPT, renewed=False)
    return HTMLResponse(text, code, {"Cache-Control": "no-store"})


def _message(code: int, title: str, *words: str, hint: tuple[str, str] | None = None) -> HTMLResponse:
    text = document(f"PAST · {title}", message(title, *words, hint=hint), renewed=False)
    return HTMLResponse(text, code, {"Cache-Control": "no-store"})


def _no_such(settings: Settings, address: Address, asked: str) -> HTMLResponse:
    close = nearest_ward(settings, address.name) if address.kind == "ward" else None
    hint = (f"{_live(Address('ward', close.code))}?at={quote(asked)}", close.name) if close else None
    words = f"There is no {address.kind} “{address.name}” here."
    return _message(404, f"No such {address.kind}", words, hint=hint)


def _live(address: Address) -> str:
    """Where the wall is as it is now."""
    return f"/{address.kind}/{quote(address.name, safe='')}" if address.name else f"/{address.kind}"
