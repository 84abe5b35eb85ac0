"""Every database keeps the same contract: a feed's rows, whole and within their bounds, or an error that says why."""

from __future__ import annotations

import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from connectors import dialects
from connectors.sql import STREAM_ROWS, SqlConnector
from surveillance.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable
from surveillance.feeds.moments import read_moments
from surveillance.feeds.values import text_of
from tests.connectors.conftest import BOUNDS, PASSWORD, Place

STAYS = """
    CREATE TABLE stays (ref VARCHAR(20), ward VARCHAR(20), bed VARCHAR(20), came {moment}, went {moment});
    INSERT INTO stays VALUES
        ('S1', 'A1', 'B07', '2026-07-01 09:15:00.000000', NULL),
        ('S2', 'A1', NULL, '2026-06-30 22:00:00.000000', '2026-07-01 08:00:00.000000');
"""
ALL = "SELECT ref AS spell_key, ward AS ward_code, bed AS bed_code, came AS start_ts, went AS end_ts FROM stays"
BOUNDED = f"{ALL} WHERE came <= :as_at AND came >= :since ORDER BY came"


def fill(place: Place) -> None:
    place.run(STAYS.format(moment=place.moment))


def numbers(place: Place, last: int) -> str:
    """The numbers from 1 as a table expression called n, with the column i."""
    if place.is_sqlite:
        return (
            f"(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {last}) SELECT i FROM c) AS n"
        )
    if place.is_mariadb:
        return f"(SELECT seq AS i FROM seq_1_to_{last}) AS n"
    return f"generate_series(1, {last}) AS n(i)"


def stay_of(expression: str, source: str) -> str:
    return f"SELECT {expression} AS spell_key, 'A1' AS ward_code, NULL AS start_ts, NULL AS end_ts FROM {source}"


def keys(connector: SqlConnector) -> list[str]:
    return list(connector.read("ward_stay", BOUNDS).frame["spell_key"])


def test_a_large_answer_loses_no_row_whether_it_is_streamed_or_not(place: Place) -> None:
    last = 2 * STREAM_ROWS + 1
    shown = "CAST(i AS CHAR(12)) AS order_key, NULL AS due_ts, NULL AS status, NULL AS given_ts, NULL AS reason_code"
    connector = place.connector({"dose_event": f"SELECT {shown} FROM {numbers(place, last)}"})
    for days in (1, 10):
        far = replace(BOUNDS, since=BOUNDS.as_at - timedelta(days=days))
        given = connector.read("dose_event", far).frame["order_key"].tolist()
        assert sorted(map(int, given)) == list(range(1, last + 1))


def test_rows_arrive_as_the_source_wrote_them(place: Place) -> None:
    fill(place)
    raw = place.connector(f"{ALL} ORDER BY ref", zone="Europe/London").read("ward_stay", BOUNDS)
    assert list(raw.frame.columns) == ["spell_key", "ward_code", "bed_code", "start_ts", "end_ts"]
    assert {str(dtype) for dtype in raw.frame.dtypes} <= {"object", "datetime64[us]"}
    assert raw.frame["bed_code"].tolist() == ["B07", None]
    assert (raw.zone, raw.epoch) == ("Europe/London", False)
    came = raw.frame["start_ts"].tolist()
    assert came[0] == ("2026-07-01 09:15:00.000000" if place.is_sqlite else datetime(2026, 7, 1, 9, 15))  # noqa: DTZ001
    assert pd.isna(raw.frame["end_ts"][0])


def test_decimals_are_floats_and_texts_of_digits_stay_texts(place: Place) -> None:
    sql = "SELECT '007' AS spell_key, CAST(38.5 AS DECIMAL(4, 1)) AS temp, 1 AS complete, NULL AS ts"
    frame = place.connector({"obs_set": sql}).read("obs_set", BOUNDS).frame
    assert frame.loc[0].tolist() == ["007", 38.5, 1, None]
    assert type(frame["temp"][0]) is float


def test_keys_that_floats_cannot_tell_apart_stay_two(place: Place) -> None:
    numbers = ("CAST(9007199254740992 AS DECIMAL(20, 0))", "CAST(9007199254740993 AS DECIMAL(20, 0))")
    sql = " UNION ALL ".join(
        f"SELECT {number} AS spell_key, 'A1' AS ward_code, 1 AS start_ts, 1 AS end_ts" for number in numbers
    )
    given = place.connector(sql).read("ward_stay", BOUNDS).frame["spell_key"].tolist()
    assert sorted(map(text_of, given)) == ["9007199254740992", "9007199254740993"]


