"""The audit record keeps the same promises on PostgreSQL: the unit tests' suite, on a real server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from surveillance.errors import StoreError
from surveillance.store.audit_log import append
from surveillance.store.database import Database
from tests import postgres
from tests.security.test_audit import *  # noqa: F403
from tests.security.test_audit import T0, checked, fill, numbered, said

NUMBERS = itertools.count()


@pytest.fixture
def url(server: postgres.Cluster, upgraded: str) -> Iterator[str]:
    name = f"audit_{next(NUMBERS)}"
    server.create_database(name, upgraded)
    yield server.url(name)
    server.drop_database(name)


def test_the_record_cannot_be_emptied_at_once(database: Database) -> None:
    fill(database, 3)
    with pytest.raises(StoreError, match="only added to"), database.writing() as connection:
        connection.execute(text("truncate audit"))
    assert said(database) == []


def test_a_trigger_that_does_nothing_any_more_is_named(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(
            text(
                "create or replace function audit_is_only_added_to() returns trigger language plpgsql as "
                "$$ begin return old; end $$"
            )
        )
    assert checked(database).unguarded == ("audit_not_emptied", "audit_unchanged")


def test_a_row_is_on_the_disk_whatever_the_server_is_set_to(database: Database) -> None:
    """The transaction that writes a row waits for the disk, though the server's default does not."""
    with database.writing() as connection:
        connection.execute(text(f"alter database {connection.engine.url.database} set synchronous_commit = off"))
    database.close()
    with database.writing() as connection:
        assert connection.execute(text("show synchronous_commit")).scalar() == "off"
        append(connection, T0, numbered(1))
        assert connection.execute(text("show synchronous_commit")).scalar() == "on"
