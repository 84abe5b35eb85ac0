"""What the display used of a source within the last hour, and what it may use."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from surveillance.settings import Budget

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Used:
    """``queries``, ``seconds``: asked and waited for within the last hour. ``ended``: processes that were too late."""

    budget: Budget
    queries: int
    seconds: float
    ended: int


class Spent:
    """Every question to a source within the last hour. ``at``: seconds that only ever grow."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._asked: deque[tuple[float, float]] = deque()

    def note(self, at: float, took_s: float) -> None:
        """A question that ended at ``at``."""
        self._asked.append((at, took_s))

    def used(self, at: float, ended: int) -> Used:
        """What was used within the hour before ``at``."""
        while self._asked and self._asked[0][0] <= at - HOUR_S:
            self._asked.popleft()
        return Used(self._budget, len(self._asked), sum(took for _, took in self._asked), ended)

    def over(self, at: float, questions: int) -> str:
        """Why so many more questions may not be asked now; empty if they may."""
        used, budget = self.used(at, 0), self._budget
        most = budget.queries_per_h
        if most is not None and used.queries + questions > most:
            return f"the budget of {most} queries an hour is spent"
        if budget.seconds_per_h is not None and used.seconds >= budget.seconds_per_h:
            return f"the budget of {budget.seconds_per_h:g} seconds of queries an hour is spent"
        return ""
