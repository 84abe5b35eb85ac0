"""A wall as it was: what was kept of the moment, by the same drawing, and never the present."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path

import httpx
import pytest

from callbacks.past import UNREAD, Past
from callbacks.walls import Address, Walls
from callbacks.when import Unclear, moment_of
from layouts.past import full, written
from surveillance.archive import Archive
from surveillance.hub import Hub
from surveillance.settings import Settings
from surveillance.snapshot import Snapshot, State
from surveillance.store import open_database, open_store, store_url
from surveillance.team.board import Boards
from surveillance.team.boards import boards_then
from surveillance.team.notebook import Entry, Notebook
from surveillance.team.things import Kind
from tests.displays import NOON, every_state, hub_of, served, settings, snapshot
from tests.pasts import (
    BEGAN,
    CAME_BACK,
    ENDED,
    LEFT,
    NOW,
    all_are,
    archive_of,
    coarse,
    hub_with_past,
    keep,
    moments,
    number_at,
    site_of,
    three_hours,
)

AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)
"""In this night the clocks go back at 01:00 UTC."""
WARD = Address("ward", "A1")
NUMBERS = re.compile(r'class="(?:number|n)"[^>]*>(\d+)<')


class Asked:
    """A site's walls as they were."""

    def __init__(self, site: Settings, archive: Archive, now: datetime = NOON) -> None:
        self.said: Boards | None = {}
        self.past = Past(hub_with_past(site, now), Walls(), archive, lambda settings, moment: self.said)

    def __call__(self, moment: datetime | str, address: Address = WARD) -> tuple[int, str]:
        answer = self.past.page(address, moment if isinstance(moment, str) else written(moment))
        return answer.status_code, bytes(answer.body).decode()


def banner(text: str) -> str:
    found = re.search(r'class="when-it-was">([^<]*)<', text)
    assert found, text[:2000]
    return found[1]


def offered(text: str) -> list[str]:
    """The moments that a page without a wall links to, as addresses name them."""
    return [unescape(one) for one in re.findall(r'<li><a href="[^"]*\?at=([^"]*)"', text)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = site_of(tmp_path_factory.mktemp("past"))
    keep(made, three_hours())
    return made


@pytest.fixture(scope="module")
def asked(site: Settings) -> Iterator[Asked]:
    with archive_of() as archive:
        yield Asked(site, archive)


# ------------------------------------------------------------------------------------------------ words and moments
@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("2026-11-27T02:15", datetime(2026, 11, 27, 2, 15, tzinfo=UTC)),
        ("2026-11-27 02:15:31", datetime(2026, 11, 27, 2, 15, 31, tzinfo=UTC)),
        ("2026-07-01T02:15", datetime(2026, 7, 1, 1, 15, tzinfo=UTC)),
        ("2026-07-01T02:15Z", datetime(2026, 7, 1, 2, 15, tzinfo=UTC)),
        ("2026-07-01T02:15+01:00", datetime(2026, 7, 1, 1, 15, tzinfo=UTC)),
        ("2026-07-01T02:15 01:00", datetime(2026, 7, 1, 1, 15, tzinfo=UTC)),  # a plus that was not escaped
        ("2026-07-01T02:15-03:30", datetime(2026, 7, 1, 5, 45, tzinfo=UTC)),
        ("2026-10-25T01:30+00:00", AUTUMN + timedelta(hours=1, minutes=30)),
    ],
)
def test_a_moment_is_londons_unless_an_offset_is_given(words: str, moment: datetime) -> None:
    assert moment_of(words) == moment


NONSENSE = (
    "",
    "  ",
    "tomorrow",
    "2026-11-27",
    "02:15",
    "2026-13-27T02:15",
    "2026-11-27T25:15",
    "2026-11-27T02:15+99:00",
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:59-14:00",
    "٢٠٢٦-11-27T02:15",
    "2026-11-27T02:15 and 2026-11-27T02:16",
    "<script>alert(1)</script>",
    "9" * 5000,
)


