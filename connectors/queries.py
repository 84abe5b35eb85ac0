"""A query is one SELECT in a file, of which we know its parameters before any database sees it.

Colons in text, comments, quoted names and casts (``::int``) are no parameters. That a query only reads is checked
here cheaply, against slips of the pen; this is no security. Only a login that may not write is.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine

from connectors.times import BOUND_NAMES
from surveillance.errors import ConfigurationError, nearest

TOKENS = re.compile(
    r"""
      (?P<text>  (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'  |  '(?:[^']|'')*'  |  "(?:[^"]|"")*"  |  `[^`]*`
               | (?<!\w)(?P<tag>\$\w*\$).*?(?P=tag) )
    | (?P<comment>  --[^\n]*  |  /\*.*?\*/ )
    | (?P<cast>  :: )
    | (?<!\w):(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
WRITES = re.compile(
    r"(?<![\w.])(insert|update|delete|merge|into|drop|create|alter|truncate|grant|revoke|exec|execute|call)\b(?!\s*[(.])",
    re.IGNORECASE,
)
"""Words that write when they stand bare. As a function, after a dot or in quotes they are names."""


OF_DIALECT = {
    "sqlite": ("sqlite",),
    "postgresql": ("postgresql",),
    "mssql": ("mssql",),
    "oracle": ("oracle",),
    "mysql": ("mysql",),
    "mariadb": ("mariadb", "mysql"),
    "iris": ("iris",),
}
"""Dialect of a database → whose variant of a query it takes, the first that there is, before the portable one."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A place in a query where a bound is put in."""

    name: str


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT: its text cut at its parameters, and the file that it came from."""

    path: Path
    parts: tuple[str | Parameter, ...]

    @property
    def parameters(self) -> frozenset[str]:
        """The bounds that it uses."""
        return frozenset(part.name for part in self.parts if isinstance(part, Parameter))


def variants(path: Path) -> dict[str, Path]:
    """Dialect → the file beside ``path`` that holds its own variant of the query (``spell.mssql.sql``).

    Raises:
        ConfigurationError: a file beside it is named for an unknown dialect.
    """
    found = {}
    for file in sorted(path.parent.glob(f"{glob.escape(path.stem)}.*{path.suffix}")):
        dialect = file.name[len(path.stem) + 1 : -len(path.suffix)]
        if dialect not in OF_DIALECT:
            raise ConfigurationError(f"{file}: unknown dialect '{dialect}'; {nearest(dialect, OF_DIALECT)}")
        found[dialect] = file
    return found


def load_for(dialect: str, path: Path, asked_by: str) -> Query:
    """The query in ``path`` as a database of ``dialect`` wants it: its own variant, else the portable one.

    The other variants are checked too.

    Raises:
        ConfigurationError: as ``load_query`` and ``variants``; or there is neither.
    """
    loaded = {name: load_query(file, asked_by) for name, file in variants(path).items()}
    if path.is_file() or not loaded:
        loaded[""] = load_query(path, asked_by)
    for name in (*OF_DIALECT.get(dialect, ()), ""):
        if name in loaded:
            return loaded[name]
    raise ConfigurationError(f"{asked_by}: no such file: {path}; there are variants, but none for {dialect}")


def load_query(path: Path, asked_by: str) -> Query:
    """The query in ``path``; ``asked_by`` names the configuration key that asks for it.

    Raises:
        ConfigurationError: naming the file, where it is missing, is not one SELECT, or uses an unknown parameter.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{asked_by}: no such file: {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {type(error).__name__}") from None
    return parse_query(text, path)


def parse_query(text: str, path: Path) -> Query:
    """``text`` as a query; ``path`` is named in errors.

    Raises:
        ConfigurationError: as ``load_query``.
    """
    parts, bare = _cut(text.strip().rstrip(";").rstrip())
    _check_it_reads(bare, path)
    for part in parts:
        if isinstance(part, Parameter) and part.name not in BOUND_NAMES:
            raise ConfigurationError(f"{path}: unknown parameter ':{part.name}'; {nearest(part.name, BOUND_NAMES)}")
    return Query(path, tuple(parts))


def _cut(text: str) -> tuple[list[str | Parameter], str]:
    """The parts of ``text``, and its bare code: without comments, and with quoted text emptied."""
    parts: list[str | Parameter] = []
    bare: list[str] = []
    at = 0  # up to here the text stands in ``bare``
    kept = 0  # up to here it stands in ``parts``
    for token in TOKENS.finditer(text):
        bare.append(text[at : token.start()])
        at = token.end()
        match token.lastgroup:
            case "name":
                parts += [text[kept : token.start()], Parameter(token["name"])]
                kept = at
                bare.append("?")
            case "cast":
                bare.append("::")
            case "comment":
                bare.append(" ")
            case _:
                bare.append('""')
    parts.append(text[kept:])
    bare.append(text[at:])
    return parts, "".join(bare)


def _check_it_reads(bare: str, path: Path) -> None:
    code = bare.replace('""', "")
    if "'" in code or '"' in code or "/*" in code:
        raise ConfigurationError(f"{path}: a quotation mark or comment is not closed")
    if ";" in code:
        raise ConfigurationError(f"{path}: more than one statement; a feed is one SELECT")
    if not re.match(r"[\s(]*(select|with)\b", bare, re.IGNORECASE):
        raise ConfigurationError(f"{path}: a query begins with SELECT or WITH")
    if writes := WRITES.search(bare):
        raise ConfigurationError(
            f"{path}: '{writes[1]}' would write; a query only reads (put a column of this name in double quotes)"
        )


class Statement(Executable, ClauseElement):
    """A query as SQLAlchemy runs it; the bounds are bound as ``kinds`` says, and the rest goes through untouched."""

    inherit_cache = False

    def __init__(self, query: Query, kinds: Mapping[str, TypeEngine[Any]]) -> None:
        self.parts = query.parts
        self.bound = {name: bindparam(name, type_=kinds[name]) for name in query.parameters}


@compiles(Statement)
def _render(statement: Statement, compiler: SQLCompiler, **_: Any) -> str:
    return "".join(_rendered(statement, compiler))


def _rendered(statement: Statement, compiler: SQLCompiler) -> Iterator[str]:
    for part in statement.parts:
        if isinstance(part, Parameter):
            yield compiler.process(statement.bound[part.name])
        else:
            # doubles per cent signs for the drivers that ask for it
            yield str(compiler.post_process_text(part))  # type: ignore[no-untyped-call]  # SQLAlchemy left it bare
