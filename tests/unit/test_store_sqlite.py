"""The embedded store: where it lies, who may read it, and what a full or locked disk does."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event

from surveillance.errors import ConfigurationError, StoreError
from surveillance.settings import StoreSettings
from surveillance.store import Store, open_store, store_url
from surveillance.store.tables import metadata
from surveillance.worklist import Patient, Worklist
from tests.stores import T0, after, said, save, snapshot


def test_the_settings_say_where_the_store_is(tmp_path: Path) -> None:
    assert store_url(StoreSettings(path=tmp_path / "ward%20 ä.sqlite")).startswith("sqlite:///")
    with open_store(store_url(StoreSettings(path=tmp_path / "new" / "ward%20 ä?.sqlite"))) as store:
        assert store.revision() == 0
    assert (tmp_path / "new" / "ward%20 ä?.sqlite").is_file()
    given = {"WARD_STORE": "postgresql://h/ward"}
    assert store_url(StoreSettings(url_env="WARD_STORE"), given) == "postgresql://h/ward"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (StoreSettings(), r"store\.path"),
        (StoreSettings(url_env="WARD_STORE"), "WARD_STORE is not set"),
        (StoreSettings(url_env="WARD_STORE", path=Path("x")), "not both"),
    ],
)
def test_settings_without_a_store_name_the_key(settings: StoreSettings, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        store_url(settings, {})


@pytest.mark.parametrize("url", ["no url", "mssql+pyodbc://u:secret@h/d", "sqlite://", "sqlite:///:memory:"])
def test_what_cannot_be_a_store_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="store") as refusal:
        open_store(url)
    assert "secret" not in str(refusal.value)


def test_the_migrations_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store, store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/new/s.sqlite") as store:
        save(store, snapshot(T0, {}), {("A1", "falls"): [{"key": "S1"}]})
        files = list((tmp_path / "new").iterdir())
        assert len(files) == 3  # with the write-ahead log and its index
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_overwritten_patients_are_gone_from_the_file(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        rows = [{"key": "S-LEFT-YESTERDAY", "note": "x" * 5000}] * 20
        save(store, snapshot(T0, {}), {("A1", "falls"): rows})
        save(store, snapshot(after(1), {}), {("A1", "falls"): [{"key": "S-STILL-HERE"}]})
    kept = (tmp_path / "s.sqlite").read_bytes()
    assert b"S-STILL-HERE" in kept
    assert b"S-LEFT-YESTERDAY" not in kept


def test_every_list_is_read_back_with_its_moments(tmp_path: Path) -> None:
    rows = {
        ("A1", "falls"): [{"key": "S1", "due": T0, "done": None}, {"key": "S2", "due": None, "done": True}],
        ("B2", "falls"): [{"key": "S3", "due": after(5), "done": False}],
        ("A1", "vte"): [],
    }
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        assert store.worklists() == {}
        save(store, snapshot(T0, {}), rows)
        assert store.worklists() == {cell: found for cell, found in rows.items() if found}
        assert store.worklists()["A1", "falls"] == store.worklist("A1", "falls")


def test_who_somebody_is_never_reaches_the_file(tmp_path: Path) -> None:
    someone = Patient("P1", "S1", "A1", "B1", T0, 5, T0, "ZQASHWORTH", "ZQIrene", "ZQ 104", "ZQ9990001238")
    rows = {("A1", "falls"): [{"key": "S1", "patient_key": "P1"}]}
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        store.save(snapshot(T0, {}), Worklist(T0, rows, {"P1": someone}, {"S1": "P1"}))
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"P1" in kept
    assert b"ZQ" not in kept


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").write_text("not a database, but long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match=r"s\.sqlite: file is not a database"):
        open_store(f"sqlite:///{tmp_path}/s.sqlite")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/s\.sqlite: "):
        open_store(f"sqlite:///{tmp_path}/file/s.sqlite")


def test_a_locked_store_says_so_and_goes_on_afterwards(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None)
    with open_store(f"sqlite:///{tmp_path}/s.sqlite?timeout=0.05") as store:
        save(store, snapshot(T0, {"A1": {"falls": 1}}))
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="locked"):
            save(store, snapshot(after(1), {"A1": {"falls": 2}}))
        assert said(store.at(T0)) == said(snapshot(T0, {"A1": {"falls": 1}}))
        other.execute("rollback")
        assert save(store, snapshot(after(1), {"A1": {"falls": 2}}))
    other.close()


def test_a_full_disk_loses_nothing_and_tells_nothing(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        save(store, snapshot(T0, {"A1": {"falls": 1}}), {("A1", "falls"): [{"key": "S1"}]})
        _limit(store, 40)
        rows = [{"key": f"S-SECRET-{n}", "note": "x" * 1000} for n in range(400)]
        with pytest.raises(StoreError, match="full") as full:
            save(store, snapshot(after(1), {"A1": {"falls": 2}}), {("A1", "falls"): rows})
        assert "SECRET" not in str(full.value)
        assert full.value.__suppress_context__
        newest = store.current()
        assert newest is not None
        assert newest.as_at == T0
        assert store.worklist("A1", "falls") == [{"key": "S1"}]
        _limit(store, 4000)
        assert save(store, snapshot(after(2), {"A1": {"falls": 2}}), {("A1", "falls"): rows})
        assert said(store.at(after(2))) == said(snapshot(after(2), {"A1": {"falls": 2}}))
        assert len(store.worklist("A1", "falls")) == 400


def _limit(store: Store, pages: int) -> None:
    """Room for no more than this many pages of 4 KiB."""
    store.database.engine.dispose()

    def limit(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"pragma max_page_count = {pages}")

    event.listen(store.database.engine, "connect", limit)


def test_another_opening_in_the_program_does_not_let_a_visitor_take_the_log_away(tmp_path: Path) -> None:
    """POSIX forgets all locks of a process on a file as soon as it closes any descriptor of it."""
    path = tmp_path / "store.sqlite"
    counts = "print(c.execute('select count(*) from screen_order').fetchone()[0])"
    looks = f"import sqlite3; c = sqlite3.connect({str(path)!r}); {counts}; c.close()"
    with open_store(f"sqlite:///{path}") as store, open_store(f"sqlite:///{path}") as other:
        for number in range(4):
            (store, other)[number % 2].order_screen(f"screen{number}", "reload")
            seen = subprocess.run([sys.executable, "-c", looks], check=True, stdout=subprocess.PIPE, text=True)
            assert seen.stdout == f"{number + 1}\n", "what was acknowledged is in the database"
