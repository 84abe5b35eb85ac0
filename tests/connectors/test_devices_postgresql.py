"""Screens are paired alike on PostgreSQL: the unit tests' suite, on a real server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from surveillance.store import open_database
from surveillance.store.database import Database
from tests import postgres
from tests.unit.test_devices import *  # noqa: F403

NUMBERS = itertools.count()


@pytest.fixture
def database(server: postgres.Cluster, upgraded: str) -> Iterator[Database]:
    name = f"devices_{next(NUMBERS)}"
    server.create_database(name, upgraded)
    opened = open_database(server.url(name))
    yield opened
    opened.close()
    server.drop_database(name)
