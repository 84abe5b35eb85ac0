"""What a page of charts shows, as rows: for its table of points, and as a CSV file that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from layouts.charts.drawn import Drawn
from layouts.charts.says import ASSURANCE_SHORT, VARIATION_SHORT, Whose, class_words, listed
from layouts.words import local
from surveillance.spc import words

Cell = str | float | int | None
RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""A spreadsheet takes text that begins so for a formula or a command (OWASP, CSV injection)."""
MARK: Final = "\ufeff"
"""By which Excel knows that the file is UTF-8."""
POINTS: Final = (
    "week",
    "value",
    "numerator",
    "denominator",
    "mean",
    "median",
    "lower limit",
    "upper limit",
    "target",
    "phase",
    "class",
    "rules",
    "wards reporting",
    "wards expected",
    "wards missing",
    "reason for no value",
    "definition version",
)
ICONS: Final = (
    "measure",
    "unit of the values",
    "latest week",
    "latest value",
    "target",
    "mean",
    "median",
    "lower limit",
    "upper limit",
    "variation",
    "assurance",
    "wards reporting",
    "wards expected",
    "wards missing",
    "later weeks without a value",
    "definition version",
    "why nothing is drawn",
)


def points_sheet(unit: Whose, one: Drawn, names: Mapping[str, str], now: datetime, said: str) -> str:
    """Every point of one chart. ``said``: what the page says of it in words."""
    head = [*_about(unit, now), *_measure(one), ("reading", said)]
    head += [("phase", f"from {phase.start.isoformat()}: {phase.reason}") for phase in one.phases]
    head += [("note", f"{note.at.isoformat()}: {note.words}") for note in one.notes]
    return sheet(head, POINTS, (_point(one, index, names) for index in range(len(one.series))))


def summary_sheet(
    unit: Whose, charts: Sequence[Drawn], names: Mapping[str, str], now: datetime, empty: Mapping[str, str]
) -> str:
    """A row a measure. ``empty``: measure → why nothing is drawn."""
    return sheet(_about(unit, now), ICONS, (_icons(one, names, empty.get(one.measure.id, "")) for one in charts))


def sheet(head: Sequence[tuple[str, Cell]], columns: Sequence[str], rows: Iterator[Sequence[Cell]]) -> str:
    """CSV (RFC 4180): what the file is, line by line; an empty line; the table."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in line] for line in head)
    writer.writerow([])
    writer.writerow(columns)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return MARK + written.getvalue()


def safe(cell: Cell) -> Cell:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers are numbers."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(RUNS):
        return f"'{cell}"
    return "" if cell is None else cell


def file_name(*parts: str, now: datetime) -> str:
    """Of letters, digits and hyphens only, for any system: "charts-a1-ra-vte-2026-11-23.csv"."""
    words_of = [re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in ("charts", *parts)]
    return f"{'-'.join(word for word in words_of if word)[:120]}-{local(now):%Y-%m-%d}.csv"


def _about(unit: Whose, now: datetime) -> list[tuple[str, Cell]]:
    return [
        ("unit", unit.name),
        ("kind of unit", unit.kind),
        ("code of unit", unit.code),
        ("made at", f"{local(now):%Y-%m-%d %H:%M:%S %Z}"),
    ]


def _measure(one: Drawn) -> list[tuple[str, Cell]]:
    measure = one.measure
    return [
        ("measure", measure.label),
        ("measure id", measure.id),
        ("title", one.charted.title),
        ("unit of the values", one.charted.unit),
        ("definition version", measure.version),
        ("kind of chart", one.chart.kind.value),
        ("target", one.chart.target),
        ("variation", VARIATION_SHORT[one.chart.variation]),
        ("assurance", ASSURANCE_SHORT[one.chart.assurance]),
    ]


def _point(one: Drawn, index: int, names: Mapping[str, str]) -> list[Cell]:
    at, point, chart = one.series[index], one.chart.points[index], one.chart
    return [
        at.start.isoformat(),
        point.value,
        at.numerator,
        at.denominator,
        point.mean,
        point.limits.median,
        point.lpl,
        point.upl,
        chart.target,
        point.phase + 1,
        class_words(point.point_type, chart) if point.value is not None else "",
        "; ".join(words(chart, index)),
        at.reporting,
        at.expected,
        listed(at.missing, names),
        at.reason,
        at.version,
    ]


def _icons(one: Drawn, names: Mapping[str, str], why: str) -> list[Cell]:
    chart = one.chart
    first: list[Cell] = [one.charted.title, one.charted.unit]
    if chart.latest is None:
        return [*first, *[None] * 13, one.measure.version, why]
    at, point = one.series[chart.latest], chart.points[chart.latest]
    return [
        *first,
        at.start.isoformat(),
        point.value,
        chart.target,
        point.mean,
        point.limits.median,
        point.lpl,
        point.upl,
        VARIATION_SHORT[chart.variation],
        ASSURANCE_SHORT[chart.assurance],
        at.reporting,
        at.expected,
        listed(at.missing, names),
        len(one.series) - 1 - chart.latest,
        one.measure.version,
        "",
    ]
