"""Whoever lies in hospital or is named by a row is one person with a place, a NEWS2 and a name; none of it is stored.

A name is worth keeping while the source of names is away, so what was last known stays in memory until the program ends
or the source answers again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import instants
from surveillance.measures.hospital import Array, Hospital, at_rows
from surveillance.measures.observations import latest_set, scored, totals
from surveillance.worklist import Patient, Row, Rows, Worklist

FEED = "patient_identity"
WORDS = ("family_name", "given_name", "hospital_number", "nhs_number")

Identity = tuple[str, str, str, str, date | None]
NOBODY: Identity = ("", "", "", "", None)


class People:
    """The people behind one worklist after another; somebody about whom nothing changed is handed over again.

    One thread uses it. It holds names, in memory alone.
    """

    def __init__(self) -> None:
        self._identities: dict[str, Identity] = {}
        self._frame: pd.DataFrame | None = None
        self._persons: dict[str, str] = {}
        self._spells: pd.DataFrame | None = None
        self._last: dict[str, Patient] = {}

    def of(self, hospital: Hospital, rows: Rows, before: Worklist | None) -> tuple[dict[str, Patient], dict[str, str]]:
        """Patient key → everybody in hospital now or named by ``rows``; spell key → patient key of the same people.

        ``before``: the worklist before this one, for whom a held row names while the source that knew them is away.
        """
        if hospital.has(FEED):
            self._learn(hospital.feed(FEED))
        lying = hospital.has("spell") and hospital.has("ward_stay")
        patients = dict(self._present(hospital)) if lying else {}
        spells = {one.spell_key: key for key, one in patients.items()}
        persons = self._persons_of(hospital) if lying else {}
        for key, spell in _named(rows):
            person = key or spells.get(spell) or persons.get(spell) or (before.spells.get(spell, "") if before else "")
            if person and person not in patients and (found := self._elsewhere(person, spell, before)):
                patients[person] = found
            if spell and person in patients:
                spells[spell] = person
        self._last = patients
        return patients, spells

    def _learn(self, frame: pd.DataFrame) -> None:
        if frame is self._frame:
            return
        words = [frame[name].fillna("").to_numpy(dtype=object).tolist() for name in WORDS]
        born = [None if missing else moment.date() for moment, missing in _moments(frame["birth_date"])]
        keys = frame["patient_key"].to_numpy(dtype=object).tolist()
        self._identities = dict(zip(keys, zip(*words, born, strict=True), strict=True))
        self._frame = frame

    def _persons_of(self, hospital: Hospital) -> dict[str, str]:
        """Spell key → patient key of every spell that may count, also of those that ended."""
        frame = hospital.feed("spell")
        if frame is not self._spells:
            spells = hospital.spells
            pair = (spells[name].to_numpy(dtype=object).tolist() for name in ("spell_key", "patient_key"))
            self._persons, self._spells = dict(zip(*pair, strict=True)), frame
        return self._persons

    def _present(self, hospital: Hospital) -> Iterator[tuple[str, Patient]]:
        units = hospital.in_units
        columns = [units[name].fillna("").to_numpy(dtype=object).tolist() for name in ("ward_code", "bed_code")]
        admitted = [None if missing else moment for moment, missing in _moments(units["admit_ts"])]
        keys, spells = (units[name].to_numpy(dtype=object).tolist() for name in ("patient_key", "spell_key"))
        scores = _scores(hospital)
        for key, spell, ward, bed, since in zip(keys, spells, *columns, admitted, strict=True):
            total, at = scores.get(spell, (None, None))
            cells = (key, spell, ward, bed, since, total, at, *self._identities.get(key, NOBODY))
            yield key, self._again(Patient(*cells))

    def _elsewhere(self, key: str, spell: str, before: Worklist | None) -> Patient | None:
        """Somebody who does not lie in hospital as far as is known now."""
        last = before.patients.get(key) if before else None
        identity = self._identities.get(key)
        if last is not None:
            return last if identity is None else self._again(_renamed(last, identity))
        return None if identity is None else self._again(Patient(key, spell, "", "", None, None, None, *identity))

    def _again(self, found: Patient) -> Patient:
        """The one of the last time if it is the same."""
        last = self._last.get(found.patient_key)
        return last if last is not None and last == found else found


def _renamed(patient: Patient, identity: Identity) -> Patient:
    family, given, number, nhs, born = identity
    return replace(
        patient, family_name=family, given_name=given, hospital_number=number, nhs_number=nhs, birth_date=born
    )


def _named(rows: Rows) -> Iterator[tuple[str, str]]:
    """(patient key, spell key) of each row that has one or both, "" where it has not."""
    for found in rows.values():
        for row in found:
            key, spell = _word(row, "patient_key"), _word(row, "spell_key")
            if key or spell:
                yield key, spell


def _word(row: Row, column: str) -> str:
    cell = row.get(column)
    return cell if isinstance(cell, str) else ""


def _scores(hospital: Hospital) -> dict[str, tuple[int, datetime]]:
    """Spell key → NEWS2 and when it was measured, of patients on listed wards to whom it applies."""
    if not hospital.has("obs_set"):
        return {}
    last = latest_set(hospital, with_total=True)
    rows = np.flatnonzero(scored(hospital) & (last >= 0))
    total = at_rows(totals(hospital), last[rows], np.nan).astype(int).tolist()
    when = instants(hospital.times("obs_set", "ts")[last[rows]])
    spells: Array = hospital.on_ward["spell_key"].to_numpy(dtype=object)[rows]
    moments = (moment for moment, _ in _moments(pd.Series(when)))
    return dict(zip(spells.tolist(), zip(total, moments, strict=True), strict=True))


def _moments(column: pd.Series[Any]) -> Iterator[tuple[Any, bool]]:
    """Each cell as a datetime, and whether it is missing."""
    return zip(column.dt.to_pydatetime(), column.isna().tolist(), strict=True)
