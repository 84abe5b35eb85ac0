"""Medicines of the second hospital: a row a version of a prescription, and one chart of planned and given doses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from surveillance.demo.second import words
from surveillance.demo.second.first import Row, rows, spell_of, wall

LATEST = ("PRESCRIBE", "MODIFY", "SUSPEND", "RESUME")


def versions(folder: Path) -> Iterator[Row]:
    """Each prescription as it stood after each change of it."""
    query = """
        SELECT r.*, p.label, a.action, a.acted_at, a.acted_by_role FROM rx_item r
        JOIN rx_action a ON a.rx_id = r.rx_id LEFT JOIN product p ON p.product_code = r.product_code
        ORDER BY r.rx_id, a.acted_at, a.action_id
    """
    for _, actions in groupby(rows(folder, "prescribing", query), itemgetter("rx_id")):
        done: dict[str, int] = {}
        for number, (moment, together) in enumerate(groupby(actions, itemgetter("acted_at")), start=1):
            for row in together:
                if row["action"] == "STOP":
                    done.setdefault("STOP", moment)
                elif row["action"] in LATEST or row["acted_by_role"] == "Pharmacist":
                    done[row["action"]] = moment
            yield _version(row, done) | {"version_no": number, "changed_on": wall(moment)}


def _version(row: Row, done: dict[str, int]) -> Row:
    changed = done.get("MODIFY", done.get("PRESCRIBE"))
    status = (
        "Draft"
        if "PRESCRIBE" not in done
        else "Stopped"
        if "STOP" in done
        else "On hold"
        if done.get("SUSPEND", 0) > done.get("RESUME", 0)
        else "Current"
    )
    return {
        "rx_no": f"RX{row['rx_id']}",
        "spell_ref": spell_of(row["visit_no"]),
        "item_code": row["product_code"],
        "item_name": row["label"],
        "route": row["route"],
        "schedule": words.SCHEDULES[row["freq_type"]],
        "status": status,
        "from_on": wall(row["valid_from"]),
        "to_on": wall(done.get("STOP", row["valid_to"])),
        "check_needed": "N" if row["verify_exempt"] else "Y",
        "checked_on": wall(done.get("VERIFY")),
        "last_changed_on": wall(changed),
    }


def chart(folder: Path) -> Iterator[Row]:
    """Planned doses, and administrations; one given as needed was never planned."""
    for row in rows(folder, "prescribing", "SELECT * FROM administration ORDER BY admin_id"):
        planned, charted = 2 * row["admin_id"], row["charted_at"] is not None
        rx = {"rx_no": f"RX{row['rx_id']}"}
        if row["due_at"] is not None:
            made = {"due_on": wall(row["due_at"]), "made_on": wall(row["made_at"])}
            yield rx | made | {"row_no": planned, "row_type": "Planned"}
        if charted:
            yield rx | {
                "row_no": planned + 1,
                "row_type": "Administration",
                "planned_row": planned if row["due_at"] is not None else None,
                "outcome": words.OUTCOMES.get(row["outcome"], row["outcome"]),
                "given_on": wall(row["given_at"]),
                "reason": words.REASONS.get(row["reason_cd"], row["reason_cd"]),
                "note": row["reason_note"],
                "charted_on": wall(row["charted_at"]),
                "struck_on": wall(row["struck_at"]),
            }


def reconciliations(folder: Path) -> Iterator[Row]:
    """Medicines reconciliations."""
    for row in rows(folder, "prescribing", "SELECT * FROM reconciliation ORDER BY rec_id"):
        yield {
            "rec_no": row["rec_id"],
            "spell_ref": spell_of(row["visit_no"]),
            "started_on": wall(row["started_at"]),
            "completed_on": wall(row["finished_at"]),
            "cancelled_on": wall(row["withdrawn_at"]),
            "completed_by": row["by_role"],
            "sources": row["n_sources"],
        }