def test_no_rows_are_an_empty_frame_with_its_columns(place: Place) -> None:
    fill(place)
    frame = place.connector(f"{ALL} WHERE 1 = 0").read("ward_stay", BOUNDS).frame
    assert len(frame) == 0
    assert "spell_key" in frame.columns


def test_many_rows_come_whole_and_in_order_with_equal_texts_held_once(place: Place) -> None:
    frame = place.connector(stay_of("i", numbers(place, 5_001))).read("ward_stay", BOUNDS).frame
    assert frame["spell_key"].tolist() == list(range(1, 5_002))
    assert len({id(ward) for ward in frame["ward_code"]}) == 1


EDGES = {  # key → how long before the as_at it happened
    "future": -timedelta(seconds=1),
    "now": timedelta(0),
    "inside": timedelta(hours=23),
    "limit": timedelta(hours=24),
    "too old": timedelta(hours=24, seconds=1),
}


@pytest.mark.parametrize("zone", ["UTC", "Europe/London"])
@pytest.mark.parametrize("storage", ["native", "text", "epoch"])
def test_rows_outside_the_bounds_are_never_fetched(place: Place, storage: str, zone: str) -> None:
    column = {"native": place.moment, "text": "VARCHAR(40)", "epoch": "BIGINT"}[storage]
    form = "%Y-%m-%d %H:%M:%S"
    place.run(f"CREATE TABLE stays (ref VARCHAR(20), ward VARCHAR(20), bed VARCHAR(20), came {column}, went {column})")
    for key, before in EDGES.items():
        moment = BOUNDS.as_at - before
        written = moment.astimezone(ZoneInfo(zone)).strftime(form)
        stored = {"native": f"'{written}.000000'", "text": f"'{written}'", "epoch": str(int(moment.timestamp()))}
        place.run(f"INSERT INTO stays VALUES ('{key}', 'A1', NULL, {stored[storage]}, NULL)")
    assert keys(place.connector(BOUNDED, storage=storage, zone=zone)) == ["limit", "inside", "now"]


def test_a_query_need_not_use_every_bound_and_may_use_one_twice(place: Place) -> None:
    fill(place)
    assert keys(place.connector(f"{ALL} WHERE came > :events_since ORDER BY ref")) == ["S1", "S2"]
    assert keys(place.connector(f"{ALL} WHERE came < :as_at AND (went IS NULL OR went > :as_at)")) == ["S1"]


def test_colons_and_per_cent_signs_in_texts_are_no_parameters(place: Place) -> None:
    fill(place)
    sql = f"""-- at :as_at, 100 %
        {ALL} /* :nobody */
        WHERE '08:00' <> ' :since :x' AND ' :a:b' LIKE '% :_:b' AND 'it''s :as_at' <> '' AND ref = 'S1'
    """
    assert keys(place.connector(sql)) == ["S1"]


def test_casts_are_no_parameters(postgresql: Place) -> None:
    fill(postgresql)
    sql = f"{ALL} WHERE came::date <= :as_at::date AND '1'::int = 1 AND came <= :as_at::timestamp AND ref = 'S1'::text"
    assert keys(postgresql.connector(sql)) == ["S1"]


@pytest.mark.parametrize("default_zone", ["America/New_York", "Asia/Tokyo"])
def test_times_with_an_offset_are_right_whatever_zone_the_server_prefers(postgresql: Place, default_zone: str) -> None:
    postgresql.run(
        f"ALTER DATABASE {postgresql.database} SET timezone = '{default_zone}';"
        "CREATE TABLE stays (ref VARCHAR(20), ward VARCHAR(20), bed VARCHAR(20), came TIMESTAMPTZ, went TIMESTAMPTZ);"
        "INSERT INTO stays VALUES ('late', 'A1', NULL, '2026-07-01 11:00:01+00', NULL),"
        "('now', 'A1', NULL, '2026-07-01 12:00:00+01', NULL)"
    )
    raw = postgresql.connector(BOUNDED).read("ward_stay", BOUNDS)
    moments = read_moments(raw.frame["start_ts"], raw.zone)
    assert raw.frame["spell_key"].tolist() == ["now"]
    assert moments.values.tolist() == [BOUNDS.as_at]


