"""``surveillance audit``: what it prints and writes, that it names what is broken, and that it records itself."""

from __future__ import annotations

import csv
import getpass
import json
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from surveillance.cli import main
from surveillance.store import open_database
from surveillance.store.audit_log import FIRST, Record, append, digest
from surveillance.store.audit_reading import keys_of, lines
from surveillance.store.database import Database
from tests.security.test_audit import kept, tamper
from tests.small_hospital import small_hospital

SUMMER = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return small_hospital(tmp_path)


@pytest.fixture
def database(config: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{config.parent}/store.sqlite")
    yield opened
    opened.close()


def write(database: Database, *records: Record) -> None:
    for number, record in enumerate(records):
        with database.writing() as connection:
            append(connection, SUMMER + timedelta(hours=number), record)


def view(who: str = "zoe", ward: str = "A1", measure: str = "falls", keys: tuple[str, ...] = ("P1",)) -> Record:
    return Record("view", who, "Ward staff", "local", "abc", "10.0.0.1", ward, measure, 2, len(keys), keys)


def audit(config: Path, *words: str) -> int:
    return main(["audit", words[0], "--config", str(config), *words[1:]])


def printed(config: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert audit(config, *words) == 0
    return capsys.readouterr().out


# Checking


def test_a_whole_record_gives_its_anchor(config: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    write(database, view(), view())
    told = printed(config, capsys, "verify")
    last = kept(database)[-1]["hash"]
    assert "2 entries, 2026-07-01 12:30:00 BST to 2026-07-01 13:30:00 BST\n" in told
    assert f"last: 2:{last}\n" in told
    assert "whole" in told
    write(database, view())
    assert "whole" in printed(config, capsys, "verify", "--anchor", f"2:{last}")
    assert len(kept(database)) == 3  # to check shows nobody's name, and is not recorded


def test_an_empty_record_has_an_anchor_too(
    config: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"0 entries\nlast: 0:{FIRST}\n" in printed(config, capsys, "verify")


def test_a_broken_record_is_said_to_be_broken_and_where(
    config: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, *(view() for _ in range(9)))
    anchor = f"9:{kept(database)[-1]['hash']}"
    tamper(database, "update audit set who = 'x' where number = 3", "delete from audit where number = 9")
    assert audit(config, "verify", "--anchor", anchor) == 1
    told = capsys.readouterr().out
    assert "BROKEN: row 3 was changed\nBROKEN: row 9 is missing up to the anchor\nUNGUARDED" in told
    assert "whole" not in told


def test_what_no_longer_refuses_changes_is_a_finding(
    config: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(database)
    assert audit(config, "verify") == 1
    assert capsys.readouterr().out.count("UNGUARDED") == 3


def test_a_store_that_is_not_there_is_not_made_and_not_whole(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(config, "verify") == 2
    assert "there is no store" in capsys.readouterr().err
    assert not (config.parent / "store.sqlite").exists()


@pytest.mark.parametrize("anchor", ["", "7", f"x:{FIRST}", "7:abc", f"7:{'G' * 64}", f"-1:{FIRST}"])
def test_an_anchor_that_is_none_is_refused(config: Path, anchor: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        audit(config, "verify", f"--anchor={anchor}")
    assert refusal.value.code == 2
    assert "is no anchor" in capsys.readouterr().err


# Searching


def test_a_search_prints_times_as_london_has_them_and_the_newest_first(
    config: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, view(), view(keys=("P1", "P2")))
    told = printed(config, capsys, "search", "--event", "view")
    rows = [" ".join(line.split()) for line in told.splitlines() if line.strip().startswith(("1 ", "2 "))]
    assert rows == [
        "2 2026-07-01 13:30:00 BST view zoe Ward staff 10.0.0.1 A1 falls v2 2 2",
        "1 2026-07-01 12:30:00 BST view zoe Ward staff 10.0.0.1 A1 falls v2 1 1",
        "2 entries match",
    ]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ([], "654321"),
        (["--who", "ZO"], "621"),
        (["--who", "%"], "5"),
        (["--ward", "B2"], "2"),
        (["--patient", "P1"], "421"),
        (["--patient", "p1"], "3"),
        (["--patient", 'q"\\é'], "5"),
        (["--patient", "P"], ""),
        (["--event", "sign-in"], "6"),
        (["--measure", "aki"], "4"),
        (["--since", "2026-07-01T13:30:00Z"], "6543"),
        (["--until", "2026-07-01T13:30:00Z"], "21"),
        (["--since", "2026-07-01T13:30:00+01:00", "--until", "2026-07-01T15:30:00+01:00"], "32"),
        (["--patient", "P1", "--who", "zoe", "--ward", "A1"], "1"),
        (["--limit", "2"], "65"),
        (["--patient", "P1", "--limit", "1"], "4"),
    ],
)
def test_a_search_finds_what_was_asked_for(
    config: Path, database: Database, words: list[str], numbers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        database,
        view(),
        view(ward="B2"),
        view("amy", keys=("p1", "P11")),
        view("amy", measure="aki", keys=("P2", "P1")),
        view("100%", keys=('q"\\é',)),
        Record("sign-in", "zoe"),
    )
    told = printed(config, capsys, "search", "--until", "2026-08-01", *words)
    assert "".join(re.findall(r"^ *(\d) +2026", told, re.MULTILINE)) == numbers
    assert ("there are more" in told) == ("--limit" in words)


def test_a_search_is_recorded_before_anything_is_shown(
    config: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, view())
    told = printed(config, capsys, "search", "--patient", "P1", "--since", "2026-01-01")
    entry = kept(database)[-1]
    assert (entry["event"], entry["number"]) == ("export", 2)
    assert entry["who"] == f"command line {getpass.getuser()}"
    assert entry["detail"] == "audit search: since=2026-01-01 00:00:00+00:00"
    assert keys_of(entry["keys"]) == ["P1"]  # whoever looks for a patient is found by the next who does
    assert "audit search" in told


@pytest.mark.parametrize("words", [["search"], ["export", "FILE"]])
def test_nothing_is_shown_when_the_search_cannot_be_recorded(
    config: Path, database: Database, words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write(database, view())
    tamper(database, "create trigger full before insert on audit begin select raise(abort, 'full'); end")
    words = [str(tmp_path / "out") if word == "FILE" else word for word in words]
    assert audit(config, *words) == 2
    said = capsys.readouterr()
    assert (said.out, "full" in said.err) == ("", True)
    assert not list(tmp_path.glob("*out*"))


def test_names_cannot_steer_the_terminal(config: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    write(database, Record("sign-in refused", "\x1b[2J\r\n\N{RIGHT-TO-LEFT OVERRIDE}admin", detail="x" * 300))
    told = printed(config, capsys, "search")
    assert all(letter.isprintable() or letter == "\n" for letter in told)
    assert "[2J" in told
    assert "admin" in told
    assert "x" * 60 not in told


# Writing out


def test_an_export_holds_everything_and_can_be_checked_by_itself(
    config: Path, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, view(keys=("P1", "é\N{BED}")), Record("view", "a\nb\u2028c"), view())
    path = tmp_path / "record.jsonl"
    told = printed(config, capsys, "export", str(path))
    assert "4 entries" in told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
    assert rows[0]["at"] == "2026-07-01T11:30:00.000000+00:00"
    assert rows[0]["keys"] == ["P1", "é\N{BED}"]
    assert rows[-1]["detail"] == "audit export as jsonl"
    before = FIRST
    for row in rows:
        at = (datetime.fromisoformat(row["at"]) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        keys = json.dumps(row["keys"], ensure_ascii=False, separators=(",", ":"))
        assert row["before"] == before
        assert digest({**row, "at": at, "keys": keys}) == row["hash"]
        before = row["hash"]


def test_an_export_of_a_time_holds_no_other(
    config: Path, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, *(view() for _ in range(5)))
    path = tmp_path / "record.csv"
    times = ["--since", "2026-07-01T12:30Z", "--until", "2026-07-01T14:30Z"]
    printed(config, capsys, "export", "--format", "csv", *times, str(path))
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["number"] for row in csv.DictReader(file)] == ["2", "3"]


def test_nothing_in_a_table_is_a_formula(
    config: Path, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", 'a","=1', "plain\n=1"]
    write(database, *(Record("sign-in refused", name, detail=name) for name in names))
    path = tmp_path / "record.csv"
    printed(config, capsys, "export", "--format", "csv", str(path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[: len(names)]
    assert [row["who"] for row in rows] == [f"'{name}" for name in names[:8]] + names[8:]
    assert [row["detail"] for row in rows] == [row["who"] for row in rows]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_export_of_nothing_is_a_file(
    config: Path, database: Database, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record"
    assert "0 entries" in printed(config, capsys, "export", "--format", kind, "--until", "2020-01-01", str(path))
    assert path.read_text("utf-8").count("\n") == (kind == "csv")


def test_a_file_that_is_there_is_not_replaced(
    config: Path, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record"
    path.write_text("mine")
    assert audit(config, "export", str(path)) == 2
    assert audit(config, "export", str(tmp_path / "nowhere" / "record")) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert kept(database) == []


def test_a_long_record_is_not_held_in_memory(database: Database) -> None:
    """The first row is there before the second is read: rows are fetched few at a time."""
    with database.writing() as connection:
        for _ in range(600):
            append(connection, SUMMER, Record("view", "x" * 200))
    with database.reading() as connection:
        reading = lines(connection)
        assert next(reading)["number"] == 1
        cursor = reading.gi_frame.f_locals["found"].cursor  # type: ignore[attr-defined]
        assert cursor.fetchone()[0] <= 600
        reading.close()  # type: ignore[attr-defined]
