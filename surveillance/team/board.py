"""What a ward's wall shows of what its team said: plain values, and nothing of who wrote them or of any patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

LONGEST = {"what": 50, "role": 22, "words": 80, "trying": 80, "value": 8, "period": 18, "score": 8}
"""Characters of each text that may be typed: what a wall and one sheet of paper have room for."""
MOST_GAUGES = 4
"""So many indicators of the barometer a team may choose for its wall."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A figure that somebody looks after. ``role``: of the owner; ``since``: when that was said."""

    number: int
    measure: str
    role: str
    since: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An improvement action that is not done."""

    number: int
    what: str
    role: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """One indicator of the barometer that the team chose.

    ``value``: as it was entered; empty: none was, or ``measure`` feeds it. ``period``: what it is about.
    """

    title: str
    kind: str
    unit: str = ""
    value: str = ""
    period: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class TeamBoard:
    """``owned``: measure → who looks after it. ``actions``: the open ones, the first due first."""

    owned: Mapping[str, Owned] = field(default_factory=dict)
    trying: str = ""
    actions: tuple[OpenAction, ...] = ()
    barometer: tuple[Gauge, ...] = ()


Boards = Mapping[str, TeamBoard]
"""Ward code → its board; a ward whose team said nothing is not there."""