def test_timestamps_of_mariadb_are_right_whatever_zone_the_server_prefers(mariadb_place: Place) -> None:
    mariadb_place.run(
        "SET GLOBAL time_zone = '-05:00'; SET time_zone = '+00:00';"
        "CREATE TABLE stays (ref VARCHAR(20), ward VARCHAR(20), bed VARCHAR(20), came TIMESTAMP NULL, went DATETIME);"
        "INSERT INTO stays VALUES ('late', 'A1', NULL, '2026-07-01 11:00:01', NULL),"
        "('now', 'A1', NULL, '2026-07-01 11:00:00', NULL)"
    )
    try:
        raw = mariadb_place.connector(BOUNDED, zone="Europe/London").read("ward_stay", BOUNDS)
        with pytest.raises(SourceUnavailable, match="does not know the time zone Asia/Tokyo"):
            mariadb_place.connector(BOUNDED, zone="Asia/Tokyo").read("ward_stay", BOUNDS)
        mariadb_place.run("SET GLOBAL time_zone = '+09:00'")
        assert len(mariadb_place.connector(ALL, zone="Asia/Tokyo").read("ward_stay", BOUNDS).frame) == 2
    finally:
        mariadb_place.run("SET GLOBAL time_zone = '+00:00'")
    assert raw.frame["spell_key"].tolist() == ["now"]
    assert read_moments(raw.frame["start_ts"], raw.zone).values.tolist() == [BOUNDS.as_at]


def test_a_moment_is_bound_to_the_microsecond(place: Place) -> None:
    fill(place)
    place.run("UPDATE stays SET came = '2026-07-01 09:15:00.250000' WHERE ref = 'S1'")
    connector = place.connector(BOUNDED)
    if place.is_sqlite:
        connector = place.connector(BOUNDED, storage="text", format="%Y-%m-%d %H:%M:%S.%f")
    found = []
    for microsecond in (249_999, 250_000):
        as_at = datetime(2026, 7, 1, 9, 15, 0, microsecond, UTC)
        found.append(list(connector.read("ward_stay", replace(BOUNDS, as_at=as_at)).frame["spell_key"]))
    assert found == [["S2"], ["S2", "S1"]]


def test_a_text_a_quoted_name_and_two_bars_are_everywhere_the_same(place: Place) -> None:
    fill(place)
    place.run("UPDATE stays SET ward = 'Élan–ß' WHERE ref = 'S1'")
    sql = """SELECT ref || '/' || ward AS "spell_key", 'it''s' || ' \\' AS ward_code, NULL AS start_ts, NULL AS end_ts
             FROM stays WHERE ward = 'Élan–ß'"""
    frame = place.connector(sql).read("ward_stay", BOUNDS).frame
    assert frame[["spell_key", "ward_code"]].values.tolist() == [["S1/Élan–ß", "it's \\"]]


def test_text_in_a_form_of_its_own_is_read_by_that_form(place: Place) -> None:
    sql = (
        "SELECT 'S1' AS spell_key, 'A1' AS ward_code, '02/07/2026 09:15' AS start_ts, '' AS end_ts UNION ALL "
        "SELECT 'S2', 'A1', 'yesterday', '' ORDER BY 1"
    )
    frame = place.connector(sql, storage="text", format="%d/%m/%Y %H:%M").read("ward_stay", BOUNDS).frame
    assert frame["start_ts"].tolist() == [datetime(2026, 7, 2, 9, 15), "yesterday"]  # noqa: DTZ001


def test_a_required_column_missing_from_the_answer_is_named(place: Place) -> None:
    fill(place)
    connector = place.connector("SELECT ref AS spell_key, ward AS ward_code, came AS start_ts FROM stays")
    with pytest.raises(SourceChanged, match="feed ward_stay: the result has no column 'end_ts'"):
        connector.read("ward_stay", BOUNDS)


def test_a_column_given_twice_is_named(place: Place) -> None:
    fill(place)
    with pytest.raises(SourceChanged, match="'ward_code' twice"):
        place.connector(ALL.replace("bed AS bed_code", "bed AS ward_code")).read("ward_stay", BOUNDS)


def test_a_column_that_no_table_has_is_left_out_and_told(place: Place) -> None:
    fill(place)
    connector = place.connector(ALL.replace("AS bed_code", "AS bed_cod"))
    assert "bed_cod" not in connector.read("ward_stay", BOUNDS).frame
    assert connector.unknown == {"ward_stay": ("bed_cod",)}


