"""An engine reads only, holds one connection, and gives up in time, as far as each database lets a client ask for it.

What a session asks of itself (``sessions``) is no protection: a login that may only read is, and ``surveillance check``
says whether the login is one. A driver is imported when a source asks for it, and not before.
"""

from __future__ import annotations

import math
import time
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from connectors import dialects, sessions
from connectors.sessions import milliseconds
from surveillance.errors import ConfigurationError

PROGRAM = "ward-safety-surveillance"
"""The name by which a database's administrator sees our sessions."""
LOGIN_S = 5
"""Longest wait for a login."""
RECYCLE_S = 900
"""A connection older than this is replaced; firewalls forget idle ones."""
SQLITE_STEPS = 20_000
"""SQLite asks after this many steps of its machine whether the deadline has passed: about every millisecond."""
EXTRAS = {"psycopg": "postgresql", "arrow_odbc": "arrow-odbc", "pyodbc": "odbc", "oracledb": "oracle", "iris": "iris"}
"""Driver or dialect → the extra of this program that brings it."""
BESIDE = dict.fromkeys(
    ("pyodbc", "arrow_odbc"), " and the Debian package unixodbc, besides the database's own ODBC driver"
)
"""What a driver needs that no Python package brings."""


class Deadline:
    """The moment at which the query that runs now has to end."""

    def __init__(self) -> None:
        self._ends = math.inf

    def start(self, seconds: float) -> None:
        """From now on it counts."""
        self._ends = time.monotonic() + seconds

    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._ends


def open_engine(name: str, url: str, timeout_s: float, zone: str, deadline: Deadline) -> Engine:
    """An engine for the source ``name``; nothing connects yet.

    ``zone``: that of times without an offset; sessions run in it where their database has such a setting.

    Raises:
        ConfigurationError: the URL cannot be read, or its driver is not installed. The URL is not in the message.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"source '{name}': its URL cannot be read (dialect+driver://…)") from None
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigurationError(f"source '{name}': its SQLite URL names no file")
    dialects.register()
    try:
        engine = create_engine(
            _read_intent(parsed, backend),
            hide_parameters=True,
            connect_args=_connect_args(parsed, backend, timeout_s),
            **_pool(backend, timeout_s),
        )
    except NoSuchModuleError:
        raise ConfigurationError(f"source '{name}': {_what_to_install(parsed)}") from None
    except ImportError as error:
        raise ConfigurationError(f"source '{name}': {_what_to_install(parsed, error)}") from None
    except (ArgumentError, TypeError, ValueError) as error:
        raise ConfigurationError(f"source '{name}': its URL does not fit its driver ({type(error).__name__})") from None
    if engine.dialect.driver == "pyodbc":
        engine.dialect.loaded_dbapi.pooling = False  # type: ignore[attr-defined]  # one pool is enough: ours
    if backend == "sqlite":
        event.listen(engine, "do_connect", _open_file_read_only)
    _ask_of_each_session(engine, backend, timeout_s, zone, deadline)
    return engine


def errors_of(engine: Engine) -> tuple[type[Exception], ...]:
    """The classes of errors that asking it may raise: SQLAlchemy's, and of a raw cursor the driver's own."""
    errors: tuple[type[Exception], ...] = (SQLAlchemyError, engine.dialect.loaded_dbapi.Error)
    return (*errors, RuntimeError) if engine.dialect.name == "iris" else errors  # which it raises for a lost network


def _what_to_install(url: URL, error: ImportError | None = None) -> str:
    wanted = url.drivername.partition("+")[2] or (error and error.name) or url.drivername
    extra = next((extra for known, extra in EXTRAS.items() if known in wanted), None)
    if extra:
        hint = f"install the extra '{extra}' (pip install '{PROGRAM}[{extra}]'){BESIDE.get(wanted, '')}"
        return f"the driver for '{url.drivername}' cannot be imported; {hint}"
    if error:
        return f"the driver for '{url.drivername}' cannot be imported; install its Python package '{wanted}'"
    return (
        f"no dialect '{url.drivername}' is installed; there are postgresql, mssql, mysql, mariadb, oracle and sqlite, "
        "others are Python packages"
    )


def _open_file_read_only(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> None:
    """SQLite would make a missing file and answer from it, empty: opened read-only, it is an error."""
    file = str(arguments[0])
    if not file.startswith("file:"):
        file = f"file:{quote(file)}"
    name, _, asked = file.partition("?")
    asked_else = [item for item in asked.split("&") if item and not item.startswith("mode=")]
    arguments[0] = f"{name}?{'&'.join([*asked_else, 'mode=ro'])}"
    options["uri"] = True


def _pool(backend: str, timeout_s: float) -> dict[str, Any]:
    if backend == "sqlite":  # a connection kept open would go on reading a file that was replaced
        return {"poolclass": NullPool}
    return {
        "poolclass": QueuePool,
        "pool_size": 1,
        "max_overflow": 0,
        "pool_timeout": timeout_s,
        "pool_pre_ping": True,
        "pool_recycle": RECYCLE_S,
    }


def _connect_args(url: URL, backend: str, timeout_s: float) -> dict[str, Any]:
    """What the driver is told for a login, where the URL does not say otherwise."""
    driver = url.drivername.partition("+")[2]
    if backend == "sqlite":
        args: dict[str, Any] = {"timeout": timeout_s}
    elif driver in ("pyodbc", "arrow_odbc"):
        args = {"timeout": LOGIN_S}
    elif backend == "postgresql" and driver in ("", "psycopg", "psycopg2"):
        args = {
            "connect_timeout": LOGIN_S,
            "tcp_user_timeout": milliseconds(timeout_s),  # else a dead network hangs a read for minutes
            "application_name": PROGRAM,
            "client_encoding": "utf8",  # else the text of a database without an encoding (SQL_ASCII) comes as bytes
        }
    elif backend == "oracle" and driver == "oracledb":
        args = {"tcp_connect_timeout": LOGIN_S, "program": PROGRAM}
    else:
        args = {}
    return {key: value for key, value in args.items() if key not in url.query}


def _read_intent(url: URL, backend: str) -> URL:
    """An availability group sends whoever says that they only read to a replica."""
    if backend != "mssql" or "odbc_connect" in url.query:
        return url
    given = {name.lower() for name in url.query}
    asked = {"ApplicationIntent": "ReadOnly", "APP": PROGRAM}
    return url.update_query_dict({name: text for name, text in asked.items() if name.lower() not in given})


def _ask_of_each_session(engine: Engine, backend: str, timeout_s: float, zone: str, deadline: Deadline) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        if backend == "sqlite":
            connection.execute("PRAGMA query_only = ON")
            connection.set_progress_handler(deadline.passed, SQLITE_STEPS)
            return
        sessions.prepare(connection, backend, timeout_s, zone)
        if backend == "mssql" and engine.dialect.driver == "pyodbc":
            connection.timeout = math.ceil(timeout_s)  # the Microsoft driver and FreeTDS bound each query by it

    if backend == "oracle":

        @event.listens_for(engine, "begin")
        def _begun(connection: Connection) -> None:
            connection.exec_driver_sql(sessions.ORACLE_TRANSACTION)
