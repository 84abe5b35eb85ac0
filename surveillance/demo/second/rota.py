"""The rota of the second hospital: each line of a shift with the time during which it was known to be so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from surveillance.demo.second import words
from surveillance.demo.second.first import Row, rows, wall
from surveillance.demo.wards import WARDS

COST_CENTRES = {ward.code: f"N{4101 + place}" for place, ward in enumerate(WARDS)}


def lines(folder: Path) -> Iterator[Row]:
    """Every shift in every state that it was in."""
    query = """
        SELECT d.*, a.VersionNo, a.ChangedAt, a.Status, a.FilledBy, a.WorkedUnit FROM RosterDuty d
        LEFT JOIN DutyAssignment a ON a.DutyId = d.DutyId ORDER BY d.DutyId, a.VersionNo
    """
    for _, versions in groupby(rows(folder, "rostering", query), itemgetter("DutyId")):
        known = list(versions)
        if known[0]["ChangedAt"] is None or known[0]["ChangedAt"] > known[0]["PublishedAt"]:
            known.insert(0, known[0] | {"Status": "Vacant", "FilledBy": None, "WorkedUnit": None, "ChangedAt": None})
        for place, row in enumerate(known):
            if row["ChangedAt"] is None and place > 0:
                continue
            later = known[place + 1]["ChangedAt"] if place + 1 < len(known) else None
            yield _line(row) | {
                "known_from": _full(row["ChangedAt"] or row["PublishedAt"]),
                "known_to": _full(later),
            }


def _line(row: Row) -> Row:
    return {
        "shift_ref": f"SH{row['DutyId']}",
        "cost_centre": COST_CENTRES[row["Unit"]],
        "begins_on": _full(row["DutyStart"]),
        "ends_on": _full(row["DutyEnd"]),
        "grade": words.GRADES[row["GradeType"]],
        "state": words.STATES[row["Status"]],
        "staffed_by": words.STAFFED_BY.get(row["FilledBy"]),
        "worked_at": COST_CENTRES.get(row["WorkedUnit"]),
        "break_min": row["BreakMinutes"],
        "supernumerary": row["Supernumerary"],
    }


def censuses(folder: Path) -> Iterator[Row]:
    """Hours that patients need, and hours there are."""
    for row in rows(folder, "rostering", "SELECT * FROM AcuityCensus ORDER BY CensusId"):
        yield {
            "cost_centre": COST_CENTRES[row["Unit"]],
            "taken_on": _full(row["CensusAt"]),
            "part_of_day": words.PARTS_OF_DAY[row["Period"]],
            "hours_needed": row["RequiredHours"],
            "hours_available": row["AvailableHours"],
            "judgement": row["Judgement"],
            "red_flags": row["RedFlags"],
        }


def messages(folder: Path) -> Iterator[Row]:
    """When the interface last received anything."""
    for row in rows(folder, "rostering", "SELECT * FROM InterfaceLog"):
        yield {"message_no": 1, "received_on": wall(row["LastMessageAt"])}


def _full(local: str | None) -> str | None:
    """The first rota has wall-clock times without seconds."""
    return f"{local}:00" if local else None
