"""Recorded times become overlay times: each admission's rows move by the admission's own whole days.

Tables that name only a person are given to the admission of that person whose window holds the time (both ends
included; where two windows touch, the later admission). Rows in no window belong to no admission.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from surveillance.replay.source_files import seconds

DAY_S = 86_400
MEASURED_IN_PLACES = ("emar", "labevents", "chartevents")
"""Tables whose rows name a person and a time but no admission."""
RESPIRATORY_RATE = 220210
NO_PLACE = "discharge"
"""Movements of this type say that the patient has left."""

Tables = Mapping[str, pd.DataFrame]


def on_overlay(tables: Tables) -> dict[str, pd.DataFrame]:
    """``tables`` with overlay times (seconds since 1970), and the table ``unit`` (see ``units``).

    admissions: admit_ts, disch_ts, first_ts, left_ts, shift_s. transfers: in_ts, out_ts. The tables of
    ``MEASURED_IN_PLACES``: hadm_id, ts, recorded_s (the recorded time, not moved).
    ``left_ts`` is the later of time of discharge and end of the last movement.
    """
    shift = _by_admission(tables["overlay_shift"], "shift_days") * DAY_S
    transfers = tables["transfers"]
    moved = transfers["hadm_id"].map(shift)
    transfers = transfers.assign(
        in_ts=seconds(transfers["intime"]) + moved, out_ts=seconds(transfers["outtime"]) + moved
    )
    windows = _windows(tables["overlay_shift"])
    placed = {name: _placed(tables[name], windows, shift) for name in MEASURED_IN_PLACES}
    admissions = _admissions(tables["admissions"], transfers, shift)
    units = _units(transfers, placed["chartevents"])
    return {**tables, **placed, "admissions": admissions, "transfers": transfers, "unit": units}


def _by_admission(table: pd.DataFrame, column: str) -> pd.Series[Any]:
    return table.drop_duplicates("hadm_id").set_index("hadm_id")[column]


def _admissions(admissions: pd.DataFrame, transfers: pd.DataFrame, shift: pd.Series[Any]) -> pd.DataFrame:
    moved = admissions["hadm_id"].map(shift)
    admit, discharge = seconds(admissions["admittime"]) + moved, seconds(admissions["dischtime"]) + moved
    lying = transfers[transfers["transfer_id"].notna() & (transfers["eventtype"] != NO_PLACE)].groupby("hadm_id")
    first, last = (admissions["hadm_id"].map(found) for found in (lying["in_ts"].min(), lying["out_ts"].max()))
    return admissions.assign(
        admit_ts=admit,
        disch_ts=discharge,
        first_ts=pd.concat([admit, first], axis=1).min(axis=1).astype("Int64"),
        left_ts=pd.concat([discharge, last], axis=1).max(axis=1).astype("Int64"),
        shift_s=moved,
    )


def _windows(shifts: pd.DataFrame) -> pd.DataFrame:
    windows = shifts.assign(start_s=seconds(shifts["win_start"]), end_s=seconds(shifts["win_end"]))
    windows = windows.dropna(subset=["subject_id", "hadm_id", "start_s", "end_s"])
    return windows[["subject_id", "hadm_id", "start_s", "end_s"]].astype("int64").sort_values("start_s", kind="stable")


def _placed(table: pd.DataFrame, windows: pd.DataFrame, shift: pd.Series[Any]) -> pd.DataFrame:
    recorded = seconds(table["charttime"])
    known = table["subject_id"].notna() & recorded.notna()
    asked = pd.DataFrame({"subject_id": table["subject_id"], "recorded_s": recorded})[known].astype("int64")
    asked = asked.assign(row=asked.index).sort_values("recorded_s", kind="stable")
    found = pd.merge_asof(asked, windows, left_on="recorded_s", right_on="start_s", by="subject_id")
    inside = found[found["recorded_s"] <= found["end_s"]].set_index("row")
    admission = inside["hadm_id"].astype("Int64").reindex(table.index)
    return table.assign(hadm_id=admission, ts=recorded + admission.map(shift), recorded_s=recorded)


def _units(transfers: pd.DataFrame, chartevents: pd.DataFrame) -> pd.DataFrame:
    """Each care unit where somebody lay: careunit, patient_days, respiratory_rates charted there."""
    stays = transfers[
        transfers["hadm_id"].notna() & transfers["transfer_id"].notna() & (transfers["eventtype"] != NO_PLACE)
    ]
    stays = stays[["hadm_id", "careunit", "in_ts", "out_ts"]].dropna().sort_values("in_ts", kind="stable")
    days = (stays["out_ts"] - stays["in_ts"]).astype("float64").groupby(stays["careunit"]).sum() / DAY_S
    rates = chartevents[(chartevents["itemid"] == RESPIRATORY_RATE) & chartevents["ts"].notna()]
    rates = rates[["hadm_id", "ts"]].astype("int64").sort_values("ts", kind="stable")
    keys = stays.astype({"hadm_id": "int64", "in_ts": "int64", "out_ts": "int64"})
    there = pd.merge_asof(rates, keys, left_on="ts", right_on="in_ts", by="hadm_id")
    charted = there[there["ts"] < there["out_ts"]].groupby("careunit").size()
    return pd.DataFrame(
        {
            "careunit": days.index,
            "patient_days": days.to_numpy(),
            "respiratory_rates": charted.reindex(days.index, fill_value=0).to_numpy(),
        }
    )
