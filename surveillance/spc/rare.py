"""Harms that happen less than about twice a period are charted by what lies between them, never by counts.

A longer time between harms is better. Neither chart has a target. On stable rare counts an XmR chart would flag
up to 83 % of points. Source: NHS England Making Data Count SQL tools 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence

from surveillance.spc.chart import Asked, Chart
from surveillance.spc.engine import drawn, starts
from surveillance.spc.names import Direction, Method
from surveillance.spc.preset import MAKING_DATA_COUNT, Preset
from surveillance.spc.series import SeriesError, finite


def t_chart(
    days_between: Sequence[float | None],
    *,
    direction: Direction = Direction.INCREASE,
    phases: Sequence[int] = (),
    preset: Preset = MAKING_DATA_COUNT,
) -> Chart:
    """The T chart of days between events, one value an event, in order of time.

    Limits and rules are those of an XmR chart of days ** (1 / 3.6), limits given back in days; a lower one below
    0 is left out. None is an interval that is not known. Raises SeriesError for what is no number from 0 up.
    """
    return _between(Method.T, days_between, direction, phases, preset)


def g_chart(
    opportunities_between: Sequence[float | None],
    *,
    direction: Direction = Direction.INCREASE,
    phases: Sequence[int] = (),
    preset: Preset = MAKING_DATA_COUNT,
) -> Chart:
    """The G chart of opportunities (bed days, procedures) between events, one value an event, in order of time.

    Its upper limit is g + 3 √(g (g + 1)) with their mean g; there is no lower one and none of two sigma, so
    neither a short interval nor two of three can signal. Raises SeriesError for what is no number from 0 up.
    """
    return _between(Method.G, opportunities_between, direction, phases, preset)


def _between(
    method: Method,
    values: Sequence[float | None],
    direction: Direction,
    phases: Sequence[int],
    preset: Preset,
) -> Chart:
    checked = finite(values)
    for position, value in enumerate(checked):
        if value is not None and value < 0:
            raise SeriesError(f"position {position}: what lies between two events cannot be less than 0")
    asked = Asked(method, direction, None, starts(phases, len(checked)), None, preset.screen, preset)
    return drawn(asked, checked)
