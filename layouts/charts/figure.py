"""The whole chart of a measure and a unit for Plotly: points, lines, phases, notes and gaps, with words to point at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from textwrap import wrap
from typing import Any, Final

from layouts.charts.drawn import Drawn
from layouts.charts.light import span_of
from layouts.charts.palette import CLASS_WORDS, PALETTES, SHAPES
from layouts.charts.says import amount, figure, period, wards_reporting
from surveillance.measures.declaration import Form
from surveillance.spc import Kind, PointType, words

Trace = dict[str, Any]
COLOURS: Final = PALETTES["day"]
FONT: Final = {"family": "Inter, system-ui, Arial, sans-serif", "size": 14, "color": COLOURS.ink}
PLOT: Final = 370
"""Pixels from the lowest to the highest of the scale."""
TOP, BOTTOM, LEFT, RIGHT = 16, 44, 58, 128
SIZES: Final = {PointType.COMMON_CAUSE: 7, PointType.IMPROVEMENT: 9, PointType.CONCERN: 11}
"""Of the marks in pixels; a diamond of 11 has about the area of a square of 9."""
ROOM: Final = 0.06
"""Share of the scale that is left free above and below the lines."""
APART: Final = 19
"""Pixels between the words beside two lines."""
LEVEL: Final = 19
"""Pixels of a line of words about a date, above the chart."""
LEVELS: Final = 3
"""Such lines at most. What finds no room there is marked on the chart all the same, and stands in words below it."""
SHORT: Final = 34
"""Letters of such words at most; all of them stand below the chart."""
NARROW: Final = 500
"""Pixels across that the chart has at least, on a tablet held upright."""
LETTER: Final = 7
"""Pixels of a letter."""
HALF_WEEK: Final = timedelta(days=3, hours=12)


def full_chart(one: Drawn, names: Mapping[str, str]) -> dict[str, Any]:
    """The figure. ``names``: ward code → name."""
    low, high = _range(one)
    traces = [*_levels(one), _value_line(one), *_points(one, names), *_gaps(one, (low + high) / 2)]
    above = _date_words(one)
    top = TOP + LEVEL * (1 + max((int(note["yshift"] // LEVEL) for note in above), default=-1))
    layout = _layout(one)
    layout |= {"height": PLOT + top + BOTTOM, "margin": {**layout["margin"], "t": top}}
    layout |= {"shapes": [*_shapes(one)], "annotations": [*_line_words(one, low, high), *above]}
    return {"data": traces, "layout": layout}


def scatter(**given: Any) -> Trace:
    """One trace."""
    return {"type": "scatter", **given}


def _range(one: Drawn) -> tuple[float, float]:
    low, high = span_of(one.chart) or (0.0, 1.0)
    room = (high - low) * ROOM
    return low - room, high + room


def _layout(one: Drawn) -> dict[str, Any]:
    low, high = _range(one)
    axis = {"color": COLOURS.second, "linecolor": COLOURS.line, "ticks": "outside", "tickcolor": COLOURS.line}
    starts = [point.start for point in one.series]
    ends = [starts[0] - HALF_WEEK, starts[-1] + HALF_WEEK] if starts else None
    return {
        "margin": {"t": TOP, "b": BOTTOM, "l": LEFT, "r": RIGHT},
        "font": FONT,
        "paper_bgcolor": COLOURS.panel,
        "plot_bgcolor": COLOURS.panel,
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": COLOURS.panel, "bordercolor": COLOURS.second, "font": FONT, "align": "left"},
        "xaxis": {**axis, "type": "date", "range": ends, "showgrid": False, "tickformat": "%-d %b<br>%Y"},
        "yaxis": {**axis, "range": [low, high], "gridcolor": "#eef2f5", "zeroline": False, "ticksuffix": _suffix(one)},
    }


def _suffix(one: Drawn) -> str:
    return "%" if one.charted.unit.startswith("%") else ""


def _levels(one: Drawn) -> Iterator[Trace]:
    """Centre, limits and target: level within a phase, interrupted between two."""
    yield _level(one, "upl", "Upper limit", COLOURS.second, "dash", 1.4)
    yield _level(one, "lpl", "Lower limit", COLOURS.second, "dash", 1.4)
    if one.chart.target is not None and one.series:
        ends = [one.series[0].start - HALF_WEEK, one.series[-1].start + HALF_WEEK]
        line = {"color": COLOURS.target, "width": 2, "dash": "dot"}
        yield scatter(x=ends, y=[one.chart.target] * 2, mode="lines", line=line, hoverinfo="skip", name="Target")
    yield _level(one, "centre", "Mean", COLOURS.ink, "solid", 1.8)


def _level(one: Drawn, name: str, title: str, colour: str, dash: str, width: float) -> Trace:
    across: list[date | None] = []
    heights: list[float | None] = []
    points = one.chart.points
    for start, end in phases_of(one):
        height = getattr(points[start].limits, name)
        across += [one.series[start].start - HALF_WEEK, one.series[end - 1].start + HALF_WEEK, None]
        heights += [height, height, None]
    line = {"color": colour, "dash": dash, "width": width}
    return scatter(x=across, y=heights, mode="lines", line=line, hoverinfo="skip", name=title)


def phases_of(one: Drawn) -> list[tuple[int, int]]:
    """The phases as (first index, index after the last)."""
    points = one.chart.points
    starts = [n for n, point in enumerate(points) if n == 0 or point.phase != points[n - 1].phase]
    return list(zip(starts, [*starts[1:], len(points)], strict=True))


def _value_line(one: Drawn) -> Trace:
    across: list[date | None] = []
    heights: list[float | None] = []
    starts = [start for start, _ in phases_of(one)[1:]]
    for index, (at, point) in enumerate(zip(one.series, one.chart.points, strict=True)):
        if index in starts:
            across.append(None)
            heights.append(None)
        across.append(at.start)
        heights.append(point.value)
    line = {"color": COLOURS.points[PointType.COMMON_CAUSE], "width": 1.6}
    return scatter(x=across, y=heights, mode="lines", line=line, connectgaps=False, hoverinfo="skip", name="Values")


def _points(one: Drawn, names: Mapping[str, str]) -> Iterator[Trace]:
    points = one.chart.points
    for kind, shape in SHAPES.items():
        chosen = [n for n, point in enumerate(points) if point.value is not None and point.point_type is kind]
        if not chosen:
            continue
        yield scatter(
            x=[one.series[n].start for n in chosen],
            y=[points[n].value for n in chosen],
            mode="markers",
            marker={
                "symbol": shape,
                "color": COLOURS.points[kind],
                "opacity": 1,
                "size": [SIZES.get(kind, 11) + 3 * (n == one.chart.latest) for n in chosen],
                "line": {"color": COLOURS.panel, "width": 1},
            },
            text=[pointed_at(one, n, names) for n in chosen],
            hovertemplate="%{text}<extra></extra>",
            name=CLASS_WORDS[kind].capitalize(),
        )


def pointed_at(one: Drawn, index: int, names: Mapping[str, str]) -> str:
    """What is said of a point that is pointed at, as the few tags that Plotly knows."""
    at, point, charted = one.series[index], one.chart.points[index], one.charted
    lines = [f"<b>{figure(point.value, charted)}</b> {period(at.start, charted)}"]
    if at.numerator is not None and charted.form is not Form.EVENTS:
        lines.append(f"{amount(at.numerator)} of {amount(at.denominator)}" if at.denominator else amount(at.numerator))
    if one.chart.kind is not Kind.RUN:
        lines.append(", ".join([CLASS_WORDS[point.point_type], *words(one.chart, index)]))
    if at.expected:
        lines += wrap(wards_reporting(at.reporting, at.expected, at.missing, names), 60)
    return "<br>".join(plain(line) if n else line for n, line in enumerate(lines))


def plain(text: str) -> str:
    """Words from outside, which are no tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _gaps(one: Drawn, height: float) -> Iterator[Trace]:
    """Nothing to see (the bands are seen), but something to point at."""
    gaps = [point for point in one.series if point.value is None]
    if not gaps:
        return
    said = [
        "<br>".join([f"No value, {period(point.start, one.charted)}", *map(plain, wrap(point.reason, 60))])
        for point in gaps
    ]
    yield scatter(
        x=[point.start for point in gaps],
        y=[height] * len(gaps),
        mode="markers",
        marker={"size": 16, "opacity": 0},
        text=said,
        hovertemplate="%{text}<extra></extra>",
        name="No value",
    )


