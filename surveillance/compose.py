"""Feeds of one moment become a snapshot of every ward and the worklist behind it.

A measure runs only when all its feeds arrived. If one did not, its last reading is held as *stale*, and its list with
it, for as long as the feed's limit allows, then it is *unavailable*. If a source answers but its data is old, the
measure is computed for the moment at which that data was true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from surveillance.evaluate import Evaluated, evaluate, everywhere, plain
from surveillance.feeds.data import FeedData, FeedState
from surveillance.freshness import aged, oldest, shown_for
from surveillance.measures import CATALOGUE, EVERYTHING, FORECASTS
from surveillance.measures.declaration import Measure
from surveillance.measures.hospital import Hospital
from surveillance.measures.site import Site
from surveillance.patients import People
from surveillance.renamed import renamed
from surveillance.rollup import roll_up
from surveillance.snapshot import Level, Reading, Snapshot, SourceStatus, State
from surveillance.worklist import Row, Worklist

USABLE = (FeedState.CURRENT, FeedState.STALE)
NOT_ASKED = "not answered yet since the program started"
"""The error of a feed that nobody has asked for."""
FAILED = {
    FeedState.UNAVAILABLE: "gives no usable answer; the status page says why",
    FeedState.REFUSED: "does not let the display in; informatics must look",
}
"""What people on a ward are told of a source that failed; the words of its driver stand on /status alone."""


@dataclass(frozen=True)
class Moment:
    """Everything known at ``as_at``: the feeds with their age judged, and hospitals made of them.

    ``concerns``: ward → measures whose control chart deteriorates there.
    """

    site: Site
    feeds: Mapping[str, FeedData]
    as_at: datetime
    previous: Snapshot | None = None
    concerns: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def states(self) -> dict[str, FeedState]:
        """Feed → how it stands at ``as_at``."""
        return {name: aged(self.site.settings, feed, self.as_at) for name, feed in self.feeds.items()}

    def state(self, feed: str) -> FeedState:
        """How a feed stands; one that nobody configured is not connected."""
        return self.states.get(feed, FeedState.NOT_CONNECTED)

    @cached_property
    def _hospitals(self) -> dict[datetime, Hospital]:
        return {}

    def hospital(self, at: datetime) -> Hospital:
        """The hospital at a moment, from every feed that may be counted."""
        if at not in self._hospitals:
            usable = {name: feed for name, feed in self.feeds.items() if self.state(name) in USABLE}
            frames = {name: feed.frame for name, feed in usable.items() if feed.frame is not None}
            since = {name: pd.Timestamp(feed.since) for name, feed in usable.items() if feed.since}
            absent = {name: feed.absent for name, feed in usable.items()}
            self._hospitals[at] = Hospital(
                pd.Timestamp(at).tz_convert("UTC"), frames, self.site, absent, since, self.concerns
            )
        return self._hospitals[at]

    def forget(self) -> None:
        """Let go of the hospitals; nothing more will be asked of them."""
        for hospital in self._hospitals.values():
            hospital.forget()


def compose(
    site: Site,
    feeds: Mapping[str, FeedData],
    as_at: datetime,
    previous: Snapshot | None = None,
    lists: Lists | None = None,
    concerns: Mapping[str, frozenset[str]] | None = None,
    before: Worklist | None = None,
) -> tuple[Snapshot, Worklist]:
    """The snapshot of ``feeds`` at ``as_at`` and the rows behind it.

    ``previous``: the last snapshot, from which readings are held while a source is away, and ``before`` its worklist,
    from which their rows are. ``lists``: what is handed over again if it has not changed.
    ``concerns``: ward → measures whose control chart deteriorates there.
    """
    moment = Moment(site, feeds, as_at, previous, concerns or {})
    hospital = moment.hospital(as_at)
    lying = hospital.has("spell") and hospital.has("ward_stay")
    off_wards = _off_wards(hospital) if lying else {}
    census = dict.fromkeys(site.wards, 0) | dict(hospital.patients_per_ward()) if lying else {}
    doubted = renamed(census, off_wards, previous)
    evaluated = {
        measure.id: _without_renamed(moment, measure, answered(moment, measure), doubted)
        for measure in EVERYTHING.values()
    }
    readings = {ward: {name: evaluated[name].readings[ward] for name in CATALOGUE} for ward in site.wards}
    forecasts = {ward: {one.id: evaluated[one.id].readings[ward] for one in FORECASTS} for ward in site.wards}
    snapshot = Snapshot(
        as_at,
        readings,
        forecasts,
        roll_up(site.settings, readings),
        tuple(_status(moment, feed) for feed in feeds.values()),
        {name: number for name, number in sorted(hospital.quality.items()) if number},
        off_wards,
    )
    listed = lists or Lists()
    rows: dict[tuple[str, str], Sequence[Row]] = {
        (ward, name): found
        for name, measure in EVERYTHING.items()
        for ward, found in listed.of(measure, evaluated[name].rows).items()
    }
    if before:
        held = ((ward, name) for name, found in evaluated.items() for ward in found.held)
        rows |= {cell: before.rows[cell] for cell in held if cell in before.rows}
    patients, spells = listed.people.of(hospital, rows, before)
    moment.forget()
    return snapshot, Worklist(as_at, rows, patients, spells)


def answered(moment: Moment, measure: Measure) -> Evaluated:
    """The measure's readings, by what its feeds allow."""
    optional = [feed for feed in measure.optional if moment.state(feed) is not FeedState.NOT_CONNECTED]
    reads = (*measure.feeds, *optional)
    states = {feed: moment.state(feed) for feed in reads}
    sources = "+".join(sorted({moment.feeds[feed].source for feed in reads if feed in moment.feeds}))
    at = oldest(moment.feeds, reads) or moment.as_at
    for feed, state in states.items():
        if state is FeedState.NOT_CONNECTED:
            words = f"no source is connected for {feed}"
            return everywhere(measure, moment.hospital(moment.as_at), State.NOT_CONNECTED, words)
    failed = [feed for feed, state in states.items() if state in FAILED]
    if failed:
        return _held(moment, measure, failed[0], reads, sources)
    suspect = [feed for feed, state in states.items() if state is FeedState.SUSPECT]
    if suspect:
        words = f"{moment.feeds[suspect[0]].source}: {moment.feeds[suspect[0]].error}"
        found = everywhere(measure, moment.hospital(moment.as_at), State.SUSPECT, words)
        return Evaluated({ward: replace(one, source=sources) for ward, one in found.readings.items()})
    stale = [feed for feed, state in states.items() if state is FeedState.STALE]
    if stale:
        then = oldest(moment.feeds, stale) or moment.as_at
        found = evaluate(measure, moment.hospital(then), then, sources)
        return Evaluated({ward: _as_stale(one) for ward, one in found.readings.items()}, found.rows)
    return evaluate(measure, moment.hospital(moment.as_at), at, sources)


