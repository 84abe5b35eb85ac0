"""Every row passes this gate: words become ours, times UTC, and a row that breaks its schema is counted, not lost.

What each fault does is declared with the column (``surveillance.feeds.tables``):

- a required column is missing, or a column stands twice: the feed is unavailable (``SourceChanged``);
- a time that cannot be read, an empty required value, an end before its start, an event in the future, a second row
  of a key: the row is quarantined;
- a number that cannot be read, a number or code out of its range: quarantined, emptied or kept, as the column says;
- a row equal in all columns: dropped;
- a local time in the hour that autumn repeats: read as summer time; in the hour that spring leaves out: the moment of
  the change.

All are counted under a reason that names the column and never the content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from surveillance.errors import SourceChanged
from surveillance.feeds.data import RawRows
from surveillance.feeds.moments import UTC_DTYPE, read_dates, read_moments
from surveillance.feeds.schema import Column, Feed, Kind, OnBad
from surveillance.feeds.values import code_of, number_of, renamed, text_of, texts_of, truth_of

Mask = np.ndarray[Any, np.dtype[np.bool_]]
REFUSALS = {"not_nullable": "empty", "isin": "unknown code", "in_range": "out of range"}
"""What pandera calls its checks → what we say."""

Words = Mapping[str, Mapping[str, str]]
"""column → a source's word → our word."""

EARLIEST = pd.Timestamp("1901-01-01", tz="UTC")
"""Before it lies what databases store for an empty time: 1 January 1900, and earlier zeros."""
LATEST = pd.Timestamp("9999-12-31 23:59:59.999999", tz="UTC")
"""The end of the world for most databases; it often stands for "not ended", and passes."""
FUTURE_TOLERANCE_MIN = 60.0
"""A source's clock may run ahead this much; later events are absurd."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The rows that passed, with the canonical columns in order, and what was counted on the way."""

    frame: pd.DataFrame
    rejected: dict[str, int]
    notes: dict[str, int]
    absent: frozenset[str]


def accept(
    feed: Feed,
    raw: RawRows,
    as_at: datetime,
    words: Words | None = None,
    future_tolerance_min: float = FUTURE_TOLERANCE_MIN,
) -> Accepted:
    """The rows of ``raw`` that keep ``feed``'s promises at ``as_at``.

    Raises:
        SourceChanged: a required column is missing, or one stands twice; the message names it.
    """
    names = [str(name).lower() for name in raw.frame.columns]
    given = {name: place for place, name in enumerate(names)}
    for column in feed.columns:
        if names.count(column.name) > 1:
            raise SourceChanged(f"feed {feed.name}: the result has the column '{column.name}' more than once")
        if column.required and column.name not in given:
            raise SourceChanged(f"feed {feed.name}: the result has no column '{column.name}'")
    absent = frozenset(column.name for column in feed.columns if column.name not in given)
    size = len(raw.frame)
    notes: Counter[str] = Counter()
    faults: dict[str, Mask] = {}
    read: dict[str, Any] = {}
    for column in feed.columns:
        if column.name in absent:
            read[column.name] = _nothing(column, size)
            continue
        source = raw.frame.iloc[:, given[column.name]].reset_index(drop=True)
        values, unreadable = _read(column, source, raw, (words or {}).get(column.name, {}), notes)
        read[column.name] = values
        if unreadable is not None and unreadable.any():
            faults[f"{column.name}: not a {column.kind.value}"] = unreadable
    frame = pd.DataFrame(read, copy=False)
    rejected: Counter[str] = Counter()
    _check(feed, frame, faults, notes)
    _check_order(feed, frame, as_at + timedelta(minutes=future_tolerance_min), faults)
    bad = np.zeros(size, dtype=bool)
    for reason, mask in faults.items():
        rejected[reason] += int((mask & ~bad).sum())  # a row counts once, under its first reason
        bad |= mask
    frame = frame[~bad] if bad.any() else frame
    frame = _without_duplicates(feed, frame, rejected, notes)
    return Accepted(frame.reset_index(drop=True), _positive(rejected), _positive(notes), absent)


def _positive(counts: Counter[str]) -> dict[str, int]:
    return {reason: number for reason, number in sorted(counts.items()) if number}


def _nothing(column: Column, size: int) -> pd.Series[Any]:
    empty: pd.Series[Any] = pd.Series(None, index=range(size), dtype=_dtype(column))
    return empty


def _dtype(column: Column) -> Any:
    match column.kind:
        case Kind.TIME:
            return UTC_DTYPE
        case Kind.DATE:
            return "datetime64[us]"
        case Kind.NUMBER:
            return "float64"
        case Kind.BOOL:
            return "boolean"
        case _:
            return "str"


def _read(
    column: Column, source: pd.Series[Any], raw: RawRows, words: Mapping[str, str], notes: Counter[str]
) -> tuple[pd.Series[Any], Mask | None]:
    if column.kind is Kind.TIME:
        moments = read_moments(source, raw.zone, epoch=raw.epoch and pd.api.types.is_numeric_dtype(_inferred(source)))
        notes[f"{column.name}: time in the repeated hour"] += moments.repeated_hour
        return moments.values, moments.unreadable
    if column.kind is Kind.DATE:
        dates = read_dates(source, raw.zone)
        return dates.values, dates.unreadable
    codes, uniques = _distinct(source)
    match column.kind:
        case Kind.NUMBER:
            clean: list[Any] = [number_of(value) for value in uniques]
        case Kind.BOOL:
            clean = [truth_of(value) for value in uniques]
        case Kind.CODE:
            clean = [code_of(text, column.codes, words) for text in texts_of(uniques)]
        case _:
            clean = [renamed(text, words) for text in texts_of(uniques)] if words else texts_of(uniques)
    values = _taken(clean, codes, column)
    if column.kind in (Kind.NUMBER, Kind.BOOL):
        said = np.array([*(text_of(value) is not None for value in uniques), False])[codes]
        lost = values.isna().to_numpy() & (codes >= 0) & said
        if column.on_bad is OnBad.REJECT:
            return values, lost
        notes[f"{column.name}: not a {column.kind.value}, emptied"] += int(lost.sum())
    return values, None


