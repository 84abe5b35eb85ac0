"""Moments leave in the form in which a source stores them, and its own moments come back as UTC.

A wall-clock time in the hour that autumn repeats is widened outwards: a bound may let in a row too many, which the
gate and the measures sort out, but never leaves out one that happened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from numbers import Real
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import Bounds
from surveillance.settings import Times

BOUND_NAMES = ("as_at", "since", "events_since", "changed_since")
"""The parameters that a query may use, by name."""


def bound_values(bounds: Bounds, times: Times) -> dict[str, datetime | str | int]:
    """Each bound in the form that ``times`` says: naive datetime of its zone, text in its format, or whole seconds."""
    return {
        "as_at": _stored(bounds.as_at, times, upper=True),
        "since": _stored(bounds.since, times, upper=False),
        "events_since": _stored(bounds.events_since, times, upper=False),
        "changed_since": _stored(bounds.changed_since, times, upper=False),
    }


def _stored(moment: datetime, times: Times, *, upper: bool) -> datetime | str | int:
    if times.storage == "epoch":
        return math.floor(moment.timestamp())
    local = moment.astimezone(ZoneInfo(times.zone))
    if "%z" in times.format and times.storage == "text":
        return local.strftime(times.format)
    wall = _widened(local, upper=upper).replace(tzinfo=None, fold=0)
    return wall.strftime(times.format) if times.storage == "text" else wall


def _widened(local: datetime, *, upper: bool) -> datetime:
    """The latest wall-clock time shown up to ``local``, or the earliest shown from then on."""
    repeated = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    if not repeated:
        return local
    if not upper:
        return local.replace(minute=0, second=0, microsecond=0)
    return local.replace(minute=59, second=59, microsecond=999_999) if local.fold else local


def read_moment(value: object, times: Times) -> datetime | None:
    """One moment of a source as UTC; None for null.

    Raises:
        ValueError: the value is no moment in the form that ``times`` says. Its text is not in the message.
    """
    if value is None:
        return None
    moment = _parsed(value, times)
    if moment is None:
        raise ValueError("not a moment")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(times.zone))
    return moment.astimezone(UTC)


def _parsed(value: object, times: Times) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        if times.storage == "epoch" and isinstance(value, Real | str):
            return datetime.fromtimestamp(float(value), UTC)
        return as_format(value, times.format) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def as_format(value: str, form: str) -> datetime | None:
    """``value`` read by ``form``, else as ISO 8601; None if it is neither."""
    try:
        return datetime.strptime(value.strip(), form)  # noqa: DTZ007  # the pack's zone is added where it is known
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None


def is_iso(form: str) -> bool:
    """Whether text written in ``form`` can be read without knowing it."""
    example = datetime(2001, 2, 13, 14, 15, 16, tzinfo=UTC)
    try:
        return datetime.fromisoformat(example.strftime(form)).replace(tzinfo=UTC, second=16) == example
    except ValueError:
        return False


def readable(column: list[Any], times: Times) -> list[Any]:
    """Text in a form of the source's own as datetimes; what it does not fit stays, for the gate to count."""
    known: Mapping[Any, Any] = {
        value: as_format(value, times.format) or value for value in set(column) if isinstance(value, str)
    }
    return [known.get(value, value) for value in column]
