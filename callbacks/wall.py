"""The wards' pages as a Dash application: the first paint is plain HTML, then it renews itself from the hub.

Both come from the same layout function, with the same ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from time import time_ns
from typing import Any
from urllib.parse import unquote

import flask
from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from layouts.markup import document
from layouts.ward import Place, wall
from surveillance.hub import Hub
from surveillance.wards import ward_of

RENEW_MS = 5000
PREFIX = "/ward/"


class WallApp(Dash):
    """Dash whose pages can be read before any of its JavaScript runs. ``hub``: what the pages show."""

    def __init__(self, hub: Hub, build: str) -> None:
        self._hub = hub
        self._build = build
        self._beats = count(time_ns())  # also differs from those of the program before a restart
        super().__init__("surveillance", title="Ward Safety Surveillance", include_assets_files=False)
        address, beat = dcc.Location(id="address", refresh=False), dcc.Interval(id="beat", interval=RENEW_MS)
        self.layout = html.Div([address, beat, html.Div(id="live")])
        self.callback(Output("live", "children"), Input("beat", "n_intervals"), State("address", "pathname"))(
            self.renew
        )

    def renew(self, _beats: int | None, pathname: str) -> Component:
        """The page as it stands now."""
        return self._wall(unquote(pathname).removeprefix(PREFIX))

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]  # Dash names every part
        """The HTML of the page that a browser asked for."""
        code = flask.request.path.removeprefix(PREFIX)
        body = [html.P(id="lost", role="alert", hidden=True), html.Div(self._wall(code), id="first-paint")]
        scripts = "\n".join(parts[name] for name in ("app_entry", "config", "scripts", "renderer"))
        watch = '<script src="/assets/wall.js"></script>'
        title = self._hub.look().names.get(code, code)
        return document(title, body, kind="wall", end=f"{scripts}\n{watch}\n")

    def _wall(self, code: str) -> Component:
        seen = self._hub.look()
        ward = ward_of(seen.settings, code) if seen.settings else None
        place = Place.of(seen.settings, ward) if seen.settings and ward else Place(code, code, "", None)
        snapshot = seen.frame.snapshot if seen.frame else None
        beat = f"{next(self._beats)}"
        return wall(place, snapshot, seen.now, speed=seen.speed, stage=seen.stage, build=self._build, beat=beat)


def wall_app(hub: Hub, build: str) -> tuple[Any, Sequence[str]]:
    """The WSGI application of the wards' pages, and the hashes of the inline scripts that its pages hold."""
    app = WallApp(hub, build)
    return app.server, app.csp_hashes()
