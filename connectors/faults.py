"""What a driver's error means: the source cannot be reached, refused the login, or has another shape than before.

Messages of drivers hold parameters, rows and addresses, so none is passed on: a person reads the error's class, its
code, and the name of a column or table that is gone. Codes: SQLSTATE (ISO/IEC 9075-2, and each vendor's
list), the error numbers of SQL Server, Oracle and its driver, MariaDB and MySQL, and SQLCODE of InterSystems.
"""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from surveillance.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable

POSTGRESQL = {
    "refused": {"28000", "28P01"},
    "changed": {"42703", "42P01", "3F000"},
    "retyped": {"42804", "42883"},
    "encoding": {"22021", "22P05"},
    "too long": {"57014"},
    "locked": {"55P03", "40P01"},
    "not allowed": {"42501"},
}
ODBC = {"changed": {"42S22", "42S02"}, "too long": {"HYT00", "HYT01"}, "cut": {"22001"}, "untyped": {"07006"}}
SQLITE = {"too long": {"SQLITE_INTERRUPT"}, "not allowed": {"SQLITE_AUTH"}}
SQL_SERVER = {
    "refused": {"18456", "4060"},
    "changed": {"207", "208"},
    "retyped": {"206"},
    "locked": {"1222", "1205"},
    "not allowed": {"229"},
}
ORACLE = {
    "refused": {"ORA-01005", "ORA-01017", "ORA-01045", "ORA-28000", "ORA-28001", "DPY-4001"},
    "changed": {"ORA-00904", "ORA-00942"},
    "retyped": {"ORA-00932"},
    "too long": {"ORA-01013", "DPY-4024"},
    "locked": {"ORA-00054", "ORA-00060", "ORA-30006"},
    "not allowed": {"ORA-01031"},
}
MARIADB = {  # and MySQL; 1205 is SQL Server's deadlock and MariaDB's wait for a lock
    "refused": {"1044", "1045", "1698", "1820", "1862", "3118", "4151"},
    "changed": {"1054", "1146"},
    "too long": {"1969", "3024"},
    "locked": {"1205", "1213"},
    "not allowed": {"1142", "1143", "1370"},
}
IRIS = {
    "refused": {"SQLCODE -417"},
    "changed": {"SQLCODE -29", "SQLCODE -30"},
    "locked": {"SQLCODE -110", "SQLCODE -114"},
    "not allowed": {"SQLCODE -99"},
}


def _codes_of(meaning: str) -> frozenset[str]:
    vendors: tuple[dict[str, set[str]], ...] = (POSTGRESQL, ODBC, SQLITE, SQL_SERVER, ORACLE, MARIADB, IRIS)
    return frozenset(code for vendor in vendors for code in vendor.get(meaning, ()))


REFUSED, CHANGED, TOO_LONG = _codes_of("refused"), _codes_of("changed"), _codes_of("too long")
LOCKED, NOT_ALLOWED = _codes_of("locked"), _codes_of("not allowed")
RETYPED, ENCODING = _codes_of("retyped"), _codes_of("encoding")
CUT, UNTYPED = _codes_of("cut"), _codes_of("untyped")

REFUSED_WORDS = re.compile(  # a login's failure reaches libpq's clients without its SQLSTATE
    r"authentication failed|no password supplied|login failed|no pg_hba\.conf entry|role \"[^\"]*\" does not exist"
    r"|is not permitted to log in",
    re.IGNORECASE,
)
CHANGED_WORDS = re.compile(r"no such (column|table)", re.IGNORECASE)  # SQLite has one code for all
TOO_LONG_WORDS = re.compile(r"^interrupted$|statement timeout", re.IGNORECASE)
VENDOR_NUMBER = re.compile(
    r"\b(?P<oracle>(?:ORA|DPY)-\d{4,5})\b|\((?P<odbc>\d{3,5})\)(?=\s*(?:\(SQL|;|$))|SQLCODE: <(?P<iris>-\d+)>"
)
"""An ODBC driver's number ends its message, before the name of the function: elsewhere it stands in somebody's row."""
VENDORS = ("SQL Server", "FreeTDS", "[ma-", "[MySQL]", "ORA-", "DPY-", "SQLCODE")
"""Words of the drivers that give numbers of their vendor."""
LOST_NAME = (
    re.compile(r"no type to read column '(?P<column>[^']+)'"),
    re.compile(r'column "?(?P<column>[\w.]+)"? does not exist', re.IGNORECASE),
    re.compile(r"no such column: (?P<column>[\w.]+)", re.IGNORECASE),
    re.compile(r"invalid column name '(?P<column>[^']+)'", re.IGNORECASE),
    re.compile(r'ORA-00904: (?P<column>[\w."]+): invalid identifier', re.IGNORECASE),
    re.compile(r"unknown column '(?P<column>[^']+)'", re.IGNORECASE),
    re.compile(r'relation "(?P<table>[\w.]+)" does not exist', re.IGNORECASE),
    re.compile(r"no such table: (?P<table>[\w.]+)", re.IGNORECASE),
    re.compile(r"invalid object name '(?P<table>[^']+)'", re.IGNORECASE),
    re.compile(r"table '(?P<table>[^']+)' doesn't exist", re.IGNORECASE),
)


