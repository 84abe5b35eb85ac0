"""Whether a login could change its source, found out without changing anything.

Where a rolled-back CREATE TABLE never was, one is tried. Elsewhere only the rights are asked for, which most databases
tell; a database that does neither is left alone.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from connectors.faults import NOT_ALLOWED, codes

ROLLS_BACK_TABLES = frozenset({"postgresql", "sqlite", "mssql"})
"""Databases in which a rolled-back CREATE TABLE never was."""
READ_ONLY = frozenset({"25006", "SQLITE_READONLY", "262", "3906"})
"""Codes of a database or session that takes no changes from anybody (262: SQL Server, no right to create tables)."""
POSTGRESQL_RIGHTS = """
    SELECT count(*) FROM pg_catalog.pg_class AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!' AND NOT pg_catalog.pg_is_in_recovery()
      AND (has_table_privilege(t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
           OR has_any_column_privilege(t.oid, 'INSERT, UPDATE'))
"""
SQL_SERVER_RIGHTS = """
    SELECT COUNT(*) FROM sys.objects AS t
    CROSS APPLY (SELECT QUOTENAME(SCHEMA_NAME(t.schema_id)) + '.' + QUOTENAME(t.name) AS name) AS q
    WHERE t.type IN ('U', 'V') AND t.is_ms_shipped = 0
      AND EXISTS (SELECT 1 FROM fn_my_permissions(q.name, 'OBJECT') AS p
                  WHERE p.permission_name IN ('INSERT', 'UPDATE', 'DELETE', 'ALTER', 'CONTROL'))
"""
ORACLE_RIGHTS = """
    SELECT (SELECT COUNT(*) FROM user_tables)
         + (SELECT COUNT(*) FROM session_privs
            WHERE privilege = 'CREATE TABLE'
              OR REGEXP_LIKE(privilege, '^(INSERT|UPDATE|DELETE|CREATE|ALTER|DROP) ANY '))
         + (SELECT COUNT(*) FROM all_tab_privs
            WHERE privilege IN ('INSERT', 'UPDATE', 'DELETE', 'ALTER')
              AND (grantee = USER OR grantee IN (SELECT role FROM session_roles)))
    FROM dual
"""
RIGHTS = {"postgresql": POSTGRESQL_RIGHTS, "mssql": SQL_SERVER_RIGHTS, "oracle": ORACLE_RIGHTS}
"""Database → a question that answers how many rights to write the login has."""
MARIADB_READING = frozenset(
    {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "LOCK TABLES", "REFERENCES", "SHOW CREATE ROUTINE"}
    | {"CREATE TEMPORARY TABLES", "REPLICATION CLIENT", "BINLOG MONITOR", "SLAVE MONITOR", "REPLICA MONITOR"}
)
MARIADB_UNKNOWN = frozenset({"EXECUTE", "PROXY"})
"""What a procedure or another account may do is not told."""


def login_can_write(connection: Connection) -> bool | None:
    """True: it can make a table, or may change rows of one; False: neither; None: that cannot be told.

    With SQLite False says only that it can make no table.
    """
    backend = connection.dialect.name
    with connection.begin():
        pass  # ends the transaction that a driver's pre-ping may have left open
    if backend in ("mysql", "mariadb"):
        return may_write(str(row[0]) for row in connection.exec_driver_sql("SHOW GRANTS"))
    makes_tables = _can_create_table(connection) if backend in ROLLS_BACK_TABLES else None
    if makes_tables or backend not in RIGHTS:
        return makes_tables
    asked = RIGHTS[backend]
    if connection.dialect.paramstyle in ("format", "pyformat"):
        asked = asked.replace("%", "%%")
    if connection.exec_driver_sql(asked).scalar():
        return True
    return False if backend == "oracle" else makes_tables


def _can_create_table(connection: Connection) -> bool | None:
    table = f"surveillance_may_write_{secrets.token_hex(4)}"
    try:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION READ WRITE")  # ask about the login, not about our session
        connection.exec_driver_sql(f"CREATE TABLE {table} (probe INTEGER)")
    except SQLAlchemyError as error:
        orig = getattr(error, "orig", None) or error
        refused = codes(orig, " ".join(map(str, orig.args))) & (NOT_ALLOWED | READ_ONLY)
        return False if refused else None
    finally:
        connection.rollback()
    return True


def may_write(grants: Iterable[str]) -> bool | None:
    """What the lines of MariaDB's or MySQL's SHOW GRANTS say; None where a role or procedure may do more."""
    found: bool | None = False
    for line in grants:
        given = re.match(r"GRANT (.+?) ON ", line, re.IGNORECASE)
        if given is None:  # GRANT role TO ...
            found = None
            continue
        rights = {right.strip().upper() for right in re.sub(r"\([^)]*\)", "", given[1]).split(",")}
        if rights - MARIADB_READING - MARIADB_UNKNOWN:
            return True
        if rights & MARIADB_UNKNOWN:
            found = None
    return found
