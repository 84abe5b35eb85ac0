"""A made-up hospital of canonical rows whose events sit on the limits of the rules: the same seed, the same rows.

What the rulings leave open is left out, so that any difference from the program is a fault of one of the two: equal
times that no tie rule decides, a given dose without ``given_ts``, a record of a dose without any time beside another,
a patient whose latest open stay is a day case without a bed while another stay is open, a census of another shift,
and a flag that ended between a requirement's due time and now.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from tests.oracle.dice import Dice
from tests.oracle.generate_medicines import MedicineRows
from tests.oracle.generate_patients import PatientRows
from tests.oracle.generate_staffing import add_census, add_duties
from tests.oracle.generate_team import LEVELS, team_feeds

Row = dict[str, Any]

MOMENTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-29T00:30:00",  # clocks go forward at 01:00Z
        "2026-03-29T01:30:00",
        "2026-03-29T23:00:00",  # first midnight of summer time
        "2026-03-30T06:30:00",
        "2026-10-25T00:30:00",  # 01:30 the first time
        "2026-10-25T01:30:00",  # 01:30 the second time
        "2026-10-25T07:30:00",
        "2026-10-26T00:00:00",
        "2026-06-14T23:00:00",  # 00:00 in summer
        "2026-06-14T22:59:59",
        "2026-05-04T06:30:00",  # 07:30 in summer
        "2026-05-04T06:29:59",
        "2026-02-10T20:00:00",  # 20:00 in winter
        "2026-02-10T19:59:59",
        "2026-06-30T23:30:00",  # the 1st of July in London
        "2026-11-01T00:00:00",
        "2026-11-02T03:12:45",
        "2026-01-01T09:00:00",
        "2026-08-17T13:37:11",
        "2026-12-09T10:00:00",
        "2026-09-21T21:05:00",
        "2026-04-03T05:00:00",
    )
)
PROFILE_OF = ("adult", "paediatric", "maternity", "critical_care", "day_case", "adult")
ASSESSMENTS_OF_BEDS = ("ra_must", "ra_falls", "ra_pressure_ulcer", "ra_smoking", "ra_alcohol", "ra_oral", "ra_adl")
PROFILES: dict[str, Row] = {
    "adult": {"not_applicable": [], "standards": {}},
    "paediatric": {"not_applicable": ["ra_falls", "ra_oral", "ra_adl", "red_flag_rn"], "standards": {}},
    "maternity": {
        "not_applicable": ["news2_high", "sepsis_antibiotic_overdue", "red_flag_rn"],
        "standards": {},
    },
    "critical_care": {
        "not_applicable": ["red_flag_rn"],
        "standards": {"ra_oral": {"interval_h": 24}, "ra_adl": {"interval_h": 24}},
    },
    "day_case": {"not_applicable": [*ASSESSMENTS_OF_BEDS, "red_flag_rn"], "standards": {}},
}
DRUG_CLASS = {
    "adrenaline": "emergency",
    "amoxicillin": "antimicrobial",
    "gentamicin": "antimicrobial",
    "apixaban": "anticoagulant",
    "insulin": "insulin",
    "levodopa": "parkinsons",
    "levetiracetam": "antiepileptic",
    "morphine": "opioid",
    "paracetamol": "analgesic",
    "saline flush": "flush",
    "oxygen": "oxygen",
    "feed": "feed",
    "stockings": "non_drug",
    "protocol item": "protocol",
}
CRITICAL = ["emergency", "antimicrobial", "anticoagulant", "insulin", "parkinsons", "antiepileptic", "opioid"]


def hospital(
    seed: int, *, wards: int = 4, patients: int = 60, as_at: datetime | None = None, missing: bool = True
) -> tuple[dict[str, list[Row] | None], Row, datetime]:
    """(feeds, site, as_at), as ``tests.oracle.compute`` takes them.

    ``as_at``: by default one of ``MOMENTS``. ``missing``: in one seed of four some feeds are not connected.
    """
    dice = Dice(seed)
    now = dice.one(MOMENTS) if as_at is None else as_at.astimezone(UTC)
    site = _site(dice, wards)
    rows = PatientRows(dice, site, now)
    medicine = MedicineRows(dice, rows, list(DRUG_CLASS))
    for number in range(patients):
        for spell in rows.add_patient(number):
            medicine.add(spell)
    feeds: dict[str, list[Row] | None] = {name: _distinct(found) for name, found in rows.feeds.items()}
    feeds["duty"] = add_duties(dice, site, now)
    feeds["census_staffing"] = _distinct(add_census(dice, site, now))
    if missing:
        _disconnect(dice, feeds, site)
    feeds |= team_feeds(seed, site, now)
    feeds["patient_identity"] = [_identity(number) for number in range(patients)]
    return feeds, site, now


def _identity(number: int) -> Row:
    """Of some people a part is not known; the rules know nothing of it, so no dice are thrown."""
    named = {"family_name": f"Family{number}", "given_name": f"Given{number}", "hospital_number": f"H {number:06}"}
    numbered = {"nhs_number": None if number % 5 == 0 else f"999{number:07}", "birth_date": date(1950, 3, 1)}
    return {"patient_key": f"P{number}", **named, **numbered}


def _site(dice: Dice, wards: int) -> Row:
    codes = ["adult", *(dice.one(PROFILE_OF) for _ in range(wards - 1))]
    return {
        "wards": {f"W{number}": profile for number, profile in enumerate(codes, 1)},
        "profiles": PROFILES,
        "drug_class": DRUG_CLASS,
        "critical": CRITICAL,
        "antimicrobial": ["antimicrobial"],
        "levels": list(LEVELS),
        "window_min": {} if dice.chance(0.7) else {"antiepileptic": 45, "analgesic": 90},
        "day_start": time(7, 30),
        "night_start": time(20, 0),
        "day_cases_on_ward": dice.weighted({"bed": 8, "always": 1, "never": 1}),
        "vte_exemptions": [] if dice.chance(0.5) else ["cohort"],
        "allowed_exemptions": None if dice.chance(0.7) else ["declined", "comfort care"],
        "early_parts": dice.chance(0.8),
        "beds": {f"W{number}": dice.one((None, 0, 4, 7)) for number in range(1, wards + 1)},
    }


def _disconnect(dice: Dice, feeds: dict[str, list[Row] | None], site: Row) -> None:
    if not dice.chance(0.25):
        return
    for name in dice.random.sample(list(feeds), 1 + int(dice.roll() * 3)):
        if name not in ("spell", "ward_stay") or dice.chance(0.1):
            feeds[name] = None
            if dice.chance(0.5):
                del feeds[name]
    if dice.chance(0.2):
        site["critical"] = None
    if dice.chance(0.2):
        site["antimicrobial"] = []
    if dice.chance(0.2):
        lab = feeds.get("lab_result") or []
        for row in lab:
            del row["aki_stage_from_lab"]
        lab[:] = _distinct(lab)


def _distinct(rows: list[Row]) -> list[Row]:
    """Without rows equal in every column, which the gate would drop."""
    return list({tuple(row.values()): row for row in rows}.values())