def source_error(error: BaseException, what: str) -> SourceError:
    """``error`` of a driver or of SQLAlchemy as one of ours; ``what`` is the feed or step that it stopped."""
    orig = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(error, PoolTimeout):
        return SourceUnavailable(f"{what}: the connection is still busy with an earlier query")
    if isinstance(error, SQLAlchemyError) and orig is error:
        return SourceUnavailable(f"{what}: the driver cannot be used this way ({type(error).__name__})")
    text = " ".join(str(part) for part in orig.args)
    found = codes(orig, text)
    label = _label(orig, found)
    if found & REFUSED or REFUSED_WORDS.search(text):
        return SourceRefused(f"{what}: the source refused the login ({label})")
    if found & CHANGED or CHANGED_WORDS.search(text):
        return SourceChanged(f"{what}: the source has no {_lost(text)} ({label})")
    if found & RETYPED:
        return SourceChanged(f"{what}: a column of the source has another type than the query expects ({label})")
    if found & ENCODING:
        return SourceUnavailable(f"{what}: a text in the source is not in the encoding that it claims ({label})")
    if found & CUT:
        return SourceUnavailable(
            f"{what}: a text is longer than the driver takes; cut it in the query, or leave its column out ({label})"
        )
    if found & UNTYPED:
        return SourceChanged(f"{what}: the driver cannot read {_lost(text)} as it is; cast it in the query ({label})")
    if found & LOCKED:
        return SourceUnavailable(f"{what}: the query waited too long for a lock in the source ({label})")
    if found & TOO_LONG or TOO_LONG_WORDS.search(text):
        return SourceUnavailable(f"{what}: the query ran past its deadline ({label})")
    if found & NOT_ALLOWED:
        return SourceUnavailable(f"{what}: the login may not read what the query asks for ({label})")
    return SourceUnavailable(f"{what}: the source failed ({label})")


def codes(orig: BaseException, text: str) -> frozenset[str]:
    """Every code that the driver gives with its error."""
    given = {getattr(orig, "sqlstate", None), getattr(orig, "sqlite_errorname", None)}
    if orig.args:
        first = orig.args[0]
        if isinstance(first, int) or (isinstance(first, str) and re.fullmatch(r"[0-9A-Z]{5}", first)):
            given.add(str(first))
    # A number in brackets is a vendor's only if the driver says that this is an error of theirs.
    if any(word in text for word in VENDORS):
        for number in VENDOR_NUMBER.finditer(text):
            iris = number["iris"] and f"SQLCODE {number['iris']}"
            given.add(number["oracle"] or number["odbc"] or iris)
    return frozenset(str(code) for code in given if code)


def _label(orig: BaseException, found: frozenset[str]) -> str:
    return " ".join([type(orig).__name__, *sorted(found)])


def _lost(text: str) -> str:
    """The lost column or table by its name: a name in the SQL of a pack or a view, for values are bound."""
    for pattern in LOST_NAME:
        if found := pattern.search(text):
            (kind, name) = next((kind, name) for kind, name in found.groupdict().items() if name)
            own = name.replace('"', "").rsplit(".", 1)[-1]
            return f"{kind} '{own}'"
    return "column or table of that name"
