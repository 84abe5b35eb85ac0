"""What the team says stands on its own ward's wall, changes no number and no colour, and is not for visitors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from callbacks.walls import Address, Walls
from layouts.wall.team import ROOM, SIGN, fitted
from surveillance.hub import Seen
from surveillance.measures import EVERYTHING
from surveillance.snapshot import Level, Reading, State
from surveillance.team.board import Gauge, OpenAction, Owned, TeamBoard
from surveillance.team.boards import boards_of, boards_then
from surveillance.team.notebook import Notebook
from surveillance.team.things import Kind, Standing, Thing, as_at
from tests.displays import NOON, hub_of, settings, snapshot
from tests.teams import RED, one_red

SCREENS = (
    {"name": "foyer", "ward": "A1", "profile": "public"},
    {"name": "far", "ward": "A1", "density": "distance"},
)
BOARD = TeamBoard(
    {RED: Owned(1, RED, "nurse in charge", NOON - timedelta(minutes=10), "by 14:00")},
    "Two nurses check insulin",
    (OpenAction(2, "Label the fridge", "ward manager", date(2026, 12, 3)), OpenAction(3, "Teach", "matron", None)),
    (Gauge("Compliments", "positive", "", "12", "October 2026"), Gauge("Ulcer-free", "harm", measure=RED)),
)
SAID = ("nurse in charge", "Two nurses", "Label the fridge", "Compliments", "Owned")


def shown(seen: Seen, kind: str = "ward", name: str = "A1") -> dict[str, dict[str, Any]]:
    wall = Walls().at(seen, Address(kind, name))
    assert wall
    return wall.shown(seen)


def seen(board: TeamBoard | None = BOARD, **changes: Any) -> Seen:
    hub = hub_of(snapshot(one_red), site=settings(screens=SCREENS))
    hub.team({"A1": board} if board else {})
    return replace(hub.look(), **changes)


def red(level: Level, state: State = State.VALUE) -> Seen:
    """The red figure at another level or in another state."""

    def make(measure: Any, ward: str) -> Reading:
        found = one_red(measure, ward)
        if measure.id != RED:
            return found
        parts = tuple(replace(part, state=state) for part in found.parts)
        return replace(found, level=level, state=state, parts=parts)

    hub = hub_of(snapshot(make), site=settings(screens=SCREENS))
    hub.team({"A1": BOARD})
    return hub.look()


def test_everything_it_says_stands_in_the_strip() -> None:
    found = shown(seen())
    assert found["0-team"]["className"] == "team"
    assert found["0-team-owned"]["children"] == "VTE: nurse in charge, 11:50"
    assert found["0-team-trying"]["children"] == "Two nurses check insulin"
    assert found["0-team-actions"]["children"] == "Label the fridge (ward manager, by 3 Dec) · Teach (matron)"
    assert found["0-team-gauges"]["children"] == "Compliments: 12 (October 2026) · Ulcer-free: 3"


def test_while_it_says_nothing_there_is_no_strip() -> None:
    assert shown(seen(None))["0-team"]["className"] == "off"


def test_an_owner_changes_neither_the_number_nor_the_colour() -> None:
    without, owned = shown(seen(None)), shown(seen())
    changed = {name for name in without if without[name] != owned[name] and "-team" not in name}
    assert changed == {f"0-{RED}", f"0-{RED}-m"}
    assert without[f"0-{RED}"]["className"] == owned[f"0-{RED}"]["className"]
    assert owned[f"0-{RED}-m"]["children"] == f"{without[f'0-{RED}-m']['children']} {SIGN}"
    assert "Owned: nurse in charge, 11:50" in owned[f"0-{RED}"]["title"]


@pytest.mark.parametrize(
    ("at", "named"),
    [
        (red(Level.ACT), True),
        (red(Level.WATCH), True),
        (red(Level.NONE), False),
        (red(Level.NONE, State.STALE), True),
        (red(Level.NONE, State.UNAVAILABLE), True),
    ],
)
def test_an_owner_is_named_until_the_figure_is_known_to_be_clear(at: Seen, named: bool) -> None:
    assert bool(shown(at)["0-team-owned"]["children"]) is named


@pytest.mark.parametrize(("kind", "name"), [("screen", "foyer"), ("executive", ""), ("ward", "C3")])
def test_visitors_leadership_and_other_wards_are_told_nothing_of_it(kind: str, name: str) -> None:
    found = str(shown(seen(), kind, name))
    assert not [words for words in (*SAID, SIGN) if words in found]


def test_what_stood_at_a_moment_is_neither_what_was_said_later_nor_what_had_ended() -> None:
    def said(number: int, words: str, since: int, ended: int | None = None) -> Thing:
        until = None if ended is None else NOON + timedelta(hours=ended)
        standing = Standing.OPEN if ended is None else Standing.WITHDRAWN
        begun = NOON + timedelta(hours=since)
        return Thing(number, "A1", Kind.TRYING, standing, {"words": words}, begun, until, "nurse", "ward_staff")

    things = [said(1, "first", 0, 2), said(2, "second", 4), said(3, "third", 6, 8)]

    def trying(hours: float) -> str:
        board = boards_of(settings(), as_at(things, NOON + timedelta(hours=hours))).get("A1", TeamBoard())
        return board.trying

    assert [trying(hours) for hours in (-1, 0, 1.99, 2, 4, 5, 7, 8)] == [
        *("", "first", "first", "", "second", "second", "third", ""),
    ]


def test_what_has_not_been_read_is_not_nothing() -> None:
    assert boards_then(Notebook(), settings(), NOON) is None


def test_from_afar_the_sign_is_explained_where_it_stands() -> None:
    found = shown(seen(), "screen", "far")
    assert {props["children"] for name, props in found.items() if name.endswith("-owned")} >= {f"{SIGN} owned"}
    assert any(str(props.get("children", "")).endswith(f"Act {SIGN}") for props in found.values())


def test_what_does_not_fit_is_counted() -> None:
    words = ["x" * 30, "y" * 30, "z" * 30]
    assert fitted(words) == f"{'x' * 30} · {'y' * 30} · +1"
    assert fitted(["x" * 200, "y"]) == f"{'x' * 200} · +1", "the first is always there"
    assert len(fitted(words)) <= ROOM
    assert fitted([]) == ""


def test_a_measure_that_is_gone_breaks_nothing() -> None:
    board = TeamBoard({"gone": Owned(1, "gone", "matron", NOON)}, barometer=(Gauge("Gone", "harm", measure="gone"),))
    assert "gone" not in EVERYTHING
    assert shown(seen(board))["0-team-gauges"]["children"] == "Gone: none entered"
