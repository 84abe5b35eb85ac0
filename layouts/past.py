"""A wall as it was, which nobody can take for a wall that is: a banner over it, a header of its own, and a desk's bar.

It is drawn once and stays as it is. The bar works as plain links and a form; a script adds the slider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.fields import Input
from layouts.words import LONDON, clock, local

STEPS = {
    "1 day": timedelta(days=1),
    "1 h": timedelta(hours=1),
    "15 min": timedelta(minutes=15),
    "1 min": timedelta(minutes=1),
}
"""From the moment that is shown to the next."""
MINUTE_S = 60
GAPS_DRAWN = 200
"""So many of the longest gaps are marked beside the slider."""
FRESHNESS = "freshness"
"""The class of the one part of a wall that says how live it is."""
KEYS = "Arrow keys: 1 minute. With Shift: 15 minutes. Page up and page down: 1 hour."
UNSAID = "How the sources stood is not kept"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the bar stands. ``live``: the address of the wall as it is now; ``name``: what it is called.

    ``moment``: that was asked for, if it is one. ``first``, ``last``: of what is kept; None while nothing is.
    """

    live: str
    name: str
    moment: datetime | None = None
    first: datetime | None = None
    last: datetime | None = None
    gaps: Sequence[tuple[datetime, datetime]] = ()

    def at(self, moment: datetime) -> str:
        """The address of the wall as it was at ``moment``."""
        return f"{self.live}?at={quote(written(moment), safe=':')}"


def _called(name: str) -> dict[str, Any]:
    """What somebody hears who cannot see it."""
    return {"aria-label": name}


def comes_twice(moment: datetime) -> bool:
    """Whether London's clocks show its time twice, before and after they go back."""
    there = local(moment).replace(tzinfo=LONDON)
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


def zone(moment: datetime) -> str:
    """GMT or BST."""
    return f"{local(moment):%Z}"


def full(moment: datetime, *, time: bool = True) -> str:
    """Its London date and time, "Friday 27 November 2026 02:15"; seconds, and GMT or BST, only where it matters."""
    there = local(moment)
    day = f"{there:%A} {there.day} {there:%B} {there.year}"
    return f"{day} {of_day(moment)}" if time else day


def of_day(moment: datetime) -> str:
    """Its London time."""
    there = local(moment)
    seconds = f"{there:%H:%M:%S}" if there.second or there.microsecond else f"{there:%H:%M}"
    return f"{seconds} {zone(moment)}" if comes_twice(moment) else seconds


def written(moment: datetime) -> str:
    """As an address names it: London's time, with an offset where that comes twice."""
    there = local(moment)
    precise = "microseconds" if there.microsecond else "seconds" if there.second else "minutes"
    return (there if comes_twice(moment) else there.replace(tzinfo=None)).isoformat(timespec=precise)


def then(desk: Desk, painted: Component, shown: datetime, notes: Sequence[str]) -> list[Component]:
    """A wall as it stood at ``shown``. ``notes``: what must be known of it."""
    wall = html.Main(_marked(painted), className="behind", tabIndex=0, **_called("The wall as it was"))
    told = html.P([html.Span(note) for note in notes], className="notes")
    return [_bar(desk), _past(desk, full(shown), "not live", told, wall)]


def unshown(desk: Desk, title: str, words: Sequence[str], choices: Sequence[datetime] = ()) -> list[Component]:
    """Why there is nothing to show. ``choices``: moments for which there is."""
    ways = [html.Li(html.A(full(one), href=desk.at(one))) for one in choices]
    told: list[Component] = [html.H1(title), *(html.P(text) for text in words)]
    if ways:
        told.append(html.Ul(ways))
    if desk.first and desk.last:
        told.append(html.P(f"Kept: from {full(desk.first)} to {full(desk.last)}."))
    asked = full(desk.moment) if desk.moment else ""
    body = html.Main(told, className="why-not")
    return [_bar(desk), _past(desk, asked, "nothing is shown", html.P(className="notes"), body)]


