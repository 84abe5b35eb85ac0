"""One source read once: every feed is accepted, suspect or unavailable; never a part of an answer as the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import pandas as pd

from connectors.base import Bounds, Connector
from surveillance.errors import SourceError, SourceRefused, SourceUnavailable
from surveillance.feeds import FEEDS, Feed
from surveillance.feeds.data import FeedData, FeedState
from surveillance.feeds.gate import Accepted, Words, accept
from surveillance.freshness import promise_of
from surveillance.polling.beat import Beat, heard
from surveillance.settings import FeedSource, Plausibility, Settings

EVENTS_BACK = timedelta(days=400)
"""How far back spells, stays and wounds with a countable harm are wanted."""
WHOLE_EVERY = timedelta(hours=1)
"""A feed of which only recent rows are re-read is read whole again this often, for late corrections."""


class SourceReader:
    """One source and what was last accepted from it. One thread uses one reader.

    ``feeds``: the source's feeds with their words and windows, the pack's and the site's put together.
    """

    def __init__(self, name: str, connector: Connector, feeds: Mapping[str, FeedSource], settings: Settings) -> None:
        self.name = name
        self.connector = connector
        self._given = feeds
        self._settings = settings
        self._whole: dict[str, tuple[pd.DataFrame, datetime]] = {}
        self._promise = promise_of(settings, name)
        self.stands_still = False
        """Whether the source's heartbeat was older, at the last poll, than the source promises to be."""
        self.beat: Beat | None = None
        """What the source's heartbeat said last."""

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds that it gives."""
        return self.connector.feeds

    def rest(self) -> None:
        """Let go of connections until the next question."""
        self.connector.close()

    def give_up(self) -> None:
        """Nothing: a driver that waits in a thread of this process cannot be made to end."""

    def close(self) -> None:
        """Give back connections."""
        self.connector.close()

    def reaching(self, hours: Mapping[str, int], otherwise: int, settings: Settings) -> SourceReader:
        """Another reader of the same source that asks for no more hours of rows; events of a year ago still count."""
        given = {}
        for name in self.connector.feeds:
            one = self._given.get(name, FeedSource())
            reach = one.lookback_h or FEEDS[name].lookback_h
            if timedelta(hours=reach) < EVENTS_BACK:
                reach = min(reach, hours.get(name, otherwise))
            given[name] = one.model_copy(update={"lookback_h": reach})
        return SourceReader(self.name, self.connector, given, settings)

    def knock(self, as_at: datetime) -> bool:
        """Whether the source answers, and is no longer behind if it stood still: one row is asked for, at most.

        Raises:
            SourceError: it cannot be reached, or refuses the credentials.
        """
        newest = self.connector.knock(self.bounds(FEEDS["spell"], as_at))
        if newest is None:
            return not (self.stands_still and self.connector.beats)
        return not self.stands_still or as_at - newest <= self._promise

    def poll(self, as_at: datetime, accepted_rows: Mapping[str, int] | None = None) -> list[FeedData]:
        """Every feed of the source at ``as_at``, as ``polled`` gives them."""
        return list(self.polled(as_at, accepted_rows or {}, self.feeds))

    def polled(
        self,
        as_at: datetime,
        accepted_rows: Mapping[str, int],
        feeds: Sequence[str],
        *,
        heartbeat: bool = True,
        before: Beat | None = None,
    ) -> Iterator[FeedData]:
        """Some feeds of the source at ``as_at``, each as soon as it is there.

        ``accepted_rows``: feed → size of the last accepted answer, against which this one must look plausible.
        ``heartbeat``: whether it is asked how old its data is. ``before``: what it said at the poll before. A heartbeat
        that fails says nothing new, so the data is as old as it was said to be then; if nothing was ever said, its age
        is unknown and no feed may be shown. After a refusal of the credentials nothing more is asked.
        """
        unknown, refused = "the heartbeat was late", None
        self.beat = before
        try:
            if heartbeat:
                unknown = self._listen(as_at, before)
        except SourceRefused as error:
            refused = error
        except SourceError as error:
            unknown = str(error)
        true_at = self.beat.true_at(as_at) if self.beat else as_at
        self.stands_still = as_at - true_at > self._promise
        for feed in feeds:
            if refused is not None:
                data = self._failed(feed, as_at, refused, 0.0)
            elif unknown and self.beat is None:
                ageless = SourceUnavailable(f"feed {feed}: how old its data is cannot be told: {unknown}")
                data = self._failed(feed, as_at, ageless, 0.0)
            else:
                data = self.read(FEEDS[feed], as_at, true_at, accepted_rows)
                refused = SourceRefused(data.error.partition(": ")[2]) if data.state is FeedState.REFUSED else None
                if unknown and data.state is FeedState.CURRENT:
                    data = replace(data, error=f"taken for as old as at the last heartbeat: {unknown}")
            yield data

    def _listen(self, as_at: datetime, before: Beat | None) -> str:
        """Ask for the heartbeat, if there is one; why it says nothing, or an empty text."""
        newest = self.connector.data_as_at(self.bounds(FEEDS["spell"], as_at))
        if newest is not None:
            self.beat = heard(newest, as_at, before)
            return ""
        return "heartbeat: the answer is empty" if self.connector.beats else ""

    def bounds(self, feed: Feed, as_at: datetime, *, recent: bool = False) -> Bounds:
        """The moments that bound the feed's query."""
        given = self._given.get(feed.name, FeedSource())
        hours = (given.lookback_h or feed.lookback_h) if not recent else (given.recent_h or feed.recent_h or 0)
        return Bounds(as_at, as_at - timedelta(hours=hours), as_at - EVENTS_BACK)

    def read(self, feed: Feed, as_at: datetime, true_at: datetime, accepted_rows: Mapping[str, int]) -> FeedData:
        """One feed."""
        started = perf_counter()
        recent = self._recent_only(feed, as_at)
        try:
            raw = self.connector.read(feed.name, self.bounds(feed, as_at, recent=recent))
            accepted = accept(feed, raw, as_at, self._words(feed), self._settings.options.future_tolerance_min)
        except SourceError as error:
            return self._failed(feed.name, as_at, error, perf_counter() - started)
        frame = self._with_older(feed, accepted, as_at, recent=recent)
        doubt = implausible(feed, frame, as_at, accepted_rows, self._settings.plausibility)
        doubt = doubt or mostly_rejected(feed, accepted.rejected, len(raw.frame), self._settings.plausibility)
        if recent and not doubt:
            doubt = self._thinned(feed, accepted.frame, as_at)  # the older rows would hide that the new ones are gone
        if not recent and feed.recent_by and not doubt:
            self._whole[feed.name] = (frame, as_at)
        data = FeedData(
            feed.name,
            FeedState.CURRENT,
            self.name,
            frame,
            true_at,
            self.bounds(feed, as_at).since,
            as_at,
            len(frame),
            accepted.rejected,
            accepted.notes,
            accepted.absent,
            _newest(feed, frame, as_at),
            perf_counter() - started,
        )
        return replace(data, state=FeedState.SUSPECT, frame=None, error=doubt) if doubt else data

    def _failed(self, feed: str, as_at: datetime, error: SourceError, duration_s: float) -> FeedData:
        state = FeedState.REFUSED if isinstance(error, SourceRefused) else FeedState.UNAVAILABLE
        words = f"{type(error).__name__}: {error}"
        return FeedData(feed, state, self.name, polled_at=as_at, duration_s=duration_s, error=words)

    def _words(self, feed: Feed) -> Words:
        """The source's words for codes, and other codes of the same wards."""
        words: dict[str, Mapping[str, str]] = dict(self._given.get(feed.name, FeedSource()).mapping)
        aliases = {alias: ward.code for ward in self._settings.wards for alias in ward.source_codes}
        for column in ("ward_code", "worked_ward"):
            if column in feed.names and aliases:
                words[column] = {**aliases, **words.get(column, {})}
        return words

    def _recent_only(self, feed: Feed, as_at: datetime) -> bool:
        given = self._given.get(feed.name, FeedSource())
        if not feed.recent_by or not (given.recent_h or feed.recent_h) or feed.name not in self._whole:
            return False
        return timedelta(0) <= as_at - self._whole[feed.name][1] < WHOLE_EVERY

    def _thinned(self, feed: Feed, recent: pd.DataFrame, as_at: datetime) -> str:
        """Words if too few recent rows came, against the same hours of the last whole reading; empty if not."""
        since = pd.Timestamp(self.bounds(feed, as_at, recent=True).since)
        whole, _ = self._whole[feed.name]
        before, number = (int((rows[feed.recent_by] >= since).sum()) for rows in (whole, recent))
        too_few = _too_few(number, before, self._settings.plausibility, steady=feed.steady)
        return f"{number} recent rows of {feed.name}, {before} before" if too_few else ""

    def _with_older(self, feed: Feed, accepted: Accepted, as_at: datetime, *, recent: bool) -> pd.DataFrame:
        """The recent rows put behind the older ones of the last whole reading."""
        if not recent or not feed.recent_by:
            return accepted.frame
        whole, _ = self._whole[feed.name]
        since = pd.Timestamp(self.bounds(feed, as_at, recent=True).since)
        earliest = pd.Timestamp(self.bounds(feed, as_at).since)
        older = whole[(whole[feed.recent_by] < since) & (whole[feed.recent_by] >= earliest)]
        if feed.key:  # a row that has moved into the recent hours would otherwise stand twice
            older = older[~older[feed.key[0]].isin(accepted.frame[feed.key[0]].dropna())]
        return pd.concat([older, accepted.frame[accepted.frame[feed.recent_by] >= since]], ignore_index=True)


