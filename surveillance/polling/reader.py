"""One source read once: every feed is accepted, suspect or unavailable; never a part of an answer as the whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import pandas as pd

from connectors.base import Bounds, Connector
from surveillance.errors import SourceError, SourceRefused, SourceUnavailable
from surveillance.feeds import FEEDS, Feed
from surveillance.feeds.data import FeedData, FeedState
from surveillance.feeds.gate import Words, accept
from surveillance.freshness import promise_of
from surveillance.polling.beat import Beat, heard
from surveillance.polling.held import ChangedRows, RecentRows
from surveillance.settings import FeedSource, Plausibility, Settings

EVENTS_BACK = timedelta(days=400)
"""How far back spells, stays and wounds with a countable harm are wanted."""
SOMEBODY_WOULD = 5
"""Of so many rows one at least is of a ward, if wards have the codes that the site's file gives them."""
MOST_OF_A_FEW = 0.5
"""Of so few rows that a tenth proves nothing, this share may be quarantined before what is left is no number."""


class SourceReader:
    """One source and what was last accepted from it. One thread uses one reader.

    ``feeds``: the source's feeds with their words and windows, the pack's and the site's put together.
    """

    def __init__(self, name: str, connector: Connector, feeds: Mapping[str, FeedSource], settings: Settings) -> None:
        self.name = name
        self.connector = connector
        self._given = feeds
        self._settings = settings
        self._recent = {feed: RecentRows(by) for feed in connector.feeds if (by := self._re_read_by(FEEDS[feed]))}
        self._changed = {
            feed: ChangedRows(FEEDS[feed], given.watermark)
            for feed in connector.feeds
            if (given := feeds.get(feed)) and given.watermark
        }
        self._promise = promise_of(settings, name)
        self._wards = frozenset(ward.code for ward in settings.wards)
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

    def has_new_credentials(self) -> bool:
        """Never: it knows only those that it was made with."""
        return False

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
            given[name] = one.model_copy(update={"lookback_h": reach, "watermark": None})
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
        live: bool = False,
    ) -> Iterator[FeedData]:
        """Some feeds of the source at ``as_at``, each as soon as it is there.

        ``accepted_rows``: feed → size of the last accepted answer, against which this one must look plausible.
        ``heartbeat``: whether it is asked how old its data is. ``before``: what it said at the poll before. A heartbeat
        that fails says nothing new, so the data is as old as it was said to be then; if nothing was ever said, its age
        is unknown and no feed may be shown. ``live``: ``as_at`` is the present, so that changes still to come are
        absurd, and with them every time of the source. After a refusal of the credentials nothing more is asked.
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
                if live and data.state is FeedState.CURRENT and (words := self._ahead(as_at)):
                    data = replace(data, state=FeedState.SUSPECT, frame=None, error=words)
            yield data

    def _ahead(self, as_at: datetime) -> str:
        clock = self._settings.clock
        ahead = self.beat.ahead(as_at, clock.speed if clock else 1.0) if self.beat else None
        minutes = ahead.total_seconds() / 60 if ahead else 0
        return f"its newest change is {minutes:.0f} min ahead: its clock or its zone (times) is wrong" if ahead else ""

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
        begins = self._changed[feed.name].begins(as_at) if feed.name in self._changed else as_at
        return Bounds(as_at, begins - timedelta(hours=hours), begins - EVENTS_BACK)

    def read(self, feed: Feed, as_at: datetime, true_at: datetime, accepted_rows: Mapping[str, int]) -> FeedData:
        """One feed."""
        started = perf_counter()
        held, changed = self._recent.get(feed.name), self._changed.get(feed.name)
        recent = held is not None and held.will_do(as_at)
        bounds = self.bounds(feed, as_at, recent=recent)
        try:
            ask = partial(self.connector.read, feed.name)
            raw = changed.rows(ask, bounds) if changed else ask(bounds)
            accepted = accept(feed, raw, as_at, self._words(feed), self._settings.options.future_tolerance_min)
        except SourceError as error:
            return self._failed(feed.name, as_at, error, perf_counter() - started)
        frame, earliest = accepted.frame, self.bounds(feed, as_at).since
        if held and recent:
            frame = held.behind(feed, accepted.frame, bounds.since, earliest)
        size = size_of(feed, frame, as_at, self._wards)
        doubt = implausible(feed, size, accepted_rows, self._settings.plausibility)
        doubt = doubt or in_no_ward(feed, accepted.frame, as_at, self._wards)
        doubt = doubt or mostly_rejected(feed, accepted.rejected, len(raw.frame), self._settings.plausibility)
        if held and recent and not doubt:  # the older rows would hide that the new ones are gone
            number, before = held.counted(accepted.frame, bounds.since)
            if _too_few(number, before, self._settings.plausibility, steady=feed.steady):
                doubt = f"{number} recent rows of {feed.name}, {before} before"
        if held and not recent and not doubt:
            held.keep(frame, as_at)
        if changed and doubt:
            changed.forget()
        data = FeedData(
            feed.name,
            FeedState.CURRENT,
            self.name,
            frame,
            min(true_at, raw.as_at or true_at),
            earliest,
            as_at,
            len(frame),
            accepted.rejected,
            {**accepted.notes, **raw.notes},
            accepted.absent,
            _newest(feed, frame, as_at),
            perf_counter() - started,
            size=size,
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

    def _re_read_by(self, feed: Feed) -> str | None:
        """The column of the time by which recent rows of the feed are re-read, if they are."""
        given = self._given.get(feed.name, FeedSource())
        if given.watermark or not (given.recent_h or feed.recent_h):
            return None
        return feed.recent_by


def implausible(feed: Feed, number: int, accepted_rows: Mapping[str, int], rule: Plausibility) -> str:
    """Words if an answer of this size cannot be believed, against the last accepted one; empty if it can.

    A feed that is steady may neither shrink below the configured share nor grow beyond the configured multiple; none
    may lose all its rows at once.
    """
    before, least = accepted_rows.get(feed.name), rule.minimum_rows
    if before is None and feed.steady:
        expected = rule.expected_census or 0
        if feed.name == "ward_stay":
            before = expected
        elif expected >= least and number == 0:
            return f"{feed.name}: no row at all, in a hospital of about {expected} patients"
    if before is None:
        return ""
    too_many = feed.steady and before >= least and number > rule.growth * before
    if not too_many and not _too_few(number, before, rule, steady=feed.steady):
        return ""
    what = "open stays in the site's wards" if feed.name == "ward_stay" else f"rows of {feed.name}"
    return f"{number} {what}, {before} before"


def mostly_rejected(feed: Feed, rejected: Mapping[str, int], rows: int, rule: Plausibility) -> str:
    """Words if so many rows were quarantined that what is left would be too small a number; empty if not."""
    away, share = sum(rejected.values()), rule.rejected_share
    if away <= (share if rows >= rule.minimum_rows else max(share, MOST_OF_A_FEW)) * rows:
        return ""
    return f"{away} of {rows} rows of {feed.name} were rejected"


def _too_few(number: int, before: int, rule: Plausibility, *, steady: bool) -> bool:
    return before >= rule.minimum_rows and (number < rule.share * before if steady else number == 0)


def in_no_ward(feed: Feed, frame: pd.DataFrame, as_at: datetime, wards: Collection[str]) -> str:
    """Words if there are rows, and not one is of a ward of the site: every ward would show 0; empty if not."""
    if "ward_code" not in feed.names:
        return ""
    now = _open(frame, as_at) if feed.name == "ward_stay" else frame
    if len(now) < SOMEBODY_WOULD or now["ward_code"].isin(wards).any():
        return ""
    return f"none of {len(now)} rows of {feed.name} is of a ward of the site"


def size_of(feed: Feed, frame: pd.DataFrame, as_at: datetime, wards: Collection[str]) -> int:
    """What is compared with the last answer: of ward stays the census of the site's wards, else the rows.

    If units change their codes, the stays are all there and every ward is empty.
    """
    if feed.name != "ward_stay":
        return len(frame)
    return int(_open(frame, as_at)["ward_code"].isin(wards).sum())


def _open(stays: pd.DataFrame, as_at: datetime) -> pd.DataFrame:
    at = pd.Timestamp(as_at)
    return stays[(stays["start_ts"] <= at) & (stays["end_ts"].isna() | (stays["end_ts"] > at))]


def _newest(feed: Feed, frame: pd.DataFrame, as_at: datetime) -> datetime | None:
    times: list[Any] = []
    for column in feed.newest:
        values = frame[column]
        newest = values.max()
        times.append(newest if newest <= as_at else values[values <= as_at].max())
    known = [moment for moment in times if not pd.isna(moment)]
    return max(known).to_pydatetime() if known else None
