"""A large, plain hospital in a real database: as many rows as asked for, all at once, for measuring only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from surveillance.feeds import FEEDS, Kind

AS_AT = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)
CLASSES = ("antimicrobial", "anticoagulant", "insulin", "analgesic", "antihypertensive", "laxative")
TYPES = ("vte", "must", "falls", "pressure_ulcer", "smoking", "alcohol", "allergy", "oral", "adl")
BANDS = {"allergy": "none_known"}
ADMINISTRATIONS_H = 8
"""Hours between two rounds."""
ORDERS = 5
"""Prescriptions a patient."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in the source. The defaults are the size that the targets are stated for."""

    wards: int = 100
    inpatients: int = 3_000
    assessments: int = 27_000
    administrations: int = 200_000
    observations: int = 300_000

    def scaled(self, wards: int) -> Size:
        """The same hospital with so many wards."""
        share = wards / self.wards
        sizes = (self.inpatients, self.assessments, self.administrations, self.observations)
        return Size(wards, *(round(size * share) for size in sizes))


Row = Sequence[Any]


def tables(size: Size, seed: int = 1) -> Iterator[tuple[str, list[str], list[Row]]]:
    """(feed, columns, rows) of every feed; moments as text in UTC."""
    dice = Random(seed)
    wards = [f"W{number:03}" for number in range(size.wards)]
    current = [f"S{number}" for number in range(size.inpatients)]
    gone = [f"D{number}" for number in range(size.inpatients * 3)]
    admitted = {spell: AS_AT - timedelta(hours=dice.expovariate(1 / 160)) for spell in current}
    left = {spell: AS_AT - timedelta(hours=dice.uniform(0, 28 * 24)) for spell in gone}
    admitted |= {spell: left[spell] - timedelta(hours=dice.expovariate(1 / 100)) for spell in gone}
    ward_of = {spell: dice.choice(wards) for spell in (*current, *gone)}
    everybody = [*current, *gone]

    spells = [
        (f"P{spell}", spell, at(admitted[spell]), at(left.get(spell)), "inpatient", dice.randint(18, 95), "female", 0)
        for spell in everybody
    ]
    columns = "patient_key spell_key admit_ts discharge_ts patient_class age sex is_test"
    yield "spell", columns.split(), spells
    people = [
        (f"P{spell}", f"Family{number % 997}", f"Given{number % 89}", f"H{number:06}", f"999{number:07}", "1950-03-01")
        for number, spell in enumerate(everybody)
    ]
    columns = "patient_key family_name given_name hospital_number nhs_number birth_date"
    yield "patient_identity", columns.split(), people
    stays: list[Row] = []
    for number, spell in enumerate(everybody):
        moved = admitted[spell] + timedelta(hours=12)
        bed, end = f"B{number}", left.get(spell)
        if moved < (end or AS_AT):
            stays.append((spell, dice.choice(wards), bed, at(admitted[spell]), at(moved)))
            stays.append((spell, ward_of[spell], bed, at(moved), at(end)))
        else:
            stays.append((spell, ward_of[spell], bed, at(admitted[spell]), at(end)))
    yield "ward_stay", ["spell_key", "ward_code", "bed_code", "start_ts", "end_ts"], stays
    attended = [spell for spell in everybody if dice.random() < 0.7]
    arrivals = [(s, *(at(admitted[s] - timedelta(hours=h)) for h in (5, 4, 1))) for s in attended]
    yield "ed_attendance", ["spell_key", "arrival_ts", "first_seen_registered_ts", "decision_to_admit_ts"], arrivals

    assessments = []
    for number in range(size.assessments):
        spell, kind = current[number % len(current)], TYPES[number // len(current) % len(TYPES)]
        done = admitted[spell] + timedelta(hours=dice.expovariate(1 / 2))
        if done < AS_AT:
            entered = done + timedelta(minutes=5)
            assessments.append((spell, kind, "complete", at(done), at(entered), 12, BANDS.get(kind, "low"), None))
    columns = "spell_key type status effective_ts recorded_ts score risk_band exempt_reason"
    yield "assessment", columns.split(), assessments
    kinds = ("fall", "surgery", "condition change", "consultant review")
    events = [(s, dice.choice(kinds), at(admitted[s] + timedelta(hours=dice.uniform(1, 48)))) for s in current]
    yield "care_event", ["spell_key", "type", "ts"], [event for event in events if event[2] and event[2] < at(AS_AT)]

    orders, doses = [], []
    per_order = max(1, size.administrations // (size.inpatients * ORDERS))
    for spell in current:
        for number in range(ORDERS):
            key, start = f"{spell}-{number}", admitted[spell]
            drug = dice.randrange(len(CLASSES) * 20)
            verified = at(start + timedelta(hours=3)) if dice.random() < 0.9 else None
            status = "verified" if verified else "not verified"
            orders.append(
                (
                    key,
                    spell,
                    f"drug{drug}",
                    "oral",
                    "regular",
                    "active",
                    at(start),
                    None,
                    status,
                    verified,
                    "pharmacist",
                    at(start),
                )
            )
            first = AS_AT.replace(hour=6, minute=0) - timedelta(hours=ADMINISTRATIONS_H * (per_order - 2))
            for round_ in range(per_order):
                due = first + timedelta(hours=ADMINISTRATIONS_H * round_)
                given = due <= AS_AT and dice.random() < 0.97
                when = at(due + timedelta(minutes=dice.randint(1, 40))) if given else None
                doses.append((key, at(due), "given" if given else None, when, None, None, 0, when))
    columns = "order_key spell_key drug_code route kind status start_ts stop_ts verify_status verified_ts"
    yield "order", f"{columns} verifier_role last_modified_ts".split(), orders
    columns = "order_key due_ts status given_ts reason_code reason_text voided recorded_ts"
    yield "dose_event", columns.split(), doses
    medrec = [(s, "complete", at(admitted[s] + timedelta(hours=15)), "pharmacist", 2) for s in everybody]
    yield "medrec", ["spell_key", "status", "completed_ts", "role", "sources_count"], medrec

    observations = []
    per_patient = size.observations // len(current)
    for spell in current:
        for number in range(per_patient):
            ts = AS_AT - timedelta(hours=3.9 * number, minutes=dice.randint(0, 59))
            if ts > admitted[spell] or number == 0:
                total = dice.choice((0, 0, 1, 1, 2, 3, 4, 5, 7))
                observations.append((spell, at(ts), 16, 97, 1, "air", 125, 78, "A", 36.8, total, 1))
            else:  # an earlier spell, so that the source holds as many rows as asked for
                observations.append((f"X{spell}", at(ts), 16, 97, 1, "air", 125, 78, "A", 36.8, 0, 1))
    columns = "spell_key ts rr spo2 spo2_scale o2 sbp pulse acvpu temp news2_total complete"
    yield "obs_set", columns.split(), observations
    plans = [(s, dice.choice((60, 240, 360, 720)), at(admitted[s]), "RN") for s in current if dice.random() < 0.3]
    yield "obs_plan", ["spell_key", "interval_min", "set_ts", "set_by_role"], plans
    types = ("sepsis_suspected", "sepsis_confirmed", "allergy", "falls_risk_factor")
    flags = [(s, dice.choice(types), "open", at(admitted[s])) for s in current if dice.random() < 0.15]
    yield "flag", ["spell_key", "type", "status", "start_ts"], flags
    creatinine = [
        (f"P{s}", "creatinine", dice.randint(50, 200), "umol/L", at(ts), at(ts), dice.choice((0, 0, 0, 0, 1, 2)))
        for s in current
        for ts in (AS_AT - timedelta(hours=dice.uniform(0, 70)), AS_AT - timedelta(hours=dice.uniform(70, 140)))
    ]
    yield (
        "lab_result",
        ["patient_key", "test", "value", "unit", "collected_ts", "reported_ts", "aki_stage_from_lab"],
        creatinine,
    )
    swabs = [(f"P{s}", dice.choice(("SARS-CoV-2", "C. difficile")), "final") for s in everybody if dice.random() < 0.3]
    results = [(*swab, "negative", *[at(AS_AT - timedelta(hours=dice.uniform(3, 900)))] * 3) for swab in swabs]
    yield (
        "micro_result",
        ["patient_key", "organism", "status", "result", "ordered_ts", "collected_ts", "final_ts"],
        results,
    )
    today = AS_AT.date()
    leaving = [(s, str(today + timedelta(days=dice.randint(-1, 6))), at(admitted[s]), None) for s in current]
    yield "discharge_plan", ["spell_key", "edd", "edd_set_ts", "golden_for_date"], leaving
    practices = [(s, "enhanced care", at(admitted[s]), None, at(AS_AT)) for s in current if dice.random() < 0.02]
    yield "restrictive_practice", ["spell_key", "kind", "start_ts", "end_ts", "last_review_ts"], practices
    wounds = [(s, f"N{s}", "pressure_ulcer", "2", at(admitted[s]), 0, None, 1) for s in current if dice.random() < 0.05]
    columns = "spell_key wound_key kind category first_observed_ts present_on_admission healed_ts validated"
    yield "wound", columns.split(), wounds
    yield (
        "duty",
        ["duty_key", "ward_code", "start_ts", "end_ts", "staff_group", "state", "source", "break_min"],
        duties(wards, dice),
    )
    census = [(ward, at(AS_AT - timedelta(hours=5)), "day", 46) for ward in wards]
    yield "census_staffing", ["ward_code", "ts", "shift", "required_hours"], census


def duties(wards: Sequence[str], dice: Random) -> list[Row]:
    """A month of long days and nights."""
    rows: list[Row] = []
    for ward in wards:
        for day in range(-32, 3):
            morning = AS_AT.replace(hour=7, minute=30) + timedelta(days=day)
            for start, crew in (
                (morning, ["RN"] * 4 + ["HCSW"] * 3),
                (morning + timedelta(hours=12), ["RN", "HCSW"] * 2),
            ):
                for member in crew:
                    state = "filled" if dice.random() < 0.95 else "sick"
                    span = (at(start), at(start + timedelta(hours=12.5)))
                    rows.append((f"{len(rows)}", ward, *span, member, state, "substantive", 60))
    return rows


def at(moment: datetime | None) -> str | None:
    """A moment as the bench database writes it."""
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")


def fill_sqlite(path: Path, size: Size) -> str:
    """The hospital in a new SQLite file; its URL."""
    with sqlite3.connect(path) as connection:
        for feed, columns, rows in tables(size):
            connection.execute(f'create table "{feed}" ({", ".join(columns)})')
            connection.executemany(f'insert into "{feed}" values ({", ".join("?" * len(columns))})', rows)
            for column in indexed(feed, columns):
                connection.execute(f'create index "{feed}_{column}" on "{feed}" ({column})')
    connection.close()
    return f"sqlite:///{path}"


def fill_postgresql(url: str, size: Size) -> str:
    """The same hospital in an empty PostgreSQL database."""
    import psycopg  # only where a server is

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for feed, columns, rows in tables(size):
            kinds = {column.name: column.kind for column in FEEDS[feed].columns}
            types = {Kind.TIME: "timestamp", Kind.DATE: "date", Kind.NUMBER: "float", Kind.BOOL: "int"}
            declared = ", ".join(f"{column} {types.get(kinds[column], 'text')}" for column in columns)
            connection.execute(f'create table "{feed}" ({declared})')
            with connection.cursor().copy(f'copy "{feed}" ({", ".join(columns)}) from stdin') as copy:
                for row in rows:
                    copy.write_row(row)
            for column in indexed(feed, columns):
                connection.execute(f'create index on "{feed}" ({column})')
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return url


def indexed(feed: str, columns: Sequence[str]) -> list[str]:
    """What a vendor's table would have an index on."""
    recent = FEEDS[feed].recent_by
    return [recent] if recent in columns else []


BOUNDED_BY = {"dose_event": "due_ts", "obs_set": "ts"}


def write_site(folder: Path, url: str, size: Size, storage: str) -> Path:
    """The site's configuration with a query a feed; its path."""
    columns = {feed: names for feed, names, _ in tables(Size(2, 4, 9, 40, 12))}
    lines = ['[site]\nname = "Bench"', f'[store]\npath = "{folder}/store.sqlite"', "[sources.bench]"]
    lines += ['url_file = "url"', "interval_s = 60", "timeout_s = 120", f'[sources.bench.times]\nstorage = "{storage}"']
    for feed, names in columns.items():
        query = f'select {", ".join(names)} from "{feed}"'
        if feed in BOUNDED_BY:
            query += f" where {BOUNDED_BY[feed]} >= :since"
        (folder / f"{feed}.sql").write_text(query)
        lines.append(f'[sources.bench.feeds.{feed}]\nsql = "{feed}.sql"')
    lines.append('[[divisions]]\ncode = "D"\nname = "Division"\n[[sites]]\ncode = "S"\nname = "Site"')
    for number in range(size.wards):
        lines.append(f'[[wards]]\ncode = "W{number:03}"\nname = "Ward {number}"\ndivision = "D"\nsite = "S"')
    lines.append('[medicines]\ncritical = ["antimicrobial", "anticoagulant", "insulin"]\n[medicines.classes]')
    for place, name in enumerate(CLASSES):
        codes = ", ".join(f'"drug{place * 20 + number}"' for number in range(20))
        lines.append(f"{name} = [{codes}]")
    (folder / "url").write_text(url)
    path = folder / "bench.toml"
    path.write_text("\n".join(lines))
    return path
