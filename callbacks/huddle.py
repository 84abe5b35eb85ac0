"""Where teams write what they say of themselves, and the sheet they print; a change is audited before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from callbacks.guard import PLACE, WHO, Gate, Guard
from callbacks.huddle_values import against, huddle_values, quality_values, sheet_values
from layouts.document import message
from layouts.huddle.form import STYLE, address, huddle_page, quality_page
from layouts.huddle.sheet import sheet
from layouts.huddle.values import Typed
from layouts.markup import document
from surveillance.access.audit import Entry as Record
from surveillance.access.audit import Event
from surveillance.access.people import Session
from surveillance.access.rights import Right, may_write
from surveillance.current_lists import CurrentLists
from surveillance.errors import StoreError
from surveillance.hub import Seen
from surveillance.settings import Settings
from surveillance.settings import Ward as WardSettings
from surveillance.team.forms import OF_QUALITY, OF_THE_TEAM, Against, Refusal, read_form
from surveillance.team.notebook import Entry, Notebook
from surveillance.wards import nearest_ward, ward_of

LONGEST_BODY = 16 * 1024
NOT_KEPT = {"Cache-Control": "no-store"}
KEPT = "Kept. The wall shows it within a few seconds."
NO_STORE = "Nothing was kept: the store does not answer. What you typed is still here; try again."
QUICKER = "That does not stand any more; somebody else was quicker."
FOREIGN = "You may write for your own wards only."


def huddle_routes(guard: Guard, notebook: Notebook, lists: CurrentLists) -> list[Route]:
    """Every address of the huddle. ``notebook``: where it is kept. ``lists``: whose names no text may hold."""
    team, quality = TeamPages(guard, notebook, lists), QualityPages(guard, notebook, lists)
    to = guard.route
    return [
        to("/huddle/{ward:path}", Gate.TEAM, team.page),
        to("/huddle-entry/{ward:path}", Gate.TEAM, team.entry, ["POST"]),
        to("/huddle-sheet/{ward:path}", Gate.TEAM, team.sheet),
        to("/accreditation/{ward:path}", Gate.ACCREDIT, quality.page),
        to("/accreditation-entry/{ward:path}", Gate.ACCREDIT, quality.entry, ["POST"]),
    ]


class Written:
    """One page with forms and the address to which they are sent. ``right``: of whoever may write for a ward."""

    right: Right
    forms: Mapping[str, Any]
    here: str

    def __init__(self, guard: Guard, notebook: Notebook, lists: CurrentLists) -> None:
        self._guard = guard
        self._notebook = notebook
        self._lists = lists

    def draw(self, seen: Seen, session: Session, about: Against, notice: str, typed: Typed) -> tuple[str, Any]:
        """The title and the body of the page."""
        raise NotImplementedError

    async def page(self, request: Request) -> Response:
        """The page as it stands."""
        return await self._for_a_ward(request, self._shown)

    async def entry(self, request: Request) -> Response:
        """Keep what was sent, or say beside each field why not."""
        return await self._for_a_ward(request, self._taken)

    async def _for_a_ward(self, request: Request, then: Callable[..., Any]) -> Response:
        seen, session, name = self._guard.hub.look(), request.scope[WHO], str(request.path_params["ward"])
        if seen.settings is None or not isinstance(session, Session):
            return _page("Starting", message("Starting, no snapshot yet", seen.stage), 503)
        ward = ward_of(seen.settings, name)
        if ward is None:
            close = nearest_ward(seen.settings, name)
            hint = (address(close.code, self.here), close.name) if close else None
            words = f"There is no ward “{name}” here."
            return _page("No such ward", message("No such ward", words, hint=hint), 404)
        try:
            await run_in_threadpool(self._notebook.read)
        except StoreError:
            if request.method == "GET":
                words = "What the team says cannot be read: the store does not answer."
                return _page("No answer", message("No answer", words), 503)
        answer: Response = await then(request, seen, session, seen.settings, ward)
        return answer

    async def _shown(
        self, request: Request, seen: Seen, session: Session, settings: Settings, ward: WardSettings
    ) -> Response:
        about = await self._against(seen, settings, ward)
        notice = KEPT if "kept" in request.query_params else ""
        return self._drawn(seen, session, about, notice=notice)

    async def _taken(
        self, request: Request, seen: Seen, session: Session, settings: Settings, ward: WardSettings
    ) -> Response:
        form = await _form(request)
        if form is None:
            return _page("Not understood", message("Not understood", "That was no form of this page."), 422)
        about = await self._against(seen, settings, ward)
        entry, refusal = read_form(self.forms, form, about)
        if "do" in refusal.faults:
            return _page("Not understood", message("Not understood", refusal.faults["do"]), 422)
        own = may_write(settings, session.person, self.right, ward.code)
        try:
            if not own or refusal.rules:
                await self._record(request, session, Event.REFUSED, ward.code, _why(refusal, own=own))
            if not own:
                return _page("Not your ward", message("Not your ward", FOREIGN), 403)
            if entry is None:
                return self._drawn(seen, session, about, 422, typed=_typed(form, refusal))
            await self._record(request, session, Event.CHANGE, ward.code, entry.words)
            if await run_in_threadpool(self._keep, entry, session, seen):
                return RedirectResponse(f"{address(ward.code, self.here)}?kept=1", 303, NOT_KEPT)
        except StoreError:
            return self._drawn(seen, session, about, 503, typed=_typed(form, Refusal({"store": NO_STORE})))
        return self._drawn(seen, session, about, 409, typed=_typed(form, Refusal({"number": QUICKER})))

    async def _against(self, seen: Seen, settings: Settings, ward: WardSettings) -> Against:
        things = self._notebook.of(ward.code)
        return await run_in_threadpool(against, seen, settings, self._lists, ward, things)

    def _keep(self, entry: Entry, session: Session, seen: Seen) -> bool:
        by = (session.person.subject, session.person.role_words)
        kept = self._notebook.keep(entry, by, self._guard.access.now(), seen.now)
        self._notebook.read()
        return kept

    async def _record(self, request: Request, session: Session, event: Event, ward: str, detail: str) -> None:
        record = Record(event, session, request.scope[PLACE], ward=ward, detail=f"{self.here}: {detail}")
        await run_in_threadpool(self._guard.access.record, record)

    def _drawn(
        self,
        seen: Seen,
        session: Session,
        about: Against,
        code: int = 200,
        *,
        notice: str = "",
        typed: Typed | None = None,
    ) -> Response:
        title, body = self.draw(seen, session, about, notice, typed or Typed())
        return _page(title, body, code)


class TeamPages(Written):
    """The page of a ward's team, and the sheet."""

    right = Right.TEAM
    forms = OF_THE_TEAM
    here = "huddle"

    def draw(self, seen: Seen, session: Session, about: Against, notice: str, typed: Typed) -> tuple[str, Any]:
        """The title and the body of the page."""
        shown = huddle_values(
            seen,
            about,
            may_write=may_write(about.settings, session.person, Right.TEAM, about.ward),
            may_accredit=may_write(about.settings, session.person, Right.ACCREDIT, about.ward),
            notice=notice,
            typed=typed,
        )
        return f"Huddle: {shown.ward.name}", huddle_page(shown)

    async def sheet(self, request: Request) -> Response:
        """The sheet to be printed."""
        return await self._for_a_ward(request, self._printed)

    async def _printed(
        self, _request: Request, seen: Seen, _session: Session, settings: Settings, ward: WardSettings
    ) -> Response:
        shown = sheet_values(seen, settings, ward, self._notebook.of(ward.code))
        return _page(f"Huddle sheet: {ward.name}", sheet(shown), kind="huddle")


