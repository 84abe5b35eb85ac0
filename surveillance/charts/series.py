"""Points of wards add up to the series of a unit; a missing ward is named, a week with too few of them is a gap."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from surveillance.charts.points import WEEK, ChartPoint
from surveillance.measures.declaration import Charted, Form

NOTHING_KEPT = "nothing was kept of this week"
NOTHING_TO_MEASURE = "nothing to measure"
FIRST = "the first event on record"
EARLIER_DEFINITION = "measured by an earlier definition"
Week = Mapping[str, ChartPoint]
"""Ward → its point."""


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One week of a unit, or one event.

    ``start``: the week's Monday, or the event's date. ``value``: in the chart's unit; of an event, days since the one
    before. None is a gap, and ``reason`` says why. ``reporting`` of ``expected`` wards reported, ``missing`` did not;
    of an event, in the weeks since the one before.
    """

    start: date
    value: float | None
    numerator: float | None
    denominator: float | None
    reporting: int
    expected: int
    missing: tuple[str, ...]
    reason: str
    version: int


@dataclass(frozen=True, slots=True)
class Reporting:
    """Who reported of a week."""

    expected: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def number(self) -> int:
        """Of wards that did."""
        return len(self.expected) - len(self.missing)

    def enough(self, least: float) -> bool:
        """Whether the share of wards suffices; nobody never does."""
        return self.number > 0 and self.number / len(self.expected) >= least


def series_of(
    charted: Charted,
    points: Sequence[ChartPoint],
    wards: Sequence[str],
    *,
    least: float,
    through: date = date.min,
    names: Mapping[str, str] | None = None,
) -> tuple[SeriesPoint, ...]:
    """The series of a unit.

    Args:
        charted: how the measure is drawn.
        points: of its wards; those of others are left out.
        wards: of the unit, on which the measure has a meaning. One is expected from its first point on.
        least: share of the expected wards that must report.
        through: the week up to which there must be points: later than the last one there are gaps.
        names: ward code → name, for reasons.
    """
    by_start, own = dict[date, dict[str, ChartPoint]](), frozenset(wards)
    for point in points:
        if point.ward in own:
            by_start.setdefault(point.start, {})[point.ward] = point
    if not by_start:
        return ()
    if charted.form is Form.EVENTS:
        return tuple(_events(by_start, wards, least, names or {}))
    return tuple(_weeks(charted, by_start, wards, least, through, names or {}))


def _weeks(
    charted: Charted,
    by_week: Mapping[date, Week],
    wards: Sequence[str],
    least: float,
    through: date,
    names: Mapping[str, str],
) -> Iterator[SeriesPoint]:
    first = _firsts(by_week)
    week, last, version = min(by_week), max(*by_week, through), 0
    version = max(point.version for point in by_week[week].values())
    while week <= last:
        found = by_week.get(week, {})
        version = _version(found, version)
        known = {ward: p for ward, p in found.items() if p.numerator is not None and p.version == version}
        expected = tuple(ward for ward in wards if ward in first and first[ward] <= week)
        who = Reporting(expected, tuple(ward for ward in expected if ward not in known))
        enough = who.enough(least)
        reason = "" if enough else _too_few(who, found, version, names)
        yield _added(charted, week, list(known.values()) if enough else [], who, reason, version)
        week += WEEK


def _added(
    charted: Charted, week: date, points: Sequence[ChartPoint], who: Reporting, reason: str, version: int
) -> SeriesPoint:
    value = up = down = None
    if points:
        up = math.fsum(point.numerator or 0 for point in points)
        downs = [point.denominator for point in points]
        down = None if None in downs else math.fsum(below or 0 for below in downs)
        value = up if down is None else up / down * charted.scale if down else None
        reason = NOTHING_TO_MEASURE if value is None else ""
    return SeriesPoint(week, value, up, down, who.number, len(who.expected), who.missing, reason, version)


def _version(found: Week, before: int) -> int:
    """The newest definition by which a ward was measured: what an older one says cannot be added to it."""
    measured = [point.version for point in found.values() if point.numerator is not None]
    return max(measured, default=max((point.version for point in found.values()), default=before))


def _firsts(by_week: Mapping[date, Week]) -> dict[str, date]:
    """Ward → the week from which on it is expected."""
    first: dict[str, date] = {}
    for week in sorted(by_week):
        for ward in by_week[week]:
            first.setdefault(ward, week)
    return first


def _too_few(who: Reporting, found: Week, version: int, names: Mapping[str, str]) -> str:
    if not found:
        return NOTHING_KEPT
    if len(who.expected) == 1:
        point = found.get(who.expected[0])
        if point is None:
            return NOTHING_KEPT
        return point.reason or (EARLIER_DEFINITION if point.version != version else "")
    return _who_reported(who, names)


def _who_reported(who: Reporting, names: Mapping[str, str]) -> str:
    missing = ", ".join(names.get(ward, ward) for ward in who.missing)
    return f"{who.number} of {len(who.expected)} wards reported; missing: {missing}"


def _events(
    by_start: Mapping[date, Week], wards: Sequence[str], least: float, names: Mapping[str, str]
) -> Iterator[SeriesPoint]:
    """Every event of every ward by date; the days before one are a gap where too few wards were known to report."""
    # A Monday without an event says whether the week's events are known, and from when on they were looked for.
    marks = {
        start: {ward: p for ward, p in found.items() if not p.numerator}
        for start, found in by_start.items()
        if any(not p.numerator for p in found.values())
    }
    first = _firsts(marks)
    told = sorted((p for found in by_start.values() for p in found.values() if p.numerator), key=_when)
    for before, event in pairwise([None, *told]):
        if event is None:
            continue
        who, reason = Reporting((), ()), FIRST
        value: float | None = None
        if before is not None:
            who, reason = _between(before.start, event.start, by_start, wards, first, least, names)
            value = None if reason else float((event.start - before.start).days)
        yield SeriesPoint(
            event.start, value, 1.0, None, who.number, len(who.expected), who.missing, reason, event.version
        )


def _when(point: ChartPoint) -> tuple[date, str]:
    return point.start, point.ward


def _between(
    before: date,
    event: date,
    by_start: Mapping[date, Week],
    wards: Sequence[str],
    first: Mapping[str, date],
    least: float,
    names: Mapping[str, str],
) -> tuple[Reporting, str]:
    """Who reported between two events, and why the days between them are not known, if so."""
    expected, missing, reason = set[str](), set[str](), ""
    week = before - timedelta(days=before.weekday())
    if len(wards) > 1 and (not first or week < min(first.values())):
        # A ward's first reading tells of its last event only: an earlier one of another ward may lie between.
        reason = "not every ward's events were looked for since the one before"
    while week <= event:
        here = tuple(ward for ward in wards if ward in first and first[ward] <= week)
        points = by_start.get(week, {})
        silent = tuple(ward for ward in here if ward not in points or points[ward].numerator is None)
        expected |= set(here)
        missing |= set(silent)
        who = Reporting(here, silent)
        if here and not who.enough(least) and not reason:
            named = f"the week of {week.day} {week:%B %Y}"
            reason = f"the events of {named} are not known: {_too_few(who, points, 0, names)}"
        week += WEEK
    in_order = [ward for ward in wards if ward in expected]
    return Reporting(tuple(in_order), tuple(ward for ward in in_order if ward in missing)), reason
