"""Whether a login could change its source, found out without changing anything."""

from __future__ import annotations

import secrets

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from connectors.faults import NOT_ALLOWED, codes

ROLLS_BACK_TABLES = frozenset({"postgresql", "sqlite", "mssql"})
"""Databases in which a rolled-back CREATE TABLE never was; elsewhere the table is dropped again."""
READ_ONLY = frozenset({"25006", "SQLITE_READONLY", "262", "1792", "1290", "ORA-16000"})
"""Codes of a database or session that takes no changes from anybody (262: SQL Server, no right to create tables)."""
POSTGRESQL_RIGHTS = """
    SELECT count(*) FROM pg_catalog.pg_class AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!' AND NOT pg_catalog.pg_is_in_recovery()
      AND has_table_privilege(t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
"""


def login_can_write(connection: Connection) -> bool | None:
    """True: it can make a table, or (PostgreSQL) may change rows of one; False: it was refused; None: cannot be told.

    Outside PostgreSQL, False says only that it can make no table.
    """
    makes_tables = _can_create_table(connection)
    if makes_tables is False and connection.dialect.name == "postgresql":
        return bool(connection.exec_driver_sql(POSTGRESQL_RIGHTS.replace("%", "%%")).scalar())
    return makes_tables


def _can_create_table(connection: Connection) -> bool | None:
    backend = connection.dialect.name
    table = f"surveillance_may_write_{secrets.token_hex(4)}"
    with connection.begin():
        pass  # ends the transaction that a driver's pre-ping may have left open
    try:
        if backend == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION READ WRITE")  # ask about the login, not about our session
        connection.exec_driver_sql(f"CREATE TABLE {table} (probe INTEGER)")
        if backend not in ROLLS_BACK_TABLES:
            connection.exec_driver_sql(f"DROP TABLE {table}")
    except SQLAlchemyError as error:
        orig = getattr(error, "orig", None) or error
        refused = codes(orig, " ".join(map(str, orig.args))) & (NOT_ALLOWED | READ_ONLY)
        return False if refused else None
    finally:
        connection.rollback()
    return True
