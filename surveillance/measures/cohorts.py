"""What fell due, on which ward, and whether it was done in time: opportunities that the records give, not audits.

An opportunity belongs to the ward where the patient lay when it fell due. A cohort holds every one since
``gathered_since``; who asks takes the period that it speaks for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveillance.feeds.moments import micro, micros
from surveillance.feeds.tables import REASON_GROUPS
from surveillance.measures.assessment_state import assessed
from surveillance.measures.closed_week import closed_week
from surveillance.measures.doses import GIVEN, OTHER_REASON, WORST_MISSED, Doses, scheduled_doses
from surveillance.measures.hospital import HOUR, Array, Hospital
from surveillance.measures.medicines import MEASURES as MEDICINES
from surveillance.measures.medicines import reconciled

FAILED, IN_TIME, EXEMPT, UNKNOWN = range(4)
"""What became of an opportunity. The last two are none: documented reasons, and records that nobody can read."""
WINDOW_D = 28
"""Days for which the reliability of a process speaks."""


@dataclass(frozen=True)
class Cohort:
    """One element an opportunity: ``due`` in microseconds, ``ward`` as a place in the site's list, ``outcome``."""

    due: Array
    ward: Array
    outcome: Array

    def take(self, rows: Array) -> Cohort:
        """Some of them."""
        return Cohort(self.due[rows], self.ward[rows], self.outcome[rows])

    def tally(self, hospital: Hospital, chosen: Array) -> pd.DataFrame:
        """ward_code, successes, opportunities, exempt and unknown of every ward, from the ``chosen`` ones."""
        wards = list(hospital.site.wards)
        cells = self.ward[chosen] * (UNKNOWN + 1) + self.outcome[chosen]
        table = np.bincount(cells, minlength=len(wards) * (UNKNOWN + 1)).reshape(len(wards), UNKNOWN + 1)
        good = table[:, IN_TIME]
        columns = {"successes": good, "opportunities": good + table[:, FAILED]}
        return pd.DataFrame({"ward_code": wards, **columns, "exempt": table[:, EXEMPT], "unknown": table[:, UNKNOWN]})


def reliability_start(hospital: Hospital) -> pd.Timestamp:
    """After which moment an opportunity counts for the reliability of its process."""
    return hospital.ago(24 * hospital.site.param("process_reliability", "window_d", WINDOW_D))


def gathered_since(hospital: Hospital) -> float:
    """The earliest due time that anything asks for."""
    return min(micro(reliability_start(hospital)), micro(closed_week(hospital).start))


def lay(hospital: Hospital, due: Array) -> tuple[Array, Array]:
    """For each of ``spells`` the ward where its patient lay at ``due``, and whether it lay on one and was due by now.

    Worked out once for the many processes that are due at the same moments.
    """

    def find() -> tuple[Array, Array]:
        rows = np.flatnonzero((due >= gathered_since(hospital)) & (due < hospital.now))
        inside, wards = np.zeros(len(due), dtype=bool), np.full(len(due), -1)
        wards[rows], speaks = hospital.wards_at(hospital.patients[0][rows], due[rows])
        inside[rows] = (speaks == rows) & (wards[rows] >= 0)
        return wards, inside

    found: tuple[Array, Array] = hospital.once(("lay", due.tobytes()), find)
    return found


def assessments(hospital: Hospital, measure: str) -> Cohort:
    """Initial assessments of one row that fell due; repeats and early parts are no opportunities."""

    def find() -> Cohort:
        state = assessed(hospital, measure)
        due = state.initial_due
        wards, inside = lay(hospital, due)
        paediatric = hospital.chosen_wards(hospital.site.wards_with_profile("paediatric"))[wards]
        rows = np.flatnonzero(inside & state.required(paediatric, due))
        done, exempt, _ = state.latest(due)
        outcome = np.where(exempt[rows], EXEMPT, np.where(np.isnan(done[rows]), FAILED, IN_TIME))
        return Cohort(due[rows], wards[rows], outcome)

    cohort: Cohort = hospital.once(("cohort", measure), find)
    return cohort


def reconciliations(hospital: Hospital) -> Cohort:
    """Medicines reconciliations of inpatients that fell due."""

    def find() -> Cohort:
        measure = next(one for one in MEDICINES if one.id == "medrec_outstanding")
        limit = hospital.site.param(measure.id, "limit_h", measure.params["limit_h"])
        due = hospital.admitted + limit * HOUR
        wards, inside = lay(hospital, due)
        rows = np.flatnonzero(inside & (hospital.patient_classes == "inpatient"))
        done = reconciled(hospital, measure)
        spell, when = hospital.codes_of(done["spell_key"]), micros(done["completed_ts"])
        in_time = np.zeros(len(due), dtype=bool)
        known = spell >= 0
        in_time[spell[known][when[known] <= due[spell[known]]]] = True
        return Cohort(due[rows], wards[rows], np.where(in_time[rows], IN_TIME, FAILED))

    cohort: Cohort = hospital.once(("cohort", "medrec"), find)
    return cohort


def doses(hospital: Hospital) -> tuple[Cohort, Doses]:
    """Scheduled doses that are past their window, and the same doses with all that is known of them.

    Given in time is a success; given late, no record, no reason and not available are failures; self-administered and
    any other reason are none, and a reason that no group knows is unknown.
    """

    def find() -> tuple[Cohort, Doses]:
        found = scheduled_doses(hospital)
        counts = (found.due >= gathered_since(hospital)) & (found.window_end < hospital.now) & (found.spell >= 0)
        found = found.take(np.flatnonzero(counts))
        wards, speaks = hospital.wards_at(hospital.patients[0][found.spell], found.due)
        rows = np.flatnonzero((speaks == found.spell) & (wards >= 0))
        found, wards = found.take(rows), wards[rows]
        outcome = np.full(len(rows), EXEMPT)
        outcome[found.state <= WORST_MISSED] = FAILED
        given = found.state == GIVEN
        outcome[given] = np.where(found.given[given] <= found.window_end[given], IN_TIME, FAILED)
        other = np.flatnonzero(found.state == OTHER_REASON)
        code = hospital.feed("dose_event")["reason_code"].take(found.event[other])
        outcome[other[(code.notna() & ~code.isin(REASON_GROUPS)).to_numpy()]] = UNKNOWN
        return Cohort(found.due, wards, outcome), found

    cohort: tuple[Cohort, Doses] = hospital.once(("cohort", "doses"), find)
    return cohort


def given_doses(hospital: Hospital) -> Cohort:
    """The cohort of all scheduled doses."""
    return doses(hospital)[0]


def given_critical_doses(hospital: Hospital) -> Cohort:
    """Those of a critical class."""
    cohort, known = doses(hospital)
    return cohort.take(np.flatnonzero(known.critical))
