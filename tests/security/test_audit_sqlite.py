"""The audit record in a SQLite file: what only SQLite lets somebody try is refused or found as well."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from surveillance.errors import StoreError
from surveillance.store.audit_log import FIRST, Record
from surveillance.store.database import Database
from tests.security.test_audit import ROWS, database, fill, forged, insert, kept, said, tamper, url, write  # noqa: F401


@pytest.mark.parametrize("number", [3, ROWS, ROWS + 1])
@pytest.mark.parametrize("otherwise", ["replace", "ignore"])
def test_a_row_cannot_be_put_in_the_place_of_another(database: Database, number: int, otherwise: str) -> None:  # noqa: F811
    fill(database)
    rows = kept(database)
    new = forged(number, rows[-1]["hash"], who="x") | {"hash": rows[4]["hash"]}
    statement = insert(new).replace("insert into", f"insert or {otherwise} into")
    with pytest.raises(StoreError, match="only added to"), database.writing() as connection:
        connection.execute(text(statement))
    assert kept(database) == rows


@pytest.mark.parametrize(
    "change",
    [
        "version = 9e999",  # JSON writes it as null, which stood there
        "who = cast(x'ff' as text)",
        "who = cast(who as blob)",
        "at = 'yesterday'",
        "keys = 'none'",
        "hash = x'00'",
    ],
)
def test_values_of_another_kind_are_found(database: Database, change: str) -> None:  # noqa: F811
    write(database, Record("view", "x"), Record("view", "y"))
    tamper(database, f"update audit set {change} where number = 1")
    assert said(database)[0].startswith("row 1 was changed")


def test_a_row_whose_number_is_none_is_found(database: Database) -> None:  # noqa: F811
    fill(database)
    tamper(database, "update audit set number = 'four' where number = 4")
    assert said(database) == ["a row with the number four was inserted", "row 4 is missing"]


def test_the_first_row_begins_the_chain(database: Database) -> None:  # noqa: F811
    with pytest.raises(StoreError, match="only added to"), database.writing() as connection:
        connection.execute(text(insert(forged(1, "e" * 64))))
    with database.writing() as connection:
        connection.execute(text(insert(forged(1, FIRST))))
    assert said(database) == []
