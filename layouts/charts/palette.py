"""Each class of a point has one colour and one shape, the same on walls, at desks and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from surveillance.spc import PointType


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a chart where no style sheet reaches it: in an image, in Plotly, on paper.

    ``points``: by class of point. They are those of ``assets/tokens.css``, and a test compares them.
    """

    panel: str
    line: str
    ink: str
    second: str
    target: str
    points: Mapping[PointType, str]

    @classmethod
    def of(cls, tokens: Mapping[str, str]) -> Palette:
        """From the names of the style sheet."""
        points = {kind: tokens[name] for kind, name in CLASS_NAMES.items()}
        return cls(tokens["panel"], tokens["line"], tokens["ink"], tokens["second"], tokens["target"], points)


CLASS_NAMES: Final = {
    PointType.COMMON_CAUSE: "common",
    PointType.IMPROVEMENT: "improvement",
    PointType.CONCERN: "concern",
    PointType.NEUTRAL_HIGH: "neither",
    PointType.NEUTRAL_LOW: "neither",
}
"""Class of a point → the name of its colour."""
CLASS_WORDS: Final = {
    PointType.COMMON_CAUSE: "common cause",
    PointType.IMPROVEMENT: "improvement",
    PointType.CONCERN: "concern",
    PointType.NEUTRAL_HIGH: "special cause, high",
    PointType.NEUTRAL_LOW: "special cause, low",
}
"""What is said of a point of that class."""
SHAPES: Final = {
    PointType.COMMON_CAUSE: "circle",
    PointType.IMPROVEMENT: "square",
    PointType.CONCERN: "diamond",
    PointType.NEUTRAL_HIGH: "triangle-up",
    PointType.NEUTRAL_LOW: "triangle-down",
}
"""By Plotly's names; a chart read without its colours is still read right."""

TOKENS: Final = {
    "day": {
        "panel": "#ffffff",
        "line": "#d5dde4",
        "ink": "#1b2733",
        "second": "#44525f",
        "target": "#b0151d",
        "common": "#66727c",
        "improvement": "#005eb8",
        "concern": "#cc5200",
        "neither": "#6b2fa8",
    },
    "night": {
        "panel": "#151f29",
        "line": "#2a3846",
        "ink": "#e8eef3",
        "second": "#a9b8c5",
        "target": "#ff8a8a",
        "common": "#97a5b1",
        "improvement": "#5cb0ff",
        "concern": "#ff9a3d",
        "neither": "#c9a2ff",
    },
}
"""By day and by night; as ``assets/tokens.css`` has them."""
PALETTES: Final = {
    "day": Palette.of(TOKENS["day"]),
    "night": Palette.of(TOKENS["night"]),
    "print": Palette.of({**TOKENS["day"], "line": "#8b969e", "ink": "#000000", "second": "#333333"}),
}
"""On paper thin lines are darker."""
