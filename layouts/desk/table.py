"""A list behind a number as a table: who and where, what the measure declares, by when it was due, and how unwell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from layouts.desk.somebody import Somebody
from layouts.words import LONDON
from surveillance.measures import Measure
from surveillance.measures.columns import due_column, order_by, said, words_of

ROW_PX: Final = 42
LINE_PX: Final = 20
LETTERS_A_LINE: Final = 11
HEADER_PX: Final = 56
SCROLL_PX: Final = 20
MOST_ROWS: Final = 11
"""More are scrolled within the table, which draws only those that are seen."""
NAMES_SOMEBODY: Final = ("patient_key", "spell_key")
SHOWN_APART: Final = ("bed_code", "part")
"""Columns of a row that the table shows in a place of their own."""
ID: Final = "id"
WHO: Final = "who"
DUE: Final = "due_by"
OVERDUE: Final = "overdue_s"
NEWS2: Final = "news2"
PART: Final = "part"

Cell = datetime | float | int | str | bool | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """``columns``: how the grid shows them. ``rows``: as it gets them. ``height_px``: enough for all, up to a limit."""

    columns: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    height_px: int


def table(
    measure: Measure, rows: Sequence[Row], people: Sequence[Somebody | None], handle: Callable[..., str]
) -> Table:
    """The longest waiting first. ``people``: whom each row names. ``handle``: a name for keys that says nothing."""
    order = _in_order(measure, rows, people)
    named = any(people) or bool({*measure.key, *measure.columns} & {*NAMES_SOMEBODY})
    parts = len(measure.parts) > 1
    due = due_column(measure)
    columns = [one for one in dict.fromkeys((*measure.columns, *measure.key)) if _apart(measure, one, due)]
    columns = [one for one in columns if any(row.get(one) not in (None, "") for row in rows)]
    seen: dict[str, int] = {}
    drawn = []
    for place in order:
        row, who = rows[place], people[place]
        name = handle(str(row.get("part") or ""), str(row.get("key") or place))
        seen[name] = seen.get(name, 0) + 1
        cells: dict[str, Any] = {ID: name if seen[name] == 1 else f"{name}-{seen[name]}"}
        if named:
            bed = (who.bed if who else "") or row.get("bed_code") or ""
            cells |= {"bed": bed, WHO: who.shown if who else "", "number": who.hospital_number if who else ""}
            cells |= {"handle": handle(who.patient_key) if who else "", NEWS2: who.news2 if who else None}
        if parts:
            cells[PART] = said(measure, "part", str(row.get("part") or measure.parts[0]))
        for column in columns:
            cells[f"c_{column}"] = _cell(measure, column, row.get(column))
        if due:
            cells[DUE] = _seconds(row.get(due))
        drawn.append(cells)
    head = _columns(measure, columns, named=named, parts=parts, due=due)
    if named:  # a bed that is cut off is the wrong bed
        longest = max((len(str(cells["bed"])) for cells in drawn), default=0)
        head[0]["width"] = head[0]["minWidth"] = max(head[0]["width"], BED_PX * longest + BESIDE_PX)
    wrapped = [one["field"] for one in head if one.get("wrapText")]
    heights = [_height(cells, wrapped) for cells in drawn[:MOST_ROWS]] or [ROW_PX]
    return Table(head, drawn, HEADER_PX + min(sum(heights), MOST_ROWS * ROW_PX) + SCROLL_PX)


def _height(cells: Mapping[str, Any], wrapped: Sequence[str]) -> int:
    """What a row needs whose words go over several lines, in pixels: an estimate that is rather too much."""
    longest = max((len(str(cells.get(field) or "")) for field in wrapped), default=0)
    return ROW_PX + (longest // LETTERS_A_LINE) * LINE_PX


def _apart(measure: Measure, column: str, due: str | None) -> bool:
    return column not in SHOWN_APART and column != due and words_of(measure, column).kind != "hidden"


def _columns(
    measure: Measure, columns: Sequence[str], *, named: bool, parts: bool, due: str | None
) -> list[dict[str, Any]]:
    head: list[dict[str, Any]] = []
    if named:
        head.append(_column("bed", "Bed", "words", width=68, pinned="left", bold=True))
        head.append({**_column(WHO, "Patient", "words", width=180, pinned="left"), "cellRenderer": "DeskPatient"})
        head.append(_column("number", "Hospital no.", "words", width=116))
    if parts:
        head.append(_column(PART, words_of(measure, "part").title, "words", width=96))
    for column in columns:
        words = words_of(measure, column)
        title = f"{words.title} ({words.unit})" if words.unit else words.title
        head.append(_column(f"c_{column}", title, words.kind))
    if due:
        head.append(_column(DUE, words_of(measure, due).title, "moment", pinned="right", width=104))
        overdue = _column(OVERDUE, "Overdue", "number", pinned="right", width=104)
        del overdue["field"]
        value = {"valueGetter": {"function": "deskOverdue(params)"}, "cellRenderer": "DeskOverdue"}
        head.append({**overdue, **value, "filterValueGetter": {"function": "deskOverdueMinutes(params)"}})
    if named and "news2_total" not in columns:
        head.append(_column(NEWS2, "NEWS2", "number", pinned="right", width=78))
    return head


BED_PX: Final = 11
"""Width of a letter of a bed's code, at most."""
BESIDE_PX: Final = 22
"""What a cell keeps free beside its words."""
WIDTHS: Final = {"moment": 104, "date": 112, "number": 92, "hours": 92, "yes_no": 100, "words": 130}
LONG: Final = ("medicine", "reason_text", "reasons", "assessments")
"""Columns that get twice the room of others."""
FORMATS: Final = {"moment": "deskMoment(params)", "date": "deskDate(params)", "hours": "deskHours(params)"}


