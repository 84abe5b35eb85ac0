"""Every word of a control chart is one of a few: what is improvement, what a point is, what an icon says.

Source: NHS England Making Data Count; NHSRplotthedots 0.2.2, whose strings the values are.
"""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Which way improvement lies."""

    INCREASE = "increase"
    DECREASE = "decrease"
    NEUTRAL = "neutral"


class Method(StrEnum):
    """What the values are: individual values, days between events, or opportunities between events."""

    XMR = "xmr"
    T = "t"
    G = "g"


class Kind(StrEnum):
    """What is drawn; a run chart has a median and neither limits nor classes."""

    XMR = "xmr"
    RUN = "run"
    T = "t"
    G = "g"


class Rule(StrEnum):
    """The rules for special cause variation, in the order in which they give a point its label."""

    ASTRONOMICAL = "astronomical"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"
    SHIFT = "shift"


class Relative(StrEnum):
    """Whether what a point signals lies above or below: for a trend its slope, else the side of the mean."""

    HIGH = "high"
    LOW = "low"


class PointType(StrEnum):
    """What a point is, as the reference writes it; a point without a value is common cause there."""

    COMMON_CAUSE = "common_cause"
    IMPROVEMENT = "special_cause_improvement"
    CONCERN = "special_cause_concern"
    NEUTRAL_HIGH = "special_cause_neutral_high"
    NEUTRAL_LOW = "special_cause_neutral_low"


class Variation(StrEnum):
    """The variation icon; ``NONE`` is the empty one: too few points, or values that do not vary."""

    IMPROVEMENT_HIGH = "improvement_high"
    IMPROVEMENT_LOW = "improvement_low"
    CONCERN_HIGH = "concern_high"
    CONCERN_LOW = "concern_low"
    NEUTRAL_HIGH = "neutral_high"
    NEUTRAL_LOW = "neutral_low"
    COMMON_CAUSE = "common_cause"
    NONE = "none"


class Assurance(StrEnum):
    """The assurance icon; ``INCONSISTENT`` is "hit or miss", ``NONE`` the empty one."""

    PASS = "pass"
    FAIL = "fail"
    INCONSISTENT = "inconsistent"
    NONE = "none"
