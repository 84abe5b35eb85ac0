"""NEWS2 scores one complete set of observations of a patient aged 16 or over who is not pregnant.

Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, December 2017: charts 1 (scores),
2 (thresholds) and 4 (frequency of monitoring).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

Number = int | float | Decimal
"""A measurement. A float is read as the decimal that it prints as: 36.05 is exactly 36.05."""

MINIMUM_AGE_YEARS: Final = 16
RED_SCORE: Final = 3
"""The score that in a single parameter calls for hourly observations (chart 4)."""
MEDIUM_TOTAL: Final = 5
HIGH_TOTAL: Final = 7
OXYGEN_SCORE: Final = 2
HOURLY_MIN: Final = 60


@dataclass(frozen=True, slots=True)
class Bands:
    """The scores of one parameter: each edge is the last value of its band; the last band has no end."""

    edges: tuple[int, ...]
    scores: tuple[int, ...]
    scale: int = 1
    """Edges are in units of 1/scale, so that temperatures compare as whole tenths."""

    def score(self, value: Number) -> int:
        """The score of ``value``, which is first rounded to 1/scale, halves up."""
        return self.scores[bisect_left(self.edges, _in_units(value, self.scale))]


# Chart 1 of the RCP's December 2017 report.
RESPIRATIONS_PER_MIN: Final = Bands((8, 11, 20, 24), (3, 1, 0, 2, 3))
SPO2_SCALE_1_PERCENT: Final = Bands((91, 93, 95), (3, 2, 1, 0))
SPO2_SCALE_2_AIR_PERCENT: Final = Bands((83, 85, 87), (3, 2, 1, 0))
SPO2_SCALE_2_OXYGEN_PERCENT: Final = Bands((83, 85, 87, 92, 94, 96), (3, 2, 1, 0, 1, 2, 3))
SYSTOLIC_MMHG: Final = Bands((90, 100, 110, 219), (3, 2, 1, 0, 3))
PULSE_PER_MIN: Final = Bands((40, 50, 90, 110, 130), (3, 1, 0, 1, 2, 3))
TEMPERATURE_C: Final = Bands((350, 360, 380, 390), (3, 1, 0, 1, 2), scale=10)


@dataclass(frozen=True, slots=True)
class News2:
    """A scored set of observations.

    ``parts``: the score of ``rr``, ``spo2``, ``oxygen``, ``sbp``, ``pulse``, ``consciousness`` and
    ``temp``; None where the parameter was not recorded. ``total``: their sum, 0 to 20, or None if any is
    missing; nothing is ever imputed. ``single_parameter_3``: whether any recorded parameter scores 3.
    """

    parts: dict[str, int | None]
    total: int | None
    single_parameter_3: bool

    @property
    def complete(self) -> bool:
        """Whether all seven parameters were recorded."""
        return self.total is not None


def news2(
    rr: Number | None,
    spo2: Number | None,
    spo2_scale: Number | None,
    on_oxygen: bool | None,
    sbp: Number | None,
    pulse: Number | None,
    acvpu: str | None,
    temp: Number | None,
) -> News2:
    """The NEWS2 of one set of observations (RCP, December 2017, chart 1).

    Units: ``rr`` and ``pulse`` a minute, ``spo2`` per cent, ``sbp`` mmHg, ``temp`` °C. None, NaN and a
    blank word are "not recorded". ``spo2_scale`` 2 stands for a prescribed target of 88–92 %; anything
    else, None included, is scale 1. Any ``acvpu`` but ``A`` scores 3; C is *new* confusion. Temperature is
    rounded to one decimal and every other number to a whole one, halves up. The function does not ask
    whether NEWS2 applies (see `applies`) nor whether a value is plausible: that is settled where the feed
    is read. Raises OverflowError for an infinite value.
    """
    parts: dict[str, int | None] = {
        "rr": _score(RESPIRATIONS_PER_MIN, rr),
        "spo2": _spo2(spo2, spo2_scale, on_oxygen),
        "oxygen": None if on_oxygen is None else OXYGEN_SCORE if on_oxygen else 0,
        "sbp": _score(SYSTOLIC_MMHG, sbp),
        "pulse": _score(PULSE_PER_MIN, pulse),
        "consciousness": _consciousness(acvpu),
        "temp": _score(TEMPERATURE_C, temp),
    }
    recorded = [score for score in parts.values() if score is not None]
    return News2(
        parts=parts,
        total=sum(recorded) if len(recorded) == len(parts) else None,
        single_parameter_3=RED_SCORE in recorded,
    )


def applies(age_years: Number | None, pregnant_or_recent: bool | None) -> bool:
    """Whether NEWS2 may be used: aged 16 or over (or age unknown), not pregnant nor recently so."""
    return not pregnant_or_recent and (age_years is None or age_years >= MINIMUM_AGE_YEARS)


def band(total: int, single_parameter_3: bool) -> str:
    """The risk of a total: ``0``, ``low``, ``low_medium``, ``medium`` or ``high`` (RCP 2017, chart 2)."""
    if total >= HIGH_TOTAL:
        return "high"
    if total >= MEDIUM_TOTAL:
        return "medium"
    if single_parameter_3:
        return "low_medium"
    return "low" if total else "0"


_MINIMUM_INTERVAL_MIN: Final = {
    "0": 720,
    "low": 360,  # the looser end of "4 to 6 hourly"
    "low_medium": HOURLY_MIN,
    "medium": HOURLY_MIN,
    "high": 0,
}


def minimum_interval_min(total: int, single_parameter_3: bool) -> int:
    """The longest time between two sets in minutes: 720, 360, 60, or 0 = continuous (RCP 2017, chart 4)."""
    return _MINIMUM_INTERVAL_MIN[band(total, single_parameter_3)]


def sepsis_risk(total: int) -> str:
    """``very_low``, ``low``, ``moderate`` or ``high``: of a patient with suspected infection, of no other.

    Source: NICE NG51 (2024), recommendation 1.11.5, since moved to NG253. A clinician may judge it higher.
    """
    if total >= HIGH_TOTAL:
        return "high"
    if total >= MEDIUM_TOTAL:
        return "moderate"
    return "low" if total else "very_low"


def _score(bands: Bands, value: Number | None) -> int | None:
    if value is None or value != value:  # NaN alone differs from itself
        return None
    return bands.score(value)


def _spo2(value: Number | None, scale: Number | None, on_oxygen: bool | None) -> int | None:
    if scale != 2:
        return _score(SPO2_SCALE_1_PERCENT, value)
    on_air, with_oxygen = _score(SPO2_SCALE_2_AIR_PERCENT, value), _score(SPO2_SCALE_2_OXYGEN_PERCENT, value)
    if on_oxygen is None:  # then only a value that scores the same either way has a score
        return on_air if on_air == with_oxygen else None
    return with_oxygen if on_oxygen else on_air


def _consciousness(acvpu: str | None) -> int | None:
    if not isinstance(acvpu, str) or not acvpu.strip():
        return None
    return 0 if acvpu.strip().upper() == "A" else RED_SCORE


def _in_units(value: Number, scale: int) -> int:
    if isinstance(value, int) or value == int(value):
        return int(value) * scale
    return int((Decimal(str(value)) * scale).to_integral_value(ROUND_HALF_UP))
