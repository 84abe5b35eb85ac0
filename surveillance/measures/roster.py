"""The roster as numbers: who is planned and who works where, and how much of each duty lies inside a shift.

Planned is what the roster demands of the ward, actual is who works there. A duty counts in each shift by its overlap;
supernumerary staff count in neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import micro
from surveillance.measures.hospital import HOUR, MINUTE, Array, Hospital, truth
from surveillance.measures.shifts import Shift
from surveillance.snapshot import State

REGISTERED = ("RN",)
UNREGISTERED = ("HCSW", "RNA")
NO_DUTIES = (State.NOT_RECORDED, "no duty on the roster")


@dataclass(frozen=True)
class Roster:
    """Duties of listed wards, one element a duty; times in microseconds.

    ``row``: of the duty feed. ``ward`` and ``worked``: places in ``wards``, -1 where the ward is not listed.
    ``working``: the share of the duty that is not a break.
    """

    wards: list[str]
    row: Array
    ward: Array
    worked: Array
    start: Array
    end: Array
    group: Array
    planned: Array
    actual: Array
    working: Array

    def take(self, which: Array) -> Roster:
        """Some of the duties."""
        rows = np.flatnonzero(which)
        names = [name for name in self.__dataclass_fields__ if name != "wards"]
        return Roster(self.wards, *(getattr(self, name)[rows] for name in names))

    def of(self, groups: tuple[str, ...]) -> Roster:
        """The duties of these staff groups."""
        return self.take(np.isin(self.group, groups))

    def during(self, start: pd.Timestamp, end: pd.Timestamp) -> Roster:
        """The duties that overlap [start, end)."""
        return self.take((self.start < micro(end)) & (self.end > micro(start)))

    def hours(self, start: pd.Timestamp, end: pd.Timestamp, *, net: bool = False) -> Array:
        """Hours of each duty inside [start, end); ``net``: without the share of its break that falls inside."""
        inside = np.minimum(self.end, micro(end)) - np.maximum(self.start, micro(start))
        gross: Array = np.maximum(inside, 0) / HOUR
        return gross * self.working if net else gross

    def by_ward(self, hours: Array, *, planned: bool) -> Array:
        """For each ward the hours that its roster demands, or that are worked there.

        Added without loss, so that a threshold does not depend on the order in which a database gives its rows.
        """
        counts, ward = (self.planned, self.ward) if planned else (self.actual, self.worked)
        known = np.flatnonzero(counts & (ward >= 0))
        known = known[np.argsort(ward[known], kind="stable")]
        ends = np.searchsorted(ward[known], np.arange(1, len(self.wards)))
        return np.array([fsum(part) for part in np.split(hours[known], ends)])

    def listed(self, hospital: Hospital, hours: Array) -> pd.DataFrame:
        """Its rows of the duty feed, once as planned for the ward and once as worked there."""
        planned = np.flatnonzero(self.planned & (self.ward >= 0))
        actual = np.flatnonzero(self.actual & (self.worked >= 0))
        both = np.concatenate([planned, actual])
        names = np.array([*self.wards, None], dtype=object)
        duties, row = hospital.feed("duty"), self.row[both]
        shown = {
            name: duties[name].array.take(row) for name in ("start_ts", "end_ts", "staff_group", "state", "source")
        }
        return pd.DataFrame(
            {
                **shown,
                "duty": row,
                "worked": names[self.worked[both]],
                "hours": hours[both],
                "part": np.repeat(["planned", "actual"], [len(planned), len(actual)]),
                "ward_code": names[np.concatenate([self.ward[planned], self.worked[actual]])],
            }
        )


def roster(hospital: Hospital) -> Roster:
    """The hospital's roster, worked out once."""
    found: Roster = hospital.once("roster", lambda: _roster(hospital))
    return found


def _roster(hospital: Hospital) -> Roster:
    duties = hospital.feed("duty")
    wards = list(hospital.site.wards)
    places = pd.Index(wards)
    demanding = duties["ward_code"].to_numpy(dtype=object)
    worked = duties["worked_ward"].fillna(duties["ward_code"]).to_numpy(dtype=object)
    redeployed_in = (duties["source"] == "redeployed").to_numpy() & (worked == demanding)
    start, end = hospital.times("duty", "start_ts"), hospital.times("duty", "end_ts")
    minutes = (end - start) / MINUTE
    pause = duties["break_min"].fillna(0).to_numpy(dtype=float)
    working = 1 - np.divide(pause, minutes, out=np.zeros(len(pause)), where=minutes > 0)
    everybody = Roster(
        wards,
        np.arange(len(duties)),
        places.get_indexer(pd.Index(demanding)),
        places.get_indexer(pd.Index(worked)),
        start,
        end,
        duties["staff_group"].to_numpy(dtype=object),
        (duties["state"] != "cancelled").to_numpy() & ~redeployed_in,
        (duties["state"] == "filled").to_numpy(),
        np.maximum(working, 0),
    )
    return everybody.take(~truth(duties["supernumerary"]))


def wards_without_duties(hospital: Hospital) -> dict[str, tuple[State, str]]:
    """Wards that the roster does not know: never shown as 0 (0)."""

    def find() -> dict[str, tuple[State, str]]:
        known = set(hospital.feed("duty")["ward_code"].unique())
        return {ward: NO_DUTIES for ward in hospital.site.wards if ward not in known}

    silent: dict[str, tuple[State, str]] = hospital.once("wards without duties", find)
    return silent


def heads(hours: Array, shift: Shift) -> Array:
    """Hours of a shift as heads, to the nearest half, a quarter up."""
    halves: Array = np.floor(hours / shift.hours * 2 + 0.5) / 2
    return halves


def figures(wards: list[str], parts: dict[str, tuple[Array, Array, Any]]) -> pd.DataFrame:
    """part → (value, numerator, denominator) of every ward, as an answer's figures."""
    tables = []
    for part, (value, numerator, denominator) in parts.items():
        cells = {"value": value, "numerator": numerator, "denominator": denominator}
        tables.append(pd.DataFrame({"ward_code": wards, "part": part, **cells}))
    return pd.concat(tables, ignore_index=True)
