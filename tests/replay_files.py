"""A hospital of three invented admissions as the CSV files that a replay loads; one overlay day is 10 January 2024."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData
from surveillance.opening import open_site
from surveillance.polling.collect import collect
from surveillance.replay import prepare

ICU, WARD = "Heart Intensive Care Unit (HICU)", "Long Corridor"
HEADS = {
    "patients.csv": "subject_id,gender,birth,death",
    "admissions.csv": "subject_id,hadm_id,admittime,dischtime,admission_type,admission_location,discharge_location",
    "transfers.csv": "subject_id,hadm_id,transfer_id,eventtype,careunit,intime,outtime",
    "emar.csv": "subject_id,charttime,medication,event_txt",
    "labevents.csv": "subject_id,charttime,itemid,value,unit",
    "chartevents_obs.csv": "subject_id,charttime,itemid,value",
    "overlay_shift.csv": "subject_id,hadm_id,shift_days,win_start,win_end",
    "d_items_obs.csv": "itemid,label,category,unitname",
    "d_labitems.csv": "itemid,label,fluid,category",
}
SHIFT = (date(2024, 1, 10) - date(2150, 6, 10)).days
EARLIER = (date(2024, 1, 10) - date(2150, 3, 1)).days
OTHER = (date(2024, 1, 10) - date(2120, 2, 10)).days
ROWS: dict[str, list[str]] = {
    "patients.csv": ["1,F,2100-06-11,", "2,M,2080-01-01,"],
    "admissions.csv": [
        # arrives 07:00, admitted 10:00, discharged on the 12th at 11:00, out of the bed an hour later
        "1,11,2150-06-10 10:00:00,2150-06-12 11:00:00,EW EMER.,EMERGENCY ROOM,HOME",
        "1,12,2150-03-01 06:00:00,2150-03-02 06:00:00,ELECTIVE,CLINIC,HOME",
        "2,21,2120-02-10 00:00:00,2120-02-11 23:00:00,EU OBSERVATION,WALK-IN,HOME",
    ],
    "transfers.csv": [
        "1,11,1,ED,Emergency Department,2150-06-10 07:00:00,2150-06-10 10:30:00",
        f"1,11,2,admit,{ICU},2150-06-10 10:30:00,2150-06-12 12:00:00",
        "1,11,,discharge,UNK,2150-06-12 12:00:00,",
        f"1,12,3,admit,{WARD},2150-03-01 06:00:00,2150-03-02 06:00:00",
        f"2,21,4,admit,{WARD},2120-02-10 00:00:00,2120-02-11 23:00:00",
        "2,,,ED,Emergency Department,2120-05-01 00:00:00,",
    ],
    "emar.csv": [],
    "labevents.csv": [],
    "chartevents_obs.csv": [f"1,2150-06-11 {hour:02}:00:00,220210,16" for hour in range(24)],
    "overlay_shift.csv": [
        f"1,11,{SHIFT},2150-06-10 07:00:00,2150-06-12 12:00:00",
        f"1,12,{EARLIER},2150-03-01 06:00:00,2150-03-02 06:00:00",
        f"2,21,{OTHER},2120-02-10 00:00:00,2120-02-11 23:00:00",
    ],
    "d_items_obs.csv": ["220210,Respiratory Rate,Respiratory,insp/min"],
    "d_labitems.csv": ["50912,Creatinine,Blood,Chemistry"],
}


def write_files(folder: Path, **more: Sequence[str]) -> Path:
    """The files in ``folder``; ``more`` rows by file name without ending go behind the usual ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in ROWS.items():
        lines = [HEADS[name], *rows, *more.get(name.removesuffix(".csv"), ())]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def charted(subject: int, time: str, **items: float) -> list[str]:
    """Charted values of one moment: the item's number behind an underscore."""
    return [f"{subject},{time},{item.removeprefix('_')},{value}" for item, value in items.items()]


def at(text: str) -> datetime:
    """A moment of the overlay."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def feeds_at(folder: Path, moment: str, **more: Sequence[str]) -> dict[str, FeedData]:
    """Every feed of the replayed hospital at a moment of the overlay."""
    config = prepare(write_files(folder / "data", **more), folder / "cache", as_at=at(moment))
    readers = open_site(config).readers
    try:
        return collect(readers, at(moment))
    finally:
        for reader in readers:
            reader.connector.close()


def feed_at(folder: Path, feed: str, moment: str, **more: Sequence[str]) -> FeedData:
    """One feed of the replayed hospital at a moment of the overlay."""
    config = prepare(write_files(folder / "data", **more), folder / "cache", as_at=at(moment))
    (reader,) = open_site(config).readers
    try:
        return reader.read(FEEDS[feed], at(moment), at(moment), {})
    finally:
        reader.connector.close()


def rows_of(feed: FeedData) -> list[dict[str, Any]]:
    """The accepted rows of a feed as dictionaries with None for empty."""
    assert feed.frame is not None, feed.error
    frame = feed.frame.astype(object)
    return frame.where(frame.notna(), None).to_dict("records")  # type: ignore[return-value]


def read_csv(path: Path) -> dict[str, str]:
    """The file of medicine classes: drug_code → class."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["drug_code"]: row["class"] for row in csv.DictReader(file)}
