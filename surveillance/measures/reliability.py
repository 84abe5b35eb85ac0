"""How reliable the ward's processes are: levels 1 to 5 from opportunities and successes of 28 days.

Levels after IHI (Nolan, Resar, Haraden, Griffin 2004); the mapping to 1–5 is a local default.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd

from surveillance.feeds.moments import micro, micros
from surveillance.measures.assessment_state import assessed
from surveillance.measures.declaration import Answer, Better, Dimension, Kind, Measure, NotConnected, RollUp, Standard
from surveillance.measures.doses import GIVEN, WORST_MISSED, scheduled_doses
from surveillance.measures.hospital import HOUR, Array, Hospital
from surveillance.measures.medicines import MEASURES as MEDICINES
from surveillance.measures.medicines import reconciled
from surveillance.measures.requirements import REQUIREMENTS
from surveillance.settings import Threshold
from surveillance.snapshot import State

Z = 1.645
"""One-sided 95 %."""
LEVELS = ((5, 0.99, 0.95), (4, 0.95, 0.90), (3, 0.90, 0.80), (2, 0.80, 0.0))
"""(level, successes at least, Wilson lower bound at least), best first; everything else is level 1."""
FEWEST = 20
"""Fewer opportunities give no level."""


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


def process_reliability(hospital: Hospital, measure: Measure) -> Answer:
    """The lowest level among the ward's processes with enough opportunities."""
    window_d = hospital.site.param(measure.id, "window_d", measure.params["window_d"])
    fewest = int(hospital.site.param(measure.id, "min_n", measure.params["min_n"]))
    since = hospital.ago(24 * window_d)
    opened = micro(since)
    lists = _assessments(hospital, opened)
    if hospital.has("medrec"):
        lists.append(_reconciliations(hospital, opened))
    if hospital.has("order") and hospital.has("dose_event"):
        lists.append(_doses(hospital, opened))
    if not lists:
        raise NotConnected("no process is connected")
    counts = pd.concat(lists, ignore_index=True)
    levels = [level(int(k), int(n), fewest) for k, n in zip(counts["sum"], counts["size"], strict=True)]
    counts = counts.assign(level=pd.Series(levels, index=counts.index, dtype="float64"))
    known = counts.dropna(subset="level").sort_values(["level", "process"], kind="stable")
    lowest = known.drop_duplicates("ward_code")
    figures = pd.DataFrame(
        {
            "ward_code": lowest["ward_code"],
            "part": measure.parts[0],
            "value": lowest["level"],
            "numerator": lowest["sum"].astype(float),
            "denominator": lowest["size"].astype(float),
        }
    )
    covers = ", ".join(sorted(counts["process"].unique())) or "no process"
    details = {
        ward: f"lowest: {name}; covers {covers}"
        for ward, name in zip(lowest["ward_code"], lowest["process"], strict=True)
    }
    most = counts.groupby("ward_code")["size"].max()
    states = {
        ward: (State.NOT_RECORDED, f"not enough data (n={int(most.get(ward, 0))})")
        for ward in hospital.site.wards
        if ward not in set(lowest["ward_code"])
    }
    listed = counts.rename(columns={"sum": "successes", "size": "opportunities"})
    return Answer(listed, figures=figures, states=states, details=details)


def _assessments(hospital: Hospital, since: float) -> list[pd.DataFrame]:
    """Initial assessments that fell due in the window; those exempt are left out and counted."""
    lists = []
    for measure, rule in REQUIREMENTS.items():
        if not all(hospital.has(feed) for feed in rule.feeds):
            continue
        state = assessed(hospital, measure)
        due = state.initial_due
        wards, inside = _placed(hospital, due, since, measure)
        paediatric = hospital.chosen_wards(hospital.site.wards_with_profile("paediatric"))[wards]
        inside &= state.required(paediatric, due)
        done, exempt, _ = state.latest(due)
        hospital.quality[f"process reliability: exempt from {rule.type} assessment"] += int((inside & exempt).sum())
        asked = np.flatnonzero(inside & ~exempt)
        lists.append(_tally(hospital, wards[asked], rule.type, ~np.isnan(done[asked])))
    return lists


def _placed(hospital: Hospital, due: Array, since: float, measure: str) -> tuple[Array, Array]:
    """For each of ``spells`` the ward where its patient lay at ``due``, and whether that counts in the window."""
    wards, inside = _lay(hospital, due, since)
    return wards, inside & hospital.chosen_wards(hospital.site.wards_of(measure))[wards]


