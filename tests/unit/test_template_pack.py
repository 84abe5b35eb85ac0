"""The template pack is whole, runs, and can be copied to make one's own; what a pack cannot tell it does not give."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import Bounds
from connectors.packs import MANIFEST, load_pack, pack_names
from connectors.sql import SqlConnector
from surveillance.cli import main
from surveillance.feeds import FEEDS

BOUNDS = Bounds(*(datetime(2026, 11, day, 12, tzinfo=UTC) for day in (24, 20, 1)))
PACK = load_pack("template")


def text_of(feed: str) -> str:
    path = PACK.feeds[feed].sql
    assert path is not None
    return path.read_text("utf-8")


def tables(texts: list[str]) -> str:
    """A table for each that the queries name, with the columns that they take of it."""
    found: dict[str, set[str]] = {}
    for text in texts:
        bare = re.sub(r"--[^\n]*", "", text)
        for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) (\w+)", bare):
            found.setdefault(table, set()).update(re.findall(rf"\b{alias}\.(\w+)", bare))
    return "".join(f"CREATE TABLE {table} ({', '.join(sorted(columns))});" for table, columns in found.items())


def test_the_template_has_every_feed_and_each_query_every_column_of_its_table(tmp_path: Path) -> None:
    assert set(PACK.feeds) == set(FEEDS)
    assert PACK.heartbeat is not None
    with sqlite3.connect(tmp_path / "own.sqlite") as database:
        database.executescript(tables([*map(text_of, FEEDS), PACK.heartbeat.read_text("utf-8")]))
    database.close()
    connector = SqlConnector("own", f"sqlite:///{tmp_path / 'own.sqlite'}", PACK, 10)
    for name, feed in FEEDS.items():
        assert set(connector.read(name, BOUNDS).frame.columns) == set(feed.names), name
    assert connector.data_as_at(BOUNDS) is None
    connector.close()


@pytest.mark.parametrize("name", FEEDS)
def test_the_template_says_of_each_column_that_must_be_given_that_it_must(name: str) -> None:
    lines, said = text_of(name).splitlines(), {}
    comment = ""
    for line in lines[lines.index("SELECT") + 1 :]:
        if line.strip().startswith("--"):
            comment += line
        elif found := re.search(r' AS "?(\w+)"?,?$', line):
            said[found[1]] = ("must be given" in comment, "never empty" in comment)
            comment = ""
    assert said == {column.name: (column.required, not column.nullable) for column in FEEDS[name].columns}


def test_every_code_of_the_canonical_tables_has_a_word_in_the_template() -> None:
    in_query = {("micro_result", "status"), ("duty", "state"), ("care_event", "type")}
    for name, feed in FEEDS.items():
        for column in feed.columns:
            if column.codes and (name, column.name) not in in_query:
                missing = set(column.codes) - set(PACK.feeds[name].mapping.get(column.name, {}).values()) - {"blank"}
                assert not missing, (name, column.name)


@pytest.mark.parametrize("name", pack_names())
def test_what_a_pack_cannot_tell_it_does_not_give(name: str) -> None:
    pack = load_pack(name)
    assert set(pack.cannot_tell) <= set(FEEDS) - set(pack.feeds)


def test_a_copy_is_a_pack_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "copy", "template", str(tmp_path / "epr")]) == 0
    assert 'pack = "./epr"' in capsys.readouterr().out
    copy = load_pack("./epr", tmp_path)
    assert copy.name == "epr"
    assert copy.title == PACK.title
    assert set(copy.feeds) == set(PACK.feeds)


@pytest.mark.parametrize(
    ("pack", "folder", "complaint"),
    [
        ("templat", "epr", "unknown pack 'templat'; did you mean 'template'?"),
        ("template", "there", "is there already"),
        ("template", "our epr", "letters, digits, '-' and '_'"),
    ],
)
def test_what_cannot_be_copied_is_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pack: str, folder: str, complaint: str
) -> None:
    (tmp_path / "there").mkdir()
    assert main(["packs", "copy", pack, str(tmp_path / folder)]) == 2
    assert complaint in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


def test_the_packs_are_listed_with_their_feeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "list"]) == 0
    said = capsys.readouterr().out
    for name in pack_names():
        assert name in said
    assert f"{len(FEEDS)} feeds: {', '.join(PACK.feeds)}" in said
    assert (Path(__file__).parents[2] / "connectors" / "packs" / "template" / MANIFEST).is_file()
