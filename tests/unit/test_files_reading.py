"""What systems export is read as it stands: every dialect of text, every habit of a spreadsheet, no line lost."""

from __future__ import annotations

import codecs
import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors.files.cells import SCIENTIFIC
from connectors.files.table import UNTRUSTED, WIDTH, Reading, Rows, rows_of
from connectors.files.text import decoded, read_text
from surveillance.errors import SourceChanged, SourceUnavailable
from surveillance.feeds import FEEDS, Kind
from surveillance.feeds.data import RawRows
from surveillance.feeds.gate import accept
from surveillance.settings import FileFeed, Times

local = datetime.fromisoformat
LOCAL = Times(storage="text", zone="Europe/London", format="%d/%m/%Y %H:%M")
COLUMNS: dict[str, Any] = {
    "duty_key": "Duty No.",
    "ward_code": "Unit",
    "start_ts": "Shift Start",
    "end_ts": "Shift End",
    "staff_group": "Grade Type",
    "state": "Status",
}
HEADER = "Duty No.;Unit;Shift Start;Shift End;Grade Type;Status;Notes\n"
FIRST = "1;W1;27/11/2026 07:30;27/11/2026 20:00;RN;filled;\n"
SECOND = "2;W1;27/11/2026 20:00;28/11/2026 08:00;RN;sick;\n"


def reading(feed: str = "duty", most_rows: int | None = None, **keys: Any) -> Reading:
    keys = {"pattern": "roster.csv", "columns": COLUMNS if feed == "duty" else {}} | keys
    return Reading("roster.csv", FEEDS[feed], FileFeed(**keys), LOCAL, most_rows)


def read(text: str | bytes, how: Reading | None = None, **keys: Any) -> Rows:
    how = how or reading(**keys)
    return rows_of(*read_text(text.encode() if isinstance(text, str) else text, how), how)


def column(rows: Rows, name: str) -> list[Any]:
    return rows.frame[name].tolist()


# Any dialect

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
WESTERN = st.text(st.characters(codec="cp1252", exclude_characters="\0"), max_size=6)
NAMES = ("ward_code", "staff_group", "state", "source")


@st.composite
def written(draw: st.DrawFn) -> tuple[list[list[str]], bytes, dict[str, Any]]:
    """A table, how a system wrote it, and what the configuration says of that."""
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]))
    cells = WESTERN if encoding == "cp1252" else CELLS
    key = cells.filter(lambda text: bool(text.strip()) and not SCIENTIFIC.fullmatch(text.strip()))
    table = draw(st.lists(st.tuples(key, cells, cells, cells).map(list), max_size=5))
    out = io.StringIO(newline="")
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    broken = any(sign in cell for row in table for cell in row for sign in "\r\n")
    quoted = broken or draw(st.booleans())
    kind: Any = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=kind).writerows([list(NAMES), *table])
    content = out.getvalue().encode(encoding)
    if encoding == "cp1252":
        assume(out.getvalue().isascii() or not is_unicode(content))
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    keys: dict[str, Any] = {"delimiter": delimiter} if draw(st.booleans()) else {}
    return table, mark + content, keys | ({"encoding": "cp1252"} if encoding == "cp1252" else {})


