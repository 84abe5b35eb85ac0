"""Medicines: reconciliation, verification, and doses that were missed today."""

from __future__ import annotations

import numpy as np
import pandas as pd

from surveillance.measures.declaration import Answer, Better, Charted, Dimension, Form, Kind, Measure, Standard
from surveillance.measures.doses import (
    WORST_MISSED,
    Doses,
    dose_rows,
    given_orders,
    medicine,
    require_critical_list,
    todays_doses,
)
from surveillance.measures.hospital import Array, Hospital, at_rows, open_at
from surveillance.measures.picking import folded
from surveillance.settings import Threshold

NOT_TO_VERIFY = ("flush", "oxygen", "feed", "non_drug", "protocol")
"""Classes of orders that no pharmacist verifies."""
PHARMACY_ROLES = ("pharmacist", "pharmacy technician")


def medrec_outstanding(hospital: Hospital, measure: Measure) -> Answer:
    """Inpatients more than the limit after admission without a completed reconciliation."""
    limit = hospital.site.param(measure.id, "limit_h", measure.params["limit_h"])
    patients = hospital.on_ward
    inpatients = patients[patients["patient_class"].fillna("inpatient") == "inpatient"]
    due = inpatients[inpatients["admit_ts"] < hospital.ago(limit)]
    done = reconciled(hospital, measure)
    rows = due[~due["spell_key"].isin(done["spell_key"])]
    return Answer(rows.assign(due=rows["admit_ts"] + pd.Timedelta(hours=limit)), hospital.patients_per_ward(due))


def reconciled(hospital: Hospital, measure: Measure) -> pd.DataFrame:
    """Completed reconciliations by now: by pharmacy staff, or by anyone from enough sources; found once."""

    def find() -> pd.DataFrame:
        rows = hospital.feed("medrec")
        sources = hospital.site.param(measure.id, "min_sources", measure.params["min_sources"])
        trusted = folded(rows["role"]).isin(PHARMACY_ROLES) | (rows["sources_count"] >= sources)
        counted: pd.DataFrame = rows[
            (rows["status"] == "complete") & (rows["completed_ts"] <= hospital.as_at) & trusted
        ]
        return counted

    done: pd.DataFrame = hospital.once("reconciled", find)
    return done


def orders_not_verified(hospital: Hospital, measure: Measure) -> Answer:
    """Active orders of patients on the ward whose current version no pharmacist has verified."""
    orders = hospital.feed("order")
    place = at_rows(hospital.place, hospital.spell_codes("order"), -1)
    counts = (orders["status"] == "active") & open_at(orders, hospital.as_at, "start_ts", "stop_ts") & (place >= 0)
    counts &= orders["verify_status"] != "not required"
    if hospital.has("dose_event"):
        counts &= ~((orders["kind"] == "stat") & given_orders(hospital))
    drug_class = orders["drug_code"].map(dict(hospital.site.drug_class))
    counts &= ~drug_class.isin(NOT_TO_VERIFY)
    modified = orders["last_modified_ts"]
    verified = (
        (orders["verify_status"] == "verified")
        & (folded(orders["verifier_role"]) == "pharmacist")
        & (orders["verified_ts"] <= hospital.as_at)
        & (modified.isna() | (orders["verified_ts"] >= modified))
    )
    rows = np.flatnonzero(counts & ~verified)
    ordered = modified.fillna(orders["start_ts"]).take(rows)
    overdue = hospital.site.param(measure.id, "overdue_h", measure.params["overdue_h"])
    listed = hospital.beside(
        place[rows],
        order_key=orders["order_key"].take(rows),
        medicine=medicine(orders).take(rows),
        drug_class=drug_class.take(rows),
        ordered_ts=ordered,
        overdue=ordered < hospital.ago(overdue),
    )
    return Answer(listed, hospital.per_ward(place[np.flatnonzero(counts)]))


def missed_doses(hospital: Hospital, measure: Measure) -> Answer:
    """Doses due today, past their window, without record or reason, or not available."""
    hospital.feed("dose_event")
    doses, place = todays_doses(hospital)
    return _missed(hospital, doses, place)


def missed_critical_doses(hospital: Hospital, measure: Measure) -> Answer:
    """The same for medicines of a critical class."""
    require_critical_list(hospital)
    doses, place = todays_doses(hospital)
    critical = np.flatnonzero(doses.critical)
    return _missed(hospital, doses.take(critical), place[critical])


