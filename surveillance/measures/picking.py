"""Whole columns looked up and picked from at once: where a key stands, and which row of a group is the last."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]


def places_in(index: pd.Index[Any], keys: pd.Series[Any]) -> Array:
    """The place in ``index`` of each key, -1 where it has none; equal keys are looked up once."""
    codes, distinct = pd.factorize(keys.to_numpy(dtype=object))
    places: Array = np.append(index.get_indexer(pd.Index(distinct)), -1)[codes]  # -1, an empty key, is the last
    return places


def folded(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Texts in small letters without white space around them; equal ones are looked at once."""
    codes, distinct = pd.factorize(texts.to_numpy(dtype=object))
    small = pd.array([*(text.strip().lower() for text in distinct), None], dtype="str")
    return pd.Series(small.take(codes), index=texts.index)  # -1, an empty text, takes the last


def last_of_each(size: int, group: Array, *order: Array) -> Array:
    """For each of ``size`` groups the place of its greatest element by ``order`` (least weight first), -1 for none.

    Of equal ones the last stands. Nothing in ``order`` may be NaN.
    """
    left = np.arange(len(group))
    for key in reversed(order):
        greatest = np.full(size, -np.inf)
        np.maximum.at(greatest, group[left], key[left])
        left = left[key[left] == greatest[group[left]]]
    last = np.full(size, -1)
    last[group[left]] = left
    return last
