"""The simulated hospital as an object: made or continued in a folder, and moved on to any later moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from surveillance.demo import faults, site
from surveillance.demo.agenda import Agenda
from surveillance.demo.bulk import Bulk, no_cycles_sought
from surveillance.demo.generator import Generator
from surveillance.demo.localtime import DAY, seconds
from surveillance.demo.records import Write
from surveillance.demo.story import Story
from surveillance.demo.stretch import Made
from surveillance.demo.systems import SHAPE, SYSTEM_OF, SYSTEMS, apply, writer
from surveillance.demo.wards import Choice, chosen
from surveillance.errors import ConfigurationError

AGENDA = "agenda.sqlite"
DAYS = 35
"""Days of past that a hospital is made with."""
LONGEST_GAP_DAYS = 35
"""A hospital that stood still for longer is made anew."""
PRESENT_S = 5.0
"""A start within so many seconds of the computer's clock, when creation is asked for, is the present."""
_STEP = DAY
"""Moving on by more is done in steps, so that memory stays small."""


class DemoHospital:
    """Four databases that hold everything up to one moment, and an agenda of what comes next."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.config = self.folder / site.CONFIG
        elsewhere = site.elsewhere(self.folder)
        self.urls = {name: f"sqlite+demo:///{self.folder / f'{name}.sqlite'}" for name in SYSTEMS} | elsewhere
        """Source → the URL under which the program reads it: read-only and with faults, if it is a file of ours."""
        self._agenda = Agenda(self.folder / AGENDA)
        self._engines = {name: writer(elsewhere.get(name, self.folder / f"{name}.sqlite")) for name in SYSTEMS}
        made = self._agenda.read("made")
        if made is None:
            raise ConfigurationError(f"{self.folder}: no simulated hospital stands here")
        if made.get("shape") != SHAPE:
            raise ConfigurationError(f"{self.folder}: an earlier version made this simulated hospital; start it anew")
        self.wards = chosen(made["wards"])
        self.told = Story(made["start"])
        self._generator = Generator(self.wards, made["seed"], made["begin"], self.told)
        state = self._agenda.read("generator")
        self._generator.restore(state)
        self._seq: int = state["seq"]

    @classmethod
    def open(cls, folder: Path) -> DemoHospital:
        """The hospital that stands in a folder.

        Raises:
            ConfigurationError: there is none, or one with the tables of an earlier version.
        """
        if not (folder / AGENDA).exists():
            raise ConfigurationError(f"{folder}: no simulated hospital stands here")
        return cls(folder)

    @property
    def position(self) -> datetime:
        """Up to when everything has been written to every system that does not stall."""
        return datetime.fromtimestamp(max(self._positions().values()), UTC)

    def advance_to(self, now: datetime) -> int:
        """Write everything that is due up to ``now``; returns the number of writes.

        A system that stalls gets nothing and catches up when it no longer does. An earlier ``now`` does nothing.
        After an error open the hospital anew: the databases are whole, this object may not be.
        """
        target = seconds(now)
        positions = self._positions()
        number = 0
        moment = min(max(positions.values()), target)
        while True:
            moment = min(moment + _STEP, target)
            self._prepare(moment)
            number += self._apply(moment, positions)
            if moment >= target:
                return number

    def close(self) -> None:
        """Give back the files; the object is of no use afterwards."""
        for engine in (self._agenda.engine, *self._engines.values()):
            engine.dispose()

    def _prepare(self, now: int) -> None:
        """Everybody who arrives up to ``now`` comes on the agenda, in one transaction with the generator's state."""
        arrivals = list(self._generator.until(now))
        if not arrivals:
            return
        with self._agenda.engine.begin() as connection:
            for writes in arrivals:
                self._seq = Agenda.put(connection, writes, self._seq)
            Agenda.keep(connection, "generator", self._generator.state() | {"seq": self._seq})

    def _apply(self, now: int, positions: dict[str, int]) -> int:
        number = 0
        for name, system in SYSTEMS.items():
            if positions[name] >= now or faults.fault_of(self.folder, name) == "stall":
                continue
            with self._engines[name].begin() as connection:
                number += apply(system, connection, self._agenda.due(name, positions[name], now))
                system.beat(connection, now)
            positions[name] = now
        self._agenda.forget(positions)
        return number

    def _positions(self) -> dict[str, int]:
        positions = {}
        for name, system in SYSTEMS.items():
            with self._engines[name].connect() as connection:
                positions[name] = system.position(connection)
        return positions


