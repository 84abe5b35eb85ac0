"""When a source is asked next: at its interval while it answers, ever more rarely while it does not."""

from __future__ import annotations

import random
from dataclasses import dataclass

JITTER = 0.1
"""Share by which every wait is lengthened at random, so that sources do not come into step."""
BACK_OFF = 2.0
LONGEST_INTERVALS = 10
LONGEST_WAIT_S = 600.0
SHORTEST_WAIT_S = 0.2
KNOCK_S = 4.0
"""Between two knocks at a source that could not be reached or stood still: its figures are right within 10 s."""
KNOCK_SHARE = 0.05
"""Of the time, at most, a knock may keep a source busy."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The waits of one source, in real seconds."""

    interval_s: float

    @property
    def longest_s(self) -> float:
        """The longest wait after failures: ten intervals, at most ten minutes, never less than the interval."""
        return max(self.interval_s, min(LONGEST_INTERVALS * self.interval_s, LONGEST_WAIT_S))

    def wait_s(self, failures: int, took_s: float, chance: random.Random) -> float:
        """How long to wait after a poll that took ``took_s``, the ``failures``-th in a row that failed (0: it did not).

        A poll that answered counts from its start, so that the interval is kept; a wait after a failure is not
        shortened by how long the failure took.
        """
        if failures:
            base = min(self.interval_s * BACK_OFF ** min(failures - 1, 16), self.longest_s)
            return base * (1 - JITTER * chance.random())
        return max(self.interval_s * (1 + JITTER * (chance.random() - 0.5)) - took_s, SHORTEST_WAIT_S)


def knock_wait_s(took_s: float, chance: random.Random) -> float:
    """How long to wait after a knock that took ``took_s``: the slower the source, the more rarely."""
    return max(KNOCK_S, took_s / KNOCK_SHARE) * (1 - JITTER * chance.random())
