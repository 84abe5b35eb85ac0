"""Rows of one patient after another: spells, stays and assessments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.oracle.clock import local_date, midnight
from tests.oracle.dice import HOUR, MINUTE, SECOND
from tests.oracle.generate_records import RecordRows

Row = dict[str, Any]

ADMITTED_H = (0, 1, 5, 6, 14, 24, 24, 30, 48, 54, 72, 168, 200, 336, 27 * 24, 28 * 24, 28 * 24 + 6, 29 * 24)
AGES = (0, 0, 1, 2, 15, 16, 17, 18, 30, 49, 50, 57, 64, 65, 70, 80, 91)
LIMITS_H = {
    "vte": (14,),
    "must": (24,),
    "falls": (24,),
    "falls_early": (6,),
    "pressure_ulcer": (6,),
    "smoking": (24,),
    "alcohol": (24,),
    "allergy": (6, 0),
    "oral": (24,),
    "adl": (24,),
    "moving_handling": (6,),
    "cfs": (24,),
}
AGAIN_H = {"must": (168,), "falls": (168,), "pressure_ulcer": (168, 24), "oral": (168, 24), "adl": (168, 24)}
BANDS = {
    "must": (None, None, "low", "high"),
    "pressure_ulcer": (None, None, None, "low", "no risk", "not at risk", "high", "very high"),
    "oral": (None, "assisted", "NBM", "ventilated", "independent"),
    "allergy": ("drug_allergy", "none_known", "unable_to_ascertain", "none_known", None, "see notes"),
}


class PatientRows(RecordRows):
    """Adds patients with their spells and stays to the rows."""

    def add_patient(self, number: int) -> list[Row]:
        """One patient with one to three spells; returns the spells."""
        dice = self.dice
        patient = f"P{number}"
        age = dice.or_none(dice.one(AGES), 0.08)
        several = dice.chance(0.12)
        admitted = dice.near(self.now - dice.one(ADMITTED_H) * HOUR)
        if dice.chance(0.25):  # what is due soon after admission falls due at an edge of the week before
            admitted = dice.near(self.week_edge() - dice.one((1.5, 6, 14, 24)) * HOUR)
        admitted = min(admitted, self.now + 10 * MINUTE)
        spells = [self.spell(patient, age, admitted, several)]
        if several:  # a second open spell, at times begun at the same instant
            second = admitted if dice.chance(0.3) else dice.between(self.now - 72 * HOUR, self.now)
            spells.append(self.spell(patient, age, second, several))
        if dice.chance(0.6):  # an earlier stay, ended
            ended = admitted - dice.one((0, 1, 24, 100)) * HOUR
            spells.append(self.spell(patient, age, ended - dice.one((3, 30, 60, 200)) * HOUR, several, ended))
        for kind, collected in self.results(patient, admitted):
            if dice.chance(0.15):  # closed or refuted at, before or after the specimen
                self.flag(spells[0]["spell_key"], kind, dice.near(collected), None)
        return spells

    def spell(
        self, patient: str, age: int | None, admitted: datetime, several: bool, ended: datetime | None = None
    ) -> Row:
        dice, now = self.dice, self.now
        discharged = ended
        if ended is None and dice.chance(0.15):
            discharged = max(admitted, dice.one((now, now - SECOND, now + SECOND, now + HOUR, now - 5 * HOUR)))
        kind = dice.weighted({"inpatient": 7, None: 1, "day case": 1.4, "regular": 0.6})
        if several:  # which of two open stays a day case without a bed leaves standing is not ruled
            kind = dice.one(("inpatient", None))
        spell = {
            "patient_key": patient,
            "spell_key": f"S{self.number():05d}",
            "admit_ts": dice.or_none(admitted, 0.04),
            "admission_method": dice.or_none("21"),
            "patient_class": kind,
            "discharge_ts": discharged,
            "discharge_method": None,
            "age": age,
            "age_days": dice.or_none(dice.one((0, 5, 27, 28, 29, 200))) if age == 0 else None,
            "sex": dice.one(("female", "male", "other", None)),
            "pregnant_or_recent": dice.weighted({None: 3, 0: 4, 1: 1}),
            "is_test": dice.weighted({None: 3, 0: 10, 1: 0.3}),
            "merged_into": "P0" if dice.chance(0.02) else None,
        }
        self.feeds["spell"].append(spell)
        stays = self.stays(spell["spell_key"], admitted, discharged, several)
        sepsis = self.about(spell, admitted, discharged, stays)
        until = min(discharged or now, now)
        return spell | {"admitted": admitted, "until": until, "stays": stays, "sepsis": sepsis}

    def stays(self, key: str, admitted: datetime, discharged: datetime | None, several: bool) -> list[Row]:
        dice, now = self.dice, self.now
        until = min(discharged or now, now)
        start = admitted + dice.one((0, 0, 0, 0, 20, -20)) * MINUTE
        starts = {start}
        for _ in dice.many(0, 3):
            starts.add(dice.near(dice.one((dice.between(admitted, until), now - 6 * HOUR, midnight(local_date(now))))))
        ordered = sorted(moment for moment in starts if start <= moment <= now + 30 * MINUTE)
        bed = several or dice.chance(0.6)
        ward = dice.one(self.wards)
        rows = []
        for place, moment in enumerate(ordered):
            last = place == len(ordered) - 1
            end = discharged if last else ordered[place + 1]
            if last and discharged is None:
                end = dice.weighted({None: 12, now: 1, now + SECOND: 1, now + HOUR: 1})
            elif dice.chance(0.08):
                end = dice.one((None, None if end is None else end + 2 * HOUR))  # two stays open at once
            rows.append(self.stay(key, ward, moment, end, bed))
            if dice.chance(0.75):
                ward = dice.one(self.wards) if dice.chance(0.93) else "TRANSIT"
        other = dice.one(self.wards)
        if dice.chance(0.04) and other != rows[-1]["ward_code"]:  # two stays begun at one instant
            rows.append({**rows[-1], "ward_code": other, "end_ts": None})
        if dice.chance(0.02):  # a stay of a spell that nobody knows
            self.feeds["ward_stay"].append({**rows[0], "spell_key": f"unknown{self.number()}"})
        self.feeds["ward_stay"].extend(rows)
        return rows

    def stay(self, key: str, ward: str, start: datetime, end: datetime | None, bed: bool) -> Row:
        dice, now = self.dice, self.now
        if end is not None and end < start:
            end = start
        left = back = None
        if dice.chance(0.07):
            left = max(start, dice.near(dice.one((now, now - HOUR, now - 20 * HOUR))))
            back = dice.one((None, max(left, now), max(left, now + HOUR), max(left, now - MINUTE)))
        return {
            "spell_key": key,
            "ward_code": ward,
            "bed_code": f"B{dice.one(range(30))}" if bed else None,
            "start_ts": start,
            "end_ts": end,
            "on_leave_from": left,
            "on_leave_to": back,
        }

    def about(self, spell: Row, admitted: datetime, discharged: datetime | None, stays: list[Row]) -> list[datetime]:
        key, until = spell["spell_key"], min(discharged or self.now, self.now)
        starts = [admitted]
        for arrival, decided in self.attendances(key, admitted):
            starts += [moment for moment in (arrival, decided) if moment is not None]
        allergies, sepsis = self.flags(key, admitted)
        self.assessments(key, starts, allergies)
        self.events(key, admitted, until)
        self.medrec(key, admitted)
        self.observations(key, admitted, until, sepsis)
        self.discharge_plans(key, admitted)
        self.restrictions(key, admitted)
        self.wounds(key, admitted, stays)
        return sepsis

    def attendances(self, key: str, admitted: datetime) -> list[tuple[datetime, datetime | None]]:
        dice = self.dice
        found: dict[datetime, datetime | None] = {}
        for _ in dice.many(0, 2) if dice.chance(0.6) else ():
            arrival = min(admitted - dice.one((0, 1, 4, 9)) * HOUR + dice.one((0, 1)) * SECOND, self.now)
            if arrival in found:
                continue
            decided = dice.or_none(arrival + dice.one((0, 2, 3, 10)) * HOUR, 0.25)
            found[arrival] = decided
            self.feeds["ed_attendance"].append(
                {
                    "spell_key": key,
                    "arrival_ts": arrival,
                    "first_seen_registered_ts": dice.or_none(arrival + dice.one((0, 10, 70)) * MINUTE, 0.3),
                    "decision_to_admit_ts": decided,
                }
            )
        return list(found.items())

    def assessments(self, key: str, starts: list[datetime], allergies: set[datetime]) -> None:
        dice, now = self.dice, self.now
        seen = set()
        for kind, limits in LIMITS_H.items():
            if dice.chance(self.good):  # in time by every clock, also exactly at the limit
                done = min(starts) + limits[-1] * HOUR
                if done <= now and done not in allergies:
                    good = self.assessment(key, kind, done, dice.one((done, None)))
                    good |= {"status": "complete", "exempt_reason": None}
                    good |= {"score": 3} if kind != "allergy" else {"risk_band": "none_known"}
                    self.feeds["assessment"].append(good)
                    seen.add((kind, done, done))
            for _ in dice.many(0, 2) if self.good < 1 or dice.chance(0.3) else ():
                start = dice.one(starts)
                due = start + dice.one(limits) * HOUR
                again = AGAIN_H.get(kind, (24,))
                effective = dice.near(dice.one((due, start, now - dice.one(again) * HOUR, now, now - 3 * HOUR)))
                effective = min(effective, now + 20 * MINUTE)
                recorded = dice.one((effective, effective, effective + 5 * MINUTE, None, dice.near(now)))
                shown = None if recorded is not None and dice.chance(0.05) else effective
                counts = shown or recorded
                if (kind, counts, recorded or counts) in seen or (kind == "allergy" and counts in allergies):
                    continue
                seen.add((kind, counts, recorded or counts))
                self.feeds["assessment"].append(self.assessment(key, kind, shown, recorded))

    def assessment(self, key: str, kind: str, effective: datetime | None, recorded: datetime | None) -> Row:
        dice = self.dice
        score = dice.or_none(dice.one((9, 10, 18, 19) if kind == "pressure_ulcer" else (0, 1, 2, 5)), 0.2)
        reason = None
        if dice.chance(self.exempt):
            reason = dice.one(("declined", "comfort care", "cohort", "other"))
        return {
            "spell_key": key,
            "type": kind,
            "tool": dice.one((None, "waterlow", "braden", "purpose_t")) if kind == "pressure_ulcer" else None,
            "status": dice.weighted({"complete": 20, "draft": 1, "void": 1, None: 0.5}),
            "effective_ts": effective,
            "recorded_ts": recorded,
            "score": dice.one((None, 1, 3, 5, 9, 0, 10)) if kind == "cfs" else score,
            "risk_band": dice.one(BANDS.get(kind, (None,))),
            "exempt_reason": reason,
            "author_role": dice.or_none("nurse"),
        }
