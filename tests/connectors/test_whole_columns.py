"""What a driver that fills whole columns makes of each type: its value, never the nearest that the driver offers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import create_engine

from connectors import dialects
from connectors.dialects import arrow
from connectors.engines import Deadline, open_engine
from surveillance.errors import ConfigurationError, SourceChanged, SourceUnavailable
from tests.connectors.conftest import BOUNDS, Place, with_server


def wall(*parts: int) -> datetime:
    """A moment as a clock on the wall of the source shows it."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - a column without an offset


OF_POSTGRESQL: dict[str, Any] = {
    "0.1::double precision": 0.1,
    "0.1::real": 0.1,
    "1e300::double precision": 1e300,
    "32767::smallint": 32767,
    "2147483647": 2147483647,
    "9223372036854775807": 9223372036854775807,
    "4294967295::oid": 4294967295,
    "38.55::numeric(4, 2)": 38.55,
    "0.0000000001::numeric": 1e-10,
    "-0.99999::numeric(5, 5)": -0.99999,
    "-9.99::numeric(3, 2)": -9.99,
    "'Infinity'::numeric": float("inf"),
    "12345678901234567891::numeric": 12345678901234567891,
    "12345678901234567890.123456789::numeric": 12345678901234567890.123456789,
    "true": True,
    "false": False,
    "null::boolean": None,
    "null::double precision": None,
    "null::numeric": None,
    "null::integer": None,
    "date '2026-03-29'": date(2026, 3, 29),
    "timestamp '2026-03-29 01:30:00.123456'": wall(2026, 3, 29, 1, 30, 0, 123456),
    "timestamp '9999-12-31 23:59:59.999999'": wall(9999, 12, 31, 23, 59, 59, 999999),
    "timestamp '1900-01-01'": wall(1900, 1, 1),
    "'Élan–ß ☃ 𝒳'::text": "Élan–ß ☃ 𝒳",
    "'ß'::char(3)": "ß  ",
    "repeat('é', 300)::varchar(300)": "é" * 300,
    "''::text": "",
    "'007'::text": "007",
    "uuid '12345678-1234-5678-1234-567812345678'": "12345678-1234-5678-1234-567812345678",
    r"'\x00ff'::bytea": b"\x00\xff",
    "'{\"a\": 1}'::json": '{"a": 1}',
}
OF_MARIADB: dict[str, tuple[str, Any]] = {
    "DOUBLE": ("0.1", 0.1),
    "DECIMAL(30, 10)": ("12345678901234567890.0123456789", 12345678901234567890.0123456789),
    "DECIMAL(5, 5)": ("-0.99999", -0.99999),
    "DECIMAL(3, 2)": ("-9.99", -9.99),
    "DECIMAL(20, 0)": ("-12345678901234567891", -12345678901234567891),
    "DECIMAL(9, 0)": ("-999999999", -999999999),
    "TINYINT UNSIGNED": ("255", 255),
    "SMALLINT UNSIGNED": ("65535", 65535),
    "INT UNSIGNED": ("4294967295", 4294967295),
    "BIGINT UNSIGNED": ("18446744073709551615", 18446744073709551615),
    "BIGINT": ("-9223372036854775808", -9223372036854775808),
    "BIT(1)": ("1", True),
    "BOOLEAN": ("TRUE", 1),
    "YEAR": ("2026", 2026),
    "DATE": ("'2026-03-29'", date(2026, 3, 29)),
    "DATETIME(6)": ("'2026-03-29 01:30:00.123456'", wall(2026, 3, 29, 1, 30, 0, 123456)),
    "CHAR(3)": ("'𝒳𝒳𝒳'", "𝒳𝒳𝒳"),
    "VARCHAR(5)": ("'𝒳𝒳𝒳𝒳𝒳'", "𝒳𝒳𝒳𝒳𝒳"),
    "TEXT": ("REPEAT('é', 2000)", "é" * 2000),
    "LONGTEXT": ("'007'", "007"),
    "JSON": ("'{}'", "{}"),
    "ENUM('a', 'b')": ("'b'", "b"),
    "VARBINARY(5)": ("x'00ff'", b"\x00\xff"),
}


