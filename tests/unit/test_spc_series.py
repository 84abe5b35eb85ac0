"""A series is sorted by date; what is none is refused with its position, and never with a value of a patient."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.spc import Series, SeriesError, series

DAYS = [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]


def test_sorted_by_date() -> None:
    made = series([DAYS[2], DAYS[0], DAYS[1]], [3, 1, None])
    assert made == Series(tuple(DAYS), (1.0, None, 3.0))
    assert series([], []) == Series((), ())


@pytest.mark.parametrize("value", [2, 2.0, Decimal(2), np.float64(2), np.int64(2)], ids=lambda v: type(v).__name__)
def test_numbers_become_floats(value: Any) -> None:
    (number,) = series(DAYS[:1], [value]).values
    assert (type(number), number) == (float, 2.0)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, "not a finite number but bool"),
        (np.bool_(True), "not a finite number but bool"),
        ("12", "not a finite number but str"),
        (float("nan"), "not a finite number but nan"),
        (float("-inf"), "not a finite number but -inf"),
        (Decimal("sNaN"), "not a finite number but Decimal"),
        (10**400, "not a finite number but int"),
        (1e101, "too large for a measurement"),
        (-(10**200), "too large for a measurement"),
        ([1], "not a finite number but list"),
        (1j, "not a finite number but complex"),
        (pd.NA, "not a finite number but NAType"),
    ],
    ids=str,
)
def test_no_number(value: Any, told: str) -> None:
    with pytest.raises(SeriesError, match=f"position 1: {told}"):
        series(DAYS, [None, value, 3])


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ([DAYS[0], DAYS[1], DAYS[0]], "position 2: the date 2026-03-02 is already that of position 0"),
        ([DAYS[0], "2026-03-09", DAYS[2]], "position 1: not a date but str"),
        ([DAYS[0], None, DAYS[2]], "position 1: not a date but NoneType"),
        ([DAYS[0], DAYS[1], datetime(2026, 3, 16, tzinfo=UTC)], "position 2: dates, times"),
        ([datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9), DAYS[2]], "position 1: dates, times"),  # noqa: DTZ001
        (DAYS[:2], "2 dates and 3 values"),
    ],
)
def test_no_dates(dates: list[Any], told: str) -> None:
    with pytest.raises(SeriesError, match=told):
        series(dates, [1, 2, 3])


def test_an_error_of_a_series_is_a_value_error() -> None:
    assert issubclass(SeriesError, ValueError)


def test_phases_start_at_rebase_dates_that_are_in_the_data() -> None:
    made = series(DAYS[::-1], [1, 2, 3])
    assert made.phases([]) == ()
    assert made.phases([date(2026, 3, 16), date(2026, 3, 9), date(2026, 3, 10), date(1999, 1, 1)]) == (1, 2)
    assert made.phases(iter([DAYS[0]])) == (0,)


def test_hours_of_a_day() -> None:
    hours = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (8, 7)]
    assert series(hours, [1, 2]).values == (2.0, 1.0)
