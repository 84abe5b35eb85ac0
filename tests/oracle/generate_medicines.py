"""Rows of orders and of each dose's records, at the edges of windows, days, stays and orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.oracle.clock import local_date, midnight
from tests.oracle.dice import HOUR, MINUTE, SECOND, Dice
from tests.oracle.generate_patients import PatientRows

Row = dict[str, Any]

REASONS = {
    None: 4,
    "UNAVAILABLE": 3,
    "NO_REASON": 2,
    "other": 3,
    "REFUSED": 2,
    "NIL_BY_MOUTH": 1,
    "SELF_ADMINISTERED": 1,
    "GIVEN_ELSEWHERE/EARLIER": 1,
    "local code 77": 1,
}
STATUSES = {"active": 14, "suspended": 2, "stopped": 2, "completed": 1, "draft": 0.5, "cancelled": 0.5, "void": 0.5}
NO_REASON = {"reason_code": None, "reason_text": None}
KINDS = {"regular": 9, "stat": 3, "PRN": 1, "infusion": 1, "conditional": 1, None: 0.3}


class MedicineRows:
    """Adds the orders and doses of a spell to the rows of ``patients``."""

    def __init__(self, dice: Dice, patients: PatientRows, drugs: list[str]) -> None:
        self.dice, self.patients, self.now = dice, patients, patients.now
        self.drugs = [*drugs, *drugs, "unmapped drug", None]
        self.midnight = midnight(local_date(self.now))

    def add(self, spell: Row) -> None:
        for _ in self.dice.many(0, 3):
            order = self.order(spell)
            self.patients.feeds["order"].append(order)
            for due in sorted(self.due_times(spell, order)):
                self.patients.feeds["dose_event"].extend(self.records(order["order_key"], due))
        if spell["sepsis"] and self.dice.chance(0.7):
            order = self.order(spell) | {"drug_code": self.dice.one(("amoxicillin", "gentamicin"))}
            order |= {"status": self.dice.one(("active", "active", "active", "stopped"))}
            order |= {"kind": self.dice.one(("stat", "regular", "PRN", "conditional"))}
            self.patients.feeds["order"].append(order)
            if self.dice.chance(0.6):
                flagged = self.dice.one(spell["sepsis"])
                hours = self.dice.one((0, 0, 1, 3, 6)) * HOUR
                due = min(self.dice.near(self.dice.one((flagged, flagged + hours, self.now))), self.now)
                row = self.record(order["order_key"], due, alone=True)
                self.patients.feeds["dose_event"].append(row | {"status": "given", "given_ts": due} | NO_REASON)

    def order(self, spell: Row) -> Row:
        dice, now = self.dice, self.now
        start = dice.near(dice.one((spell["admitted"], spell["admitted"], spell["admitted"] + 2 * HOUR, now)))
        stop = dice.weighted({None: 8, now: 1, now + SECOND: 1, now - HOUR: 1, now + 9 * HOUR: 1})
        modified = dice.or_none(dice.near(dice.one((start, start, now - 2 * HOUR, now - 26 * HOUR))), 0.15)
        return {
            "order_key": f"O{self.patients.number()}",
            "spell_key": spell["spell_key"],
            "drug_code": dice.one(self.drugs),
            "route": dice.or_none("oral"),
            "kind": dice.weighted(KINDS),
            "status": dice.weighted(STATUSES),
            "start_ts": dice.or_none(start, 0.02),
            "stop_ts": None if stop is None else max(start, stop),
            "verify_status": dice.weighted({"verified": 6, "not verified": 3, "not required": 1, None: 1}),
            "verified_ts": dice.or_none(dice.near(dice.one((modified or start, now))), 0.1),
            "verifier_role": dice.weighted({"pharmacist": 8, "pharmacy technician": 1, None: 1}),
            "last_modified_ts": modified,
        }

    def due_times(self, spell: Row, order: Row) -> set[datetime]:
        dice, now = self.dice, self.now
        stay = dice.one(spell["stays"])
        edges = [self.midnight, self.patients.week_edge(), now, now + 4 * HOUR, stay["start_ts"], stay["end_ts"] or now]
        edges += [now - minutes * MINUTE for minutes in (15, 30, 45, 60, 90, 120)]
        edges += [order[name] for name in ("start_ts", "stop_ts", "last_modified_ts") if order[name] is not None]
        times = {dice.near(dice.one(edges)) for _ in dice.many(0, 5)}
        return times | {dice.between(spell["admitted"], spell["until"]) for _ in dice.many(0, 4)}

    def records(self, order_key: str, due: datetime) -> list[Row]:
        """The rows about one dose; two records of one time differ in their status, which the tie rule decides."""
        dice = self.dice
        if due <= self.now and dice.chance(self.patients.good):
            row = self.record(order_key, due, alone=True)
            given = min(due + dice.one((-5, 0, 0, 15)) * MINUTE, self.now)
            return [row | {"status": "given", "given_ts": given, "recorded_ts": given, "voided": 0} | NO_REASON]
        rows: dict[tuple[datetime, str | None], Row] = {}
        several = dice.many(2, 3) if dice.chance(0.15) else range(1)
        for _ in several:
            row = self.record(order_key, due, alone=len(several) == 1)
            at = row["recorded_ts"] or row["given_ts"] or row["due_ts"]
            rows.setdefault((at, row["status"]), row)
        return list(rows.values())

    def record(self, order_key: str, due: datetime, *, alone: bool) -> Row:
        dice, now = self.dice, self.now
        row: Row = {
            "order_key": order_key,
            "due_ts": due,
            "status": dice.weighted({"given": 12, "not given": 5, "self": 1, "blank": 1, None: 2}),
            "given_ts": None,
            "reason_code": None,
            "reason_text": None,
            "voided": dice.weighted({None: 4, 0: 8, 1: 1}),
            "recorded_ts": None,
        }
        if due > now and not dice.chance(0.2):
            return row | {"status": dice.one((None, "blank"))}
        happened = due + dice.one((0, 0, 0, 10, 15, 30, 60, 120)) * MINUTE + dice.one((0, 0, 1)) * SECOND
        if due > now and dice.chance(0.7):
            happened = now - dice.one((0, 5)) * MINUTE
        if row["status"] == "given":
            row["given_ts"] = happened
            row["recorded_ts"] = dice.one((None, happened, happened + 2 * MINUTE, happened + 30 * MINUTE))
        elif row["status"] in ("not given", "self"):
            row["recorded_ts"] = None if alone and due <= now and dice.chance(0.15) else happened
            if row["status"] == "not given":
                row["reason_code"] = dice.weighted(REASONS)
                # whether a text beside NO_REASON is a reason is not ruled
                row["reason_text"] = None if row["reason_code"] == "NO_REASON" else dice.or_none("see notes", 0.6)
        return row