def implausible(
    feed: Feed, frame: pd.DataFrame, as_at: datetime, accepted_rows: Mapping[str, int], rule: Plausibility
) -> str:
    """Words if the answer is too small to believe, against the last accepted one; empty if it is not.

    A feed that is steady may not shrink below the configured share; none may lose all its rows at once.
    """
    number, before = size_of(feed, frame, as_at), accepted_rows.get(feed.name)
    if before is None and feed.steady:
        expected = rule.expected_census or 0
        if feed.name == "ward_stay":
            before = expected
        elif expected >= rule.minimum_rows and number == 0:
            return f"{feed.name}: no row at all, in a hospital of about {expected} patients"
    if before is None or not _too_few(number, before, rule, steady=feed.steady):
        return ""
    what = "open ward stays" if feed.name == "ward_stay" else f"rows of {feed.name}"
    return f"{number} {what}, {before} before"


def mostly_rejected(feed: Feed, rejected: Mapping[str, int], rows: int, rule: Plausibility) -> str:
    """Words if so many rows were quarantined that what is left would be too small a number; empty if not."""
    away = sum(rejected.values())
    if rows < rule.minimum_rows or away <= rule.rejected_share * rows:
        return ""
    return f"{away} of {rows} rows of {feed.name} were rejected"


def _too_few(number: int, before: int, rule: Plausibility, *, steady: bool) -> bool:
    return before >= rule.minimum_rows and (number < rule.share * before if steady else number == 0)


def size_of(feed: Feed, frame: pd.DataFrame, as_at: datetime) -> int:
    """What is compared with the last answer: the census for ward stays, rows for everything else."""
    if feed.name != "ward_stay":
        return len(frame)
    at = pd.Timestamp(as_at)
    return int(((frame["start_ts"] <= at) & (frame["end_ts"].isna() | (frame["end_ts"] > at))).sum())


def _newest(feed: Feed, frame: pd.DataFrame, as_at: datetime) -> datetime | None:
    times: list[Any] = []
    for column in feed.newest:
        values = frame[column]
        newest = values.max()
        times.append(newest if newest <= as_at else values[values <= as_at].max())
    known = [moment for moment in times if not pd.isna(moment)]
    return max(known).to_pydatetime() if known else None
