"""Rows from a driver become a frame of object columns, with equal texts held once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

CHUNK_ROWS = 500
"""Rows fetched at once: few enough to be still in the processor's cache when they are turned into columns."""
SHARED_SHARE = 0.5
"""A column in which more than this share of a chunk's texts is new holds keys: sharing would only cost time."""
EXACT_TO = 2.0**53
"""From here on a float stands for several whole numbers."""

Objects = np.ndarray[Any, np.dtype[np.object_]]


def plain(value: Decimal) -> float | int:
    """A float; of whole numbers that floats cannot tell apart, as keys may be, the number itself."""
    number = float(value)
    if abs(number) < EXACT_TO or not value.is_finite() or value != value.to_integral_value():
        return number
    return int(value)


class _Column:
    """The values of one column so far."""

    def __init__(self) -> None:
        self._chunks: list[Objects] = []
        self._shared: dict[Any, Any] | None = {}

    def add(self, chunk: Sequence[Any]) -> None:
        kinds = set(map(type, chunk))
        values: Iterable[Any] = chunk
        if Decimal in kinds:
            values = (plain(value) if type(value) is Decimal else value for value in chunk)
        elif self._shared is not None and kinds <= {str, type(None)}:
            values = map(self._shared.setdefault, chunk, chunk)
        before = len(self._shared or ())
        self._chunks.append(np.fromiter(values, dtype=object, count=len(chunk)))
        if self._shared is not None and len(self._shared) - before > SHARED_SHARE * len(chunk):
            self._shared = None

    def whole(self) -> Objects:
        return np.concatenate(self._chunks) if self._chunks else np.empty(0, dtype=object)


def frame_of(names: Sequence[str], wanted: Sequence[int], chunks: Iterable[Sequence[Sequence[Any]]]) -> pd.DataFrame:
    """A frame of the ``wanted`` positions of every row of ``chunks``, named from ``names``.

    All columns are object columns with the driver's own values, but for decimals, which are ``plain``.
    """
    columns = {position: _Column() for position in wanted}
    for chunk in chunks:
        for position, values in enumerate(zip(*chunk, strict=True)):
            if position in columns:
                columns[position].add(values)
    return pd.DataFrame(
        {names[position]: pd.Series(column.whole(), dtype=object) for position, column in columns.items()}, copy=False
    )


def objects(values: Sequence[Any]) -> pd.Series[Any]:
    """``values`` as an object column; nothing is inferred, so a text stays a text."""
    return pd.Series(np.fromiter(values, dtype=object, count=len(values)), dtype=object)
