"""One source read once: an answer is whole and believed, or the feed says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from connectors.base import Bounds
from surveillance.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable
from surveillance.feeds.data import FeedData, FeedState, RawRows
from surveillance.polling.beat import Beat
from surveillance.polling.reader import SourceReader
from surveillance.settings import FeedSource, Settings
from tests.canonical import raw, site_of, ward

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Answer = Callable[[Bounds], Sequence[Mapping[str, Any]]]


class Source:
    """A connector that answers from memory, and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Answer], heartbeat: datetime | SourceError | None = None) -> None:
        self.answers = answers
        self.heartbeat = heartbeat
        self.asked: list[tuple[str, Bounds]] = []

    @property
    def beats(self) -> bool:
        return self.heartbeat is not None

    @property
    def feeds(self) -> tuple[str, ...]:
        return tuple(self.answers)

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        self.asked.append((feed, bounds))
        return raw(feed, self.answers[feed](bounds))

    def data_as_at(self, bounds: Bounds) -> datetime | None:
        if isinstance(self.heartbeat, SourceError):
            raise self.heartbeat
        return self.heartbeat

    knock = data_as_at

    def close(self) -> None:
        """Nothing is open."""


def settings_of(**changes: Any) -> Settings:
    return site_of(**changes).settings


def reader(source: Source, feeds: Mapping[str, FeedSource] | None = None, **changes: Any) -> SourceReader:
    return SourceReader("epr", source, feeds or {}, settings_of(**changes))


def read_one(
    feed: str, rows: Sequence[Mapping[str, Any]], accepted: Mapping[str, int] | None = None, **changes: Any
) -> FeedData:
    (data,) = reader(Source({feed: lambda bounds: rows}), **changes).poll(NOON, accepted)
    return data


def stays(number: int, **columns: Any) -> list[dict[str, Any]]:
    return [
        {"spell_key": f"S{one}", "ward_code": "W1", "start_ts": NOON - HOUR, "end_ts": None, **columns}
        for one in range(number)
    ]


def spells(number: int) -> list[dict[str, Any]]:
    return [
        {"patient_key": f"P{one}", "spell_key": f"S{one}", "admit_ts": NOON - HOUR, "discharge_ts": None}
        for one in range(number)
    ]


# -- an answer


def test_an_accepted_answer_says_what_it_is() -> None:
    data = read_one("ward_stay", [*stays(3), {**stays(1)[0], "start_ts": "never"}, stays(1)[0]])
    assert (data.state, data.source, data.rows) == (FeedState.CURRENT, "epr", 3)
    assert data.rejected == {"start_ts: not a time": 1}
    assert data.notes == {"equal rows, dropped": 1}
    assert data.as_at == data.polled_at == NOON
    assert data.newest == NOON - HOUR
    assert data.since == NOON - timedelta(days=35)
    assert "bed_code" in data.absent
    assert data.duration_s is not None


def test_the_query_is_bounded_by_the_feed_or_as_the_site_says() -> None:
    source = Source({"obs_set": lambda bounds: [], "flag": lambda bounds: []})
    reader(source, {"obs_set": FeedSource(lookback_h=10)}).poll(NOON)
    since = {feed: bounds.since for feed, bounds in source.asked}
    assert since == {"obs_set": NOON - 10 * HOUR, "flag": NOON - timedelta(days=35)}
    assert {bounds.events_since for _, bounds in source.asked} == {NOON - timedelta(days=400)}


def test_nothing_is_an_answer_where_nothing_was_expected() -> None:
    data = read_one("flag", [])
    assert (data.state, data.rows) == (FeedState.CURRENT, 0)
    assert data.frame is not None


def test_other_codes_of_a_ward_are_read_as_the_ward() -> None:
    wards = [ward("W1", source_codes=("EPR-1", "1A")), ward("W2")]
    data = read_one("ward_stay", [{**stay, "ward_code": "1A"} for stay in stays(2)], wards=wards)
    assert data.frame is not None
    assert set(data.frame["ward_code"]) == {"W1"}


