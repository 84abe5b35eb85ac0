"""Control charts as walls show them: words, icons, and drawings that are made on the server and kept by browsers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from callbacks.api import error_json
from layouts.charts.light import light_chart
from layouts.charts.palette import PALETTES
from layouts.executive.charts import Charts, Face
from layouts.executive.plan import Unit
from layouts.words import number
from surveillance.charts.chart import UnitChart
from surveillance.hub import ChartOf, Hub, Seen
from surveillance.spc import (
    ASSURANCE_WORDS,
    VARIATION_WORDS,
    Assurance,
    Variation,
    assurance_icon,
    variation_icon,
)

SVG = "image/svg+xml"
LONGEST_MOMENT = 12
"""Digits of a moment in seconds since 1970."""
KEPT = {"Cache-Control": "public, max-age=86400"}
"""The address of a drawing holds a fingerprint of it, and icons never change."""
SIZE = (570, 88)
"""Of a drawing on a wall of 1920 × 1080."""


def faces(charts: Mapping[tuple[str, str, str], UnitChart], unit: Unit, then: datetime | None = None) -> Charts:
    """Measure id → its chart of one unit. ``then``: the moment at which they stood so, if that is not now."""
    return {
        measure: face(chart, then)
        for (kind, code, measure), chart in charts.items()
        if (kind, code) == (unit.kind, unit.code)
    }


def face(chart: UnitChart, then: datetime | None = None) -> Face:
    """What a wall shows of a chart; ``then``: as in ``faces``."""
    if chart.unreadable:
        return Face(why=chart.unreadable[:1].upper() + chart.unreadable[1:])
    if chart.chart is None or chart.latest is None:
        return Face()
    drawn = chart.chart
    address = "/".join(quote(part, safe="") for part in (chart.kind, chart.code, chart.measure.id))
    at = f"&at={then.timestamp():.0f}" if then else ""
    return Face(
        number(chart.latest.value, 100 if chart.charted.unit.startswith("%") else 1),
        (f"/charts/icon/variation/{drawn.variation}.svg", VARIATION_WORDS[drawn.variation]),
        (f"/charts/icon/assurance/{drawn.assurance}.svg", ASSURANCE_WORDS[drawn.assurance])
        if drawn.assurance is not Assurance.NONE
        else ("", ""),
        f"/charts/image/{address}.svg?v={_version(chart)}{at}",
        _described(chart),
        "",
    )


def _described(chart: UnitChart) -> str:
    return f"{chart.charted.title}, {chart.charted.unit}. {' '.join(chart.words)}"


def _version(chart: UnitChart) -> str:
    points = repr([(point.start, point.value) for point in chart.series])
    return hashlib.sha256(f"{points}{chart.phases}{chart.target}".encode()).hexdigest()[:12]


def charts_then(seen: Seen, charts: Sequence[tuple[str, str, str]], moment: datetime) -> dict[ChartOf, UnitChart]:
    """These charts as they stood at a moment; the store is asked, so never in the thread that serves walls."""
    if seen.book is None:
        return {}
    found = {key: seen.book.then(key[2], key[0], key[1], moment) for key in charts}
    return {key: chart for key, chart in found.items() if chart is not None}


class ChartImages:
    """The drawings of the charts that walls show now, and of those that a wall of the past shows."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def drawn(self, request: Request) -> Response:
        """One of them in the colours of the day or the night."""
        asked = request.path_params
        palette = request.query_params.get("palette", "day")
        seen, key = self._hub.look(), (asked["kind"], asked["unit"], asked["measure"])
        at = request.query_params.get("at", "")
        if not at:
            chart = seen.charts.get(key)
        elif at.isdecimal() and len(at) < LONGEST_MOMENT and seen.settings and seen.settings.web.replay:
            moment = datetime.fromtimestamp(int(at), UTC)
            chart = (await run_in_threadpool(charts_then, seen, [key], moment)).get(key)
        else:
            chart = None
        if chart is None or chart.chart is None or palette not in PALETTES:
            return error_json(404, "there is no such chart on a wall")
        width, height = SIZE
        svg = light_chart(chart.chart, _described(chart), palette=palette, width=width, height=height)
        return Response(svg, media_type=SVG, headers=KEPT)


async def icon(request: Request) -> Response:
    """An icon by what it stands for."""
    kind, name = request.path_params["kind"], request.path_params["name"]
    if kind == "variation" and name in set(Variation):
        return Response(variation_icon(Variation(name)), media_type=SVG, headers=KEPT)
    if kind == "assurance" and name in set(Assurance):
        return Response(assurance_icon(Assurance(name)), media_type=SVG, headers=KEPT)
    return error_json(404, "there is no such icon")
