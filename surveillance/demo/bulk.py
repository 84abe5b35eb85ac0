"""A database of the past written in one transaction, many rows at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Integer, String, create_engine

from surveillance.demo.systems import BATCH_ROWS, SYSTEMS, Batch, make_tables, writer
from surveillance.errors import ConfigurationError

KEYS = (String, Integer)
"""Types of columns by which rows are joined; moments are of types of their own."""


class Bulk:
    """One system's database while its past is written.

    ``url``: where it stands, if not in a file of the folder. ``lasting``: False for one that a crash may take away, and
    that is read whole weeks at a time.

    Raises:
        ConfigurationError: its tables are there already.
    """

    def __init__(self, folder: Path, name: str, *, url: str | None = None, lasting: bool = True) -> None:
        self.system = SYSTEMS[name]
        self.batch = Batch(self.system)
        path = folder / f"{name}.sqlite"
        self._engine = writer(url or path) if lasting else create_engine(f"sqlite:///{path}")
        self.connection = self._engine.connect()
        if not lasting:
            for setting in (
                "journal_mode = OFF",
                "synchronous = OFF",
                "locking_mode = EXCLUSIVE",
                "cache_size = -200000",
            ):
                self.connection.exec_driver_sql(f"PRAGMA {setting}")
        try:
            make_tables(self.system, self.connection)
        except ConfigurationError:
            self.close()
            raise
        indexes = [index for table in self.system.metadata.tables.values() for index in table.indexes]
        for index in indexes:
            index.drop(self.connection)
        self._indexes = [index for index in indexes if lasting or not isinstance(index.columns[0].type, KEYS)]

    def flush(self) -> None:
        """Write what was gathered once there is enough."""
        if self.batch.size >= BATCH_ROWS:
            self.batch.flush(self.connection)

    def finish(self, now: int) -> None:
        """The rest, the indexes (made at once they take a quarter of the time) and the heartbeat."""
        self.batch.flush(self.connection)
        for index in self._indexes:
            index.create(self.connection)
        self.system.beat(self.connection, now)
        self.connection.commit()
        self.close()

    def close(self) -> None:
        """Give back the database, finished or not."""
        self.connection.close()
        self._engine.dispose()


@contextmanager
def no_cycles_sought() -> Iterator[None]:
    """Millions of plain tuples and no cycles: looking for some takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
