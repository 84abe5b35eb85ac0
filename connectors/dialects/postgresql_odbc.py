"""PostgreSQL over ODBC (``postgresql+…odbc://``), which SQLAlchemy has no dialect for; with psqlODBC's ways."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.interfaces import BindTyping

from connectors.dialects.odbc import ByColumns, told_port_apart

DRIVER = "PostgreSQL Unicode"
"""The driver of the Debian package odbc-postgresql, where the URL names none."""
DISCONNECTED = ("08", "57P01", "57P02", "57P03")
"""Beginnings of SQLSTATE: connection exceptions, and a server that shuts down, crashed or starts."""


class PostgresqlOdbc(PyODBCConnector, PGDialect):
    """``postgresql+pyodbc://``."""

    driver = "pyodbc"
    supports_statement_cache = True
    default_paramstyle = "qmark"
    pyodbc_driver_name = DRIVER
    bind_typing = BindTyping.RENDER_CASTS  # the driver sends parameters as text of no type

    def create_connect_args(self, url: URL) -> Any:
        """The connection string: the port by itself, truth as 0 and 1, and no files of the driver's own in /tmp."""
        return super().create_connect_args(told_port_apart(url, BoolsAsChar="0", CommLog="0", Debug="0"))

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Whether the error means that the connection is gone."""
        state = str(e.args[0]) if e.args else ""
        return state.startswith(DISCONNECTED) or super().is_disconnect(e, connection, cursor)

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        number = int(connection.exec_driver_sql("SHOW server_version_num").scalar())
        return number // 10_000, number % 10_000


class PostgresqlByColumns(ByColumns, PostgresqlOdbc):
    """``postgresql+arrow_odbc://``."""

    supports_statement_cache = True
