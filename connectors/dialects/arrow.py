"""PEP 249 over arrow-odbc, which has an ODBC driver fill whole columns; pyodbc asks it for every value by itself.

Only what SQLAlchemy and a connector ask of a driver is here. Texts are bound as texts, so a query says by a cast what a
bound is; rows are read by columns (``Cursor.batches``), or one by one where there are few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import arrow_odbc
import pyarrow as pa

from connectors.columns import Reading, longest, objects_of, reading_of

apilevel = "2.0"
threadsafety = 1
paramstyle = "qmark"
version = "1.0"

BATCH_ROWS = 500
"""Rows that the driver fills in at once."""
TEXT_BYTES = 4_000
"""The longest text that is taken, in UTF-8."""
ROOM = TEXT_BYTES + 4
"""What a driver may fill in of a text. MariaDB's does not say when it cut off one byte; what is left is refused."""
REPORT = re.compile(r"State: (?P<state>\w{5}), Native error: (?P<number>-?\d+), Message: (?P<text>.*)", re.DOTALL)
"""How arrow-odbc tells what a driver said."""
NO_ROOM = "too large to be written into the allocated buffer"
NO_TYPE = re.compile(r"problem with the SQL type of the column with name: (?P<name>.*) and index \d+:")
"""So arrow-odbc tells that it needs to know how long the values of a column may be, and the driver does not say."""


class Error(Exception):
    """Anything that went wrong: SQLSTATE, and the driver's words with its vendor's number at the end."""


class InterfaceError(Error):
    """Not the database's."""


class DatabaseError(Error):
    """The database's."""


class OperationalError(DatabaseError):
    """The connection, or time, ran out."""


class ProgrammingError(DatabaseError):
    """The query does not fit the database."""


class DataError(DatabaseError):
    """A value cannot be given."""


class IntegrityError(DatabaseError):
    """Rows do not fit each other."""


class InternalError(DatabaseError):
    """The database is not well."""


class NotSupportedError(DatabaseError):
    """A column of this type cannot be read this way."""


CLASSES: dict[str, type[Error]] = {
    "08": OperationalError,
    "22": DataError,
    "28": OperationalError,
    "42": ProgrammingError,
    "57": OperationalError,
    "HYT": OperationalError,
}
"""Beginning of the SQLSTATE → the class of the error."""


def _told(error: arrow_odbc.Error) -> Error:
    words = str(error)
    if report := REPORT.search(words):
        state = report["state"]
        of_class = next((one for start, one in CLASSES.items() if state.startswith(start)), DatabaseError)
        return of_class(state, f"[{state}] {report['text'].strip()} ({report['number']})")
    if NO_ROOM in words:
        return _too_long()
    if column := NO_TYPE.search(words):
        return _unread(column["name"])
    return InterfaceError("HY000", words)


def _too_long() -> Error:
    return DataError("22001", f"a text is longer than {TEXT_BYTES} bytes")


def _unread(column: str) -> Error:
    return NotSupportedError("07006", f"no type to read column '{column}' as")


def connect(connection: str, *, timeout: int = 0, autocommit: bool = False, unsigned: bool = False) -> Connection:
    """A session of the ODBC driver that the ``connection`` string names.

    ``timeout``: seconds that the login may take. ``unsigned``: whether the database has unsigned numbers.
    """
    try:
        session = arrow_odbc.connect(connection, login_timeout_sec=timeout or None, autocommit=autocommit)
    except arrow_odbc.Error as error:
        raise _told(error) from None
    return Connection(session, unsigned=unsigned)


class Connection:
    """One session."""

    def __init__(self, session: Any, *, unsigned: bool) -> None:
        self.unsigned = unsigned
        self._session: Any = session

    @property
    def session(self) -> Any:
        """The session itself."""
        if self._session is None:
            raise InterfaceError("08003", "the connection is closed")
        return self._session

    def cursor(self) -> Cursor:
        """A way to ask."""
        return Cursor(self)

    def commit(self) -> None:
        """End the transaction."""
        self._end("commit")

    def rollback(self) -> None:
        """End the transaction without what it did."""
        self._end("rollback")

    def _end(self, how: str) -> None:
        try:
            getattr(self.session, how)()
        except arrow_odbc.Error as error:
            raise _told(error) from None

    def close(self) -> None:
        """Log out; an answer that is still being read keeps the session until its cursor is closed."""
        self._session = None


class Cursor:
    """One question at a time, and its answer."""

    arraysize = 1
    rowcount = -1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reader: Any = None
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self.readings: list[Reading] = []
        """How each column of the answer is read."""
        self.description: list[tuple[Any, ...]] | None = None

    def execute(self, query: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Ask ``query``; its question marks stand for ``parameters``."""
        self.close()
        try:
            self._reader = self._connection.session.read_arrow_batches(
                query,
                batch_size=BATCH_ROWS,
                parameters=[None if value is None else str(value) for value in parameters] or None,
                max_text_size=ROOM,
                max_binary_size=ROOM,
                map_schema=self._chosen,
                fetch_concurrently=False,  # the drivers hold the whole answer by now
            )
        except arrow_odbc.Error as error:
            raise _told(error) from None
        names = self._reader.schema.names
        self.description = [(name, *[None] * 6) for name in names] or None
        self._rows = self._one_by_one()
        return self

    def _chosen(self, offered: Any) -> Any:
        asked = []
        for column in offered:
            reading = reading_of(column, unsigned=self._connection.unsigned)
            if reading is None:
                raise _unread(column.name)
            self.readings.append(reading)
            asked.append(pa.field(column.name, reading.asked))
        return pa.schema(asked)

    def batches(self) -> Iterator[Any]:
        """The rest of the answer by whole columns (record batches of Arrow's)."""
        try:
            for batch in self._reader or ():
                if max(map(longest, batch.columns), default=0) > TEXT_BYTES:
                    raise _too_long()
                yield batch
        except arrow_odbc.Error as error:
            raise _told(error) from None

    def _one_by_one(self) -> Iterator[tuple[Any, ...]]:
        for batch in self.batches():
            yield from zip(*map(objects_of, batch.columns, self.readings), strict=True)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next ``size`` rows, or what there is."""
        return list(islice(self._rows, size or self.arraysize))

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rest."""
        return list(self._rows)

    def close(self) -> None:
        """Let the answer go."""
        self._reader, self._rows, self.readings, self.description = None, iter(()), [], None