def _shapes(one: Drawn) -> Iterator[dict[str, Any]]:
    for point in one.series:
        if point.value is None:
            ends = {"x0": point.start - HALF_WEEK, "x1": point.start + HALF_WEEK, "y0": 0, "y1": 1}
            band = {"fillcolor": COLOURS.line, "opacity": 0.6, "line": {"width": 0}, "layer": "below"}
            yield {"type": "rect", "xref": "x", "yref": "paper", **ends, **band}
    for at, _, is_phase in dated(one):
        line = {"color": COLOURS.second, "width": 1.5, "dash": "dot" if is_phase else "solid"}
        place = at - HALF_WEEK if is_phase else at
        yield {"type": "line", "xref": "x", "yref": "paper", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": line}


def dated(one: Drawn) -> list[tuple[date, str, bool]]:
    """(date, words, whether a phase starts there) of phases and notes, by date."""
    found = [(phase.start, f"New limits: {phase.reason}", True) for phase in one.phases]
    found += [(note.at, note.words, False) for note in one.notes]
    return sorted(found)


def _date_words(one: Drawn) -> list[dict[str, Any]]:
    """Each on the lowest line above the chart on which it has room."""
    first, last = one.series[0].start, one.series[-1].start
    days = max((last - first).days, 1)
    taken: list[float] = [-NARROW] * LEVELS  # the right end of what stands on each line, in pixels
    found = []
    for at, said, is_phase in dated(one):
        short = said if len(said) <= SHORT else f"{said[: SHORT - 1].rstrip()}…"
        place, width = NARROW * (at - first).days / days, LETTER * len(short)
        left = min(place, NARROW + RIGHT - width)  # it may stand above the words beside the lines
        level = next((n for n, end in enumerate(taken) if left > end), None)
        if level is None or not 0 <= place <= NARROW:
            continue
        taken[level] = left + width + LETTER
        note = {"x": at - HALF_WEEK if is_phase else at, "xref": "x", "y": 1, "yref": "paper", "showarrow": False}
        moved = {
            "xanchor": "left",
            "yanchor": "middle",
            "xshift": left - place,
            "yshift": LEVEL * (level + 0.5) + 2,
            "hovertext": plain(said),
        }
        found.append({**note, **moved, "text": plain(short), "font": {"size": 13, "color": COLOURS.ink}})
    return found


def _line_words(one: Drawn, low: float, high: float) -> Iterator[dict[str, Any]]:
    """What the lines are called, at their right ends, moved apart where they are close."""
    if not one.chart.points:
        return
    limits, charted = one.chart.points[-1].limits, one.charted
    middle = "Mean" if limits.mean is not None else "Median"
    lines = [
        (limits.upl, "Upper limit", COLOURS.second),
        (limits.centre, middle, COLOURS.ink),
        (limits.lpl, "Lower limit", COLOURS.second),
        (one.chart.target, "Target", COLOURS.target),
    ]
    known = sorted(
        (height, f"{name} {figure(height, charted)}", colour) for height, name, colour in lines if height is not None
    )
    scale = PLOT / (high - low)
    places = apart([height * scale for height, _, _ in known])
    for (height, said, colour), place in zip(known, places, strict=True):
        yield {
            "x": 1,
            "xref": "paper",
            "y": height,
            "yref": "y",
            "yshift": place - height * scale,
            "xanchor": "left",
            "xshift": 6,
            "text": said,
            "showarrow": False,
            "font": {"size": 13, "color": colour},
        }


def apart(heights: Sequence[float], least: float = APART) -> list[float]:
    """Rising heights moved as little as it takes for any two to be ``least`` apart."""
    blocks: list[tuple[float, list[float]]] = []  # (middle, heights of those that stand together)
    for height in heights:
        together, middle = [height], height
        while blocks and middle - _half(together, least) < blocks[-1][0] + _half(blocks[-1][1], least):
            together = blocks.pop()[1] + together
            middle = sum(together) / len(together)
        blocks.append((middle, together))
    return [middle + (n - (len(together) - 1) / 2) * least for middle, together in blocks for n in range(len(together))]


def _half(together: Sequence[float], least: float) -> float:
    return len(together) * least / 2
