"""Questions to the loaded database whose answers can be worked out from the source's files by other means.

They check the loading; none of them feeds the display.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

LYING = "t.hadm_id IS NOT NULL AND t.transfer_id IS NOT NULL AND t.eventtype <> 'discharge'"


def row_counts(database: Path) -> dict[str, int]:
    """Rows of transfers (all, and by type of event), admissions and emar; distinct people and admissions."""
    counts = {
        table: _number(database, f"SELECT COUNT(*) FROM {table}") for table in ("transfers", "admissions", "emar")
    }
    counts |= _pairs(database, "SELECT eventtype, COUNT(*) FROM transfers GROUP BY eventtype")
    counts["subjects"] = _number(database, "SELECT COUNT(DISTINCT subject_id) FROM patients")
    counts["hadm"] = _number(database, "SELECT COUNT(DISTINCT hadm_id) FROM admissions")
    return counts


def census(database: Path, at: datetime) -> dict[str, int]:
    """Care unit → patients who lie there at ``at``."""
    query = f"SELECT t.careunit, COUNT(*) FROM transfers t WHERE {LYING} AND t.in_ts <= ? AND ? < t.out_ts GROUP BY 1"
    second = at.timestamp()
    return _pairs(database, query, second, second)


def movements(database: Path, day: date) -> dict[str, int]:
    """Admissions, discharges and moves between units on the overlay day."""
    start = datetime.combine(day, time(), UTC)
    span = (start.timestamp(), (start + timedelta(days=1)).timestamp())
    admissions = "SELECT COUNT(*) FROM admissions WHERE {} >= ? AND {} < ?"
    moves = "SELECT COUNT(*) FROM transfers WHERE eventtype = 'transfer' AND in_ts >= ? AND in_ts < ?"
    return {
        "admissions": _number(database, admissions.format("admit_ts", "admit_ts"), *span),
        "discharges": _number(database, admissions.format("disch_ts", "disch_ts"), *span),
        "moves": _number(database, moves, *span),
    }


def records_by_unit(database: Path, event_txt: str) -> dict[str, int]:
    """Care unit → records with this event, where the person lay then by recorded time ('none': nowhere)."""
    query = """
        SELECT COALESCE(t.careunit, 'none'), COUNT(*)
        FROM emar e LEFT JOIN transfers t
          ON t.subject_id = e.subject_id AND t.transfer_id IS NOT NULL
          AND t.intime <= e.charttime AND e.charttime < t.outtime
        WHERE e.event_txt = ? GROUP BY 1"""
    return _pairs(database, query, event_txt)


def _rows(database: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def _number(database: Path, query: str, *values: Any) -> int:
    return int(_rows(database, query, *values)[0][0])


def _pairs(database: Path, query: str, *values: Any) -> dict[str, int]:
    return {str(name): int(number) for name, number in _rows(database, query, *values)}
