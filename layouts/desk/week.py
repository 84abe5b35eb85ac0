"""The last seven days of a ward's number as a small drawing; a time in which nobody knew it is a gap, never a 0."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final

from dash import html
from dash.development.base_component import Component

from layouts.charts.light import as_image
from layouts.charts.palette import PALETTES
from layouts.words import LONDON, number
from surveillance.spc import PointType

DAYS: Final = 7
WIDTH: Final = 560
HEIGHT: Final = 120
EDGE: Final = 8
Stretch = tuple[datetime, datetime, float]
"""From, until, and the number that stood in between."""


def week(stretches: Sequence[Stretch], since: datetime, until: datetime, *, what: str) -> list[Component]:
    """The line, and beside it in words what it says. ``what``: of what the number is."""
    if not stretches:
        return [html.P("No number is on record for these days.", className="quiet")]
    low = min(value for *_, value in stretches)
    high = max(value for *_, value in stretches)
    ends = number(stretches[-1][2])
    words = f"{what}: between {number(low)} and {number(high)} in these days, {ends} at the end"
    if low == high:
        words = f"{what}: {ends} whenever it was known"
    if gaps(stretches, since, until):
        words += "; grey: nobody knew it"
    days = [(since + timedelta(days=one)).astimezone(LONDON) for one in range(DAYS)]
    labels = [*(f"{one:%a}" for one in days), "now"]
    return [
        html.Img(src=as_image(drawing(stretches, since, until)), alt=words, className="line"),
        html.Ol([html.Li(one) for one in labels], className="days", **{"aria-hidden": "true"}),  # type: ignore[arg-type]
        html.P(f"{words}.", className="quiet"),
    ]


def drawing(stretches: Sequence[Stretch], since: datetime, until: datetime) -> str:
    """The SVG, whole in itself."""
    colours = PALETTES["day"]
    span = (until - since).total_seconds()
    low = min(0.0, *(value for *_, value in stretches))
    high = max(low + 1, *(value for *_, value in stretches))

    def x(moment: datetime) -> float:
        return round(EDGE + (WIDTH - 2 * EDGE) * (moment - since).total_seconds() / span, 1)

    def y(value: float) -> float:
        return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - low) / (high - low), 1)

    bands = "".join(f"M{x(start)} 0H{x(end)}V{HEIGHT}H{x(start)}z" for start, end in gaps(stretches, since, until))
    line, ended = "", None
    for start, end, value in stretches:
        line += f"{'L' if start == ended else 'M'}{x(start)} {y(value)}H{x(end)}"
        ended = end
    middle = "".join(f"M{x(since + timedelta(days=one))} {HEIGHT - 3}v3" for one in range(DAYS + 1))
    blue = colours.points[PointType.IMPROVEMENT]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{bands}" fill="{escape(colours.line)}"/>'
        f'<path d="M{EDGE} {y(low)}H{WIDTH - EDGE}{middle}" fill="none" stroke="{colours.line}" stroke-width="1.5"/>'
        f'<path d="{line}" fill="none" stroke="{blue}" stroke-width="2.6" stroke-linejoin="round"/></svg>'
    )


def gaps(stretches: Sequence[Stretch], since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """When nobody knew the number."""
    found, known = [], since
    for start, end, _ in stretches:
        if start > known:
            found.append((known, start))
        known = max(known, end)
    return [*found, (known, until)] if known < until else found