def _held(moment: Moment, measure: Measure, failed: str, reads: tuple[str, ...], sources: str) -> Evaluated:
    """Each ward's last reading as stale while its limit lasts, afterwards no data."""
    feed = moment.feeds[failed]
    words = f"{feed.source}: {NOT_ASKED if feed.error == NOT_ASKED else FAILED[moment.state(failed)]}"
    away = everywhere(measure, moment.hospital(moment.as_at), State.UNAVAILABLE, words)
    limit = shown_for(moment.site.settings, reads)
    readings, wards = {}, set()
    for ward, reading in away.readings.items():
        last = _last_reading(moment, measure, ward)
        held = last and last.as_at and moment.as_at - last.as_at <= limit and reading.state is State.UNAVAILABLE
        if last and held:
            readings[ward] = replace(last, state=State.STALE, level=Level.NONE, detail=words)
            wards.add(ward)
        else:
            since = last.as_at if last else feed.as_at
            readings[ward] = replace(reading, source=sources, as_at=since)
    return Evaluated(readings, held=frozenset(wards))


def _without_renamed(moment: Moment, measure: Measure, found: Evaluated, doubted: Mapping[str, str]) -> Evaluated:
    """``found`` with nothing said of wards that only seem to be empty."""
    if not doubted or "ward_stay" not in measure.feeds:
        return found
    readings = dict(found.readings)
    for ward, words in doubted.items():
        suspect = everywhere(measure, moment.hospital(moment.as_at), State.SUSPECT, words).readings[ward]
        readings[ward] = replace(suspect, source=readings[ward].source)
    rows = found.rows[~found.rows["ward_code"].isin(list(doubted))] if len(found.rows) else found.rows
    return Evaluated(readings, rows, found.held - doubted.keys())


