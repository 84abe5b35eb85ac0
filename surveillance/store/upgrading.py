"""The tables are brought to this program's version at start, by one process at a time, all or nothing."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from surveillance.errors import ConfigurationError
from surveillance.store.database import Database

UPGRADE_LOCK = 7_215_301_966
"""PostgreSQL's advisory lock of this program's upgrades; any number that nobody else uses."""


def upgrade(database: Database) -> None:
    """Makes or changes the tables if they are older than the program.

    Raises:
        ConfigurationError: the tables are newer than the program.
        StoreError: the database does not answer.
    """
    with database.reading() as connection:
        if _is_newest(connection, database):
            return
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        if not _is_newest(connection, database):  # another process may have done it meanwhile
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


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
