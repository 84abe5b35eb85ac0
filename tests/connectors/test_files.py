"""Real files in a real folder: only whole ones are read, the newest stands, and a broken one is no older one."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from openpyxl import Workbook

from connectors.base import Bounds, RawRows
from connectors.files import FilesConnector
from connectors.files.folder import Entry, content_of
from connectors.registry import open_source
from surveillance.commands import check
from surveillance.compose import compose
from surveillance.demo.hospital import create
from surveillance.errors import SourceError, SourceUnavailable
from surveillance.feeds import FEEDS, Kind
from surveillance.feeds.data import FeedState
from surveillance.feeds.gate import accept
from surveillance.measures import EVERYTHING
from surveillance.opening import open_site
from surveillance.polling.collect import collect
from surveillance.polling.reader import EVENTS_BACK
from surveillance.settings import FeedSource, Files, Pack, Source, Times, parse
from surveillance.snapshot import Reading
from tests.programs import until
from tests.small_hospital import AS_AT, small_hospital

LONDON = ZoneInfo("Europe/London")
LOCAL = Times(storage="text", zone="Europe/London", format="%d/%m/%Y %H:%M")
HEADER = "Duty,Unit,Start,End,Grade,Status\n"
FEED: dict[str, Any] = {
    "pattern": "roster_{time}.csv",
    "time": "%Y%m%d%H%M",
    "columns": {
        "duty_key": "Duty",
        "ward_code": "Unit",
        "start_ts": "Start",
        "end_ts": "End",
        "staff_group": "Grade",
        "state": "Status",
    },
}
OLDER, NEWER = "roster_202611230900.csv", "roster_202611231100.csv"
NINE, ELEVEN = AS_AT - timedelta(hours=3), AS_AT - timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def bounds(as_at: datetime = AS_AT) -> Bounds:
    return Bounds(as_at, as_at - timedelta(days=33), as_at - EVENTS_BACK)


def roster(mark: str, rows: int = 2) -> str:
    """A roster in which every duty's key begins with ``mark``."""
    lines = (f"{mark}{number},W1,23/11/2026 07:30,23/11/2026 20:00,RN,filled\n" for number in range(rows))
    return HEADER + "".join(lines)


def keys(raw: RawRows) -> list[str]:
    return [str(key) for key in raw.frame["duty_key"]]


@dataclass
class Drops:
    """A folder of drops, and what reads it."""

    folder: Path

    def connector(
        self, most_rows: int | None = None, feed: dict[str, Any] | None = None, **files: Any
    ) -> FilesConnector:
        feeds = {"duty": FEED | (feed or {})}
        made = Files.model_validate({"folder": self.folder, "stable_s": 0.05, "feeds": feeds} | files)
        given = dict.fromkeys(made.feeds, FeedSource())
        return FilesConnector("roster", made, Pack(name="roster", title="-", times=LOCAL, feeds=given), most_rows)

    def drop(self, name: str, content: str | bytes, written: datetime | None = None) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if written:
            os.utime(path, (written.timestamp(), written.timestamp()))
        return path

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def drops(tmp_path: Path) -> Drops:
    folder = tmp_path / "drops"
    folder.mkdir()
    return Drops(folder)


def read(connector: FilesConnector, as_at: datetime = AS_AT) -> RawRows:
    return connector.read("duty", bounds(as_at))


# The same figures as from the database


def exported(raw: RawRows, feed: str, columns: dict[str, str]) -> list[list[Any]]:
    """A feed of the rostering system as people export it: own headers, London's times."""

    def cell(name: str, value: Any) -> Any:
        if pd.isna(value):
            return None
        return datetime.fromisoformat(value) if FEEDS[feed][name].kind is Kind.TIME else value

    rows = zip(*(raw.frame[name].tolist() for name in columns), strict=True)
    return [[cell(name, value) for name, value in zip(columns, row, strict=True)] for row in rows]


