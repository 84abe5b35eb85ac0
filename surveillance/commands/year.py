"""The simulated hospital's year before its start: weeks played again, read, gated and measured as any week is.

A process of its own that gives way to everybody else, begun by ``surveillance demo`` beside the walls. It goes through
the weeks from the newest back; what the store holds already is not done again, so it may be killed at any time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from surveillance.charts.closing import points_of
from surveillance.charts.points import ChartPoint, closes, midnight
from surveillance.compose import Moment, answered
from surveillance.demo.hospital import made_of
from surveillance.demo.site import CONFIG
from surveillance.demo.stretch import Made, Stretch, lived, stretches
from surveillance.errors import SurveillanceError
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Form, Measure
from surveillance.opening import Opened, open_site
from surveillance.settings import Settings
from surveillance.snapshot import Reading
from surveillance.store import Told, open_store, store_url

WEEKS = 52
PARTS = 2
"""Processes that share the work."""
GIVES_WAY = 10
"""How much lower than others' its priority is (``nice``)."""
BEFORE_MIDNIGHT = timedelta(minutes=1)
"""So long before a week is closed it is read."""
REACH_H = 218
"""Hours of rows that a closed week needs: its own, the day's on which it is read, those of the day before it, and two
for clocks that change. To ask for more takes longer; a measure that needs more says that it has not enough data."""
REACHES_H = {"obs_set": 336, "order": 336}
"""Feeds of which a measure needs more: whether something of the kind happened earlier in the same spell. Fourteen days;
an ordinary reading goes back thirty-five, and would see one still earlier in a longer spell."""
DAY = timedelta(days=1)
PREFIX = "past-"
"""What the folders of played weeks are called, so that those of a killed process are known."""


def charted_as(form: Form) -> list[Measure]:
    """The measures whose weeks become points in a way."""
    return [one for one in CATALOGUE.values() if one.charted and one.charted.form is form]


def feeds_of(measures: Sequence[Measure]) -> set[str]:
    """What measures read."""
    return {feed for one in measures for feed in (*one.feeds, *one.optional)}


class Reader:
    """Reads what some measures need of a site's sources as they were, and says what the measures said then."""

    def __init__(self, opened: Opened, form: Form) -> None:
        self._site = opened.site
        self.measures = [one for one in charted_as(form) if self._site.wards_of(one.id)]
        self.feeds = feeds_of(self.measures)
        self._readers = [one.reaching(REACHES_H, REACH_H, _settings(opened.settings)) for one in opened.readers]

    def close(self) -> None:
        """Give back connections."""
        for one in self._readers:
            one.connector.close()

    def at(self, moment: datetime) -> dict[tuple[str, str], Told]:
        """(measure, ward) → what was said at a moment."""
        found = Moment(self._site, self._feeds(moment), moment)
        readings = {
            (one.id, ward): _told(reading, moment)
            for one in self.measures
            for ward, reading in answered(found, one).readings.items()
        }
        found.forget()
        return readings

    def points(self, week: date, said: Sequence[dict[tuple[str, str], Told]]) -> list[ChartPoint]:
        """The points of a week that was watched from beginning to end, from what was said in it."""
        watched = [(midnight(week), closes(week))]
        return [
            point
            for one in self.measures
            if one.charted
            for ward in self._site.wards_of(one.id)
            for point in points_of(one, one.charted, ward, week, [told[one.id, ward] for told in said], watched)
        ]

    def _feeds(self, moment: datetime) -> dict[str, FeedData]:
        return {
            feed: reader.read(FEEDS[feed], moment, moment, {})
            for reader in self._readers
            for feed in reader.connector.feeds
            if feed in self.feeds
        }


def _settings(settings: Settings) -> Settings:
    """Without an expected census: before the hospital's own past only the spells that hold a harm are on record."""
    plausible = settings.plausibility.model_copy(update={"expected_census": None})
    return settings.model_copy(update={"plausibility": plausible})


def _told(reading: Reading, moment: datetime) -> Told:
    return Told(moment, reading.state, reading.version, reading.as_at, reading.parts, reading.detail)


class Played:
    """A stretch in a folder of its own, which is gone when ``kept`` is left."""

    def __init__(self, folder: Path, stretch: Stretch, made: Made) -> None:
        self.stretch, self.made = stretch, made
        self.kept = TemporaryDirectory(prefix=PREFIX, dir=folder)
        unread = frozenset(FEEDS) - feeds_of(charted_as(Form.CLOSED))
        self.config = stretch.play(Path(self.kept.name), made, unread)


