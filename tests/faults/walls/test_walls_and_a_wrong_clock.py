"""The screen's own clock is wrong, or the screen slept: the wall shows the hospital's time, and nothing old as live."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from surveillance.hub import Hub
from tests.displays import served, settings, snapshot, status
from tests.faults.walls.screen import LIVE, LOST, Screen, screen
from tests.faults.walls.times import WALL

LONDON = ZoneInfo("Europe/London")
PATIENT = {"beat_s": 0.3, "lost_after_s": 12}
"""A wall that says NOT LIVE here says so because of the clock, not because this computer is busy."""
SHIFTED = """(() => {
  const Real = Date;
  window.shift = %d;
  window.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + window.shift); }
    static now() { return Real.now() + window.shift; }
  };
})()"""
"""A clock that is wrong by so many milliseconds; a test may change it while the page lives."""


def present() -> Hub:
    """A hub that shows the present."""
    hub, now = Hub(), datetime.now(UTC)
    hub.site(settings(wall=PATIENT), lambda: datetime.now(UTC))
    stale = status("prescribing", "order", "stale", now - timedelta(minutes=10))
    shown = snapshot(as_at=now)
    hub.publish(type(shown)(now, shown.readings, shown.forecasts, sources=(status("epr", "spell"), stale)), 0.01)
    return hub


def shows_the_time(wall: Screen) -> bool:
    """Whether the wall's clock agrees with the hospital's."""
    now = datetime.now(LONDON)
    near = {f"{now - timedelta(seconds=2):%H:%M}", f"{now + timedelta(seconds=1):%H:%M}"}
    return wall.text("#live .clock") in near and wall.text("#live .date").startswith(f"{now:%a} {now.day} ")


@pytest.mark.parametrize("hours", [1, -24 * 400])
def test_a_wall_shows_the_hospitals_time_whatever_the_screens_clock_says(chromium: Browser, hours: int) -> None:
    before = SHIFTED % (hours * 3_600_000)
    with served(present()) as address, screen(chromium, f"{address}/ward/A1", before=before) as wall:
        assert wall.page.evaluate("() => Math.abs(Date.now() - performance.timeOrigin) > 3_500_000")
        wall.shows(lambda: shows_the_time(wall))
        assert wall.text("#live .chip .age").startswith("10 min"), "ages are the hospital's too"
        wall.forget()
        wall.page.wait_for_timeout(1500)  # a tick of its own
        assert LOST not in wall.seen()
        assert shows_the_time(wall)


def test_a_wall_whose_clock_is_put_right_says_so_for_a_moment_at_most(chromium: Browser) -> None:
    with served(present()) as address, screen(chromium, f"{address}/ward/A1", before=SHIFTED % -3_600_000) as wall:
        wall.shows(lambda: shows_the_time(wall))
        wall.page.evaluate("() => { window.shift = 0; }")
        wall.shows(lambda: shows_the_time(wall) and wall.looks() != LOST, 3)


SILENT = """(() => {
  const real = window.fetch;
  window.fetch = (...asked) => window.asleep ? new Promise(() => {}) : real(...asked);
})();"""


def test_a_screen_that_slept_says_not_live_at_once_and_not_only_when_its_silence_is_over(chromium: Browser) -> None:
    before = SILENT + SHIFTED % 0
    site = settings(wall={"beat_s": 5, "lost_after_s": 600})  # so only the sleep can be the reason
    hub = present()
    hub.site(site, lambda: datetime.now(UTC))
    with served(hub) as address, screen(chromium, f"{address}/ward/A1", before=before) as wall:
        wall.shows(lambda: shows_the_time(wall))
        wall.page.evaluate("() => { window.asleep = true; window.shift = 3_600_000; }")
        wall.comes_to(LOST, 3)
        wall.page.evaluate("() => { window.asleep = false; }")
        wall.page.reload()
        wall.shows(lambda: shows_the_time(wall))


def test_a_screen_that_slept_is_live_again_by_itself(chromium: Browser) -> None:
    hub = Hub()
    hub.site(settings(wall=WALL), lambda: datetime.now(UTC))
    hub.publish(snapshot(as_at=datetime.now(UTC)), 0.01)
    with served(hub) as address, screen(chromium, f"{address}/ward/A1", before=SHIFTED % 0) as wall:
        wall.comes_to(LIVE)
        streams: list[str] = []
        wall.page.on("request", lambda asked: streams.append(asked.url) if "/stream/" in asked.url else None)
        wall.page.evaluate("() => { window.shift = 3_600_000; }")
        wall.shows(lambda: streams != [], 3, "asking anew")
        wall.comes_to(LIVE)
        wall.shows(lambda: shows_the_time(wall))
