"""A unit's chart that can be drawn: its history could be read, which is not to say that it has a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from surveillance.charts import Phase, Remark, SeriesPoint, UnitChart
from surveillance.measures import Measure
from surveillance.measures.declaration import Charted
from surveillance.spc import Chart, Direction, xmr

NO_POINTS = xmr([], direction=Direction.NEUTRAL)


@dataclass(frozen=True, slots=True)
class Drawn:
    """As ``UnitChart``, with its ``chart``: one point for each of ``series``."""

    of: UnitChart
    chart: Chart

    @property
    def measure(self) -> Measure:
        """What is measured."""
        return self.of.measure

    @property
    def charted(self) -> Charted:
        """How it is drawn."""
        return self.of.charted

    @property
    def series(self) -> tuple[SeriesPoint, ...]:
        """Weeks or events."""
        return self.of.series

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Those after the first."""
        return self.of.phases

    @property
    def notes(self) -> tuple[Remark, ...]:
        """What happened when."""
        return self.of.notes


def readable(charts: Iterable[UnitChart]) -> list[Drawn]:
    """Those whose history could be read."""
    return [Drawn(one, one.chart or NO_POINTS) for one in charts if not one.unreadable]
