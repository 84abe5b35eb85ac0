from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from surveillance.current_lists import CurrentLists
from surveillance.errors import SourceRefused, SourceUnavailable, StoreError
from surveillance.feeds.data import FeedData, FeedState
from surveillance.hub import Hub
from surveillance.polling import composer as composing
from surveillance.polling import pace
from surveillance.polling.composer import Composer
from surveillance.polling.keeper import Keeper
from surveillance.polling.pace import Pace
from surveillance.polling.poller import Poller
from surveillance.snapshot import Snapshot, SourceStatus, State
from surveillance.store import open_store
from tests.canonical import feed_data, site_of
from tests.displays import NOON

STAY = {"stay_key": "w1", "spell_key": "s1", "ward_code": "W1", "start_ts": "2026-11-23T08:00:00Z"}
SPELL = {"patient_key": "p1", "spell_key": "s1", "admit_ts": "2026-11-23T08:00:00Z", "patient_class": "inpatient"}
ROWS = {"spell": [SPELL], "ward_stay": [STAY]}


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


@dataclass
class Clock:
    """The hospital's time: it stands still unless a test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class FakeSource:
    """A reader whose answers a test decides; ``fails`` holds what each poll raises, None for an answer.

    ``away``: raised by polls and knocks alike until it is None. ``behind``: its heartbeat does not beat.
    ``changed``: somebody wrote other credentials. ``looks``: how often that was asked.
    """

    name: str
    feeds: tuple[str, ...]
    fails: list[Exception | None] = field(default_factory=list)
    blocked: threading.Event | None = None
    polls: int = 0
    knocks: int = 0
    away: Exception | None = None
    behind: bool = False
    stands_still: bool = False
    changed: bool = False
    looks: int = 0

    @property
    def connector(self) -> FakeSource:
        return self

    def has_new_credentials(self) -> bool:
        self.looks += 1
        return self.changed

    def rest(self) -> None:
        pass

    def give_up(self) -> None:
        pass

    def close(self) -> None:
        pass

    def poll(self, as_at: datetime, _accepted: Any = None) -> list[FeedData]:
        self.polls += 1
        self.stands_still = self.behind
        if self.blocked:
            self.blocked.wait(20)
        error = self.away or (self.fails.pop(0) if self.fails else None)
        if isinstance(error, SourceUnavailable | SourceRefused):
            state = FeedState.REFUSED if isinstance(error, SourceRefused) else FeedState.UNAVAILABLE
            return [FeedData(feed, state, self.name, polled_at=as_at, error=str(error)) for feed in self.feeds]
        if error:
            raise error
        return [feed_data(feed, ROWS[feed], as_at) for feed in self.feeds]

    def knock(self, _as_at: datetime) -> bool:
        self.knocks += 1
        if self.away:
            raise self.away
        return not self.behind


class Deaf(Keeper):
    """Keeps nothing; for tests that are not about the store."""

    def __init__(self) -> None:
        super().__init__(lambda: pytest.fail("nobody opens it"))

    def save(self, *_: Any) -> None:
        pass


@contextmanager
def polling(
    *sources: FakeSource,
    hub: Hub | None = None,
    keeper: Keeper | None = None,
    clock: Clock | None = None,
    interval_s: float = 0.05,
    lists: CurrentLists | None = None,
) -> Iterator[Poller]:
    clock = clock or Clock()
    kept = keeper or Deaf()
    expected = {feed: source.name for source in sources for feed in source.feeds}
    composer = Composer(site_of(), expected, hub or Hub(), kept, clock, lists)
    if keeper:
        composer.start_from(*keeper.read_back())
    readers: Sequence[Any] = sources
    poller = Poller(readers, composer, {source.name: Pace(interval_s) for source in sources}, clock, random.Random(1))
    poller.start()
    try:
        yield poller
    finally:
        for source in sources:
            if source.blocked:
                source.blocked.set()
        assert poller.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "DEBOUNCE_S", 0.02)
    monkeypatch.setattr(composing, "AT_LEAST_EVERY_S", 0.1)
    monkeypatch.setattr(composing, "FIRST_WAIT_S", 0.5)
    monkeypatch.setattr(pace, "KNOCK_S", 0.02)


def statuses(hub: Hub) -> dict[str, SourceStatus]:
    frame = hub.look().frame
    return {one.feed: one for one in frame.snapshot.sources} if frame else {}


def first_reading(hub: Hub) -> Any:
    frame = hub.look().frame
    return frame.snapshot.readings["W1"]["patients_on_ward"] if frame else None


def test_a_source_that_hangs_delays_no_other() -> None:
    hanging = FakeSource("slow", ("spell",), blocked=threading.Event())
    other = FakeSource("other", ("ward_stay",))
    hub = Hub()
    with polling(hanging, other, hub=hub):
        until(lambda: other.polls >= 5)
        until(lambda: statuses(hub).get("ward_stay") and statuses(hub)["ward_stay"].state == "current")
        assert hanging.polls == 1
        assert statuses(hub)["spell"].state == "unavailable"
        assert first_reading(hub).state is State.UNAVAILABLE


def test_one_line_when_it_fails_and_one_when_it_recovers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    source = FakeSource("epr", ("spell", "ward_stay"), [None, *[SourceUnavailable("gone")] * 4, None])
    with polling(source):
        until(lambda: source.polls >= 8)
    lines = [record for record in caplog.records if "epr" in record.getMessage()]
    assert [record.levelname for record in lines] == ["ERROR", "WARNING"]
    assert "gone" in lines[0].getMessage()
    assert "answers again after" in lines[1].getMessage()


A_DAY_S = 86_400.0
"""Between two polls: within a test's time there is one, unless something calls for another."""