# -- the moment at which it was true


def test_a_source_that_stood_still_is_worth_asking_when_it_is_no_longer_behind() -> None:
    source = Source({"flag": lambda bounds: []}, heartbeat=NOON - 5 * HOUR)
    given = reader(source)
    given.poll(NOON)
    assert given.stands_still
    source.heartbeat = NOON - 4 * HOUR  # it moves, but whoever asked now would get old data again
    assert not given.knock(NOON)
    source.heartbeat = NOON
    assert given.knock(NOON)
    given.poll(NOON)
    assert not given.stands_still


@pytest.mark.parametrize(
    ("heartbeat", "expected"),
    [
        (NOON - 2 * HOUR, NOON - 2 * HOUR),  # the source answers, but nothing has changed in it: its data is old
        (NOON + HOUR, NOON),  # its clock runs ahead
        (None, NOON),  # it has none
    ],
)
def test_the_heartbeat_tells_when_the_data_was_true(heartbeat: datetime | None, expected: datetime) -> None:
    (data,) = reader(Source({"flag": lambda bounds: []}, heartbeat)).poll(NOON)
    assert (data.state, data.as_at, data.polled_at) == (FeedState.CURRENT, expected, NOON)


class Beats(Source):
    """A source with a heartbeat that says nothing."""

    @property
    def beats(self) -> bool:
        return True


SILENT = [Source({"flag": lambda bounds: []}, SourceUnavailable("its table is locked")), Beats({"flag": lambda _: []})]


@pytest.mark.parametrize("silent", SILENT, ids=["fails", "is empty"])
def test_data_is_no_newer_than_the_last_heartbeat_while_it_says_nothing(silent: Source) -> None:
    said = Beat(NOON - HOUR, NOON - HOUR)
    (data,) = reader(silent).polled(NOON, {}, ["flag"], before=said)
    assert (data.state, data.as_at) == (FeedState.CURRENT, NOON - HOUR)
    assert data.error.startswith("taken for as old as at the last heartbeat: ")


@pytest.mark.parametrize("silent", SILENT, ids=["fails", "is empty"])
def test_nothing_is_shown_of_a_source_whose_heartbeat_never_said_anything(silent: Source) -> None:
    silent.asked.clear()
    (data,) = reader(silent).poll(NOON)
    assert (data.state, data.frame) == (FeedState.UNAVAILABLE, None)
    assert "how old its data is cannot be told" in data.error
    assert silent.asked == []


@pytest.mark.parametrize(("minutes", "state"), [(5, FeedState.CURRENT), (6, FeedState.SUSPECT)])
def test_a_source_that_knows_what_is_still_to_come_is_not_believed(minutes: int, state: FeedState) -> None:
    """Times that are read in the wrong zone: an hour ahead from the day on which summer time begins."""
    given = reader(Source({"flag": lambda bounds: []}, NOON + timedelta(minutes=minutes)))
    (data,) = given.polled(NOON, {}, ["flag"], live=True)
    assert data.state is state
    if state is FeedState.SUSPECT:
        assert data.error == "its newest change is 6 min ahead: its clock or its zone (times) is wrong"
    (earlier,) = given.polled(NOON - HOUR, {}, ["flag"])
    assert earlier.state is FeedState.CURRENT, "of a past moment it knows what came after"


def test_a_stalled_source_whose_clock_runs_ahead_does_not_look_live() -> None:
    given, ahead = reader(Source({"flag": lambda bounds: []}, NOON + 5 * HOUR)), NOON + 5 * HOUR
    (data,) = given.polled(NOON + 2 * HOUR, {}, ["flag"], before=Beat(ahead, NOON))
    assert data.as_at == NOON, "it says the same as at noon"
    (data,) = given.polled(NOON + 2 * HOUR, {}, ["flag"], before=Beat(ahead - HOUR, NOON))
    assert data.as_at == NOON + 2 * HOUR, "it has moved"


