"""One measure on one hospital: its list, and from the same list every ward's reading. The two cannot disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from surveillance.measures.declaration import Answer, Measure, NotConnected
from surveillance.measures.hospital import Hospital
from surveillance.snapshot import Part, Reading, State
from surveillance.thresholds import level_of


@dataclass(frozen=True, slots=True)
class Evaluated:
    """``readings``: ward → reading. ``rows``: the list behind them: ward_code, part, key and drilldown columns.

    ``held``: wards whose reading is that of before, and so are its rows.
    """

    readings: dict[str, Reading]
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    held: frozenset[str] = frozenset()


def evaluate(measure: Measure, hospital: Hospital, as_at: datetime, source: str = "") -> Evaluated:
    """Every ward's reading of ``measure``; ``as_at`` and ``source`` are written on each."""
    try:
        for feed, column in measure.needs:
            if column in hospital.absent.get(feed, ()):
                raise NotConnected(f"the source of {feed} has no {column}")
        answer = measure.rows(hospital, measure)
    except NotConnected as reason:
        return everywhere(measure, hospital, State.NOT_CONNECTED, str(reason))
    cells = _counts(measure, hospital, answer) if answer.figures is None else _plain(answer.figures)
    readings = {}
    for ward in hospital.site.wards:
        if silent := _silent(measure, hospital, ward):
            readings[ward] = silent
        elif ward in answer.states:
            state, words = answer.states[ward]
            readings[ward] = _without(measure, ward, state, words, as_at, source)
        else:
            readings[ward] = _with_value(measure, hospital, answer, ward, cells, as_at, source)
    return Evaluated(readings, _listed(measure, hospital, answer))


def everywhere(measure: Measure, hospital: Hospital, state: State, detail: str) -> Evaluated:
    """The same state on every ward where the measure applies."""
    readings = {
        ward: _silent(measure, hospital, ward) or _without(measure, ward, state, detail) for ward in hospital.site.wards
    }
    return Evaluated(readings)


def _silent(measure: Measure, hospital: Hospital, ward: str) -> Reading | None:
    """The reading where the site says that the measure, or the one it stands beside, has no meaning or no data."""
    names = [name for name in (measure.id, measure.beside) if name]
    if not all(hospital.site.applies(name, ward) for name in names):
        return _without(measure, ward, State.NOT_APPLICABLE, "not applicable to this ward")
    if not all(hospital.site.connected(name, ward) for name in names):
        return _without(measure, ward, State.NOT_CONNECTED, "no source holds this for the ward")
    return None


Cells = Mapping[tuple[str, str], tuple[Any, Any, Any]]
"""(ward, part) → value, numerator, denominator."""


def _counts(measure: Measure, hospital: Hospital, answer: Answer) -> Cells:
    """The number of listed rows by ward and part, 0 where the list is empty."""
    wards = plain(answer.rows["ward_code"])
    parts = plain(answer.rows["part"]) if "part" in answer.rows else [measure.parts[0]] * len(wards)
    number = Counter(zip(wards, parts, strict=True))
    cells = {}
    for ward in hospital.site.wards:
        eligible = None if answer.eligible is None else answer.eligible.get(ward, 0)
        for part in measure.parts:
            cells[ward, part] = (number[ward, part], number[ward, part], eligible)
    return cells


def _plain(figures: pd.DataFrame) -> Cells:
    columns = [plain(figures[name]) for name in ("ward_code", "part", "value", "numerator", "denominator")]
    return {(ward, part): (value, up, down) for ward, part, value, up, down in zip(*columns, strict=True)}


def plain(values: pd.Series[Any]) -> list[Any]:
    """A column as a list; by way of objects, since a text column is iterated slowly."""
    cells: list[Any] = values.to_numpy(dtype=object).tolist()
    return cells


def _with_value(
    measure: Measure,
    hospital: Hospital,
    answer: Answer,
    ward: str,
    cells: Cells,
    as_at: datetime,
    source: str,
) -> Reading:
    parts = []
    for name in measure.parts:
        value, numerator, denominator = cells.get((ward, name), (None, None, None))
        if name in answer.unknown_parts:
            parts.append(Part(name, State.NOT_CONNECTED))
        elif (shown := value if isinstance(value, str) else _number(value)) is None:
            parts.append(Part(name, State.NOT_APPLICABLE, None, _number(numerator), _number(denominator)))
        else:
            parts.append(Part(name, State.VALUE, shown, _number(numerator), _number(denominator)))
    if all(part.value is None for part in parts):
        return _without(measure, ward, State.NOT_APPLICABLE, "nothing to measure", as_at, source)
    threshold = hospital.site.threshold(measure.id, ward, measure.threshold)
    return Reading(
        measure.id,
        measure.version,
        ward,
        State.VALUE,
        tuple(parts),
        as_at,
        level_of(measure, threshold, parts),
        source,
        _words(answer, ward),
    )


def _words(answer: Answer, ward: str) -> str:
    own = answer.details.get(ward, "")
    return f"{own}; {answer.detail}" if own and answer.detail else own or answer.detail


def _without(
    measure: Measure, ward: str, state: State, detail: str, as_at: datetime | None = None, source: str = ""
) -> Reading:
    return Reading(measure.id, measure.version, ward, state, as_at=as_at, source=source, detail=detail)


def _number(value: Any) -> float | None:
    """A plain number; whole ones as integers, so that a count is written without decimals."""
    if value is None or value != value:  # NaN is the only number that is not itself
        return None
    number = float(value)
    return int(number) if number.is_integer() else number


def _listed(measure: Measure, hospital: Hospital, answer: Answer) -> pd.DataFrame:
    """The rows of wards where the measure applies, reduced to what a drilldown may show."""
    rows = answer.rows
    if "part" not in rows:
        rows = rows.assign(part=measure.parts[0])
    wanted = list(dict.fromkeys(["ward_code", "part", *measure.key, *measure.columns]))
    rows = rows[[column for column in wanted if column in rows]]
    silent = [ward for ward in hospital.site.wards if ward in answer.states or _silent(measure, hospital, ward)]
    return rows[~rows["ward_code"].isin(silent)] if silent else rows
