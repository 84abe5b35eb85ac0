"""A screen on a wall as somebody in front of it sees it: live, partly live, not live, or nothing but words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.faults.walls.times import CHANCE, RIGHT_WITHIN_S

LIVE, SOME, LOST, WORDS, FALSE = "live", "some", "not live", "words", "contradictory"
"""What a screen looks like. ``SOME``: the header names what is not current. ``WORDS``: a page without figures."""

LOOKS = """() => {
  const wall = document.querySelector("#first-paint .wall") || document.querySelector("#live > .wall");
  if (!wall) return "words";
  const inView = (e) => {
    const box = e.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + Math.min(box.width / 2, 30), box.y + box.height / 2);
    return box.width > 0 && top !== null && (e === top || e.contains(top));
  };
  const header = [...wall.querySelectorAll(".freshness > .head")].find((e) => e.getBoundingClientRect().width);
  const places = [...wall.querySelectorAll(".tile, .cell, .row, .scale, .line, .cells")];
  const plain = places.filter((e) => !getComputedStyle(e).backgroundImage.includes("repeating-linear-gradient"));
  const lost = document.getElementById("lost");
  const alarm = lost !== null && inView(lost) && lost.textContent.includes("NOT LIVE");
  const says = header && inView(header.firstElementChild) && header.textContent.startsWith("● Live");
  const notLive = document.documentElement.classList.contains("not-live");
  if (alarm && notLive && !says && plain.length === 0 && places.length > 0) return "not live";
  if (alarm || notLive) return "contradictory";
  return says ? "live" : "some";
}"""

REMEMBER = f"""(() => {{
  const looks = {LOOKS};
  window.seen = [];
  setInterval(() => {{
    const now = document.readyState === "complete" ? looks() : "words";
    if (window.seen.at(-1) !== now) window.seen.push(now);
  }}, 100);
}})();"""


class Screen:
    """One page in a real browser, which nobody touches once it is open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"{error} {error.stack}"))

    @property
    def context(self) -> BrowserContext:
        """Its network."""
        return self.page.context

    def looks(self) -> str:
        """What it looks like now; while it loads, words."""
        try:
            seen: str = self.page.evaluate(LOOKS)
        except Error:
            return WORDS
        return seen

    def text(self, selector: str) -> str:
        """The text of the first such element; empty if there is none."""
        try:
            found: str = self.page.evaluate("selector => document.querySelector(selector)?.textContent ?? ''", selector)
        except Error:
            return ""
        return found

    def is_drawn(self, within: float = RIGHT_WITHIN_S) -> None:
        """Fail if Dash has not taken the place of the first paint in time."""
        there = "() => !!document.querySelector('#live > .wall') && !document.getElementById('first-paint')"
        self.shows(lambda: self._finds(there), within, "drawn")

    def is_marked(self) -> None:
        """Put a mark on the page that is gone when it is another."""
        self.page.evaluate("() => { window.mark = 1; }")

    def has_mark(self) -> bool:
        """Whether it is still the page that was marked."""
        return self._finds("() => window.mark === 1")

    def is_another_page(self, within: float = RIGHT_WITHIN_S) -> None:
        """Fail if it does not load anew in time."""
        self.shows(lambda: not self.has_mark(), within, "another page")

    def _finds(self, there: str) -> bool:
        try:
            return bool(self.page.evaluate(there))
        except Error:
            return False

    def number(self, measure: str) -> str:
        """The number that Dash shows for a measure; empty if it shows none."""
        return self.text(f"#live [id='0-{measure}-n']")

    def forget(self) -> None:
        """What it looked like until now does not count any more."""
        self.page.evaluate("() => { window.seen.length = 0; }")

    def seen(self) -> list[str]:
        """What it looked like since it was loaded or forgot, without repetitions."""
        seen: list[str] = self.page.evaluate("() => window.seen")
        return seen

    def comes_to(self, looks: str, within: float = RIGHT_WITHIN_S) -> None:
        """Fail if it does not look so in time."""
        self.shows(lambda: self.looks() == looks, within, looks)

    def shows(self, what: Callable[[], bool], within: float = RIGHT_WITHIN_S, named: str = "what it must show") -> None:
        """Fail if it does not show this in time."""
        began = time.monotonic()
        while not what():
            took = time.monotonic() - began
            assert took < within, f"after {took:.1f} s not {named}, but {self.looks()}: {self.text('#lost')!r}"
            self.page.wait_for_timeout(50)

    def stays(self, looks: str, seconds: float) -> None:
        """It has looked so, and nothing else, since it forgot, and goes on for so many seconds.

        The one place where time itself is what is waited for: something must not happen.
        """
        self.page.wait_for_timeout(1000 * seconds)
        seen = self.seen()
        assert set(seen) <= {looks}, f"it looked {seen}"
        assert self.looks() == looks


@contextmanager
def screen(browser: Browser, address: str, *, before: str = "", drawn: bool = True) -> Iterator[Screen]:
    """A screen that opens an address.

    ``before``: a script that runs before everything of the page. ``drawn``: wait until Dash has drawn the wall.
    """
    opened = browser.new_context(viewport={"width": 1366, "height": 768})
    try:
        page = opened.new_page()
        page.set_default_timeout(20_000)
        page.add_init_script(REMEMBER + CHANCE)
        if before:
            page.add_init_script(before)
        shown = Screen(page)
        page.goto(address)
        if drawn:
            shown.is_drawn()
        yield shown
        assert not shown.complaints, f"its own script must never fail: {shown.complaints}"
    finally:
        opened.close()
