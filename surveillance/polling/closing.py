"""Weeks that are over become points of charts, in small steps, so that no snapshot waits long for it.

It must happen while every change of the week is still kept: thinning waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from surveillance.charts.closing import Span, points_of
from surveillance.charts.points import WEEK, ChartPoint, closes, last_closed, midnight
from surveillance.charts.units import charted
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Form, Measure
from surveillance.measures.site import Site
from surveillance.store import Store, Told

WEEKS_BACK = 5
"""As long as every change is kept, unless the site says otherwise."""
WARDS_AT_ONCE = 10
"""Of a mean: a count of overdue observations may change hundreds of times a week on each ward."""


@dataclass(frozen=True, slots=True)
class _Step:
    """``first``: ward → the first week that is not closed there."""

    measure: Measure
    first: Mapping[str, date]


@dataclass(slots=True)
class _Round:
    """What is to be closed up to a week. ``over``: what several means are taken over, read once."""

    through: date
    steps: list[_Step] = field(default_factory=list)
    watched: list[Span] = field(default_factory=list)
    over: dict[tuple[str, tuple[str, ...], datetime], dict[str, list[Told]]] = field(default_factory=dict)


class Closer:
    """Closes every week that is not closed yet, as far back as readings exist. Used by one thread.

    ``pending``: whether there is more to be closed than was by now.
    """

    def __init__(self, site: Site, catalogue: Mapping[str, Measure] = CATALOGUE) -> None:
        self._site = site
        self._measures = charted(catalogue)
        self._round: _Round | None = None
        self.pending = bool(self._measures)

    def close_some(self, store: Store, now: datetime) -> int:
        """Closes the weeks of one measure, or of some of its wards; returns how many points were kept.

        Raises:
            StoreError: then nothing of them was kept, and the next call takes them up again.
        """
        through = last_closed(now)
        if self._round is None or self._round.through != through:
            self._round = self._begun(store, through) if self._measures else _Round(through)
        kept = 0
        if self._round.steps:
            points = self._points(store, self._round, self._round.steps[0])
            store.keep_points(points)
            kept = len(points)
            self._round.steps.pop(0)
        self.pending = bool(self._round.steps)
        if not self.pending:
            self._round = _Round(through)
        return kept

    def _begun(self, store: Store, through: date) -> _Round:
        latest, oldest = store.latest_points(), through - (WEEKS_BACK - 1) * WEEK
        steps = []
        for measure in self._measures.values():
            first = {
                ward: _week_after(latest.get((measure.id, ward), date.min), oldest)
                for ward in self._site.wards
                if self._site.applies(measure.id, ward)
            }
            wards = [ward for ward, week in first.items() if week <= through]
            often = measure.charted is not None and measure.charted.form is Form.MEAN
            size = WARDS_AT_ONCE if often else max(len(wards), 1)
            steps += [
                _Step(measure, {ward: first[ward] for ward in wards[start : start + size]})
                for start in range(0, len(wards), size)
            ]
        watched = store.watched(midnight(oldest - timedelta(days=1)), closes(through)) if steps else []
        return _Round(through, steps, watched)

    def _points(self, store: Store, about: _Round, step: _Step) -> list[ChartPoint]:
        measure, how, wards = step.measure, step.measure.charted, tuple(step.first)
        if how is None:
            return []
        since, until = midnight(min(step.first.values())), closes(about.through)
        told = store.told(measure.id, since, until, wards)
        over: dict[str, list[Told]] = {}
        if how.over:
            key = (how.over, wards, since)
            over = about.over[key] = about.over.get(key) or store.told(how.over, since, until, wards)
        least = self._site.settings.charts.watched
        found: dict[tuple[str, date], ChartPoint] = {}
        for ward, week in step.first.items():
            while week <= about.through:
                readings, beside = told.get(ward, ()), over.get(ward, ())
                for point in points_of(measure, how, ward, week, readings, about.watched, beside, least):
                    before = found.get((ward, point.start))
                    if before is None or not before.numerator:  # an event that a later week tells of stays one
                        found[ward, point.start] = point
                week += WEEK
        return list(found.values())


def _week_after(point: date, oldest: date) -> date:
    """The week after that of a point; an event's point starts on any day of it."""
    return oldest if point < oldest else point - timedelta(days=point.weekday()) + WEEK
