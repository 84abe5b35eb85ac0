"""The audit record: nothing is lost or refused, nobody changes it unseen, and what was done to it is named exactly."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from surveillance.access.access import Access
from surveillance.access.audit import Entry, Event, Trail
from surveillance.access.people import Device, Granted, Person, Role, Session
from surveillance.errors import StoreError
from surveillance.store import open_database
from surveillance.store.audit_checking import Checked, check
from surveillance.store.audit_log import CHAINED, CUT, FIRST, Record, append, digest
from surveillance.store.audit_reading import EVERYTHING, REFUSES, Line, Wanted, keys_of, lines
from surveillance.store.database import Database
from surveillance.store.tables import audit

ROOT = Path(__file__).parents[2]
T0 = datetime(2026, 11, 23, 9, 0, 0, 250_001, tzinfo=UTC)
ROWS = 12
WRITER = """
import sys
from datetime import UTC, datetime
from surveillance.store import open_database
from surveillance.store.audit_log import Record, append
database = open_database(sys.argv[1])
for turn in range(int(sys.argv[3])):
    with database.writing() as connection:
        append(connection, datetime.now(UTC), Record("view", sys.argv[2], detail=str(turn)))
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


def write(database: Database, *records: Record) -> None:
    for number, record in enumerate(records):
        with database.writing() as connection:
            append(connection, T0 + timedelta(seconds=number), record)


def numbered(number: int) -> Record:
    keys = tuple(f"P{key}" for key in range(number % 3))
    return Record("view", f"nurse {number}", "Ward staff", "oidc", "abc", "10.0.0.1", "A1", "falls", 1, 2, keys)


def fill(database: Database, rows: int = ROWS) -> None:
    write(database, *(numbered(number) for number in range(1, rows + 1)))


def kept(database: Database, wanted: Wanted = EVERYTHING) -> list[Line]:
    with database.reading() as connection:
        return list(lines(connection, wanted))


def checked(database: Database, *anchors: tuple[int, str]) -> Checked:
    with database.reading() as connection:
        return check(connection, anchors)


def said(database: Database, *anchors: tuple[int, str]) -> list[str]:
    return [fault.words for fault in checked(database, *anchors).faults]


def tamper(database: Database, *statements: str, **values: object) -> None:
    """As somebody with every right in the database, who first does away with what refuses changes."""
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("alter table audit disable trigger user"))
        else:
            for name in REFUSES["sqlite"]:
                connection.execute(text(f"drop trigger if exists {name}"))
        for statement in statements:
            connection.execute(text(statement), values)


def renumber(first: int, step: int) -> tuple[str, str]:
    """Every row from ``first`` on moves; by way of numbers that are free."""
    return (
        f"update audit set number = number + 1000000 where number >= {first}",
        f"update audit set number = number - 1000000 + ({step}) where number >= 1000000",
    )


def forged(number: int, before: str, **others: object) -> dict[str, object]:
    """A row as the program would have written it."""
    at = 1_790_000_000_000_000
    row: dict[str, object] = {**dict.fromkeys(CHAINED, ""), "number": number, "at": at, "version": None, "rows": None}
    row |= {"keys": "[]", "who": "nobody", "before": before, **others}
    return {**row, "hash": digest(row)}


def insert(row: dict[str, object]) -> str:
    values = ", ".join("null" if value is None else f"'{value}'" for value in row.values())
    return f"insert into audit ({', '.join(_quoted(name) for name in row)}) values ({values})"


def _quoted(name: str) -> str:
    return f'"{name}"'


# Writing


def test_an_empty_record_is_whole(database: Database) -> None:
    found = checked(database)
    assert (found.rows, found.last, found.faults, found.unguarded) == (0, (0, FIRST), (), ())


def test_rows_are_numbered_without_gaps_and_each_holds_the_hash_before(database: Database) -> None:
    fill(database)
    rows = kept(database)
    assert [row["number"] for row in rows] == list(range(1, ROWS + 1))
    assert [row["before"] for row in rows] == [FIRST, *(row["hash"] for row in rows[:-1])]
    assert checked(database).last == (ROWS, rows[-1]["hash"])
    assert said(database) == []


