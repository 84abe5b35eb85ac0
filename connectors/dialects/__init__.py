"""Databases over ODBC as SQLAlchemy should see them: dialects that it lacks, or that fail with the usual driver.

Nothing of a driver is imported before an engine asks for it.
"""

from __future__ import annotations

from sqlalchemy.dialects import registry

OWN = {
    "postgresql.pyodbc": ("connectors.dialects.postgresql_odbc", "PostgresqlOdbc"),
    "mariadb.pyodbc": ("connectors.dialects.mysql_odbc", "MariadbOdbc"),
    "mysql.pyodbc": ("connectors.dialects.mysql_odbc", "MysqlOdbc"),
    "postgresql.arrow_odbc": ("connectors.dialects.postgresql_odbc", "PostgresqlByColumns"),
    "mariadb.arrow_odbc": ("connectors.dialects.mysql_odbc", "MariadbByColumns"),
    "mysql.arrow_odbc": ("connectors.dialects.mysql_odbc", "MysqlByColumns"),
}
"""Name of the dialect and driver → where it stands. Those of MariaDB and MySQL take the place of SQLAlchemy's own."""


def register() -> None:
    """From now on ``create_engine`` knows them, in this process."""
    for name, place in OWN.items():
        registry.register(name, *place)
