"""Who a patient is: age, sex, where they lie. Everything follows from the seed and a number."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from random import Random

from surveillance.demo.flow import Journey
from surveillance.demo.illness import Course, draw
from surveillance.demo.localtime import day_of, weekend
from surveillance.demo.story import Story
from surveillance.demo.wards import DemoWard


class Patient:
    """A person within one journey."""

    def __init__(self, journey: Journey, seed: int, wards: Mapping[str, DemoWard], story: Story) -> None:
        self.journey = journey
        self.seed = seed
        self.wards = wards
        self.story = story
        self.number = journey.number
        self.no = f"P{journey.number:07d}"
        self.visit = f"IP{journey.number:07d}"
        self.care = wards[journey.segments[0].ward].care
        self._first = wards[journey.segments[0].ward]
        self._moves = journey.segments[1].start if len(journey.segments) > 1 else math.inf
        self._starts = [segment.start for segment in journey.segments]
        rng = self.rng("person")
        self.female = rng.random() < {"birth": 1.0, "newborn": 0.5}.get(journey.kind, self._female_share)
        self.age, self.age_days = self._age(rng)
        self.birth_date = self._birth_date(rng)
        self.pregnant = "P" if journey.kind == "birth" else None
        if self.pregnant is None and self.female and 18 <= self.age <= 42 and rng.random() < 0.03:
            self.pregnant = "R"
        self.is_test = journey.number % 397 == 0
        self.bedded = journey.segments[0].bed is not None

    def rng(self, topic: str) -> Random:
        """Random numbers for one topic, which no other topic can disturb."""
        return Random(f"{self.seed}:{self.number}:{topic}")

    @property
    def _female_share(self) -> float:
        return 1.0 if self.journey.segments[-1].ward == "GYNA" else 0.52

    @property
    def admit(self) -> int:
        """Start of the spell."""
        return self.journey.admit

    @property
    def discharge(self) -> int:
        """End of the spell."""
        return self.journey.discharge

    @property
    def day_case(self) -> bool:
        """Comes and goes the same day."""
        return self.journey.kind == "day_case"

    @property
    def arrival(self) -> int:
        """First contact: in the emergency department, else the admission."""
        return self.journey.ed[0] if self.journey.ed else self.admit

    def ward_at(self, moment: int) -> DemoWard:
        """Where the patient lies; before the admission, where they are going."""
        if moment < self._moves:
            return self._first
        return self.wards[self.journey.segments[bisect_right(self._starts, moment) - 1].ward]

    def strain_at(self, moment: int) -> float:
        """How hard pressed that ward is; weekends are a little worse."""
        return self.ward_at(moment).strain * (1.15 if weekend(moment) else 1.0)

    @cached_property
    def transfers(self) -> tuple[int, ...]:
        """Arrivals on another ward."""
        segments = self.journey.segments
        return tuple(after.start for before, after in pairwise(segments) if before.ward != after.ward)

    def _age(self, rng: Random) -> tuple[int, int | None]:
        kind, care = self.journey.kind, self.wards[self.journey.segments[-1].ward].care
        if kind == "newborn":
            return 0, rng.randrange(0, 4)
        if kind == "birth":
            return int(rng.triangular(17, 45, 30)), None
        if kind == "child":
            age = min(int(rng.expovariate(1 / 5.0)), 17)
            return age, rng.randrange(2, 365) if age == 0 else None
        if care == "elderly":
            return int(rng.triangular(66, 101, 84)), None
        if care in ("acute", "medical", "critical"):
            return int(rng.triangular(17, 98, 74)), None
        return int(rng.triangular(17, 94, 60)), None

    def _birth_date(self, rng: Random) -> str:
        admitted = day_of(self.admit)
        if self.age_days is not None:
            return (admitted - timedelta(days=self.age_days)).isoformat()
        year = admitted.year - self.age - 1
        month, day = rng.randint(1, 12), rng.randint(1, 28)
        if (month, day) < (admitted.month, admitted.day):  # the birthday of this year has passed
            year += 1
        elif (month, day) == (admitted.month, admitted.day):
            day = day - 1 if day > 1 else 2
            year += 1 if day < admitted.day else 0
        return f"{year:04}-{month:02}-{day:02}"

    @cached_property
    def course(self) -> Course:
        """What will happen in the spell."""
        return draw(self)
