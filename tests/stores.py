"""Snapshots for the tests of the store: small, and told apart by their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from surveillance.snapshot import Part, Reading, Rollup, Snapshot, State
from surveillance.store import Store
from surveillance.worklist import Worklist

T0 = datetime(2026, 10, 23, 9, 59, 30, tzinfo=UTC)
"""Two days before a clock change."""


def after(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def reading(measure: str, unit: str, value: float | str, as_at: datetime = T0, **others: Any) -> Reading:
    numerator = None if isinstance(value, str) else value
    part = Part("count", State.VALUE, value, numerator, 28.0)
    return Reading(measure, 1, unit, State.VALUE, (part,), as_at, source="epr", **others)


def unknown(measure: str, unit: str, state: State = State.UNAVAILABLE, detail: str = "") -> Reading:
    return Reading(measure, 1, unit, state, detail=detail)


def snapshot(as_at: datetime, values: Mapping[str, Mapping[str, float | Reading]], **others: Any) -> Snapshot:
    """``values``: ward → measure → its number or its whole reading."""
    readings = {
        ward: {
            measure: value if isinstance(value, Reading) else reading(measure, ward, value, as_at)
            for measure, value in by_measure.items()
        }
        for ward, by_measure in values.items()
    }
    return Snapshot(as_at, readings, **others)


def rollup(unit: str, value: float, as_at: datetime = T0, missing: tuple[str, ...] = ()) -> Rollup:
    return Rollup(reading("falls", unit, value, as_at), "division", 3 - len(missing), 3, missing)


def save(store: Store, kept: Snapshot, rows: Mapping[tuple[str, str], list[dict[str, Any]]] | None = None) -> bool:
    return store.save(kept, Worklist(kept.as_at, rows or {}))


def said(kept: Snapshot | None) -> Snapshot | None:
    """What a snapshot says, without what history does not keep: the sources, and each reading's own time."""
    if kept is None:
        return None

    def timeless(wards: Mapping[str, Mapping[str, Reading]]) -> dict[str, dict[str, Reading]]:
        return {ward: {key: replace(r, as_at=None) for key, r in by.items()} for ward, by in wards.items()}

    rollups = tuple(replace(rollup, reading=replace(rollup.reading, as_at=None)) for rollup in kept.rollups)
    return replace(
        kept, readings=timeless(kept.readings), forecasts=timeless(kept.forecasts), rollups=rollups, sources=()
    )
