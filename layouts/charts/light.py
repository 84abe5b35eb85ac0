"""A control chart as a few KB of SVG made on the server: no script, no style, whole in itself as an image.

Told apart without colour: what is common cause is a small dot, improvement a square, concern a diamond, and what is
neither a triangle that points the way. A week without a value is a grey band and a gap in the line, never a 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from layouts.charts.palette import CLASS_NAMES, PALETTES, Palette
from surveillance.spc import Chart, Point, PointType

WIDTH: Final = 560
HEIGHT: Final = 150
EDGE: Final = 11
"""Pixels around the lines, for the largest point."""
CROWDED: Final = 60
"""Points from which on those of common cause are drawn smaller, in a chart of ``WIDTH``."""
Places = Sequence[tuple[float, float]]


def light_chart(
    chart: Chart,
    title: str,
    *,
    palette: str | None = None,
    width: int = WIDTH,
    height: int = HEIGHT,
    span: tuple[float, float] | None = None,
    breaks: Iterable[int] = (),
) -> str:
    """The SVG of a chart, 2 to 6 KB for 104 points.

    ``title``: its text alternative. ``palette``: day, night or print puts the colours into the picture itself, for an
    image; None leaves them to the classes of ``assets/charts.css``, for a picture inside a page. ``width`` and
    ``height``: of the view box, for which points and lines are sized; a page may show it larger or smaller.
    ``span``: lowest and highest value of the scale, where several charts share one. ``breaks``: indices before which
    the line is interrupted, besides gaps and phases.
    """
    colours = PALETTES[palette] if palette else None
    within = span or span_of(chart)
    inside = (
        "" if within is None else "".join(_parts(chart, _Scale(chart, within, width, height), colours, set(breaks)))
    )
    words = escape(title if within else f"{title}: no point yet", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="light" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{words}"><title>{words}</title>{inside or _nothing(width, height, colours)}</svg>'
    )


def as_image(svg: str) -> str:
    """The SVG as a ``data:`` address; it must have a palette, for no style sheet reaches an image."""
    return "data:image/svg+xml," + quote(svg, safe=" =:/(),;-.")


def span_of(*charts: Chart) -> tuple[float, float] | None:
    """The lowest and the highest of everything that is drawn in these charts; None if they hold no value."""
    if not any(point.value is not None for chart in charts for point in chart.points):
        return None
    heights = [
        height
        for chart in charts
        for point in chart.points
        for height in (point.value, point.limits.centre, point.lpl, point.upl, chart.target)
        if height is not None
    ]
    low, high = min(heights), max(heights)
    return (low, high) if low < high else (low - 1, high + 1)


class _Scale:
    """Where a point stands in the picture."""

    def __init__(self, chart: Chart, span: tuple[float, float], width: int, height: int) -> None:
        self.step = (width - 2 * EDGE) / max(len(chart.points) - 1, 1)
        self.width, self.height = width, height
        crowded = len(chart.points) * WIDTH > CROWDED * width
        self.small, self.large = (2.4, 0.8) if crowded else (3.6, 1.0)
        self._low, self._high = span

    def x(self, index: float) -> float:
        return EDGE + index * self.step

    def y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return self.height - EDGE - share * (self.height - 2 * EDGE)


def _parts(chart: Chart, at: _Scale, colours: Palette | None, breaks: set[int]) -> Iterator[str]:
    points = chart.points
    ink, second, line = (colours.ink, colours.second, colours.line) if colours else ("", "", "")
    gaps = [index for index, point in enumerate(points) if point.value is None]
    if gaps:
        width = max(at.step, 2)
        bands = "".join(f"M{_n(at.x(index) - width / 2)} 0h{_n(width)}v{at.height}h{_n(-width)}z" for index in gaps)
        yield _path(bands, "gap", fill=line, more='fill-opacity="0.8"')
    starts = [index for index, (before, point) in enumerate(pairwise(points), 1) if before.phase != point.phase]
    if starts:
        bounds = "".join(f"M{_n(at.x(index - 0.5))} 0v{at.height}" for index in starts)
        yield _stroke(bounds, "phase", second, 1.5, "2 4")
    if chart.target is not None:
        yield _stroke(
            f"M0 {_n(at.y(chart.target))}H{at.width}", "target", colours.target if colours else "", 2.5, "3 5"
        )
    limits = "".join(_level(points, at, side) for side in ("lpl", "upl"))
    if limits:
        yield _stroke(limits, "limit", second, 1.6, "9 5")
    yield _stroke(_level(points, at, "centre"), "mean", ink, 2)
    common = colours.points[PointType.COMMON_CAUSE] if colours else ""
    yield _stroke(_value_line(points, at, {*starts, *breaks}), "value", common, 2.2)
    yield from _marks(chart, at, colours)


def _level(points: Sequence[Point], at: _Scale, name: str) -> str:
    """A line of the limits: level within a phase, from half a step before its first point to half a step after."""
    parts, index = [], 0
    while index < len(points):
        end = index
        while end < len(points) and points[end].phase == points[index].phase:
            end += 1
        height = getattr(points[index].limits, name)
        if height is not None:
            left = 0 if index == 0 else at.x(index - 0.5)
            right = at.width if end == len(points) else at.x(end - 0.5)
            parts.append(f"M{_n(left)} {_n(at.y(height))}H{_n(right)}")
        index = end
    return "".join(parts)


def _value_line(points: Sequence[Point], at: _Scale, breaks: set[int]) -> str:
    drawn, pen = [], "M"
    for index, point in enumerate(points):
        if point.value is None:
            pen = "M"
            continue
        pen = "M" if index in breaks else pen
        drawn.append(f"{pen}{_n(at.x(index))} {_n(at.y(point.value))}")
        pen = "L"
    return "".join(drawn)


def _marks(chart: Chart, at: _Scale, colours: Palette | None) -> Iterator[str]:
    """The points, one path a class; the latest one has a ring around it and is drawn last."""
    by_class: dict[PointType, list[tuple[float, float]]] = {}
    for index, point in enumerate(chart.points):
        if point.value is not None:
            by_class.setdefault(point.point_type, []).append((at.x(index), at.y(point.value)))
    for kind in CLASS_NAMES:
        if kind in by_class:
            yield _mark(by_class[kind], kind, colours, at.small, at.large)
    if chart.latest is not None and (value := chart.points[chart.latest].value) is not None:
        place = (at.x(chart.latest), at.y(value))
        kind = chart.points[chart.latest].point_type
        panel = f' fill="{colours.panel}" stroke="{colours.points[kind]}"' if colours else ""
        yield (
            f'<circle class="latest {CLASS_NAMES[kind]}" cx="{_n(place[0])}" cy="{_n(place[1])}" r="8.4"{panel} '
            'stroke-width="2.4"/>'
        )
        yield _mark([place], kind, colours, 4.4, 1)


def _mark(places: Places, kind: PointType, colours: Palette | None, small: float, large: float) -> str:
    size = {PointType.COMMON_CAUSE: small, PointType.IMPROVEMENT: 4.2 * large}.get(kind, 5.4 * large)
    colour = colours.points[kind] if colours else ""
    name = f"point {CLASS_NAMES[kind]}"
    return _path("".join(_shape(kind, x, y, size) for x, y in places), name, fill=colour)


def _shape(kind: PointType, x: float, y: float, size: float) -> str:
    if kind is PointType.COMMON_CAUSE:
        r, across = _n(size), _n(2 * size)
        return f"M{_n(x - size)} {_n(y)}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0-{across} 0"
    if kind is PointType.IMPROVEMENT:
        side = _n(2 * size)
        return f"M{_n(x - size)} {_n(y - size)}h{side}v{side}h-{side}z"
    if kind is PointType.CONCERN:
        half = _n(size)
        return f"M{_n(x - size)} {_n(y)}l{half}-{half} {half} {half}-{half} {half}z"
    way = -1 if kind is PointType.NEUTRAL_HIGH else 1
    return f"M{_n(x - size)} {_n(y - way * size * 0.8)}h{_n(2 * size)}L{_n(x)} {_n(y + way * size)}z"


def _path(drawn: str, name: str, *, fill: str, more: str = "") -> str:
    return f'<path class="{name}" d="{drawn}"{_given("fill", fill)}{" " + more if more else ""}/>'


def _stroke(drawn: str, name: str, colour: str, width: float, dashes: str = "") -> str:
    given = f"{_given('stroke', colour)}{_given('stroke-dasharray', dashes)}"
    return f'<path class="{name}" d="{drawn}" fill="none" stroke-width="{width}" stroke-linejoin="round"{given}/>'


def _given(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""


def _nothing(width: int, height: int, colours: Palette | None) -> str:
    """A dashed frame, in which nothing stands at any height."""
    edge = _given("stroke", colours.second if colours else "")
    frame = f'x="2" y="2" width="{width - 4}" height="{height - 4}" rx="8" fill="none"'
    return f'<rect class="limit" {frame} stroke-width="2" stroke-dasharray="8 6"{edge}/>'


def _n(value: float) -> str:
    """At most one decimal: a tenth of a pixel."""
    rounded = round(value, 1)
    if not math.isfinite(rounded):
        raise ValueError("a place in a picture is a finite number")
    return f"{rounded:g}" if abs(rounded) < 100000 else f"{rounded:.1f}"
