"""The mean and the limits of one phase, from the values that it is based on.

Source: NHS England Making Data Count; NHSRplotthedots 0.2.2 (XmR), Making Data Count SQL tools 2.3 (T and G).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

SCREEN: Final = 3.267
"""A moving range of so many times the mean moving range or more is an outlier."""
LIMIT: Final = 2.66
"""Mean moving ranges from the mean to a limit, exactly: not 3 / 1.128."""
NEAR_LIMIT: Final = 2 * (LIMIT / 3)
T_POWER: Final = 3.6
"""Days between events to the power of 1 / 3.6 are about normally distributed."""
G_SIGMAS: Final = 3
NOISE: Final = 1e-12
"""Limits not further from the mean than this share of it differ by rounding alone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The lines of one phase in the unit of its values; None where not computed.

    ``mean`` or, on a run chart, ``median``; lower and upper process limit (``lpl``, ``upl``) and the near ones
    at two thirds of the way (``nlpl``, ``nupl``). ``amr``: the mean moving range that they stand on (T chart:
    of the transformed days). On a T chart ``mean`` is that of the transformed days, transformed back.
    """

    mean: float | None = None
    amr: float | None = None
    lpl: float | None = None
    upl: float | None = None
    nlpl: float | None = None
    nupl: float | None = None
    median: float | None = None

    @property
    def centre(self) -> float | None:
        """The line in the middle, whichever it is."""
        return self.median if self.mean is None else self.mean

    @property
    def flat(self) -> bool:
        """Whether there are no limits, or they have collapsed on the mean."""
        return self.mean is None or self.upl is None or self.upl - self.mean <= NOISE * abs(self.mean)


def exact_mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean, rounded once, so that a value equal to it is equal to it; None of nothing.

    Floats are fractions with powers of two below, so their sum is one of whole numbers, in about half the time
    of ``statistics.mean``. ``fsum(values) / n`` rounds twice: nine in a hundred constant series of two decimals
    then differ from their own mean.
    """
    if not values:
        return None
    ratios = [value.as_integer_ratio() for value in values]
    finest = max(below for _, below in ratios)
    return sum(above * (finest // below) for above, below in ratios) / (finest * len(values))


def individuals(base: Sequence[float | None], *, screen: bool) -> Limits:
    """XmR: 2.66 mean moving ranges either side of the mean; never cut at 0 or 100 %.

    A moving range is of two consecutive values; a missing one leaves both of its ranges out. With ``screen``
    ranges of 3.267 times their mean or more are left out, once; the mean keeps all values. No ranges, no limits.
    """
    mean = exact_mean([value for value in base if value is not None])
    ranges = [abs(b - a) for a, b in pairwise(base) if a is not None and b is not None]
    amr = exact_mean(ranges)
    if screen and amr is not None:
        largest = SCREEN * amr
        amr = exact_mean([size for size in ranges if size < largest])
    if mean is None or amr is None:
        return Limits(mean)
    near, far = NEAR_LIMIT * amr, LIMIT * amr
    return Limits(mean, amr, mean - far, mean + far, mean - near, mean + near)


def geometric(base: Sequence[float | None]) -> Limits:
    """G: the mean g of opportunities between events, and g + 3 √(g (g + 1)); no lower and no near limits."""
    mean = exact_mean([value for value in base if value is not None])
    return Limits(mean, upl=None if mean is None else mean + G_SIGMAS * math.sqrt(mean * (mean + 1)))


def middle(base: Sequence[float | None]) -> Limits:
    """The median, of a run chart."""
    values = [value for value in base if value is not None]
    return Limits(median=median(values) if values else None)


def transformed(days: Sequence[float | None]) -> list[float | None]:
    """Days between events on the scale on which a T chart is computed."""
    return [None if value is None else value ** (1 / T_POWER) for value in days]


def in_days(limits: Limits) -> Limits:
    """Limits of transformed days in days; one below 0 is left out."""

    def back(line: float | None) -> float | None:
        return None if line is None or line < 0 else line**T_POWER

    lines = (back(line) for line in (limits.lpl, limits.upl, limits.nlpl, limits.nupl))
    return Limits(back(limits.mean), limits.amr, *lines)
