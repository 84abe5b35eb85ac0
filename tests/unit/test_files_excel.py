"""A workbook is read as people see it: dates are dates, titles are no rows, and what is broken or hidden is said."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from connectors.files import excel
from connectors.files.connector import read_workbook
from connectors.files.table import UNTRUSTED, Rows, rows_of
from surveillance.errors import SourceChanged, SourceUnavailable
from tests.unit.test_files_reading import COLUMNS, column, local, reading

HEADER = ("Duty No.", "Unit", "Shift Start", "Shift End", "Grade Type", "Status", "Notes")
START, END = local("2026-11-27 07:30"), local("2026-11-27 20:00")
FIRST = (1, "W1", START, END, "RN", "filled", None)


def workbook(*rows: Sequence[Any], change: Callable[[Workbook], object] = lambda _: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, **keys: Any) -> Rows:
    how = reading(**keys)
    return rows_of(*read_workbook(content, how), how)


def test_titles_merged_cells_and_a_total_are_no_rows() -> None:
    content = workbook(
        ("Roster of all wards",),
        (),
        HEADER,
        FIRST,
        (),
        (2, "W1", END, local("2026-11-28 08:00"), "RN", "sick"),
        (None, None, None, "Total", 2),
        change=lambda book: book.active.merge_cells("A1:F1"),
    )
    rows = read(content, trailer="Total {rows}")
    assert column(rows, "duty_key") == [1, 2]
    assert column(rows, "start_ts") == [START, END]
    assert (rows.unused, rows.notes) == (("Notes",), {})


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
@pytest.mark.parametrize(
    "start",
    [START, "serial", "27/11/2026 07:30", "2026-11-27 07:30:00"],
    ids=["a date", "a number", "text in the form", "ISO text"],
)
def test_a_moment_in_any_of_excels_forms(start: Any, epoch: datetime | None) -> None:
    def calendar(book: Workbook) -> None:
        if epoch:
            book.epoch = epoch
        if start == "serial":
            book.active["C2"] = to_excel(START, book.epoch)
            book.active["C2"].number_format = "General"

    assert column(read(workbook(HEADER, (1, "W1", start, *FIRST[3:]), change=calendar)), "start_ts") == [START]


@pytest.mark.parametrize("at", [time(20, 0), timedelta(hours=20), 20 / 24, "20:00"])
@pytest.mark.parametrize("day", [date(2026, 11, 27), "27/11/2026"])
def test_a_date_and_a_time_in_two_cells(day: Any, at: Any) -> None:
    columns = COLUMNS | {"start_ts": ("Date", "From"), "end_ts": ("Date", "To")}
    header = ("Duty No.", "Unit", "Date", "From", "To", "Grade Type", "Status")
    rows = read(workbook(header, (1, "W1", day, at, time(8, 0), "RN", "filled")), columns=columns, overnight=True)
    assert column(rows, "start_ts") == [END]
    assert column(rows, "end_ts") == [local("2026-11-28 08:00")]


@pytest.mark.parametrize("key", [1.23456789012345e15, date(2026, 3, 1), "#N/A", "1.2E+11"])
def test_a_key_that_excel_changed_is_not_taken_for_one(key: Any) -> None:
    rows = read(workbook(HEADER, FIRST, (key, *FIRST[1:]), FIRST))
    assert rows.notes == {UNTRUSTED: 1}
    assert column(rows, "duty_key") == [1, None, 1]


def test_a_formula_counts_by_its_stored_result_and_without_one_not_at_all() -> None:
    def formulas(book: Workbook) -> None:
        book.active["G3"] = '=UPPER("not used")'
        book.active["F3"] = '=IF(TRUE,"filled","sick")'

    rows = read(workbook(HEADER, FIRST, FIRST, FIRST, change=formulas))
    assert rows.notes == {UNTRUSTED: 1}
    assert column(rows, "state") == ["filled", None, "filled"]


def test_rows_beyond_what_the_sheet_says_it_holds_are_read() -> None:
    """Programs that write sheets often leave their size at A1."""
    content, out = workbook(HEADER, FIRST, FIRST), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w") as changed:
        for item in given.infolist():
            changed.writestr(item, given.read(item).replace(b'<dimension ref="A1:G3"', b'<dimension ref="A1"'))
    assert out.getvalue() != content
    assert column(read(out.getvalue()), "duty_key") == [1, 1]


def hidden(book: Workbook) -> None:
    book.create_sheet("Old").sheet_state = "hidden"


def test_of_several_sheets_one_is_named_and_hidden_ones_do_not_count() -> None:
    assert column(read(workbook(HEADER, FIRST, change=hidden)), "duty_key") == [1]
    two = workbook(HEADER, FIRST, change=lambda book: book.create_sheet("Duties"))
    with pytest.raises(SourceChanged, match=r"2 sheets are to be seen; say which one \(sheet\)"):
        read(two)
    assert column(read(two, sheet="sheet"), "duty_key") == [1]
    with pytest.raises(SourceChanged, match="no sheet 'Roster'"):
        read(two, sheet="Roster")


def test_a_workbook_that_was_cut_off_anywhere_is_refused() -> None:
    content = workbook(HEADER, FIRST)
    for size in range(10, len(content), 400):
        with pytest.raises(SourceUnavailable, match=r"roster\.csv: a broken or unfinished workbook"):
            read(content[:size])


def test_a_zip_that_is_no_workbook_and_one_that_is_a_bomb_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("roster.csv", "a,b")
    with pytest.raises(SourceUnavailable, match="a broken or unfinished workbook"):
        read(out.getvalue())
    monkeypatch.setattr(excel, "MOST_UNZIPPED", 1 << 20)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2 << 20))
    assert len(out.getvalue()) < 10_000
    with pytest.raises(SourceUnavailable, match="unzipped larger than the 1 MB that are read"):
        read(out.getvalue())
