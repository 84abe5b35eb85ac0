"""The boards of all wards from everything that was said: of things that take each other's place the last stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from surveillance.settings import Indicator, Settings
from surveillance.team.board import Boards, Gauge, OpenAction, Owned, TeamBoard
from surveillance.team.notebook import Notebook
from surveillance.team.things import Kind, Thing, as_at


def boards_of(settings: Settings, things: Iterable[Thing]) -> Boards:
    """Ward code → what its wall shows."""
    by_ward: dict[str, list[Thing]] = {}
    for thing in things:
        by_ward.setdefault(thing.ward, []).append(thing)
    found = {ward: board_of(settings, theirs) for ward, theirs in by_ward.items()}
    return {ward: board for ward, board in found.items() if board != TeamBoard()}


def boards_then(notebook: Notebook, settings: Settings, moment: datetime) -> Boards | None:
    """The boards as they were at ``moment``; None: what teams said has not been read yet."""
    return boards_of(settings, as_at(notebook.things, moment)) if notebook.was_read else None


def board_of(settings: Settings, things: Iterable[Thing]) -> TeamBoard:
    """The board of one ward from what was said, in that order; a line that was withdrawn brings back no older one."""
    owned: dict[str, Owned] = {}
    actions: list[OpenAction] = []
    values: dict[str, Thing] = {}
    trying, chosen = "", list[str]()
    for thing in things:
        said = thing.content
        if thing.kind is Kind.TRYING:
            trying = said["words"] if thing.is_open else ""
        if not thing.is_open:
            continue
        match thing.kind:
            case Kind.OWNED:
                owned[said["measure"]] = Owned(
                    thing.number, said["measure"], said["role"], thing.since, said.get("words", "")
                )
            case Kind.ACTION:
                actions.append(OpenAction(thing.number, said["what"], said["role"], thing.day("due")))
            case Kind.CHOICE:
                chosen = list(said["indicators"])
            case Kind.BAROMETER:
                values[said["indicator"]] = thing
    actions.sort(key=lambda one: (one.due or date.max, one.number))
    gauges = [_gauge(one, values) for one in settings.team.barometer.indicators if one.id in chosen]
    return TeamBoard(owned, trying, tuple(actions), tuple(gauges))


def _gauge(indicator: Indicator, values: Mapping[str, Thing]) -> Gauge:
    thing = values.get(indicator.id)
    value, period = (thing.content["value"], thing.content["period"]) if thing and not indicator.measure else ("", "")
    return Gauge(indicator.title, indicator.kind, indicator.unit, value, period, indicator.measure)


def last_of(things: Iterable[Thing], ward: str, kind: Kind) -> Thing | None:
    """The thing of a kind that a ward said last and that stands."""
    return next((one for one in reversed(list(things)) if one.ward == ward and one.kind is kind and one.is_open), None)