def _lay(hospital: Hospital, due: Array, since: float) -> tuple[Array, Array]:
    """The same on any ward or none; worked out once for the many processes that are due at the same moments."""

    def find() -> tuple[Array, Array]:
        inside = (due > since) & (due < hospital.now)
        rows = np.flatnonzero(inside)
        wards = np.full(len(due), -1)
        wards[rows], speaks = hospital.wards_at(hospital.patients[0][rows], due[rows])
        inside[rows] = speaks == rows
        return wards, inside

    found: tuple[Array, Array] = hospital.once(("lay", since, due.tobytes()), find)
    return found


def _reconciliations(hospital: Hospital, since: float) -> pd.DataFrame:
    """Medicines reconciliations that fell due in the window."""
    measure = next(one for one in MEDICINES if one.id == "medrec_outstanding")
    limit = hospital.site.param(measure.id, "limit_h", measure.params["limit_h"])
    due = hospital.admitted + limit * HOUR
    wards, inside = _placed(hospital, due, since, measure.id)
    inside &= hospital.patient_classes == "inpatient"
    done = reconciled(hospital, measure)
    spell, when = hospital.codes_of(done["spell_key"]), micros(done["completed_ts"])
    in_time = np.zeros(len(due), dtype=bool)
    known = spell >= 0
    in_time[spell[known][when[known] <= due[spell[known]]]] = True
    asked = np.flatnonzero(inside)
    return _tally(hospital, wards[asked], "medicines reconciliation", in_time[asked])


def _doses(hospital: Hospital, since: float) -> pd.DataFrame:
    """Scheduled doses of the window that were given in time, or should have been."""
    doses = scheduled_doses(hospital)
    counts = (doses.due > since) & (doses.window_end < hospital.now) & (doses.spell >= 0)
    given = doses.state == GIVEN
    counts &= given | (doses.state <= WORST_MISSED)
    doses = doses.take(np.flatnonzero(counts))
    wards, speaks = hospital.wards_at(hospital.patients[0][doses.spell], doses.due)
    applies = hospital.chosen_wards(hospital.site.wards_of("missed_doses_today"))[wards]
    rows = np.flatnonzero((speaks == doses.spell) & applies)
    in_time = (doses.state[rows] == GIVEN) & (doses.given[rows] <= doses.window_end[rows])
    return _tally(hospital, wards[rows], "doses", in_time)


def _tally(hospital: Hospital, wards: Array, process: str, success: Array) -> pd.DataFrame:
    """Successes (sum) and opportunities (size) of one process on each ward that had any."""
    listed = list(hospital.site.wards)
    size = np.bincount(wards, minlength=len(listed))
    good = np.bincount(wards[success], minlength=len(listed))
    any_ = np.flatnonzero(size)
    names = np.array(listed, dtype=object)[any_]
    return pd.DataFrame({"ward_code": names, "process": process, "sum": good[any_], "size": size[any_]})


MEASURES = (
    Measure(
        id="process_reliability",
        label="How reliable are our processes (1–5)",
        short="Reliability of our processes",
        group="reliability",
        kind=Kind.SCALE,
        counts="required assessments, medicines reconciliations and scheduled doses of 28 days that were in time",
        rows=process_reliability,
        standard=Standard(
            "IHI reliability levels; the mapping to 1–5 is local",
            "L",
            ("Nolan, Resar, Haraden, Griffin, Improving the Reliability of Health Care (IHI 2004)",),
        ),
        feeds=("spell", "ward_stay"),
        optional=("assessment", "ed_attendance", "order", "dose_event", "medrec", "flag"),
        dimension=Dimension.RELIABILITY,
        better=Better.HIGHER,
        parts=("level",),
        out_of="those that fell due in the same 28 days",
        clock="when each fell due, on the ward where the patient lay",
        exclusions=("documented exemptions (counted)", "repeats and early parts", "doses not given for other reasons"),
        key=("process",),
        columns=("successes", "opportunities", "level"),
        params={"min_n": FEWEST, "window_d": 28},
        threshold=Threshold(watch=2, act=1),
        rollup=RollUp.LEVELS,
        notes="A ward's level is its lowest process, never the mean. Observations take no part until history is kept.",
    ),
)