class QualityPages(Written):
    """The page for accreditation and barometer."""

    right = Right.ACCREDIT
    forms = OF_QUALITY
    here = "accreditation"

    def draw(self, _seen: Seen, session: Session, about: Against, notice: str, typed: Typed) -> tuple[str, Any]:
        """The title and the body of the page."""
        shown = quality_values(
            about,
            may_write=may_write(about.settings, session.person, Right.ACCREDIT, about.ward),
            may_write_for_team=may_write(about.settings, session.person, Right.TEAM, about.ward),
            notice=notice,
            typed=typed,
        )
        return f"Accreditation and barometer: {shown.ward.name}", quality_page(shown)


async def _form(request: Request) -> dict[str, list[str]] | None:
    """The fields of a form that a page of ours sent; None if it is none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        return None


def _typed(form: Mapping[str, list[str]], refusal: Refusal) -> Typed:
    return Typed(form.get("do", [""])[0], form, refusal.faults)


def _why(refusal: Refusal, *, own: bool) -> str:
    if not own:
        return "not of this ward"
    return "text that looks like a patient: " + ", ".join(sorted(rule.name.lower() for rule in refusal.rules))


def _page(title: str, body: object, code: int = 200, *, kind: str = "document") -> HTMLResponse:
    head = STYLE if kind == "document" else ""
    return HTMLResponse(document(title, body, kind=kind, head=head, renewed=False), code, NOT_KEPT)
