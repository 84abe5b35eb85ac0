"""What each pack's queries become for the databases that no test has, word for word; and which words they may not use.

No parser of SQL is a validator of another database's dialect. So people read these texts when they change:
``python -m tests.unit.test_golden_sql`` writes them anew.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import mssql, oracle

from connectors.packs import PACKS, load_pack, pack_names
from connectors.queries import OF_DIALECT, TOKENS, Parameter, Query, Statement, load_for, variants
from connectors.sql import BOUND_KINDS
from connectors.times import BOUND_NAMES
from surveillance.errors import ConfigurationError
from surveillance.feeds import FEEDS

GOLDEN = Path(__file__).parent / "golden_sql"
NO_SERVER: dict[str, Any] = {"mssql": mssql.dialect(paramstyle="qmark"), "oracle": oracle.dialect()}
ONLY = {
    "mimic_iv": {"sqlite"},  # queries of what a replay loads, and it loads into SQLite
    "mimic_iv_published": {"postgresql"},
}
"""Packs that are for some databases only. Every other pack is for all of ``OF_DIALECT``."""
FOREIGN: dict[str, str] = {
    "mssql": r"\bLIMIT\b|\bSUBSTR\(|\|\||::|\bILIKE\b|\bINTERVAL\b|\bNOW\(|\b(TRUE|FALSE)\b|\bLENGTH\(|\bEXTRACT\("
    r"|\bUSING\b|\bNATURAL\b|\bMOD\(|\bCEIL\(|\bNULLS (FIRST|LAST)\b|\bTO_(CHAR|DATE|TIMESTAMP)\(|\bDUAL\b"
    r"|\bRECURSIVE\b|\bCURRENT_(DATE|TIME)\b|\b(GREATEST|LEAST)\(|`|\bBOOLEAN\b|\bAS (TEXT|TIMESTAMP|SIGNED)\b"
    r'|\b(DATE|TIMESTAMP)\s*""|\bROUND\([^,()]*\)|\b(STRFTIME|JULIANDAY|UNIXEPOCH|NVL|IFNULL|LPAD)\(|\bFILTER\s*\(',
    "oracle": r"\bLIMIT\b|::|\bILIKE\b|\b(TRUE|FALSE)\b|\bBOOLEAN\b|\bTOP\s+\(?\d|\bGETDATE\(|\b(ISNULL|IFNULL|LEN)\("
    r"|\bSUBSTRING\(|\bDATE(ADD|DIFF|PART)\(|\bCONVERT\(|\bIIF\(|\bRECURSIVE\b|\bNOW\(|\b(LEFT|RIGHT)\(|\bCONCAT_WS\("
    r"|`|\[|\b(STRFTIME|JULIANDAY|UNIXEPOCH)\(|\bAS (TEXT|SIGNED|BIGINT|DATETIME|LEVEL)\b|\bFILTER\s*\("
    r"|\b(FROM|JOIN)\s+[\w.]+\s+AS\b|\)\s+AS\s+\w+\s+(ON|JOIN|LEFT|INNER|WHERE|CROSS)\b|^(?!.*\bFROM\b)",
    "mysql": r"::|\bILIKE\b|\bFULL\s+(OUTER\s+)?JOIN\b|\bAS (INTEGER|INT|BIGINT|VARCHAR|TEXT|NUMERIC|TIMESTAMP)\b"
    r"|\bTOP\s+\(?\d|\bGETDATE\(|\bLEN\(|\bDATE(ADD|PART)\(|\bNULLS (FIRST|LAST)\b|\bTO_(CHAR|DATE|TIMESTAMP)\("
    r"|\b(STRFTIME|JULIANDAY|UNIXEPOCH|NVL|STRING_AGG)\(|\[|\bFETCH\b|\bFILTER\s*\(",
    "mariadb": r"::|\bILIKE\b|\bFULL\s+(OUTER\s+)?JOIN\b|\bAS (TEXT|TIMESTAMP)\b|\bTOP\s+\(?\d|\bGETDATE\(|\bLEN\("
    r"|\bDATE(ADD|PART)\(|\bNULLS (FIRST|LAST)\b|\b(STRFTIME|JULIANDAY|UNIXEPOCH|STRING_AGG)\(|\[|\bFILTER\s*\(",
    "postgresql": r"\bTOP\s+\(?\d|\bGETDATE\(|\b(ISNULL|IFNULL|NVL|LEN)\(|\bDATE(ADD|DIFF)\(|`|\bDUAL\b"
    r"|\b(STRFTIME|JULIANDAY|UNIXEPOCH|TO_SECONDS)\(|\bAS (SIGNED|DATETIME|UNSIGNED)\b",
    "sqlite": r"::|\bILIKE\b|\bINTERVAL\b|\bEXTRACT\(|\bLEN\(|\bGETDATE\(|\bDATE(ADD|DIFF|PART)\(|\bTOP\s+\(?\d"
    r"|\bNOW\(|\bFETCH\b|\b(CONCAT|GREATEST|LEAST|LEFT|RIGHT)\(|\bDUAL\b|\bAS SIGNED\b|\b(DATE|TIMESTAMP)\s*\"\"",
    "iris": r"\bLIMIT\b|::|\bILIKE\b|\bRECURSIVE\b|\bNULLS (FIRST|LAST)\b|`|\[|\b(STRFTIME|JULIANDAY|UNIXEPOCH)\(",
}
"""Dialect → words that its database does not know or takes for something else, outside of texts and comments."""
NOT_YET: dict[tuple[str, str], set[str]] = {
    ("omop_cdm_5_4", "spell"): {"mysql"},  # MariaDB takes it
    ("omop_cdm_5_4", "obs_set"): {"mysql"},
    ("omop_cdm_5_4", "obs_set_news2"): {"mysql"},
}
"""(pack, query) → dialects for which it still wants a variant."""
RESERVED = set(
    re.findall(
        r"\w+",
        """
    add all alter and any as asc audit authorization backup begin between break browse bulk by cascade case char
    check checkpoint close cluster clustered coalesce collate column comment commit compress compute connect
    constraint contains containstable continue convert create cross current current_date current_time
    current_timestamp current_user cursor database date dbcc deallocate decimal declare default delete deny desc
    disk distinct distributed double drop dump else end errlvl escape except exclusive exec execute exists exit
    external fetch file fillfactor float for foreign freetext freetexttable from full function goto grant group
    having holdlock identified identity identity_insert identitycol if immediate in increment index initial
    inner insert integer intersect into is join key kill left level like lineno load lock long maxextents merge
    minus mode modify national nocheck noaudit nocompress nonclustered not nowait null nullif number of off
    offline offsets on online open opendatasource openquery openrowset openxml option or order outer over
    pctfree percent pivot plan precision primary print prior privileges proc procedure public raiserror raw read
    readtext reconfigure references rename replication resource restore restrict return revert revoke right
    rollback row rowcount rowguidcol rowid rownum rows rule save schema securityaudit select session
    session_user set setuser share shutdown size smallint some start statistics successful synonym sysdate
    system_user table tablesample textsize then to top tran transaction trigger truncate try_convert tsequal uid
    union unique unpivot update updatetext use user validate values varchar varchar2 varying view waitfor when
    whenever where while with writetext
    """,
    )
)
"""Reserved in Transact-SQL or in Oracle's SQL: no name for a column without quotes."""