@pytest.mark.parametrize("words", NONSENSE)
def test_nonsense_is_called_that(words: str) -> None:
    found = moment_of(words)
    assert isinstance(found, Unclear)
    assert "2026-11-27T02:15" in found.words
    assert len(found.words) < 300


def test_an_hour_that_comes_twice_is_asked_about_and_one_that_does_not_come_is_named() -> None:
    twice = moment_of("2026-10-25T01:30")
    assert isinstance(twice, Unclear)
    assert twice.choices == (AUTUMN + timedelta(minutes=30), AUTUMN + timedelta(minutes=90))
    assert "BST or GMT" in twice.words.replace("Choose ", "")
    never = moment_of("2026-03-29T01:30")
    assert isinstance(never, Unclear)
    assert "no 01:30" in never.words
    assert [full(one) for one in never.choices] == ["Sunday 29 March 2026 00:30", "Sunday 29 March 2026 02:30"]


@pytest.mark.parametrize("night", [AUTUMN, datetime(2026, 3, 29, tzinfo=UTC)])
def test_what_an_address_names_is_what_it_was_written_for(night: datetime) -> None:
    for minutes in range(-120, 240):
        moment = night + timedelta(minutes=minutes)
        assert moment_of(written(moment)) == moment
        exact = moment + timedelta(seconds=3, microseconds=4)
        assert moment_of(written(exact)) == exact


# ------------------------------------------------------------------------------------------------ what was kept
@pytest.mark.parametrize("moment", [BEGAN, BEGAN + timedelta(minutes=42), CAME_BACK, ENDED])
def test_a_wall_shows_the_figures_of_that_moment(asked: Asked, moment: datetime) -> None:
    code, text = asked(moment)
    assert code == 200
    assert banner(text) == f"THE PAST · {full(moment)} · not live"
    assert f"<title>PAST · {full(moment)} · Ash Ward</title>" in text
    assert "<h1>Ash Ward</h1>" in text
    numbers = set(NUMBERS.findall(text))
    assert str(number_at(moment)) in numbers
    assert numbers <= {str(number_at(moment)), str(2 * number_at(moment)), "0"}, "some add two parts up"
    assert f'class="clock">{moment:%H:%M}<' in text


def test_it_is_drawn_as_the_wall_was(asked: Asked, site: Settings) -> None:
    """The same places with the same words as the live wall of that moment; only how live it is differs."""
    moment = BEGAN + timedelta(minutes=30)
    hub = hub_of(snapshot(all_are(number_at(moment), as_at=moment), moment), moment, site)
    wall = Walls().at(hub.look(), WARD)
    assert wall
    _, text = asked(moment)
    for name, shown in wall.shown(hub.look()).items():
        if isinstance(shown.get("children"), str) and "fresh" not in name and "chip" not in name and "live" not in name:
            place = re.search(rf'id="{re.escape(name)}"[^>]*>([^<]*)<', text)
            assert place, name
            assert unescape(place[1]) == shown["children"]


