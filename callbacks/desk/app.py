"""The desk as a Dash application: its frame is whole before any JavaScript runs, its rows come by one callback.

All numbers and rows of one answer are of one moment, and what a page holds already is not sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import flask
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from callbacks.desk.rows import Moment, NeedsReason, Refused, Rows, Shown, ShownPatient
from callbacks.desk.skeleton import skeleton
from callbacks.guard import PLACE, WHO
from callbacks.walls import plain
from layouts.desk import measure as page
from layouts.desk.frame import hidden_notice, top
from layouts.desk.nav import nav
from layouts.desk.patient import patient_line
from layouts.desk.table import Table, table
from layouts.desk.week import DAYS, week
from layouts.freshness import freshness
from layouts.markup import document
from surveillance.access.people import Session
from surveillance.access.rights import Right, may_write
from surveillance.errors import ConfigurationError, StoreError
from surveillance.hub import Hub
from surveillance.lookback import Counts
from surveillance.measures import EVERYTHING
from surveillance.measures.forecasts import about_to_count
from surveillance.snapshot_json import dumps
from surveillance.wards import ward_of

PREFIX = "/desk/"
REASON = "/desk-reason/"
OWN_SCRIPTS = ("dashAgGridFunctions", "following", "desk")
OUTPUTS: Mapping[str, tuple[str, str, Any]] = {
    "nav": ("nav", "children", None),
    "head": ("head", "children", None),
    "ways": ("ways", "children", None),
    "columns": ("grid", "columnDefs", []),
    "rows": ("grid", "rowData", []),
    "style": ("grid", "style", {}),
    "hidden": ("table", "hidden", True),
    "below": ("below", "children", None),
    "said": ("said", "children", ""),
    "sources": ("sources", "children", ""),
    "explained": ("explained", "children", None),
    "made": ("shown", "data-made", ""),
    "measure": ("shown", "data-measure", ""),
}
"""What an answer renews: component, property, and what stands there where an answer does not say."""
DRAWN = "drawn"
"""Holds the prints of what a page was sent; it says nothing of it."""


class DeskApp(Dash):
    """``rows``: who may see what. ``past``: where the last days of a number are read. ``build``: of the program."""

    def __init__(self, hub: Hub, rows: Rows, past: Counts, build: str) -> None:
        self._hub = hub
        self._rows = rows
        self._past = past
        self._build = build
        self._lock = threading.Lock()
        self._tables: dict[tuple[str, str], tuple[Any, ...]] = {}
        super().__init__(
            "surveillance.desk",
            title="Desk",
            include_assets_files=False,
            requests_pathname_prefix=PREFIX,
            routes_pathname_prefix=PREFIX,
            update_title="",
        )
        self.layout = skeleton()
        outputs = [Output(name, prop) for name, prop, _ in OUTPUTS.values()]
        outputs.append(Output(DRAWN, "data"))
        asked = [Input("asked", "data"), State(DRAWN, "data")]
        self.callback(outputs, *asked, prevent_initial_call=True)(self.renew)
        opened = Input("chosen", "data")
        self.callback(Output("patient", "children"), opened, prevent_initial_call=True)(self.patient)
        self.callback(Output("week", "children"), Input("lately", "data"), prevent_initial_call=True)(self.lately)

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]  # Dash names every part
        """The frame of a ward's page: no number and no patient."""
        seen, session = self._hub.look(), _session()
        ward = ward_of(seen.settings, flask.request.path.removeprefix(PREFIX)) if seen.settings else None
        if ward is None or seen.settings is None or session is None:  # but for a race the pages have seen to it
            flask.abort(503)
        now = self._rows.real_now()
        about = {
            "ward": ward.code,
            "stream": f"/stream/desk/{quote(ward.code, safe='')}",
            "page": uuid4().hex,
            "left_s": max((session.expires() - now).total_seconds(), 0),
            "build": self._build,
            "now": seen.now.timestamp(),
            "speed": seen.speed,
            "lost_after_s": seen.settings.wall.lost_after_s,
        }
        person, reason = session.person, session.reason_for(ward.code, now)
        head = top(ward.name, person.name, person.role_words, reason)
        script = "".join(f'<script src="/assets/{name}.js"></script>\n' for name in OWN_SCRIPTS)
        data = dumps(about).decode().replace("<", "\\u003c")
        dashs = "\n".join(parts[name] for name in ("app_entry", "config", "scripts", "renderer"))
        end = f'{dashs}\n<script type="application/json" id="about">{data}</script>\n{script}'
        return document(f"{ward.name}: desk", [head, hidden_notice(ward.code)], kind="desk", end=end, renewed=False)

    def renew(self, asked: Any, drawn: Any) -> list[Any]:
        """Everything that the page of a measure shows, from the newest pair of numbers and rows."""
        ward, measure, page_id = _asked(asked, "ward", "measure", "page")
        session, place = _session(), _place()
        if session is None:
            flask.abort(401)
        moment = self._rows.moment()
        if moment is None:
            words = page.message("Starting", "There is no snapshot yet.", self._hub.look().stage)
            return self._answer({"head": words}, drawn)
        name = next((one.name for one in moment.settings.wards if one.code == ward), ward)
        shown: dict[str, Any] = {
            "nav": nav(moment.snapshot, ward, measure, moment.now),
            "ways": page.ways(ward) if may_write(moment.settings, session.person, Right.TEAM, ward) else None,
            "sources": _sources(moment),
            "made": f"{moment.snapshot.as_at.timestamp():.3f}",
            "measure": measure,
            "explained": page.explained(EVERYTHING[measure]) if measure in EVERYTHING else None,
        }
        if not measure:
            head, cards = page.overview(moment.snapshot, ward, name, moment.now)
            return self._answer(shown | {"head": head, "below": cards}, drawn)
        found = self._rows.view(session, place, ward, measure, page_id, moment)
        if isinstance(found, Shown):
            return self._answer(shown | self._list(found), drawn)
        return self._answer(
            shown | {"head": self._head(moment, ward, measure), "below": _why(found, moment, measure)}, drawn
        )

    def patient(self, chosen: Any) -> list[Component] | None:
        """Everything outstanding for the patient whose row was opened; nothing once the line was closed."""
        ward, handle, page_id = _asked(chosen, "ward", "handle", "page")
        session = _session()
        if session is None:
            flask.abort(401)
        if not handle:
            return None
        found = self._rows.patient(session, _place(), ward, handle, page_id)
        if isinstance(found, ShownPatient):
            items = [(one.measure, one.reading, one.row) for one in found.outstanding]
            return patient_line(found.patient, items, ward, found.moment.now)
        words = found.words if isinstance(found, Refused) else "A reason is asked for first."
        return [html.P(words, className="banner")]

    def lately(self, asked: Any) -> list[Component] | None:
        """The last days of the ward's number, which are no patient's."""
        ward, name = _asked(asked, "ward", "measure")
        seen, measure = self._hub.look(), EVERYTHING.get(name)
        if seen.settings is None or measure is None or ward_of(seen.settings, ward) is None:
            return None
        since = seen.now - timedelta(days=DAYS)
        try:
            kept = self._past.counts(seen.settings.store, ward, name, since, seen.now)
        except (StoreError, ConfigurationError):
            return [html.P("The history cannot be read now.", className="banner")]
        what = measure.label + (f", {measure.part_labels[0].lower()}" if measure.part_labels else "")
        return [html.H2("Last 7 days on this ward"), *week(kept, since, seen.now, what=what)]

    def _list(self, found: Shown) -> dict[str, Any]:
        moment, measure = found.moment, found.measure
        drawn = self._table(found)
        empty = not drawn.rows
        return {
            "head": self._head(moment, found.ward, measure.id),
            "below": page.in_place_of_rows(measure, found.reading, moment.now) if empty else None,
            "columns": drawn.columns,
            "rows": drawn.rows,
            "style": {"height": f"min({drawn.height_px}px, 68vh)"},
            "hidden": empty,
            "said": page.summary(measure, len(drawn.rows)),
        }

    def _head(self, moment: Moment, ward: str, name: str) -> list[Component]:
        measure, reading = EVERYTHING.get(name), moment.reading(ward, name)
        if measure is None or reading is None:
            return page.message("No such measure")
        soon = about_to_count(measure, moment.rows(ward, measure.soon)) if measure.soon else []
        return page.heading(measure, reading, moment.now, soon, ward)

    def _table(self, found: Shown) -> Table:
        """The table of a list, made once for all who look at it until somebody in it changes."""
        people = [found.moment.person(row) for row in found.rows]
        made_of = (found.rows, people)
        with self._lock:
            before = self._tables.get((found.ward, found.measure.id))
        if before and before[0][0] is found.rows and before[0][1] == people:
            kept: Table = before[1]
            return kept
        drawn = table(found.measure, found.rows, people, self._rows.handle)
        with self._lock:
            self._tables[found.ward, found.measure.id] = (made_of, drawn)
        return drawn

    def _answer(self, shown: Mapping[str, Any], drawn: Any) -> list[Any]:
        """What is shown, without what the page was sent before. ``drawn``: its own word for what that was."""
        before = drawn if isinstance(drawn, dict) else {}
        whole = {name: shown.get(name, default) for name, (_, _, default) in OUTPUTS.items()}
        prints = {name: self._rows.handle(_text(value)) for name, value in whole.items()}
        changed = [no_update if prints[name] == before.get(name) else value for name, value in whole.items()]
        return [*changed, prints]