def queries(pack: str) -> list[Path]:
    """Its queries by the portable name, whether that file is there or not."""
    return sorted({path.with_name(f"{path.name.split('.')[0]}.sql") for path in (PACKS / pack).glob("*.sql")})


def with_queries(dialect: str) -> list[str]:
    return [pack for pack in pack_names() if queries(pack) and dialect in ONLY.get(pack, OF_DIALECT)]


def compiled(pack: str, dialect: str) -> str:
    """All of a pack's queries as a database of the dialect gets them, without comments."""
    kinds = dict.fromkeys(BOUND_NAMES, BOUND_KINDS[load_pack(pack).times.storage])
    texts = []
    for path in queries(pack):
        query = load_for(dialect, path, pack)
        text = str(Statement(query, kinds).compile(dialect=NO_SERVER[dialect]))
        code = TOKENS.sub(lambda token: "" if token["comment"] else token[0], text)
        lines = [line.rstrip() for line in code.splitlines() if line.strip()]
        texts.append("\n".join([f"-- {pack}/{query.path.name}", *lines, ""]))
    return "\n".join(texts)


def bare(query: Query) -> str:
    """Its text without comments and quoted text, in one line."""
    text = "".join(f":{part.name}" if isinstance(part, Parameter) else part for part in query.parts)
    short = TOKENS.sub(lambda token: '""' if token["text"] else " " if token["comment"] else token[0], text)
    return " ".join(short.split())


def foreign(query: Query, dialect: str) -> list[str]:
    return [found[0] for found in re.finditer(FOREIGN[dialect], bare(query), re.IGNORECASE)]


@pytest.mark.parametrize(
    ("pack", "dialect"), [(pack, dialect) for dialect in NO_SERVER for pack in with_queries(dialect)]
)
def test_what_a_database_without_a_test_gets_is_what_somebody_read(pack: str, dialect: str) -> None:
    path = GOLDEN / f"{pack}.{dialect}.sql"
    known = path.read_text("utf-8") if path.exists() else ""
    changes = difflib.unified_diff(
        known.splitlines(), compiled(pack, dialect).splitlines(), path.name, "now", "", "", 1
    )
    told = "\n".join(changes)
    assert not told, f"read this change, then: python -m tests.unit.test_golden_sql\n{told}"