def test_a_source_that_was_away_is_asked_as_soon_as_it_answers_a_knock_and_not_at_its_next_poll() -> None:
    source = FakeSource("epr", ("spell", "ward_stay"), away=SourceUnavailable("no route"))
    hub = Hub()
    with polling(source, hub=hub, interval_s=A_DAY_S):
        until(lambda: source.knocks >= 5)
        assert source.polls == 1, "knocking is no polling"
        source.away = None
        until(lambda: statuses(hub)["spell"].state == "current")
        knocks = source.knocks
        assert source.polls == 2
    assert source.knocks == knocks, "a source that answers is not knocked at"


def test_a_source_that_answers_knocks_while_its_queries_fail_is_asked_ever_more_rarely_all_the_same() -> None:
    source = FakeSource("epr", ("spell", "ward_stay"), [SourceUnavailable("a lock")] * 500)
    other = FakeSource("other", ("duty",), away=SourceUnavailable("away"))
    with polling(source, other, interval_s=A_DAY_S):
        until(lambda: source.polls == 2)  # it may have come back in between: it is asked once more
        knocks = other.knocks
        until(lambda: other.knocks >= knocks + 20)
        assert (source.polls, source.knocks) == (2, 2)


def test_a_source_that_stood_still_is_asked_as_soon_as_it_moves() -> None:
    source = FakeSource("epr", ("spell", "ward_stay"), behind=True)
    with polling(source, interval_s=A_DAY_S):
        until(lambda: source.knocks >= 5)
        assert source.polls == 1
        source.behind = False
        until(lambda: source.polls == 2)


def test_a_login_that_is_refused_at_a_knock_ends_the_knocking() -> None:
    source = FakeSource("epr", ("spell", "ward_stay"), away=SourceUnavailable("away"))
    with polling(source, interval_s=A_DAY_S) as poller:
        until(lambda: source.knocks >= 2)
        source.away = SourceRefused("no")
        until(lambda: poller.refused)
        assert source.polls == 2


def test_a_refused_login_is_not_tried_again_until_a_person_says_so() -> None:
    source = FakeSource("epr", ("spell", "ward_stay"), [SourceRefused("no")])
    other = FakeSource("other", ("duty",), [SourceUnavailable("away")] * 500)
    hub = Hub()
    with polling(source, other, hub=hub) as poller:
        until(lambda: other.polls >= 4)
        assert source.polls == 1
        assert poller.refused == {"epr"}
        until(lambda: statuses(hub) and statuses(hub)["spell"].state == "refused")
        poller.resume("epr")
        until(lambda: statuses(hub)["spell"].state == "current")
        assert not poller.refused


def test_a_refused_login_is_tried_once_more_when_somebody_changed_the_credentials() -> None:
    source = FakeSource("epr", ("spell", "ward_stay"), [SourceRefused("no"), SourceRefused("no")])
    with polling(source) as poller:
        until(lambda: source.looks >= 3)
        assert source.polls == 1, "looking is not asking"
        source.changed = True
        until(lambda: source.polls >= 3)
        assert not poller.refused


def test_an_unforeseen_error_ends_one_poll_and_quotes_no_row(caplog: pytest.LogCaptureFixture) -> None:
    source = FakeSource("epr", ("spell", "ward_stay"), [KeyError("Smith, NHS 999")])
    hub = Hub()
    with polling(source, hub=hub):
        until(lambda: source.polls >= 2)
        until(lambda: statuses(hub) and statuses(hub)["spell"].state == "current")
    assert "KeyError" in caplog.text
    assert "Smith" not in caplog.text


def test_figures_turn_stale_and_then_go_while_every_source_is_dead() -> None:
    source = FakeSource("test", ("spell", "ward_stay"), [None, *[SourceUnavailable("gone")] * 500])
    hub, clock = Hub(), Clock()
    with polling(source, hub=hub, clock=clock):
        until(lambda: first_reading(hub) and first_reading(hub).state is State.STALE)
        assert first_reading(hub).value == 1
        assert first_reading(hub).as_at == NOON
        clock.now = NOON + timedelta(hours=3)
        until(lambda: first_reading(hub).state is State.UNAVAILABLE)
        assert first_reading(hub).value is None
        versions = hub.look().frame
        assert versions
        until(lambda: (hub.look().frame or versions).version > versions.version + 1)
        assert first_reading(hub).as_at == NOON, "since when there is no data is not forgotten"


