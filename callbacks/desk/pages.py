"""The pages of the desk: the choice of wards, a ward's own, and where a reason for looking at another's is given."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks.desk.rows import NOT_WRITTEN, Rows
from callbacks.guard import PLACE, WHO
from layouts.desk.frame import wards
from layouts.desk.measure import LONGEST_REASON, SHORTEST_REASON
from layouts.desk.nav import desk_address, grouped
from layouts.desk.says import Group
from layouts.document import message
from layouts.markup import document
from surveillance.access.people import Session
from surveillance.access.rights import Right, Verdict, own_wards, rows
from surveillance.hub import Hub, Seen
from surveillance.measures import EVERYTHING
from surveillance.wards import nearest_ward, ward_of

LONGEST_BODY = 4096
NOT_KEPT = {"Cache-Control": "no-store"}


class DeskPages:
    """An ASGI endpoint for a ward's page, and functions for the others. ``drawn``: the Dash application behind it."""

    def __init__(self, hub: Hub, rows: Rows, drawn: ASGIApp) -> None:
        self._hub = hub
        self._rows = rows
        self._drawn = drawn

    async def wards(self, request: Request) -> Response:
        """The wards of whoever asks; somebody with one ward is led there."""
        seen, session = self._hub.look(), request.scope[WHO]
        if seen.settings is None or not isinstance(session, Session):
            return _page("Starting", message("Starting, no snapshot yet", seen.stage), 503)
        own = own_wards(seen.settings, session.person, Right.ROWS)
        others = [code for code in seen.names if code not in own and _any(seen, session, code)]
        if len(own) == 1 and "all" not in request.query_params:
            return RedirectResponse(desk_address(own[0]), 303, NOT_KEPT)
        body = wards(
            [(code, seen.names[code], _asks(seen, code)) for code in own],
            [(code, seen.names[code]) for code in others],
            seen.settings.site.name,
        )
        return _page("Desk", body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A ward's page; one that the site does not have is not found, with the nearest that it has."""
        seen, name = self._hub.look(), str(scope["path_params"]["ward"])
        if seen.settings is None:
            await _page("Starting", message("Starting, no snapshot yet", seen.stage), 503)(scope, receive, send)
        elif ward_of(seen.settings, name):
            await self._drawn(scope, receive, send)
        else:
            close = nearest_ward(seen.settings, name)
            hint = (desk_address(close.code), close.name) if close else None
            body = message("No such ward", f"There is no ward “{name}” here.", hint=hint)
            await _page("No such ward", body, 404)(scope, receive, send)

    async def reason(self, request: Request) -> Response:
        """Why somebody looks at the patients of a ward that is not their own; then they are led to them."""
        seen, session, ward = self._hub.look(), request.scope[WHO], str(request.path_params["ward"])
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                return _page("Too long", message("Too long", "A reason is a sentence."), 413)
        try:
            sent = parse_qs(body.decode())
        except UnicodeDecodeError:
            return _page("Not understood", message("Not understood", "That was no text."), 422)
        words = " ".join(sent.get("reason", [""])[0].split())
        measure = request.query_params.get("measure", "")
        if seen.settings is None or not isinstance(session, Session) or ward_of(seen.settings, ward) is None:
            return _page("No such ward", message("No such ward", "There is no such ward here."), 404)
        back = desk_address(ward, measure if measure in EVERYTHING else "")
        if not SHORTEST_REASON <= len(words) <= LONGEST_REASON or not words.isprintable():
            told = f"A reason has {SHORTEST_REASON} to {LONGEST_REASON} letters."
            return _page("No reason", message("No reason", told, hint=(back, "the ward")), 422)
        place = str(request.scope[PLACE])
        if not await run_in_threadpool(self._rows.give_reason, session, place, ward, words):
            return _page("Not recorded", message("Not recorded", NOT_WRITTEN), 503)
        return RedirectResponse(back, 303, NOT_KEPT)


def _any(seen: Seen, session: Session, ward: str) -> bool:
    """Whether a person may see any patient of a ward, be it with a reason."""
    groups = {measure.group for measure in EVERYTHING.values()}
    settings = seen.settings
    return settings is not None and any(
        rows(settings, session.person, ward, group) is not Verdict.REFUSED for group in groups
    )


def _asks(seen: Seen, ward: str) -> str:
    """How many of a ward's numbers ask for something."""
    if seen.snapshot is None:
        return ""
    groups = grouped(seen.snapshot, ward)
    found = ((Group.ACT, "act"), (Group.WATCH, "watch"), (Group.UNKNOWN, "not known"))
    return ", ".join(f"{len(groups[group])} {words}" for group, words in found if groups[group])


def _page(title: str, body: object, code: int = 200) -> HTMLResponse:
    return HTMLResponse(document(title, body, renewed=False), code, NOT_KEPT)
