"""A point is special cause by four rules, each of which looks at one phase alone.

Source: NHS England Making Data Count; NHSRplotthedots 0.2.2. All comparisons are strict: on a limit is inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

from surveillance.spc.limits import Limits
from surveillance.spc.names import Rule

RUN: Final = 7
"""Points of a trend (so 6 steps) and of a shift."""
CLOSE_OF_THREE: Final = 2


class Facts(NamedTuple):
    """What one point is among those of its phase; None where there is no value or no line to compare with.

    ``side`` of the mean: -1, 0 or 1. ``outside`` the limits; ``close``: inside them, outside the near ones.
    ``slope`` of the trend that it is part of: 1 or -1, else 0. ``rules``: all that hold, in their order.
    """

    side: int | None
    outside: bool | None
    close: bool | None
    slope: int
    rules: tuple[Rule, ...]


NOTHING: Final = Facts(None, None, None, 0, ())


def facts(values: Sequence[float | None], limits: Limits) -> list[Facts]:
    """The facts of every point of a phase, on the scale of its limits. Without a mean there are none."""
    mean = limits.mean
    if mean is None:
        return [NOTHING] * len(values)
    sides = [None if value is None else (value > mean) - (value < mean) for value in values]
    outside, close = _beyond(values, limits)
    slopes = _slopes(values)

    rules: list[tuple[Rule, ...]] = [()] * len(values)
    for rule, flagged in (
        (Rule.ASTRONOMICAL, [n for n, is_outside in enumerate(outside) if is_outside]),
        (Rule.TREND, [n for n, slope in enumerate(slopes) if slope]),
        (Rule.TWO_OF_THREE, _two_of_three(sides, close)),
        (Rule.SHIFT, _runs(sides, RUN)),
    ):
        for n in flagged:
            rules[n] += (rule,)
    return list(map(Facts, sides, outside, close, slopes, rules))


def _beyond(values: Sequence[float | None], limits: Limits) -> tuple[list[bool | None], list[bool | None]]:
    """Which points lie outside the limits, and which inside but close to them."""
    upl = limits.upl
    if upl is None:
        return [None] * len(values), [None] * len(values)
    lpl = -inf if limits.lpl is None else limits.lpl
    nlpl = -inf if limits.nlpl is None else limits.nlpl
    nupl = inf if limits.nupl is None else limits.nupl
    outside = [None if value is None else not lpl <= value <= upl for value in values]
    close = [None if value is None else not nlpl <= value <= nupl and lpl <= value <= upl for value in values]
    return outside, close


def _slopes(values: Sequence[float | None]) -> list[int]:
    """The slope of the trend that each point is part of, 0 if of none.

    As in the reference: that of the next step if the next point is part of a trend too, else of the step before;
    what does not rise falls. So a peak belongs to the fall after it, and of two separate rises that follow each
    other the first one's last point counts as falling.
    """
    steps: list[int | None] = [None]
    steps += [None if a is None or b is None else (b > a) - (b < a) for a, b in pairwise(values)]
    part = set(_runs(steps, RUN - 1))
    part |= {n - 1 for n in part}  # the point from which the first step is taken
    slopes = [0] * len(values)
    for n in part:
        step = steps[n + 1] if n + 1 in part else steps[n]
        slopes[n] = 1 if step is not None and step > 0 else -1
    return slopes


def _two_of_three(sides: Sequence[int | None], close: Sequence[bool | None]) -> list[int]:
    """The close ones among three consecutive points on one side of which at least two are close."""
    flagged = set()
    for n, is_close in enumerate(close):
        if not is_close:
            continue
        for first in (n - 2, n - 1, n):
            three = slice(first, first + 3)
            if first >= 0 and close[three].count(True) >= CLOSE_OF_THREE and sides[three] == [sides[n]] * 3:
                flagged.add(n)
    return sorted(flagged)


def _runs(signs: Sequence[int | None], least: int) -> list[int]:
    """The places of at least so many equal signs in a row; 0 and None are no sign."""
    places: list[int] = []
    start = 0
    for n in range(1, len(signs) + 1):
        if n == len(signs) or signs[n] != signs[start]:
            if n - start >= least and signs[start]:
                places += range(start, n)
            start = n
    return places