# -- failures


def failing(error: SourceError) -> Answer:
    def answer(bounds: Bounds) -> Sequence[Mapping[str, Any]]:
        raise error

    return answer


@pytest.mark.parametrize("error", [SourceUnavailable("gone away"), SourceChanged("feed flag: no column 'type'")])
def test_a_failed_feed_has_no_rows_and_the_others_go_on(error: SourceError) -> None:
    source = Source({"flag": failing(error), "wound": lambda bounds: []})
    flag, wound = reader(source).poll(NOON)
    assert (flag.state, flag.frame, flag.rows, flag.as_at) == (FeedState.UNAVAILABLE, None, None, None)
    assert flag.error == f"{type(error).__name__}: {error}"
    assert wound.state is FeedState.CURRENT


def test_a_lost_column_makes_the_feed_unavailable() -> None:
    class Changed(Source):
        def read(self, feed: str, bounds: Bounds) -> RawRows:
            given = super().read(feed, bounds)
            return RawRows(given.frame.drop(columns="type"))

    (data,) = reader(Changed({"flag": lambda bounds: []})).poll(NOON)
    assert data.state is FeedState.UNAVAILABLE
    assert data.error == "SourceChanged: feed flag: the result has no column 'type'"


@pytest.mark.parametrize("at_heartbeat", [True, False])
def test_after_a_refusal_nothing_more_is_asked(at_heartbeat: bool) -> None:
    refusal = SourceRefused("the login was refused")
    feeds = {"flag": failing(refusal), "wound": lambda bounds: [], "obs_set": lambda bounds: []}
    source = Source(feeds, refusal if at_heartbeat else None)
    answers = reader(source).poll(NOON)
    assert [data.state for data in answers] == [FeedState.REFUSED] * 3
    assert {data.error for data in answers} == {"SourceRefused: the login was refused"}
    assert [feed for feed, _ in source.asked] == ([] if at_heartbeat else ["flag"])


def test_what_is_said_of_a_feed_holds_no_value_of_a_row() -> None:
    row = {"patient_key": "Q7mark", "spell_key": "Q7mark", "admit_ts": "Q7mark", "discharge_ts": None, "sex": "Q7mark"}
    for data in (read_one("spell", [row]), read_one("spell", [row], {"spell": 500})):
        told = repr([getattr(data, name) for name in ("rejected", "notes", "error", "absent", "rows", "newest")])
        assert "admit_ts: not a time" in told
        assert "Q7mark" not in told


# -- answers too small to believe


@pytest.mark.parametrize(
    ("now", "before", "state"),
    [
        (100, 200, FeedState.CURRENT),  # exactly half is believed
        (99, 200, FeedState.SUSPECT),
        (0, 200, FeedState.SUSPECT),
        (0, 50, FeedState.SUSPECT),  # the smallest hospital that is judged
        (0, 49, FeedState.CURRENT),
        (600, 200, FeedState.CURRENT),
        (601, 200, FeedState.SUSPECT),  # ten times the rows are not believed either
        (491, 49, FeedState.CURRENT),
    ],
)
def test_an_answer_that_halved_or_more_than_tripled_is_suspect(now: int, before: int, state: FeedState) -> None:
    data = read_one("spell", spells(now), {"spell": before})
    assert data.state is state
    assert (data.frame is None) == (state is FeedState.SUSPECT)
    if state is FeedState.SUSPECT:
        assert data.error == f"{now} rows of spell, {before} before"


def test_the_share_and_the_smallest_size_are_the_sites() -> None:
    strict = {"plausibility": {"share": 0.9, "minimum_rows": 5}}
    assert read_one("spell", spells(89), {"spell": 100}, **strict).state is FeedState.SUSPECT
    assert read_one("spell", spells(90), {"spell": 100}, **strict).state is FeedState.CURRENT
    assert read_one("spell", [], {"spell": 5}, **strict).state is FeedState.SUSPECT