def test_no_golden_text_is_left_of_what_is_gone() -> None:
    wanted = {f"{pack}.{dialect}.sql" for dialect in NO_SERVER for pack in with_queries(dialect)}
    assert {path.name for path in GOLDEN.iterdir()} == wanted


@pytest.mark.parametrize("dialect", OF_DIALECT)
def test_no_query_uses_a_word_that_the_dialect_does_not_know(dialect: str) -> None:
    found = {
        (pack, path.stem): words
        for pack in with_queries(dialect)
        for path in queries(pack)
        if (words := foreign(load_for(dialect, path, pack), dialect))
    }
    late = {place for place, dialects in NOT_YET.items() if dialect in dialects}
    assert {place: words for place, words in found.items() if place not in late} == {}, "write a variant"
    assert late <= set(found), "portable now: take it off NOT_YET"


@pytest.mark.parametrize(
    ("dialect", "sql", "words"),
    [
        ("mssql", "SELECT SUBSTR(x, 1, 4) || 'LIMIT 1' FROM t -- ::int\nLIMIT 1", ["SUBSTR(", "||", "LIMIT"]),
        (
            "mssql",
            "SELECT ROUND(x), CAST(y AS TIMESTAMP), DATE '2026-01-01' FROM t",
            ["ROUND(x)", "AS TIMESTAMP", 'DATE ""'],
        ),
        (
            "oracle",
            "SELECT TOP 1 x FROM t AS a JOIN (SELECT 1 AS y FROM dual) AS b ON 1 = 1",
            ["TOP 1", "FROM t AS", ") AS b ON"],
        ),
        ("oracle", "SELECT 1 AS x", [""]),
        ("mysql", "SELECT CAST(x AS INTEGER), y::int FROM t", ["AS INTEGER", "::"]),
        ("postgresql", "SELECT IFNULL(x, 1) FROM t", ["IFNULL("]),
        ("sqlite", "SELECT x FROM t WHERE y > NOW() - INTERVAL '1 day'", ["NOW(", "INTERVAL"]),
    ],
)
def test_foreign_words_are_noticed(tmp_path: Path, dialect: str, sql: str, words: list[str]) -> None:
    (tmp_path / "x.sql").write_text(sql)
    assert foreign(load_for(dialect, tmp_path / "x.sql", "x"), dialect) == words


def test_one_canonical_column_is_a_word_that_a_query_must_quote_and_it_is_looked_for() -> None:
    assert {column for feed in FEEDS.values() for column in feed.names} & RESERVED == {"level"}


# ----------------------------------------------------------------------------------------- which file a database gets


def written(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text(f"SELECT '{name}' AS spell_key")
    return folder / "spell.sql"


@pytest.mark.parametrize(
    ("dialect", "taken"),
    [
        ("mssql", "spell.mssql.sql"),
        ("mysql", "spell.mysql.sql"),
        ("mariadb", "spell.mysql.sql"),
        ("sqlite", "spell.sql"),
        ("somebodys", "spell.sql"),
    ],
)
def test_a_database_gets_its_own_variant_else_the_portable_query(tmp_path: Path, dialect: str, taken: str) -> None:
    path = written(tmp_path, "spell.sql", "spell.mssql.sql", "spell.mysql.sql", "spells.oracle.sql")
    assert load_for(dialect, path, "feeds.spell").path.name == taken


def test_mariadb_prefers_its_own_variant_to_that_of_mysql(tmp_path: Path) -> None:
    path = written(tmp_path, "spell.mysql.sql", "spell.mariadb.sql")
    assert load_for("mariadb", path, "feeds.spell").path.name == "spell.mariadb.sql"


def test_without_a_portable_query_another_database_is_told_so(tmp_path: Path) -> None:
    path = written(tmp_path, "spell.mssql.sql")
    with pytest.raises(ConfigurationError, match=r"feeds\.spell: no such file: .*spell\.sql; there .* none for oracle"):
        load_for("oracle", path, "feeds.spell")


def test_a_variant_for_a_misspelt_dialect_is_not_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, "spell.sql", "spell.postgres.sql")
    with pytest.raises(ConfigurationError, match=r"spell\.postgres\.sql: unknown dialect 'postgres'; did you mean"):
        variants(path)


def test_a_variant_that_nobody_takes_now_is_checked_too(tmp_path: Path) -> None:
    path = written(tmp_path, "spell.sql")
    (tmp_path / "spell.oracle.sql").write_text("DELETE FROM t")
    with pytest.raises(ConfigurationError, match=r"spell\.oracle\.sql: a query begins with SELECT"):
        load_for("sqlite", path, "feeds.spell")


def _renewed() -> Iterator[str]:
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.iterdir():
        path.unlink()
    for dialect in NO_SERVER:
        for pack in with_queries(dialect):
            path = GOLDEN / f"{pack}.{dialect}.sql"
            path.write_text(compiled(pack, dialect), "utf-8")
            yield path.name


if __name__ == "__main__":
    sys.stdout.write("\n".join(_renewed()) + "\n")
