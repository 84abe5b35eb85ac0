"""What every session asks of itself: to read only, to end in time, to step back for others, and to mean what we mean.

None of this is protection (``engines``), and no server keeps all of it. Each database is asked in its own words:
PostgreSQL 15 (chapter 20.11), SQL Server 2022 (Transact-SQL, SET), MariaDB 10.11 and MySQL 8 (system variables), Oracle
Database 19c (SQL Language Reference, ALTER SESSION).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from surveillance.errors import SourceUnavailable

LOCK_SHARE = 0.5
"""Share of a query's time that it may wait for locks: what waits longer is told apart from what is slow."""
IDLE_TIMES = 2.0
"""A transaction that does nothing for so many of a query's times is ended by the server: its client is gone."""
SQL_MODE = "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES"
"""MySQL's modes in which a text, a quoted name and ``||`` are what they are in every other database."""
TELLING = (1767225600, 1774745999, 1774746000, 1782864000, 1792889999, 1792890000)
"""Winter, summer, and the seconds before and after the two changes of 2026 in London: zones that agree are alike."""
BACKENDS = frozenset({"postgresql", "mssql", "mysql", "mariadb", "oracle"})
"""Databases that are asked something in SQL."""


def prepare(connection: Any, backend: str, timeout_s: float, zone: str) -> None:
    """Ask a new session of a driver's for all of it.

    Raises:
        SourceUnavailable: the server cannot give moments in ``zone``.
    """
    if backend not in BACKENDS:
        return
    cursor = connection.cursor()
    try:
        if backend in ("mysql", "mariadb"):
            cursor.execute("SELECT VERSION()")
            version = str(cursor.fetchone()[0])
            _run(cursor, mysql(timeout_s, mariadb="mariadb" in version.lower()))
            _set_mysql_zone(cursor, zone)
        elif backend == "oracle":
            _run(cursor, oracle(zone))
        else:
            asked = postgresql(timeout_s, zone) if backend == "postgresql" else mssql(timeout_s)
            cursor.execute("; ".join(asked))
    finally:
        cursor.close()
    connection.commit()
    if backend == "oracle":
        connection.call_timeout = milliseconds(timeout_s)


def _run(cursor: Any, asked: Iterable[str]) -> None:
    for statement in asked:
        cursor.execute(statement)


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, never 0: that would be no limit."""
    return max(1, math.ceil(seconds * 1000))


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds))


def postgresql(timeout_s: float, zone: str) -> list[str]:
    """Sessions run in ``zone``: the ODBC driver gives times with an offset as bare times of the session."""
    return [
        "SET default_transaction_read_only = on",
        f"SET statement_timeout = {milliseconds(timeout_s)}",
        f"SET lock_timeout = {milliseconds(timeout_s * LOCK_SHARE)}",
        f"SET idle_in_transaction_session_timeout = {milliseconds(timeout_s * IDLE_TIMES)}",
        f"SET TIME ZONE '{zone}'",
    ]


def mssql(timeout_s: float) -> list[str]:
    """A British login would read '2026-07-01' as 7 January, and whoever deadlocks with us must not be the victim."""
    return [
        "SET NOCOUNT ON",
        f"SET LOCK_TIMEOUT {milliseconds(timeout_s * LOCK_SHARE)}",
        "SET DEADLOCK_PRIORITY LOW",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET DATEFORMAT ymd",
        "SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_WARNINGS, CONCAT_NULL_YIELDS_NULL, ARITHABORT ON",
    ]


def mysql(timeout_s: float, *, mariadb: bool) -> list[str]:
    """The two count a statement's longest time in seconds and milliseconds. Locks are counted in whole seconds."""
    lock_s = _whole(timeout_s * LOCK_SHARE)
    longest = f"max_statement_time = {timeout_s:g}" if mariadb else f"max_execution_time = {milliseconds(timeout_s)}"
    return [
        "SET SESSION TRANSACTION READ ONLY",
        f"SET SESSION {longest}",
        f"SET SESSION lock_wait_timeout = {lock_s}",
        f"SET SESSION innodb_lock_wait_timeout = {lock_s}",
        f"SET SESSION sql_mode = CONCAT_WS(',', NULLIF(@@sql_mode, ''), '{SQL_MODE}')",
    ]


def oracle(zone: str) -> list[str]:
    """What a text says as a moment or a number does not depend on the client's language."""
    return [
        f"ALTER SESSION SET TIME_ZONE = '{zone}'",
        "ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'",
        "ALTER SESSION SET NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6'",
        "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'",
    ]


ORACLE_TRANSACTION = "SET TRANSACTION READ ONLY"
"""The first statement of every transaction: a session cannot be read-only there."""


def _set_mysql_zone(cursor: Any, zone: str) -> None:
    """Columns of the type TIMESTAMP come as bare times of the session.

    A server without tables of time zones knows only offsets; its own zone will do if its clock shows the same.
    """
    name = "+00:00" if zone == "UTC" else zone
    cursor.execute(f"SELECT CONVERT_TZ('2026-07-01 00:00:00', '+00:00', '{name}') IS NOT NULL")
    if cursor.fetchone()[0]:
        cursor.execute(f"SET SESSION time_zone = '{name}'")
        return
    cursor.execute("SELECT " + ", ".join(f"FROM_UNIXTIME({moment})" for moment in TELLING))
    shown = [str(wall)[:19] for wall in cursor.fetchone()]
    if shown != [f"{datetime.fromtimestamp(moment, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" for moment in TELLING]:
        raise SourceUnavailable(
            f"the server does not know the time zone {zone}, and its own is another: "
            "its tables of time zones must be filled (mysql_tzinfo_to_sql)"
        )