def test_a_column_renamed_in_the_source_is_named(place: Place) -> None:
    fill(place)
    connector = place.connector(ALL)
    assert len(keys(connector)) == 2
    place.run("ALTER TABLE stays RENAME COLUMN went TO left_at")
    with pytest.raises(SourceChanged, match="feed ward_stay: the source has no column 'went'"):
        connector.read("ward_stay", BOUNDS)
    place.run("ALTER TABLE stays RENAME COLUMN left_at TO went")
    assert len(keys(connector)) == 2


def test_a_table_that_is_gone_is_named(place: Place) -> None:
    place.run("CREATE TABLE other (x INT)")
    with pytest.raises(SourceChanged, match="no table 'stays'"):
        place.connector(ALL).read("ward_stay", BOUNDS)


def test_an_error_in_the_middle_gives_no_rows(place: Place) -> None:
    broken = "1 / (5000 - i)"
    if place.is_sqlite:
        broken = "abs(-9223372036854775807 - (i = 5000))"
    elif place.is_mariadb:
        broken = "9223372036854775807 + (i = 5000)"
    connector = place.connector(stay_of(broken, numbers(place, 9_000)))
    with pytest.raises(SourceUnavailable, match="feed ward_stay: the source failed"):
        connector.read("ward_stay", BOUNDS)


def test_a_slow_query_ends_at_its_deadline_and_the_next_one_runs(place: Place) -> None:
    fill(place)
    forever = stay_of("'x'", "(SELECT sleep(60)) AS one" if place.is_mariadb else "pg_sleep(60)")
    if place.is_sqlite:
        forever = stay_of("count(*)", numbers(place, 10**12))
    connector = place.connector({"ward_stay": forever, "flag": stay_of("1", "stays")}, timeout_s=0.3)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="feed ward_stay: the query ran past its deadline"):
        connector.read("ward_stay", BOUNDS)
    assert time.monotonic() - began < 5
    with pytest.raises(SourceChanged, match="'type'"):  # the connection answers again
        connector.read("flag", BOUNDS)


def test_a_query_that_waits_for_a_lock_says_so(remote: Place) -> None:
    fill(remote)
    connector = remote.connector(ALL, timeout_s=2 if remote.is_mariadb else 0.4)
    knocked = connector.knock(BOUNDS)  # logging in waits for nothing
    dialects.register()
    with create_engine(remote.url, poolclass=NullPool).connect() as other:
        other.exec_driver_sql(f"LOCK {'TABLES stays WRITE' if remote.is_mariadb else 'TABLE stays'}")
        with pytest.raises(SourceUnavailable, match="feed ward_stay: the query waited too long for a lock"):
            connector.read("ward_stay", BOUNDS)
    assert knocked is None


def test_queries_are_counted(place: Place) -> None:
    fill(place)
    connector = place.connector(ALL, heartbeat="SELECT max(came) FROM stays")
    keys(connector)
    keys(connector)
    connector.data_as_at(BOUNDS)
    assert connector.queries == 2


@pytest.mark.parametrize(
    ("times", "stored"),
    [
        ({"storage": "text", "zone": "Europe/London"}, "'2026-07-01 09:30:00'"),
        ({"storage": "text", "zone": "Europe/London", "format": "%d.%m.%Y %H:%M"}, "'01.07.2026 09:30'"),
        ({"storage": "text", "zone": "Europe/London"}, "'2026-07-01T10:30:00+02:00'"),
        ({"storage": "epoch"}, "1782894600"),
    ],
)
def test_the_heartbeat_is_the_newest_change_in_utc(place: Place, times: dict[str, str], stored: str) -> None:
    connector = place.connector(stay_of("1", "stays"), heartbeat=f"SELECT {stored}", **times)
    assert connector.data_as_at(BOUNDS) == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)


def test_the_heartbeat_in_native_times(remote: Place) -> None:
    fill(remote)
    connector = remote.connector(ALL, heartbeat="SELECT max(came) FROM stays", zone="Europe/London")
    assert connector.data_as_at(BOUNDS) == datetime(2026, 7, 1, 8, 15, tzinfo=UTC)


def test_a_heartbeat_of_nothing_is_none_and_of_nonsense_an_error(place: Place) -> None:
    assert place.connector(ALL).data_as_at(BOUNDS) is None
    assert place.connector(ALL, heartbeat="SELECT NULL").data_as_at(BOUNDS) is None
    with pytest.raises(SourceChanged, match="heartbeat: the answer is not a moment") as caught:
        place.connector(ALL, heartbeat="SELECT 'Ann Example'", storage="text").data_as_at(BOUNDS)
    assert "Ann" not in str(caught.value)


