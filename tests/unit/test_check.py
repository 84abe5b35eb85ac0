"""``surveillance check`` says what to do, shows no word that could be somebody's, and leaves a resting source alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from connectors.sql import SqlConnector
from surveillance.cli import main
from surveillance.commands.advice import connecting, faults, timing, units, words
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState, RawRows
from surveillance.measures import EVERYTHING
from surveillance.polling.beat import Beat
from surveillance.settings import Pack, Source, Times
from surveillance.team.feeds import ROWS
from tests.canonical import site_of, ward
from tests.small_hospital import small_hospital

SUMMER = datetime(2026, 7, 8, 10, 30, tzinfo=UTC)
WINTER = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TYPE = FEEDS["assessment"]["type"]
LONDON, GREENWICH = Times(zone="Europe/London"), Times()


def raw(**columns: list[object]) -> RawRows:
    return RawRows(pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()}))


# Words


def test_words_that_nobody_has_mapped_are_counted() -> None:
    rows = raw(TYPE=["MUST", " VTE v4"] * 6 + ["Falls v2", "Waterlow", None])
    assert words.unknown_words(TYPE, rows, {"Waterlow": "pressure_ulcer"}) == {"VTE v4": 6, "Falls v2": 1}


def test_the_lines_to_write_are_valid_toml_to_be_filled_in() -> None:
    lines = words.to_map(TYPE, {'Form "A"': 213, "VTE v4": 6}, "hospital.toml, [x]")
    assert "their rows count nowhere. In hospital.toml, [x]" in lines[0]
    assert [line.strip() for line in lines[1:3]] == ['"Form \\"A\\"" = "…"  # 213 rows', '"VTE v4" = "…"  # 6 rows']


@pytest.mark.parametrize(
    "word",
    ["Mrs Jones has refused this twice and will again", "9434765919", "943 476 5919", "seen 23/11/2026", "a\nb"],
)
def test_a_word_that_could_be_somebodys_is_not_shown(word: str) -> None:
    lines = words.to_map(TYPE, {word: 500, "VTE v4": 6}, "-")
    assert word not in "\n".join(lines)
    assert "1 word is not shown" in lines[-1]


def test_a_rare_word_is_not_shown() -> None:
    (line,) = words.to_map(TYPE, {"Jones": words.LEAST_ROWS - 1}, "-")
    assert "Jones" not in line


def test_of_a_column_of_text_no_word_is_shown() -> None:
    surnames = {f"Name{'x' * number}": 9 for number in range(words.MOST_WORDS + 1)}
    (line,) = words.to_map(TYPE, surnames, "-")
    assert "26 different words in type: that is text" in line
    assert "Name" not in line


def test_only_columns_of_codes_are_looked_into() -> None:
    rows = raw(risk_band=["Amber"] * 9, spell_key=["S1"] * 9)
    for name in ("risk_band", "spell_key"):
        assert words.unknown_words(FEEDS["assessment"][name], rows, {}) == {}


# Wards


def test_units_that_are_no_ward_are_named_with_what_to_write() -> None:
    settings = site_of(wards=[ward("W1"), ward("W2")]).settings
    found = units.of_no_ward({"W1": 40, "ward w2": 30, "Cedar": 20, "LOUNGE": 9, "Jones": 1}, settings, ["LOUNGE"])
    assert found == {"ward w2": 30, "Cedar": 20, "Jones": 1}
    lines = units.unlisted("epr, ward_stay", found, {"Cedar": 3}, settings, "hospital.toml")
    assert lines[:3] == [
        'epr, ward_stay: 30 rows of "ward w2", which is no ward',
        'epr, ward_stay: 20 rows of "Cedar", which is no ward; 3 patients lie there now',
        "epr, ward_stay: 1 more unit is no ward, and not named here",
    ]
    assert '[[wards]] W2: it is called so; add it to source_codes = ["ward w2"]' in lines[3]
    assert "Jones" not in "\n".join(lines)


def test_a_ward_in_which_nobody_ever_lay_is_named() -> None:
    stays = FeedData("ward_stay", FeedState.CURRENT, "epr", pd.DataFrame({"ward_code": ["W1"]}))
    (line,) = units.never_seen(stays, site_of(wards=[ward("W1"), ward("W2")]).settings, "hospital.toml")
    assert line.startswith("ward W2 (Ward W2): nobody has lain there")


# Times


@pytest.mark.parametrize(
    ("now", "age", "times", "said"),
    [
        (SUMMER, -HOUR, GREENWICH, 'pack.toml, [times]: zone = "Europe/London"'),
        (SUMMER, -3 * HOUR, GREENWICH, "its times are read as UTC"),
        (WINTER, -HOUR, LONDON, "its times are read as Europe/London"),
        (SUMMER, HOUR, LONDON, 'pack.toml, [times]: zone = "UTC"'),
    ],
)
def test_a_heartbeat_that_cannot_be_asks_for_the_zone(now: datetime, age: timedelta, times: Times, said: str) -> None:
    lines = timing.heartbeat("epr", Beat(now - age, now), now, times, "pack.toml, [times]")
    assert said in " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("now", "age", "times"),
    [
        (SUMMER, timedelta(seconds=20), LONDON),
        (SUMMER, -timedelta(seconds=20), GREENWICH),
        (SUMMER, HOUR, GREENWICH),
        (SUMMER, 2 * HOUR, LONDON),
        (WINTER, HOUR, LONDON),
    ],
)
def test_any_other_heartbeat_says_nothing_about_the_zone(now: datetime, age: timedelta, times: Times) -> None:
    assert timing.heartbeat("epr", Beat(now - age, now), now, times, "-") == []


def feed(name: str, **more: float | datetime) -> FeedData:
    return FeedData(name, FeedState.CURRENT, "epr", rows=1, **more)  # type: ignore[arg-type]


def test_without_a_heartbeat_old_rows_are_told() -> None:
    old = [feed("obs_set", newest=SUMMER - HOUR), feed("spell", newest=SUMMER - 3 * HOUR)]
    assert "the newest row of all its feeds is 60 min old" in timing.old_rows("epr", old, SUMMER)[0]
    assert timing.old_rows("epr", [*old, feed("order", newest=SUMMER)], SUMMER) == []


def test_a_source_that_lags_behind_its_promise_is_told() -> None:
    assert "5 min old, more than 120 s" in timing.behind("epr", Beat(SUMMER - HOUR / 12, SUMMER), SUMMER, HOUR / 30)[0]
    assert timing.behind("epr", Beat(SUMMER - HOUR / 60, SUMMER), SUMMER, HOUR / 30) == []


def test_a_source_that_is_busy_with_us_is_told() -> None:
    source = Source.model_validate({"interval_s": 60, "timeout_s": 20, "budget": {"seconds_per_h": 600}})
    text = "\n".join(timing.load("epr", source, [feed("obs_set", duration_s=11.0), feed("spell", duration_s=2.0)]))
    assert "epr, obs_set: took 11.00 s; it is ended after 20 s (timeout_s)" in text
    assert "epr: its queries took 13.00 s together, 22% of the interval of 60 s" in text
    assert "make obs_set quicker" in text
    assert "780 s an hour, more than its budget of 600 s" in text
    assert timing.load("epr", source, [feed("obs_set", duration_s=9.0)]) == []


# What to connect


def test_what_to_connect_next_brings_every_measure_once() -> None:
    lines = connecting.connect_next(())
    steps = re.findall(r"^  ([\w +]+): \d", "\n".join(lines), re.MULTILINE)
    assert sorted(" + ".join(steps).split(" + ")) == sorted(
        {name for one in EVERYTHING.values() for name in one.feeds} - set(ROWS)
    )
    brought = [int(number) for number in re.findall(r": (\d+) measures?:", "\n".join(lines))]
    assert sum(brought) == sum(not set(one.feeds) & set(ROWS) for one in EVERYTHING.values())
    assert connecting.connect_next(FEEDS) == []


def test_what_a_system_cannot_give_is_not_looked_for() -> None:
    pack = Pack(name="omop", title="-", feeds={}, cannot_tell={"medrec": "it has none", "order": "known elsewhere"})
    assert connecting.cannot_be_told({"epr": pack}, {"order"}) == ["epr cannot give medrec: it has none"]


def test_a_misspelt_optional_column_is_offered_and_what_waits_for_it_named() -> None:
    data = FeedData("obs_set", FeedState.CURRENT, "epr", rows=1, absent=frozenset({"news2_total", "spo2_scale"}))
    text = " ".join(connecting.missing_columns(data, ("NEWS2_totl",), "epr, obs_set", "q/obs_set.sql"))
    assert "not given: news2_total, spo2_scale" in text
    assert f"news2_total is needed by: {EVERYTHING['news2_high'].label}" in text
    assert "q/obs_set.sql: should NEWS2_totl be called news2_total?" in text


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        ("SourceChanged: feed x: the result has no column 'end_ts'", FeedState.UNAVAILABLE, "(AS end_ts)"),
        ("SourceChanged: feed x: the source has no table 'stays' (E)", FeedState.UNAVAILABLE, "the table stays"),
        ("SourceRefused: feed x: the source refused the login (E)", FeedState.REFUSED, "password"),
        ("SourceUnavailable: feed x: the login may not read what (E)", FeedState.UNAVAILABLE, "SELECT on what x.sql"),
        ("SourceUnavailable: feed x: how old its data is cannot be told: -", FeedState.UNAVAILABLE, "heartbeat"),
    ],
)
def test_what_to_do_about_a_feed_that_failed(error: str, state: FeedState, said: str) -> None:
    assert said in " ".join(faults.after(FeedData("spell", state, error=error), state, "x.sql"))


# The command


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return small_hospital(tmp_path)


def change(config: Path, old: str, new: str) -> None:
    text = config.read_text("utf-8")
    assert text.count(old) == 1
    config.write_text(text.replace(old, new), "utf-8")


def test_a_source_in_its_quiet_hours_is_not_asked(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(config, 'url_file = "pas.url"', 'url_file = "pas.url"\nquiet_hours = ["11:30-12:45"]')
    (config.parent / "pas.sqlite").unlink()  # asking would be an error
    assert main(["check", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert "not asked: its quiet hours last until 12:45" in out
    assert "SQLITE" not in out


def test_a_login_that_can_write_is_told(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlConnector, "can_write", lambda _: True)
    assert main(["check", "--config", str(config)]) == 0
    assert "pas: the login can change the source; give the display one that may only read" in capsys.readouterr().out


def test_where_messages_will_be_heard_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with config.open("a", encoding="utf-8") as more:
        more.write('\n[adt]\nsource = "pas"\nport = 2599\n')
    assert main(["check", "--config", str(config)]) == 0
    told = "adt: messages are heard at 127.0.0.1:2599 while the program runs, for the census of pas; nothing of them"
    assert told in capsys.readouterr().out


def test_a_heartbeat_in_the_future_is_no_success_though_every_feed_is_there(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = config.parent / "pas"
    pack.mkdir()
    (pack / "beat.sql").write_text("SELECT '2026-11-23 13:00:00'", "utf-8")
    (pack / "pack.toml").write_text('name = "pas"\ntitle = "-"\nheartbeat = "beat.sql"\nfeeds = {}\n', "utf-8")
    change(config, 'url_file = "pas.url"', 'url_file = "pas.url"\npack = "./pas"')
    assert main(["check", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert "3 of 3 feeds can be counted" in out
    assert "pas: the heartbeat lies 60 min in the future" in out
    assert "is that so (hospital.toml, times of [sources.pas])?" in out


def test_what_nobody_has_mapped_is_told_with_the_line_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_hospital(tmp_path, per_ward=(4, 2, 0))
    query = (tmp_path / "spell.sql").read_text("utf-8")
    (tmp_path / "spell.sql").write_text(query.replace("SELECT", "SELECT 'DC1' AS patient_class,"), "utf-8")
    main(["check", "--config", str(config)])
    out = capsys.readouterr().out
    assert "pas, spell: 6 noted, patient_class: unknown code, emptied" in out
    assert "In hospital.toml, [sources.pas.feeds.spell.mapping.patient_class]" in out
    assert '"DC1" = "…"  # 6 rows' in out
    assert "ward C3 (Cedar Ward): nobody has lain there" in out