def test_every_column_but_the_hash_is_in_the_hash() -> None:
    assert [column.name for column in audit.columns] == [*CHAINED, "hash"]


def test_the_hash_is_what_it_was_when_records_were_first_kept() -> None:
    """Another way of making it would break every record that is kept anywhere."""
    row = forged(7, FIRST, who="Zoë", version=2, rows=1, keys='["P1"]')
    written = f'[7,1790000000000000,"","Zoë","","","","","","",2,1,"[\\"P1\\"]","","","{FIRST}"]'
    assert row["hash"] == hashlib.sha256(written.encode()).hexdigest()


def test_what_is_written_in_a_transaction_that_fails_is_not_in_the_chain(database: Database) -> None:
    fill(database, 2)
    with contextlib.suppress(RuntimeError), database.writing() as connection:
        append(connection, T0, numbered(3))
        raise RuntimeError
    fill(database, 1)
    assert [row["number"] for row in kept(database)] == [1, 2, 3]
    assert said(database) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    words=st.tuples(*[st.text(st.characters(), max_size=400)] * 4), keys=st.lists(st.text(st.characters(), max_size=40))
)
def test_no_text_is_refused_and_none_breaks_the_chain(
    database: Database, words: tuple[str, str, str, str], keys: list[str]
) -> None:
    who, ward, reason, detail = words
    write(database, Record("view", who, role=who, via=who, ward=ward, keys=tuple(keys), reason=reason, detail=detail))
    assert said(database) == []
    row = kept(database)[-1]
    assert len(keys_of(row["keys"])) == len(keys)


def test_text_that_no_database_keeps_is_replaced(database: Database) -> None:
    write(database, Record("view", "a\0b\ud800c\U0001f600\N{RIGHT-TO-LEFT OVERRIDE}", keys=("k\0", "🛏")))
    (row,) = kept(database)
    assert row["who"] == "a\ufffdb\ufffdc\U0001f600\N{RIGHT-TO-LEFT OVERRIDE}"
    assert keys_of(row["keys"]) == ["k\ufffd", "🛏"]


def test_long_text_is_cut_to_its_place_and_says_so(database: Database) -> None:
    e = "é" * 9000
    record = Record(e, e, e, e, e, e, e, e, 1, 1, ("k" * 9000,), e, e)
    write(database, record, Record("view", "x" * 256))
    row, exact = kept(database)
    for column in audit.columns:
        if column.name in Record.__slots__ and column.name not in ("version", "rows", "keys"):
            assert row[column.name].endswith(CUT), column.name
            room = getattr(column.type, "length", None) or 4000
            assert len(row[column.name]) == room, column.name
    assert keys_of(row["keys"]) == ["k" * 9000]
    assert exact["who"] == "x" * 256
    assert said(database) == []


def test_writers_in_threads_take_turns(database: Database) -> None:
    def work(name: str) -> None:
        for turn in range(15):
            with database.writing() as connection:
                append(connection, T0, Record("view", name, detail=str(turn)))

    threads = [threading.Thread(target=work, args=(f"T{number}",)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    rows = kept(database)
    assert len(rows) == 90
    assert said(database) == []
    for number in range(6):
        assert [row["detail"] for row in rows if row["who"] == f"T{number}"] == [str(turn) for turn in range(15)]


def test_writers_in_processes_take_turns(database: Database, url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, f"P{number}", "15"], cwd=ROOT) for number in range(3)
    ]
    assert [one.wait() for one in started] == [0, 0, 0]
    assert len(kept(database)) == 45
    assert said(database) == []


# Who did what


def session(**others: object) -> Session:
    person = Person("sub-1", "Zoë", "oidc", (Granted(Role.WARD_STAFF, ("A1",)), Granted(Role.PHARMACIST)))
    return Session("k" * 64, person, T0, T0, T0, "10.0.0.7")


