"""What teams write becomes feeds and boards; a store that fails makes them unavailable; what clears ends by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from callbacks.screens import Screens
from surveillance.access.access import Access
from surveillance.app import Beside, Running
from surveillance.compose import compose
from surveillance.current_lists import CurrentLists
from surveillance.errors import ConfigurationError, StoreError
from surveillance.feeds.data import FeedData, FeedState
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.measures.site import Site
from surveillance.opening import open_site
from surveillance.polling.team_watch import TeamWatch, Times
from surveillance.settings import Settings
from surveillance.snapshot import Level, Reading, Snapshot, State
from surveillance.store import open_database
from surveillance.store.database import Database
from surveillance.team.feeds import answers, team_feeds
from surveillance.team.notebook import Entry, Notebook
from surveillance.team.things import Kind, Standing
from tests.displays import NOON, hub_of, settings, snapshot
from tests.programs import until
from tests.small_hospital import small_hospital
from tests.teams import RED, TEAM, one_red, site

FEEDS = ("huddle_rating", "huddle_action", "accreditation")
BY = ("nurse", "Ward staff")
DAY = timedelta(days=1)


class Taken:
    """Stands for the composer."""

    def __init__(self) -> None:
        self.feeds: dict[str, FeedData] = {}

    def take(self, source: str, found: list[FeedData], sizes: Mapping[str, int]) -> None:
        assert source == "team"
        assert not sizes
        self.feeds |= {data.feed: data for data in found}

    def state(self) -> FeedState | None:
        return self.feeds["huddle_action"].state if self.feeds else None


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


@contextmanager
def watched(
    folder: Path, hub: Hub, open_it: Callable[[], Database] | None = None, **notebooks: Notebook
) -> Iterator[tuple[Notebook, Taken]]:
    notebook, taken = notebooks.get("notebook", Notebook()), Taken()
    opens = open_it or (lambda: open_database(f"sqlite:///{folder / 'store.sqlite'}"))
    into: Any = (taken, hub)
    watch = TeamWatch(notebook, opens, into, site(folder), FEEDS, Times(lambda: NOON, lambda: NOON))
    try:
        yield notebook, taken
    finally:
        watch.close()


def said(database: Database, *entries: tuple[Entry, timedelta]) -> Notebook:
    """A notebook in which these were written so long ago."""
    notebook = Notebook()
    notebook.open(database)
    for entry, ago in entries:
        assert notebook.keep(entry, BY, NOON - ago, NOON - ago)
    notebook.read()
    return notebook


def readings(folder: Path, notebook: Notebook) -> dict[str, Reading]:
    feeds = {data.feed: data for data in answers(notebook.things, FEEDS, NOON)}
    assert all(not data.rejected for data in feeds.values())
    made, _ = compose(Site.of(site(folder)), feeds, NOON)
    return dict(made.readings["A1"])


def rating(value: int, ago: timedelta) -> Entry:
    return Entry("A1", Kind.RATING, {"rating": value, "date": (NOON - ago).date().isoformat()})


def test_what_a_team_writes_fills_its_three_measures(tmp_path: Path, database: Database) -> None:
    action = {"what": "Check the trolley", "role": "ward manager", "due": None}
    level = {"scheme": "COAST", "level": "Silver", "assessed_on": "2026-03-02", "next_due": "2027-03-02", "domains": {}}
    notebook = said(
        database,
        (rating(2, 3 * DAY), 3 * DAY),
        (rating(4, DAY), DAY),
        (Entry("A1", Kind.ACTION, action), 9 * DAY),
        (Entry("A1", Kind.ACTION, action), 8 * DAY),
        (Entry("A1", Kind.ACTION, action), 8 * DAY),
        (Entry("A1", Kind.ACTION, standing=Standing.DONE, about=4), 2 * DAY),
        (Entry("A1", Kind.ACTION, standing=Standing.WITHDRAWN, about=5), DAY),
        (Entry("A1", Kind.ACCREDITATION, level), DAY),
    )
    found = readings(tmp_path, notebook)
    assert (found["team_self_rating"].value, found["team_self_rating"].detail) == (4, "rated 22 Nov")
    assert found["huddle_actions_open"].value == {"open": 1, "closed": 1}
    assert (found["accreditation_level"].value, found["accreditation_level"].detail) == ("Silver", "since 2 Mar 2026")


def test_a_rating_that_expired_says_when_it_was(tmp_path: Path, database: Database) -> None:
    found = readings(tmp_path, said(database, (rating(4, 15 * DAY), 15 * DAY)))["team_self_rating"]
    assert (found.state, found.detail) == (State.NOT_RECORDED, "last rated 8 November: 15 days ago")


def test_an_assessment_that_is_overdue_says_so(tmp_path: Path, database: Database) -> None:
    level = {"scheme": "COAST", "level": "Silver", "assessed_on": "2025-03-02", "next_due": "2026-11-22", "domains": {}}
    found = readings(tmp_path, said(database, (Entry("A1", Kind.ACCREDITATION, level), DAY)))["accreditation_level"]
    assert (found.value, found.detail) == ("Silver", "was due 22 Nov 2026")


def test_before_anybody_wrote_there_is_no_number(tmp_path: Path, database: Database) -> None:
    found = readings(tmp_path, said(database))
    assert {found[name].state for name in CATALOGUE if CATALOGUE[name].feeds[0] in FEEDS} == {State.NOT_RECORDED}


@pytest.mark.parametrize(
    ("changes", "given", "feeds"),
    [
        ({"access": {}}, (), ()),
        ({}, (), FEEDS),
        ({"team": {}}, (), FEEDS[:2]),
        ({}, ("huddle_rating",), FEEDS[1:]),
    ],
)
def test_teams_fill_what_no_source_gives_and_only_where_people_sign_in(
    changes: dict[str, Any], given: tuple[str, ...], feeds: tuple[str, ...]
) -> None:
    content: dict[str, Any] = {"access": {"local_accounts": True}, "team": TEAM} | changes
    site: Settings = settings(**content)
    assert team_feeds(site, given) == feeds


def test_what_is_written_here_is_on_the_wall_at_once(tmp_path: Path) -> None:
    hub = hub_of(snapshot(one_red))
    with watched(tmp_path, hub) as (notebook, taken):
        until(lambda: taken.state() is FeedState.CURRENT)
        notebook.keep(Entry("A1", Kind.TRYING, {"words": "Trolley at noon"}), BY, NOON, NOON)
        until(lambda: "A1" in hub.look().team, 2)
        assert hub.look().team["A1"].trying == "Trolley at noon"


def test_a_store_that_cannot_be_read_makes_the_feeds_unavailable_until_it_can(tmp_path: Path) -> None:
    works = threading.Event()

    def opened() -> Database:
        if not works.is_set():
            raise StoreError("the store is locked")
        return open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")

    with watched(tmp_path, hub_of(snapshot()), opened) as (_, taken):
        until(lambda: taken.state() is FeedState.UNAVAILABLE)
        assert taken.feeds["huddle_action"].frame is None
        assert taken.feeds["huddle_action"].error == "StoreError: the store is locked"
        works.set()
        until(lambda: taken.state() is FeedState.CURRENT)


def coloured(level: Level, state: State = State.VALUE, minutes: int = 1) -> Snapshot:
    """The first ward's red figure at another level, a little later."""
    made = snapshot(one_red, NOON + timedelta(minutes=minutes))
    changed = {code: dict(by) for code, by in made.readings.items()}
    changed["A1"][RED] = replace(changed["A1"][RED], level=level, state=state)
    return replace(made, readings=changed)


