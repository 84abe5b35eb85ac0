"""A recorded NEWS2 total that its own vital signs do not add up to is shown as recorded, and counted.

The scores are those of `surveillance.clinical.news2`, for whole columns at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from surveillance.clinical.news2 import (
    OXYGEN_SCORE,
    PULSE_PER_MIN,
    RED_SCORE,
    RESPIRATIONS_PER_MIN,
    SPO2_SCALE_1_PERCENT,
    SPO2_SCALE_2_AIR_PERCENT,
    SPO2_SCALE_2_OXYGEN_PERCENT,
    SYSTOLIC_MMHG,
    TEMPERATURE_C,
    Bands,
)
from surveillance.measures.picking import Array, folded

DIGITS = 6
"""Beyond these, a difference from a decimal is one of binary numbers only."""


def added_up(sets: pd.DataFrame) -> Array:
    """The NEWS2 of each row of ``obs_set`` by its own vital signs (RCP 2017, chart 1); NaN where one is missing."""
    spo2, oxygen = sets["spo2"].to_numpy(dtype=float), _on_oxygen(sets["o2"])
    second = (sets["spo2_scale"] == 2).to_numpy()
    of_second = np.where(
        oxygen == 1, _scores(SPO2_SCALE_2_OXYGEN_PERCENT, spo2), _scores(SPO2_SCALE_2_AIR_PERCENT, spo2)
    )
    total: Array = (
        _scores(RESPIRATIONS_PER_MIN, sets["rr"].to_numpy(dtype=float))
        + np.where(second, of_second, _scores(SPO2_SCALE_1_PERCENT, spo2))
        + oxygen * OXYGEN_SCORE
        + _scores(SYSTOLIC_MMHG, sets["sbp"].to_numpy(dtype=float))
        + _scores(PULSE_PER_MIN, sets["pulse"].to_numpy(dtype=float))
        + _consciousness(sets["acvpu"])
        + _scores(TEMPERATURE_C, sets["temp"].to_numpy(dtype=float))
    )
    return total


def differing(sets: pd.DataFrame) -> int:
    """How many rows of ``obs_set`` have a recorded total that is not the sum of their own, whole, parts."""
    own, recorded = added_up(sets), sets["news2_total"].to_numpy(dtype=float)
    return int((~np.isnan(own) & ~np.isnan(recorded) & (own != recorded)).sum())


def _scores(bands: Bands, values: Array) -> Array:
    units = np.floor(np.round(values * bands.scale, DIGITS) + 0.5)  # halves up
    scores = np.array([*bands.scores, np.nan])
    places = np.where(np.isnan(units), len(bands.scores), np.searchsorted(bands.edges, np.nan_to_num(units)))
    found: Array = scores[places]
    return found


def _on_oxygen(o2: pd.Series[Any]) -> Array:
    words = folded(o2)
    known: Array = np.where(words.isna() | (words == ""), np.nan, (words != "air").astype(float))
    return known


def _consciousness(acvpu: pd.Series[Any]) -> Array:
    known: Array = np.where(acvpu.isna(), np.nan, (acvpu != "A").to_numpy(dtype=float) * RED_SCORE)
    return known
