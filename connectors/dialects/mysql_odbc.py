"""MariaDB and MySQL over ODBC without the faults that SQLAlchemy's own dialect has with their drivers.

With that one a port is read as part of the host, a lost connection is not noticed, letters beyond ASCII in a query
arrive garbled, and moments are bound without their fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import URL, BigInteger, DateTime, cast
from sqlalchemy.dialects.mysql.base import MySQLDialect
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
from sqlalchemy.dialects.mysql.pyodbc import MySQLDialect_pyodbc
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from connectors.dialects.odbc import ByColumns, told_port_apart

DRIVER = "MariaDB Unicode"
"""The driver of the Debian package odbc-mariadb, where the URL names none."""
DISCONNECTED = "08"
"""Beginning of the SQLSTATE of connection exceptions."""


class _ToTheMicrosecond(FunctionElement[datetime]):
    """SQLAlchemy's own cast to a moment names no fraction, and so loses it."""

    inherit_cache = True
    type = DateTime()


@compiles(_ToTheMicrosecond)
def _render(element: _ToTheMicrosecond, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **how)} AS DATETIME(6))"


class _Moment(DateTime):
    """Bound as text: as a moment the drivers cut off its fraction of a second."""

    def bind_processor(self, dialect: Any) -> Callable[[datetime | None], str | None]:  # noqa: ARG002 - the interface
        def text(value: datetime | None) -> str | None:
            return None if value is None else value.isoformat(" ", "microseconds")

        return text

    def bind_expression(self, bindvalue: BindParameter[datetime]) -> ColumnElement[datetime]:
        return _ToTheMicrosecond(bindvalue)


class MysqlOdbc(MySQLDialect_pyodbc):
    """``mysql+pyodbc://``."""

    supports_statement_cache = True
    pyodbc_driver_name = DRIVER
    colspecs = {**MySQLDialect_pyodbc.colspecs, DateTime: _Moment}  # noqa: RUF012 - as SQLAlchemy declares it

    def create_connect_args(self, url: URL) -> Any:
        """The connection string, with the port by itself."""
        return super().create_connect_args(told_port_apart(url))

    def on_connect(self) -> Callable[[Any], None]:
        """Nothing about encodings: the driver and pyodbc agree on UTF-16 by themselves."""
        return lambda _: None

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Whether the error means that the connection is gone."""
        state = str(e.args[0]) if e.args else ""
        return state.startswith(DISCONNECTED) or MySQLDialect.is_disconnect(self, e, connection, cursor)


class MariadbOdbc(MariaDBDialect, MysqlOdbc):
    """``mariadb+pyodbc://``."""

    supports_statement_cache = True


class _Whole(BigInteger):
    """Bound as text by the driver that reads columns: the cast says that it is a number."""

    def bind_expression(self, bindvalue: BindParameter[int]) -> ColumnElement[int]:
        return cast(bindvalue, BigInteger())


class MysqlByColumns(ByColumns, MysqlOdbc):
    """``mysql+arrow_odbc://``."""

    supports_statement_cache = True
    unsigned = True
    colspecs = {**MysqlOdbc.colspecs, BigInteger: _Whole}  # noqa: RUF012 - as SQLAlchemy declares it


class MariadbByColumns(MariaDBDialect, MysqlByColumns):
    """``mariadb+arrow_odbc://``."""

    supports_statement_cache = True
