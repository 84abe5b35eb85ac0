"""Between two whole readings a large feed is asked for a part only, and what is held makes it whole again.

``RecentRows``: the last hours by the time of the event, put behind the older rows that were accepted (decision 0005).
``ChangedRows``: what changed in the source since, put over the rows as they came, before the gate (decision 0031).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from connectors.base import Bounds, RawRows
from surveillance.errors import SourceChanged
from surveillance.feeds import Feed
from surveillance.feeds.moments import micros, read_moments
from surveillance.feeds.values import text_of, truth_of
from surveillance.settings import Watermark

WHOLE_EVERY = timedelta(hours=1)
"""A feed of which only recent rows are re-read is read whole again this often, for late corrections."""
EXACT = 2**53
"""A float of this size or more may stand for several whole numbers, so it names no row."""
ROUNDED = timedelta(seconds=1)
"""Databases round the moments that they compare."""
UNSEEN = "unseen until all were read"
"""How rows are counted that a whole reading found and the watermark had not."""
Places = np.ndarray[Any, np.dtype[np.bool_]]
Ask = Callable[[Bounds], RawRows]


class RecentRows:
    """The last whole reading of a feed, behind which recent rows are put. ``by``: the column of the event's time."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._whole: tuple[pd.DataFrame, datetime] | None = None

    def keep(self, frame: pd.DataFrame, as_at: datetime) -> None:
        """A whole reading that was believed."""
        self._whole = frame, as_at

    def will_do(self, as_at: datetime) -> bool:
        """Whether the recent rows are enough at ``as_at``."""
        return self._whole is not None and timedelta(0) <= as_at - self._whole[1] < WHOLE_EVERY

    def counted(self, recent: pd.DataFrame, since: datetime) -> tuple[int, int]:
        """How many rows from ``since`` on there are, and how many the last whole reading had."""
        number, before = (int((rows[self._by] >= pd.Timestamp(since)).sum()) for rows in (recent, self._held))
        return number, before

    def behind(self, feed: Feed, recent: pd.DataFrame, since: datetime, earliest: datetime) -> pd.DataFrame:
        """The ``recent`` rows, which begin at ``since``, behind the older ones of the last whole reading."""
        begins = pd.Timestamp(since)
        older = self._held[(self._held[self._by] < begins) & (self._held[self._by] >= pd.Timestamp(earliest))]
        if feed.key:  # a row that has moved into the recent hours would otherwise stand twice
            older = older[~older[feed.key[0]].isin(recent[feed.key[0]].dropna())]
        return pd.concat([older, recent[recent[self._by] >= begins]], ignore_index=True)

    @property
    def _held(self) -> pd.DataFrame:
        if self._whole is None:
            raise AssertionError("no whole reading was kept")
        return self._whole[0]


@dataclass(frozen=True, slots=True)
class _Answer:
    """Rows as a source gave them. ``keys``, ``changed`` (microseconds since 1970) and ``gone``: one for each row."""

    raw: RawRows
    keys: pd.Index
    changed: np.ndarray[Any, np.dtype[np.float64]]
    gone: Places

    def taken(self, places: Any) -> _Answer:
        frame = self.raw.frame.iloc[places] if places.dtype != np.bool_ else self.raw.frame[places]
        return _Answer(replace(self.raw, frame=frame), self.keys[places], self.changed[places], self.gone[places])


@dataclass(frozen=True, slots=True)
class _Held:
    """What a whole query, bounded from ``bounds.since`` on, would have answered at ``bounds.as_at``."""

    answer: _Answer
    bounds: Bounds
    watermark: float


