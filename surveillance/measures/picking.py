"""Whole columns looked up and picked from at once: where a key stands, and which row of a group is the last."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Latest:
    """Rows by group and time, to look up which was the last of a group at many moments."""

    rows: Array
    keys: Array
    times: Array

    @classmethod
    def of(cls, group: Array, times: Array) -> Latest:
        """Rows of groups (-1: of none, never found) at their times; of rows at one time the last stands."""
        rows = np.flatnonzero((group >= 0) & ~np.isnan(times))
        distinct, rank = np.unique(times[rows], return_inverse=True)
        keys = group[rows] * (len(distinct) + 1) + rank + 1
        order = np.argsort(keys, kind="stable")
        return cls(rows[order], keys[order], distinct)

    def by(self, group: Array, at: Array) -> Array:
        """For each group its last row at or before ``at``, -1 where it has none."""
        span = len(self.times) + 1
        if span == 1:
            return np.full(len(group), -1)
        rank = np.searchsorted(self.times, at, side="right")
        place = np.searchsorted(self.keys, group * span + rank, side="right") - 1
        found: Array = np.where((place >= 0) & (self.keys[place] // span == group), self.rows[place], -1)
        return found
