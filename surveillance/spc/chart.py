"""A chart holds for every point its value, its phase's limits and its class, and for the latest point both icons."""

from __future__ import annotations

from dataclasses import dataclass

from surveillance.spc.limits import Limits
from surveillance.spc.names import Assurance, Direction, Kind, Method, PointType, Relative, Rule, Variation
from surveillance.spc.preset import Preset


@dataclass(frozen=True, slots=True)
class Point:
    """One point; what has no value is common cause, without side and rules.

    ``phase``: numbered from 0. ``side``, ``outside``, ``close``, ``slope`` and ``rules``: see ``rules.Facts``.
    ``relative``: which way the first rule points, None without one.
    """

    value: float | None
    phase: int
    limits: Limits
    side: int | None
    outside: bool | None
    close: bool | None
    slope: int
    rules: tuple[Rule, ...]
    relative: Relative | None
    point_type: PointType

    @property
    def rule(self) -> Rule | None:
        """The rule that gives the point its label: the first that holds."""
        return self.rules[0] if self.rules else None

    @property
    def mean(self) -> float | None:
        """None on a run chart, which has a median."""
        return self.limits.mean

    @property
    def lpl(self) -> float | None:
        """Lower process limit."""
        return self.limits.lpl

    @property
    def upl(self) -> float | None:
        """Upper process limit."""
        return self.limits.upl

    @property
    def nlpl(self) -> float | None:
        """Near lower process limit."""
        return self.limits.nlpl

    @property
    def nupl(self) -> float | None:
        """Near upper process limit."""
        return self.limits.nupl


@dataclass(frozen=True, slots=True)
class Asked:
    """What a chart was asked for. ``starts``: the indices at which phases start, 0 first."""

    method: Method
    direction: Direction
    target: float | None
    starts: tuple[int, ...]
    fix_after: int | None
    screen: bool
    preset: Preset


@dataclass(frozen=True, slots=True)
class Chart:
    """A control chart, or a run chart in place of one.

    ``latest``: the index of the point whose icons ``variation`` and ``assurance`` are; None if no point has a
    value. ``short_phases``: the numbers of the phases with too few points for more than trial limits.
    """

    asked: Asked
    points: tuple[Point, ...]
    kind: Kind
    latest: int | None
    variation: Variation
    assurance: Assurance
    short_phases: tuple[int, ...]

    @property
    def target(self) -> float | None:
        """In the unit of the values."""
        return self.asked.target

    @property
    def direction(self) -> Direction:
        """Which way improvement lies."""
        return self.asked.direction
