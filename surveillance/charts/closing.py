"""The kept readings of a week become one point, or a gap that says why; nothing here knows a clock or a store.

What was seen is what a poll saw: a reading stands until the next change, but of a time without polls it says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from surveillance.charts.points import WEEK, ChartPoint, closes, midnight
from surveillance.feeds.moments import LONDON
from surveillance.measures.declaration import Charted, Form, Measure
from surveillance.snapshot import Part, State
from surveillance.store import MAX_GAP_S, Told

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
NOTHING = "nothing to measure"
ANSWERS = (State.VALUE, State.NOT_APPLICABLE)
"""``NOT_APPLICABLE``, on a ward where the measure has a meaning: there was nothing to measure."""

Span = tuple[datetime, datetime]
Amounts = tuple[float, float | None]
"""Numerator and denominator."""
Piece = tuple[datetime, datetime, Amounts]


@dataclass(frozen=True, slots=True)
class Stood:
    """A reading as it stood within a window: from ``since`` to just before ``until``."""

    told: Told
    since: datetime
    until: datetime


def points_of(
    measure: Measure,
    charted: Charted,
    ward: str,
    week: date,
    readings: Sequence[Told],
    watched: Sequence[Span],
    over: Sequence[Told] = (),
    least: float = 0.8,
) -> list[ChartPoint]:
    """The points of a week that is closed; none if the ward did not have the reading yet.

    Args:
        measure: what is charted.
        charted: how.
        ward: whose readings these are.
        week: its Monday.
        readings: changes in order, from the one that stood when the week began to the end of the Monday after it.
        watched: when there were polls, in order.
        over: the readings of the measure that is divided by, likewise.
        least: share of the week that must be watched for a mean.
    """
    began = list(_stood(readings, midnight(week), closes(week)))
    if not began:
        return []
    if charted.form is Form.CLOSED:
        return [_closed(measure, charted, ward, week, began, watched)]
    if charted.form is Form.EVENTS:
        return _events(measure, ward, week, began, watched)
    ends = midnight(week + WEEK)
    in_week = [one for one in began if one.since < ends]
    return [_mean(measure, charted, ward, week, in_week, watched, over, least)] if in_week else []


def watched_share(watched: Sequence[Span], since: datetime, until: datetime) -> float:
    """Share of a span of time in which there were polls."""
    spans = [(max(start, since), min(end, until)) for start, end in watched]
    return sum((end - start for start, end in spans if start < end), timedelta()) / (until - since)


def _closed(
    measure: Measure, charted: Charted, ward: str, week: date, stood: Sequence[Stood], watched: Sequence[Span]
) -> ChartPoint:
    """What the measure said of the seven days, last on the Monday after them."""
    share = watched_share(watched, midnight(week), midnight(week + WEEK))
    seen = _on_the_day_after(week, stood, watched)
    for one in reversed(seen):
        if (amounts := _amounts(one.told, charted.part)) is not None:
            reason = NOTHING if amounts[1] == 0 else ""
            return ChartPoint(measure.id, ward, week, one.told.version, *amounts, share, reason)
    return _gap(measure, ward, week, stood[-1].told, share, _why(week, seen, charted.part))


def _events(
    measure: Measure, ward: str, week: date, stood: Sequence[Stood], watched: Sequence[Span]
) -> list[ChartPoint]:
    """The dates of events that readings tell of: entered late, they lie in earlier weeks."""
    share = watched_share(watched, midnight(week), midnight(week + WEEK))
    dates: dict[date, int] = {}
    for one in stood:
        days = one.told.parts[0].value if one.told.state is State.VALUE and one.told.parts else None
        if days is None or isinstance(days, str):
            continue
        for day, since, until in _days(one):
            if _polled(one.told, since, until, watched):
                dates[day - timedelta(days=int(days))] = one.told.version
    points = [
        ChartPoint(measure.id, ward, at, version, 1.0, None, share)
        for at, version in sorted(dates.items())
        if at < week + WEEK
    ]
    if week not in dates:
        seen = _on_the_day_after(week, stood, watched)
        last = stood[-1].told
        if any(one.told.state in (State.VALUE, State.NONE_ON_RECORD) for one in seen):
            points.append(ChartPoint(measure.id, ward, week, last.version, 0.0, None, share))
        else:
            points.append(_gap(measure, ward, week, last, share, _why(week, seen, "")))
    return points


def _mean(
    measure: Measure,
    charted: Charted,
    ward: str,
    week: date,
    stood: Sequence[Stood],
    watched: Sequence[Span],
    over: Sequence[Told],
    least: float,
) -> ChartPoint:
    """The means over the time for which both are known, by the definition that held last."""
    since, until = midnight(week), midnight(week + WEEK)
    last = stood[-1].told
    pieces = _pieces([one for one in stood if one.told.version == last.version], charted.part, until)
    if charted.over:
        beside = _pieces(_stood(over, since, until), "", until)
        pieces = [(start, end, (up, down[0])) for start, end, (up, _), down in _both(pieces, beside)]
    spans: list[Piece] = [(start, end, (0.0, None)) for start, end in watched]
    known = [(start, end, amounts) for start, end, amounts, _ in _both(pieces, spans)]
    share = sum((end - start for start, end, _ in known), timedelta()) / (until - since)
    if not share or share < least:
        changed = any(one.told.version != last.version for one in stood)
        reason = f"watched {math.floor(share * 100)} % of the week"
        if changed:
            reason += f" since the definition changed (version {last.version})"
        elif not share and last.state not in ANSWERS:
            reason = _state_words(last, charted.part) or reason
        return _gap(measure, ward, week, last, share, reason)
    weights = [(end - start) // MICROSECOND for start, end, _ in known]
    total = sum(weights)
    up = sum(weight * amounts[0] for weight, (*_, amounts) in zip(weights, known, strict=True)) / total
    downs = [amounts[1] for *_, amounts in known]
    down = None
    if None not in downs:
        down = sum(weight * (below or 0) for weight, below in zip(weights, downs, strict=True)) / total
    return ChartPoint(measure.id, ward, week, last.version, up, down, share, NOTHING if down == 0 else "")


def _stood(readings: Sequence[Told], since: datetime, until: datetime) -> Iterator[Stood]:
    """The readings within a window, in order."""
    for told, following in pairwise([*readings, None]):
        if told is None or told.since >= until:
            return
        end = following.since if following else until
        if end > since:
            yield Stood(told, max(told.since, since), min(end, until))


def _on_the_day_after(week: date, stood: Sequence[Stood], watched: Sequence[Span]) -> list[Stood]:
    """The readings that a poll saw on the Monday after."""
    monday = midnight(week + WEEK)
    found = [Stood(one.told, max(one.since, monday), one.until) for one in stood if one.until > monday]
    return [one for one in found if _polled(one.told, one.since, one.until, watched)]


def _polled(told: Told, since: datetime, until: datetime, watched: Sequence[Span]) -> bool:
    """Whether it is certain that a poll between ``since`` and ``until`` saw the reading.

    One that stood before can still stand for moments after midnight without having been asked for again.
    """
    for start, end in watched:
        if end < since:
            continue
        if start >= until:
            return False
        at_change = told.since >= since and start <= told.since <= end
        at_an_end = start >= since or end < until
        if at_change or at_an_end or min(end, until) - since > timedelta(seconds=MAX_GAP_S):
            return True
    return False


def _days(one: Stood) -> Iterator[tuple[date, datetime, datetime]]:
    """Each local day of a stay, with the part of it that is the reading's."""
    day = one.since.astimezone(LONDON).date()
    while (begins := midnight(day)) < one.until:
        yield day, max(begins, one.since), min(midnight(day + DAY), one.until)
        day += DAY


