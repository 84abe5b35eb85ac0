"""Times are read as what they say, whatever wrote them; what cannot be read is marked and never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveillance.feeds.moments import (
    LONDON,
    instants,
    london_dates,
    london_midnight,
    micro,
    micros,
    read_dates,
    read_moments,
)

SUMMER_8 = "2026-07-02T07:00:00+00:00"
"""08:00 in London on 2 July."""


def column(*values: Any) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


def read(*values: Any, zone: str = "Europe/London", epoch: bool = False) -> list[str | None]:
    """Each value as ISO UTC, None where empty, "?" where unreadable."""
    moments = read_moments(column(*values), zone, epoch=epoch)
    assert moments.values.dtype == "datetime64[us, UTC]"
    return [
        "?" if odd else None if pd.isna(one) else one.isoformat()
        for one, odd in zip(moments.values, moments.unreadable, strict=True)
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2026-07-02T08:00",
        "2026-07-02 08:00:00",
        " 2026-07-02 08:00 ",
        "2026-07-02T07:00Z",
        "2026-07-02T08:00+01:00",
        "2026-07-02T12:30:00+05:30",
        "20260702T080000",
        datetime(2026, 7, 2, 8),  # noqa: DTZ001
        datetime(2026, 7, 2, 7, tzinfo=UTC),
        datetime(2026, 7, 2, 8, tzinfo=LONDON),
        datetime(2026, 7, 2, 2, tzinfo=timezone(timedelta(hours=-5))),
        pd.Timestamp("2026-07-02 07:00", tz="UTC"),
        np.datetime64("2026-07-02T08:00"),
    ],
)
def test_one_moment_however_it_is_written(written: Any) -> None:
    assert read(written) == [SUMMER_8]


def test_a_column_may_mix_all_of_them() -> None:
    written = [
        "2026-07-02T08:00",
        "2026-07-02T07:00Z",
        "2026-07-02T08:00+01:00",
        datetime(2026, 7, 2, 8),  # noqa: DTZ001
        datetime(2026, 7, 2, 8, tzinfo=LONDON),
        None,
        "nonsense",
    ]
    assert read(*written) == [SUMMER_8] * 5 + [None, "?"]


def test_a_time_without_an_offset_is_of_the_sources_zone() -> None:
    assert read("2026-07-02 08:00", zone="UTC") == ["2026-07-02T08:00:00+00:00"]
    assert read("2026-07-02 08:00", zone="America/New_York") == ["2026-07-02T12:00:00+00:00"]


@pytest.mark.parametrize("empty", [None, float("nan"), pd.NaT, "", "  ", "\t"])
def test_nothing_is_empty_and_not_unreadable(empty: Any) -> None:
    assert read(empty, "2026-07-02 08:00") == [None, SUMMER_8]
    dates = read_dates(column(empty, "2026-07-02"), "UTC")
    assert dates.unreadable.tolist() == [False, False]
    assert pd.isna(dates.values[0])


@pytest.mark.parametrize(
    "odd",
    [
        *("now", "today", "NOW", "never", "null", "NaT", "?", "08:00", "31/12/2026", "2026-02-30", "2026-13-01"),
        *(
            "2026-01-01T25:00",
            "1767225600",
            1767225600,
            20260101,
            5.5,
            True,
            Decimal(5),
            b"2026",
            time(8),
            timedelta(1),
        ),
    ],
)
def test_what_is_no_time_is_marked_and_never_guessed(odd: Any) -> None:
    assert read(odd, "2026-07-02 08:00") == ["?", SUMMER_8]
    assert read_dates(column(odd, "2026-07-02"), "UTC").unreadable.tolist() == [True, False]


def test_seconds_since_1970_are_read_where_the_source_stores_them_so() -> None:
    written = (1782975600, 1782975600.0, Decimal(1782975600), "1782975600", None)
    assert read(*written, epoch=True) == [SUMMER_8] * 4 + [None]
    assert read(1e300, "2026-07-02", epoch=True) == ["?", "?"]


def test_the_hour_that_autumn_repeats_is_read_as_summer_time_and_counted() -> None:
    local = ("2026-10-25T00:59:59", "2026-10-25T01:00", "2026-10-25T01:59:59", "2026-10-25T02:00")
    expected = ["2026-10-24T23:59:59", "2026-10-25T00:00:00", "2026-10-25T00:59:59", "2026-10-25T02:00:00"]
    assert read(*local) == [one + "+00:00" for one in expected]
    assert read_moments(column(*local), "Europe/London").repeated_hour == 2
    assert read_moments(column(*local, "2026-10-25T01:30Z"), "Europe/London").repeated_hour == 2


def test_an_offset_or_a_fold_tells_the_two_hours_of_autumn_apart() -> None:
    folds = [datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=fold) for fold in (0, 1)]
    expected = ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"]
    assert read(*folds) == expected
    assert read("2026-10-25T01:30+01:00", "2026-10-25T01:30+00:00") == expected
    assert read_moments(column(*folds), "Europe/London").repeated_hour == 0


@pytest.mark.parametrize("zone", ["UTC", "Europe/London"])
def test_a_long_column_of_few_texts_is_read_as_each_of_them_is(zone: str) -> None:
    texts = ["2026-10-25T01:30", "2026-10-25T01:30Z", None, "x", " ", "2026-03-29T01:30", "2026-07-02 08:00+02:00"]
    few, many = read_moments(column(*texts), zone), read_moments(column(*texts * 300), zone)
    assert many.values.tolist() == few.values.tolist() * 300
    assert many.values.dtype == few.values.dtype
    assert many.unreadable.tolist() == few.unreadable.tolist() * 300
    assert many.repeated_hour == few.repeated_hour * 300


def test_a_long_column_of_few_moments_keeps_the_two_hours_of_autumn_apart() -> None:
    folds = [datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=fold) for fold in (0, 1)]
    expected = ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"]
    assert read(*folds * 1000) == expected * 1000


def test_the_hour_that_spring_leaves_out_is_the_moment_of_the_change() -> None:
    local = ("2026-03-29T00:59", "2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T02:00")
    assert read(*local) == ["2026-03-29T00:59:00+00:00"] + ["2026-03-29T01:00:00+00:00"] * 3


def test_the_year_9999_of_an_open_end_is_read() -> None:
    for written in ("9999-12-31", "9999-12-31T23:59:59.9999999", datetime(9999, 12, 31)):  # noqa: DTZ001
        read_as = read(written, "2026-07-02 08:00:00.1234567")
        assert str(read_as[0]).startswith("9999-12-31")
        assert read_as[1] == "2026-07-02T07:00:00.123456+00:00"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-07-01", date(2026, 7, 1)),
        (date(2026, 7, 1), date(2026, 7, 1)),
        (datetime(2026, 7, 1), date(2026, 7, 1)),  # noqa: DTZ001
        ("2026-07-01T00:00:00", date(2026, 7, 1)),
        ("2026-06-30T23:00", date(2026, 7, 1)),  # midnight in London, as this source writes it
        ("2026-06-30T22:59Z", date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        ("2026-12-31T23:30Z", date(2026, 12, 31)),
        ("9999-12-31", date(9999, 12, 31)),
    ],
)
def test_an_instant_in_a_date_column_is_the_date_in_london(written: Any, expected: date) -> None:
    dates = read_dates(column(written), "UTC")
    assert dates.values[0].date() == expected
    assert not dates.unreadable.any()


@settings(max_examples=40, deadline=None)
@given(st.datetimes(datetime(1950, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_any_instant_survives_each_way_of_writing_it(moment: datetime) -> None:
    aware = moment.astimezone(ZoneInfo("Asia/Kolkata"))
    written = (moment, aware, moment.isoformat(), aware.isoformat(), moment.replace(tzinfo=None))
    assert read(*written, zone="UTC") == [moment.isoformat()] * 5
    values = read_moments(column(*written), "UTC").values
    assert instants(micros(values)).tolist() == values.tolist()
    assert micros(values)[0] == micro(values[0])
    assert london_dates(values)[0].date() == moment.astimezone(LONDON).date()
    midnight = london_midnight(values[0]).to_pydatetime()
    assert midnight.astimezone(LONDON).time() == time(0)
    assert timedelta(0) <= moment - midnight < timedelta(hours=25)


def test_an_unknown_moment_stays_unknown_in_microseconds() -> None:
    values = read_moments(column(None, "2026-07-02T08:00"), "UTC").values
    assert np.isnan(micros(values)).tolist() == [True, False]
    assert pd.isna(instants(micros(values))[0])
