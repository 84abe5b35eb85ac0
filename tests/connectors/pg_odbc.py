"""PostgreSQL through ODBC, for tests: SQLAlchemy has no such dialect, and hospitals' databases come over ODBC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.interfaces import BindTyping

DRIVER = "PostgreSQL Unicode"
DISCONNECTED = ("08", "57P01", "57P02", "57P03")


class PGDialectPyodbc(PyODBCConnector, PGDialect):
    """``postgresql+pyodbc://``."""

    driver = "pyodbc"
    supports_statement_cache = True
    default_paramstyle = "qmark"
    pyodbc_driver_name = DRIVER
    bind_typing = BindTyping.RENDER_CASTS  # the driver sends parameters as text of no type

    def create_connect_args(self, url: URL) -> Any:
        own = {"BoolsAsChar": "0"}
        if url.port:
            own["Port"] = str(url.port)  # Server=host,port would be read as two hosts
        return super().create_connect_args(url.set(port=None).update_query_dict(own))

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        state = str(e.args[0]) if e.args else ""
        return state.startswith(DISCONNECTED) or super().is_disconnect(e, connection, cursor)

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        number = int(connection.exec_driver_sql("SHOW server_version_num").scalar())
        return number // 10_000, number % 10_000


def register() -> None:
    registry.register("postgresql.pyodbc", __name__, "PGDialectPyodbc")
