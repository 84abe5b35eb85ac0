from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from layouts.status import status
from surveillance.errors import ConfigurationError
from surveillance.hub import Hub
from surveillance.polling.clock import quiet_s
from surveillance.polling.composer import Composer
from surveillance.polling.pace import Pace
from surveillance.polling.poller import Poller
from surveillance.quiet import quiet_now, quiet_until
from surveillance.settings import Settings, Source
from tests.displays import settings
from tests.programs import until
from tests.unit.test_poller import Clock, Deaf, FakeSource, site_of

MINUTE = timedelta(minutes=1)


def quiet(*spans: str, clock: dict[str, Any] | None = None) -> Settings:
    return settings(sources={"epr": {"url_env": "NONE", "quiet_hours": spans}}, clock=clock)


def ends(*spans: str, at: str) -> str | None:
    """When the quiet hours that hold at a UTC moment are over."""
    over = quiet_until(quiet(*spans).sources["epr"].quiet_hours, datetime.fromisoformat(at).replace(tzinfo=UTC))
    return f"{over:%Y-%m-%d %H:%M}" if over else None


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-01-10 00:59:59", None),
        ("2026-01-10 01:00", "2026-01-10 02:30"),
        ("2026-01-10 02:29:59", "2026-01-10 02:30"),
        ("2026-01-10 02:30", None),
        ("2026-07-10 00:10", "2026-07-10 01:30"),  # the times are those of a clock on the wall
        ("2026-07-10 01:30", None),
    ],
)
def test_they_hold_from_their_first_minute_to_their_last(at: str, over: str | None) -> None:
    assert ends("01:00-02:30", at=at) == over


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-01-10 22:59", None),
        ("2026-01-10 23:30", "2026-01-11 00:15"),
        ("2026-01-11 00:14", "2026-01-11 00:15"),
        ("2026-01-11 00:15", None),
    ],
)
def test_they_may_go_over_midnight(at: str, over: str | None) -> None:
    assert ends("23:00-00:15", at=at) == over


def test_hours_that_follow_each_other_are_one() -> None:
    assert ends("01:00-02:00", "02:00-03:00", at="2026-01-10 01:10") == "2026-01-10 03:00"


def test_on_the_night_that_has_an_hour_twice_it_is_quiet_both_times() -> None:
    assert ends("01:00-02:00", at="2026-10-25 00:10") == "2026-10-25 02:00"  # 01:10 in summer time
    assert ends("01:00-02:00", at="2026-10-25 01:10") == "2026-10-25 02:00"  # 01:10 again


def test_on_the_night_that_leaves_an_hour_out_so_do_they() -> None:
    assert ends("01:00-02:00", at="2026-03-29 01:00") is None  # 02:00 in summer time
    assert ends("00:30-02:30", at="2026-03-29 00:40") == "2026-03-29 01:30"


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        (["01:00"], 'write two times of day, as "01:00-02:30"'),
        (["25:00-26:00"], 'write two times of day, as "01:00-02:30"'),
        ([7], 'write two times of day, as "01:00-02:30"'),
        (["01:00-01:00"], "they end when they begin"),
        (["00:00-12:00", "12:00-00:00"], "leave no minute of the day"),
    ],
)
def test_hours_that_cannot_be_meant_stop_start_up(spans: list[Any], words: str) -> None:
    with pytest.raises((ValueError, ConfigurationError), match=words):
        Source(url_env="NONE", quiet_hours=tuple(spans))


def test_status_says_which_source_is_not_asked_and_until_when() -> None:
    now = datetime(2026, 1, 10, 1, 5, tzinfo=UTC)
    page = str(status(None, now, {}, quiet=quiet_now(quiet("01:00-02:30"), now)))
    assert "quiet hours: not asked until 02:30" in page
    assert quiet_now(quiet("01:00-02:30"), now + 90 * MINUTE) == {}


def test_they_are_meant_in_the_hospitals_time() -> None:
    start = datetime(2026, 1, 10, 1, 0, tzinfo=UTC)
    fast = quiet("01:00-02:30", clock={"start": start, "real_start": start, "speed": 60})
    assert quiet_s(fast, "epr", start) == 90
    assert quiet_s(quiet("01:00-02:30"), "epr", start) == 90 * 60


def test_a_source_is_left_alone_in_its_quiet_hours_and_asked_after_them() -> None:
    source, rested, left = FakeSource("epr", ("spell",)), list[str](), [0.0]
    source.rest = lambda: rested.append("let go")  # type: ignore[attr-defined]
    readers: Sequence[Any] = [source]
    composer = Composer(site_of(), {"spell": "epr"}, Hub(), Deaf(), Clock(), None)
    pace = {"epr": Pace(0.01)}
    poller = Poller(readers, composer, pace, Clock(), random.Random(1), quiet_s=lambda *_: left[0])
    poller.start()
    try:
        until(lambda: source.polls > 1)
        left[0] = 3600.0
        until(lambda: rested)
        asked = source.polls
        on_its_way = threading.Thread(target=poller._knock, args=("epr",))
        on_its_way.start()
        on_its_way.join()
        assert (source.polls, source.knocks) == (asked, 0)
        left[0] = 0.0
        poller.resume("epr")
        until(lambda: source.polls > asked)
    finally:
        assert poller.close()
