from __future__ import annotations

import random

import pytest

from surveillance.polling.clock import at_speed, real_interval_s
from surveillance.polling.pace import KNOCK_S, Pace, knock_wait_s
from tests.displays import NOON, settings

CHANCE = random.Random(7)


def waits(interval: float, failures: range, took: float = 0.0) -> list[float]:
    return [Pace(interval).wait_s(number, took, CHANCE) for number in failures]


def test_a_source_that_answers_keeps_its_interval_from_start_to_start() -> None:
    for _ in range(50):
        assert Pace(60).wait_s(0, 20, CHANCE) == pytest.approx(40, abs=3.01)


def test_a_poll_longer_than_the_interval_is_followed_by_a_short_wait_not_by_none() -> None:
    assert 0 < Pace(10).wait_s(0, 25, CHANCE) < 1


def test_waits_double_with_each_failure_up_to_ten_intervals() -> None:
    found = waits(30, range(1, 9))
    for wait, base in zip(found, (30, 60, 120, 240, 300, 300, 300, 300), strict=True):
        assert base * 0.9 <= wait <= base


def test_no_wait_is_longer_than_ten_minutes_unless_the_interval_itself_is() -> None:
    assert max(waits(120, range(1, 40))) <= 600
    assert 0.9 * 3600 <= min(waits(3600, range(1, 40))) <= 3600


def test_sources_that_fail_together_do_not_come_back_together() -> None:
    assert len({round(Pace(30).wait_s(3, 0, CHANCE), 3) for _ in range(20)}) == 20


def test_a_fast_hospital_is_asked_more_often_and_not_called_stale_between_two_polls() -> None:
    clock = {"start": NOON, "real_start": NOON, "speed": 60}
    fast = settings(sources={"epr": {"url_env": "NONE", "interval_s": 30}}, clock=clock)
    assert real_interval_s(fast, "epr") == 2
    assert at_speed(fast).sources["epr"].promise_s >= 2 * 60 * 2
    usual = settings(sources={"epr": {"url_env": "NONE", "interval_s": 30}})
    assert real_interval_s(usual, "epr") == 30
    assert at_speed(usual) is usual


def test_a_source_is_knocked_at_every_few_seconds_and_a_slow_one_more_rarely() -> None:
    assert 0.9 * KNOCK_S <= knock_wait_s(0.01, CHANCE) <= KNOCK_S <= 5
    assert knock_wait_s(3, CHANCE) >= 54
