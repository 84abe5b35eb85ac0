"""Seeded chance that likes to land exactly on a limit, one second before it or one second after it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Dice:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.roll = self.random.random

    def chance(self, p: float) -> bool:
        return self.roll() < p

    def one(self, options: Sequence[Any]) -> Any:
        return options[int(self.roll() * len(options))]

    def weighted(self, options: dict[Any, float]) -> Any:
        left = self.roll() * sum(options.values())
        for option, weight in options.items():
            left -= weight
            if left < 0:
                return option
        return option

    def many(self, least: int, most: int) -> range:
        return range(least + int(self.roll() * (most - least + 1)))

    def or_none(self, value: Any, p_none: float = 0.15) -> Any:
        return None if self.roll() < p_none else value

    def near(self, limit: datetime) -> datetime:
        """``limit`` itself four times in ten, else a second or a little way off it."""
        x = self.roll()
        if x < 0.4:
            return limit
        if x < 0.55:
            return limit - SECOND
        if x < 0.7:
            return limit + SECOND
        return limit + int(self.roll() * 7200 - 3600) * SECOND

    def between(self, start: datetime, end: datetime) -> datetime:
        seconds = int((end - start).total_seconds())
        return start + int(self.roll() * (seconds + 1)) * SECOND if seconds > 0 else start
