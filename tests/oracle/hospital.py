"""The rows by patient, spell and ward, and where each patient lies at any instant (rulings 1-16, 24)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

from tests.oracle.clock import local_date

Row = dict[str, Any]


def true(value: Any) -> bool:
    return value is not None and bool(value)


def blank(value: str | None) -> bool:
    return value is None or not value.strip()


def word(value: str | None) -> str:
    return "" if value is None else value.strip().casefold()


class Hospital:
    """Everything that the measures ask about the rows at ``now``."""

    def __init__(self, feeds: dict[str, list[Row] | None], site: Row, as_at: datetime) -> None:
        self.feeds = feeds
        self.site = site
        self.now = as_at.astimezone(UTC)
        self.today: date = local_date(self.now)
        # Ruling 1: test and merged-away patients take part in nothing.
        self.spells: dict[str, Row] = {
            row["spell_key"]: row
            for row in self.rows("spell")
            if not true(row.get("is_test")) and row.get("merged_into") is None
        }
        self.stays_of_spell: dict[str, list[Row]] = defaultdict(list)
        self.stays_of_patient: dict[str, list[Row]] = defaultdict(list)
        for stay in self.rows("ward_stay"):
            spell = self.spells.get(stay["spell_key"])
            if spell is not None:  # ruling 11
                self.stays_of_spell[stay["spell_key"]].append(stay)
                self.stays_of_patient[spell["patient_key"]].append(stay)
        self._by: dict[tuple[str, str], dict[str, list[Row]]] = {}
        self._placed: dict[tuple[str, datetime], tuple[str, str] | None] = {}
        self._on: dict[str, list[Row]] | None = None
        self.duties: dict[str, list[Row]] | None = None
        self.kept: dict[str, Any] = {}
        self.reliability: dict[str, dict[str, tuple[int, int]]] | None = None

    def connected(self, *names: str) -> bool:
        return all(self.feeds.get(name) is not None for name in names)

    def rows(self, name: str) -> list[Row]:
        return self.feeds.get(name) or []

    def of(self, name: str, key: str, value: str) -> list[Row]:
        """The rows of a feed whose column ``key`` is ``value``."""
        if (name, key) not in self._by:
            index: dict[str, list[Row]] = defaultdict(list)
            for row in self.rows(name):
                index[row[key]].append(row)
            self._by[name, key] = index
        return self._by[name, key].get(value, [])

    def of_spell(self, name: str, spell: Row) -> list[Row]:
        return self.of(name, "spell_key", spell["spell_key"])

    def of_patient(self, name: str, spell: Row) -> list[Row]:
        return self.of(name, "patient_key", spell["patient_key"])

    def admitted(self, spell: Row) -> datetime | None:
        """Ruling 12: a missing admission is the start of the first stay."""
        if spell.get("admit_ts") is not None:
            return spell["admit_ts"]
        starts = [stay["start_ts"] for stay in self.stays_of_spell[spell["spell_key"]]]
        return min(starts) if starts else None

    def placed(self, patient_key: str, at: datetime) -> tuple[str, str] | None:
        """(spell_key, ward_code) of where the patient lies at ``at``, None if on no ward."""
        if (patient_key, at) not in self._placed:
            self._placed[patient_key, at] = self._place(patient_key, at)
        return self._placed[patient_key, at]

    def _place(self, patient_key: str, at: datetime) -> tuple[str, str] | None:
        open_stays = []
        for stay in self.stays_of_patient.get(patient_key, []):
            discharged = self.spells[stay["spell_key"]].get("discharge_ts")
            if discharged is not None and discharged <= at:
                continue
            if stay["start_ts"] <= at and (stay.get("end_ts") is None or stay["end_ts"] > at):
                open_stays.append(stay)
        if not open_stays:
            return None
        # Rulings 7, 8 and 10: first the stay is chosen, then its leave (and its bed) is looked at.
        stay = max(open_stays, key=lambda stay: (stay["start_ts"], stay["spell_key"], stay["ward_code"]))
        left, back = stay.get("on_leave_from"), stay.get("on_leave_to")
        if left is not None and left <= at and (back is None or back > at):
            return None
        if not self._in_bed(self.spells[stay["spell_key"]], stay):
            return None
        return stay["spell_key"], stay["ward_code"]

    def _in_bed(self, spell: Row, stay: Row) -> bool:
        """Ruling 5."""
        if is_inpatient(spell) or self.site["day_cases_on_ward"] == "always":
            return True
        return self.site["day_cases_on_ward"] == "bed" and stay.get("bed_code") is not None

    def ward_of(self, spell_key: str, at: datetime) -> str | None:
        """The ward where the patient lies at ``at``, if this spell speaks for the patient then (ruling 8)."""
        spell = self.spells.get(spell_key)
        if spell is None:
            return None
        place = self.placed(spell["patient_key"], at)
        return place[1] if place is not None and place[0] == spell_key else None

    def patients_on(self, ward: str) -> list[Row]:
        """The spells that speak for the patients who lie on ``ward`` now."""
        if self._on is None:
            self._on = defaultdict(list)
            for patient_key in self.stays_of_patient:
                place = self.placed(patient_key, self.now)
                if place is not None:
                    self._on[place[1]].append(self.spells[place[0]])
        return self._on.get(ward, [])

    def open_flags(self, spell: Row, kind: str, at: datetime | None = None) -> list[Row]:
        """Ruling 24."""
        at = at or self.now
        return [
            flag
            for flag in self.of_spell("flag", spell)
            if flag["type"] == kind
            and (flag.get("status") is None or word(flag["status"]) in ("open", "active"))
            and flag["start_ts"] <= at
            and (flag.get("end_ts") is None or flag["end_ts"] > at)
        ]

    def profile(self, ward: str) -> Row:
        return self.site["profiles"][self.site["wards"][ward]]

    def applies(self, ward: str, measure: str) -> bool:
        return measure not in self.profile(ward)["not_applicable"]

    def standard(self, ward: str, measure: str, name: str, default: Any) -> Any:
        return self.profile(ward)["standards"].get(measure, {}).get(name, default)


def is_inpatient(spell: Row) -> bool:
    """Ruling 4: no class means inpatient."""
    return spell.get("patient_class") in (None, "inpatient")


def aged(spell: Row, years: float) -> bool:
    """Ruling 3: a null age satisfies every lower limit."""
    return spell.get("age") is None or spell["age"] >= years
