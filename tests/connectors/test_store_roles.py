"""The documented roles on a real PostgreSQL: walls reach no patient, desks change no record, and both do their work."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from surveillance.access.access import Access
from surveillance.access.audit import Entry, Event
from surveillance.access.people import Granted, Person, Role
from surveillance.archive import Archive
from surveillance.charts.book import ChartBook
from surveillance.errors import StoreError
from surveillance.polling.orders import OrderWatch
from surveillance.settings import Screen, StoreSettings
from surveillance.store import Store, open_database, open_store, walls_url
from surveillance.store.audit_checking import check
from surveillance.store.database import Database
from surveillance.store.screen_orders import Orders
from surveillance.store.tables import metadata
from surveillance.store.team import add, later_than
from tests import postgres
from tests.canonical import site_of, ward
from tests.stores import T0, after, save, snapshot
from tests.unit.test_charts_book import LAST, MEASURES, closes, points

SQL = Path(__file__).parents[2] / "docs" / "sql" / "store-roles.sql"
NUMBERS = itertools.count()
READ = frozenset({"SELECT"})
ADD = READ | {"INSERT"}
WRITE = ADD | {"UPDATE", "DELETE"}
EVERY_RIGHT = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
FIGURES = {"series", "reading", "snapshot", "current", "poll", "accepted", "thinning", "chart_point", "screen_order"}
RIGHTS = {
    "ward_walls": {**dict.fromkeys(FIGURES, READ), "alembic_version": READ},
    "ward_desk": {
        **dict.fromkeys(("session", "account", "device", "pairing"), WRITE),
        "team_entry": ADD,
        "alembic_version": READ,
        "worklist": READ,
        "audit": ADD,
    },
}
"""Role → table → what it may; what does not stand here it may not."""
REMEMBERED = "SETTING_OF_THE_WALLS"


@pytest.fixture
def name(server: postgres.Cluster) -> Iterator[str]:
    made = f"roles_{next(NUMBERS)}"
    server.create_database(made)
    yield made
    server.drop_database(made)


@pytest.fixture
def owner(server: postgres.Cluster, name: str) -> Iterator[Store]:
    """The store, with patients in it, as the program that polls has it."""
    with open_store(server.url(name)) as store:
        server.run(SQL.read_text("utf-8"), name)
        save(store, snapshot(T0, {"W1": {"falls": 1}}), {("W1", "falls"): [{"key": "S-PATIENT"}]})
        save(store, snapshot(after(1), {"W1": {"falls": 2}}), {("W1", "falls"): [{"key": "S-PATIENT"}]})
        yield store


@pytest.fixture
def walls(server: postgres.Cluster, name: str, owner: Store) -> str:
    return server.url(name, login="ward_walls")


@pytest.fixture
def desk(server: postgres.Cluster, name: str, owner: Store) -> Iterator[Database]:
    database = open_database(server.url(name, login="ward_desk"))
    yield database
    database.close()


def test_each_role_may_do_exactly_what_stands_here(server: postgres.Cluster, name: str, owner: Store) -> None:
    """Of every table that the migrations make: a new one cannot be forgotten."""
    tables = server.run("select tablename from pg_tables where schemaname = 'public'", name).split()
    assert set(tables) == {*metadata.tables, "alembic_version"}
    for role, expected in RIGHTS.items():
        for table in tables:
            asked = ", ".join(f"has_table_privilege('{role}', 'public.{table}', '{right}')" for right in EVERY_RIGHT)
            found = server.run(f"select {asked}", name).split("|")
            held = {right for right, one in zip(EVERY_RIGHT, found, strict=True) if one == "t"}
            assert held == expected.get(table, frozenset()), (role, table)


@pytest.mark.parametrize("role", sorted(RIGHTS))
def test_no_role_has_more_than_its_grants(server: postgres.Cluster, name: str, owner: Store, role: str) -> None:
    flags = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    assert server.run(f"select {flags} from pg_roles where rolname = '{role}'") == "f|f|f|f|f"
    assert server.run(f"select has_schema_privilege('{role}', 'public', 'CREATE')", name) == "f"
    assert server.run(f"select count(*) from pg_auth_members where member = '{role}'::regrole") == "0"


@pytest.mark.parametrize("table", sorted(set(metadata.tables) - FIGURES))
def test_the_walls_role_cannot_read_what_walls_do_not_show(walls: str, table: str) -> None:
    database = open_database(walls)
    with pytest.raises(StoreError, match=f"permission denied for table {table}"), database.reading() as connection:
        connection.execute(text(f'select * from "{table}"'))
    database.close()


def test_the_walls_role_writes_nothing(walls: str) -> None:
    with open_store(walls) as store:
        with pytest.raises(StoreError, match="permission denied"):
            save(store, snapshot(after(2), {"W1": {"falls": 3}}))
        with pytest.raises(StoreError, match="permission denied"):
            store.order_screen("all", "reload")
        with pytest.raises(StoreError, match="permission denied for table worklist"):
            store.worklist("W1", "falls")


def test_walls_look_back_and_draw_charts_as_their_own_role(
    owner: Store, walls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REMEMBERED, walls)
    where = StoreSettings(url_env="NOT_SET_HERE", walls_url_env=REMEMBERED)
    archive = Archive()
    look = archive.look(where, after(1))
    assert look.snapshot is not None
    assert look.snapshot.readings["W1"]["falls"].parts[0].value == 2
    assert [value for _, _, value in archive.counts(where, "W1", "falls", T0, after(1))] == [1]
    archive.close()

    owner.keep_points(points("W1", 80))
    settings = site_of(wards=[ward("W1")]).settings
    book = ChartBook(lambda: open_store(walls_url(where), where), settings, lambda: closes(LAST), MEASURES)
    chart = book.chart("vte", "ward", "W1")
    assert chart is not None
    assert chart.series[-1].value == 80
    then = book.then("vte", "ward", "W1", closes(LAST) - timedelta(weeks=1))
    assert then is not None
    assert not then.unreadable
    owner.keep_points(points("W1", 70))
    again = book.chart("vte", "ward", "W1")
    assert again is not None
    assert again.series[-1].value == 70
    assert set(book.concerns()) <= {"W1"}
    assert book.error == ""
    book.close()


def test_orders_to_screens_reach_walls_as_their_own_role(owner: Store, walls: str) -> None:
    number = owner.order_screen("all", "reload")
    told, came = list[Orders](), threading.Event()

    def take(orders: Orders) -> None:
        told.append(orders)
        came.set()

    watch = OrderWatch(lambda: open_store(walls), take)
    assert came.wait(10)
    watch.close()
    assert told == [{("all", "reload"): number}]


def test_people_sign_in_screens_are_paired_and_teams_write_as_the_desks_role(desk: Database) -> None:
    settings = site_of(wards=[ward("W1")]).settings
    settings = settings.model_copy(update={"screens": (Screen(name="w1", ward="W1"),)})
    access = Access()
    opened = access.open(settings, desk)
    opened.accounts.put("zoe", "Zoë", "correct horse battery", [Granted(Role.WARD_STAFF, ("W1",))])
    person = opened.accounts.check("zoe", "correct horse battery")
    assert person == Person("zoe", "Zoë", "local", (Granted(Role.WARD_STAFF, ("W1",)),))
    token, session = opened.sessions.begin(person, "10.0.0.1")
    session = opened.sessions.give_reason(session, "W2", "outlier")
    assert opened.sessions.active(session).key == session.key
    opened.trail.record(Entry(Event.VIEW, session, "10.0.0.1", "W1", "falls", 1, 1, ("P1",)))
    assert opened.sessions.find(token) is not None
    assert opened.sessions.end_all(person.subject) == 1
    assert opened.sessions.find(token) is None
    code, secret = opened.devices.ask("w1", "10.0.0.2")
    device = opened.devices.accept(code, "the administrator")
    assert device is not None
    assert opened.devices.find(opened.devices.claim(secret) or "") == device
    assert opened.devices.revoke(device.number, "the administrator")
    assert opened.accounts.remove("zoe")
    access.close()
    with desk.writing() as connection:
        add(connection, "W1", "rating", "open", (datetime.now(UTC), T0), ("zoe", "Ward staff"), {"rating": 4})
    with desk.reading() as connection:
        assert [row.ward for row in later_than(connection, 0)] == ["W1"]
        assert check(connection).faults == ()
        assert connection.execute(text("select rows from worklist")).scalar_one().count("S-PATIENT") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set who = 'x'",
        "delete from audit",
        "truncate audit",
        "alter table audit disable trigger user",
        "drop trigger audit_unchanged on audit",
        "drop table audit",
        "lock table audit in exclusive mode",
        "set session_replication_role = replica",
        "create or replace function audit_is_only_added_to() returns trigger language plpgsql as 'begin end'",
        "update worklist set rows = ''",
        "delete from worklist",
        "select * from reading",
    ],
)
def test_the_desks_role_cannot_change_the_record(desk: Database, statement: str) -> None:
    with pytest.raises(StoreError, match=r"permission denied|must be owner"), desk.writing() as connection:
        connection.execute(text(statement))


def test_the_desks_role_cannot_lead_the_triggers_to_another_table(desk: Database) -> None:
    """Its session may have a table of the same name that is found first."""
    values = "1, 0, 'view', '', '', '', '', '', '', '', null, null, '[]', '', '', 'x', 'y'"
    own = "create temp table audit (like public.audit)"
    with pytest.raises(StoreError, match="only added to"), desk.writing() as connection:
        connection.execute(text(f"{own}; insert into public.audit values ({values})"))


def test_the_rights_may_be_given_again(server: postgres.Cluster, name: str, owner: Store) -> None:
    server.run("grant select on worklist to ward_walls; grant update on audit to ward_desk", name)
    server.run(SQL.read_text("utf-8"), name)
    test_each_role_may_do_exactly_what_stands_here(server, name, owner)


@pytest.mark.parametrize("version", ["0001", "0004"])
def test_a_role_that_may_not_upgrade_says_who_may(
    server: postgres.Cluster, name: str, walls: str, version: str
) -> None:
    server.run(f"update alembic_version set version_num = '{version}'", name)
    with pytest.raises(StoreError, match="may not bring the tables to this program's version: let the owner"):
        open_store(walls)


def test_a_role_without_any_rights_says_what_to_do(server: postgres.Cluster, name: str, walls: str) -> None:
    server.run("revoke all on alembic_version from ward_walls", name)
    with pytest.raises(StoreError, match=r"may not read which version the tables have: .*store-roles\.sql"):
        open_store(walls)


def test_a_role_finds_an_empty_database_and_makes_nothing(server: postgres.Cluster, name: str) -> None:
    server.run(
        "do $$ begin create role ward_walls login; exception when duplicate_object then null; end $$;"
        "revoke create on schema public from public",
        name,
    )
    with pytest.raises(StoreError, match="may not bring the tables to this program's version"):
        open_store(server.url(name, login="ward_walls"))
    assert server.run("select count(*) from pg_tables where schemaname = 'public'", name) == "0"
