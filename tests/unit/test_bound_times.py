from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Bounds
from connectors.times import bound_values, is_iso, read_moment
from surveillance.settings import Times

LONDON = Times(zone="Europe/London")
LONDON_TEXT = Times(storage="text", zone="Europe/London")


def bounds(as_at: datetime, since: datetime | None = None) -> Bounds:
    return Bounds(as_at, since or as_at - timedelta(days=35), as_at - timedelta(days=400))


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  # a wall-clock time is meant


SUMMER = datetime(2026, 7, 1, 11, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "bound"),
    [
        (Times(), wall(2026, 7, 1, 11, 0, 0, 250_000)),
        (LONDON, wall(2026, 7, 1, 12, 0, 0, 250_000)),
        (LONDON_TEXT, "2026-07-01 12:00:00"),
        (Times(storage="text", format="%Y-%m-%dT%H:%M:%S%z", zone="Europe/London"), "2026-07-01T12:00:00+0100"),
        (Times(storage="epoch"), 1_782_903_600),
        (Times(storage="epoch", zone="Europe/London"), 1_782_903_600),
    ],
)
def test_bounds_take_the_form_of_the_source(times: Times, bound: object) -> None:
    assert bound_values(bounds(SUMMER), times)["as_at"] == bound


@pytest.mark.parametrize(
    ("utc", "upper", "lower"),
    [  # the clocks go back at 01:00 UTC: 01:00-01:59 is shown twice
        ((2026, 10, 25, 0, 30), wall(2026, 10, 25, 1, 30), wall(2026, 10, 25, 1, 0)),
        ((2026, 10, 25, 1, 5), wall(2026, 10, 25, 1, 59, 59, 999_999), wall(2026, 10, 25, 1, 0)),
        ((2026, 10, 25, 2, 5), wall(2026, 10, 25, 2, 5), wall(2026, 10, 25, 2, 5)),
        ((2026, 3, 29, 1, 5), wall(2026, 3, 29, 2, 5), wall(2026, 3, 29, 2, 5)),
    ],
)
def test_in_the_repeated_hour_no_row_that_happened_is_left_out(
    utc: tuple[int, ...], upper: datetime, lower: datetime
) -> None:
    moment = datetime(*utc, tzinfo=UTC)  # type: ignore[arg-type, misc]
    values = bound_values(bounds(moment, since=moment), LONDON)
    assert (values["as_at"], values["since"]) == (upper, lower)


@pytest.mark.parametrize(
    ("value", "times"),
    [
        (wall(2026, 7, 1, 12, 0), LONDON),
        (datetime(2026, 7, 1, 11, 0, tzinfo=UTC), LONDON),
        ("2026-07-01 12:00:00", LONDON_TEXT),
        ("2026-07-01T12:00:00.000", LONDON_TEXT),
        ("2026-07-01T11:00:00Z", LONDON_TEXT),
        ("01/07/26 12:00", Times(storage="text", zone="Europe/London", format="%d/%m/%y %H:%M")),
        (1_782_903_600, Times(storage="epoch")),
        (1_782_903_600.0, Times(storage="epoch", zone="Europe/London")),
    ],
)
def test_a_moment_comes_back_as_utc(value: object, times: Times) -> None:
    assert read_moment(value, times) == datetime(2026, 7, 1, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize("value", ["soon", "", 12, b"x", float("nan")])
def test_nonsense_is_no_moment(value: object) -> None:
    with pytest.raises(ValueError, match=r"^not a moment$"):
        read_moment(value, Times(storage="epoch" if value != value else "text"))


@pytest.mark.parametrize(
    ("form", "iso"),
    [
        ("%Y-%m-%d %H:%M:%S", True),
        ("%Y-%m-%dT%H:%M:%S.%f", True),
        ("%Y-%m-%dT%H:%M:%S%z", True),
        ("%Y-%m-%d %H:%M", True),
        ("%d/%m/%Y %H:%M", False),
        ("%Y%d%m %H%M%S", False),
    ],
)
def test_which_forms_can_be_read_without_knowing_them(form: str, iso: bool) -> None:
    assert is_iso(form) is iso
