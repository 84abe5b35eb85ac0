"""The second hospital's two databases, written from the first one's four as they stand; the same each time."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from surveillance.demo.hospital import DemoHospital, create
from surveillance.demo.second import charts, record, rota
from surveillance.demo.second.first import Row
from surveillance.demo.second.schema import RECORD, ROTA, TABLES, indexes, statements
from surveillance.errors import ConfigurationError

GUIDE_AT = datetime(2026, 7, 8, 10, 30, tzinfo=UTC)
"""The moment of the guide: on a summer's day, when a wrong time zone shows."""
GUIDE: dict[str, Any] = {"seed": 3, "days": 9, "wards": ("AMU", "ELD1")}
FIRST = "first"
"""The folder of the hospital from which the guide's is made."""

TABLES_OF: dict[str, dict[str, Callable[[Path], Iterator[Row]]]] = {
    RECORD: {
        "person": record.people,
        "adt_event": record.movements,
        "ed_visit": record.emergency_visits,
        "form_header": record.forms,
        "form_answer": record.answers,
        "clinical_event": record.clinical_events,
        "obs_value": record.observations,
        "obs_frequency": record.frequencies,
        "alert": record.alerts,
        "prescription_version": charts.versions,
        "chart_row": charts.chart,
        "reconciliation": charts.reconciliations,
        "result": record.results,
        "interface_message": record.messages,
    },
    ROTA: {"roster_line": rota.lines, "acuity_census": rota.censuses, "interface_message": rota.messages},
}


def for_the_guide(folder: Path) -> datetime:
    """Write the guide's databases and its list of medicines into ``folder``; returns the moment at which they stand."""
    first = folder / FIRST
    hospital = create(first, start=GUIDE_AT, **GUIDE)
    hospital.close()
    reshaped(first, folder)
    return GUIDE_AT


def reshaped(first: Path, folder: Path) -> datetime:
    """Write what stands in the simulated hospital in ``first`` into ``folder``, in the other vendor's tables.

    Beside them the list of medicine classes, whose codes are the same. Returns the moment at which they stand.

    Raises:
        ConfigurationError: no simulated hospital stands in ``first``, or not in files.
    """
    hospital = DemoHospital.open(first)
    stands_at = hospital.position
    hospital.close()
    if elsewhere := [name for name, url in hospital.urls.items() if not url.startswith("sqlite")]:
        raise ConfigurationError(f"{first}: {', '.join(elsewhere)}: only SQLite files can be written anew")
    folder.mkdir(parents=True, exist_ok=True)
    for file in TABLES:
        _write(first, folder / file, file)
    shutil.copyfile(first / "medicine_classes.csv", folder / "medicine_classes.csv")
    return stands_at


def _write(first: Path, path: Path, file: str) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(new, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("BEGIN")
        for statement in statements(file):
            database.execute(statement)
        for table, made in TABLES_OF[file].items():
            columns = TABLES[file][table]
            places = ", ".join("?" * len(columns))
            given = ([row.get(column) for column in columns] for row in made(first))
            database.executemany(f"INSERT INTO {table} VALUES ({places})", given)
        for statement in indexes(file):
            database.execute(statement)
        database.execute("COMMIT")
    new.replace(path)
