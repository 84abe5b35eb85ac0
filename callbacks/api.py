"""The JSON that other programs read: wards, and one ward's part of the newest snapshot; no patient in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from surveillance.errors import nearest
from surveillance.hub import Hub
from surveillance.snapshot_json import dumps, snapshot_to_json, ward_to_json
from surveillance.wards import ward_of


class Api:
    """Each method answers a request from what the hub holds."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def wards(self, _request: Request) -> Response:
        """Every ward of the site, in its order."""
        seen = self._hub.look()
        if seen.settings is None:
            return error_json(503, f"starting, no snapshot yet: {seen.stage}")
        wanted = {"code", "name", "division", "site", "specialty", "beds", "profile"}
        wards = [ward.model_dump(include=wanted) for ward in seen.settings.wards]
        return _json({"wards": wards})

    async def snapshot(self, request: Request) -> Response:
        """One ward's readings and forecasts, and how the sources stand."""
        seen, code = self._hub.look(), str(request.path_params["code"])
        if seen.settings is None or (seen.frame is None and ward_of(seen.settings, code)):
            return error_json(503, f"starting, no snapshot yet: {seen.stage}")
        if seen.frame is None or ward_of(seen.settings, code) is None:
            return error_json(404, f"there is no ward '{code}'; {nearest(code, seen.names)}")
        snapshot = seen.frame.snapshot
        around = snapshot_to_json(replace(snapshot, readings={}, forecasts={}, rollups=()), {})
        ward = ward_to_json(snapshot, code, seen.names[code])
        return _json({"as_at": around["as_at"], **ward, "sources": around["sources"]})


def error_json(code: int, words: str) -> Response:
    """What went wrong, in words."""
    return _json({"error": words}, code)


def _json(content: dict[str, Any], code: int = 200) -> Response:
    return Response(dumps(content), code, {"Cache-Control": "no-store"}, "application/json")
