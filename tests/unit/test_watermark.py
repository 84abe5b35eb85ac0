"""A large feed of which only changed rows are asked for: what is asked, what is held, and when all is read again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.base import EVER, Bounds
from connectors.registry import configured
from surveillance.errors import ConfigurationError, SourceUnavailable
from surveillance.feeds.data import FeedData, FeedState, RawRows
from surveillance.opening import open_site
from surveillance.polling.reader import SourceReader
from surveillance.settings import FeedSource, Settings, Source, Watermark
from tests.canonical import site_of
from tests.small_hospital import small_hospital

NOON = datetime(2026, 2, 2, 12, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OVERLAP = timedelta(seconds=300)
RULE = Watermark(column="changed", key=("id",), gone="cancelled")
SETTINGS = site_of(plausibility={"minimum_rows": 10}).settings
Row = dict[str, Any]


def observation(number: Any, changed: Any, **columns: Any) -> Row:
    row = {"id": number, "changed": changed, "cancelled": None, "spell_key": f"S{number}", "ts": NOON - 60 * MINUTE}
    return {**row, "rr": 16, "complete": 1, **columns}


class Table:
    """A connector over rows in memory: gives those changed since it is told, as a query would."""

    beats = False
    feeds = ("obs_set",)

    def __init__(self, rows: list[Row] | None = None) -> None:
        self.rows = rows or [observation(number, NOON - number * MINUTE) for number in range(1, 31)]
        self.asked: list[Bounds] = []
        self.broken = False

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        self.asked.append(bounds)
        if self.broken:
            raise SourceUnavailable("away")
        given = [row for row in self.rows if not _earlier(row["changed"], bounds.changed_since)]
        names = {name: None for row in [*self.rows, observation(0, NOON)] for name in row}
        return RawRows(
            pd.DataFrame({name: pd.Series([row.get(name) for row in given], dtype=object) for name in names})
        )

    def data_as_at(self, bounds: Bounds) -> None:
        return None

    def close(self) -> None:
        """Nothing is open."""

    @property
    def since(self) -> list[datetime | None]:
        """Since when changes were asked for, poll by poll; None: everything."""
        return [None if bounds.changed_since == EVER else bounds.changed_since for bounds in self.asked]


def _earlier(changed: Any, since: datetime) -> bool:
    return isinstance(changed, datetime) and changed < since


def reader(table: Any, rule: Watermark = RULE, settings: Settings = SETTINGS) -> SourceReader:
    return SourceReader("epr", table, {"obs_set": FeedSource(watermark=rule)}, settings)


def polled(running: SourceReader, as_at: datetime, **accepted: int) -> FeedData:
    (data,) = running.poll(as_at, accepted)
    return data


def spells(data: FeedData) -> list[str]:
    assert data.frame is not None, data.error
    return sorted(data.frame["spell_key"])


# -- what is asked


def test_what_changed_since_the_newest_change_that_was_seen_is_asked_for_and_a_little_more() -> None:
    table = Table()
    running = reader(table)
    polled(running, NOON)
    table.rows[4] |= {"spell_key": "S5 moved", "changed": NOON + MINUTE}
    data = polled(running, NOON + 2 * MINUTE)
    polled(running, NOON + 3 * MINUTE)
    assert table.since == [None, NOON - MINUTE - OVERLAP, NOON + MINUTE - OVERLAP]
    assert data.rows == 30
    assert "S5 moved" in spells(data)
    assert "S5" not in spells(data)


def test_a_change_that_is_yet_to_come_by_our_clock_moves_no_watermark() -> None:
    """One row with a wrong date would otherwise hide every change that follows."""
    table = Table()
    table.rows[7]["changed"] = NOON + timedelta(days=300)
    running = reader(table)
    polled(running, NOON)
    polled(running, NOON + MINUTE)
    assert table.since == [None, NOON - MINUTE - OVERLAP]


def test_after_a_failure_changes_are_asked_for_from_where_they_were_known() -> None:
    table = Table()
    running = reader(table)
    polled(running, NOON)
    table.broken = True
    assert polled(running, NOON + MINUTE).state is FeedState.UNAVAILABLE
    table.broken = False
    table.rows.append(observation(99, NOON + MINUTE))
    assert "S99" in spells(polled(running, NOON + 2 * MINUTE))
    assert table.since[1] == table.since[2] == NOON - MINUTE - OVERLAP


def test_an_earlier_moment_is_read_whole() -> None:
    table = Table()
    running = reader(table)
    polled(running, NOON)
    polled(running, NOON - MINUTE)
    assert table.since == [None, None]


def test_the_window_moves_when_everything_is_read_again_for_whoever_asks() -> None:
    table = Table()
    running = reader(table)
    data = [polled(running, NOON + minutes * MINUTE) for minutes in (0, 49, 50)]
    hour = NOON.replace(minute=0)
    lookback = timedelta(days=35)
    assert [one.since for one in data] == [hour - lookback, hour - lookback, hour + 60 * MINUTE - lookback]
    assert [bounds.since for bounds in table.asked][-2:] == [data[1].since, data[2].since]
    assert [one is None for one in table.since] == [True, False, False, True]
    assert polled(reader(table), NOON + 49 * MINUTE).since == data[1].since


# -- what is held


def test_a_row_that_is_said_to_be_gone_is_gone_and_may_come_back() -> None:
    table = Table()
    running = reader(table)
    polled(running, NOON)
    for minutes, word, expected in ((1, "Y", 29), (2, "no", 30), (3, 1, 29), (4, None, 30)):
        table.rows[3] |= {"cancelled": word, "changed": NOON + minutes * MINUTE}
        assert polled(running, NOON + minutes * MINUTE).rows == expected
        assert polled(reader(table), NOON + minutes * MINUTE).rows == expected
    table.rows[3] |= {"cancelled": "perhaps", "changed": NOON + 5 * MINUTE}
    for minutes in (5, 15):
        data = polled(running, NOON + minutes * MINUTE)
        assert (data.rows, data.notes) == (30, {"cancelled: neither yes nor no, kept": 1})


def test_a_row_whose_new_version_is_quarantined_does_not_keep_its_old_one() -> None:
    table = Table()
    running = reader(table)
    polled(running, NOON)
    table.rows[3] |= {"ts": "rubbish", "changed": NOON + MINUTE}
    for minutes in (1, 20):
        data = polled(running, NOON + minutes * MINUTE)
        assert (data.rows, data.rejected) == (29, {"ts: not a time": 1})


def test_a_row_of_the_future_counts_once_its_time_has_come_although_it_never_changed() -> None:
    table = Table()
    table.rows[3]["ts"] = NOON + 70 * MINUTE
    running = reader(table)
    assert polled(running, NOON).rejected == {"ts: in the future": 1}
    assert polled(running, NOON + 11 * MINUTE).rejected == {}
    assert len(table.since) - table.since.count(None) == 1


def test_a_key_of_several_columns_is_one() -> None:
    halves = [(number, half) for number in range(1, 4) for half in "ab"]
    table = Table([observation(number, NOON - MINUTE, half=half, o2=half) for number, half in halves])
    running = reader(table, RULE.model_copy(update={"key": ("ID", "half")}))
    polled(running, NOON)
    table.rows[4] |= {"spell_key": "S", "changed": NOON + MINUTE}
    data = polled(running, NOON + MINUTE)
    assert (data.rows, data.notes) == (6, {})
    assert spells(data) == ["S", "S1", "S1", "S2", "S2", "S3"]
    assert len(table.since) - table.since.count(None) == 1


# -- when all is read again


@pytest.mark.parametrize("lost", ["its newest row", "everything"])
def test_what_must_come_again_and_does_not_is_no_quiet_minute(lost: str) -> None:
    """A table that lost its newest rows, or all, gives no changes: held rows must not make that look like calm."""
    table = Table()
    running = reader(table)
    polled(running, NOON, obs_set=30)
    table.rows = table.rows[1:] if lost == "its newest row" else []
    data = polled(running, NOON + MINUTE, obs_set=30)
    assert table.since == [None, NOON - MINUTE - OVERLAP, None]
    assert (data.state, data.size) == ((FeedState.CURRENT, 29) if table.rows else (FeedState.SUSPECT, 0))


def test_after_a_doubt_everything_is_read() -> None:
    table = Table()
    running = reader(table)
    polled(running, NOON)
    for row in table.rows[:20]:
        row |= {"ts": "rubbish", "changed": NOON + MINUTE}
    assert polled(running, NOON + MINUTE).state is FeedState.SUSPECT
    polled(running, NOON + 2 * MINUTE)
    assert table.since[-1] is None


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ({"id": None}, "id: names no row"),
        ({"id": float("nan")}, "id: names no row"),
        ({"id": 2.0**53}, "id: names no row"),
        ({"id": 2}, "id: twice"),
        ({"changed": None}, "changed: not a time"),
        ({"changed": "lately"}, "changed: not a time"),
    ],
)
@pytest.mark.parametrize("when", ["at first", "later"])
def test_where_rows_cannot_be_told_apart_all_are_read_each_time_and_it_says_so(
    fault: Row, note: str, when: str
) -> None:
    table = Table()
    running = reader(table)
    if when == "later":
        polled(running, NOON)
    table.rows.append(observation(77, NOON + MINUTE) | fault)
    for minutes in (1, 2):
        table.asked.clear()
        data = polled(running, NOON + minutes * MINUTE)
        assert data.rows == 31
        assert data.notes == {f"{note}, so that all rows are read each time": 1}
        assert table.since[-1] is None
    assert table.since == [None]


def test_rows_that_changed_or_went_without_a_word_are_counted_when_all_are_read() -> None:
    table = Table()
    running = reader(table)
    polled(running, NOON)
    table.rows[15]["spell_key"] = "S16 moved"
    table.rows[16]["rr"] = None
    del table.rows[20:22]
    unseen = polled(running, NOON + 49 * MINUTE)
    assert (unseen.rows, unseen.notes) == (30, {})
    for minutes in (50, 51, 109):
        data = polled(running, NOON + minutes * MINUTE)
        assert (data.rows, data.notes) == (
            28,
            {
                "changed: rows changed, unseen until all were read": 2,
                "changed: rows gone, unseen until all were read": 2,
            },
        )
    assert polled(running, NOON + 110 * MINUTE).notes == {}


def test_an_answer_without_the_columns_of_the_watermark_is_none() -> None:
    running = reader(Table(), RULE.model_copy(update={"column": "changed_at"}))
    data = polled(running, NOON)
    assert (data.state, data.frame) == (FeedState.UNAVAILABLE, None)
    assert data.error == "SourceChanged: feed obs_set: the result has no column 'changed_at' for its watermark"


# -- the configuration

PLANS = "SELECT leaves AS edd, visit AS spell_key, visit, changed FROM plans"
USED = f"{PLANS} WHERE changed >= :changed_since"
GIVEN = 'watermark = { column = "changed", key = ["visit"] }'


def opened(folder: Path, query: str, keys: str, source: str = "") -> SourceReader:
    folder = folder / "site"
    folder.mkdir(exist_ok=True)
    config = small_hospital(folder)
    words = config.read_text("utf-8").replace('sql = "discharge_plan.sql"', f'sql = "discharge_plan.sql"\n{keys}')
    config.write_text(words.replace("[sources.pas.feeds.spell]", f"{source}\n[sources.pas.feeds.spell]"), "utf-8")
    (folder / "discharge_plan.sql").write_text(query, "utf-8")
    (one,) = open_site(config).readers
    return one


@pytest.mark.parametrize(
    ("query", "keys", "told"),
    [
        (USED, "", r"discharge_plan\.sql: ':changed_since' is known only with a watermark; give pas: feeds\.disch"),
        (PLANS, GIVEN, r"feeds\.discharge_plan\.watermark: the query does not use ':changed_since': .*plan\.sql"),
        (USED, 'watermark = { column = "changed" }', r"watermark\.key: name the columns that tell rows apart; the ta"),
        (USED, f"{GIVEN}\nrecent_h = 5", r"feeds\.discharge_plan: give watermark or recent_h, not both"),
        (USED, 'watermark = { colum = "changed" }', r"unknown key '.*watermark\.colum'; did you mean 'column'"),
        (USED, 'watermark = { column = "changed", overlap_s = 0 }', r"watermark\.overlap_s: Input should be greater"),
    ],
)
def test_a_watermark_that_cannot_work_stops_start_up(tmp_path: Path, query: str, keys: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        opened(tmp_path, query, keys)


def test_a_heartbeat_has_no_changes(tmp_path: Path) -> None:
    folder = tmp_path / "site" / "epr"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text('name = "epr"\ntitle = "E"\nheartbeat = "beat.sql"\n[feeds]\n')
    (folder / "beat.sql").write_text("SELECT MAX(changed) FROM plans WHERE changed >= :changed_since")
    with pytest.raises(ConfigurationError, match=r"beat\.sql: a heartbeat has no ':changed_since'"):
        opened(tmp_path, USED, GIVEN, 'pack = "./epr"')


def test_a_budget_counts_that_everything_is_read_once_an_hour(tmp_path: Path) -> None:
    (tmp_path / "enough").mkdir()
    opened(tmp_path / "enough", USED, GIVEN, "[sources.pas.budget]\nqueries_per_h = 241")
    with pytest.raises(ConfigurationError, match=r"240 are too few for 3 feeds and a heartbeat every 60 s: 241 an"):
        opened(tmp_path, USED, GIVEN, "[sources.pas.budget]\nqueries_per_h = 240")


@pytest.mark.parametrize(
    ("pack", "site", "expected"),
    [
        (f"{GIVEN}", {}, (("visit",), None)),
        (f"{GIVEN}", {"recent_h": 6}, (None, 6)),
        (f"{GIVEN}", {"sql": "own.sql"}, (None, None)),
        ("recent_h = 6", {"watermark": {"column": "changed", "key": ["id"]}}, (("id",), None)),
    ],
)
def test_the_sites_own_way_of_reading_stands_over_the_packs(
    tmp_path: Path, pack: str, site: Mapping[str, Any], expected: tuple[Any, Any]
) -> None:
    folder = tmp_path / "epr"
    folder.mkdir()
    (folder / "pack.toml").write_text(f'name = "epr"\ntitle = "E"\n[feeds.dose_event]\n{pack}\n')
    (folder / "dose_event.sql").write_text(USED)
    source = Source.model_validate({"pack": "./epr", "url_env": "URL", "feeds": {"dose_event": dict(site)}})
    given = configured("epr", source, tmp_path / "site.toml").feeds["dose_event"]
    assert (given.watermark and given.watermark.key, given.recent_h) == expected
