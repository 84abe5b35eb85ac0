"""Rows about a spell that is there already: events, flags, results, observations, plans and wounds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.clock import DAY, local_date, midnight
from tests.oracle.dice import HOUR, MINUTE, SECOND, Dice

Row = dict[str, Any]

FEEDS = (
    "spell",
    "ward_stay",
    "ed_attendance",
    "assessment",
    "care_event",
    "order",
    "dose_event",
    "medrec",
    "lab_result",
    "micro_result",
    "obs_set",
    "obs_plan",
    "flag",
    "discharge_plan",
    "restrictive_practice",
    "wound",
)
EVENTS = ("fall", "surgery", "transfer", "restraint start", "condition change", "consultant review")
COVID, CDIFF = "SARS-CoV-2", "C. difficile"


class RecordRows:
    """Collects the rows; ``good`` is the share of requirements that this hospital meets in time."""

    def __init__(self, dice: Dice, site: Row, now: datetime) -> None:
        self.dice, self.site, self.now = dice, site, now
        self.feeds: dict[str, list[Row]] = {name: [] for name in FEEDS}
        self.wards = list(site["wards"])
        self.good = dice.one((0.2, 0.6, 0.85, 0.97, 1.0))
        self.exempt = dice.one((0.05, 0.05, 0.4))
        self.numbers = 0

    def week_edge(self) -> datetime:
        """One of the midnights of the eight days before now."""
        return midnight(local_date(self.now) - DAY * self.dice.one((0, 0, 1, 3, 6, 7, 7, 8)))

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def events(self, key: str, admitted: datetime, until: datetime) -> None:
        dice = self.dice
        for _ in dice.many(0, 3):
            moment = dice.near(
                dice.one((self.now - 6 * HOUR, self.now - 5 * HOUR, self.now, dice.between(admitted, until)))
            )
            moment = min(moment, self.now + 30 * MINUTE)
            self.feeds["care_event"].append({"spell_key": key, "type": dice.one(EVENTS), "ts": moment})

    def flags(self, key: str, admitted: datetime) -> tuple[set[datetime], list[datetime]]:
        """Flags of every type; returns when those of an allergy and those of sepsis start."""
        dice, now = self.dice, self.now
        found: list[tuple[str, datetime, datetime | None]] = []
        for kind in ("sepsis_suspected", "sepsis_confirmed", "isolation_covid", "isolation_cdiff", "golden"):
            if dice.chance(0.12):
                start = dice.near(now - dice.one((0, 1, 3, 6, 30)) * HOUR)
                found.append((kind, start, dice.weighted({None: 4, now: 1, now + SECOND: 1, now - SECOND: 1})))
        for kind in (
            ("sepsis_suspected", "sepsis_confirmed") if dice.chance(0.3) else ()
        ):  # of the days before, and over
            start = dice.near(dice.one((admitted, self.week_edge() - dice.one((0, 1, 3, 6)) * HOUR)))
            ended = dice.one((None, start, start + HOUR, start + 3 * HOUR, start + 48 * HOUR))
            found.append((kind, min(start, now), None if ended is None else min(ended, now)))
        for kind in ("aki_refuted", "chronic_dialysis", "cdiff_resolved"):
            if dice.chance(0.1):
                start = dice.near(now - dice.one((0, 1, 10, 24, 168)) * HOUR)
                found.append((kind, start, dice.weighted({None: 4, now: 1, now + SECOND: 1})))
        # These two also decide what was due in the past, so theirs never end between then and now.
        if dice.chance(0.4):
            found.append(("falls_risk_factor", admitted - 10 * DAY, dice.one((None, None, admitted - 9 * DAY))))
        if dice.chance(0.25):
            start = dice.near(dice.one((admitted, admitted + 6 * HOUR, now)))
            found.append(("allergy", start, dice.weighted({None: 5, start: 1})))
        for kind, start, end in found:
            self.flag(key, kind, start, end)
        allergies = {start for kind, start, _ in found if kind == "allergy"}
        return allergies, [start for kind, start, _ in found if kind.startswith("sepsis")]

    def flag(self, key: str, kind: str, start: datetime, end: datetime | None) -> None:
        row = {
            "spell_key": key,
            "type": kind,
            "status": self.dice.weighted({"open": 4, "active": 2, None: 2, "closed": 1}),
            "start_ts": start,
            "end_ts": max(start, end) if end is not None else None,
            "author_role": None,
        }
        self.feeds["flag"].append(row)

    def medrec(self, key: str, admitted: datetime) -> None:
        dice = self.dice
        for _ in dice.many(0, 2):
            done = dice.near(dice.one((self.now, admitted + 24 * HOUR, admitted - HOUR)))
            row = {
                "spell_key": key,
                "status": dice.weighted({"complete": 12, "draft": 1, "void": 1, None: 1}),
                "completed_ts": dice.or_none(done, 0.04),
                "role": dice.weighted({"pharmacist": 5, "pharmacy technician": 3, "doctor": 2, None: 1}),
                "sources_count": dice.one((None, 0, 1, 2, 3)),
            }
            self.feeds["medrec"].append(row)
        if dice.chance(self.good):
            in_time = {"status": "complete", "completed_ts": admitted + 24 * HOUR, "role": "pharmacist"}
            self.feeds["medrec"].append({"spell_key": key, **in_time, "sources_count": None})

    def results(self, patient: str, admitted: datetime) -> list[tuple[str, datetime]]:
        """Creatinines and cultures; returns the flag that would end each, with the time of the specimen."""
        dice, now = self.dice, self.now
        found = []
        for _ in dice.many(0, 4):
            collected = min(
                dice.near(now - dice.one((0, 2, 24, 168, 168)) * HOUR) if dice.chance(0.7) else admitted - 168 * HOUR,
                now,
            )
            found.append(("aki_refuted", collected))
            value = dice.or_none(dice.one((60, 95.5, 300)), 0.1)
            stage = dice.weighted({None: 3, 0: 2, 1: 3, 2: 2, 3: 1})
            self.feeds["lab_result"].append(
                {
                    "patient_key": patient,
                    "test": dice.weighted({"creatinine": 9, "creatinine_poc": 1}),
                    "value": value,
                    "unit": "umol/L",
                    "collected_ts": collected,
                    "reported_ts": dice.or_none(max(collected, dice.near(collected + 2 * HOUR)), 0.2),
                    "ref_low": None,
                    "ref_high": 104,
                    # whether a stage of 0 without a number is a result is not ruled
                    "aki_stage_from_lab": stage if value is not None or stage else None,
                }
            )
        return found + [("cdiff_resolved", collected) for collected in self.cultures(patient, admitted)]

    def cultures(self, patient: str, admitted: datetime) -> list[datetime]:
        """Returns when the C. difficile specimens were taken."""
        dice, now = self.dice, self.now
        found = []
        first = dice.near(admitted + dice.one((0, 30, 48, 60)) * HOUR)
        repeat = first + timedelta(days=dice.one((27, 28, 29)))
        for organism in (COVID, COVID, CDIFF, CDIFF, "RSV"):
            if not dice.chance(0.3):
                continue
            if organism == CDIFF:
                collected = dice.one((first, repeat, dice.near(now - 28 * 24 * HOUR)))
            else:
                collected = dice.near(now - dice.one((0, 10, 72, 14 * 24, 14 * 24)) * HOUR)
            collected = dice.or_none(min(collected, now), 0.05)
            if organism == CDIFF and collected is not None:
                found.append(collected)
            status = dice.weighted({"final": 6, "ordered": 1.5, "collected": 1.5, "in lab": 1.5, "cancelled": 1})
            positive = "toxin positive" if organism == CDIFF else "positive"
            reported = dice.or_none(dice.near(collected + 3 * HOUR)) if collected and status == "final" else None
            ordered = now - 72 * HOUR if collected is None or dice.chance(0.4) else collected - HOUR
            self.feeds["micro_result"].append(
                {
                    "patient_key": patient,
                    "organism": organism,
                    "status": status,
                    "result": dice.weighted({positive: 4, "negative": 1, None: 0.5}) if status == "final" else None,
                    "ordered_ts": dice.or_none(dice.near(ordered), 0.25),
                    "collected_ts": collected,
                    "final_ts": reported,
                }
            )
        return found

    def observations(self, key: str, admitted: datetime, until: datetime, sepsis: list[datetime]) -> None:
        dice, now = self.dice, self.now
        times = {
            min(dice.near(now - dice.one((30, 60, 90, 180, 360, 390, 750, 0, 150)) * MINUTE), now + 20 * MINUTE)
            for _ in dice.many(0, 6)
        }
        times.add(dice.between(admitted, until))
        intervals = (90, 150, 270, 390, 750)  # minutes, the grace included
        for _ in dice.many(0, 5):  # due at an edge of the week before, or after another set
            begun = min(dice.near(self.week_edge() - dice.one(intervals) * MINUTE), now)
            times |= {begun, min(dice.near(begun + dice.one(intervals) * MINUTE), now)}
        for flagged in sepsis:
            hours = dice.one((1, 3, 6)) * HOUR
            times |= {min(dice.one((flagged, dice.near(flagged - HOUR), now - hours, self.week_edge() - hours)), now)}
        for moment in sorted(times):
            if dice.chance(0.15):
                continue
            self.feeds["obs_set"].append(
                {
                    "spell_key": key,
                    "ts": moment,
                    "rr": dice.or_none(dice.one((8, 9, 16, 24, 25)), 0.05),
                    "spo2": dice.or_none(dice.one((83, 84, 91, 92, 96, 97)), 0.05),
                    "spo2_scale": dice.one((None, 1, 1, 2)),
                    "o2": dice.one(("air", "air", "nasal 2 L", None)),
                    "sbp": dice.or_none(dice.one((90, 91, 120, 219, 220)), 0.05),
                    "pulse": dice.or_none(dice.one((40, 41, 80, 130, 131)), 0.05),
                    "acvpu": dice.weighted({"A": 10, "C": 1, "U": 1, None: 1}),
                    "temp": dice.or_none(dice.one((35.0, 35.04, 35.05, 35.1, 37.2)), 0.05),
                    "news2_total": dice.or_none(dice.one((0, 1, 3, 4, 5, 6, 7, 12)), 0.15),
                    "complete": dice.weighted({1: 8, 0: 1, None: 1}),
                }
            )
        plans = {min(dice.near(now - dice.one((0, 3, 24)) * HOUR), now + 20 * MINUTE) for _ in dice.many(0, 2)}
        past = sorted(moment for moment in times if moment < now)
        for _ in dice.many(0, 3) if past else ():  # at a set, or while the next one is waited for
            plans.add(min(dice.one(past) + dice.one((0, 0, 30, 60, 61, 90, 240)) * MINUTE, now))
        for moment in sorted(plans):
            end = dice.weighted({None: 4, now: 1, now + SECOND: 1, moment: 0.3, moment + 2 * HOUR: 1})
            self.feeds["obs_plan"].append(
                {
                    "spell_key": key,
                    "interval_min": dice.one((None, 0, 15, 60, 60, 61, 240, 360, 720)),
                    "set_ts": moment,
                    "set_by_role": dice.one(("nurse", "doctor", "system", "auto", None)),
                    "reason": None,
                    "valid_to": None if end is None else max(moment, end),
                }
            )

    def discharge_plans(self, key: str, admitted: datetime) -> None:
        dice, now = self.dice, self.now
        times = {dice.or_none(dice.near(dice.one((now, admitted, now - 20 * HOUR))), 0.2) for _ in dice.many(0, 3)}
        for moment in sorted(times, key=str):
            days = [local_date(now) + DAY * shift for shift in (-1, 0, 0, 1)]
            self.feeds["discharge_plan"].append(
                {
                    "spell_key": key,
                    "edd": dice.or_none(dice.one(days)),
                    "edd_set_ts": moment,
                    "golden_for_date": dice.or_none(dice.one(days), 0.5),
                    "criteria_to_reside_code": dice.one((None, "none", "01", "12")),
                    "discharge_ready_ts": dice.or_none(dice.near(now), 0.6),
                    "discharge_certainty": None,
                }
            )

    def restrictions(self, key: str, admitted: datetime) -> None:
        dice, now = self.dice, self.now
        for _ in dice.many(0, 2) if dice.chance(0.3) else ():
            start = min(dice.near(now - dice.one((0, 24, 24, 60)) * HOUR), now + 20 * MINUTE)
            end = dice.weighted({None: 5, now: 1, now + SECOND: 1, now - HOUR: 1})
            self.feeds["restrictive_practice"].append(
                {
                    "spell_key": key,
                    "kind": "1:1",
                    "start_ts": start,
                    "end_ts": None if end is None else max(start, end),
                    "last_review_ts": dice.or_none(dice.near(now - dice.one((0, 3, 24, 70)) * HOUR), 0.3),
                    "legal_basis": dice.or_none("consent"),
                    "authorisation_end": None,
                }
            )

    def wounds(self, key: str, admitted: datetime, stays: list[Row]) -> None:
        dice, now = self.dice, self.now
        for _ in dice.many(0, 2) if dice.chance(0.4) else ():
            edge = dice.one(stays)
            seen = dice.near(dice.one((admitted, now, edge["start_ts"], edge["end_ts"] or now)))
            seen = min(seen, now + 30 * MINUTE)
            healed = dice.weighted({None: 5, now: 1, now + SECOND: 1, now - SECOND: 1})
            self.feeds["wound"].append(
                {
                    "spell_key": key,
                    "wound_key": f"wound{self.number()}",
                    "kind": dice.weighted({"pressure_ulcer": 6, "moisture": 1, None: 0.5}),
                    "category": dice.one(("1", "2", "3", "4", "unstageable", "DTI", None)),
                    "site": dice.or_none("sacrum"),
                    "device_related": dice.one((0, 1, None)),
                    "first_observed_ts": seen,
                    "present_on_admission": dice.weighted({0: 4, 1: 2, None: 1}),
                    "healed_ts": None if healed is None else max(seen, healed),
                    "validated": dice.weighted({1: 5, 0: 1, None: 1}),
                }
            )
