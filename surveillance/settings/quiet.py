"""Quiet hours: local times of day in which a source is left alone."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator


class QuietHours(NamedTuple):
    """From ``start``, which belongs to them, to ``end``, which does not; over midnight if ``end`` is earlier."""

    start: time
    end: time

    def hold(self, local: time) -> bool:
        """Whether they hold at a local time of day."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


def _read(value: Any) -> QuietHours:
    try:
        start, end = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except (AttributeError, ValueError):
        raise ValueError('write two times of day, as "01:00-02:30"') from None
    if start == end:
        raise ValueError("they end when they begin")
    return QuietHours(start, end)


QuietSpan = Annotated[QuietHours, BeforeValidator(_read)]
EVERY_MINUTE = tuple(time(hour, minute) for hour in range(24) for minute in range(60))


def never_asked(spans: tuple[QuietHours, ...]) -> bool:
    """Whether no minute of the day is left."""
    return all(any(span.hold(minute) for span in spans) for minute in EVERY_MINUTE)
