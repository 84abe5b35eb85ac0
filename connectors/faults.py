"""What a driver's error means: the source cannot be reached, refused the login, or has another shape than before.

Messages of drivers hold parameters, rows and addresses, so none is passed on: a person reads the error's class, its
code, and the name of a column or table that is gone. Codes: SQLSTATE (ISO/IEC 9075-2, and each vendor's
list), SQL Server's, Oracle's and MySQL's error numbers.
"""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from surveillance.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable

REFUSED = frozenset({"28000", "28P01", "18456", "4060", "ORA-01017", "ORA-28000", "ORA-28001", "1045", "1044"})
CHANGED = frozenset(
    {"42703", "42P01", "3F000", "42S22", "42S02", "207", "208", "ORA-00904", "ORA-00942", "1054", "1146"}
)
TOO_LONG = frozenset({"57014", "HYT00", "HYT01", "SQLITE_INTERRUPT", "ORA-01013", "3024", "1969"})
NOT_ALLOWED = frozenset({"42501", "229", "ORA-01031", "1142", "SQLITE_AUTH"})

REFUSED_WORDS = re.compile(  # a login's failure reaches libpq's clients without its SQLSTATE
    r"authentication failed|no password supplied|login failed|no pg_hba\.conf entry|role \"[^\"]*\" does not exist"
    r"|is not permitted to log in",
    re.IGNORECASE,
)
CHANGED_WORDS = re.compile(r"no such (column|table)", re.IGNORECASE)  # SQLite has one code for all
TOO_LONG_WORDS = re.compile(r"^interrupted$|statement timeout", re.IGNORECASE)
VENDOR_NUMBER = re.compile(r"\b(ORA-\d{5})\b|\((\d{3,5})\)")
LOST_NAME = (
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
    # A number in brackets is SQL Server's or Oracle's only if the driver says that this is an error of theirs.
    if "SQL Server" in text or "ORA-" in text or "FreeTDS" in text:
        given |= {ora or number for ora, number in VENDOR_NUMBER.findall(text)}
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
