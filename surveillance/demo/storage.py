"""How each system stores a moment: four column types that take seconds since 1970 and write the vendor's form."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, String, quoted_name
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from surveillance.demo.localtime import DAY, clock_text, date_text, wall_seconds

RowKey = BigInteger().with_variant(Integer, "sqlite")
"""A primary key that SQLite keeps as its row number."""


def unquoted(metadata: MetaData) -> None:
    """Each database folds the tables' names in its own way, as the queries' do."""
    for table in metadata.tables.values():
        table.name = quoted_name(table.name, quote=False)
        for column in table.columns:
            column.name = quoted_name(column.name, quote=False)


@lru_cache(maxsize=100_000)
def _utc(value: int) -> str:
    """Most moments stand in several columns."""
    return f"{date_text(value // DAY)}T{clock_text(value % DAY)}Z"


class UtcText(TypeDecorator[int]):
    """``2026-03-29T01:30:00Z``: the EPR."""

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:  # noqa: ARG002 - the interface
        """The stored text."""
        return None if value is None else _utc(value)


class OffsetText(TypeDecorator[int]):
    """``2026-03-29T01:30:00+00:00``: the laboratory, and the rostering system's interface engine."""

    impl = String(25)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:  # noqa: ARG002 - the interface
        """The stored text."""
        return None if value is None else f"{date_text(value // DAY)}T{clock_text(value % DAY)}+00:00"


class EpochSeconds(TypeDecorator[int]):
    """``1774747800``: prescribing."""

    impl = BigInteger
    cache_ok = True


class LocalText(TypeDecorator[int]):
    """``2026-03-29 02:30``, Europe/London without an offset: rostering."""

    impl = String(16)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:  # noqa: ARG002 - the interface
        """The stored text."""
        if value is None:
            return None
        wall = wall_seconds(value)
        return f"{date_text(wall // DAY)} {clock_text(wall % DAY)[:5]}"
