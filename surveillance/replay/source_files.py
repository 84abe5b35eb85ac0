"""The source's files are CSV tables under the vendor's names; a missing file, column or number stops with its name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from surveillance.errors import ConfigurationError, nearest


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One CSV file: its columns, and which of them are whole numbers, numbers or times (the rest is text)."""

    name: str
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


FILES: dict[str, SourceFile] = {
    "patients": SourceFile("patients.csv", ("subject_id", "gender", "birth"), ("subject_id",)),
    "admissions": SourceFile(
        "admissions.csv",
        ("subject_id", "hadm_id", "admittime", "dischtime", "admission_type", "discharge_location"),
        ("subject_id", "hadm_id"),
        times=("admittime", "dischtime"),
    ),
    "transfers": SourceFile(
        "transfers.csv",
        ("subject_id", "hadm_id", "transfer_id", "eventtype", "careunit", "intime", "outtime"),
        ("subject_id", "hadm_id", "transfer_id"),
        times=("intime", "outtime"),
    ),
    "emar": SourceFile(
        "emar.csv", ("subject_id", "charttime", "medication", "event_txt"), ("subject_id",), times=("charttime",)
    ),
    "labevents": SourceFile(
        "labevents.csv",
        ("subject_id", "charttime", "itemid", "value", "unit"),
        ("subject_id", "itemid"),
        ("value",),
        ("charttime",),
    ),
    "chartevents": SourceFile(
        "chartevents_obs.csv",
        ("subject_id", "charttime", "itemid", "value"),
        ("subject_id", "itemid"),
        ("value",),
        ("charttime",),
    ),
    "overlay_shift": SourceFile(
        "overlay_shift.csv",
        ("subject_id", "hadm_id", "shift_days", "win_start", "win_end"),
        ("subject_id", "hadm_id", "shift_days"),
        times=("win_start", "win_end"),
    ),
    "d_items": SourceFile("d_items_obs.csv", ("itemid", "label"), ("itemid",)),
    "d_labitems": SourceFile("d_labitems.csv", ("itemid", "label"), ("itemid",)),
}
"""Table → the file that holds it. A file may have more columns; they are loaded as text."""


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table of ``FILES``: texts as they stand in the file, whole numbers as Int64, numbers as float64.

    Raises:
        ConfigurationError: a file or column is missing, or a number is none; names file and column, never a value.
    """
    return {table: _read(folder / file.name, file) for table, file in FILES.items()}


def _read(path: Path, file: SourceFile) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ConfigurationError(f"{path}: cannot be read as CSV ({type(error).__name__})") from None
    for column in file.columns:
        if column not in frame.columns:
            raise ConfigurationError(f"{path}: no column '{column}'; {nearest(column, frame.columns)}")
    for column in (*file.whole, *file.numbers):
        frame[column] = _numbers(frame[column], path, whole=column in file.whole)
    for column in file.times:
        if (seconds(frame[column]).isna() & frame[column].notna()).any():
            raise ConfigurationError(f"{path}: column '{column}' holds something that is no time")
    return frame


def _numbers(texts: pd.Series[Any], path: Path, *, whole: bool) -> pd.Series[Any]:
    numbers = pd.to_numeric(texts, errors="coerce")
    wrong = numbers.isna() & texts.notna()
    if wrong.any() or (whole and (numbers.dropna() % 1 != 0).any()):
        kind = "whole number" if whole else "number"
        raise ConfigurationError(f"{path}: column '{texts.name}' holds something that is no {kind}")
    return numbers.astype("Int64" if whole else "float64")


def seconds(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Wall-clock times (ISO 8601, no offset) as seconds since 1970 by the same wall clock; empty where unreadable."""
    moments = pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    whole = moments.astype("datetime64[s]").astype("int64").astype("Int64")
    return whole.mask(moments.isna())


def fingerprint(folder: Path) -> str:
    """Changes when any of the files does (by size and time of writing).

    Raises:
        ConfigurationError: a file is missing; names it.
    """
    found = hashlib.sha256()
    for file in FILES.values():
        try:
            status = (folder / file.name).stat()
        except OSError:
            raise ConfigurationError(f"{folder / file.name}: no such file") from None
        found.update(f"{file.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return found.hexdigest()