def _distinct(source: pd.Series[Any]) -> tuple[Any, Any]:
    """Each value's place among the distinct ones; lists and the like, which cannot be compared, as text."""
    try:
        return pd.factorize(source)
    except TypeError:
        return pd.factorize(source.map(str, na_action="ignore"))


def _inferred(source: pd.Series[Any]) -> Any:
    return source.dropna().infer_objects().dtype


def _taken(clean: list[Any], codes: Any, column: Column) -> pd.Series[Any]:
    """The cleaned distinct values put back in their places; equal texts share one object."""
    dtype = _dtype(column)
    distinct = pd.array([*clean, None], dtype="Float64" if column.kind is Kind.NUMBER else dtype)
    taken = pd.Series(distinct.take(codes))  # -1 takes the last, which is empty
    return taken.astype(dtype) if column.kind is Kind.NUMBER else taken


@cache
def declared(feed: Feed) -> pa.DataFrameSchema:
    """The feed's schema for pandera: nullability, code sets and ranges, each check named by what it refuses."""
    columns = {}
    for column in feed.columns:
        checks = []
        if column.codes:
            checks.append(pa.Check.isin(column.codes))
        if column.low is not None or column.high is not None:
            low = -np.inf if column.low is None else column.low
            high = np.inf if column.high is None else column.high
            checks.append(pa.Check.between(low, high))
        if checks or not column.nullable:
            columns[column.name] = pa.Column(
                checks=checks, nullable=column.nullable, description=column.means, metadata={"unit": column.unit}
            )
    return pa.DataFrameSchema(columns)


def _check(feed: Feed, frame: pd.DataFrame, faults: dict[str, Mask], notes: Counter[str]) -> None:
    """Refusals of the declared schema, by what each column says should happen; empties values in ``frame``."""
    try:
        declared(feed).validate(frame, lazy=True, inplace=True)  # nothing is declared that would change a value
        return
    except SchemaErrors as errors:
        cases = errors.failure_cases
    for (name, check), rows in cases.groupby(["column", "check"], sort=False)["index"]:
        column = feed[str(name)]
        what = REFUSALS[str(check).partition("(")[0]]
        places = rows.to_numpy(dtype=int)
        if what != "empty" and column.on_bad is OnBad.KEEP:
            notes[f"{name}: {what}, kept"] += len(places)
        elif what != "empty" and column.on_bad is OnBad.BLANK:
            notes[f"{name}: {what}, emptied"] += len(places)
            frame.loc[places, column.name] = None
        else:
            mask = np.zeros(len(frame), dtype=bool)
            mask[places] = True
            faults[f"{name}: {what}"] = mask


def _check_order(feed: Feed, frame: pd.DataFrame, latest: datetime, faults: dict[str, Mask]) -> None:
    for column in feed.columns:
        if column.kind is not Kind.TIME:
            continue
        values = frame[column.name]
        if column.past and (late := (values > pd.Timestamp(latest)).to_numpy()).any():
            faults[f"{column.name}: in the future"] = late
        if (early := (values < EARLIEST).to_numpy()).any():
            faults[f"{column.name}: absurdly early"] = early
        if (late := (values > LATEST).to_numpy()).any():
            faults[f"{column.name}: absurdly late"] = late
    for start, end in feed.ordered:
        if (wrong := (frame[end] < frame[start]).to_numpy()).any():
            faults[f"{end}: before {start}"] = wrong


def _without_duplicates(feed: Feed, frame: pd.DataFrame, rejected: Counter[str], notes: Counter[str]) -> pd.DataFrame:
    keyed = frame[list(feed.key)].notna().all(axis=1) if feed.key else pd.Series(False, index=frame.index)
    equal = _equal_to_earlier(feed, frame)
    if feed.rows_may_repeat:
        equal &= keyed
    if equal.any():
        notes["equal rows, dropped"] += int(equal.sum())
        frame, keyed = frame[~equal], keyed[~equal]
    if not feed.key:
        return frame
    if feed.latest_by:
        frame = frame.sort_values(feed.latest_by, kind="stable", na_position="first")
    again = frame.duplicated(list(feed.key), keep="last" if feed.latest_by else "first") & keyed.reindex(frame.index)
    if again.any():
        reason = f"{', '.join(feed.key)}: earlier version" if feed.latest_by else f"{', '.join(feed.key)}: twice"
        (notes if feed.latest_by else rejected)[reason] += int(again.sum())
        frame = frame[~again]
    return frame.sort_index() if feed.latest_by else frame


def _equal_to_earlier(feed: Feed, frame: pd.DataFrame) -> pd.Series[Any]:
    """Which rows equal an earlier one in all columns; keys and times tell nearly all rows apart at a small cost."""
    telling = list(feed.key) or [column.name for column in feed.columns if column.kind in (Kind.KEY, Kind.TIME)]
    alike = frame.duplicated(telling, keep=False)
    if not alike.any():
        return alike
    return frame[alike].duplicated().reindex(frame.index, fill_value=False)