@pytest.fixture
def columns(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    yield from with_server(request.param, request, tmp_path)


of_postgresql = pytest.mark.parametrize("columns", ["arrow_odbc"], indirect=True)
of_mariadb = pytest.mark.parametrize("columns", ["mariadb+arrow_odbc"], indirect=True)
of_both = pytest.mark.parametrize("columns", ["arrow_odbc", "mariadb+arrow_odbc"], indirect=True)


def came(place: Place, expression: str, rest: str = "") -> list[Any]:
    """What a column of such values arrives as."""
    sql = f"SELECT 'S1' AS spell_key, 'A1' AS ward_code, {expression} AS start_ts, 1 AS end_ts {rest}"
    given = place.connector(sql).read("ward_stay", BOUNDS).frame["start_ts"]
    return [None if pd.isna(value) else value for value in given.tolist()]


@of_postgresql
def test_each_type_of_postgresql_keeps_its_value(columns: Place) -> None:
    given = {expression: came(columns, expression) for expression in OF_POSTGRESQL}
    assert given == {expression: [value] for expression, value in OF_POSTGRESQL.items()}
    assert {repr(given["true"]), repr(given["2147483647"])} == {"[True]", "[2147483647]"}


@of_mariadb
def test_each_type_of_mariadb_keeps_its_value(columns: Place) -> None:
    table = ", ".join(f"c{number} {kind}" for number, kind in enumerate(OF_MARIADB))
    columns.run(f"CREATE TABLE kinds ({table})")
    columns.run(f"INSERT INTO kinds VALUES ({', '.join(sql for sql, _ in OF_MARIADB.values())})")
    columns.run("INSERT INTO kinds () VALUES ()")
    given = {kind: came(columns, f"c{number}", "FROM kinds") for number, kind in enumerate(OF_MARIADB)}
    assert given == {kind: [value, None] for kind, (_, value) in OF_MARIADB.items()}
    assert repr(given["BIT(1)"][0]) == "True"


@of_both
def test_a_text_that_does_not_fit_takes_its_feed_away_and_is_never_cut(columns: Place) -> None:
    longest = arrow.TEXT_BYTES
    assert came(columns, f"repeat('x', {longest})") == ["x" * longest]
    assert came(columns, f"repeat('é', {longest // 2})") == ["é" * (longest // 2)]
    for more in range(1, 9):  # MariaDB's driver cuts one byte off and does not say so
        with pytest.raises(SourceUnavailable, match="a text is longer than the driver takes"):
            came(columns, f"repeat('x', {longest + more})")
    for text in (f"repeat('x', {longest * 3})", f"repeat('é', {longest // 2 + 1})"):
        with pytest.raises(SourceUnavailable, match="feed ward_stay: a text is longer than the driver takes; cut it"):
            came(columns, text)
    assert came(columns, "'short'") == ["short"]


@of_mariadb
def test_a_column_without_a_type_is_named(columns: Place) -> None:
    with pytest.raises(SourceChanged, match="the driver cannot read column 'start_ts' as it is; cast it in the query"):
        came(columns, "NULL", "UNION ALL SELECT 'S2', 'A1', NULL, 1")
    with pytest.raises(SourceChanged, match="the driver cannot read column 'start_ts' as it is; cast it in the query"):
        came(columns, "TIME '100:00:00'")
    assert came(columns, "CAST(TIME '100:00:00' AS CHAR)") == ["100:00:00"]
    rest = "UNION ALL SELECT 'S2', 'A1', CAST(NULL AS DATETIME), 1"
    assert came(columns, "CAST(NULL AS DATETIME)", rest) == [None, None]


@of_both
def test_moments_cost_no_object_each_and_equal_texts_are_held_once(columns: Place) -> None:
    numbers = "(SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) AS three"
    moment = "CAST('2026-07-01 09:15:00' AS DATETIME)" if columns.is_mariadb else "timestamp '2026-07-01 09:15:00'"
    sql = f"SELECT n AS spell_key, 'A1' AS ward_code, {moment} AS start_ts, {moment} AS end_ts FROM {numbers}"
    frame = columns.connector(sql).read("ward_stay", BOUNDS).frame
    assert str(frame["start_ts"].dtype) == "datetime64[us]"
    assert len({id(text) for text in frame["ward_code"]}) == 1
    assert frame["spell_key"].tolist() == [1, 2, 3]


def test_a_setting_of_the_other_driver_stops_start_up() -> None:
    with pytest.raises(ConfigurationError, match=r"source 'epr': its URL does not fit its driver"):
        open_engine("epr", "postgresql+arrow_odbc://u@h/d?ansi=true", 5, "UTC", Deadline())


@of_both
def test_rows_one_by_one_are_the_same(columns: Place) -> None:
    dialects.register()
    engine = create_engine(columns.url)
    with engine.connect() as connection:
        answer = connection.exec_driver_sql("SELECT 1 AS one, 'a' AS word UNION ALL SELECT 2, 'b' ORDER BY 1")
        assert answer.fetchone() == (1, "a")
        assert answer.fetchall() == [(2, "b")]
        assert connection.exec_driver_sql("SELECT 1.50 AS exact").scalar_one() == 1.5
    engine.dispose()
