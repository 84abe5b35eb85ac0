"""The accepted rows of feeds become CSV files, readable by their owner only; a file is whole or not there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds import FEEDS, Feed
from surveillance.feeds.data import FeedData
from surveillance.feeds.schema import Kind

OWNER_ONLY = 0o600
OWNERS_FOLDER = 0o700


def export(answers: Mapping[str, FeedData], directory: Path) -> dict[str, int]:
    """Writes ``<feed>.csv`` for each feed that has rows to show; returns feed → rows.

    Times are ISO 8601 in UTC with ``Z``, dates YYYY-MM-DD, booleans 1 and 0, a missing value is empty. The file of a
    feed that failed is removed if an earlier export left one.

    Raises:
        OSError: the directory cannot be written.
    """
    directory.mkdir(mode=OWNERS_FOLDER, parents=True, exist_ok=True)
    written = {}
    for name, data in answers.items():
        path = directory / f"{name}.csv"
        if data.frame is None:
            path.unlink(missing_ok=True)
            continue
        _write(path, texts(FEEDS[name], data.frame))
        written[name] = len(data.frame)
    return written


def texts(feed: Feed, frame: pd.DataFrame) -> pd.DataFrame:
    """Every canonical column of ``frame`` as text."""
    return pd.DataFrame({column.name: _text(column.kind, frame[column.name]) for column in feed.columns})


def _text(kind: Kind, values: pd.Series[Any]) -> Any:
    missing = values.isna().to_numpy()
    if kind is Kind.TIME:
        moments = values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
        fine = bool((moments[~missing] != moments[~missing].astype("datetime64[s]")).any())
        written = np.char.add(np.datetime_as_string(moments, unit="us" if fine else "s"), "Z").astype(object)
    elif kind is Kind.DATE:
        written = np.datetime_as_string(values.to_numpy("datetime64[D]")).astype(object)
    elif kind is Kind.BOOL:
        written = np.where(values.fillna(value=False).to_numpy(dtype=bool), "1", "0").astype(object)
    elif kind is Kind.NUMBER:
        written = np.array([_number(value) for value in values.tolist()], dtype=object)
    else:
        written = values.astype(object).to_numpy()
    return np.where(missing, "", written)


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else repr(float(value))


def _write(path: Path, frame: pd.DataFrame) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", newline="") as file:
        frame.to_csv(file, index=False)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