def _pieces(stood: Sequence[Stood] | Iterator[Stood], part: str, until: datetime) -> list[Piece]:
    """The times for which an amount is known."""
    found = []
    for one in stood:
        amounts = _amounts(one.told, part)
        if amounts is not None and one.since < until:
            found.append((one.since, min(one.until, until), amounts))
    return found


def _both(mine: Sequence[Piece], theirs: Sequence[Piece]) -> Iterator[tuple[datetime, datetime, Amounts, Amounts]]:
    """The times that both have, each in order and without overlaps."""
    other = 0
    for start, end, amounts in mine:
        while other < len(theirs) and theirs[other][1] <= start:
            other += 1
        here = other
        while here < len(theirs) and theirs[here][0] < end:
            since, until = max(start, theirs[here][0]), min(end, theirs[here][1])
            if since < until:
                yield since, until, amounts, theirs[here][2]
            here += 1


def _part(told: Told, name: str) -> Part | None:
    if not name:
        return told.parts[0] if len(told.parts) == 1 else None
    return next((part for part in told.parts if part.name == name), None)


def _amounts(told: Told, name: str) -> Amounts | None:
    """What adds up; 0 of 0 where there was nothing to measure; None where nothing is known."""
    if told.state is State.NOT_APPLICABLE:
        return 0.0, 0.0
    part = _part(told, name) if told.state is State.VALUE else None
    if part is None or part.state not in ANSWERS:
        return None
    if part.state is State.NOT_APPLICABLE:
        return part.numerator or 0.0, part.denominator or 0.0
    up = part.numerator if part.numerator is not None else part.value
    return None if up is None or isinstance(up, str) else (float(up), part.denominator)


def _gap(measure: Measure, ward: str, week: date, told: Told, share: float, reason: str) -> ChartPoint:
    return ChartPoint(measure.id, ward, week, told.version, None, None, share, reason)


def _why(week: date, seen: Sequence[Stood], part: str) -> str:
    """Why the Monday after a week gives no number."""
    if not seen:
        monday = week + WEEK
        return f"not watched on {monday:%A} {monday.day} {monday:%B}"
    return _state_words(seen[-1].told, part) or "no number"


STATE_WORDS: Mapping[State | None, str] = {
    State.SUSPECT: "the source's answer was implausible",
    State.NOT_RECORDED: "not recorded",
    State.NONE_ON_RECORD: "none on record",
    State.NOT_CONNECTED: "not connected",
    None: "no longer reported",
}


def _state_words(told: Told, name: str) -> str:
    state = told.state
    if state is State.VALUE and (part := _part(told, name)):
        state = part.state
    if state in (State.STALE, State.UNAVAILABLE):
        if told.as_at is None:
            return "no data"
        local = told.as_at.astimezone(LONDON)
        return f"no data since {local.day} {local:%B %H:%M}"
    return STATE_WORDS.get(state, "")
