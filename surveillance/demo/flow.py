"""A patient's whole way is decided on arrival and its beds are reserved, so that no bed is given twice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from random import Random

from surveillance.demo.localtime import DAY, HOUR, MINUTE, at, day_of, following, hour_of
from surveillance.demo.story import winter
from surveillance.demo.wards import MEDICAL_WARDS, DemoWard, Stream

CLEANING = 40 * MINUTE
LONGEST_STAY = 40 * DAY
_LEAVING_HOURS = (8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
_LEAVING_WEIGHTS = (4, 5, 7, 9, 10, 11, 13, 14, 12, 9, 5, 3, 1)


@dataclass(frozen=True, slots=True)
class Segment:
    """One bed from arrival to departure. ``closed_late``: seconds by which the old stay stays open by mistake."""

    ward: str
    bed: str | None
    start: int
    end: int
    closed_late: int = 0


@dataclass(frozen=True, slots=True)
class Journey:
    """A spell from arrival to discharge. ``ed``: arrival, first seen, decision to admit."""

    number: int
    kind: str
    segments: tuple[Segment, ...]
    ed: tuple[int, int, int] | None
    leave: tuple[int, int] | None = None

    @property
    def admit(self) -> int:
        """Start of the spell."""
        return self.segments[0].start

    @property
    def discharge(self) -> int:
        """End of the spell."""
        return self.segments[-1].end


class Beds:
    """From when on each bed is free; a reservation ends with the cleaning after the patient has left."""

    def __init__(self, wards: tuple[DemoWard, ...], start: int) -> None:
        self.free_from = {ward.code: [start] * ward.beds for ward in wards}

    def find(self, ward: str, wanted: int, patience: int) -> tuple[int, int] | None:
        """The bed and the moment: one free at ``wanted`` (the last one vacated), else the first within ``patience``."""
        beds = self.free_from.get(ward)
        if not beds:
            return None
        ready = [(free, bed) for bed, free in enumerate(beds) if free <= wanted]
        if ready:
            return max(ready, key=lambda pair: (pair[0], -pair[1]))[1], wanted
        free, bed = min((free, bed) for bed, free in enumerate(beds))
        return (bed, free) if free <= wanted + patience else None

    def reserve(self, ward: str, bed: int, until: int) -> None:
        """Nobody else gets the bed before ``until`` and its cleaning."""
        self.free_from[ward][bed] = until + CLEANING


def length(rng: Random, days: float) -> int:
    """A length of stay in seconds: log-normal around a mean."""
    spread = 0.75
    drawn = math.exp(rng.gauss(math.log(days) - spread * spread / 2, spread))
    return int(min(max(drawn * DAY, 4 * HOUR), LONGEST_STAY))


def leaving_time(rng: Random, about: int, earliest: int) -> int:
    """A moment of the day at which patients go home, on the day of ``about`` or after ``earliest``."""
    hour = rng.choices(_LEAVING_HOURS, _LEAVING_WEIGHTS)[0]
    minute = rng.randrange(60)
    day = day_of(about)
    leaving = at(day, hour, minute)
    return leaving if leaving > earliest + 2 * HOUR else at(following(day), hour, minute)


def bed_code(ward: str, bed: int) -> str:
    """How the EPR names a bed: bays of six."""
    return f"{ward}-{chr(65 + bed // 6)}{bed % 6 + 1}"


class Flow:
    """Turns arrivals into journeys; deterministic given the arrivals' own random numbers."""

    def __init__(self, wards: tuple[DemoWard, ...], start: int) -> None:
        self.wards = {ward.code: ward for ward in wards}
        self.beds = Beds(wards, start)
        self._onward = [code for code in MEDICAL_WARDS if code in self.wards]

    def occupant(self, number: int, ward: DemoWard, bed: int, start: int, rng: Random) -> Journey | None:
        """Who lies in the bed when the simulation starts, or nobody."""
        share = 0.55 if ward.care == "day_case" else 0.93 + 0.03 * winter(start)
        stream = rng.choices(ward.streams, [stream.load for stream in ward.streams])[0]
        stay = max(length(rng, stream.days * 1.5), 6 * HOUR)
        if rng.random() > share or stream.kind == "day_case":
            return None
        admit = start - int(stay * rng.uniform(0.05, 0.95))
        leaving = leaving_time(rng, admit + stay, max(admit, start))
        self.beds.reserve(ward.code, bed, leaving)
        ed = _ed_before(rng, admit) if stream.kind in ("take", "emergency", "critical") else None
        segment = Segment(ward.code, bed_code(ward.code, bed), admit, leaving)
        return Journey(number, stream.kind, (segment,), ed)

    def arrival(self, number: int, ward: DemoWard, stream: Stream, now: int, rng: Random) -> Journey | None:
        """The journey of somebody who arrives now, or None when there is no bed."""
        ed = _ed_from(rng, now) if stream.kind in ("take", "emergency", "critical") else None
        wanted = ed[2] + int(rng.uniform(0.3, 3.5) * HOUR) if ed else now
        found = self.beds.find(ward.code, wanted, 4 * HOUR if ed else 2 * HOUR)
        if not found:
            return None
        bed, admit = found
        if stream.kind == "day_case":
            return self._day_case(number, ward, bed, admit, rng)
        leaving = leaving_time(rng, admit + length(rng, stream.days), admit)
        segments = self._route(ward, bed, admit, leaving, stream, rng)
        return Journey(number, stream.kind, tuple(segments), ed, _leave(rng, segments))

    def _day_case(self, number: int, ward: DemoWard, bed: int, admit: int, rng: Random) -> Journey:
        leaving = admit + int(rng.uniform(3, 8) * HOUR)
        self.beds.reserve(ward.code, bed, leaving)
        in_chair = rng.random() < 0.15
        return Journey(
            number,
            "day_case",
            (Segment(ward.code, None if in_chair else bed_code(ward.code, bed), admit, leaving),),
            None,
        )

    def _route(self, ward: DemoWard, bed: int, admit: int, leaving: int, stream: Stream, rng: Random) -> list[Segment]:
        first = (ward.code, bed)
        if stream.kind == "take" and self._onward and rng.random() < 0.56:
            move = _daytime(rng, admit + int(rng.uniform(10, 34) * HOUR))
            target = self._medical_bed(move, rng)
            if target:
                code, onward_bed, moved = target
                stay = length(rng, self.wards[code].streams[0].days)
                leaving = leaving_time(rng, moved + stay, moved)
                return [self._segment(*first, admit, moved, rng), *self._on_ward(code, onward_bed, moved, leaving, rng)]
        if stream.kind == "critical":
            target = self._step_down(leaving, rng)
            if target:
                code, onward_bed, moved = target
                home = leaving_time(rng, moved + length(rng, 6), moved)
                return [self._segment(*first, admit, moved, rng), self._segment(code, onward_bed, moved, home, rng)]
        return self._on_ward(*first, admit, leaving, rng)

    def _medical_bed(self, move: int, rng: Random) -> tuple[str, int, int] | None:
        weights = [self.wards[code].beds / self.wards[code].streams[0].days for code in self._onward]
        wards = [rng.choices(self._onward, weights)[0], *rng.sample(self._onward, len(self._onward))]
        for code in wards:
            if found := self.beds.find(code, move, 8 * HOUR):
                return code, *found
        return None

    def _step_down(self, move: int, rng: Random) -> tuple[str, int, int] | None:
        wards = [code for code in ("SGA", "RESP", "GAST", "ORTH", "CARD") if code in self.wards]
        for code in rng.sample(wards, len(wards)):
            if found := self.beds.find(code, move, 12 * HOUR):
                return code, *found
        return None

    def _on_ward(self, ward: str, bed: int, start: int, leaving: int, rng: Random) -> list[Segment]:
        """A stay on one ward, which some interrupt with another bed or a spell in critical care."""
        chance = rng.random()
        middle = _daytime(rng, start + int((leaving - start) * rng.uniform(0.2, 0.6)))
        if leaving - start > 3 * DAY and middle < leaving - DAY:
            if chance < 0.05 and (other := self.beds.find(ward, middle, 0)) and other[0] != bed:
                return [
                    self._segment(ward, bed, start, middle, rng),
                    self._segment(ward, other[0], middle, leaving, rng),
                ]
            if chance > 0.985 and (critical := self.beds.find("CRIT", middle, HOUR)):
                back = critical[1] + int(rng.uniform(1.5, 4) * DAY)
                self._hold(ward, bed, back)
                return [
                    self._segment(ward, bed, start, critical[1], rng),
                    self._segment("CRIT", critical[0], critical[1], back, rng),
                    self._segment(ward, bed, back, leaving_time(rng, max(leaving, back + DAY), back + DAY), rng),
                ]
        return [self._segment(ward, bed, start, leaving, rng)]

    def _hold(self, ward: str, bed: int, until: int) -> None:
        self.beds.reserve(ward, bed, until)

    def _segment(self, ward: str, bed: int, start: int, end: int, rng: Random) -> Segment:
        self.beds.reserve(ward, bed, end)
        forgotten = int(rng.uniform(1, 4) * HOUR) if rng.random() < 0.01 else 0
        return Segment(ward, bed_code(ward, bed), start, end, forgotten)


