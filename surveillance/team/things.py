"""A thing that a team said is its first row and its last: what it is, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from surveillance.store.team import TeamRow


class Kind(StrEnum):
    """What a row is about, as the store writes it."""

    RATING = "rating"
    ACTION = "action"
    OWNED = "owned"
    """A figure that asks for attention, acknowledged."""
    TRYING = "trying"
    CHOICE = "choice"
    """Which indicators of the barometer the team's wall shows."""
    BAROMETER = "barometer"
    ACCREDITATION = "accreditation"


class Standing(StrEnum):
    """How a thing stands."""

    OPEN = "open"
    DONE = "done"
    CLEARED = "cleared"
    """The figure asks for nothing any more: the program itself writes this."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Thing:
    """``since``: the hospital's time of its first row; ``ended``: of the last, if it does not stand open any more."""

    number: int
    ward: str
    kind: Kind
    standing: Standing
    content: Mapping[str, Any]
    since: datetime
    ended: datetime | None
    who: str
    role: str

    @property
    def is_open(self) -> bool:
        """Whether it holds now."""
        return self.standing is Standing.OPEN

    def day(self, name: str) -> date | None:
        """A date of its content."""
        written = self.content.get(name)
        return date.fromisoformat(written) if written else None


def as_at(things: Iterable[Thing], moment: datetime) -> list[Thing]:
    """How things stood at ``moment``: without what was said later, and with open what ended later."""
    return [
        thing if thing.ended is None or thing.ended <= moment else replace(thing, standing=Standing.OPEN, ended=None)
        for thing in things
        if thing.since <= moment
    ]


def folded_in(things: Mapping[int, Thing], rows: Iterable[TeamRow]) -> dict[int, Thing]:
    """``things`` by the number of their first row, with further rows taken in; what came before is left as it was."""
    found = dict(things)
    for row in rows:
        first = found.get(row.about)
        standing = Standing(row.state)
        if first is None:
            found[row.number] = Thing(
                row.number, row.ward, Kind(row.kind), standing, row.content, row.moment, None, row.who, row.role
            )
        else:
            found[row.about] = Thing(
                first.number,
                first.ward,
                first.kind,
                standing,
                first.content,
                first.since,
                None if standing is Standing.OPEN else row.moment,
                first.who,
                first.role,
            )
    return found