def create(
    folder: Path,
    *,
    seed: int,
    start: datetime,
    speed: float = 1.0,
    days: int = DAYS,
    wards: Choice = None,
    into: Mapping[str, str] | None = None,
) -> DemoHospital:
    """A hospital with ``days`` of past at ``start``, or the one that stands in the folder, moved on to ``start``.

    The one in the folder goes on if it has the same tables, seed, wards and days and ``start`` lies neither before its
    own start nor more than 35 days after what it holds; it never goes back. Otherwise everything in the folder that
    belongs to it, its store of snapshots too, is made anew.

    ``into``: source → the URL of an empty database, written to and read by the same login; faults other than "stall"
    are not known there. The others are SQLite files in the folder.

    Raises:
        ConfigurationError: an unknown ward or source; or a database is not empty.
    """
    called = datetime.now(UTC)
    made = _wanted(seed, start, days, wards)
    if into:
        for name in into:
            faults.check_source(name)
        made["into"] = sorted(into)
    folder.mkdir(parents=True, exist_ok=True)
    hospital = _standing(folder, made)
    if hospital is None:
        _clear(folder)
        site.write_urls(folder, into or {})
        _make(folder, made)
        hospital = DemoHospital(folder)
    hospital.advance_to(start)
    begins = max(start, hospital.position)
    present = speed == 1 and abs((begins - called).total_seconds()) < PRESENT_S
    clock = None if present else (begins, datetime.now(UTC), speed)
    hospital.config = site.write(hospital.folder, hospital.wards, hospital.urls, clock, hospital.told)
    return hospital


def to_be_made(folder: Path, *, seed: int, start: datetime, days: int = DAYS, wards: Choice = None) -> Made | None:
    """What ``create`` would make; None where it would go on with the hospital that stands in the folder."""
    made = _wanted(seed, start, days, wards)
    if hospital := _standing(folder, made):
        hospital.close()
        return None
    return Made(seed, made["start"] - days * DAY, made["start"], tuple(made["wards"]))


def _wanted(seed: int, start: datetime, days: int, wards: Choice) -> dict[str, Any]:
    codes = [ward.code for ward in chosen(wards)]
    return {"shape": SHAPE, "seed": seed, "days": days, "wards": codes, "start": seconds(start)}


def made_of(folder: Path) -> Made:
    """What the hospital in a folder was made with.

    Raises:
        ConfigurationError: there is none.
    """
    agenda = Agenda(folder / AGENDA) if (folder / AGENDA).exists() else None
    made = agenda.read("made") if agenda else None
    if agenda is None or made is None:
        raise ConfigurationError(f"{folder}: no simulated hospital stands here")
    agenda.engine.dispose()
    return Made(made["seed"], made["begin"], made["start"], tuple(made["wards"]))


def _standing(folder: Path, wanted: dict[str, Any]) -> DemoHospital | None:
    """The hospital in the folder, if it is the wanted one and can go on."""
    if not (folder / AGENDA).exists():
        return None
    agenda = Agenda(folder / AGENDA)
    made = agenda.read("made")
    agenda.engine.dispose()
    if made is None or any(made.get(key) != wanted.get(key) for key in ("shape", "seed", "days", "wards", "into")):
        return None
    hospital = DemoHospital(folder)
    ahead = wanted["start"] - seconds(hospital.position)
    if wanted["start"] >= made["start"] and ahead <= LONGEST_GAP_DAYS * DAY:
        return hospital
    hospital.close()
    return None


def _clear(folder: Path) -> None:
    faults.clear(folder)
    for name in (*SYSTEMS, "agenda", "store"):
        for path in folder.glob(f"{name}.sqlite*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        (folder / f"{name}.url").unlink(missing_ok=True)


def _make(folder: Path, made: dict[str, Any]) -> None:
    """The past, written in bulk; the last transaction makes the hospital exist."""
    start: int = made["start"]
    begin = start - made["days"] * DAY
    with no_cycles_sought():
        _write_past(folder, made, start, begin)


def _write_past(folder: Path, made: dict[str, Any], start: int, begin: int) -> None:
    generator = Generator(chosen(made["wards"]), made["seed"], begin, Story(start))
    agenda = Agenda(folder / AGENDA)
    elsewhere = site.elsewhere(folder)
    bulk = {name: Bulk(folder, name, url=elsewhere.get(name)) for name in SYSTEMS}
    with agenda.engine.begin() as connection:
        seq = 0
        for writes in _past(generator, start):
            later: list[Write] = []
            for write in writes:
                if write.at > start:
                    later.append(write)
                else:
                    bulk[SYSTEM_OF[write.table]].batch.add(write)
            seq = Agenda.put(connection, later, seq)
            for system in bulk.values():
                system.flush()
        for system in bulk.values():
            system.finish(start)
        Agenda.keep(connection, "generator", generator.state() | {"seq": seq})
        Agenda.keep(connection, "made", made | {"begin": begin})
    agenda.engine.dispose()


def _past(generator: Generator, start: int) -> Iterator[Iterable[Write]]:
    yield from generator.opening()
    yield from generator.until(start)
