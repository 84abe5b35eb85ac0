"""Enhanced care: restrictive practices whose review for a less restrictive option is overdue."""

from __future__ import annotations

import pandas as pd

from surveillance.measures.declaration import Answer, Better, Dimension, Kind, Measure, Standard
from surveillance.measures.hospital import Hospital, open_at
from surveillance.settings import Threshold


def least_restrictive_review(hospital: Hospital, measure: Measure) -> Answer:
    """Patients with an active practice whose last review, else start, is longer ago than the interval."""
    interval = hospital.site.param(measure.id, "interval_h", measure.params["interval_h"])
    practices = hospital.feed("restrictive_practice")
    active = practices[open_at(practices, hospital.as_at)]
    review = active["last_review_ts"]
    counts = (review > active["start_ts"]) & (review <= hospital.as_at)
    reviewed = review.where(counts, active["start_ts"])
    active = active.assign(reviewed_ts=reviewed, due=reviewed + pd.Timedelta(hours=interval))
    active = hospital.on_ward_of(active.drop(columns="start_ts"))
    overdue = active[hospital.as_at > active["due"]].sort_values("due", kind="stable").drop_duplicates("spell_key")
    return Answer(overdue, hospital.patients_per_ward(active.drop_duplicates("spell_key")))


MEASURES = (
    Measure(
        id="least_restrictive_review_outstanding",
        label="24 h least restrictive practice review outstanding",
        short="Least restrictive review overdue",
        group="enhanced_care",
        kind=Kind.COUNT,
        counts="patients with an active restrictive practice whose last review, else start, is more than 24 h ago",
        rows=least_restrictive_review,
        standard=Standard("24 h is local policy", "L", ("Mental Capacity Act 2005 section 1(6): the principle",)),
        feeds=("spell", "ward_stay", "restrictive_practice"),
        dimension=Dimension.RELIABILITY,
        better=Better.LOWER,
        out_of="patients with an active restrictive practice",
        clock="last review, else start of the practice",
        columns=("bed_code", "patient_key", "kind", "reviewed_ts", "due", "legal_basis", "authorisation_end"),
        params={"interval_h": 24},
        threshold=Threshold(watch=1, act=3),
        sensitive=True,
    ),
)
