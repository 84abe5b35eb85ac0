"""A share of the seven closed local days as an answer: over what fell due, over bed days, or over what a site has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from surveillance.feeds.moments import micro
from surveillance.measures.bed_days import bed_days
from surveillance.measures.closed_week import closed_week, cut_short
from surveillance.measures.cohorts import Cohort, doses, given_critical_doses
from surveillance.measures.declaration import Answer, Measure
from surveillance.measures.doses import WORST_MISSED, require_critical_list
from surveillance.measures.hospital import Array, Hospital
from surveillance.snapshot import State

NOTHING_DUE = (State.NOT_APPLICABLE, "nothing fell due in the seven days before today")
NO_BED_DAY = (State.NOT_APPLICABLE, "no patient at 23:59 in the seven days before today")


def on_time(cohort_of: Callable[[Hospital], Cohort], hospital: Hospital, measure: Measure) -> Answer:
    """What of the week's cohort was done in time."""
    cohort = cohort_of(hospital)
    counted = cohort.tally(hospital, in_closed_week(hospital, cohort.due))
    listed = counted.rename(columns={"successes": "numerator", "opportunities": "denominator"})
    answer = per(hospital, measure, listed["numerator"].to_numpy(), listed["denominator"].to_numpy(), NOTHING_DUE)
    left_out = {
        ward: f"{exempt} left out for a documented reason"
        for ward, exempt in zip(counted["ward_code"], counted["exempt"], strict=True)
        if exempt
    }
    return replace(answer, rows=answer.rows.merge(counted, on="ward_code"), details=left_out)


def in_closed_week(hospital: Hospital, due: Array) -> Array:
    """Which due times lie in the closed week: at its first midnight they do, at its last they do not."""
    week = closed_week(hospital)
    inside: Array = (due >= micro(week.start)) & (due < micro(week.end))
    return inside


def per(hospital: Hospital, measure: Measure, numerator: Array, denominator: Array, empty: tuple[State, str]) -> Answer:
    """``numerator`` / ``denominator`` × scale of every ward; ``empty`` where there is nothing to divide by."""
    wards = list(hospital.site.wards)
    value = np.full(len(wards), np.nan)
    np.divide(numerator, denominator, out=value, where=denominator > 0)
    cells = {"numerator": numerator, "denominator": denominator}
    table = pd.DataFrame({"ward_code": wards, "part": measure.parts[0], "value": value * measure.scale, **cells})
    states = {ward: empty for ward, n in zip(wards, denominator, strict=True) if not n}
    return answer_of_week(hospital, measure, Answer(table, figures=table, states=states))


def answer_of_week(hospital: Hospital, measure: Measure, answer: Answer) -> Answer:
    """``answer`` with the days it speaks of; no value where a source does not reach back to them."""
    week = closed_week(hospital)
    if words := cut_short(hospital, (*measure.feeds, *measure.optional), week.start):
        return replace(answer, states=dict.fromkeys(hospital.site.wards, (State.NOT_RECORDED, words)))
    return replace(answer, detail=week.words)


def critical_on_time(hospital: Hospital, measure: Measure) -> Answer:
    """Critical doses that were given within their window."""
    require_critical_list(hospital)
    return on_time(given_critical_doses, hospital, measure)


def missed_rate(hospital: Hospital, measure: Measure, *, critical: bool) -> Answer:
    """Doses of the week that are missed by what is known now, over its bed days."""
    if critical:
        require_critical_list(hospital)
    cohort, known = doses(hospital)
    missed = in_closed_week(hospital, cohort.due) & (known.state <= WORST_MISSED)
    if critical:
        missed &= known.critical
    number = np.bincount(cohort.ward[missed], minlength=len(hospital.site.wards))
    return per(hospital, measure, number, bed_days(hospital, closed_week(hospital).days), NO_BED_DAY)
