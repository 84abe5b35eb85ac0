"""Wards beside each other without a rank: each by its share and its size, between the limits that chance explains.

Limits: Wilson's score interval (1927) around the share of all wards together at 2 and 3 standard errors, as the
Office for Health Improvement and Disparities draws its funnel plots; it stays between 0 and 1, unlike the normal
approximation, and holds for small wards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from layouts.charts.drawn import Drawn
from layouts.charts.figure import COLOURS, FONT, Trace, apart, plain, scatter
from layouts.charts.palette import SHAPES
from layouts.charts.says import amount
from surveillance.measures.declaration import Better, Charted, Form
from surveillance.spc import PointType

WEEKS: Final = 13
NEAR, FAR = 2, 3
"""Standard errors at which the two limits stand."""
HEIGHT: Final = 480
TOP, BOTTOM = 16, 60
NARROWEST: Final = 0.4
"""The limits are seen whole from this share of the smallest ward's size on."""
OF_CASES: Final = "% of those "
"""How the unit of such a measure begins."""
STEPS: Final = 200
"""Places between which the limits are drawn as straight lines."""


@dataclass(frozen=True, slots=True)
class Share:
    """One ward's last weeks added up. ``weeks``: how many of them have a value."""

    ward: str
    numerator: float
    denominator: float
    weeks: int

    @property
    def value(self) -> float:
        """Between 0 and 1."""
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Funnel:
    """The wards that have a share, in the organisation's order, and that of all of them together."""

    shares: tuple[Share, ...]
    mean: float
    since: date
    until: date

    def standing(self, share: Share) -> tuple[int, int]:
        """(side of the mean: -1, 0, 1; how many standard errors it lies beyond: 0, 2 or 3)."""
        side = (share.value > self.mean) - (share.value < self.mean)
        for sigmas in (FAR, NEAR):
            low, high = wilson(self.mean, share.denominator, sigmas)
            if not low <= share.value <= high:
                return side, sigmas
        return side, 0


def wilson(share: float, size: float, sigmas: float) -> tuple[float, float]:
    """Wilson's score interval around ``share`` for ``size`` cases."""
    spread = sigmas * sigmas / size
    middle = share + spread / 2
    reach = math.sqrt(spread * (share * (1 - share) + spread / 4))
    return (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)


def is_share(charted: Charted) -> bool:
    """Whether the numerator is part of the denominator, case by case, so that chance follows the binomial distribution.

    Hours and beds are no cases: "% of planned hours" is none.
    """
    return charted.form is Form.CLOSED and charted.scale == 100 and charted.unit.startswith(OF_CASES)


def funnel(charts: Mapping[str, Drawn]) -> Funnel | None:
    """From the charts of wards; None if nothing can be added up, or it is no share after all."""
    weeks = sorted({point.start for one in charts.values() for point in one.series})[-WEEKS:]
    found = []
    for ward, one in charts.items():
        points = [point for point in one.series if point.start in weeks and point.value is not None]
        ups = [point.numerator for point in points if point.numerator is not None and point.denominator]
        downs = [point.denominator for point in points if point.numerator is not None and point.denominator]
        up, down = sum(ups), sum(filter(None, downs))
        if down:
            found.append(Share(ward, up, down, len(downs)))
    if not found or any(not 0 <= share.numerator <= share.denominator for share in found):
        return None
    mean = sum(share.numerator for share in found) / sum(share.denominator for share in found)
    return Funnel(tuple(found), mean, weeks[0], weeks[-1])


def class_of(drawn: Funnel, share: Share, better: Better) -> PointType:
    """Beyond three standard errors a ward is special cause; nearer it is what chance explains."""
    side, sigmas = drawn.standing(share)
    if sigmas < FAR:
        return PointType.COMMON_CAUSE
    if better is Better.NEUTRAL:
        return PointType.NEUTRAL_HIGH if side > 0 else PointType.NEUTRAL_LOW
    return PointType.IMPROVEMENT if (side > 0) == (better is Better.HIGHER) else PointType.CONCERN


def standing_words(drawn: Funnel, share: Share) -> str:
    """Where a ward stands, in words."""
    side, sigmas = drawn.standing(share)
    if not sigmas:
        return "within two sigma: no more than chance explains"
    where = "above" if side > 0 else "below"
    return f"{where} the {'three' if sigmas == FAR else 'two'}-sigma limit"


