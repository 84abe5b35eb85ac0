"""One stream of happenings in the order of time: the same for the past and for the days to come, given the seed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from surveillance.demo import (
    assessments,
    care,
    history,
    identities,
    laboratory,
    medicines,
    mishaps,
    observations,
    roster,
    stays,
    story,
)
from surveillance.demo.flow import Flow, Journey
from surveillance.demo.localtime import DAY, at, day_of, following, hour_of
from surveillance.demo.people import Patient
from surveillance.demo.records import Log, Write
from surveillance.demo.story import Story
from surveillance.demo.wards import DemoWard, Stream

_BY_HOUR = {
    "urgent": (3, 2, 2, 1, 1, 2, 3, 4, 6, 8, 9, 10, 10, 10, 9, 9, 9, 9, 9, 8, 7, 6, 5, 4),
    "elective": (0, 0, 0, 0, 0, 0, 8, 24, 10, 5, 3, 2, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "any": (1,) * 24,
}
_PATTERN = {"elective": "elective", "day_case": "elective", "birth": "any", "newborn": "any"}
_ROSTER_SUBJECT = 60_000
"""Numbers from here on name roster days, below patients; with the row numbers of each they stay under 2^31."""
_FIRST_HISTORY = 1


LABORATORY = frozenset({"lab_result", "micro_result"})
PLAN = "discharge_plan"


def stay_of(patient: Patient, unread: frozenset[str] = frozenset()) -> Log:
    """Everything that will be recorded about one patient; of feeds that are ``unread``, what can be left out is."""
    log = Log(patient.number)
    stays.record(patient, log, planned=PLAN not in unread)
    if not patient.day_case or patient.bedded:
        observations.record(patient, log)
    first_order = medicines.record(patient, log)
    assessments.record(patient, log, first_order)
    if not unread >= LABORATORY:
        laboratory.record(patient, log)
    care.record(patient, log)
    mishaps.record(patient, log)
    if identities.FEED not in unread:
        identities.record(patient, log)
    return log


class Generator:
    """Arrivals and roster days, each at its moment; its state is small and plain, so that it can be kept."""

    def __init__(
        self,
        wards: tuple[DemoWard, ...],
        seed: int,
        begin: int,
        told: Story | None = None,
        unread: frozenset[str] = frozenset(),
    ) -> None:
        """``told``: the planted effects; else of a demo that starts at ``begin``. ``unread``: see ``stay_of``."""
        self.wards = wards
        self.by_code = {ward.code: ward for ward in wards}
        self.seed = seed
        self.begin = begin
        self.told = told or Story(begin)
        self.unread = unread
        self.flow = Flow(wards, begin)
        self.next_number = _FIRST_HISTORY
        self.streams: list[tuple[DemoWard, Stream]] = [(w, stream) for w in wards for stream in w.streams]
        self.due: list[tuple[int, int, int]] = []
        """(moment, stream or -1 for the roster, count) as a heap."""

    def opening(self) -> Iterator[list[Write]]:
        """What was there before: older spells, who lies in the beds, the rosters published so far."""
        for log in history.spells(self.wards, self.seed, self.begin, self.next_number, self.told):
            self.next_number += 1
            yield log.in_order()
        for ward in self.wards:
            for bed in range(ward.beds):
                rng = Random(f"{self.seed}:occupant:{ward.code}:{bed}")
                journey = self.flow.occupant(self.next_number, ward, bed, self.begin, rng)
                if journey:
                    yield self._admit(journey)
        today = day_of(self.begin)
        for ahead in range(-1, 7 * roster.WEEKS_AHEAD):
            day = following(today, ahead)
            yield self._roster_day(day, at(following(day, -7 * roster.WEEKS_AHEAD), 3))
        yield self._census_day(today)
        for stream in range(len(self.streams)):
            self._schedule(stream, 0, self.begin)
        self._push(at(following(today), 3), -1, 0)

    def until(self, now: int) -> Iterator[list[Write]]:
        """What everybody who arrives up to ``now`` will cause, and the rosters published up to then."""
        while self.due and self.due[0][0] <= now:
            moment, stream, count = heapq.heappop(self.due)
            if stream < 0:
                today = day_of(moment)
                self._push(at(following(today), 3), -1, 0)
                yield self._roster_day(following(today, 7 * roster.WEEKS_AHEAD - 1), moment)
                yield self._census_day(today)
                continue
            ward, way = self.streams[stream]
            rng = Random(f"{self.seed}:arrival:{ward.code}:{way.kind}:{count}")
            self._schedule(stream, count + 1, moment)
            journey = self.flow.arrival(self.next_number, ward, way, moment, rng)
            if journey:
                yield self._admit(journey)

    def state(self) -> dict[str, Any]:
        """All that is needed to go on from here."""
        return {"next_number": self.next_number, "beds": self.flow.beds.free_from, "due": self.due}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state that was kept."""
        self.next_number = state["next_number"]
        self.flow.beds.free_from = state["beds"]
        self.due = [(moment, stream, count) for moment, stream, count in state["due"]]
        heapq.heapify(self.due)

    def _admit(self, journey: Journey) -> list[Write]:
        self.next_number += 1
        patient = Patient(journey, self.seed, self.by_code, self.told)
        return stay_of(patient, self.unread).in_order()

    def _push(self, moment: int, stream: int, count: int) -> None:
        heapq.heappush(self.due, (moment, stream, count))

    def _schedule(self, stream: int, count: int, after: int) -> None:
        """The next arrival of a stream: random, more by day and in winter, electives only on weekdays."""
        ward, way = self.streams[stream]
        rng = Random(f"{self.seed}:gap:{ward.code}:{way.kind}:{count}")
        pattern = _PATTERN.get(way.kind, "urgent")
        shape = _BY_HOUR[pattern]
        days = 5 / 7 if way.kind in ("elective", "day_case") else 1.0
        a_day = ward.beds * way.load / way.days / days
        if way.kind == "day_case":
            a_day = ward.beds * way.load
        peak = a_day * max(shape) / sum(shape) * 24 / DAY * story.most_arrivals(way.kind)
        most = max(shape) * story.most_arrivals(way.kind)
        moment = float(after)
        while True:
            moment += rng.expovariate(peak)
            when = int(moment)
            weekend = pattern == "elective" and day_of(when).weekday() >= 5
            if not weekend and rng.random() * most < shape[int(hour_of(when))] * story.arrivals(way.kind, when):
                self._push(when + 1, stream, count)
                return

    def _roster_day(self, day: date, published: int) -> list[Write]:
        log = Log(_ROSTER_SUBJECT + day.toordinal() % 30_000)
        roster.duties(day, self.wards, self.seed, log, published)
        return log.in_order()

    def _census_day(self, day: date) -> list[Write]:
        log = Log(_ROSTER_SUBJECT + 30_000 + day.toordinal() % 10_000)
        roster.census(day, self.wards, self.seed, log)
        return log.in_order()
