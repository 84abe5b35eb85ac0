"""What a chart says, in words that a member of a board understands: its icons, and why a point is special."""

from __future__ import annotations

from typing import Final

from surveillance.spc.chart import Chart, Point
from surveillance.spc.names import Assurance, Kind, Rule, Variation
from surveillance.spc.rules import CLOSE_OF_THREE, RUN

_NUMBERS: Final = {2: "Two", 7: "Seven"}
_CENTRE: Final = {Kind.XMR: "mean", Kind.T: "centre line", Kind.G: "mean", Kind.RUN: "median"}

VARIATION_WORDS: Final = {
    Variation.IMPROVEMENT_HIGH: "Special cause variation of an improving nature, high",
    Variation.IMPROVEMENT_LOW: "Special cause variation of an improving nature, low",
    Variation.CONCERN_HIGH: "Special cause variation of a concerning nature, high",
    Variation.CONCERN_LOW: "Special cause variation of a concerning nature, low",
    Variation.NEUTRAL_HIGH: "Special cause variation, high, where neither direction is better",
    Variation.NEUTRAL_LOW: "Special cause variation, low, where neither direction is better",
    Variation.COMMON_CAUSE: "Common cause variation, no significant change",
    Variation.NONE: "No variation icon: too few points, or values that do not vary",
}
"""The text alternative of each variation icon."""

ASSURANCE_WORDS: Final = {
    Assurance.PASS: "Consistently passing the target",
    Assurance.FAIL: "Consistently failing the target",
    Assurance.INCONSISTENT: "Hit or miss: the target is met in some periods and missed in others, by chance",
    Assurance.NONE: "No assurance icon: no target, no better direction, too few points, or values that do not vary",
}
"""The text alternative of each assurance icon."""


def words(chart: Chart, index: int) -> tuple[str, ...]:
    """A sentence for each rule that holds at a point, the one that gives it its label first; () if none does.

    Raises IndexError where there is no point.
    """
    point = chart.points[index]
    return tuple(_rule_words(rule, point, _CENTRE[chart.kind]) for rule in point.rules)


def explain(chart: Chart) -> str:
    """What the icons say of the chart, why, and what to be careful about, in sentences.

    The reasons are those of the latest point that the icons stand for.
    """
    sentences = [VARIATION_WORDS[chart.variation]]
    if chart.latest is not None:
        sentences += words(chart, chart.latest)
    if chart.target is not None:
        sentences.append(ASSURANCE_WORDS[chart.assurance])
    if chart.kind is Kind.RUN:
        sentences.append("This is a run chart: it shows the median, without limits")
    elif chart.points and chart.points[-1].phase in chart.short_phases:
        sentences.append("The limits stand on few points and are trial limits")
    return ". ".join(sentences) + "."


def _rule_words(rule: Rule, point: Point, centre: str) -> str:
    high = (point.side or 0) > 0
    side, limit = ("above", "upper") if high else ("below", "lower")
    if rule is Rule.ASTRONOMICAL:
        return f"The value lies {side} the {limit} limit"
    if rule is Rule.TREND:
        way = "higher" if point.slope > 0 else "lower"
        return f"{_NUMBERS[RUN]} or more points in a row, each {way} than the one before"
    if rule is Rule.TWO_OF_THREE:
        return f"{_NUMBERS[CLOSE_OF_THREE]} or more of three points in a row close to the {limit} limit"
    return f"{_NUMBERS[RUN]} or more points in a row {side} the {centre}"
