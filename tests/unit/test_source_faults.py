from typing import Any

import pytest

from connectors.faults import source_error
from surveillance.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable


class DriverError(Exception):
    """Stands for a driver's own."""

    sqlstate: str | None = None


def psycopg(state: str, text: str) -> DriverError:
    error = DriverError(text)
    error.sqlstate = state
    return error


MARIADB = "[ma-3.1.15][10.11.19-MariaDB]"
ODBC18 = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"


@pytest.mark.parametrize(
    ("given", "kind", "told"),
    [
        (psycopg("28P01", "password authentication failed"), SourceRefused, "refused the login"),
        (DriverError("28000", f"[28000] {ODBC18}Login failed for user 'x'. (18456)"), SourceRefused, "18456"),
        (DriverError("42000", f"[42000] {ODBC18}Cannot open database (4060)"), SourceRefused, "4060"),
        (DriverError("ORA-01017: invalid username/password; logon denied"), SourceRefused, "ORA-01017"),
        (DriverError(1045, "Access denied for user 'x'@'y'"), SourceRefused, "1045"),
        (DriverError("authentication failed"), SourceRefused, "refused the login"),
        (psycopg("42703", "column p.ref does not exist"), SourceChanged, "no column 'ref'"),
        (psycopg("42P01", 'relation "dbo.patients" does not exist'), SourceChanged, "no table 'patients'"),
        (psycopg("42883", "operator does not exist: timestamp <= text"), SourceChanged, "another type"),
        (psycopg("22021", "invalid byte sequence for encoding"), SourceUnavailable, "not in the encoding"),
        (DriverError("22018", f"[22018] {ODBC18}Operand type clash. (206)"), SourceChanged, "another type"),
        (DriverError("ORA-00932: inconsistent datatypes"), SourceChanged, "another type"),
        (DriverError("42S22", f"[42S22] {ODBC18}Invalid column name 'ref'. (207)"), SourceChanged, "no column 'ref'"),
        (
            DriverError("42S02", f"[42S02] {ODBC18}Invalid object name 'dbo.patients'. (208)"),
            SourceChanged,
            "'patients'",
        ),
        (DriverError('ORA-00904: "P"."REF": invalid identifier'), SourceChanged, "no column 'REF'"),
        (DriverError("ORA-00942: table or view does not exist"), SourceChanged, "ORA-00942"),
        (DriverError(1054, "Unknown column 'p.ref' in 'field list'"), SourceChanged, "no column 'ref'"),
        (DriverError(1146, "Table 'dbo.patients' doesn't exist"), SourceChanged, "no table 'patients'"),
        (
            DriverError(
                "42000", f"[42000] {MARIADB}Access denied for user 'x'@'y' to database 'z' (1044) (SQLDriverConnect)"
            ),
            SourceRefused,
            "1044",
        ),
        (
            DriverError("42S22", f"[42S22] {MARIADB}Unknown column 'p.ref' in 'SELECT' (1054) (SQLExecDirectW)"),
            SourceChanged,
            "no column 'ref'",
        ),
        (
            DriverError("HY018", f"[HY018] {MARIADB}Query execution was interrupted (1969) (SQLExecDirectW)"),
            SourceUnavailable,
            "past its deadline",
        ),
        (
            DriverError("HY000", f"[HY000] {MARIADB}Lock wait timeout exceeded (1205) (SQLExecDirectW)"),
            SourceUnavailable,
            "waited too long for a lock",
        ),
        (
            DriverError("42000", f"[42000] {MARIADB}SELECT command denied to user 'x'@'y' (1142) (SQLExecDirectW)"),
            SourceUnavailable,
            "may not read",
        ),
        (psycopg("55P03", "canceling statement due to lock timeout"), SourceUnavailable, "waited too long for a lock"),
        (
            DriverError("42000", f"[42000] {ODBC18}Lock request time out period exceeded. (1222) (SQLExecDirectW)"),
            SourceUnavailable,
            "waited too long for a lock",
        ),
        (DriverError("DPY-4024: call timeout of 20000 ms exceeded"), SourceUnavailable, "past its deadline"),
        (DriverError("[SQLCODE: <-30>:<Table or view not found>]"), SourceChanged, "SQLCODE -30"),
        (DriverError("no such column: ref"), SourceChanged, "no column 'ref'"),
        (DriverError("HYT00", f"[HYT00] {ODBC18}Query timeout expired (0)"), SourceUnavailable, "past its deadline"),
        (psycopg("57014", "canceling statement due to statement timeout"), SourceUnavailable, "past its deadline"),
        (psycopg("42501", "permission denied for table patients"), SourceUnavailable, "may not read"),
        (DriverError("08S01", f"[08S01] {ODBC18}Communication link failure (0)"), SourceUnavailable, "08S01"),
        (DriverError("disk I/O error"), SourceUnavailable, "the source failed (DriverError)"),
    ],
)
def test_what_each_vendors_error_means(given: DriverError, kind: type[SourceError], told: str) -> None:
    error: Any = source_error(given, "feed spell")
    assert type(error) is kind
    assert str(error).startswith("feed spell: ")
    assert told in str(error)


def test_a_number_in_a_row_is_not_taken_for_a_vendors_code() -> None:
    error = source_error(psycopg("22P02", 'invalid input: "Ann Example (18456)"'), "feed spell")
    assert str(error) == "feed spell: the source failed (DriverError 22P02)"


def test_a_number_in_a_row_that_the_driver_of_a_vendor_quotes_is_no_code_either() -> None:
    text = f"[22018] {ODBC18}Conversion failed when converting the value 'Ann Example (18456)'. (245) (SQLExecDirectW)"
    error = source_error(DriverError("22018", text), "feed spell")
    assert str(error) == "feed spell: the source failed (DriverError 22018 245)"
