"""What walls receive and send, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from callbacks.broadcast import Broadcast
from callbacks.screens import Screens
from callbacks.walls import Address, Walls
from surveillance.hub import Hub
from surveillance.legibility import legibility, too_small
from surveillance.measures import EVERYTHING, Measure
from surveillance.settings import Screen
from surveillance.snapshot import Reading
from tests.displays import NOON, every_state, hub_of, reading, served, settings, snapshot, status

QUICK = {"beat_s": 0.2, "lost_after_s": 1.0}
SCREENS = (
    {"name": "base", "place": "Staff base", "wards": ["A1", "C3"], "dwell_s": 15},
    {"name": "foyer", "ward": "A1", "profile": "public"},
)
SITE = settings(wall=QUICK, screens=SCREENS)
REPORT = {"build": "b", "uptime_s": 9, "data_age_s": 3, "viewport": "1920 × 1080 at 1", "live": True, "error": ""}
Frame = tuple[dict[str, Any], dict[str, Any]]


def whole(props: Any) -> Any:
    """An id's properties; the text alone stands for what is in the element."""
    return {"children": props} if isinstance(props, str) else props


def frames_of(answer: httpx.Response) -> Iterator[Frame]:
    """(about the frame, what changed) of each event."""
    lines: list[Any] = []
    for line in answer.iter_lines():
        if line:
            lines.append(json.loads(line.removeprefix("data: ")))
        elif lines:
            yield lines[0], lines[1] if len(lines) > 1 else {}
            lines = []