def is_unicode(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(max_examples=25, deadline=None)
@given(written())
def test_any_table_in_any_dialect_reads_back_the_same(case: tuple[list[list[str]], bytes, dict[str, Any]]) -> None:
    table, content, keys = case
    rows = read(content, columns={name: name for name in NAMES}, **keys)
    assert rows.notes == {}
    for place, name in enumerate(NAMES):
        assert column(rows, name) == [row[place] if row[place].strip() else None for row in table]


@pytest.mark.parametrize(
    ("content", "encoding", "words"),
    [
        (b"a\nb\nM\xfcller\n", None, r'line 3 is not utf-8; .* give encoding, as "cp1252"'),
        (b"a\nb\x81\n", "cp1252", "line 2 is not cp1252"),
        ("a\nb\n".encode("utf-16-le"), None, "line 1 holds zeros"),
        (b"a\nb\n" + bytes(500), None, "line 3 holds zeros"),
        (b"\xff\xfea\0b", None, "line 1 is not utf-16-le"),
    ],
    ids=["cp1252", "not even that", "UTF-16 without its mark", "never written to its end", "half a letter"],
)
def test_no_encoding_is_guessed(content: bytes, encoding: str | None, words: str) -> None:
    with pytest.raises(SourceUnavailable, match=rf"roster\.csv: {words}"):
        decoded(content, encoding, "roster.csv")


def test_an_encoding_that_is_given_is_for_files_that_are_not_unicode() -> None:
    assert decoded(b"M\xfcller", "cp1252", "-") == decoded("Müller".encode(), "cp1252", "-") == "Müller"
    assert decoded("Müller".encode("utf-16-le"), "utf-16-le", "-") == "Müller"


# The header


@pytest.mark.parametrize("above", ["", "sep=;\n", "Roster for;all wards\n\nRun at;27/11/2026\n"])
def test_the_header_is_found_below_titles_and_by_names_that_people_read_as_the_same(above: str) -> None:
    rows = read(above + "DUTY NO;unit ;Shift  start;shift-end;Grade type;Status;Notes\n" + FIRST)
    assert column(rows, "duty_key") == ["1"]
    assert column(rows, "start_ts") == [local("2026-11-27 07:30")]
    assert rows.unused == ("Notes",)


def test_a_header_in_two_lines_whose_upper_cells_are_merged() -> None:
    header = "Duty No.;Unit;Shift;;Grade Type;Status;Notes\n;;Start;End;;;\n"
    assert column(read(header + FIRST, header_rows=2), "end_ts") == [local("2026-11-27 20:00")]


def test_a_header_that_is_only_a_sign_is_none_that_is_blank() -> None:
    text = HEADER.replace("Duty No.", "#").replace("Notes", "") + FIRST
    assert column(read(text, columns=COLUMNS | {"duty_key": "#"}), "duty_key") == ["1"]


def test_a_lost_column_is_named_with_its_file_and_line() -> None:
    with pytest.raises(
        SourceChanged, match=r"^roster\.csv: the header \(line 2\) has no column 'Shift End', 'Status'$"
    ):
        read("Roster\n" + HEADER.replace("Shift End", "Finish").replace("Status", "State") + FIRST)
    with pytest.raises(SourceChanged, match=r"no line has the columns 'Duty No\.', "):
        read("Something else\n")


def test_a_header_that_stands_twice_is_refused() -> None:
    with pytest.raises(SourceChanged, match="line 1: the header 'Unit' stands twice"):
        read(HEADER.replace("Notes", "UNIT") + FIRST)


def test_a_header_that_can_be_cut_in_several_ways_is_refused() -> None:
    with pytest.raises(SourceChanged, match="several delimiters; give one"):
        read("spell_key,a\nspell_key;b\n", reading("discharge_plan", columns={"spell_key": "spell key"}))


def test_without_columns_the_headers_are_ours() -> None:
    rows = read("spell_key,EDD,other\n1,28/11/2026,x\n2,,\n", reading("discharge_plan"))
    assert column(rows, "edd") == [local("2026-11-28 00:00"), None]
    assert rows.unused == ("other",)


# Whole, or not at all


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        (HEADER + FIRST.rstrip(), "its last line has no end, as of a file that was cut off"),
        (HEADER + FIRST + '3;"W1\n', "line 3: unexpected end of data"),
    ],
)
def test_a_text_that_was_cut_off_is_refused(text: str, words: str) -> None:
    with pytest.raises(SourceUnavailable, match=words):
        read(text)


def test_a_system_that_never_ends_its_last_line_can_be_read() -> None:
    assert len(read(HEADER + FIRST.rstrip(), open_end=True).frame) == 1


@pytest.mark.parametrize(
    ("trailer", "last"),
    [
        ("Total records: {rows}", "Total records;2;;;;;\n"),
        ("Total {rows}", "\n;;;total: 2\n\n"),
        ("* {rows}", "Shown 1 to 2 of 2\n"),
        ("TRL {rows} *", '"TRL|2|20261127"\n'),
        ("End of report", "*** END OF REPORT ***\n"),
    ],
)
def test_a_trailer_proves_the_file_and_is_no_row(trailer: str, last: str) -> None:
    assert column(read(HEADER + FIRST + SECOND + last, trailer=trailer), "duty_key") == ["1", "2"]


def test_a_trailer_that_is_missing_or_counts_other_rows_is_refused() -> None:
    with pytest.raises(SourceUnavailable, match="its last line is not the trailer"):
        read(HEADER + FIRST, trailer="Total {rows}")
    with pytest.raises(SourceUnavailable, match="its trailer counts 1412 rows, it has 2"):
        read(HEADER + FIRST + SECOND + "Total 1,412\n", trailer="Total {rows}")


