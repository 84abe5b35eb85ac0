"""What a site decides about counting: thresholds, medicines, shifts, what is plausible, and what is left to it."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field, model_validator

from surveillance.settings.section import FilePath, Section, TimeOfDay


class Threshold(Section):
    """From which number a tile asks to be watched or acted on; None: never."""

    watch: float | None = None
    act: float | None = None


class Medicines(Section):
    """Which class a drug code belongs to, and which classes are critical (NPSA/2010/RRR009)."""

    classes: dict[str, tuple[str, ...]] = {}
    """class → drug codes."""
    classes_file: FilePath | None = None
    """CSV with the columns drug_code and class."""
    critical: tuple[str, ...] | None = None
    antimicrobial: tuple[str, ...] = ("antimicrobial",)
    window_min: dict[str, float] = {}


class Shifts(Section):
    """Local times at which the day and the night shift start."""

    day_start: TimeOfDay = time(7, 30)
    night_start: TimeOfDay = time(20, 0)

    @model_validator(mode="after")
    def _day_comes_first(self) -> Shifts:
        if self.day_start >= self.night_start:
            raise ValueError(f"day_start {self.day_start} must come before night_start {self.night_start}")
        return self


class Plausibility(Section):
    """When an answer of a source is too small, or too large, to believe."""

    share: float = Field(default=0.5, gt=0, le=1)
    """Fewer rows than this share of the last accepted answer makes the feed suspect."""
    growth: float = Field(default=3, gt=1)
    """More rows than this multiple of the last accepted answer make a steady feed suspect."""
    minimum_rows: int = Field(default=50, ge=1)
    """Below this many rows in the last accepted answer nothing is suspected."""
    rejected_share: float = Field(default=0.1, ge=0, le=1)
    """More quarantined rows than this share make the feed suspect: what is left would count too few."""
    expected_census: int | None = Field(default=None, ge=0)
    """Inpatients to expect before there was a first answer."""


class Options(Section):
    """Rules that the definitions leave to the site."""

    day_cases_on_ward: Literal["bed", "always", "never"] = "bed"
    vte_exemptions: tuple[str, ...] = ()
    allowed_exemptions: tuple[str, ...] | None = None
    early_parts: bool = True
    own_aki_stage: bool = False
    future_tolerance_min: float = Field(default=60, ge=0)
    limit_min: dict[str, float] = {}
    """feed → age in minutes after which its figures are no longer shown at all."""
