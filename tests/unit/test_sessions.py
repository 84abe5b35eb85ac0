"""What each database is asked, and what its rights say, word for word: most of them no test can reach."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import make_url

from connectors import engines, sessions
from connectors.write_check import may_write
from surveillance.errors import SourceUnavailable


class Session:
    """A driver's connection that writes down what it is asked."""

    def __init__(self, *answers: tuple[Any, ...]) -> None:
        self.asked: list[str] = []
        self.answers = list(answers)
        self.commits = self.call_timeout = 0

    def cursor(self) -> Session:
        return self

    def execute(self, sql: str) -> None:
        self.asked.append(sql)

    def fetchone(self) -> tuple[Any, ...]:
        return self.answers.pop(0)

    def close(self) -> None:
        pass

    def commit(self) -> None:
        self.commits += 1


def test_sql_server_is_asked_to_give_way_and_to_read_dates_as_they_are_written() -> None:
    session = Session()
    sessions.prepare(session, "mssql", 20, "Europe/London")
    assert session.asked[0].split("; ") == [
        "SET NOCOUNT ON",
        "SET LOCK_TIMEOUT 10000",
        "SET DEADLOCK_PRIORITY LOW",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET DATEFORMAT ymd",
        "SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_WARNINGS, CONCAT_NULL_YIELDS_NULL, ARITHABORT ON",
    ]
    assert session.commits == 1


def test_oracle_is_asked_for_a_bound_on_every_call_and_for_forms_that_do_not_depend_on_a_language() -> None:
    session = Session()
    sessions.prepare(session, "oracle", 2.5, "Europe/London")
    assert session.asked[0] == "ALTER SESSION SET TIME_ZONE = 'Europe/London'"
    assert len(session.asked) == 4
    assert session.call_timeout == 2500


@pytest.mark.parametrize(
    ("version", "longest"),
    [
        ("10.11.19-MariaDB-1", "SET SESSION max_statement_time = 2.5"),
        ("8.4.2", "SET SESSION max_execution_time = 2500"),
    ],
)
def test_mysql_and_mariadb_are_told_apart_by_what_the_server_says(version: str, longest: str) -> None:
    session = Session((version,), (1,))
    sessions.prepare(session, "mysql", 2.5, "UTC")
    assert longest in session.asked
    assert "SET SESSION lock_wait_timeout = 2" in session.asked
    assert session.asked[-1] == "SET SESSION time_zone = '+00:00'"


SHOWN = "2026-01-01 00:00:00 2026-03-29 00:59:59 2026-03-29 {} 2026-07-01 {} 2026-10-25 {} 2026-10-25 01:00:00"


@pytest.mark.parametrize(
    ("clock", "taken"), [(("02:00:00", "01:00:00", "01:59:59"), True), (("01:00:00", "00:00:00", "00:59:59"), False)]
)
def test_a_server_without_tables_of_zones_is_believed_if_its_own_clock_shows_the_same(
    clock: tuple[str, ...], taken: bool
) -> None:
    words = SHOWN.format(*clock).split()
    shown = tuple(datetime.fromisoformat(f"{day} {time}") for day, time in zip(words[::2], words[1::2], strict=True))
    session = Session(("8.0.36",), (0,), shown)
    if taken:
        sessions.prepare(session, "mysql", 20, "Europe/London")
    else:
        with pytest.raises(SourceUnavailable, match=r"time zone Europe/London.*mysql_tzinfo_to_sql"):
            sessions.prepare(session, "mysql", 20, "Europe/London")


def test_a_database_that_is_not_known_is_asked_nothing() -> None:
    session = Session()
    sessions.prepare(session, "iris", 20, "UTC")
    assert session.asked == []


@pytest.mark.parametrize(
    ("given", "intent"),
    [("", "ReadOnly"), ("&applicationintent=ReadWrite", None), ("&odbc_connect=DSN%3Dx", None)],
)
def test_sql_server_is_told_that_we_only_read_unless_the_url_says_otherwise(given: str, intent: str | None) -> None:
    url = make_url(f"mssql+pyodbc://u:p@h/d?driver=ODBC+Driver+18+for+SQL+Server{given}")
    assert engines._read_intent(url, "mssql").query.get("ApplicationIntent") == intent


@pytest.mark.parametrize(
    ("grants", "writes"),
    [
        (["GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*A, INSERT ON b'"], False),
        (["GRANT USAGE ON *.* TO `r`@`%`", "GRANT SELECT, SHOW VIEW ON `a`.* TO `r`@`%`"], False),
        (["GRANT SELECT (`a`, `b`), UPDATE (`c`) ON `d`.`t` TO `r`@`%`"], True),
        (["GRANT ALL PRIVILEGES ON *.* TO `r`@`%` WITH GRANT OPTION"], True),
        (["GRANT SELECT ON `a`.* TO `r`@`%`", "GRANT EXECUTE ON `a`.* TO `r`@`%`"], None),
        (["GRANT `readers` TO `r`@`%`", "GRANT SELECT ON `a`.* TO `r`@`%`"], None),
        (["GRANT `readers` TO `r`@`%`", "GRANT INSERT ON `a`.* TO `r`@`%`"], True),
    ],
)
def test_what_grants_say(grants: list[str], writes: bool | None) -> None:
    assert may_write(grants) is writes


def test_no_driver_is_imported_before_a_source_asks_for_it() -> None:
    drivers = "psycopg psycopg2 pyodbc arrow_odbc oracledb iris intersystems_iris sqlalchemy_iris pymysql MySQLdb"
    drivers += " mariadb"
    asked = (
        "import sys, surveillance.cli, surveillance.opening, surveillance.polling.worker, surveillance.demo.hospital\n"
        "from connectors.engines import Deadline, open_engine\n"
        "open_engine('x', 'sqlite:///x', 1, 'UTC', Deadline())\n"
        f"print([name for name in {drivers.split()} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
