"""A worklist holds the patient rows behind the numbers of one snapshot, and is kept apart from every history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

Cell = datetime | float | int | str | bool | None
"""What a row may hold. Missing is None; a column holds moments or other things, never both."""

Row = Mapping[str, Cell]
Rows = Mapping[tuple[str, str], Sequence[Row]]
"""(ward code, measure id) → the rows that count."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody whom a row names: where they lie, how unwell they are, and who they are as far as a source says.

    ``ward``: the code of the ward or other unit where they lie, "" when they lie nowhere now. ``bed``: "" when none is
    assigned. ``admitted``: start of the spell (UTC). ``news2``: the recorded total (points) of the last complete set of
    observations with one, on a listed ward and where NEWS2 applies, and ``news2_at`` when that was measured (UTC).
    ``family_name``, ``given_name``, ``hospital_number``, ``nhs_number``: as the source writes them, "" when unknown.
    """

    patient_key: str
    spell_key: str
    ward: str = ""
    bed: str = ""
    admitted: datetime | None = None
    news2: int | None = None
    news2_at: datetime | None = None
    family_name: str = ""
    given_name: str = ""
    hospital_number: str = ""
    nhs_number: str = ""
    birth_date: date | None = None

    @property
    def shown(self) -> str:
        """The name as the NHS writes it on a screen, "ASHWORTH, Irene"; "" when it is unknown."""
        return ", ".join(part for part in (self.family_name.upper(), self.given_name) if part)


@dataclass(frozen=True, slots=True)
class Worklist:
    """The rows that count, for every ward and measure at one moment, and whom they name.

    ``as_at``: that of the snapshot it belongs to. ``rows``: (ward code, measure id) → rows with the columns ``part``
    (which number of the reading the row counts in), ``key`` (spell, order or dose) and those that the measure declares.
    Of a reading that is held while a source is away they are the rows that made it.
    ``patients``: patient key → everybody in hospital now, and everybody else whom a row names and a source knows.
    ``spells``: spell key → patient key, of the same people. Neither is ever stored.
    Nobody changes a row after it was handed over: an unchanged list is recognised by comparing it with the last one.
    """

    as_at: datetime
    rows: Rows = field(default_factory=dict)
    patients: Mapping[str, Patient] = field(default_factory=dict)
    spells: Mapping[str, str] = field(default_factory=dict)