def funnel_figure(drawn: Funnel, names: Mapping[str, str], better: Better) -> dict[str, Any]:
    """For Plotly."""
    largest = max(share.denominator for share in drawn.shares) * 1.08
    smallest = max(min(share.denominator for share in drawn.shares) * NARROWEST, 1)
    sizes = [1 + (largest - 1) * (step / STEPS) ** 2 for step in range(STEPS + 1)]
    low = min(*(100 * share.value for share in drawn.shares), 100 * wilson(drawn.mean, smallest, FAR)[0])
    high = max(*(100 * share.value for share in drawn.shares), 100 * wilson(drawn.mean, smallest, FAR)[1])
    room = max((high - low) * 0.06, 0.5)
    low, high = low - room, high + room
    traces: list[Trace] = []
    for sigmas, dash, width in ((FAR, "dash", 1.6), (NEAR, "dot", 1.3)):
        for end in (0, 1):
            ends = [100 * wilson(drawn.mean, size, sigmas)[end] for size in sizes]
            heights = [height if low <= height <= high else None for height in ends]  # nothing outside the picture
            line = {"color": COLOURS.second, "dash": dash, "width": width}
            traces.append(
                scatter(x=sizes, y=heights, mode="lines", line=line, hoverinfo="skip", name=f"{sigmas} sigma")
            )
    mean = {"color": COLOURS.ink, "width": 1.8}
    traces.append(
        scatter(x=[0, largest], y=[100 * drawn.mean] * 2, mode="lines", line=mean, hoverinfo="skip", name="Mean")
    )
    for kind, shape in SHAPES.items():
        chosen = [share for share in drawn.shares if class_of(drawn, share, better) is kind]
        if chosen:
            traces.append(_wards(chosen, drawn, kind, shape, names))
    axis = {"color": COLOURS.second, "linecolor": COLOURS.line, "gridcolor": "#eef2f5", "zeroline": False}
    title = {"text": f"Number that it is out of, {WEEKS} weeks", "font": FONT}
    layout = {
        "height": HEIGHT,
        "margin": {"t": TOP, "b": BOTTOM, "l": 58, "r": 124},
        "font": FONT,
        "paper_bgcolor": COLOURS.panel,
        "plot_bgcolor": COLOURS.panel,
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": COLOURS.panel, "bordercolor": COLOURS.second, "font": FONT, "align": "left"},
        "xaxis": {**axis, "range": [0, largest], "title": title},
        "yaxis": {**axis, "range": [low, high], "ticksuffix": "%"},
        "annotations": [*_line_words(drawn, largest, low, high), *_named(drawn, names, largest)],
    }
    return {"data": traces, "layout": layout}


def _wards(chosen: Sequence[Share], drawn: Funnel, kind: PointType, shape: str, names: Mapping[str, str]) -> Trace:
    said = [
        f"<b>{plain(names.get(share.ward, share.ward))}</b> {100 * share.value:.1f}%<br>"
        f"{amount(share.numerator)} of {amount(share.denominator)}<br>{standing_words(drawn, share)}"
        for share in chosen
    ]
    return scatter(
        x=[share.denominator for share in chosen],
        y=[100 * share.value for share in chosen],
        mode="markers",
        marker={"symbol": shape, "size": 11, "color": COLOURS.points[kind], "line": {"color": "#ffffff", "width": 1}},
        text=said,
        hovertemplate="%{text}<extra></extra>",
        name=kind.value,
    )


def _line_words(drawn: Funnel, largest: float, low: float, high: float) -> list[dict[str, Any]]:
    lines = [(100 * drawn.mean, f"All wards {100 * drawn.mean:.1f}%", COLOURS.ink)]
    for sigmas in (NEAR, FAR):
        ends = wilson(drawn.mean, largest, sigmas)
        lines += [(100 * end, f"{sigmas} sigma", COLOURS.second) for end in ends]
    lines.sort()
    scale = (HEIGHT - TOP - BOTTOM) / (high - low)
    places = apart([y * scale for y, _, _ in lines])
    beside = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "showarrow": False}
    return [
        {**beside, "y": y, "yshift": place - y * scale, "text": text, "font": {"size": 13, "color": colour}}
        for (y, text, colour), place in zip(lines, places, strict=True)
    ]


def _named(drawn: Funnel, names: Mapping[str, str], largest: float) -> list[dict[str, Any]]:
    """The wards outside of the inner limits by name; the others can be pointed at, and stand in the table."""
    found = []
    for share in drawn.shares:
        if drawn.standing(share)[1]:
            right = share.denominator < largest / 2
            side = {"xanchor": "left", "xshift": 8} if right else {"xanchor": "right", "xshift": -8}
            text = {"text": plain(names.get(share.ward, share.ward)), "font": {"size": 13, "color": COLOURS.ink}}
            found.append({"x": share.denominator, "y": 100 * share.value, "showarrow": False, **side, **text})
    return found