class Year:
    """One of several processes that fill a demo's store."""

    def __init__(
        self, folder: Path, part: int = 0, parts: int = 1, weeks: int = WEEKS, ahead: Played | None = None
    ) -> None:
        """Opens the demo in a folder.

        ``part``: which process this is, from 0 to ``parts`` less 1. ``ahead``: what was played before.

        Raises:
            ConfigurationError: there is none.
        """
        self._folder = folder
        self._made = made_of(folder)
        self._part, self._parts, self._weeks = part, parts, weeks
        self._ahead = ahead
        self._opened = open_site(folder / CONFIG)
        settings = self._opened.settings.store
        self._store = open_store(store_url(settings), settings)

    def run(self, wanted: Callable[[], bool] = lambda: True) -> int:
        """Do whatever is missing for as long as it is ``wanted``; returns the number of weeks that were done."""
        done = 0
        for step in self._steps():
            if not wanted():
                break
            self._store.keep_points(step)
            done += 1
        return done

    def close(self) -> None:
        """Give back the store."""
        self._store.close()

    def _steps(self) -> Iterator[list[ChartPoint]]:
        """The points of one week after another."""
        reader = Reader(self._opened, Form.CLOSED)
        own = lived(self._made)
        if self._part == 0:
            yield from (_closed(reader, week) for week in self._missing(reader, own))
        for stretch in stretches(self._made, self._weeks)[self._part :: self._parts]:
            if weeks := self._missing(reader, stretch.mondays):
                yield from self._played(stretch, weeks)
        if self._part == self._parts - 1:
            # From the oldest on: what is entered late about a week is told by the next one, and stands.
            reader = Reader(self._opened, Form.EVENTS)
            mondays = [monday for stretch in stretches(self._made, self._weeks) for monday in stretch.mondays]
            yield from (_events(reader, week) for week in reversed(self._missing(reader, [*own, *mondays])))
        reader.close()

    def _played(self, stretch: Stretch, weeks: list[date]) -> Iterator[list[ChartPoint]]:
        ahead, self._ahead = self._ahead, None
        if ahead is None or (ahead.stretch, ahead.made) != (stretch, self._made):
            ahead = Played(self._folder, stretch, self._made)
        with ahead.kept:
            reader = Reader(open_site(ahead.config), Form.CLOSED)
            yield from (_closed(reader, week) for week in weeks)
            reader.close()

    def _missing(self, reader: Reader, mondays: Sequence[date]) -> list[date]:
        """Those of these weeks of which the store does not yet hold a point of every ward where there should be one."""
        missing = set()
        for one in reader.measures:
            points = self._store.points(one.id, None, min(mondays), max(mondays) + DAY) if mondays else []
            held = Counter(point.start for point in points)
            wards = len(self._opened.site.wards_of(one.id))
            missing |= {monday for monday in mondays if held[monday] < wards}
        return [monday for monday in mondays if monday in missing]


def _closed(reader: Reader, week: date) -> list[ChartPoint]:
    """What was said of a week last before it was closed."""
    return reader.points(week, [reader.at(closes(week) - BEFORE_MIDNIGHT)])


def _events(reader: Reader, week: date) -> list[ChartPoint]:
    """What was said at the beginning of each day from a week's first to the one after its last."""
    return reader.points(week, [reader.at(midnight(week + number * DAY)) for number in range(8)])


def tidy(folder: Path) -> None:
    """Remove what processes left that were killed."""
    for left in folder.glob(f"{PREFIX}*"):
        rmtree(left, ignore_errors=True)


def begin(folder: Path, made: Made | None) -> list[subprocess.Popen[bytes]]:
    """Start the processes; each waits for a byte before it looks at what stands in the folder.

    ``made``: what will be made there, if it is not there yet: until the byte comes they can play their first weeks.
    """
    tidy(folder)
    given = [] if made is None else [str(made.seed), str(made.begin), str(made.start), *made.wards]
    command = [sys.executable, "-m", __name__, str(folder)]
    return [subprocess.Popen([*command, str(part), str(PARTS), *given], stdin=subprocess.PIPE) for part in range(PARTS)]


def let_go(processes: list[subprocess.Popen[bytes]]) -> None:
    """The hospital stands in its folder."""
    for process in processes:
        if process.stdin:
            with suppress(BrokenPipeError):
                process.stdin.write(b"!")
                process.stdin.flush()


def main(folder: Path, part: int, parts: int, made: Made | None) -> None:
    """Work until nothing is missing, a signal comes or the parent process is gone."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    parent = os.getppid()
    os.nice(GIVES_WAY)
    first = stretches(made, WEEKS)[part : part + 1] if made else []
    ahead = Played(folder, first[0], made) if made and first else None
    if not sys.stdin.buffer.read(1):
        return  # the parent process is gone
    year = Year(folder, part, parts, ahead=ahead)
    year.run(lambda: os.getppid() == parent)
    year.close()


def _made(given: list[str]) -> Made | None:
    if not given:
        return None
    seed, begins, start = map(int, given[:3])
    return Made(seed, begins, start, tuple(given[3:]))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), _made(sys.argv[4:]))
    except SurveillanceError as error:
        sys.exit(f"the demo's year of past: {error}")