def test_of_ward_stays_the_census_is_judged_and_not_the_rows() -> None:
    ended = stays(300, end_ts=NOON - HOUR / 2)
    data = read_one("ward_stay", [*stays(40), *({**stay, "bed_code": "x"} for stay in ended)], {"ward_stay": 100})
    assert data.state is FeedState.SUSPECT
    assert data.error == "40 open stays in the site's wards, 100 before"


def test_the_census_counts_stays_closed_at_their_start_and_open_at_their_end() -> None:
    data = read_one("ward_stay", [*stays(1, start_ts=NOON), *stays(1, end_ts=NOON)])
    assert data.size == 1


def test_stays_in_units_that_are_no_wards_of_the_site_are_no_census() -> None:
    """Units were given other codes: every stay is still there, and every ward would be empty."""
    elsewhere = stays(100, ward_code="NEW-1")
    some = read_one("ward_stay", [*stays(40), *elsewhere], {"ward_stay": 100})
    assert (some.state, some.error) == (FeedState.SUSPECT, "40 open stays in the site's wards, 100 before")
    assert read_one("ward_stay", [*stays(60), *elsewhere], {"ward_stay": 100}).state is FeedState.CURRENT


@pytest.mark.parametrize("feed", ["ward_stay", "duty"])
def test_rows_of_which_none_is_of_a_ward_of_the_site_are_suspect_in_a_small_hospital_too(feed: str) -> None:
    duty = {"start_ts": NOON, "end_ts": NOON + HOUR, "staff_group": "RN", "state": "filled"}
    rows = [{**row, "ward_code": "NEW-1"} for row in (stays(5) if feed == "ward_stay" else [duty] * 5)]
    data = read_one(feed, rows)
    assert (data.state, data.frame) == (FeedState.SUSPECT, None)
    assert data.error == f"none of 5 rows of {feed} is of a ward of the site"
    assert read_one(feed, [*rows, {**rows[0], "ward_code": "W1"}]).state is FeedState.CURRENT
    assert read_one(feed, rows[:4]).state is FeedState.CURRENT, "a few may all lie in units that are no wards"


def test_a_hospital_whose_stays_have_all_ended_is_empty_and_not_suspect() -> None:
    assert read_one("ward_stay", stays(2, ward_code="NEW-1", end_ts=NOON - HOUR / 2)).state is FeedState.CURRENT


def test_the_first_poll_is_held_against_the_expected_census() -> None:
    expected = {"plausibility": {"expected_census": 400}}
    assert read_one("ward_stay", stays(199), **expected).state is FeedState.SUSPECT
    assert read_one("ward_stay", stays(200), **expected).state is FeedState.CURRENT
    empty = read_one("obs_set", [], **expected)
    assert (empty.state, empty.error) == (
        FeedState.SUSPECT,
        "obs_set: no row at all, in a hospital of about 400 patients",
    )
    assert read_one("spell", spells(1), **expected).state is FeedState.CURRENT
    assert read_one("flag", [], **expected).state is FeedState.CURRENT


@pytest.mark.parametrize(("before", "state"), [(50, FeedState.SUSPECT), (49, FeedState.CURRENT)])
def test_no_feed_loses_all_its_rows_at_once(before: int, state: FeedState) -> None:
    """Flags come and go, but not all of them between two polls: sepsis must not turn into 0 by an empty table."""
    assert read_one("flag", [], {"flag": before}).state is state


def test_a_feed_that_may_shrink_is_believed_while_it_has_rows() -> None:
    flag = {"spell_key": "S", "type": "sepsis_suspected", "start_ts": NOON - HOUR}
    assert read_one("flag", [flag], {"flag": 500}).state is FeedState.CURRENT


# -- reading only what is recent