def _last_reading(moment: Moment, measure: Measure, ward: str) -> Reading | None:
    """The reading of the previous snapshot, if it was a number of the same version of the measure (or no data yet)."""
    if moment.previous is None:
        return None
    wards = moment.previous.readings if measure.id in CATALOGUE else moment.previous.forecasts
    reading = wards.get(ward, {}).get(measure.id)
    kept = (State.VALUE, State.STALE)
    return reading if reading and reading.version == measure.version and reading.state in kept else None


def _as_stale(reading: Reading) -> Reading:
    """A value computed from old data, uncoloured; a state that is no value stays what it is."""
    return replace(reading, state=State.STALE, level=Level.NONE) if reading.state is State.VALUE else reading


def _status(moment: Moment, feed: FeedData) -> SourceStatus:
    return SourceStatus(
        feed.source,
        feed.feed,
        moment.state(feed.feed).value,
        feed.as_at,
        feed.polled_at,
        feed.rows,
        feed.rejected,
        feed.notes,
        feed.newest,
        feed.duration_s,
        feed.error,
    )


def _off_wards(hospital: Hospital) -> dict[str, int]:
    present = hospital.in_units
    others = present[~present["ward_code"].isin(hospital.site.wards)]
    return {str(unit): int(number) for unit, number in others.groupby("ward_code").size().items()}


class Lists:
    """The lists behind the numbers as plain rows; one that has not changed since the last time is handed over again.

    ``people``: whom they name, handed over again in the same way.
    """

    def __init__(self) -> None:
        self.people = People()
        self._last: dict[str, tuple[pd.DataFrame, dict[str, list[Row]]]] = {}

    def of(self, measure: Measure, rows: pd.DataFrame) -> dict[str, list[Row]]:
        """ward code → the measure's rows."""
        if rows.empty:
            return {}
        frame, lists = self._last.get(measure.id, (None, {}))
        if frame is None or not frame.equals(rows):
            lists = {}
            for ward, row in zip(
                plain(rows["ward_code"]), _records(rows.drop(columns="ward_code"), measure), strict=True
            ):
                lists.setdefault(ward, []).append(row)
            self._last[measure.id] = (rows, lists)
        return lists


def _records(rows: pd.DataFrame, measure: Measure) -> list[dict[str, Any]]:
    """``rows`` as plain dictionaries: missing is None, moments are datetimes; ``key`` names the counted item."""
    columns = {str(name): _cells(values) for name, values in rows.items()}
    columns["key"] = (
        [" ".join(str(part) for part in parts) for parts in zip(*(columns[name] for name in measure.key), strict=True)]
        if all(name in columns for name in measure.key)
        else [""] * len(rows)
    )
    names = list(columns)
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _cells(values: pd.Series[Any]) -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return [
            None if missing else moment
            for moment, missing in zip(values.dt.to_pydatetime(), values.isna(), strict=True)
        ]
    return [None if cell is pd.NA or cell != cell else cell for cell in plain(values)]
