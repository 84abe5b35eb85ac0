"""The store keeps the same promises on PostgreSQL: the unit tests' suite, on a real server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from surveillance.errors import ConfigurationError, StoreError
from surveillance.store import open_store
from surveillance.store.tables import metadata
from tests import postgres
from tests.stores import T0, save, snapshot
from tests.unit.test_store_chart_points import *  # noqa: F403
from tests.unit.test_store_history import *  # noqa: F403
from tests.unit.test_store_thinning import *  # noqa: F403

NUMBERS = itertools.count()


@pytest.fixture
def url(server: postgres.Cluster) -> Iterator[str]:
    name = f"store_{next(NUMBERS)}"
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)


def test_the_migrations_make_the_tables_that_the_program_uses(url: str) -> None:
    with open_store(url) as store, store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_url_without_a_driver_is_enough(url: str) -> None:
    with open_store(url.replace("postgresql+psycopg:", "postgresql:")) as store:
        assert store.revision() == 0


def test_a_server_that_comes_back_is_used_again(url: str, server: postgres.Cluster) -> None:
    with open_store(url) as store:
        save(store, snapshot(T0, {"A1": {"falls": 1}}))
        server.run("select pg_terminate_backend(pid) from pg_stat_activity where datname <> current_database()")
        newest = store.current()
        assert newest is not None
        assert newest.as_at == T0


def test_a_server_that_is_not_there_is_named_without_a_password() -> None:
    url = f"postgresql+psycopg://ward:secret@127.0.0.1:{postgres.free_port()}/ward"
    with pytest.raises(StoreError, match="store postgresql") as refusal:
        open_store(url)
    assert "secret" not in str(refusal.value)


def test_a_missing_database_is_named(server: postgres.Cluster) -> None:
    with pytest.raises((StoreError, ConfigurationError), match="nowhere"):
        open_store(server.url("nowhere"))
