"""The four databases: their tables, their files, and the writer that puts what happened into them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any
from zlib import crc32

from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    inspect,
    select,
    update,
)

from surveillance.demo import schema_epr, schema_laboratory, schema_prescribing, schema_rostering
from surveillance.demo.formulary import CATALOGUE
from surveillance.demo.records import Write
from surveillance.errors import ConfigurationError

BATCH_ROWS = 20_000


@dataclass(frozen=True)
class System:
    """One vendor's database. ``heartbeat``: its table with the last message's time and number (the instant)."""

    name: str
    metadata: MetaData
    heartbeat: str

    @property
    def pulse(self) -> Table:
        """The table of one row that every write touches."""
        return self.metadata.tables[self.heartbeat]

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return list(self.metadata.tables)

    def beat(self, connection: Connection, now: int) -> None:
        """Say that messages up to ``now`` have arrived."""
        key, moment, number = self.pulse.columns
        cells = {moment.name: now, number.name: now}
        if not connection.execute(update(self.pulse).where(key == 1).values(cells)).rowcount:
            connection.execute(insert(self.pulse).values({key.name: 1} | cells))

    def position(self, connection: Connection) -> int:
        """Up to when the database holds everything."""
        return int(connection.execute(select(self.pulse.columns[2])).scalar_one())


SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        System("epr", schema_epr.METADATA, "MSG_STATUS"),
        System("prescribing", schema_prescribing.METADATA, "interface_state"),
        System("laboratory", schema_laboratory.METADATA, "LinkStatus"),
        System("rostering", schema_rostering.METADATA, "InterfaceLog"),
    )
}
SYSTEM_OF = {table: system.name for system in SYSTEMS.values() for table in system.tables}
"""Which database a table stands in; no two vendors use one name."""
SHAPE = crc32(repr([(name, *t.c.keys()) for s in SYSTEMS.values() for name, t in s.metadata.tables.items()]).encode())
"""Another number where the tables or their columns are others: a hospital made with other tables cannot go on."""
_KEY = {name: next(iter(s.metadata.tables[name].primary_key)).name for s in SYSTEMS.values() for name in s.tables}
_EMPTY: dict[str, dict[str, Any]] = {
    name: dict.fromkeys(column.name for column in system.metadata.tables[name].columns)
    for system in SYSTEMS.values()
    for name in system.tables
}


class Batch:
    """Writes of one database gathered so that each table gets few statements; a change of a gathered row is merged."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.size = 0
        self._rows: dict[str, dict[int, dict[str, Any]]] = {}
        self._changes: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}

    def add(self, write: Write) -> None:
        """One more write; writes of one row must come in the order of time."""
        rows = self._rows.setdefault(write.table, {})
        if write.new:
            rows[write.key] = {**_EMPTY[write.table], _KEY[write.table]: write.key, **write.values}
            self.size += 1
        elif write.key in rows:
            rows[write.key].update(write.values)
        else:
            group = self._changes.setdefault((write.table, tuple(write.values)), [])
            group.append({"_key": write.key, **{f"_{name}": value for name, value in write.values.items()}})
            self.size += 1

    def flush(self, connection: Connection) -> None:
        """Everything gathered goes into the database, in the caller's transaction."""
        tables = self.system.metadata.tables
        for name, rows in self._rows.items():
            if rows:
                _insert(connection, tables[name], rows)
        for (name, columns), changes in self._changes.items():
            key = tables[name].columns[_KEY[name]]
            statement = update(tables[name]).where(key == bindparam("_key"))
            connection.execute(statement.values({column: bindparam(f"_{column}") for column in columns}), changes)
        self._rows.clear()
        self._changes.clear()
        self.size = 0


def _insert(connection: Connection, table: Table, rows: dict[int, dict[str, Any]]) -> None:
    """Many rows at once. The statement is SQLAlchemy's; its values are converted here, three times as fast."""
    dialect = connection.dialect
    compiled = insert(table).compile(dialect=dialect)
    columns = [table.columns[name] for name in compiled.positiontup or ()]
    if not columns:  # a driver that wants its values by name
        connection.execute(insert(table), list(rows.values()))
        return
    stored = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    given = list(rows.values())
    cells: list[Iterable[Any]] = []
    for column, process in zip(columns, stored, strict=True):
        plain = map(itemgetter(column.name), given)
        cells.append(plain if process is None else map(process, plain))
    connection.exec_driver_sql(str(compiled), list(zip(*cells, strict=True)))


def apply(system: System, connection: Connection, writes: Iterable[Write]) -> int:
    """Put writes of one database, in the order of time, into it; returns how many there were."""
    batch = Batch(system)
    number = 0
    for write in writes:
        batch.add(write)
        number += 1
    batch.flush(connection)
    return number


def writer(place: Path | str) -> Engine:
    """An engine that writes to a file, where readers are never blocked by it, or to the database of a URL."""
    if isinstance(place, str):
        return create_engine(place, pool_size=1, hide_parameters=True)
    engine = create_engine(f"sqlite:///{place}", pool_size=1)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA busy_timeout = 10000")

    return engine


def make_tables(system: System, connection: Connection) -> None:
    """The vendor's empty tables and what it ships with.

    Raises:
        ConfigurationError: some of them are there already.
    """
    known = {name.lower() for name in inspect(connection).get_table_names()}
    if there := sorted(name for name in system.tables if name.lower() in known):
        raise ConfigurationError(f"the database for {system.name} is not empty: it has a table {there[0]}")
    system.metadata.create_all(connection)
    if system.name == "prescribing":
        product = system.metadata.tables["product"]
        rows = [
            {"product_id": place, "product_code": code, "label": drug.name}
            for place, (code, drug) in enumerate(CATALOGUE.items(), start=1)
        ]
        connection.execute(insert(product), rows)
