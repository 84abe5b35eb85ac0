"""A source of the simulated hospital fails on request, by the name of the fault, in a file that all processes read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from surveillance.errors import ConfigurationError, nearest

FAULTS = {
    "stop": "the database cannot be reached",
    "stall": "it answers, but nobody writes to it any more",
    "slow": "every query takes long",
    "empty": "every query returns no rows",
    "refuse": "it refuses the password",
    "column": "the vendor renamed a column",
}
"""Every fault and what it does."""
SOURCES = ("epr", "prescribing", "laboratory", "rostering")
SLOW_SECONDS = 45.0
RENAMED = {
    "epr": "EWS_TOTAL",
    "prescribing": "charted_at",
    "laboratory": "AuthorisedAt",
    "rostering": "DutyStart",
}
"""The column that the fault ``column`` takes away from each source."""
_FILE = "faults.json"


def set_fault(folder: Path, source: str, name: str | None, *, seconds: float = SLOW_SECONDS) -> None:
    """Switch a fault on (``seconds``: how long a query takes when slow), or all of a source's off with None.

    Raises:
        ConfigurationError: an unknown source or fault.
    """
    check_source(source)
    if name is not None and name not in FAULTS:
        raise ConfigurationError(f"unknown fault '{name}'; {nearest(name, FAULTS)}")
    faults = read(folder)
    faults.pop(source, None)
    if name is not None:
        faults[source] = {"fault": name, "seconds": seconds}
    new = folder / f"{_FILE}.new"
    new.write_text(json.dumps(faults), encoding="utf-8")
    os.replace(new, folder / _FILE)  # noqa: PTH105 - atomic: a reader sees the old file or the new one


def check_source(name: str) -> None:
    """Refuse a source that the hospital does not have.

    Raises:
        ConfigurationError: naming the nearest.
    """
    if name not in SOURCES:
        raise ConfigurationError(f"unknown source '{name}'; {nearest(name, SOURCES)}")


def clear(folder: Path) -> None:
    """Switch every fault off."""
    (folder / _FILE).unlink(missing_ok=True)


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Source → its fault and seconds."""
    try:
        faults: dict[str, dict[str, Any]] = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return faults


def fault_of(folder: Path, source: str) -> str | None:
    """The fault that is switched on for a source."""
    found = read(folder).get(source)
    return str(found["fault"]) if found else None