def owned(hub: Hub) -> bool:
    board = hub.look().team.get("A1")
    return bool(board and RED in board.owned)


def test_an_acknowledgement_ends_when_the_figure_clears_and_not_while_it_is_unknown(tmp_path: Path) -> None:
    hub = hub_of(snapshot(one_red))
    with watched(tmp_path, hub) as (notebook, taken):
        until(lambda: taken.state() is FeedState.CURRENT)
        entry = Entry("A1", Kind.OWNED, {"measure": RED, "role": "nurse in charge", "words": ""})
        notebook.keep(entry, BY, NOON, NOON)
        until(lambda: owned(hub))
        hub.publish(coloured(Level.NONE, State.STALE), 0.1)
        hub.publish(coloured(Level.WATCH, minutes=2), 0.1)
        notebook.keep(Entry("A1", Kind.TRYING, {"words": "Later"}), BY, NOON, NOON)
        until(lambda: hub.look().team["A1"].trying == "Later")
        assert owned(hub), "neither stale nor watch is clear"
        hub.publish(coloured(Level.NONE, minutes=3), 0.1)
        hub.publish(coloured(Level.ACT, minutes=4), 0.1)
        until(lambda: not owned(hub))
        (thing,) = [one for one in notebook.things if one.kind is Kind.OWNED]
        assert (thing.standing, thing.ended) == (Standing.CLEARED, NOON + timedelta(minutes=3))


def test_two_who_end_the_same_thing_end_it_once(database: Database) -> None:
    notebook = said(database, (Entry("A1", Kind.TRYING, {"words": "x"}), DAY))
    end = Entry("A1", Kind.TRYING, standing=Standing.WITHDRAWN, about=1)
    assert [notebook.keep(end, BY, NOON, NOON) for _ in range(2)] == [True, False]
    assert not notebook.keep(replace(end, ward="C3"), BY, NOON, NOON)


def test_what_another_process_wrote_is_read(tmp_path: Path, database: Database) -> None:
    notebook = said(database)
    other = Notebook()
    other.open(database)
    other.keep(rating(3, DAY), BY, NOON, NOON)
    assert notebook.things == ()
    assert notebook.read()
    assert not notebook.read()
    assert [thing.day("date") for thing in notebook.things] == [date(2026, 11, 22)]


def test_the_running_program_counts_what_a_team_wrote_within_seconds(tmp_path: Path) -> None:
    config = small_hospital(tmp_path)
    further = '\n[access]\nlocal_accounts = true\n[team.accreditation]\nlevels = ["Bronze", "Silver"]\n'
    config.write_text(config.read_text("utf-8") + further, "utf-8")
    hub, beside = Hub(), Beside(Screens(), Access(), CurrentLists())
    running = Running(open_site(config), hub, beside)

    def own_rating() -> Reading | None:
        made = hub.look().snapshot
        return made.readings["A1"]["team_self_rating"] if made else None

    try:
        until(lambda: (found := own_rating()) and found.state is State.NOT_RECORDED)
        today = hub.look().now.date().isoformat()
        entry = Entry("A1", Kind.RATING, {"rating": 4, "date": today})
        beside.notebook.keep(entry, BY, NOON, hub.look().now)
        until(lambda: (found := own_rating()) and found.value == 4, 5)
    finally:
        assert running.close()


def test_no_source_may_be_called_as_the_teams_are(tmp_path: Path) -> None:
    config = small_hospital(tmp_path)
    config.write_text(config.read_text("utf-8").replace("sources.pas", "sources.team"), "utf-8")
    with pytest.raises(ConfigurationError, match=r"sources\.team"):
        open_site(config)
