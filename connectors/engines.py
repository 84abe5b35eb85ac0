"""An engine reads only, holds one connection, and gives up in time, as far as each database lets a client ask for it.

What a session asks of itself is no protection: a login that may only read is, and ``surveillance check`` says whether
the login is one.
"""

from __future__ import annotations

import math
import time
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

from surveillance.errors import ConfigurationError

LOGIN_S = 5
"""Longest wait for a login."""
RECYCLE_S = 900
"""A connection older than this is replaced; firewalls forget idle ones."""
SQLITE_STEPS = 20_000
"""SQLite asks after this many steps of its machine whether the deadline has passed: about every millisecond."""
INSTALL = {
    "psycopg": "install the extra 'postgresql' (pip install 'ward-safety-surveillance[postgresql]')",
    "pyodbc": "install the extra 'odbc' (pip install 'ward-safety-surveillance[odbc]') and the Debian package unixodbc",
}


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

    Sessions of PostgreSQL run in ``zone``: its ODBC driver gives times with an offset as bare times of the session.

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
    try:
        engine = create_engine(
            parsed,
            hide_parameters=True,
            connect_args=_connect_args(parsed, backend, timeout_s),
            **_pool(backend, timeout_s),
        )
    except NoSuchModuleError:
        raise ConfigurationError(
            f"source '{name}': no dialect '{parsed.drivername}' is installed; SQLAlchemy has "
            "postgresql, mssql, mysql, oracle and sqlite, others are Python packages"
        ) from None
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


def _what_to_install(url: URL, error: ImportError) -> str:
    driver = url.drivername.partition("+")[2] or error.name or ""
    hint = next((hint for known, hint in INSTALL.items() if known in driver), f"install its Python package '{driver}'")
    return f"the driver for '{url.drivername}' cannot be imported; {hint}"


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
    elif driver == "pyodbc":
        args = {"timeout": LOGIN_S}
    elif backend == "postgresql" and driver in ("", "psycopg", "psycopg2"):
        args = {
            "connect_timeout": LOGIN_S,
            "tcp_user_timeout": _milliseconds(timeout_s),  # else a dead network hangs a read for minutes
            "application_name": "ward-safety-surveillance",
        }
    else:
        args = {}
    return {key: value for key, value in args.items() if key not in url.query}


def _milliseconds(seconds: float) -> int:
    return max(1, math.ceil(seconds * 1000))


def _ask_of_each_session(engine: Engine, backend: str, timeout_s: float, zone: str, deadline: Deadline) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        if backend == "sqlite":
            connection.execute("PRAGMA query_only = ON")
            connection.set_progress_handler(deadline.passed, SQLITE_STEPS)
        elif backend == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET default_transaction_read_only = on; "
                    f"SET statement_timeout = {_milliseconds(timeout_s)}; SET TIME ZONE '{zone}'"
                )
            connection.commit()
        elif engine.dialect.driver == "pyodbc":
            connection.timeout = math.ceil(timeout_s)  # the Microsoft driver and FreeTDS bound each query by it