def _column(
    field: str, title: str, kind: str, *, width: int = 0, pinned: str = "", bold: bool = False
) -> dict[str, Any]:
    column: dict[str, Any] = {"field": field, "colId": field, "headerName": title}
    column["width"] = column["minWidth"] = width or WIDTHS[kind]
    column["wrapHeaderText"] = column["autoHeaderHeight"] = True
    if not pinned:
        column["flex"] = 2 if field in LONG else 1
        column["wrapText"] = column["autoHeight"] = kind == "words"
    if pinned:
        column["pinned"] = pinned
    if bold:
        column["cellClass"] = "strong"
    if kind in FORMATS:
        column["valueFormatter"] = {"function": FORMATS[kind]}
        column["filterValueGetter"] = {"function": FORMATS[kind]}
    column["filter"] = "agNumberColumnFilter" if kind in ("number", "hours") else "agTextColumnFilter"
    if kind == "hours":
        del column["filterValueGetter"]
    return column


def _cell(measure: Measure, column: str, value: Cell) -> Any:
    kind = words_of(measure, column).kind
    if value is None:
        return None
    if kind == "yes_no":
        return "Yes" if value else "No"
    if kind == "date":
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)
    if kind == "moment":
        return _seconds(value)
    if kind == "words" and isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%H:%M}"
    return said(measure, column, value) if isinstance(value, str) else value


def _seconds(value: Cell) -> int | None:
    """A moment as seconds since 1970, which the browser writes for the time that it is then."""
    return int(value.timestamp()) if isinstance(value, datetime) else None


def _in_order(measure: Measure, rows: Sequence[Row], people: Sequence[Somebody | None]) -> list[int]:
    """Indices of the rows, the longest waiting first, and those of one moment by bed; missing comes last."""

    def rank(place: int) -> tuple[Any, ...]:
        row, who = rows[place], people[place]
        cells = (row.get(column) for column in order_by(measure))
        bed = (who.bed if who else "") or str(row.get("bed_code") or "")
        return (*((cell is None, _comparable(cell)) for cell in cells), bed, str(row.get("key") or ""))

    return sorted(range(len(rows)), key=rank)


def _comparable(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return cell.timestamp() if cell.tzinfo else cell.replace(tzinfo=LONDON).timestamp()
    if isinstance(cell, str):
        return cell
    return "" if cell is None else str(cell)