def _ed_from(rng: Random, arrival: int) -> tuple[int, int, int]:
    seen = arrival + int(rng.uniform(4, 40) * MINUTE)
    return arrival, seen, seen + int(rng.uniform(1.2, 4.5) * HOUR)


def _ed_before(rng: Random, admit: int) -> tuple[int, int, int]:
    decision = admit - int(rng.uniform(0.3, 3.5) * HOUR)
    seen = decision - int(rng.uniform(1.2, 4.5) * HOUR)
    return seen - int(rng.uniform(4, 40) * MINUTE), seen, decision


def _daytime(rng: Random, about: int) -> int:
    """Moves happen by day: a night-time moment is put off to the morning."""
    if 8 <= hour_of(about) < 22:
        return about
    day: date = day_of(about + 4 * HOUR)
    return max(about, at(day, 9)) + rng.randrange(3 * HOUR)


def _leave(rng: Random, segments: list[Segment]) -> tuple[int, int] | None:
    stay = segments[-1]
    if stay.end - stay.start < 5 * DAY or rng.random() > 0.06:
        return None
    day = day_of(stay.start + int((stay.end - stay.start) * rng.uniform(0.4, 0.7)))
    out = at(day, 10, rng.randrange(60))
    return out, out + int(rng.uniform(4, 9) * HOUR)
