"""Whole columns of an answer, as Arrow holds them: what each is asked for as, so that no value is bent, and a frame.

A driver offers the nearest type that it has, and fills it as it can: a ``DOUBLE PRECISION`` comes as a float of half
its size, an unsigned number as a signed one, a number without a scale with six places. So each kind of column is asked
for as a type in which every one of its values is itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.rows import Objects, plain


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is asked for, and what turns a value of that into the source's own."""

    asked: Any
    """A type of Arrow's."""
    value: Callable[[Any], Any] | None = None
    """None: the value is right as Arrow gives it."""


TEXT = Reading(pa.string())
WHOLE = Reading(pa.int64())
EXACT = Reading(pa.string(), lambda text: plain(Decimal(text)))
LONG_WHOLE = Reading(pa.string(), int)
"""Unsigned numbers of 64 bits are offered as signed ones, in which the upper half would be negative."""
NUMBER = Reading(pa.float64())
MOMENT = Reading(pa.timestamp("us"))
DAY = Reading(pa.date32())
BYTES = Reading(pa.binary())
TRUTH = Reading(pa.bool_())
BIT = Reading(pa.int64(), bool)
"""MariaDB's driver fills a column of truths with nothing at all."""


def reading_of(column: Any, *, unsigned: bool) -> Reading | None:
    """How to ask for ``column`` (a field of the schema that the driver offers); None: it cannot be read this way.

    ``unsigned``: whether the database has numbers that are never negative.
    """
    kind, types = column.type, pa.types
    if types.is_string(kind):
        return TEXT
    if types.is_int64(kind):
        return LONG_WHOLE if unsigned else WHOLE
    if types.is_integer(kind):
        return WHOLE
    if types.is_decimal(kind) and (kind.scale == 0 or (not unsigned and kind.precision > kind.scale)):
        return EXACT
    if types.is_floating(kind) or types.is_decimal(kind):
        return NUMBER  # as a text "-0.5" has one letter more than there is room for, which MariaDB's driver cuts off
    if types.is_timestamp(kind) and kind.tz is None:
        return MOMENT
    if types.is_date(kind):
        return DAY
    if types.is_boolean(kind):
        return BIT if unsigned else TRUTH
    if types.is_binary(kind) or types.is_fixed_size_binary(kind):
        return BYTES
    return None


def longest(column: Any) -> int:
    """The bytes of the longest text or bytes in ``column`` (an array of Arrow's); 0 of other columns."""
    if not pa.types.is_string(column.type) and not pa.types.is_binary(column.type):
        return 0
    return pc.max(pc.binary_length(column)).as_py() or 0


def frame_of_columns(
    names: Sequence[str], wanted: Sequence[int], readings: Sequence[Reading], batches: Iterable[Any]
) -> pd.DataFrame:
    """A frame of the ``wanted`` positions of every batch, named from ``names``.

    Columns are as ``connectors.rows.frame_of`` makes them, but for moments: theirs are ``datetime64[us]``, which spares
    a Python object for each.
    """
    held: dict[int, list[Any]] = {position: [] for position in wanted}
    for batch in batches:
        for position, chunks in held.items():
            chunks.append(batch.column(position))
    return pd.DataFrame(
        {names[position]: _series(chunks, readings[position]) for position, chunks in held.items()}, copy=False
    )


def _series(chunks: list[Any], reading: Reading) -> pd.Series[Any]:
    column = pa.chunked_array(chunks, type=reading.asked).combine_chunks()
    if reading is MOMENT:
        return pd.Series(column.to_numpy(zero_copy_only=False))
    return pd.Series(objects_of(column, reading), dtype=object)


def objects_of(column: Any, reading: Reading) -> Objects:
    """The values of ``column`` (an array of Arrow's) as Python objects, equal ones held once.

    Raises:
        ValueError, OverflowError: a moment or day that Python cannot hold.
    """
    encoded = column.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    words: Objects = np.empty(len(distinct) + 1, dtype=object)  # the last is None
    words[:-1] = distinct if reading.value is None else [reading.value(value) for value in distinct]
    given: Objects = words[encoded.indices.fill_null(len(distinct)).to_numpy()]
    return given
