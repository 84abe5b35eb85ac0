from pathlib import Path

import pytest
from sqlalchemy import String
from sqlalchemy.dialects import mssql, oracle, postgresql, sqlite

from connectors.queries import Parameter, Statement, load_query, parse_query
from surveillance.errors import ConfigurationError

FILE = Path("packs/epr/spell.sql")


def parameters(sql: str) -> list[str]:
    return [part.name for part in parse_query(sql, FILE).parts if isinstance(part, Parameter)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '08:00', ' :as_at', ':since'",
        "SELECT 'it''s :as_at'",
        'SELECT x AS "a :as_at"',
        "SELECT x::int, y::timestamp",
        "SELECT x -- :as_at\nFROM t",
        "SELECT x /* :as_at\n:since */ FROM t",
        "SELECT E'it\\'s :as_at'",
        "SELECT $$ :as_at $$, $tag$ ' :since $tag$",
        "SELECT a[1:2] FROM t",
    ],
)
def test_a_colon_that_is_no_parameter(sql: str) -> None:
    assert parameters(sql) == []


def test_parameters_in_their_order_next_to_anything() -> None:
    sql = "WITH b AS (SELECT :as_at::timestamp AS t) SELECT (:since),:events_since,':x' FROM b WHERE t<=:as_at"
    assert parameters(sql) == ["as_at", "since", "events_since", "as_at"]


@pytest.mark.parametrize(
    ("dialect", "compiled"),
    [
        (sqlite.dialect(), "SELECT '50 % :as_at', x FROM t WHERE a <= ? AND b > ? AND c <= ?"),
        (mssql.dialect(paramstyle="qmark"), "SELECT '50 % :as_at', x FROM t WHERE a <= ? AND b > ? AND c <= ?"),
        (oracle.dialect(), "SELECT '50 % :as_at', x FROM t WHERE a <= :as_at AND b > :since AND c <= :as_at"),
        (
            postgresql.dialect(),
            "SELECT '50 %% :as_at', x FROM t WHERE a <= %(as_at)s::VARCHAR AND b > %(since)s::VARCHAR "
            "AND c <= %(as_at)s::VARCHAR",
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_each_database_gets(dialect: object, compiled: str) -> None:
    query = parse_query("SELECT '50 % :as_at', x FROM t WHERE a <= :as_at AND b > :since AND c <= :as_at;\n", FILE)
    kinds = {"as_at": String(), "since": String()}
    assert str(Statement(query, kinds).compile(dialect=dialect)) == compiled


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("", "begins with SELECT or WITH"),
        ("DELETE FROM t", "begins with SELECT or WITH"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT 1; DROP TABLE t;", "more than one statement"),
        ("SELECT 1 DROP TABLE t", "'DROP' would write"),
        ("WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", "'DELETE' would write"),
        ("SELECT * INTO copy FROM t", "'INTO' would write"),
        ("SELECT * FROM t FOR UPDATE", "'UPDATE' would write"),
        ("SELECT 'open FROM t", "not closed"),
        ("SELECT 1 /* open", "not closed"),
        ("SELECT :as_a", "unknown parameter ':as_a'; did you mean 'as_at'?"),
    ],
)
def test_what_is_refused_names_the_file(sql: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_query(sql, FILE)
    assert str(caught.value).startswith(f"{FILE}: ")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "sql",
    [
        "-- reads\n  select 1",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT replace(x, 'a', 'b'), last_update, t.update, \"delete\", 'DROP TABLE t;' FROM t -- insert; update",
        "SELECT 1;\n",
    ],
)
def test_what_only_reads_passes(sql: str) -> None:
    parse_query(sql, FILE)


def test_a_missing_file_is_named_with_the_key_that_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"feeds\.spell\.sql: no such file: .*spell\.sql"):
        load_query(tmp_path / "spell.sql", "feeds.spell.sql")
