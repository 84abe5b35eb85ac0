"""The state of every scheduled dose: given, late, missed, or not given for a reason; one row a dose.

A dose is an order with a due time. It is missed only when its window has passed and there is no record, no reason,
or the medicine was not available (after NPSA/2010/RRR009, 2010; windows by class).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from surveillance.measures.declaration import NotConnected
from surveillance.measures.hospital import Hospital, blank

SCHEDULED_KINDS = ("regular", "stat")
NEVER_DUE = ("draft", "cancelled", "void")
PREFERRED = {"given": 2, "self": 1, "not given": 0}
"""Of records made at one moment, this one stands."""

GIVEN, SELF = "given", "self"
NO_RECORD, NO_REASON, UNAVAILABLE, OTHER_REASON = "no record", "no reason", "not available", "other reason"
MISSED = (NO_RECORD, NO_REASON, UNAVAILABLE)


def scheduled_doses(hospital: Hospital, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Doses due in [``since``, ``until``] of orders that were active at the due time.

    Columns: order_key, spell_key, due_ts, drug_code, drug_class, critical, window_end, state, reason, given_ts.
    ``state`` is what is known now.
    """
    events = hospital.feed("dose_event")
    events = events[(events["due_ts"] >= since) & (events["due_ts"] <= until)]
    orders = hospital.feed("order")
    orders = orders[orders["kind"].isin(SCHEDULED_KINDS) & ~orders["status"].isin(NEVER_DUE)]
    doses = events[["order_key", "due_ts"]].drop_duplicates()
    columns = ["order_key", "spell_key", "drug_code", "status", "start_ts", "stop_ts", "last_modified_ts"]
    doses = doses.merge(orders[columns].rename(columns={"status": "order_status"}), on="order_key")
    doses = doses[_order_active_at_due(doses)]
    doses = doses.merge(records(hospital, events), on=["order_key", "due_ts"], how="left")
    doses["state"] = _state(doses)
    return _with_class(hospital, doses)


def _order_active_at_due(doses: pd.DataFrame) -> pd.Series[Any]:
    due = doses["due_ts"]
    active = (doses["start_ts"] <= due) & (doses["stop_ts"].isna() | (due < doses["stop_ts"]))
    active &= ~((doses["order_status"] == "stopped") & doses["stop_ts"].isna())
    suspended = doses["order_status"] == "suspended"
    result: pd.Series[Any] = active & (~suspended | (due < doses["last_modified_ts"]))
    return result


def records(hospital: Hospital, events: pd.DataFrame) -> pd.DataFrame:
    """The record that stands for each dose: order_key, due_ts, record, given_ts, reason_code, reason_text."""
    voided = events["voided"].fillna(False).astype(bool)
    made = events[events["status"].isin(list(PREFERRED)) & ~voided]
    entered = made["recorded_ts"].fillna(made["given_ts"])
    known = entered.isna() | (entered <= hospital.as_at)
    made = made.assign(entered_ts=entered, rank=made["status"].map(PREFERRED))[known]
    made = made.sort_values(["entered_ts", "rank"], kind="stable", na_position="first")
    last = made.drop_duplicates(["order_key", "due_ts"], keep="last").rename(columns={"status": "record"})
    return last[["order_key", "due_ts", "record", "given_ts", "entered_ts", "reason_code", "reason_text"]]


def _state(doses: pd.DataFrame) -> pd.Series[Any]:
    code, text = doses["reason_code"], doses["reason_text"]
    no_code = blank(code)
    no_reason = (no_code & blank(text)) | ((code == "other") & blank(text)) | (code == "NO_REASON")
    not_given = doses["record"] == "not given"
    state = pd.Series(NO_RECORD, index=doses.index, dtype="str")
    state = state.mask(doses["record"] == "given", GIVEN).mask(doses["record"] == "self", SELF)
    state = state.mask(not_given, OTHER_REASON)
    state = state.mask(not_given & (code == "UNAVAILABLE"), UNAVAILABLE)
    state = state.mask(not_given & no_reason, NO_REASON)
    return state.mask(not_given & (code == "SELF_ADMINISTERED"), SELF)


def _with_class(hospital: Hospital, doses: pd.DataFrame) -> pd.DataFrame:
    site = hospital.site
    classes = doses["drug_code"].map(dict(site.drug_class))
    windows = {name: site.window_min(name) for name in {*site.drug_class.values(), ""}}
    minutes = classes.fillna("").map(windows).astype("float64")
    critical = classes.isin(site.critical_classes or ())
    window_end = (doses["due_ts"] + pd.to_timedelta(minutes, unit="min")).astype("datetime64[us, UTC]")
    return doses.assign(drug_class=classes, critical=critical, window_end=window_end)


def todays_doses(hospital: Hospital) -> pd.DataFrame:
    """Doses due since 00:00 local of patients who lie on a ward now and lay there at the due time.

    Adds the patient's columns, ``past`` (the window has passed) and ``missed``.
    """
    doses = scheduled_doses(hospital, hospital.today, hospital.as_at)
    doses = hospital.on_ward_of(doses.drop(columns="start_ts"))
    there = hospital.wards_at(doses.assign(ts=doses["due_ts"])[["patient_key", "ts"]])
    doses = doses[there["ward_code"] == doses["ward_code"]]
    past = hospital.as_at > doses["window_end"]
    unmapped = int((doses["drug_class"].isna()).sum())
    hospital.quality["dose: medicine in no class"] += unmapped
    return doses.assign(past=past, missed=past & doses["state"].isin(MISSED))


def require_critical_list(hospital: Hospital) -> None:
    """Raises NotConnected where the site has configured no list of critical medicines."""
    if hospital.site.critical_classes is None:
        raise NotConnected("no list of critical medicines is configured")