def test_more_rows_than_the_budget_are_refused() -> None:
    text = HEADER + FIRST + SECOND + "Total 2\n"
    assert len(read(text, reading(trailer="Total {rows}", most_rows=2)).frame) == 2
    with pytest.raises(SourceUnavailable, match="feed duty: more rows than the 1 of its budget"):
        read(text, reading(trailer="Total {rows}", most_rows=1))


# Rows that cannot be trusted


def accepted(rows: Rows) -> Any:
    return accept(FEEDS["duty"], RawRows(rows.frame, LOCAL.zone), datetime(2026, 11, 27, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("3;W1;27/11/2026 07:30;27/11/2026 20:00;RN;fil;led;\n", WIDTH),
        ("3;W1;27/11/2026 07:30\n", WIDTH),
        ("1.23457E+11;W1;27/11/2026 07:30;27/11/2026 20:00;RN;filled;\n", UNTRUSTED),
    ],
    ids=["too wide", "too narrow", "a key whose digits are gone"],
)
def test_a_line_that_cannot_be_trusted_is_quarantined_and_counted(line: str, note: str) -> None:
    rows = read(HEADER + FIRST + line + SECOND)
    assert rows.notes == {note: 1}
    gate = accepted(rows)
    assert gate.frame["duty_key"].tolist() == ["1", "2"]
    assert sum(gate.rejected.values()) == 1


def test_what_trailing_delimiters_add_is_nothing() -> None:
    more = FIRST.replace(";\n", ";;;;\n")
    assert read(HEADER + more + more).notes == {}
    assert read(HEADER + FIRST + more + FIRST).notes == {WIDTH: 1}, "a delimiter within a cell looks the same"


def test_if_most_lines_are_odd_the_header_is() -> None:
    with pytest.raises(SourceChanged, match="line 2 and 1 others: file: lines of another width"):
        read(HEADER.replace(";Notes", "") + FIRST.replace(";filled", ";fil;led") * 2)


def test_every_table_has_a_column_that_quarantines_a_row_of_nothing() -> None:
    for feed in FEEDS.values():
        assert any(one.required and not one.nullable for one in feed.columns), feed.name


def test_times_in_another_form_are_a_changed_file_and_not_an_empty_roster() -> None:
    with pytest.raises(SourceChanged, match="no value of 'Shift Start' is a time in the form %d/%m/%Y %H:%M"):
        read(HEADER + FIRST.replace("27/11/2026", "11/27/2026"))


# What systems leave out, split and lose


def test_a_date_and_two_times_make_a_night_shift() -> None:
    columns = COLUMNS | {"start_ts": ("Date", "From"), "end_ts": ("Date", "To")}
    header = "Duty No.;Unit;Date;From;To;Grade Type;Status\n"
    lines = (
        "1;W1;27/11/2026;20:00;08:00;RN;filled\n2;W1;27/11/2026;07:30;20:00;RN;filled\n3;W1;27/11/2026;;;RN;filled\n"
    )
    rows = read(header + lines, columns=columns, overnight=True)
    assert column(rows, "end_ts") == [local("2026-11-28 08:00"), local("2026-11-27 20:00"), None]


def test_an_empty_cell_can_mean_something_and_a_column_can_be_missing() -> None:
    columns = COLUMNS | {"state": "Person"}
    text = HEADER.replace("Status", "Person") + FIRST + FIRST.replace(";filled;", ";;") + "odd\n"
    rows = read(text, columns=columns, if_empty={"state": "vacant", "source": "substantive"})
    assert column(rows, "state") == ["filled", "vacant", None]
    assert column(rows, "source") == ["substantive", "substantive", None]


def test_lost_zeros_are_put_back() -> None:
    rows = read(HEADER + FIRST + FIRST.replace("1;W1", "A1;4"), digits={"duty_key": 4, "ward_code": 3})
    assert column(rows, "duty_key") == ["0001", "A1"]
    assert column(rows, "ward_code") == ["W1", "004"]


def test_kinds_that_have_a_form_are_the_only_ones_that_are_parsed() -> None:
    rows = read(HEADER + FIRST)
    assert {name: type(column(rows, name)[0]) for name in COLUMNS} == {
        name: datetime if FEEDS["duty"][name].kind is Kind.TIME else str for name in COLUMNS
    }