def _why(found: Refused | NeedsReason, moment: Moment, measure: str) -> list[Component]:
    if isinstance(found, Refused):
        return [html.P(found.words, className="banner")]
    ward = ward_of(moment.settings, found.ward)
    address = f"{REASON}{quote(found.ward, safe='')}?measure={quote(measure, safe='')}"
    lasts = moment.settings.access.reason_lasts_min
    return page.ask_reason(ward.name if ward else found.ward, address, lasts)


def _sources(moment: Moment) -> str:
    fresh = freshness(moment.snapshot, moment.now, lapsed=moment.lapsed)
    return " · ".join((*(chip.words for chip in fresh.chips), fresh.line))


def _asked(asked: Any, *names: str) -> Sequence[str]:
    """Words that a browser sent; whatever is none is empty."""
    given = asked if isinstance(asked, dict) else {}
    return [value if isinstance(value := given.get(name), str) else "" for name in names]


def _text(value: Any) -> str:
    if isinstance(value, Component):
        return plain(value).decode()
    if isinstance(value, list) and value and isinstance(value[0], Component):
        return "".join(_text(one) for one in value)
    return dumps(value).decode()


def _session() -> Session | None:
    """Whose request it is; the gate before this application has seen to it."""
    who = flask.request.environ["asgi.scope"].get(WHO)
    return who if isinstance(who, Session) else None


def _place() -> str:
    return str(flask.request.environ["asgi.scope"].get(PLACE, ""))