def test_a_knock_asks_a_source_with_and_without_a_heartbeat(place: Place) -> None:
    beats = place.connector(ALL, heartbeat="SELECT '2026-07-01T08:30:00Z'", storage="text")
    assert beats.knock(BOUNDS) == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    connector = place.connector("SELECT 1 FROM no_such_table")
    assert connector.knock(BOUNDS) is None
    assert connector.queries == 0, "a knock asks for no feed"


def test_a_wrong_password_is_refused(remote: Place) -> None:
    right = remote.connector(stay_of("1", "(SELECT 1) AS one"), url=remote.url_of(f"reader:{PASSWORD}"))
    assert keys(right) == [1]
    wrong = remote.connector(ALL, url=remote.url_of("reader:wrong-one"))
    with pytest.raises(SourceRefused, match="refused the login"):
        wrong.read("ward_stay", BOUNDS)


def test_a_login_that_may_not_read_a_table_is_told_so(remote: Place) -> None:
    fill(remote)
    with pytest.raises(SourceUnavailable, match="may not read"):
        remote.connector(ALL, url=remote.url_of(f"reader:{PASSWORD}")).read("ward_stay", BOUNDS)


def test_a_stopped_server_is_unavailable_and_heals(remote: Place) -> None:
    assert remote.server
    fill(remote)
    connector = remote.connector(f"{ALL} ORDER BY ref")
    assert keys(connector) == ["S1", "S2"]
    remote.server.stop()
    try:
        with pytest.raises(SourceUnavailable, match="the source failed"):
            connector.read("ward_stay", BOUNDS)
        with pytest.raises(SourceUnavailable, match="knock: the source failed"):
            connector.knock(BOUNDS)
    finally:
        remote.server.start()
    assert connector.knock(BOUNDS) is None
    assert keys(connector) == ["S1", "S2"]


def test_an_idle_connection_that_was_killed_heals_unnoticed(remote: Place) -> None:
    fill(remote)
    connector = remote.connector(f"{ALL} ORDER BY ref")
    keys(connector)
    if remote.is_mariadb:
        ours = "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
        for number in remote.run(ours).split():
            remote.run(f"KILL {number}")
    else:
        remote.run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database()"
        )
    assert keys(connector) == ["S1", "S2"]


def test_a_session_is_read_only_though_the_login_may_write(remote: Place) -> None:
    remote.run("CREATE SEQUENCE counted")
    counted = "counted" if remote.is_mariadb else "'counted'"
    with pytest.raises(SourceUnavailable, match="25006"):
        remote.connector(stay_of(f"nextval({counted})", "(SELECT 1) AS one")).read("ward_stay", BOUNDS)


def test_check_knows_a_login_that_can_write(remote: Place) -> None:
    fill(remote)
    reader = remote.connector(ALL, url=remote.url_of(f"reader:{PASSWORD}"))
    assert remote.connector(ALL).can_write() is True
    assert reader.can_write() is False
    remote.run(f"GRANT SELECT ON stays TO {remote.account('reader')}")
    assert reader.can_write() is False
    remote.run(f"GRANT UPDATE (bed) ON stays TO {remote.account('reader')}")
    assert reader.can_write() is True
    left = remote.run("SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'surveillance%'")
    assert left == "0"
    assert keys(reader) == ["S1", "S2"]


SECRETS = ("Ann Example", PASSWORD, "127.0.0.1", "wrong-one", "2026-07-01 11")


@pytest.mark.parametrize(
    ("select", "of_mariadb"),
    [
        ("CAST('Ann Example' AS INTEGER)", "extractvalue(1, '~Ann Example')"),
        (
            "CAST(('Ann Example' || CAST(:as_at AS VARCHAR(40))) AS INTEGER)",
            "extractvalue(1, '~Ann Example' || :as_at)",
        ),
        ("no_such_function('Ann Example', :as_at)", "no_such_function('Ann Example', :as_at)"),
    ],
)
@pytest.mark.parametrize("login", [f"reader:{PASSWORD}", "reader:wrong-one"])
def test_an_error_tells_no_row_no_parameter_and_no_address(
    remote: Place, select: str, of_mariadb: str, login: str
) -> None:
    connector = remote.connector(
        stay_of(of_mariadb if remote.is_mariadb else select, "(SELECT 1) AS one"), url=remote.url_of(login)
    )
    with pytest.raises(SourceError) as caught:
        connector.read("ward_stay", BOUNDS)
    told = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in (*SECRETS, str(remote.server and remote.server.port)) if secret in told]
