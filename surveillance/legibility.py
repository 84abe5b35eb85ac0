"""How far a screen can be read: the height of its letters against the distance, in arc minutes.

Source: character height = distance × 2π × arc minutes / 21600 (NUREG-0700 rev. 3, 2020); at least 16, preferably 20 to
22 arc minutes (ISO 9241-303:2011). An arc minute is what the eye can just tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, pi

from surveillance.settings import Density, Screen

LEAST_ARCMIN = 16.0
COMFORTABLE_ARCMIN = 22.0
CAPITAL = 0.727
"""Height of Inter's capitals, in its font size."""
LINES = 1080
"""Sizes are stated for a screen whose shorter side has so many pixels; all of them scale with it."""
MM_PER_INCH = 25.4
ASPECT = (16, 9)
SMALLEST_PX: dict[Density, float] = {"board": 24, "distance": 52}
"""The browser tests hold the style sheet to it."""
NUMBER_PX: dict[Density, float] = {"board": 64, "distance": 96}
"""Of a tile on a landscape screen, with three digits."""


@dataclass(frozen=True, slots=True)
class Legibility:
    """``smallest_mm``, ``number_mm``: heights of capitals and digits. ``arcmin``: of the smallest, where it hangs.

    ``least_m``, ``comfortable_m``: up to where its smallest letters can be read at all, and with ease; ``numbers_m``:
    the numbers, with ease.
    """

    smallest_mm: float
    number_mm: float
    arcmin: float
    least_m: float
    comfortable_m: float
    numbers_m: float


def legibility(screen: Screen, density: Density) -> Legibility:
    """How far a page of this density can be read on this screen."""
    shorter_mm = screen.inches * MM_PER_INCH * min(ASPECT) / hypot(*ASPECT)
    smallest, number = (px * CAPITAL * shorter_mm / LINES for px in (SMALLEST_PX[density], NUMBER_PX[density]))
    arcmin = smallest / (screen.distance_m * 1000) * 21600 / (2 * pi)
    return Legibility(
        smallest,
        number,
        arcmin,
        _metres(smallest, LEAST_ARCMIN),
        _metres(smallest, COMFORTABLE_ARCMIN),
        _metres(number, COMFORTABLE_ARCMIN),
    )


def too_small(screen: Screen) -> list[str]:
    """What cannot be read well from where it is looked at; a line for each density of its pages."""
    densities = dict.fromkeys(page.density or screen.usual_density for page in screen.shown)
    return [words for density in densities if (words := _warning(screen, density))]


def _warning(screen: Screen, density: Density) -> str:
    found = legibility(screen, density)
    if found.arcmin >= COMFORTABLE_ARCMIN:
        return ""
    how = "too small" if found.arcmin < LEAST_ARCMIN else "small"
    return (
        f"{density}: its smallest words are {how}: {found.smallest_mm:.0f} mm, {found.arcmin:.0f} arc minutes from "
        f"{screen.distance_m:g} m; they can be read up to {found.least_m:.1f} m, with ease up to "
        f"{found.comfortable_m:.1f} m, the numbers up to {found.numbers_m:.1f} m"
    )


def _metres(height_mm: float, arcmin: float) -> float:
    return height_mm / 1000 * 21600 / (2 * pi * arcmin)
