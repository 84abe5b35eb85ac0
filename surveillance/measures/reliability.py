"""How reliable the ward's processes are: levels 1 to 5 from opportunities and successes of 28 days.

Levels after IHI (Nolan, Resar, Haraden, Griffin 2004); the mapping to 1–5 is a local default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import pandas as pd

from surveillance.feeds.moments import micro
from surveillance.measures.antibiotics_due import sepsis_antibiotics
from surveillance.measures.closed_week import cut_short
from surveillance.measures.cohorts import (
    WINDOW_D,
    Cohort,
    assessments,
    given_doses,
    reconciliations,
    reliability_start,
)
from surveillance.measures.compliance import MEASURES as COMPLIANCE
from surveillance.measures.declaration import Answer, Better, Dimension, Kind, Measure, NotConnected, RollUp, Standard
from surveillance.measures.hospital import Hospital
from surveillance.measures.observations_due import observation_sets
from surveillance.measures.requirements import REQUIREMENTS
from surveillance.settings import Threshold
from surveillance.snapshot import State

Z = 1.645
"""One-sided 95 %."""
LEVELS = ((5, 0.99, 0.95), (4, 0.95, 0.90), (3, 0.90, 0.80), (2, 0.80, 0.0))
"""(level, successes at least, Wilson lower bound at least), best first; everything else is level 1."""
FEWEST = 20
"""Fewer opportunities give no level."""
CAP = 3
"""No higher level for a process whose chart shows concern, or of which too much is unknown."""
MOST_UNKNOWN = 0.05
"""Share of the opportunities whose state may be unknown."""


def wilson_lower_bound(successes: float, opportunities: float, z: float = Z) -> float:
    """The lower bound of the Wilson score interval (Wilson 1927), one-sided."""
    n, p = opportunities, successes / opportunities
    centre = p + z * z / (2 * n)
    spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n)


def level(successes: int, opportunities: int, fewest: int = FEWEST) -> int | None:
    """The reliability level 1 to 5, or None with too few opportunities."""
    if opportunities < fewest:
        return None
    bound = wilson_lower_bound(successes, opportunities)
    for reached, share, lower in LEVELS:
        hundredths = round(share * 100)
        if successes * 100 >= hundredths * opportunities and bound >= lower:  # the share as an exact fraction
            return reached
    return 1


def capped(reached: int | None, *, deteriorates: bool, unknown: int, opportunities: int) -> int | None:
    """A level, at most ``CAP`` while the process deteriorates or too much of it has an unknown state."""
    if reached is None:
        return None
    hidden = unknown > MOST_UNKNOWN * (opportunities + unknown)
    return min(reached, CAP) if deteriorates or hidden else reached


@dataclass(frozen=True, slots=True)
class Process:
    """``beside``: the measures of what is outstanding of it now; it takes part where the first applies.

    ``feeds``: without these, or if one does not reach back far enough, it takes no part.
    """

    name: str
    beside: tuple[str, ...]
    cohort: Callable[[Hospital], Cohort]
    feeds: tuple[str, ...]

    @property
    def charts(self) -> dict[str, str]:
        """The measures whose control charts tell of it, with their words."""
        return {one.id: one.on_wall for one in COMPLIANCE if one.beside in self.beside}


def _assessment(measure: str) -> Process:
    rule = REQUIREMENTS[measure]
    return Process(rule.type, (measure,), lambda hospital: assessments(hospital, measure), rule.feeds)


_PLACES = ("spell", "ward_stay")
_DOSES = (*_PLACES, "order", "dose_event")
PROCESSES = (
    *(_assessment(measure) for measure in REQUIREMENTS),
    Process("medicines reconciliation", ("medrec_outstanding",), reconciliations, (*_PLACES, "medrec")),
    Process("doses", ("missed_doses_today", "missed_doses_critical_today"), given_doses, _DOSES),
    Process("observations", ("obs_overdue",), observation_sets, (*_PLACES, "obs_set")),
    Process("sepsis antibiotics", ("sepsis_antibiotic_overdue",), sepsis_antibiotics, (*_DOSES, "flag", "obs_set")),
)


def process_reliability(hospital: Hospital, measure: Measure) -> Answer:
    """The lowest level among the ward's processes with enough opportunities."""
    fewest = int(hospital.site.param(measure.id, "min_n", measure.params["min_n"]))
    lists = [found for process in PROCESSES if (found := _tally(hospital, process, fewest)) is not None]
    if not lists:
        raise NotConnected("no process is connected")
    counts = pd.concat(lists, ignore_index=True)
    known = counts.dropna(subset="level").sort_values(["level", "process"], kind="stable")
    lowest = known.drop_duplicates("ward_code")
    figures = pd.DataFrame(
        {
            "ward_code": lowest["ward_code"],
            "part": measure.parts[0],
            "value": lowest["level"],
            "numerator": lowest["successes"].astype(float),
            "denominator": lowest["opportunities"].astype(float),
        }
    )
    covers = ", ".join(sorted(counts["process"].unique())) or "no process"
    details = {
        ward: "; ".join(words for words in (f"lowest: {name}", cap, f"covers {covers}") if words)
        for ward, name, cap in zip(lowest["ward_code"], lowest["process"], lowest["cap"], strict=True)
    }
    most = counts.groupby("ward_code")["opportunities"].max()
    states = {
        ward: (State.NOT_RECORDED, f"not enough data (n={int(most.get(ward, 0))})")
        for ward in hospital.site.wards
        if ward not in set(lowest["ward_code"])
    }
    return Answer(counts, figures=figures, states=states, details=details)