class Doses(Source):
    """A prescribing system that answers with every dose due since the bound."""

    def __init__(self, due: Sequence[datetime]) -> None:
        super().__init__({"dose_event": self._since})
        self.status = dict.fromkeys(due, "given")

    def _since(self, bounds: Bounds) -> Sequence[Mapping[str, Any]]:
        return [
            {"order_key": "O", "due_ts": due, "status": status}
            for due, status in self.status.items()
            if bounds.since <= due
        ]

    @property
    def since(self) -> list[timedelta]:
        """How far back it was asked, poll by poll."""
        return [bounds.as_at - bounds.since for _, bounds in self.asked]


WHOLE, RECENT = timedelta(days=29), timedelta(hours=48)
RE_READ = {"dose_event": FeedSource(recent_h=48)}


def every_hour(days: int) -> list[datetime]:
    return [NOON - HOUR * number for number in range(-12, 24 * days)]


def rows_of(data: FeedData) -> pd.DataFrame:
    assert data.frame is not None, data.error
    return data.frame.sort_values("due_ts").reset_index(drop=True)


def test_recent_rows_on_top_of_older_ones_are_the_whole() -> None:
    source = Doses(every_hour(31))
    running = reader(source, RE_READ)
    for minutes in range(0, 180, 7):
        now = NOON + timedelta(minutes=minutes)
        source.status[now - HOUR] = "not given"
        source.status[now + HOUR] = "blank"
        (merged,), (whole,) = running.poll(now), reader(source).poll(now)
        assert rows_of(merged).equals(rows_of(whole))
        assert merged.since == whole.since
    asked = source.since[::2]
    assert asked.count(WHOLE) == 3  # at the start and once an hour
    assert asked.count(RECENT) == len(asked) - 3


def test_a_correction_of_an_older_row_is_seen_within_the_hour() -> None:
    source = Doses(every_hour(10))
    running = reader(source, RE_READ)
    running.poll(NOON)
    old = NOON - timedelta(days=5)
    source.status[old] = "not given"
    for minutes, expected in ((59, "given"), (60, "not given")):
        (data,) = running.poll(NOON + timedelta(minutes=minutes))
        rows = rows_of(data)
        assert rows.loc[rows["due_ts"] == pd.Timestamp(old), "status"].tolist() == [expected]


def test_an_earlier_moment_is_read_whole() -> None:
    source = Doses(every_hour(10))
    running = reader(source, RE_READ)
    running.poll(NOON)
    running.poll(NOON - HOUR)
    assert source.since == [WHOLE, WHOLE]


def test_how_far_back_is_recent_is_the_sites() -> None:
    source = Doses(every_hour(10))
    running = reader(source, {"dose_event": FeedSource(recent_h=6)})
    running.poll(NOON)
    running.poll(NOON + timedelta(minutes=1))
    assert source.since == [WHOLE, 6 * HOUR]


@pytest.mark.parametrize("left", [0, 20])
def test_recent_rows_that_vanish_are_not_hidden_by_the_older_ones(left: int) -> None:
    """Four weeks of old doses must not make an empty answer of today look whole: missed doses would show 0."""
    source = Doses(every_hour(29))
    running = reader(source, RE_READ)
    running.poll(NOON)
    gone = sorted(due for due in source.status if due >= NOON - 47 * HOUR)[left:]
    for due in gone:
        del source.status[due]
    (data,) = running.poll(NOON + timedelta(minutes=1), {"dose_event": 24 * 29})
    assert (data.state, data.frame) == (FeedState.SUSPECT, None)
    assert data.error == f"{left} recent rows of dose_event, 60 before"


def test_a_failure_between_does_not_lose_the_older_rows() -> None:
    source = Doses(every_hour(10))
    running = reader(source, RE_READ)
    (first,) = running.poll(NOON)
    answers, source.answers = source.answers, {"dose_event": failing(SourceUnavailable("away"))}
    (failed,) = running.poll(NOON + timedelta(minutes=1))
    source.answers = answers
    (again,) = running.poll(NOON + timedelta(minutes=2))
    assert failed.state is FeedState.UNAVAILABLE
    assert len(rows_of(again)) == len(rows_of(first))
