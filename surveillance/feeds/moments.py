"""Times as sources write them become UTC instants; what cannot be read is marked, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from numbers import Number
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

LONDON = ZoneInfo("Europe/London")
Places = np.ndarray[Any, np.dtype[np.bool_]]
UTC_DTYPE = pd.DatetimeTZDtype(unit="us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Moments:
    """``values``: UTC instants (NaT where empty or unreadable). ``unreadable``: positions that held something else.

    ``repeated_hour``: how many local times fell into the hour that the autumn clock change repeats; each is read as
    its first occurrence (summer time), which can never lie in the future.
    """

    values: pd.Series[Any]
    unreadable: Places
    repeated_hour: int = 0


def read_moments(raw: pd.Series[Any], zone: str, *, epoch: bool = False) -> Moments:
    """``raw`` (text in ISO 8601, datetimes, or seconds since 1970 if ``epoch``) as UTC instants.

    A value with an offset is taken at its word; one without is a wall-clock time of ``zone``. Text that is blank is
    empty. A wall-clock time that the spring clock change leaves out is read as the moment of the change.
    """
    if _repeats(raw):
        codes, texts = pd.factorize(raw)
        each = _read_each(pd.Series(texts, dtype=object), zone, epoch=epoch)
        values = pd.Series(each[0].array.take(codes, allow_fill=True), index=raw.index)
        unreadable, repeated = (np.append(places, False)[codes] for places in each[1:])  # -1, nothing, is the last
    else:
        values, unreadable, repeated = _read_each(raw, zone, epoch=epoch)
    return Moments(values, unreadable, int(repeated.sum()))


SAMPLE = 1_000
"""Of columns shorter than this, each text is read."""


def _repeats(raw: pd.Series[Any]) -> bool:
    """Whether a text is likely to stand there many times. Only texts: equal datetimes can be different instants."""
    if len(raw) < SAMPLE or pd.api.types.infer_dtype(raw, skipna=True) != "string":
        return False
    return len(set(raw.iloc[:SAMPLE].tolist())) < SAMPLE / 2


def _read_each(raw: pd.Series[Any], zone: str, *, epoch: bool) -> tuple[pd.Series[Any], Places, Places]:
    """UTC instants, which places could not be read, and which fell into the repeated hour."""
    raw, empty = _without_guesses(raw, numbers=epoch)
    if epoch:
        seconds = pd.to_numeric(raw, errors="coerce")
        values = pd.to_datetime(seconds, unit="s", utc=True, errors="coerce").astype(UTC_DTYPE)
        return values, values.isna().to_numpy() & ~empty, np.zeros_like(empty)
    try:
        parsed = pd.to_datetime(raw, format="ISO8601", errors="coerce")
    except ValueError:  # offsets and bare times are mixed in one column
        parsed = pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us]")
    if not isinstance(parsed.dtype, pd.DatetimeTZDtype | np.dtype) or parsed.dtype == object:
        parsed = pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us]")
    values, repeated = _to_utc(parsed, zone)
    failed = values.isna().to_numpy() & ~empty
    if failed.any():
        rest, more = _one_by_one(raw[failed], zone)
        values = values.mask(failed, rest.reindex(raw.index))
        repeated[failed] = more
    return values, values.isna().to_numpy() & ~empty, repeated


PLAIN = frozenset({"datetime", "datetime64", "date", "empty"})
NUMERIC = frozenset({"floating", "integer", "mixed-integer-float", "decimal"})
"""Kinds of column, as pandas calls them, that hold nothing to guess at."""
_BEYOND_MICROSECONDS = re.compile(r"(\.\d{6})\d+")


def _without_guesses(raw: pd.Series[Any], *, numbers: bool) -> tuple[pd.Series[Any], Places]:
    """``raw`` without what pandas would guess at, and which places hold nothing (blank text holds nothing).

    Words ("now"), and numbers unless they are asked for, become "?", which nothing can read.
    """
    empty: Places = raw.isna().to_numpy()
    kind = pd.api.types.infer_dtype(raw, skipna=True)
    if kind in PLAIN or (numbers and kind in NUMERIC):
        return raw, empty
    given = raw.to_numpy(dtype=object)[~empty].tolist()
    if kind == "string" and min(given) >= "0" and max(given) < ":":  # every text begins with a digit
        return raw, empty
    may = [_may_be_read(value, numbers) for value in given]
    if all(may):
        return raw, empty
    odd, blank = np.zeros_like(empty), np.zeros_like(empty)
    for place in np.flatnonzero(~empty)[~np.array(may, dtype=bool)]:
        value = raw.iloc[place]
        blank[place] = isinstance(value, str) and not value.strip()
        odd[place] = not blank[place] and not _may_be_read(value, numbers)
    return raw.astype(object).mask(odd, "?").mask(blank, None), empty | blank


def _may_be_read(value: object, numbers: bool) -> bool:
    if isinstance(value, str):
        return value.strip()[:1].isdigit()
    return numbers or not isinstance(value, Number)


def _to_utc(parsed: pd.Series[Any], zone: str) -> tuple[pd.Series[Any], Places]:
    if isinstance(parsed.dtype, pd.DatetimeTZDtype):
        return parsed.astype(UTC_DTYPE), np.zeros(len(parsed), dtype=bool)
    if zone == "UTC":
        return parsed.dt.tz_localize("UTC").astype(UTC_DTYPE), np.zeros(len(parsed), dtype=bool)
    ambiguous = np.ones(len(parsed), dtype=bool)
    summer = parsed.dt.tz_localize(zone, ambiguous=ambiguous, nonexistent="shift_forward")
    winter = parsed.dt.tz_localize(zone, ambiguous=~ambiguous, nonexistent="shift_forward")
    repeated = (summer.notna() & (summer != winter)).to_numpy(copy=True)
    return summer.dt.tz_convert("UTC").astype(UTC_DTYPE), repeated


def _one_by_one(raw: pd.Series[Any], zone: str) -> tuple[pd.Series[Any], Places]:
    """The slow path for the few values that differ from the rest of their column."""
    aware: dict[Any, Any] = {}
    naive: dict[Any, Any] = {}
    for position, value in raw.items():
        one = _stamp(value)
        (naive if pd.isna(one) or one.tzinfo is None else aware)[position] = one
    with_offset = pd.to_datetime(pd.Series(aware, dtype=object), utc=True).astype(UTC_DTYPE)
    local, repeated = _to_utc(pd.to_datetime(pd.Series(naive, dtype=object)).astype("datetime64[us]"), zone)
    together: pd.Series[Any] = pd.concat([with_offset, local]).reindex(raw.index)
    return together, pd.Series(repeated, index=local.index).reindex(raw.index, fill_value=False).to_numpy()


def _stamp(value: object) -> Any:
    if isinstance(value, str):
        value = _BEYOND_MICROSECONDS.sub(r"\1", value)  # nanoseconds do not reach the year 9999
        return pd.to_datetime(value, format="ISO8601", errors="coerce")
    try:
        return pd.Timestamp(value)  # type: ignore[arg-type]  # anything a driver may hand over
    except (TypeError, ValueError):
        return pd.NaT


def read_dates(raw: pd.Series[Any], zone: str) -> Moments:
    """``raw`` as Europe/London calendar dates (midnight without a zone); an instant becomes the date it falls on."""
    raw, empty = _without_guesses(raw, numbers=False)
    codes, uniques = pd.factorize(raw)
    dates = pd.Series([_date(value, zone) for value in uniques], dtype="datetime64[us]")
    values = pd.Series(dates.reindex(codes).to_numpy(), index=raw.index)
    return Moments(values, values.isna().to_numpy() & ~empty)


def _date(value: object, zone: str) -> Any:
    one = _stamp(value)
    if pd.isna(one):
        return pd.NaT
    bare = one.tzinfo is None and one == one.normalize()
    if bare:
        return one
    instant = one if one.tzinfo else one.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return instant.tz_convert(LONDON).normalize().tz_localize(None)


def london_midnight(moment: pd.Timestamp) -> pd.Timestamp:
    """00:00 Europe/London of the local day of ``moment``, as a UTC instant."""
    local = moment.tz_convert(LONDON)
    return pd.Timestamp(local.date(), tz=LONDON).tz_convert("UTC")


def london_dates(times: pd.Series[Any]) -> pd.Series[Any]:
    """The Europe/London calendar date of each instant (midnight without a zone)."""
    dates: pd.Series[Any] = times.dt.tz_convert(LONDON).dt.tz_localize(None).dt.normalize()
    return dates


def micros(times: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Microseconds since 1970 as floats, NaN where empty: a comparison with an unknown time is false.

    Floats hold every microsecond until the year 2255 exactly; later ones only mean "far away".
    """
    naive = times.dt.tz_localize(None) if isinstance(times.dtype, pd.DatetimeTZDtype) else times
    whole = naive.to_numpy(dtype="datetime64[us]").view("int64")
    values = whole.astype("float64")
    values[whole == np.iinfo("int64").min] = np.nan
    return values


def micro(moment: pd.Timestamp) -> float:
    """One moment as `micros` writes it."""
    return moment.value / 1000


def instants(values: np.ndarray[Any, np.dtype[np.float64]]) -> pd.Series[Any]:
    """The inverse of `micros`: UTC instants, NaT where NaN."""
    unknown = ~np.isfinite(values)
    whole = np.where(unknown, 0, values).astype("int64").view("datetime64[us]")
    whole[unknown] = np.datetime64("NaT")
    return pd.Series(whole, dtype=UTC_DTYPE)
