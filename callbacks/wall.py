"""The walls as a Dash application: plain HTML as first paint, then the same skeleton drawn by Dash in the browser.

It has no callbacks: what a wall shows comes by its stream.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import flask
from dash import Dash, html

from callbacks.walls import KINDS, Address, Wall, Walls, plain
from layouts.markup import document
from layouts.words import is_night
from surveillance.hub import Hub, Seen
from surveillance.settings import Settings
from surveillance.snapshot_json import dumps

NOT_ON_A_WALL = re.compile(
    r'<script src="[^"]*/(?:dash_core_components|dash_table|dash_ag_grid|async-)[^"]*"></script>\n?'
)
"""Dash's bundles of components that no wall uses."""
OWN_SCRIPTS = '<script src="/assets/following.js"></script>\n<script src="/assets/wall.js"></script>\n'


class WallApp(Dash):
    """Dash whose pages can be read before any of its JavaScript runs.

    ``hub``: what the pages show. ``guard``: the script that stands in the page itself.
    """

    def __init__(self, hub: Hub, walls: Walls, build: str, guard: str) -> None:
        self._hub = hub
        self._walls = walls
        self._build = build
        self._guard = guard
        super().__init__("surveillance", title="Ward Safety Surveillance", include_assets_files=False)
        self.layout = html.Div(id="live")

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]  # Dash names every part
        """The HTML of the page that a browser asked for."""
        seen, address = self._hub.look(), address_of(flask.request.path)
        wall = self._walls.at(seen, address)
        if wall is None or seen.settings is None:  # the pages before this one have seen to it, but for a race
            flask.abort(503)
        asides = [html.P(id="lost", role="alert", hidden=True), html.P(id="identify", hidden=True)]
        body = [*asides, html.Div(wall.painted(seen), id="first-paint")]
        scripts = "\n".join(parts[name] for name in ("app_entry", "config", "scripts", "renderer"))
        about = dumps(self._about(seen, address, wall, seen.settings))
        data = _data("about", about) + _data("skeleton", plain(wall.skeleton))
        end = f"{data}{OWN_SCRIPTS}{NOT_ON_A_WALL.sub('', scripts)}\n"
        screen = wall.screen
        dark = is_night(seen.now, screen.night, screen.night_from, screen.night_to)
        head = f'<script data-after="{seen.settings.wall.lost_after_s:g}">{self._guard}</script>\n'
        return document(wall.title, body, kind="wall", names="night" if dark else "", head=head, end=end)

    def _about(self, seen: Seen, address: Address, wall: Wall, settings: Settings) -> dict[str, Any]:
        """What the page's own script must know."""
        screen, times, path = wall.screen, settings.wall, quote(address.name, safe="")
        named = address.kind == "screen"
        return {
            "stream": f"/stream/{address.kind}/{path}",
            "report": f"/screens/{path}/report" if named else None,
            "screen": address.name if named else "",
            "build": f"{self._build}.{wall.layout}",
            "now": seen.now.timestamp(),
            "made": seen.snapshot.as_at.timestamp() if seen.snapshot else None,
            "speed": seen.speed,
            "lost_after_s": times.lost_after_s,
            "report_s": times.report_s,
            "night": screen.night,
            "night_from": f"{screen.night_from:%H:%M}",
            "night_to": f"{screen.night_to:%H:%M}",
        }


def address_of(path: str) -> Address:
    """The wall that a path names."""
    kind, _, name = path.lstrip("/").partition("/")
    return Address(kind if kind in KINDS else "", name)


def wall_app(hub: Hub, walls: Walls, build: str, guard: str) -> tuple[Any, Sequence[str]]:
    """The WSGI application of the walls, and the hashes of the inline scripts that its pages hold."""
    app = WallApp(hub, walls, build, guard)
    digest = b64encode(hashlib.sha256(guard.encode()).digest()).decode()
    return app.server, (*app.csp_hashes(), f"'sha256-{digest}'")


def _data(name: str, content: bytes) -> str:
    """JSON for the page's own script; it cannot end the element that it stands in."""
    text = content.decode().replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>\n'