def write_csv(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-16", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerows([["All wards"], [], header])
        out.writerows([f"{one:%d/%m/%Y %H:%M}" if isinstance(one, datetime) else one for one in row] for row in rows)
        out.writerow(["Total duties:", len(rows)])


def write_xlsx(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Roster")
    for row in [["All wards"], [], header, *rows, ["Total duties:", len(rows)]]:
        sheet.append(row)
    book.save(path)


EXPORTS = {
    feed: {column.name: column.name.replace("_", " ").title() for column in FEEDS[feed].columns}
    for feed in ("duty", "census_staffing")
}
ENDING: dict[str, Callable[[Path, list[str], list[list[Any]]], None]] = {"csv": write_csv, "xlsx": write_xlsx}
MOMENT = datetime(2026, 10, 26, 9, 30, tzinfo=UTC)
"""In the week behind it clocks were put back."""


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = create(tmp_path_factory.mktemp("hospital"), seed=7, start=MOMENT, days=9, wards=("GYNA", "CRIT"))
    made.close()
    return made.config


@pytest.mark.parametrize("ending", ENDING)
def test_figures_from_exported_files_are_those_from_the_database(hospital: Path, tmp_path: Path, ending: str) -> None:
    before = open_site(hospital)
    (rostering,) = [one for one in before.readers if one.name == "rostering"]
    lines = [f'[sources.rostering.files]\nfolder = "{tmp_path}"\nstable_s = 0.01']
    for feed in rostering.feeds:
        raw = rostering.connector.read(feed, rostering.bounds(FEEDS[feed], MOMENT))
        columns = {name: EXPORTS[feed][name] for name in raw.frame}
        name = f"{feed}_{MOMENT.astimezone(LONDON):%Y-%m-%d %H%M}.{ending}"
        ENDING[ending](tmp_path / name, list(columns.values()), exported(raw, feed, columns))
        lines += [f'[sources.rostering.files.feeds.{feed}]\npattern = "{feed}_{{time}}.{ending}"']
        lines += ['time = "%Y-%m-%d %H%M"', 'trailer = "Total duties: {rows}"']
        lines += [f'columns.{ours} = "{theirs}"' for ours, theirs in columns.items()]
        lines += [f"[sources.rostering.feeds.{feed}]"]
        lines += [
            f'mapping.{column}."{theirs}" = "{ours}"'
            for column, words in rostering.connector.pack.feeds[feed].mapping.items()
            for theirs, ours in words.items()
        ]
    source = 'times = { storage = "text", zone = "Europe/London", format = "%d/%m/%Y %H:%M" }'
    old = 'url_file = "rostering.url"\npack = "demo_rostering"'
    config = hospital.with_name(f"{ending}.toml")
    config.write_text(f"{hospital.read_text('utf-8').replace(old, source)}\n" + "\n".join(lines), "utf-8")

    def staffing(path: Path) -> dict[tuple[str, str], Reading]:
        opened = open_site(path)
        snapshot, _ = compose(opened.site, collect(opened.readers, MOMENT), MOMENT)
        ids = {one.id for one in EVERYTHING.values() if set(rostering.feeds) & set(one.feeds)}
        return {
            (ward, measure): replace(reading, as_at=None)
            for readings in (snapshot.readings, snapshot.forecasts)
            for ward, found in readings.items()
            for measure, reading in found.items()
            if measure in ids
        }

    expected = staffing(hospital)
    assert sum(reading.value is not None for reading in expected.values()) > 10
    assert staffing(config) == expected


# Whole files only

WRITER = """
    import os, sys, time
    path, text, done = sys.argv[1], sys.argv[2], sys.argv[3]
    with open(path, "wb", buffering=0) as file:
        pieces = text.encode()
        for start in range(0, len(pieces), 997):
            file.write(pieces[start : start + 997])
            if done == "half" and start > len(pieces) // 2:
                print("half", flush=True)
                time.sleep(600)
            time.sleep(0.002)
    if done == "done":
        open(path + ".done", "w").close()
"""


@contextmanager
def writer(path: Path, text: str, done: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes the file slowly. ``done``: whether it says so at the end, or stops at ``half``."""
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path), text, done]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("complete", ["stable", "done"])
def test_a_file_that_is_being_written_is_never_read(drops: Drops, complete: str) -> None:
    connector = drops.connector(complete=complete, stable_s=0.3)
    drops.drop(OLDER, roster("a", 700))
    drops.drop(f"{OLDER}.done", "")
    assert len(keys(read(connector))) == 700
    seen, refused = set(), list[str]()

    def reads_the_new_one() -> bool:
        try:
            answer = keys(read(connector))
        except SourceUnavailable as error:
            refused.append(str(error))
            return False
        seen.update(key[0] for key in answer)
        assert len(answer) == (900 if answer[0].startswith("b") else 700)
        return "b" in seen

    with writer(drops.folder / NEWER, roster("b", 900), complete) as process:
        until(reads_the_new_one, every=0)
        assert process.wait(10) == 0
    assert seen == {"a", "b"}
    # A writer that this computer does not let run for so long leaves what seems whole, but for its last line.
    assert all(complete == "stable" and "cut off" in words for words in refused)


@pytest.mark.parametrize("complete", ["stable", "done"])
def test_what_a_killed_writer_left_is_no_roster(drops: Drops, complete: str) -> None:
    connector = drops.connector(complete=complete)
    drops.drop(OLDER, roster("a"))
    drops.drop(f"{OLDER}.done", "")
    read(connector)
    with writer(drops.folder / NEWER, roster("b", 900), "half") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    if complete == "done":
        answer = read(connector)
        assert answer.as_at == NINE, "what is not said to be whole leaves the older one in force, with its age"
        assert answer.notes == {"file: newer ones that are not whole yet": 1}
        return
    read(connector)
    with pytest.raises(SourceUnavailable, match=rf"{NEWER}: its last line has no end, as of a file that was cut off"):
        until(lambda: keys(read(connector)) == [])


def test_a_file_that_is_written_anew_stands_until_it_is_whole_again(drops: Drops) -> None:
    connector = drops.connector(complete="done", feed={"pattern": "roster.csv", "time": None})
    drops.drop("roster.csv", roster("a"), NINE)
    marker = drops.drop("roster.done", "", NINE)
    assert keys(read(connector)) == ["a0", "a1"]
    drops.drop("roster.csv", roster("b")[:-30], ELEVEN)
    assert keys(read(connector)) == ["a0", "a1"]
    assert read(connector).as_at == NINE
    with pytest.raises(
        SourceUnavailable, match=r"no whole file is called roster\.csv: roster\.csv is still being writ"
    ):
        read(drops.connector(complete="done", feed={"pattern": "roster.csv", "time": None}))
    drops.drop("roster.csv", roster("b"), ELEVEN)
    os.utime(marker, (ELEVEN.timestamp(), ELEVEN.timestamp()))
    assert (keys(read(connector)), read(connector).as_at) == (["b0", "b1"], ELEVEN)
    drops.drop("roster.csv", roster("c"), AS_AT)
    (drops.folder / "roster.csv").unlink()
    with pytest.raises(SourceUnavailable, match="none is there"):
        read(connector)


# The newest stands


def test_the_newest_stands_and_an_older_one_that_comes_later_changes_nothing(drops: Drops) -> None:
    connector = drops.connector(complete="done")
    drops.drop(NEWER, roster("b"), NINE)
    drops.drop(f"{NEWER}.done", "")
    assert (keys(read(connector)), read(connector).as_at) == (["b0", "b1"], ELEVEN)
    drops.drop(OLDER, roster("a"), AS_AT)
    drops.drop(f"{OLDER}.done", "")
    assert keys(read(connector)) == keys(read(drops.connector(complete="done"))) == ["b0", "b1"]
    assert connector.data_as_at(bounds()) == ELEVEN
    later = drops.drop("ROSTER_202611231130.CSV", roster("c"))
    drops.drop("ROSTER_202611231130.done", "")
    assert keys(read(connector)) == ["c0", "c1"]
    later.unlink()
    assert (keys(read(connector)), read(connector).as_at) == (["b0", "b1"], ELEVEN), "one that was withdrawn"


def test_of_two_files_of_one_time_the_last_by_name_stands(drops: Drops) -> None:
    feed = {"pattern": "roster*.csv", "time": None}
    for mark in "bca":
        drops.drop(f"roster{mark}.csv", roster(mark), ELEVEN)
    assert keys(read(drops.connector(feed=feed))) == ["c0", "c1"]


def test_an_earlier_moment_gets_the_file_of_that_moment(drops: Drops) -> None:
    drops.drop(OLDER, roster("a"))
    drops.drop(NEWER, roster("b"))
    connector = drops.connector()
    assert keys(read(connector)) == ["b0", "b1"]
    before = read(connector, ELEVEN - 10 * MINUTE)
    assert (keys(before), before.as_at) == (["a0", "a1"], NINE)
    assert before.notes == {"file: times in the future, left out": 1}
    with pytest.raises(SourceUnavailable, match="none is there"):
        read(connector, NINE - 10 * MINUTE)


def test_a_clock_that_runs_ahead_makes_no_file_younger_than_when_it_was_first_seen(drops: Drops) -> None:
    connector = drops.connector(feed={"pattern": "roster.csv", "time": None})
    drops.drop("roster.csv", roster("a"), AS_AT + 3 * MINUTE)
    note = {"file: time ahead of the clock, taken as when it was first seen": 1}
    assert (read(connector).as_at, read(connector).notes) == (AS_AT, note)
    assert read(connector, AS_AT + 10 * MINUTE).as_at == AS_AT


def test_the_time_in_a_name_is_local(drops: Drops) -> None:
    drops.drop("roster_202607011000.csv", roster("a"))
    nine = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert read(drops.connector(), nine).as_at == nine
    drops.drop("roster_202607011000+0000.csv", roster("b"))
    with_offset = drops.connector(feed={"time": "%Y%m%d%H%M%z"})
    ten = nine + timedelta(hours=1)
    assert read(with_offset, ten).as_at == ten


def test_a_name_whose_time_cannot_be_read_is_left_out_and_counted(drops: Drops) -> None:
    drops.drop(OLDER, roster("a"))
    drops.drop("roster_final.csv", roster("b"))
    answer = read(drops.connector())
    assert keys(answer) == ["a0", "a1"]
    assert answer.notes == {"file: names whose time cannot be read, left out": 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (roster("b").replace("Status", "State"), r"the header \(line 1\) has no column 'Status'"),
        (roster("b").replace("W1", "M\xfcller").encode("cp1252"), "line 2 is not utf-8"),
        (b"PK\x03\x04 and no more", "a broken or unfinished workbook"),
        (bytes.fromhex("D0CF11E0A1B11AE1"), "an old Excel file, or one with a password"),
        (roster("b", 21), "feed duty: more rows than the 20 of its budget"),
    ],
    ids=["nothing", "another header", "another encoding", "no workbook", "an old workbook", "too many rows"],
)
def test_a_newest_file_that_is_broken_is_an_error_and_not_the_older_one(
    drops: Drops, content: str | bytes, words: str
) -> None:
    drops.drop(OLDER, roster("a"))
    drops.drop(NEWER, content)
    with pytest.raises(SourceError, match=words if "feed" in words else f"{NEWER}: {words}"):
        read(drops.connector(20))


def test_a_file_that_changes_between_the_look_and_the_reading_is_not_taken(drops: Drops) -> None:
    path = drops.drop(NEWER, roster("b"), NINE)
    entry = Entry(path, path.stat().st_size, path.stat().st_mtime_ns)
    assert content_of(entry, 1000) == roster("b").encode()
    drops.drop(NEWER, roster("c"), ELEVEN)
    assert content_of(entry, 1000) is None
    drops.drop(NEWER, roster("b", 3), NINE)
    assert content_of(entry, 1000) is None
    path.unlink()
    assert content_of(entry, 1000) is None


def test_a_file_that_is_too_large_is_not_even_opened(drops: Drops) -> None:
    with drops.drop(NEWER, roster("b")).open("r+b") as file:
        file.truncate(101 << 20)
    with pytest.raises(SourceUnavailable, match=f"{NEWER}: larger than the 100 MB that are read"):
        read(drops.connector())


def test_links_pipes_and_what_programs_keep_for_themselves_are_no_files(drops: Drops, tmp_path: Path) -> None:
    drops.drop(OLDER, roster("a"))
    (tmp_path / "elsewhere.csv").write_text(roster("b"))
    (drops.folder / NEWER).symlink_to(tmp_path / "elsewhere.csv")
    os.mkfifo(drops.folder / NEWER.replace("1100", "1130"))
    drops.drop("~$roster_202611231145.csv", "open in Excel")
    drops.drop(".roster_202611231145.csv", "half copied")
    answer = read(drops.connector(feed={"pattern": "*roster_{time}.csv"}))
    assert keys(answer) == ["a0", "a1"]
    assert answer.notes == {"file: links and the like, left out": 2}


def test_a_folder_that_is_away_is_a_source_that_is_away(drops: Drops) -> None:
    connector = drops.connector()
    drops.drop(OLDER, roster("a"))
    read(connector)
    away = drops.folder.rename(drops.folder.with_name("away"))
    for ask in (
        read,
        lambda one: one.data_as_at(bounds()),
        lambda one: one.knock(bounds()),
        lambda one: one.can_write(),
    ):
        with pytest.raises(SourceUnavailable, match=r"the folder .* cannot be read \(No such file or directory\)"):
            ask(connector)
    away.rename(drops.folder)
    assert keys(read(connector)) == ["a0", "a1"]


# The archive


def test_what_is_superseded_goes_into_the_archive_and_the_newest_stays(drops: Drops, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / OLDER).write_text("one of the same name")
    for name in (OLDER, NEWER):
        drops.drop(name, roster("a"))
        drops.drop(f"{name}.done", "")
    drops.drop("roster_202611231000.csv", "never finished")
    connector = drops.connector(complete="done", archive=archive)
    before = drops.names
    read(connector)
    assert drops.names == before, "who looks once, as check does, moves nothing"
    assert read(connector).notes == {}
    assert drops.names == ["roster_202611231000.csv", NEWER, f"{NEWER}.done"]
    assert sorted(path.name for path in archive.iterdir()) == ["roster_202611230900.2.csv", OLDER, f"{OLDER}.done"]
    assert (archive / OLDER).read_text() == "one of the same name"
    assert keys(read(drops.connector(complete="done", archive=archive))) == ["a0", "a1"], "after a restart"


def test_an_archive_that_is_away_is_said_and_stops_nothing(drops: Drops, tmp_path: Path) -> None:
    for name in (OLDER, NEWER):
        drops.drop(name, roster("a"))
    connector = drops.connector(archive=tmp_path / "nowhere")
    read(connector)
    assert read(connector).notes == {"file: superseded files that cannot be archived": 1}
    assert len(drops.names) == 2


def test_without_an_archive_nothing_is_touched(drops: Drops) -> None:
    for name in (OLDER, NEWER):
        drops.drop(name, roster("a"), NINE)
    connector = drops.connector()
    read(connector)
    read(connector)
    assert drops.names == [OLDER, NEWER]


# In the program

PAGE = Path(__file__).parents[2] / "docs" / "files.md"


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE))
    content = tomllib.loads(blocks["toml"])["sources"]["roster"]
    content["files"] |= {"folder": str(tmp_path), "archive": None, "stable_s": 0.05}
    (tmp_path / "Roster_20261127_0730.csv").write_text(blocks["text"], "utf-8")
    connector = open_source("roster", parse(Source, content, PAGE), PAGE)
    raw = connector.read("duty", bounds(datetime(2026, 11, 27, 8, tzinfo=UTC)))
    assert raw.as_at == datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
    words = connector.pack.feeds["duty"].mapping
    rows = accept(FEEDS["duty"], raw, raw.as_at, words).frame
    assert list(zip(rows["staff_group"], rows["state"], rows["source"].fillna("-"), strict=True)) == [
        ("RN", "filled", "substantive"),
        ("RN", "unfilled", "-"),
    ]
    assert list(rows["end_ts"] - rows["start_ts"]) == [timedelta(hours=12.5), timedelta(hours=12)]


SITE = """
[sources.roster]
times = { storage = "text", zone = "Europe/London", format = "%d/%m/%Y %H:%M" }
interval_s = 300
stale_after_s = 7200

[sources.roster.files]
folder = "drops"
stable_s = 0.05

[sources.roster.files.feeds.duty]
pattern = "roster_{time}.csv"
time = "%Y%m%d%H%M"
columns = { ward_code = "Unit", start_ts = "Start", end_ts = "End", staff_group = "Grade", state = "Status" }

[sources.roster.files.feeds.census_staffing]
pattern = "acuity*.csv"
columns = { ward_code = "Unit", ts = "Taken", required_hours = "Hours" }

[options]
limit_min = { duty = 480, census_staffing = 480 }
"""


@pytest.fixture
def config(drops: Drops, tmp_path: Path) -> Path:
    """The small hospital with a roster of nine o'clock and an acuity census of eleven."""
    made = small_hospital(tmp_path)
    made.write_text(made.read_text("utf-8") + SITE, "utf-8")
    drops.drop(OLDER, roster("a").replace("W1", "A1"))
    drops.drop("acuity.csv", "Unit,Taken,Hours\nA1,23/11/2026 10:50,40\n", ELEVEN)
    return made


def test_each_feed_is_as_old_as_its_own_file_also_in_a_process_of_its_own(config: Path) -> None:
    opened = open_site(config)
    (source,) = [one for one in opened.apart() if one.name == "roster"]
    found = {data.feed: data for data in source.poll(AS_AT)}
    source.close()
    assert {name: (data.as_at, data.rows, data.error) for name, data in found.items()} == {
        "duty": (NINE, 2, ""),
        "census_staffing": (ELEVEN, 1, ""),
    }


def test_check_says_how_old_and_what_is_wrong(config: Path, drops: Drops, capsys: pytest.CaptureFixture[str]) -> None:
    def checked() -> tuple[dict[str, list[str]], str]:
        asked = type("Asked", (), {"config": config})
        check.run(asked)  # type: ignore[arg-type]
        out = capsys.readouterr().out
        return {line.split()[1]: line.split() for line in out.splitlines() if line.startswith("roster  ")}, out

    drops.drop("roster_final.csv", roster("c"))
    lines, out = checked()
    assert {feed: line[2] for feed, line in lines.items()} == {"duty": "stale", "census_staffing": "current"}
    assert "roster, duty: not used: Duty" in out
    assert "roster, duty: 1 noted, file: names whose time cannot be read, left out" in out
    assert "roster: no heartbeat" not in out
    assert "roster: the display can change the files; let it only read their folder, unless it is to archive" in out
    drops.drop(NEWER, roster("b").replace("Unit", "Ward"))
    lines, out = checked()
    assert lines["duty"][2] == "unavailable"
    assert f"roster, duty: SourceChanged: {NEWER}: the header (line 1) has no column 'Unit'" in out
    assert lines["census_staffing"][2] == FeedState.CURRENT.value
