"""The tables are brought to this program's version at start, by one process at a time, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from surveillance.errors import ConfigurationError, StoreError
from surveillance.store.database import Database

UPGRADE_LOCK = 7_215_301_966
"""PostgreSQL's advisory lock of this program's upgrades; any number that nobody else uses."""
NOT_PERMITTED = "42501"
"""PostgreSQL's code for something that a role may not do."""


def upgrade(database: Database) -> None:
    """Makes or changes the tables if they are older than the program. Whoever may only read finds them as they are.

    Raises:
        ConfigurationError: the tables are newer than the program.
        StoreError: the database does not answer, or this role may not do what is needed; its owner can.
    """
    with database.reading() as connection, _permitted(database, "read which version the tables have"):
        if _is_newest(connection, database):
            return
    with database.writing() as connection, _permitted(database, "bring the tables to this program's version"):
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        if not _is_newest(connection, database):  # another process may have done it meanwhile
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


@contextmanager
def _permitted(database: Database, what: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_PERMITTED:
            raise
        raise StoreError(
            f"store {database.name}: this role may not {what}: let the owner of the tables do it (start the program, "
            "whose [store] url_env is the owner's) and apply store-roles.sql again"
        ) from None


def _is_newest(connection: Connection, database: Database) -> bool:
    found = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise ConfigurationError(
            f"store {database.name}: its tables (version {found}) are newer than this program, which knows up to "
            f"{scripts.get_current_head()}: start the newer program, or name another store"
        )
    return found == scripts.get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "surveillance.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