def test_an_entry_names_who_did_it(database: Database) -> None:
    trail = Trail(database, lambda: T0)
    trail.record(Entry(Event.VIEW, session(), "10.0.0.7", "A1", "falls", 3, 2, ("P1", "P2")))
    trail.record(Entry(Event.REFUSED, Device(4, "ward-a1", "staff"), "10.0.0.8"))
    trail.record(Entry(Event.SIGN_IN_REFUSED, None, "10.0.0.9", claimed="admin"))
    seen, screen, stranger = kept(database)
    assert (seen["who"], seen["role"], seen["via"]) == ("sub-1", "Ward staff, Pharmacist", "oidc")
    assert seen["session"] == "k" * 12  # what stands for the session, never enough to find it
    assert (seen["ward"], seen["measure"], seen["version"], seen["rows"]) == ("A1", "falls", 3, 2)
    assert keys_of(seen["keys"]) == ["P1", "P2"]
    assert (screen["who"], screen["via"]) == ("screen ward-a1 (device 4)", "device")
    assert (stranger["who"], stranger["role"]) == ("admin", "")


def test_nothing_can_be_recorded_before_the_store_is_open() -> None:
    with pytest.raises(LookupError):
        Access().record(Entry(Event.VIEW, None, "10.0.0.1"))


def test_a_record_that_cannot_be_kept_is_an_error(database: Database) -> None:
    tamper(database, "drop table audit")
    with pytest.raises(StoreError, match="audit"):
        Trail(database, lambda: T0).record(Entry(Event.VIEW, None, "10.0.0.1"))


# Refusing changes


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set who = 'x' where number = 3",
        "update audit set who = who where number = 3",
        "delete from audit where number = 3",
        "delete from audit",
        insert(forged(ROWS + 2, FIRST)),
        insert(forged(3, FIRST)),
        insert(forged(0, FIRST)),
    ],
)
def test_the_database_refuses_to_change_the_record(database: Database, statement: str) -> None:
    fill(database)
    with pytest.raises(StoreError, match="only added to"), database.writing() as connection:
        connection.execute(text(statement))
    assert said(database) == []


# Finding what was done by somebody whom the database could not refuse

OTHER: dict[str, str] = {
    **{name: f"'x' || {_quoted(name)}" for name in CHAINED},
    "at": "at + 1",
    "version": "2",
    "rows": "3",
    "keys": "'[\"P9\"]'",
    "before": f"'{'f' * 64}'",
    "hash": f"'{'f' * 64}'",
    "role": "''",
}
PART = {"before": " (its before)", "hash": " (its hash)"}


@pytest.mark.parametrize("row", [1, 5, ROWS])
@pytest.mark.parametrize("column", [column.name for column in audit.columns if column.name != "number"])
def test_a_change_of_any_column_is_found(database: Database, column: str, row: int) -> None:
    fill(database)
    tamper(database, f"update audit set {_quoted(column)} = {OTHER[column]} where number = {row}")
    part = "" if column == "hash" and row == ROWS else PART.get(column, "")
    assert said(database) == [f"row {row} was changed{part}"]


def test_a_number_that_was_lost_is_found(database: Database) -> None:
    fill(database)
    tamper(database, "update audit set version = null, rows = 0 where number = 4")
    assert said(database) == ["row 4 was changed"]


def test_each_of_several_changes_is_found(database: Database) -> None:
    fill(database)
    tamper(database, "update audit set ward = 'B2' where number in (1, 2, 7, 12)")
    assert said(database) == [f"row {row} was changed" for row in (1, 2, 7, 12)]


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("number = 1", "row 1 is missing"),
        ("number in (1, 2)", "rows 1 to 2 are missing"),
        ("number = 6", "row 6 is missing"),
        ("number in (4, 5, 6)", "rows 4 to 6 are missing"),
        ("number = 11", "row 11 is missing"),
    ],
)
def test_rows_that_are_missing_are_named(database: Database, which: str, words: str) -> None:
    fill(database)
    tamper(database, f"delete from audit where {which}")
    assert said(database) == [words]


@pytest.mark.parametrize("row", [1, 6, 11])
def test_a_missing_row_is_found_though_the_others_were_renumbered(database: Database, row: int) -> None:
    fill(database)
    tamper(database, f"delete from audit where number = {row}", *renumber(row, -1))
    assert said(database) == [f"row {row} is missing, and those after renumbered"]


@pytest.mark.parametrize("row", [1, 6, 12])
@pytest.mark.parametrize("chained", [True, False])
def test_a_row_that_was_inserted_is_found(database: Database, row: int, chained: bool) -> None:
    fill(database)
    before = FIRST if row == 1 else kept(database)[row - 2]["hash"]
    new = forged(row, before if chained else "e" * 64)
    tamper(database, *renumber(row, 1), insert(new))
    assert said(database) == [f"row {row} was inserted, and those after renumbered"]


def test_a_row_before_the_first_is_found(database: Database) -> None:
    fill(database)
    tamper(database, insert(forged(0, FIRST)))
    assert said(database) == ["a row with the number 0 was inserted"]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (4, 5), (3, 9), (1, ROWS), (ROWS - 1, ROWS)])
def test_rows_that_were_swapped_are_found(database: Database, one: int, other: int) -> None:
    fill(database)
    swap(database, one, other)
    assert said(database) == [f"rows {one} and {other} were swapped"]


def test_rows_that_were_swapped_far_away_are_found(database: Database) -> None:
    fill(database, 150)
    swap(database, 10, 140)
    assert said(database) == ["rows 10 and 140 were swapped"]


def swap(database: Database, one: int, other: int) -> None:
    tamper(
        database,
        f"update audit set number = -1 where number = {one}",
        f"update audit set number = {one} where number = {other}",
        f"update audit set number = {other} where number = -1",
    )


def test_a_row_that_was_rewritten_with_its_hash_is_found_by_the_next(database: Database) -> None:
    fill(database)
    row = {**kept(database)[4], "who": "somebody else"}
    tamper(database, "update audit set who = :who, hash = :hash where number = 5", who=row["who"], hash=digest(row))
    assert said(database) == [
        "row 5, and perhaps rows before it, were rewritten with their hashes: row 6 remembers another"
    ]


def test_only_an_anchor_finds_a_tail_that_was_cut_off(database: Database) -> None:
    fill(database)
    anchor = checked(database).last
    tamper(database, "delete from audit where number > 8")
    assert said(database) == []
    assert said(database, anchor) == ["rows 9 to 12 are missing up to the anchor"]


def test_only_an_anchor_finds_a_record_that_was_emptied(database: Database) -> None:
    fill(database, 3)
    anchor = checked(database).last
    tamper(database, "delete from audit")
    assert said(database, anchor) == ["rows 1 to 3 are missing up to the anchor"]


def test_only_an_anchor_finds_a_tail_that_was_written_anew(database: Database) -> None:
    fill(database)
    rows, anchor = kept(database), checked(database).last
    statements, before = ["delete from audit where number > 8"], rows[7]["hash"]
    for row in rows[8:]:
        new = forged(row["number"], before)
        statements.append(insert(new))
        before = str(new["hash"])
    tamper(database, *statements)
    assert said(database) == []
    words = "row 12 is not that of the anchor: it, or rows before it, were rewritten"
    assert said(database, (8, rows[7]["hash"]), anchor) == [words]


def test_a_record_goes_on_after_its_anchor(database: Database) -> None:
    fill(database, 5)
    anchor = checked(database).last
    fill(database, 5)
    assert said(database, anchor) == []


def test_a_record_that_is_wrong_everywhere_is_told_in_few_words(database: Database) -> None:
    fill(database, 130)
    tamper(database, "update audit set ward = 'B2'")
    words = said(database)
    assert words[:2] == ["row 1 was changed", "row 2 was changed"]
    assert len(words) == 101
    assert words[-1] == "the chain breaks at 130 rows; the first 100 breaks were looked into"


def test_what_no_longer_refuses_changes_is_named(database: Database) -> None:
    fill(database, 2)
    tamper(database)
    found = checked(database)
    assert found.unguarded == REFUSES[database.engine.dialect.name]
    assert found.faults == ()
