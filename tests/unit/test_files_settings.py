"""What a site says wrong about its files stops the program, with the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.files import checks
from connectors.registry import open_source
from surveillance.errors import ConfigurationError
from surveillance.settings import Source, parse

SITE = Path("hospital.toml")
LOCAL = {"storage": "text", "zone": "Europe/London", "format": "%d/%m/%Y %H:%M"}
COLUMNS = {"ward_code": "Unit", "start_ts": "Start", "end_ts": "End", "staff_group": "Grade", "state": "Status"}


def opened(source: dict[str, Any] | None = None, files: dict[str, Any] | None = None, **duty: Any) -> Any:
    """The connector of a source of rosters, with these keys changed."""
    feed = {"pattern": "roster*.csv", "columns": COLUMNS} | duty
    content = {"times": LOCAL, "files": {"folder": "drops", "feeds": {"duty": feed}} | (files or {})} | (source or {})
    return open_source("roster", parse(Source, content, SITE), SITE)


def test_a_source_of_files_needs_no_secret_and_no_query() -> None:
    connector = opened(source={"feeds": {"duty": {"mapping": {"state": {"Vacant": "unfilled"}}, "lookback_h": 48}}})
    assert connector.feeds == ("duty",)
    assert connector.pack.feeds["duty"].mapping == {"state": {"Vacant": "unfilled"}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": {"url_env": "EPR_URL"}}, "a source of files has no url_env, url_file or pack"),
        ({"source": {"times": None}}, 'files: give times, as { storage = "text", zone = "Europe/London"'),
        ({"source": {"times": {"storage": "epoch"}}}, "files: give times"),
        ({"source": {"timeout_s": 5}}, "files.stable_s: less than timeout_s"),
        ({"source": {"feeds": {"spell": {}}}}, "sources.roster.feeds.spell: a source of files has no sql"),
        ({"source": {"feeds": {"duty": {"sql": "x.sql"}}}}, "sources.roster.feeds.duty: a source of files has no sql"),
        ({"files": {"archive": "drops"}}, "archive: another folder"),
        ({"files": {"feeds": {}}}, "files.feeds: "),
        ({"files": {"feeds": {"duties": {"pattern": "x"}}}}, "unknown feed 'duties'; did you mean 'duty'?"),
        ({"pattern": "in/roster.csv"}, "pattern: 'in/roster.csv' is a path"),
        ({"pattern": "roster_{time}.csv"}, "time: give it where the pattern holds {time}"),
        ({"time": "%Y%m%d"}, "time: give it where the pattern holds {time}"),
        ({"pattern": "{time}.csv", "time": "%H%M"}, "time: '%H%M' does not tell year, month and day"),
        ({"encoding": "cp-western"}, "encoding: unknown 'cp-western'"),
        ({"encoding": "base64"}, "encoding: unknown 'base64'"),
        ({"delimiter": '"'}, "delimiter: no quotation mark"),
        ({"digits": {"duty_key": 0}}, "digits: a length is 1 or more"),
        ({"digits": {"state": 4}}, "files.feeds.duty.digits.state: only a key has leading zeros"),
        ({"columns": COLUMNS | {"ward": "Unit"}}, "files.feeds.duty.columns: 'duty' has no column 'ward'"),
        ({"columns": COLUMNS | {"state": ""}}, "files.feeds.duty.columns.state: give a header"),
        ({"columns": {"ward_code": "Unit"}}, "columns: nothing is said of 'start_ts', which 'duty' must have"),
        ({"if_empty": {"start_ts": "now"}}, "if_empty.start_ts: a time that is not said is not known"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        opened(**changes)
    assert words in str(error.value)
    assert str(error.value).startswith("hospital.toml: ")


def test_excel_without_what_reads_it_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"duty.pattern: to read Excel, install the extra 'excel'"):
        opened(pattern="roster*.xlsx")
    opened(pattern="roster*.csv")


def test_an_end_of_the_next_day_needs_a_start() -> None:
    feeds = {"census_staffing": {"pattern": "*.csv", "overnight": True}}
    with pytest.raises(ConfigurationError, match="overnight: 'census_staffing' has no start and end"):
        opened(files={"feeds": feeds})