def _tally(hospital: Hospital, process: Process, fewest: int) -> pd.DataFrame | None:
    """ward_code, process, successes, opportunities, level and cap of each ward with any; None if it takes no part."""
    start = reliability_start(hospital)
    if not all(hospital.has(feed) for feed in process.feeds) or cut_short(hospital, process.feeds, start):
        return None
    try:
        cohort = process.cohort(hospital)
    except NotConnected:
        return None
    counted = cohort.tally(hospital, (cohort.due > micro(start)) & (cohort.due < hospital.now))
    counted = counted[counted["ward_code"].isin(hospital.site.wards_of(process.beside[0]))]
    hospital.quality[f"process reliability: exempt from {process.name}"] += int(counted["exempt"].sum())
    counted = counted[counted["opportunities"] > 0].assign(process=process.name)
    cells = [
        _judged(hospital, process, ward, k, n, unknown, fewest)
        for ward, k, n, unknown in zip(
            *(counted[name].tolist() for name in ("ward_code", "successes", "opportunities", "unknown")), strict=True
        )
    ]
    levels = pd.Series([reached for reached, _ in cells], index=counted.index, dtype="float64")
    return counted.assign(level=levels, cap=[words for _, words in cells])


def _judged(
    hospital: Hospital, process: Process, ward: str, k: int, n: int, unknown: int, fewest: int
) -> tuple[int | None, str]:
    """The level of a process on a ward, and the words for what caps it."""
    worse = [words for name, words in process.charts.items() if name in hospital.concerns.get(ward, ())]
    reached = level(k, n, fewest)
    capped_at = capped(reached, deteriorates=bool(worse), unknown=unknown, opportunities=n)
    if capped_at == reached:
        return reached, ""
    why = f"{worse[0]} deteriorates" if worse else f"the state of {unknown} of {n + unknown} is unknown"
    return capped_at, f"capped at {CAP}: {why}"


MEASURES = (
    Measure(
        id="process_reliability",
        label="How reliable are our processes (1–5)",
        short="Reliability of our processes",
        group="reliability",
        kind=Kind.SCALE,
        counts="required assessments, medicines reconciliations, scheduled doses, sets of observations and sepsis "
        "antibiotics of 28 days that were in time",
        rows=process_reliability,
        standard=Standard(
            "IHI reliability levels; the mapping to 1–5 is local",
            "L",
            ("Nolan, Resar, Haraden, Griffin, Improving the Reliability of Health Care (IHI 2004)",),
        ),
        feeds=("spell", "ward_stay"),
        optional=("assessment", "ed_attendance", "order", "dose_event", "medrec", "obs_set", "obs_plan", "flag"),
        dimension=Dimension.RELIABILITY,
        better=Better.HIGHER,
        parts=("level",),
        out_of="those that fell due in the same 28 days",
        clock="when each fell due, on the ward where the patient lay",
        exclusions=("documented exemptions (counted)", "repeats and early parts", "doses not given for other reasons"),
        key=("process",),
        columns=("successes", "opportunities", "level", "cap"),
        params={"min_n": FEWEST, "window_d": WINDOW_D},
        threshold=Threshold(watch=2, act=1),
        rollup=RollUp.LEVELS,
        version=2,
        notes="A ward's level is its lowest process, never the mean. A process is held at 3 while its control chart "
        "shows that it deteriorates, or while more than 5 % of its opportunities have an unknown state.",
    ),
)
