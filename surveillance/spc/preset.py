"""One engine, two presets: as the reference package computes, and as Making Data Count shows a board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """Where the tools that NHS England publishes differ.

    ``screen``: moving ranges of 3.267 times their mean or more are left out of it. ``minimum``: values that a
    chart needs before limits, classes and icons appear; with fewer it is a run chart with empty icons.
    ``on_limit_counts``: a target exactly on a limit is consistently passed or failed, not hit or miss.
    ``flat_is_run``: a phase whose limits would be missing or collapse on the mean gets a median and no class.
    ``short_phase``: a phase of fewer points than this is warned of. ``gaps_count``: a row without a value is a
    point of its phase for that warning, and if it is the last row the icons are its own.
    """

    name: str
    screen: bool
    minimum: int
    on_limit_counts: bool
    flat_is_run: bool
    short_phase: int
    gaps_count: bool


REFERENCE: Final = Preset(
    "reference",
    screen=True,
    minimum=0,
    on_limit_counts=False,
    flat_is_run=False,
    short_phase=13,
    gaps_count=True,
)
"""NHSRplotthedots 0.2.2 (its text says "n < 12"; measured, a phase of 12 is warned of and one of 13 is not)."""

MAKING_DATA_COUNT: Final = Preset(
    "making_data_count",
    screen=False,
    minimum=15,
    on_limit_counts=True,
    flat_is_run=True,
    short_phase=12,
    gaps_count=False,
)
"""NHS England Making Data Count, SQL tools 2.4 and 2.5: 15 points for a chart, 12 for a recalculated phase."""