@contextmanager
def listening(hub: Hub, path: str, shown: str = "", screens: Screens | None = None) -> Iterator[Iterator[Frame]]:
    with (
        served(hub, screens) as address,
        httpx.stream("GET", f"{address}/stream/{path}", params={"shown": shown}, timeout=10) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        yield frames_of(answer)


def one_more(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, number=4 if measure.id == "edd_today" else 3)


def test_the_first_frame_holds_all_and_the_next_only_what_changed() -> None:
    hub = hub_of(snapshot(), site=SITE)
    with listening(hub, "ward/A1") as frames:
        about, everything = next(frames)
        wall = Walls().at(hub.look(), Address("ward", "A1"))
        assert wall
        assert {name: whole(props) for name, props in everything.items()} == wall.shown(hub.look())
        assert (about["now"], about["made"], about["speed"]) == (NOON.timestamp(), NOON.timestamp(), 1)
        hub.publish(snapshot(one_more), 0.1)
        about, changed = next(frame for frame in frames if frame[1])
        assert changed == {"0-edd_today-n": "4"}


def test_what_changes_while_a_slow_screen_is_sent_a_frame_comes_with_the_next_frame() -> None:
    asyncio.run(slow_screen())


async def slow_screen() -> None:
    hub = hub_of(snapshot(), site=SITE)
    frames = Broadcast(hub, Walls(), Screens(), "b").frames(Address("ward", "A1"), "")
    await anext(frames)  # it is still being sent this
    hub.publish(snapshot(one_more), 0.1)
    await asyncio.sleep(0)
    while b"\ndata: " not in (frame := await asyncio.wait_for(anext(frames), 5)):
        pass
    assert json.loads(frame.split(b"\n")[1].removeprefix(b"data: ")) == {"0-edd_today-n": "4"}


def test_a_wall_depends_on_the_day_only_and_not_on_the_time_of_it() -> None:
    """Beats rely on it: what has not changed is not worked out again."""
    hubs = [hub_of(snapshot(every_state), now=NOON + timedelta(minutes=minutes), site=SITE) for minutes in (0, 95)]
    shown = [wall.shown(hub.look()) for hub in hubs if (wall := Walls().at(hub.look(), Address("ward", "A1")))]
    assert len(shown) == 2
    assert shown[0] == shown[1]


def test_a_beat_says_that_all_is_well_and_repeats_nothing() -> None:
    with listening(hub_of(snapshot(), site=SITE), "ward/A1") as frames:
        first, _ = next(frames)
        beat, changed = next(frames)
        assert changed == {}
        assert beat["v"] == first["v"]


def test_a_screen_that_missed_something_gets_what_it_missed_and_no_more() -> None:
    hub = hub_of(snapshot(), site=SITE)
    with served(hub) as address:

        def first_frame(shown: str) -> Frame:
            with httpx.stream("GET", f"{address}/stream/ward/A1", params={"shown": shown}, timeout=10) as answer:
                return next(frames_of(answer))

        with httpx.stream("GET", f"{address}/stream/ward/A1", timeout=10) as other:  # keeps the subject alive
            frames = frames_of(other)
            about, everything = next(frames)
            hub.publish(snapshot(one_more), 0.1)
            hub.publish(replace(snapshot(one_more), sources=(status("epr", "spell"),)), 0.1)
            next(frame for frame in frames if "0-fresh-line" in frame[1])
            assert set(first_frame(about["v"])[1]) == {"0-edd_today-n", "0-fresh-line"}
            for stranger in ("", "other.1", f"{about['v'].partition('.')[0]}.x"):
                assert set(first_frame(stranger)[1]) == set(everything)


def test_a_screen_that_is_switched_on_after_a_source_was_away_gets_everything() -> None:
    hub = hub_of(snapshot(), site=SITE)
    then = NOON - timedelta(minutes=9)
    with served(hub) as address, httpx.stream("GET", f"{address}/stream/ward/A1", timeout=10) as other:
        frames = frames_of(other)
        next(frames)
        hub.publish(replace(snapshot(), sources=(status("epr", "spell", "stale", then),)), 0.1)
        assert "0-chip0-a" in next(frame for frame in frames if frame[1])[1]
        hub.publish(snapshot(), 0.1)
        assert next(frame for frame in frames if frame[1])[1]["0-chip0"] == {"className": "off"}
        with httpx.stream("GET", f"{address}/stream/ward/A1", timeout=10) as answer:
            _, everything = next(frames_of(answer))
    assert everything["0-live"] == "● Live"
    assert everything["0-chip0"] == {"className": "off"}


def test_a_frame_is_small() -> None:
    """The target is 4 KB an update; every number of a ward at once is no more."""
    hub = hub_of(snapshot(), site=SITE)
    with listening(hub, "ward/A1") as frames:
        next(frames)
        hub.publish(snapshot(lambda measure, ward: reading(measure, ward, number=5)), 0.1)
        changed = next(frame for frame in frames if frame[1])[1]
        assert len(json.dumps(changed)) < 4096


def test_a_screen_of_two_wards_gets_both_in_one_stream() -> None:
    with listening(hub_of(snapshot(), site=SITE), "screen/base") as frames:
        _, everything = next(frames)
        assert {name.partition("-")[0] for name in everything} == {"0", "1"}


def test_a_public_screen_gets_public_measures_only() -> None:
    with listening(hub_of(snapshot(), site=SITE), "screen/foyer") as frames:
        _, everything = next(frames)
    text = json.dumps(everything)
    assert {name for name in EVERYTHING if name in text} == {
        name for name, measure in EVERYTHING.items() if measure.public and name != "patients_on_ward"
    }


@pytest.mark.parametrize("path", ["ward/none", "screen/none", "ward/"])
def test_there_is_no_stream_of_what_is_not_there(path: str) -> None:
    with served(hub_of(snapshot(), site=SITE)) as address:
        assert httpx.get(f"{address}/stream/{path}", timeout=10).status_code == 404


def test_a_stream_ends_when_another_skeleton_is_due() -> None:
    hub = hub_of(snapshot(), site=SITE)
    with listening(hub, "ward/A1") as frames:
        about, _ = next(frames)
        renamed = [ward.model_copy(update={"name": f"{ward.name}, new"}) for ward in SITE.wards]
        hub.site(SITE.model_copy(update={"wards": tuple(renamed)}), lambda: NOON)
        *_, (last, _) = frames
        assert last["build"] == about["build"]
    with listening(hub, "ward/A1") as frames:
        assert next(frames)[0]["build"] != about["build"], "so that the page is loaded anew"


def test_an_order_reaches_the_screen_it_is_for() -> None:
    screens = Screens()
    hub = hub_of(snapshot(), site=SITE)
    with listening(hub, "screen/base", screens=screens) as frames:
        assert "do" not in next(frames)[0], "what was ordered is not known yet"
        screens.order({})
        assert next(about["do"] for about, _ in frames if "do" in about) == {}
        screens.order({("foyer", "reload"): 1, ("all", "identify"): 2})
        told = next(about["do"] for about, _ in frames if about["do"])
        assert told == {"identify": 2}
        screens.order({("all", "identify"): 2, ("base", "identify"): 3})
        assert next(about["do"] for about, _ in frames if about["do"] != told) == {"identify": 3}


def test_a_screen_reports_and_the_status_page_tells_how_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(hub_of(snapshot(), site=SITE)) as address:
        build = httpx.get(f"{address}/status").text.partition("<dt>Build</dt><dd>")[2].partition("<")[0]

        def state(**changes: Any) -> str:
            said = REPORT | {"build": f"{build}.0"} | changes
            assert (
                httpx.post(f"{address}/screens/base/report", json=said, headers={"Origin": address}).status_code == 204
            )
            return httpx.get(f"{address}/status").text.partition('href="/screen/base"')[2].partition("</tr>")[0]

        assert "never heard" in httpx.get(f"{address}/status").text
        row = state(error="<b>it broke</b>")
        assert "screen-up" in row
        assert "&lt;b&gt;it broke&lt;/b&gt;" in row
        assert "1920 × 1080" in row
        assert 'surveillance_screen_up{screen="base"} 1.0' in httpx.get(f"{address}/metrics").text
        assert "old (not live)" in state(live=False)
        assert "old (another build)" in state(build="0.0+0.0")
        assert "it is configured as landscape" in state(viewport="1080 × 1920 at 1")
        monkeypatch.setattr("callbacks.screens.MISSED_REPORTS", -1)
        assert "dark" in state()


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("none", json.dumps(REPORT), 404, "there is no screen 'none'"),
        ("base", "no json", 422, "JSON"),
        ("base", json.dumps(REPORT | {"uptime_s": "long"}), 422, "uptime_s"),
        ("base", json.dumps(REPORT | {"patient": 1}), 422, "patient"),
        ("base", json.dumps(REPORT | {"error": "x" * 201}), 422, "error"),
        ("base", json.dumps(REPORT | {"viewport": "large"}), 422, "viewport"),
        ("base", json.dumps(REPORT) + " " * 2048, 413, "2048 bytes"),
    ],
)
def test_a_report_that_is_none_is_refused(name: str, content: str, code: int, words: str) -> None:
    with served(hub_of(snapshot(), site=SITE)) as address:
        answer = httpx.post(f"{address}/screens/{name}/report", content=content, headers={"Origin": address})
        assert answer.status_code == code
        assert words in answer.json()["error"]


def screen(**given: Any) -> Screen:
    return Screen.model_validate({"name": "s", "ward": "A1", **given})


@pytest.mark.parametrize(
    ("inches", "metres", "px"),
    # the table of ISO 9241's 22 arc minutes in pixels of a screen 1920 wide, for capitals of 0.70 em; ours are 0.727
    [(43, 3, 55), (43, 5, 92), (55, 3, 43), (55, 5, 72), (65, 3, 37), (65, 5, 61), (75, 3, 32), (75, 5, 53)],
)
def test_the_height_of_letters_agrees_with_the_published_table(inches: float, metres: float, px: float) -> None:
    found = legibility(screen(inches=inches), "board")
    needed = 24 * metres / found.comfortable_m  # px that would be read with ease from so far
    assert needed == pytest.approx(px * 0.70 / 0.727, rel=0.03)


def test_a_screen_that_is_too_small_for_its_distance_is_told() -> None:
    (small,) = too_small(screen(inches=43, distance_m=3))
    assert "board: its smallest words are too small: 9 mm, 10 arc minutes from 3 m" in small
    assert too_small(screen(inches=86, distance_m=2, density="board")) == []
    assert "are small:" in too_small(screen(inches=55, distance_m=5, density="distance"))[0]