def test_states_are_as_they_were_kept_and_nothing_grows_stale_by_being_old(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    keep(site, [snapshot(every_state, NOON - timedelta(days=2))])
    with archive_of() as archive:
        code, text = Asked(site, archive)(NOON - timedelta(days=2))
        shown = Walls().at(hub_with_past(site).look(), WARD)
        assert (code, shown is not None) == (200, True)
        for state in State:
            wanted = "value" if state is State.VALUE else state.value.replace("_", "-")
            assert re.search(rf'class="(?:tile|row|line|cell) {wanted}\b', text), state
    fresh = site_of(tmp_path / "fresh")
    keep(fresh, [snapshot(all_are(5), NOON - timedelta(days=2))])
    with archive_of() as archive:
        _, text = Asked(fresh, archive)(NOON - timedelta(days=2))
        assert not re.search(r'class="(?:tile|row|line|cell) (stale|unavailable)', text)


def test_a_page_of_the_past_is_static(asked: Asked) -> None:
    for moment in (BEGAN, LEFT + timedelta(minutes=20), NOON + timedelta(days=1), "tomorrow"):
        _, text = asked(moment)
        assert re.findall(r"<script[^>]*>", text) == ['<script src="/assets/replay.js">']
        for word in ("/stream/", "wall.js", "guard", "again.js", 'http-equiv="refresh"', "_dash", "● Live"):
            assert word not in text, word
        assert text.count("THE PAST") >= 1
        assert 'class="past' in text or 'class="wall past' in text


def test_how_live_it_was_is_not_said(asked: Asked) -> None:
    _, text = asked(BEGAN)
    assert "How the sources stood is not kept" in text
    assert "No source is connected" not in text
    assert 'role="status"' in text.partition('id="past"')[0], "only the bar speaks"
    assert 'role="status"' not in text.partition('id="past"')[2]


def test_every_kind_of_wall_has_a_past(asked: Asked) -> None:
    for name in ("", "trust"):
        code, text = asked(BEGAN, Address("executive", name))
        assert code == 200
        assert banner(text) == f"THE PAST · {full(BEGAN)} · not live"
        assert "● Live" not in text
        assert str(NOW) not in set(NUMBERS.findall(text))


def test_a_ward_that_there_was_not_yet_is_not_shown_as_silent(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    before = snapshot(all_are(5), NOON - timedelta(hours=1))
    others = {ward: readings for ward, readings in before.readings.items() if ward != "A1"}
    keep(site, [replace(before, readings=others, forecasts={})])
    with archive_of() as archive:
        code, text = Asked(site, archive)(NOON - timedelta(hours=1))
        assert code == 200
        assert "no such ward then" in text


# ------------------------------------------------------------------------------------------------ what was not
def test_in_a_gap_it_says_so_and_offers_the_moments_on_either_side(asked: Asked) -> None:
    code, text = asked(LEFT + timedelta(minutes=20))
    assert code == 404
    assert "Not watched at that moment" in text
    assert [moment_of(one) for one in offered(text)] == [LEFT, CAME_BACK]
    assert f"Kept: from {full(BEGAN)} to {full(ENDED)}" in text
    assert not NUMBERS.search(text)
    for one in offered(text):
        assert asked(one)[0] == 200


def test_after_the_newest_and_before_the_first_moment(asked: Asked) -> None:
    code, text = asked(ENDED + timedelta(minutes=1))
    assert (code, [moment_of(one) for one in offered(text)]) == (404, [ENDED])
    code, text = asked(BEGAN - timedelta(days=400))
    assert (code, [moment_of(one) for one in offered(text)]) == (404, [BEGAN])
    assert "Nothing is kept of that moment" in text


@pytest.mark.parametrize("words", [*NONSENSE, "2026-11-23T12:01", "2999-01-01T00:00"])
def test_what_is_no_moment_or_still_to_come_is_refused_in_words(asked: Asked, words: str) -> None:
    code, text = asked(words)
    assert code == 400
    assert "<title>PAST · " in text
    assert f"Kept: from {full(BEGAN)} to {full(ENDED)}" in text
    assert "<script>alert" not in text
    assert not NUMBERS.search(text)


def test_without_any_history_it_says_so(tmp_path: Path) -> None:
    with archive_of() as archive:
        code, text = Asked(site_of(tmp_path), archive)(BEGAN)
    assert code == 404
    assert "Nothing is kept yet" in text


def test_an_unknown_ward_is_not_found_and_the_nearest_is_offered_at_that_moment(asked: Asked) -> None:
    code, text = asked(BEGAN, Address("ward", "a1"))
    assert code == 404
    assert 'href="/ward/A1?at=2026-11-23T09%3A00%3A31"' in text


def test_a_night_in_which_the_clocks_go_back_can_be_looked_at_twice(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    first, second = AUTUMN + timedelta(minutes=30), AUTUMN + timedelta(minutes=90)
    night = [snapshot(all_are(21 if one < AUTUMN + timedelta(hours=1) else 22, as_at=one), one)
             for one in moments(AUTUMN, AUTUMN + timedelta(hours=3))]  # fmt: skip
    keep(site, night)
    with archive_of() as archive:
        asked = Asked(site, archive)
        code, text = asked("2026-10-25T01:30")
        assert code == 400
        ways = [one.replace("%2B", "+") for one in offered(text)]
        assert ways == ["2026-10-25T01:30+01:00", "2026-10-25T01:30+00:00"]
        for way, moment, number, zone in zip(ways, (first, second), (21, 22), ("BST", "GMT"), strict=True):
            code, text = asked(way)
            assert code == 200
            assert banner(text) == f"THE PAST · Sunday 25 October 2026 01:30 {zone} · not live"
            assert str(number) in NUMBERS.findall(text)
            assert f'data-moment="{moment.timestamp():.0f}"' in text


# ------------------------------------------------------------------------------------------------ thinned history
@pytest.fixture(scope="module")
def thinned(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Eight days, polled every five minutes but for two gaps, one over a midnight; daily, then hourly, then whole."""
    folder = tmp_path_factory.mktemp("thinned")
    site = site_of(folder, store=coarse(folder / "store.sqlite").model_dump())
    start = NOON - timedelta(days=8)
    gaps = ((start + timedelta(hours=30), start + timedelta(hours=40)), (NOON - timedelta(hours=53, minutes=50),
            NOON - timedelta(hours=51, minutes=10)))  # fmt: skip
    small = snapshot(all_are(1), start)
    one_ward = replace(small, readings={"A1": dict(list(small.readings["A1"].items())[:2])}, forecasts={})

    def at(number: int, moment: datetime) -> Snapshot:
        readings = {
            name: replace(one, parts=tuple(replace(part, value=number % 90) for part in one.parts))
            for name, one in one_ward.readings["A1"].items()
        }
        return replace(one_ward, as_at=moment, readings={"A1": readings})

    watched = [one for one in moments(start, NOON) if not any(low < one < high for low, high in gaps)]
    keep(site, [at(number, moment) for number, moment in enumerate(watched)], thin_at=NOON)
    return site


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(hours=47, minutes=20), "12:40:31 was asked for; kept hourly here: this is 12:00"),
        (timedelta(days=4, hours=2), "10:00:31 was asked for; kept daily here: this is 00:00"),
    ],
)
def test_where_history_was_thinned_it_says_which_moment_this_is(thinned: Settings, ago: timedelta, said: str) -> None:
    with archive_of() as archive:
        code, text = Asked(thinned, archive)(NOON - ago)
    assert code == 200
    assert said in text
    assert banner(text).endswith(f"{said[-5:]} · not live"), "the banner names the moment of the picture"


def test_a_moment_that_is_kept_exactly_has_no_such_note(thinned: Settings) -> None:
    with archive_of() as archive:
        for moment in (NOON - timedelta(hours=2), (NOON - timedelta(hours=40)).replace(minute=0, second=0)):
            code, text = Asked(thinned, archive)(moment)
            assert (code, "was asked for" in text) == (200, False)


def test_the_nearest_moments_are_the_nearest_ones(thinned: Settings) -> None:
    """Compared with asking for every quarter of an hour, and for the ends of hours, which thinning keeps."""
    with open_store(store_url(thinned.store), thinned.store) as store:
        start = (NOON - timedelta(days=8, hours=2)).replace(second=0)
        grid = list(moments(start, NOON + timedelta(hours=1), timedelta(minutes=15)))
        answered = {moment: store.at(moment) for moment in grid}
        assert any(one is None for one in answered.values())
        for moment, snap in answered.items():
            around = store.around(moment)
            assert around
            assert around.watched == (snap is not None), moment
            assert store.at(around.first)
            assert store.at(around.last)
            if snap is not None:
                assert around.first <= moment
                continue
            for near in (around.before, around.after):
                assert near is None or store.at(near), (moment, near)
            low, high = around.before or start - timedelta(hours=1), around.after or grid[-1]
            assert low < moment
            assert around.after is None or moment < high
            # An end that is kept stands for the time after it; what is asked for there is answered by it.
            between = [one for one, found in answered.items() if low < one < high and found and found.as_at > low]
            assert between == [], (moment, low, high, between)


def test_gaps_are_told_once_each_however_often_they_are_asked_for(site: Settings) -> None:
    with archive_of() as archive:
        for _ in range(3):
            assert archive.look(site.store, BEGAN).gaps == ((LEFT, CAME_BACK),)


# ------------------------------------------------------------------------------------------------ never the present
def test_nothing_of_the_present_stands_on_any_page_of_the_past(asked: Asked) -> None:
    everything = [BEGAN, CAME_BACK, ENDED, LEFT + timedelta(minutes=20), NOON, NOON + timedelta(days=1), "", "x"]
    for moment in everything:
        for address in (WARD, Address("executive", ""), Address("ward", "none"), Address("screen", "any")):
            code, text = asked(moment, address)
            assert str(NOW) not in re.findall(r">(\d+)<", text), (moment, address)
            assert code in (200, 400, 404)


@pytest.fixture(scope="module")
def off(site: Settings) -> Iterator[httpx.Client]:
    """The same site, before anybody switched it on."""
    screens = [{"name": "hall", "ward": "A1"}]
    closed = settings(store=site.store.model_dump(), screens=screens)
    with served(hub_with_past(closed)) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="module")
def on(site: Settings) -> Iterator[httpx.Client]:
    open_site = site_of(site.store.path.parent if site.store.path else Path(), screens=[{"name": "hall", "ward": "A1"}])
    with (
        archive_of() as archive,
        served(hub_with_past(open_site), None, archive) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield client


ASKING = ("at=2026-11-23T09:30", "at=", "at", "AT=2026-11-23T09:30", "x=1&at=2026-11-23T09:30", "at=1&at=2", "%61t=x")


@pytest.mark.parametrize("query", ASKING)
@pytest.mark.parametrize("path", ["/ward/A1", "/executive", "/ward/none"])
def test_unless_it_is_switched_on_who_asks_for_the_past_is_told_so(off: httpx.Client, path: str, query: str) -> None:
    answer = off.get(f"{path}?{query}")
    assert answer.status_code == 403
    assert "The past is not shown here" in answer.text
    assert "replay = true" in answer.text
    assert f">{NOW}<" not in answer.text
    assert "wall.js" not in answer.text


@pytest.mark.parametrize("query", ASKING)
def test_a_named_screen_never_shows_the_past_nor_the_present_instead(
    on: httpx.Client, off: httpx.Client, query: str
) -> None:
    for client in (on, off):
        answer = client.get(f"/screen/hall?{query}")
        assert answer.status_code == 404
        assert "A named screen shows no past" in answer.text
        assert f">{NOW}<" not in answer.text


@pytest.mark.parametrize("query", ASKING)
def test_who_asks_for_the_past_never_gets_the_wall_that_is_live(on: httpx.Client, query: str) -> None:
    for path in ("/ward/A1", "/executive"):
        answer = on.get(f"{path}?{query}")
        assert answer.status_code == (200 if "09:30" in query else 400)
        assert "<title>PAST" in answer.text
        assert "wall.js" not in answer.text
        assert f">{NOW}<" not in answer.text


def test_who_does_not_ask_gets_the_wall_that_is_live(on: httpx.Client, off: httpx.Client) -> None:
    for client in (on, off):
        for path in ("/ward/A1", "/ward/A1?that=2026-11-23T09:30", "/ward/A1?x=at", "/screen/hall"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert "PAST" not in answer.text
            assert f">{NOW}<" in answer.text


def test_the_past_can_only_be_looked_at(on: httpx.Client) -> None:
    head = on.head("/ward/A1?at=2026-11-23T09:30")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in head.headers["Content-Security-Policy"]
    assert on.post("/ward/A1?at=2026-11-23T09:30", headers={"Origin": str(on.base_url)}).status_code == 405
    assert on.post("/ward/A1?at=2026-11-23T09:30").status_code == 403


def test_what_a_team_said_then_is_shown_and_nothing_of_now(site: Settings) -> None:
    database = open_database(store_url(site.store))
    notebook = Notebook()
    notebook.open(database)
    for words, at in (("Two nurses check insulin", BEGAN), ("Bay nursing", NOON)):
        notebook.keep(Entry("A1", Kind.TRYING, {"words": words}), ("nurse", "ward_staff"), at, at)
    notebook.read()
    with archive_of() as archive:
        past = Past(hub_with_past(site, NOON), Walls(), archive, partial(boards_then, notebook))
        text = bytes(past.page(WARD, written(BEGAN + timedelta(minutes=30))).body).decode()
        notebook.close()
    database.close()
    assert "Two nurses check insulin" in text
    assert "Bay nursing" not in text
    assert UNREAD not in text


def test_that_it_cannot_be_read_what_a_team_said_is_told(asked: Asked) -> None:
    asked.said = None
    _, text = asked(BEGAN + timedelta(minutes=30))
    asked.said = {}
    assert UNREAD in text


def test_a_ward_whose_code_is_no_simple_word_has_a_past(on: httpx.Client) -> None:
    answer = on.get("/ward/B%2F2%20%26%20more?at=2026-11-23T09:30:31")
    assert answer.status_code == 200
    assert 'action="/ward/B%2F2%20%26%20more"' in answer.text


def test_while_it_starts_there_is_no_past_either(site: Settings) -> None:
    with archive_of() as archive:
        answer = Past(Hub(), Walls(), archive, lambda settings, moment: None).page(WARD, written(BEGAN))
    assert answer.status_code == 503
    assert b"Starting, no snapshot yet" in bytes(answer.body)


# ------------------------------------------------------------------------------------------------ the desk's bar
def test_the_bar_works_without_a_script(asked: Asked) -> None:
    _, text = asked(BEGAN + timedelta(minutes=30))
    assert re.search(r'<form [^>]*action="/ward/A1" method="get"', text)
    assert 'name="at" value="2026-11-23T09:30:31"' in text
    assert re.search(r'<a [^>]*href="/ward/A1"[^>]*>Back to live<', text)
    assert re.search(r'<div [^>]*id="slide"[^>]* hidden|<div [^>]*hidden id="slide"', text)
    steps = [unescape(one) for one in re.findall(r'<a [^>]*?href="/ward/A1\?at=([^"]+)"[^>]*>[‹1]', text)]
    there = [moment_of(one) for one in steps]
    half_past = BEGAN + timedelta(minutes=30)
    away = [timedelta(minutes=one) for one in (-15, -1, 1, 15, 60)]
    assert there == [BEGAN, BEGAN, *(half_past + one for one in away), ENDED], "none leads out of what is kept"


def test_the_slider_stands_where_the_moment_is(asked: Asked) -> None:
    _, text = asked(BEGAN + timedelta(minutes=30))
    slider = re.search(r'<input type="range"[^>]*>', text)
    assert slider
    values = {name: int(value) for name, value in re.findall(r'\b(min|max|step|value)="(\d+)"', slider[0])}
    assert BEGAN.timestamp() <= values["min"] < values["value"] < values["max"] <= ENDED.timestamp()
    assert values["step"] == 60
    assert text.count('class="gap"') == 1


# ------------------------------------------------------------------------------------------------ the store
def test_a_store_that_fails_is_said_and_asked_again(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    keep(site, [snapshot(all_are(5), NOON - timedelta(hours=1))])
    path = tmp_path / "store.sqlite"
    sound = path.read_bytes()
    with archive_of() as archive:
        asked = Asked(site, archive)
        path.write_bytes(b"this is no database" * 1000)
        code, text = asked(NOON - timedelta(hours=1))
        assert code == 503
        assert "The store cannot be read" in text
        assert f">{NOW}<" not in text
        path.write_bytes(sound)
        assert asked(NOON - timedelta(hours=1))[0] == 200


def test_looking_back_reads_no_patient(site: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from surveillance.store import worklists

    def refuse(*_: object) -> None:
        raise AssertionError("patients' rows were read")

    for name in ("rows_of", "keys"):
        monkeypatch.setattr(worklists, name, refuse)
    with archive_of() as archive:
        assert Asked(site, archive)(BEGAN)[0] == 200
