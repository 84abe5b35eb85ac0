"""The named screens: what they were told to do, and what they last reported of themselves."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from layouts.screens import ScreenLine
from surveillance.legibility import too_small
from surveillance.settings import Screen, Settings

EVERY_SCREEN = "all"
MISSED_REPORTS = 2.5
"""A screen that has not reported for so many of its intervals is dark."""
VIEWPORT = r"^(\d{1,5}) × (\d{1,5}) at [\d.]{1,20}$"
Words = Annotated[str, StringConstraints(max_length=200)]


class Report(BaseModel):
    """What a screen says of itself: times in seconds, the viewport in CSS pixels."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    build: Words
    uptime_s: float
    data_age_s: float | None
    viewport: Annotated[str, StringConstraints(pattern=VIEWPORT)]
    live: bool
    error: Words = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A report, and how many seconds ago it came."""

    report: Report
    ago_s: float


class Screens:
    """Any thread may ask and tell. Nothing here is kept when the program ends: a screen reports again by itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports: dict[str, tuple[Report, float]] = {}
        self._orders: dict[str, dict[str, int]] | None = None
        self._told: Callable[[], None] = lambda: None

    def tell(self, of_an_order: Callable[[], None]) -> None:
        """Call ``of_an_order`` after each order."""
        self._told = of_an_order

    def order(self, newest: Mapping[tuple[str, str], int]) -> None:
        """(screen or all, action) → number of the newest order, which is greater than those of earlier ones."""
        orders: dict[str, dict[str, int]] = {}
        for (name, action), number in newest.items():
            orders.setdefault(name, {})[action] = number
        with self._lock:
            self._orders = orders
        self._told()

    def orders(self, name: str) -> dict[str, int] | None:
        """Action → number of the newest order for this screen; None while that is not known."""
        with self._lock:
            if self._orders is None:
                return None
            for_all, own = self._orders.get(EVERY_SCREEN, {}), self._orders.get(name, {})
        return {action: max(for_all.get(action, 0), own.get(action, 0)) for action in {*for_all, *own}}

    def report(self, name: str, report: Report) -> None:
        """The screen says how it is."""
        with self._lock:
            self._reports[name] = report, monotonic()

    def heard(self) -> Mapping[str, Heard]:
        """The last report of every screen."""
        with self._lock:
            reports = dict(self._reports)
        return {name: Heard(report, monotonic() - at) for name, (report, at) in reports.items()}


def screen_lines(
    settings: Settings, screens: Screens, build: str, paired: Mapping[str, Sequence[str]] | None = None
) -> list[ScreenLine]:
    """How every screen of the site stands. ``paired``: screen → its pairings in words."""
    heard = screens.heard()
    names = {ward.code: ward.name for ward in settings.wards}
    lines = []
    for screen in settings.screens:
        shows = ", ".join(dict.fromkeys(names[page.ward] for page in screen.shown)) or f"executive: {screen.executive}"
        last = heard.get(screen.name)
        line = ScreenLine(screen.name, screen.place, shows, screen.profile, "never heard", small=too_small(screen))
        line = replace(line, paired=(paired or {}).get(screen.name, ()))
        if last:
            said = last.report
            line = replace(
                line,
                state=_state(last, build, settings.wall.report_s),
                heard_s=last.ago_s,
                uptime_s=said.uptime_s,
                data_age_s=said.data_age_s,
                viewport=said.viewport,
                build=said.build,
                error=said.error,
                small=[*line.small, *_turned(screen, said)],
            )
        lines.append(line)
    return lines


def _turned(screen: Screen, said: Report) -> list[str]:
    """Whether it hangs otherwise than configured."""
    size = re.match(VIEWPORT, said.viewport)
    upright = size is not None and int(size[1]) < int(size[2])
    return [] if upright == (screen.orientation == "portrait") else [f"it is configured as {screen.orientation}"]


def _state(last: Heard, build: str, report_s: float) -> str:
    if last.ago_s > MISSED_REPORTS * report_s:
        return "dark"
    if not last.report.live:
        return "old (not live)"
    return "up" if last.report.build.startswith(f"{build}.") else "old (another build)"