def _past(desk: Desk, when: str, state: str, notes: Component, body: Component) -> Component:
    """What the slider puts in place of what stood there."""
    said = " · ".join(words for words in ("THE PAST", when, state) if words)
    banner = html.Section([html.P(said, className="when-it-was"), notes], **_called("The past"))
    own: dict[str, Any] = {"data-said": said, "data-address": desk.at(desk.moment) if desk.moment else ""}
    own["data-moment"] = f"{desk.moment.timestamp():.0f}" if desk.moment else ""
    return html.Div([banner, body], id="past", **own)


def _marked(node: Any) -> Any:
    """A drawn wall in which what said how live it is, and what there is only as it is now, says that.

    It is changed in place: it was drawn for this page.
    """
    if isinstance(node, list):
        return [_marked(child) for child in node]
    if not isinstance(node, Component):
        return node
    names = str(getattr(node, "className", "")).split()
    if FRESHNESS in names:
        head, told = html.P("THE PAST", className="head"), html.P(UNSAID, className="told")
        return html.Div([head, told], className=f"{FRESHNESS} was")
    if getattr(node, "children", None) is not None:
        node.children = _marked(node.children)
    if isinstance(node, html.Main):  # of one of several pages, which stand one below the other here
        return html.Div(node.children, className=getattr(node, "className", None))
    return node


def _bar(desk: Desk) -> Component:
    """Which moment, the steps to others, and the way back."""
    named = html.Strong("Looking back")
    label = html.Label("Date and time", htmlFor="asked", className="unseen")
    value = written(desk.moment).partition("+")[0].partition(".")[0] if desk.moment else ""
    asked = Input(type="datetime-local", id="asked", name="at", value=value)
    ask = html.Form(
        [label, asked, html.Button("Show", type="submit")], action=desk.live, method="get", id="ask", noValidate=True
    )
    back = html.A("Back to live", href=desk.live, className="to-live")
    told = html.Span(id="told", role="status")
    rows: list[Component] = [html.Div([named, ask, *_steps(desk), told, back], className="bar-row")]
    if desk.first and desk.last:
        rows.append(_slider(desk, desk.first, desk.last))
    return html.Nav(rows, id="bar", **_called("Looking back"))


def _steps(desk: Desk) -> list[Component]:
    """Links to the moments around; none leads out of what is kept."""
    if desk.first is None or desk.last is None:
        return []
    here, first, last = min(max(desk.moment or desk.last, desk.first), desk.last), desk.first, desk.last
    back = [(f"‹ {name}", f"{name} earlier", max(here - span, first)) for name, span in STEPS.items()]
    on = [(f"{name} ›", f"{name} later", min(here + span, last)) for name, span in reversed(STEPS.items())]
    return [
        html.P(
            [
                html.A(words, href=desk.at(moment), className="step", title=explained)
                for words, explained, moment in steps
            ],
            className="steps-of-time",
        )
        for steps in (back, on)
    ]


def _slider(desk: Desk, first: datetime, last: datetime) -> Component:
    """Over all that is kept, by whole minutes; the script shows it."""
    low, high = -(-int(first.timestamp()) // MINUTE_S) * MINUTE_S, int(last.timestamp()) // MINUTE_S * MINUTE_S
    low = min(low, high)
    span = max(high - low, 1)
    here = min(max(int((desk.moment or last).timestamp()) // MINUTE_S * MINUTE_S, low), high)
    longest = sorted(desk.gaps, key=lambda gap: gap[0] - gap[1])[:GAPS_DRAWN]
    marks = []
    for ended, began in longest:
        left = max(ended.timestamp() - low, 0) / span
        wide = (began.timestamp() - low) / span - left
        style: dict[str, Any] = {"style": f"left: {left:.3%}; width: {wide:.3%}"}
        marks.append(html.Span(className="gap", **style))
    slide = Input(
        type="range", id="slider", min=low, max=high, step=MINUTE_S, value=here, title=KEYS,
        **{"aria-label": "Moment", "aria-valuetext": full(desk.moment or last)},
    )  # fmt: skip
    ends = [html.Span(clock(first, last)), html.Div([*marks, slide], className="track"), html.Span(clock(last, first))]
    gaps = html.Span([html.Span(className="gap-key"), "not watched"]) if marks else None
    return html.Div([*ends, gaps], className="bar-row slide", id="slide", hidden=True)
