"""A hospital of three wards in one SQLite file, connected by a TOML file and its own queries, as a small site would.

Its clock stands still.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

AS_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATIENT = "9434765919"
"""Stands in every row about a patient, so that a test can look for it where it must not be."""

CONFIG = """
[site]
name = "Small Hospital"

[clock]
start = 2026-11-23T12:00:00Z
real_start = 2026-11-23T12:00:00Z
speed = 0

[store]
path = "store.sqlite"

[sources.pas]
url_file = "pas.url"
times = { storage = "text", format = "%Y-%m-%d %H:%M:%S", zone = "UTC" }

[sources.pas.feeds.spell]
sql = "spell.sql"

[sources.pas.feeds.ward_stay]
sql = "ward_stay.sql"

[sources.pas.feeds.discharge_plan]
sql = "discharge_plan.sql"

[[divisions]]
code = "MED"
name = "Medicine"

[[sites]]
code = "MAIN"
name = "Main"

[[wards]]
code = "A1"
name = "Ash Ward"
division = "MED"
site = "MAIN"
beds = 12

[[wards]]
code = "B2"
name = "Birch Ward"
division = "MED"
site = "MAIN"

[[wards]]
code = "C3"
name = "Cedar Ward"
division = "MED"
site = "MAIN"
"""

QUERIES = {
    "spell": "SELECT patient AS patient_key, visit AS spell_key, arrived AS admit_ts, "
    "NULL AS discharge_ts FROM visits WHERE arrived <= :as_at",
    "ward_stay": "SELECT stay AS stay_key, visit AS spell_key, ward AS ward_code, began AS start_ts, "
    "NULL AS end_ts FROM stays WHERE began <= :as_at",
    "discharge_plan": "SELECT visit AS spell_key, leaves AS edd FROM plans",
}


def small_hospital(folder: Path, *, per_ward: tuple[int, int, int] = (3, 1, 0)) -> Path:
    """Write the hospital into ``folder``; returns the path of its configuration."""
    with sqlite3.connect(folder / "pas.sqlite") as database:
        database.executescript(
            "CREATE TABLE visits (patient TEXT, visit TEXT, arrived TEXT);"
            "CREATE TABLE stays (stay TEXT, visit TEXT, ward TEXT, began TEXT);"
            "CREATE TABLE plans (visit TEXT, leaves TEXT);"
        )
        number = 0
        for ward, patients in zip(("A1", "B2", "C3"), per_ward, strict=True):
            for _ in range(patients):
                number += 1
                visit = f"v{number}"
                arrived = f"{AS_AT - timedelta(hours=number):%Y-%m-%d %H:%M:%S}"
                database.execute("INSERT INTO visits VALUES (?, ?, ?)", (f"{PATIENT}-{number}", visit, arrived))
                database.execute("INSERT INTO stays VALUES (?, ?, ?, ?)", (f"s{number}", visit, ward, arrived))
                database.execute("INSERT INTO plans VALUES (?, ?)", (visit, f"{AS_AT:%Y-%m-%d}"))
    database.close()
    for feed, query in QUERIES.items():
        (folder / f"{feed}.sql").write_text(query + "\n", encoding="utf-8")
    (folder / "pas.url").write_text(f"sqlite:///{folder / 'pas.sqlite'}\n", encoding="utf-8")
    config = folder / "hospital.toml"
    config.write_text(CONFIG, encoding="utf-8")
    return config
