"""Which pages an address shows, and what stands on them now: the one place where walls and the hub meet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dash.development.base_component import Component

from callbacks.faces import faces
from layouts.executive.page import executive_props
from layouts.executive.page import skeleton as executive_skeleton
from layouts.executive.plan import Plan, plan, unit_of
from layouts.wall.page import filled, wall, wall_props
from layouts.wall.plan import Page, pages_of, ward_screen
from layouts.wall.slots import Props
from surveillance.hub import ChartOf, Seen
from surveillance.settings import Screen, Settings
from surveillance.snapshot_json import dumps
from surveillance.wards import ward_of

KINDS = ("ward", "screen", "executive")
"""``/ward/CODE``, ``/screen/NAME`` and ``/executive/UNIT``."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a browser asks for. ``kind``: one of ``KINDS``."""

    kind: str
    name: str


class Wall(Protocol):
    """What hangs at an address: the screen of the site, and its skeleton. ``layout``: differs when that does."""

    @property
    def screen(self) -> Screen:
        """As the site describes it."""
        ...

    @property
    def title(self) -> str:
        """Its words in a browser's tab."""
        ...

    @property
    def skeleton(self) -> Component:
        """All of its pages without any reading."""
        ...

    @property
    def layout(self) -> str:
        """A fingerprint of the skeleton."""
        ...

    @property
    def charts(self) -> Sequence[ChartOf]:
        """The charts over time that it shows."""
        ...

    def shown(self, seen: Seen) -> Props:
        """What every id of the skeleton shows now."""
        ...

    def painted(self, seen: Seen) -> Component:
        """The whole page as it stands now."""
        ...


@dataclass(frozen=True, slots=True)
class WardWall:
    """Wards' pages."""

    screen: Screen
    title: str
    skeleton: Component
    layout: str
    pages: tuple[Page, ...]

    @property
    def charts(self) -> Sequence[ChartOf]:
        """A ward's wall has none."""
        return ()

    def shown(self, seen: Seen) -> Props:
        """What every id of the skeleton shows now."""
        return wall_props(self.pages, seen.snapshot, seen.now, stage=seen.stage, lapsed=seen.lapsed, boards=seen.team)

    def painted(self, seen: Seen) -> Component:
        """The whole page as it stands now."""
        return _painted(self, seen)


@dataclass(frozen=True, slots=True)
class ExecutiveWall:
    """Every ward of a unit."""

    screen: Screen
    title: str
    skeleton: Component
    layout: str
    plan: Plan

    @property
    def charts(self) -> Sequence[ChartOf]:
        """Those of all of its pages."""
        unit = self.plan.unit
        return [(unit.kind, unit.code, one.id) for page in self.plan.pages for one in page.charts]

    def shown(self, seen: Seen) -> Props:
        """What every id of the skeleton shows now."""
        drawn = faces(seen.charts, self.plan.unit, seen.now if seen.is_past else None)
        return executive_props(self.plan, seen.snapshot, seen.now, drawn, stage=seen.stage, lapsed=seen.lapsed)

    def painted(self, seen: Seen) -> Component:
        """The whole page as it stands now."""
        return _painted(self, seen)


def _painted(wall: Wall, seen: Seen) -> Component:
    made: Component = filled(wall.skeleton, wall.shown(seen), seen.now)
    return made


def screen_of(settings: Settings, address: Address) -> Screen | None:
    """The screen at an address; None if the site has no such ward, unit or screen."""
    if address.kind == "ward":
        return ward_screen(address.name) if ward_of(settings, address.name) else None
    if address.kind == "executive":
        unit = unit_of(settings, address.name)
        return Screen(name="executive", profile="executive", executive=unit.code) if unit else None
    return next((screen for screen in settings.screens if screen.name == address.name), None)


class Walls:
    """Every wall that was asked for, drawn once for each state of the site's configuration."""

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._drawn: dict[Address, Wall] = {}

    def at(self, seen: Seen, address: Address) -> Wall | None:
        """The wall at an address; None while the site is not known, and where there is none."""
        if seen.settings is None:
            return None
        if seen.settings is not self._settings:
            self._settings, self._drawn = seen.settings, {}
        drawn = self._drawn  # another thread may begin anew meanwhile
        if address not in drawn:
            screen = screen_of(seen.settings, address)
            if screen is None:
                return None
            drawn[address] = _draw(seen.settings, screen, named=address.kind == "screen")
        return drawn[address]


def _draw(settings: Settings, screen: Screen, *, named: bool) -> Wall:
    title = screen.place or screen.name
    if screen.executive is not None and (unit := unit_of(settings, screen.executive)):
        planned = plan(settings, unit, upright=screen.orientation == "portrait")
        skeleton = executive_skeleton(planned)
        title = title if named else f"{planned.shown.title} · {unit.name}"
        return ExecutiveWall(screen, title, skeleton, fingerprint(plain(skeleton)), planned)
    pages = pages_of(settings, screen)
    skeleton = wall(pages)
    return WardWall(screen, title if named else pages[0].ward.name, skeleton, fingerprint(plain(skeleton)), pages)


def fingerprint(content: bytes) -> str:
    """A few characters that differ when ``content`` does."""
    return hashlib.sha256(content).hexdigest()[:8]


def plain(node: Component) -> bytes:
    """A component as the JSON from which a browser builds it."""
    return dumps(_described(node))


def _described(node: Any) -> Any:
    if isinstance(node, list):
        return [_described(child) for child in node]
    if not isinstance(node, Component):
        return node
    described: dict[str, Any] = node.to_plotly_json()  # type: ignore[no-untyped-call]  # published without types
    props = dict(described["props"])
    if "children" in props:
        props["children"] = _described(props["children"])
    return {**described, "props": props}