def _missed(hospital: Hospital, doses: Doses, place: Array) -> Answer:
    missed = np.flatnonzero(doses.state <= WORST_MISSED)
    return Answer(dose_rows(hospital, doses.take(missed), place[missed]), hospital.per_ward(place))


_DOSE_FEEDS = ("spell", "ward_stay", "order", "dose_event")
_DOSE_COLUMNS = ("bed_code", "patient_key", "medicine", "drug_class", "due_ts", "window_end", "state", "reason_text")

MEASURES = (
    Measure(
        id="medrec_outstanding",
        label="Medicines reconciliation outstanding",
        short="Medicines rec. outstanding",
        group="medicines",
        kind=Kind.COUNT,
        counts="patients more than 24 h after admission without a completed medicines reconciliation",
        rows=medrec_outstanding,
        standard=Standard("within 24 h of admission", "S", ("NICE QS120 (2016) statement 4", "NICE NG5 (2015)")),
        feeds=("spell", "ward_stay", "medrec"),
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        out_of="inpatients more than 24 h after admission",
        clock="start of the spell",
        exclusions=("day cases and regular attenders", "the first 24 h"),
        columns=("bed_code", "patient_key", "admit_ts", "due"),
        params={"limit_h": 24, "min_sources": 2},
        threshold=Threshold(watch=4, act=8),
        charted=Charted(Form.MEAN, "Medicines reconciliation outstanding", "per 100 patients", over="patients_on_ward"),
        owner="Chief Pharmacist",
        notes="Done: by a pharmacist or pharmacy technician, or by anyone from at least two sources.",
    ),
    Measure(
        id="orders_not_verified",
        needs=(("order", "verify_status"),),
        label="Prescriptions not verified",
        group="medicines",
        kind=Kind.COUNT,
        counts="active orders whose current version no pharmacist has verified",
        rows=orders_not_verified,
        standard=Standard("no national time; compare with the same hour of other weeks", "L"),
        feeds=("spell", "ward_stay", "order"),
        optional=("dose_event",),
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        out_of="active orders that a pharmacist verifies",
        clock="last change of drug, dose, route or frequency, else start of the order",
        exclusions=("stat doses already given", "stopped, suspended or future orders", "items that nobody verifies"),
        key=("order_key",),
        columns=("bed_code", "patient_key", "medicine", "drug_class", "ordered_ts", "overdue"),
        params={"overdue_h": 24},
        threshold=Threshold(watch=25, act=60),
        charted=Charted(Form.MEAN, "Prescriptions not verified", "per 100 patients", over="patients_on_ward"),
        owner="Chief Pharmacist",
    ),
    Measure(
        id="missed_doses_critical_today",
        label="Critical doses missed today",
        group="medicines",
        kind=Kind.COUNT,
        counts="scheduled doses of critical medicines due since 00:00 and past their window, with no record or reason, "
        "or not available",
        rows=missed_critical_doses,
        standard=Standard(
            "the critical list is national in its core and local beyond; windows are local",
            "S",
            ("NPSA/2010/RRR009 (2010)", "Specialist Pharmacy Service, omitted and delayed medicines tool (2020)"),
        ),
        feeds=_DOSE_FEEDS,
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        out_of="critical doses due since 00:00 and past their window",
        clock="due time of the dose",
        exclusions=("as-required, conditional and continuous", "order not active when due", "any other reason"),
        key=("order_key", "due_ts"),
        columns=_DOSE_COLUMNS,
        soon="due_critical_doses_4h",
        threshold=Threshold(watch=1, act=2),
        owner="Chief Pharmacist",
        notes="A subset of all missed doses: the two are never added.",
    ),
    Measure(
        id="missed_doses_today",
        label="Doses missed today",
        short="All doses missed today",
        group="medicines",
        kind=Kind.COUNT,
        counts="scheduled doses of any medicine due since 00:00 and past their window, with no record or reason, or "
        "not available",
        rows=missed_doses,
        standard=Standard("window of 120 min, shorter for critical classes", "L", ("Rostami 2019 BMJ Open",)),
        feeds=_DOSE_FEEDS,
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        out_of="scheduled doses due since 00:00 and past their window",
        clock="due time of the dose",
        exclusions=("as-required, conditional and continuous", "order not active when due", "any other reason"),
        key=("order_key", "due_ts"),
        columns=_DOSE_COLUMNS,
        threshold=Threshold(watch=5, act=12),
        owner="Chief Pharmacist",
        notes="Includes the critical ones.",
    ),
)