def test_a_store_that_fails_stops_no_wall_and_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    works = threading.Event()

    def opened() -> Any:
        if not works.is_set():
            raise StoreError("store: the disk is full")
        return open_store(f"sqlite:///{tmp_path}/store.sqlite")

    hub, keeper = Hub(), Keeper(opened)
    with polling(FakeSource("test", ("spell", "ward_stay")), hub=hub, keeper=keeper):
        until(lambda: first_reading(hub) and first_reading(hub).value == 1)
        until(lambda: "disk is full" in hub.look().faults.get("store", ""))
        works.set()
        until(lambda: not hub.look().faults)
    assert caplog.text.count("disk is full") == 1
    keeper.close()
    with open_store(f"sqlite:///{tmp_path}/store.sqlite") as store:
        assert store.current() is not None


def test_after_a_restart_the_figures_of_before_are_shown_as_stale_not_as_zero(tmp_path: Path) -> None:
    def opened() -> Any:
        return open_store(f"sqlite:///{tmp_path}/store.sqlite")

    hub, keeper = Hub(), Keeper(opened)
    with polling(FakeSource("test", ("spell", "ward_stay")), hub=hub, keeper=keeper):
        until(lambda: first_reading(hub) and first_reading(hub).value == 1)
        until(lambda: keeper.read_back()[0] is not None)
    keeper.close()

    away = FakeSource("test", ("spell", "ward_stay"), blocked=threading.Event())
    hub, keeper = Hub(), Keeper(opened)
    with polling(away, hub=hub, keeper=keeper, clock=Clock(NOON + timedelta(minutes=3))):
        until(lambda: first_reading(hub))
        assert (first_reading(hub).state, first_reading(hub).value) == (State.STALE, 1)
        assert first_reading(hub).as_at == NOON
    keeper.close()


def test_after_a_restart_the_figures_of_before_have_their_rows(tmp_path: Path) -> None:
    def opened() -> Any:
        return open_store(f"sqlite:///{tmp_path}/store.sqlite")

    hub, keeper = Hub(), Keeper(opened)
    with polling(FakeSource("test", ("spell", "ward_stay")), hub=hub, keeper=keeper):
        until(lambda: first_reading(hub) and first_reading(hub).value == 1)
        until(lambda: keeper.read_back()[2] is not None and keeper.read_back()[2].rows)
    keeper.close()

    away, lists = FakeSource("test", ("spell", "ward_stay"), blocked=threading.Event()), CurrentLists()
    hub, keeper = Hub(), Keeper(opened)
    with polling(away, hub=hub, keeper=keeper, clock=Clock(NOON + timedelta(minutes=3)), lists=lists):
        until(lambda: first_reading(hub))
        seen = lists.look()
        assert seen is not None
        assert seen.snapshot.readings["W1"]["patients_on_ward"].state is State.STALE
        (row,) = seen.worklist.rows["W1", "patients_on_ward"]
        assert (row["patient_key"], row["part"]) == ("p1", "count")
    with opened() as store:
        assert [row["patient_key"] for row in store.worklist("W1", "patients_on_ward")] == ["p1"], "still kept"
    keeper.close()


def test_a_store_without_a_snapshot_has_nothing_to_hold(tmp_path: Path) -> None:
    keeper = Keeper(lambda: open_store(f"sqlite:///{tmp_path}/store.sqlite"))
    assert keeper.read_back() == (None, {}, None)
    keeper.close()


def test_the_lists_are_there_before_the_walls_show_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    hub, lists, pairs = Hub(), CurrentLists(), []
    publish = hub.publish

    def published(snapshot: Snapshot, *rest: Any) -> None:
        pairs.append((snapshot, lists.look()))
        publish(snapshot, *rest)

    monkeypatch.setattr(hub, "publish", published)
    with polling(FakeSource("test", ("spell", "ward_stay")), hub=hub, lists=lists):
        until(lambda: len(pairs) >= 2)
    assert all(seen is not None and seen.snapshot is snapshot for snapshot, seen in pairs)


def test_a_feed_that_nobody_has_asked_yet_is_never_an_empty_one() -> None:
    hub = Hub()
    away = FakeSource("epr", ("spell", "ward_stay"), blocked=threading.Event())
    with polling(away, hub=hub):
        until(lambda: first_reading(hub))
        frame = hub.look().frame
        assert frame
        shown = {one.state for by_measure in frame.snapshot.readings.values() for one in by_measure.values()}
        assert shown <= {State.UNAVAILABLE, State.NOT_CONNECTED, State.NOT_APPLICABLE}
