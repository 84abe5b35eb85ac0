"""Every wall's newest frame, encoded once for all its screens; a slow screen skips to the newest, no queue grows.

All of it runs in the web server's event loop; other threads only say that something changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Mapping
from typing import Any
from uuid import uuid4

from callbacks.screens import Screens
from callbacks.walls import Address, Wall, Walls
from layouts.wall.slots import Props
from layouts.words import local
from surveillance.hub import Hub, Seen
from surveillance.settings import Wall as WallSettings
from surveillance.snapshot_json import dumps

START = 0
"""The version of a screen that shows nothing yet."""
CHILDREN = "children"
"""The property that holds what stands in an element."""


class Subject:
    """One wall: what its ids show, since which version, and who waits for the next.

    ``name``: another for every subject: a version of one that is gone says nothing about what this one shows.
    ``changed``: set at the next change or beat.
    """

    def __init__(self, wall: Wall) -> None:
        self.name = uuid4().hex[:8]
        self.wall = wall
        self.version = START
        self.screens = 0
        self.changed = asyncio.Event()
        self._shown: Props = {}
        self._since: dict[str, dict[str, int]] = {}
        self._encoded: dict[int, bytes] = {}

    def show(self, props: Props) -> bool:
        """From now on the ids show ``props``, others what they did; False if nothing changed."""
        changed = {name: _differs(self._shown.get(name), shown) for name, shown in props.items()}
        changed = {name: names for name, names in changed.items() if names}
        if not changed and self.version > START:
            return False
        self.version += 1
        for name, names in changed.items():
            self._shown[name] = {**self._shown.get(name, {}), **props[name]}
            self._since.setdefault(name, {}).update(dict.fromkeys(names, self.version))
        self._encoded = {}
        return True

    def since(self, version: int) -> bytes:
        """The ids of which something changed after ``version``, as JSON: their properties that did.

        Where that is only what stands in it, the text alone.
        """
        if version not in self._encoded:
            shown: dict[str, Any] = {}
            for name, changed in self._since.items():
                if newer := [prop for prop, at in changed.items() if at > version]:
                    whole = self._shown[name]
                    text = whole.get(CHILDREN)
                    alone = newer == [CHILDREN] and isinstance(text, str)
                    shown[name] = text if alone else {prop: whole[prop] for prop in newer}
            self._encoded[version] = dumps(shown)
        return self._encoded[version]

    def wake(self) -> None:
        """Let everybody who waits look again."""
        waiting, self.changed = self.changed, asyncio.Event()
        waiting.set()


def _differs(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """The properties of ``after`` that are new or other than before."""
    if before is None:
        return list(after)
    return (
        []
        if before == after
        else [prop for prop, value in after.items() if prop not in before or before[prop] != value]
    )


class Broadcast:
    """The subjects that somebody looks at.

    ``build``: of the program; a page that was made by another loads anew.
    """

    def __init__(self, hub: Hub, walls: Walls, screens: Screens, build: str) -> None:
        self._hub = hub
        self._walls = walls
        self._screens = screens
        self._build = build
        self._subjects: dict[Address, Subject] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beating: asyncio.Task[None] | None = None
        self._beat = b""
        self._renewed: Seen | None = None
        self._asked = False
        hub.tell(self._something_changed)
        screens.tell(self._something_changed)

    @property
    def knows_the_site(self) -> bool:
        """Whether it can be said which walls there are."""
        return self._hub.look().settings is not None

    async def frames(self, address: Address, shown: str) -> AsyncIterator[bytes]:
        """Frames for one screen, for ever: what changed, or a sign of life; none where there is no such wall.

        ``shown``: the version that the screen shows, as a frame named it; empty for none.
        """
        subject = self._subject(address)
        if subject is None:
            return
        name, _, number = shown.partition(".")
        version = int(number) if name == subject.name and number.isdecimal() else START
        subject.screens += 1
        try:
            moment = _moment(self._hub.look())
            while True:
                changed, shown_before, version = subject.changed, version, subject.version
                yield self._frame(subject, address, shown_before, moment)  # more may change meanwhile
                if self._subjects.get(address) is not subject:
                    break
                await changed.wait()
                moment = self._beat
        finally:
            subject.screens -= 1
            if not subject.screens and self._subjects.get(address) is subject:
                del self._subjects[address]

    def _subject(self, address: Address) -> Subject | None:
        self._start()
        seen = self._hub.look()
        wall = self._walls.at(seen, address)
        if wall is None:
            return None
        subject = self._subjects.get(address)
        if subject is None:
            subject = Subject(wall)
            subject.show(wall.shown(seen))
            self._subjects[address] = subject
        return subject

    def _frame(self, subject: Subject, address: Address, version: int, moment: bytes) -> bytes:
        """A server-sent event; a line of JSON about the frame, and one with what changed."""
        about = self._about(subject, address)[:-1] + b"," + moment + b"}"
        if subject.version == version:
            return b"data: " + about + b"\n\n"
        return b"data: " + about + b"\ndata: " + subject.since(version) + b"\n\n"

    def _about(self, subject: Subject, address: Address) -> bytes:
        told = self._screens.orders(address.name) if address.kind == "screen" else None
        own: Mapping[str, Any] = {
            "v": f"{subject.name}.{subject.version}",
            "build": f"{self._build}.{subject.wall.layout}",
            **({} if told is None else {"do": told}),
        }
        return dumps(own)

    def _start(self) -> None:
        """Begin to beat, in the loop of whoever looks first."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._beating = loop.create_task(self._beats())

    async def _beats(self) -> None:
        while True:
            settings = self._hub.look().settings
            await asyncio.sleep((settings.wall if settings else WallSettings()).beat_s)
            asyncio.get_running_loop().call_soon(self._renew)  # the loop logs an error in it, and the beats go on

    def _something_changed(self) -> None:
        """Called by any thread."""
        if self._loop and not self._loop.is_closed() and not self._asked:
            self._asked = True
            self._loop.call_soon_threadsafe(self._renew)

    def _renew(self) -> None:
        """Work out what every wall shows now, and wake its screens: each hears something at every beat."""
        self._asked = False
        seen = self._hub.look()
        self._beat = _moment(seen)
        as_before = self._renewed is not None and _shows(seen) == _shows(self._renewed)
        for address, subject in list(self._subjects.items()):
            wall = self._walls.at(seen, address)
            if wall is None or wall.layout != subject.wall.layout:
                del self._subjects[address]  # its screens' streams end, and they ask again what stands there now
            elif wall is not subject.wall or not as_before:
                subject.wall = wall
                subject.show(wall.shown(seen))
            subject.wake()
        self._renewed = seen


def _shows(seen: Seen) -> Hashable:
    """Differs when walls may have to: with every snapshot and every day, but not with each second of an age.

    A browser lets ages grow by itself; a snapshot that has lapsed is another one each time it is looked at.
    """
    return id(seen.frame), id(seen.charts), seen.lapsed, seen.stage, local(seen.now).date()


def _moment(seen: Seen) -> bytes:
    """The hospital's time and how fast it runs, as members of a JSON object."""
    made = seen.snapshot.as_at.timestamp() if seen.snapshot else None
    return dumps({"now": round(seen.now.timestamp(), 3), "speed": seen.speed, "made": made})[1:-1]