class ChangedRows:
    """One feed's rows as a whole query would give them, of which only what changed is asked for.

    What is held is a function of the source and of ``as_at`` alone, never of which polls there were: the same rows in
    the same order as a reader has that asks for the first time.
    """

    def __init__(self, feed: Feed, rule: Watermark) -> None:
        self._feed = feed
        self._rule = rule
        self._key = tuple(name.lower() for name in rule.key or feed.key)
        self._column = rule.column.lower()
        self._gone = rule.gone.lower() if rule.gone else None
        self._held: _Held | None = None
        self._unseen: dict[str, int] = {}
        self._notes: dict[str, int] = {}

    def forget(self) -> None:
        """Everything is asked for the next time."""
        self._held = None

    def begins(self, as_at: datetime) -> datetime:
        """The moment before ``as_at`` from which its look-back is counted, and at which all is read again."""
        step = timedelta(minutes=self._rule.reconcile_min)
        start = datetime(1970, 1, 1, tzinfo=UTC)
        return start + (as_at - start) // step * step

    def rows(self, ask: Ask, bounds: Bounds) -> RawRows:
        """All rows of the feed that the source has from ``bounds.since`` on, with notes on how its watermark works.

        Raises:
            As the connector. What was held then is held on: whatever changes meanwhile changes after its watermark.
        """
        self._notes = {}
        answer = self._rows(ask, bounds)
        if odd := self._oddly_gone(answer):
            self._notes[f"{self._gone}: neither yes nor no, kept"] = odd
        return replace(answer.raw, notes={**answer.raw.notes, **self._unseen, **self._notes})

    def _rows(self, ask: Ask, bounds: Bounds) -> _Answer:
        held = self._held
        if held is None or held.bounds.as_at > bounds.as_at:
            return self._whole(ask, bounds)
        since = _moment(held.watermark) - timedelta(seconds=self._rule.overlap_s)
        now = replace(held.bounds, as_at=bounds.as_at, changed_since=since)
        merged = self._merged(held, self._read(ask(now)), since)
        if merged is None:
            return self._whole(ask, bounds)
        if bounds.since == held.bounds.since:
            return self._keep(merged, now, held.watermark)
        whole = self._whole(ask, bounds)
        if self._held is not None:
            changed = _differing(merged, whole, micros_of(since))
            gone = _vanished(merged, whole, micros_of(bounds.since + (bounds.as_at - bounds.since) / 2))
            words = {"changed": changed, "gone": gone}
            self._unseen = {f"{self._column}: rows {what}, {UNSEEN}": rows for what, rows in words.items() if rows}
        return whole

    def _whole(self, ask: Ask, bounds: Bounds) -> _Answer:
        self._held = None
        answer = self._read(ask(bounds))
        if unfit := self._unfit(answer):
            self._notes |= {f"{reason}, so that all rows are read each time": rows for reason, rows in unfit.items()}
            return answer.taken(~answer.gone)
        return self._keep(_in_order(answer, ~answer.gone), bounds, float("-inf"))

    def _keep(self, answer: _Answer, bounds: Bounds, before: float) -> _Answer:
        """``before``: the watermark so far. Times later than now are wrong, or of a clock that runs ahead."""
        seen = answer.changed[answer.changed <= micros_of(bounds.as_at)]
        watermark = max(before, seen.max(initial=float("-inf")))
        self._held = _Held(answer, bounds, watermark) if np.isfinite(watermark) else None
        return answer

    def _merged(self, held: _Held, changed: _Answer, since: datetime) -> _Answer | None:
        """What is held with the ``changed`` rows over it; None if that would not be what the source has.

        Every row that is known to have changed since then must come again. If one does not, it was deleted, the source
        lost its latest rows, or another copy of it answered.
        """
        if self._unfit(changed):
            return None
        known = held.answer.keys[held.answer.changed >= micros_of(since + ROUNDED)]
        if not known.isin(changed.keys).all() or list(held.answer.raw.frame) != list(changed.raw.frame):
            return None
        stays = np.concatenate([~held.answer.keys.isin(changed.keys), ~changed.gone])
        parts = (held.answer, changed)
        together = _Answer(
            replace(
                changed.raw,
                frame=pd.concat([part.raw.frame for part in parts if len(part.keys)] or [changed.raw.frame]),
            ),
            held.answer.keys.append(changed.keys),
            np.concatenate([part.changed for part in parts]),
            np.concatenate([part.gone for part in parts]),
        )
        return _in_order(together, stays)

    def _read(self, raw: RawRows) -> _Answer:
        frame = raw.frame.rename(columns=str.lower)
        for name in (*self._key, self._column, self._gone):
            if name is not None and name not in frame:
                raise SourceChanged(f"feed {self._feed.name}: the result has no column '{name}' for its watermark")
        column = frame[self._column]
        numeric = raw.epoch and pd.api.types.is_numeric_dtype(column.dropna().infer_objects().dtype)
        changed = micros(read_moments(column.reset_index(drop=True), raw.zone, epoch=numeric).values)
        columns = [frame[name].tolist() for name in self._key]
        keys = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
        words = frame[self._gone].tolist() if self._gone else [None] * len(frame)
        told = {word: truth_of(word) is True for word in set(words)}
        gone = np.array([told[word] for word in words], dtype=bool)
        return _Answer(replace(raw, frame=frame), pd.Index(keys, dtype=object, tupleize_cols=False), changed, gone)

    def _oddly_gone(self, answer: _Answer) -> int:
        """Rows of which a word that we do not know says whether they are gone."""
        if self._gone is None:
            return 0
        words = answer.raw.frame[self._gone].value_counts()
        return sum(int(number) for word, number in words.items() if text_of(word) and truth_of(word) is None)

    def _unfit(self, answer: _Answer) -> dict[str, int]:
        """Reason → rows for which it cannot be told which row they are, or when they changed."""
        found = {f"{self._column}: not a time": int(np.isnan(answer.changed).sum())}
        for name in self._key:
            found[f"{name}: names no row"] = sum(map(_names_nothing, answer.raw.frame[name].tolist()))
        found[f"{', '.join(self._key)}: twice"] = int(answer.keys.duplicated().sum())
        return {reason: number for reason, number in found.items() if number}


def _in_order(answer: _Answer, stays: Places) -> _Answer:
    """The rows that stay in the order of their keys: of two that the gate takes for one, the same stands each time."""
    places = np.flatnonzero(stays)
    keys = answer.keys.to_numpy()[places]
    try:
        order = np.argsort(keys, kind="stable")
    except TypeError:  # keys of several types
        order = np.argsort(np.array([f"{type(key).__name__} {key}" for key in keys], dtype=object), kind="stable")
    return answer.taken(places[order])


def _names_nothing(key: object) -> bool:
    return key is None or (isinstance(key, float) and not abs(key) < EXACT) or key is pd.NaT


def _differing(before: _Answer, whole: _Answer, since: float) -> int:
    """Rows of the ``whole`` that changed before ``since`` and yet are new, or other than they were held."""
    old = whole.taken(whole.changed < since)
    if not len(before.keys):
        return len(old.keys)
    places = before.keys.get_indexer(old.keys)
    differs = places < 0
    for name in old.raw.frame:
        ours, theirs = before.raw.frame[name].to_numpy()[places], old.raw.frame[name].to_numpy()
        differs |= (ours != theirs).astype(bool) & ~(pd.isna(ours) & pd.isna(theirs))
    return int(differs.sum())


def _vanished(before: _Answer, whole: _Answer, since: float) -> int:
    """Rows that were held, changed after ``since`` and are no more: too young to have left the window, most likely."""
    young = before.changed >= since
    return int((~before.keys[young].isin(whole.keys)).sum())


def micros_of(moment: datetime) -> float:
    """Microseconds since 1970."""
    return pd.Timestamp(moment).value / 1000


def _moment(microseconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))
