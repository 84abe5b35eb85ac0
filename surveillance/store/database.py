"""One database in short transactions: a reader sees one moment of it, a writer is alone, a fault is a StoreError."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from surveillance.errors import ConfigurationError, StoreError
from surveillance.settings import StoreSettings

WAIT_S = 10
"""How long a writer waits for the one before it."""

WRITES = "store_writes"
_MAKING = threading.Lock()
"""A new file is closed before anybody in this process opens it as a database."""


def store_url(settings: StoreSettings, environment: Mapping[str, str] | None = None) -> str:
    """The URL of the store from where the settings say.

    Raises:
        ConfigurationError: naming the key or variable that is missing; never a URL, which may hold a password.
    """
    environ = os.environ if environment is None else environment
    if settings.path and settings.url_env:
        raise ConfigurationError("store: give path or url_env, not both")
    if settings.url_env:
        if not (url := environ.get(settings.url_env)):
            raise ConfigurationError(f"store.url_env: the environment variable {settings.url_env} is not set")
        return url
    if settings.path:
        return URL.create("sqlite", database=str(settings.path.absolute())).render_as_string(hide_password=False)
    raise ConfigurationError("store.path: say where to keep the store (a file, or url_env for a PostgreSQL database)")


def walls_url(settings: StoreSettings, environment: Mapping[str, str] | None = None) -> str:
    """The URL for everything that walls show: of a role that cannot read patients' rows, where the site has one.

    Raises:
        ConfigurationError: as ``store_url``.
    """
    return _of_role("walls_url_env", settings.walls_url_env, settings, environment)


def desk_url(settings: StoreSettings, environment: Mapping[str, str] | None = None) -> str:
    """The URL for signing in, the audit record and what teams write.

    Raises:
        ConfigurationError: as ``store_url``.
    """
    return _of_role("desk_url_env", settings.desk_url_env, settings, environment)


def _of_role(key: str, variable: str | None, settings: StoreSettings, environment: Mapping[str, str] | None) -> str:
    if variable is None:
        return store_url(settings, environment)
    environ = os.environ if environment is None else environment
    if not (url := environ.get(variable)):
        raise ConfigurationError(f"store.{key}: the environment variable {variable} is not set")
    return url


class Database:
    """SQLite (embedded) or PostgreSQL (shared).

    ``name``: how messages call it, without a password.
    """

    def __init__(self, url: str) -> None:
        """Connects to ``url``; a SQLite file that is not there is made, readable by its owner only.

        Raises:
            ConfigurationError: the URL is none, or not of a database that can be a store.
            StoreError: the database does not answer.
        """
        try:
            self._url = make_url(url)
            self.engine = _engine(self._url)
        except (ArgumentError, NoSuchModuleError):
            raise ConfigurationError("store: that is not the URL of a SQLite or PostgreSQL database") from None
        except ImportError as error:
            raise ConfigurationError(f"store: a driver is not installed: {error}") from None
        self.name = self._url.render_as_string(hide_password=True)
        if self.engine.dialect.name == "sqlite":
            self._make_file()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees the database as it is now, whatever others write meanwhile.

        Raises:
            StoreError: on every fault of the database.
        """
        isolation: dict[str, Any] = {}
        if self.engine.dialect.name == "postgresql":
            isolation["isolation_level"] = "REPEATABLE READ"
        with self._faults(), self.engine.connect().execution_options(**isolation) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is kept when the block ends, and leaves no trace when it raises.

        Raises:
            StoreError: on every fault of the database.
        """
        options: dict[str, Any] = {WRITES: True}
        with self._faults(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Lets go of all connections."""
        self.engine.dispose()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
            # Not chained, and one line: statements and details may hold values of a patient's row.
            cause = error.orig if isinstance(error, DBAPIError) else error
            reason = (str(cause).splitlines() or [type(cause).__name__])[0]
            raise StoreError(f"store {self.name}: {reason}") from None

    def _make_file(self) -> None:
        path = Path(self._url.database or "")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _MAKING, suppress(FileExistsError):
                # Never a file that is there: to close it would drop the locks of this process's other connections,
                # and the next visitor (a backup) would take the write-ahead log away from under them.
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(f"store {self.name}: {error.strerror}") from None
        with self._faults():
            self._use_wal()

    def _use_wal(self) -> None:
        # Changing the journal does not wait for another process that does the same, so this waits itself.
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                with self.engine.connect() as connection:
                    connection.connection.driver_connection.execute("pragma journal_mode = wal")  # type: ignore[union-attr]
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                if time.monotonic() > deadline:
                    raise StoreError(f"store {self.name}: locked by another process") from None
                time.sleep(0.02)


def _engine(url: URL) -> Engine:
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite(url)
    if backend == "postgresql":
        waits = {"connect_timeout": WAIT_S, "options": f"-c lock_timeout={WAIT_S}s"}
        waits = {key: value for key, value in waits.items() if key not in url.query}
        return create_engine(url, connect_args=waits, pool_pre_ping=True, hide_parameters=True)
    raise ArgumentError(backend)


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:") or "mode=memory" in str(url.query):
        raise ConfigurationError("store: a store in memory would be forgotten and cannot be shared: name a file")
    timeout = {} if "timeout" in url.query else {"timeout": WAIT_S}
    engine = create_engine(url, connect_args=timeout, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        # FULL: an acknowledged save also survives a power cut, for one wait on the disk a save.
        connection.execute("pragma synchronous = full")
        # Patients' rows that were overwritten do not linger in free pages of the file.
        connection.execute("pragma secure_delete = on")
        # Nor in the log, of which nothing is kept once it was written into the file.
        connection.execute("pragma journal_size_limit = 0")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine
