"""Which wards need help now: a rule that stands on the screen in the words of ``RULE``, and nothing cleverer.

A number beside a ward is its own threshold passed (see ``thresholds``); figures that are not current colour nothing,
so they cannot rank a ward either: they are counted apart, because a ward that cannot be seen is not a safe one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveillance.snapshot import Level, Reading, State

RULE = "Most urgent ● first, then most ●, then most ▲"
UNKNOWN = (State.STALE, State.SUSPECT, State.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Need:
    """One ward. ``urgent``, ``act``, ``watch``: measure ids at that level, in the order of the columns.

    ``urgent`` are at act too, and are not in ``act``. ``unknown``: measures whose figure is not current.
    """

    ward: str
    urgent: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int, int]:
        """The smaller, the sooner."""
        return -len(self.urgent), -len(self.urgent) - len(self.act), -len(self.watch)

    @property
    def needs_help(self) -> bool:
        """Whether any figure is at act."""
        return bool(self.urgent or self.act)


def need_of(ward: str, readings: Mapping[str, Reading], measures: Sequence[str], urgent: Sequence[str]) -> Need:
    """What ``readings`` of one ward say; only ``measures`` are looked at."""
    found = [readings[name] for name in measures if name in readings]
    at = {
        level: [one.measure for one in found if one.level is level and one.state is State.VALUE]
        for level in (Level.ACT, Level.WATCH)
    }
    return Need(
        ward,
        tuple(name for name in at[Level.ACT] if name in urgent),
        tuple(name for name in at[Level.ACT] if name not in urgent),
        tuple(at[Level.WATCH]),
        tuple(name for name in measures if name not in readings or readings[name].state in UNKNOWN),
    )


def ranked(needs: Sequence[Need]) -> list[Need]:
    """Who needs help first; equals stay in the order in which they came."""
    return sorted(needs, key=lambda need: need.rank)
