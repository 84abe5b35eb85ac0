"""Some weeks of an earlier time, played by the same generator into databases that are thrown away once they are read.

A stretch is a hospital of its own: the same wards, ways and planted effects, other people. What comes later than its
end is not written; what the packs ask for at an earlier moment is what was true then, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain
from math import ceil
from pathlib import Path

from surveillance.demo import site
from surveillance.demo.bulk import Bulk, no_cycles_sought
from surveillance.demo.generator import Generator
from surveillance.demo.localtime import DAY, at, following
from surveillance.demo.story import Story, week_of, weeks_before
from surveillance.demo.systems import SYSTEM_OF, SYSTEMS
from surveillance.demo.wards import chosen

STRETCHES = 6
"""Into so many a year is cut: fewer spare lead-in, more are ready sooner, and two processes share an even number."""
WARM_UP_DAYS = 4
"""Days played before the first week that counts: who leaves and who comes is no longer who lay there at the beginning,
and what is due then follows from what was done before."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a demo was made with, as seconds since 1970."""

    seed: int
    begin: int
    start: int
    wards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Weeks that are played together, by their Mondays, the newest first."""

    mondays: tuple[date, ...]

    @property
    def begin(self) -> int:
        """When it is begun to be played."""
        return at(following(self.mondays[-1], -WARM_UP_DAYS), 0)

    @property
    def end(self) -> int:
        """The end of the day after its last week."""
        return at(following(weeks_before(self.mondays[0], -1)), 0)

    def play(self, folder: Path, made: Made, unread: frozenset[str] = frozenset()) -> Path:
        """Write its databases and their configuration into a folder; returns the configuration.

        ``unread``: feeds that nobody will ask for, of which some then stay empty.
        """
        end = self.end
        # The same numbers would bring the same patients in every stretch.
        seed = int(f"{abs(made.seed)}{self.mondays[-1]:%Y%m%d}")
        wards = chosen(made.wards)
        told = Story(made.start)
        generator = Generator(wards, seed, self.begin, told, unread)
        bulk = {name: Bulk(folder, name, lasting=False) for name in SYSTEMS}
        add = {table: bulk[name].batch.add for table, name in SYSTEM_OF.items()}
        with no_cycles_sought():
            for writes in chain(generator.opening(), generator.until(end)):
                lasts = bool(writes) and writes[-1].at > end
                for write in [write for write in writes if write.at <= end] if lasts else writes:
                    add[write.table](write)
                for system in bulk.values():
                    system.flush()
            for system in bulk.values():
                system.finish(end)
        urls = {name: f"sqlite+demo:///{folder.absolute() / f'{name}.sqlite'}" for name in SYSTEMS}
        return site.write(folder, wards, urls, None, told)


def lived(made: Made) -> list[date]:
    """The Mondays of the closed weeks that the demo's own databases hold whole, the newest first.

    A week is closed when the day after it is over.
    """
    last = weeks_before(week_of(made.start - DAY), 1)
    mondays = []
    while at(following(last, -WARM_UP_DAYS), 0) >= made.begin:
        mondays.append(last)
        last = weeks_before(last, 1)
    return mondays


def stretches(made: Made, weeks: int) -> list[Stretch]:
    """The weeks before those, up to ``weeks`` in all, the newest first."""
    own = lived(made)
    before = weeks_before(week_of(made.start - DAY), 1 + len(own))
    mondays = [weeks_before(before, number) for number in range(weeks - len(own))]
    size = max(ceil(len(mondays) / STRETCHES), 1)
    return [Stretch(tuple(mondays[place : place + size])) for place in range(0, len(mondays), size)]
