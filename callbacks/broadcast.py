"""Every wall's newest frame, encoded once for all its screens; a slow screen skips to the newest, no queue grows.

All of it runs in the web server's event loop; other threads only say that something changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

from callbacks.screens import Screens
from callbacks.walls import Address, Wall, Walls
from layouts.wall.slots import Props
from surveillance.hub import Hub, Seen
from surveillance.settings import Wall as WallSettings
from surveillance.snapshot_json import dumps

START = 0
"""The version of a screen that shows nothing yet."""


class Subject:
    """One wall: what its ids show, since which version, and who waits for the next."""

    def __init__(self, wall: Wall) -> None:
        self.wall = wall
        self.version = START
        self.screens = 0
        self._shown: Props = {}
        self._since: dict[str, int] = {}
        self._encoded: dict[int, bytes] = {}
        self._next = asyncio.Event()

    def show(self, props: Props) -> bool:
        """From now on the ids show ``props``; False if they did already."""
        changed = [name for name, shown in props.items() if self._shown.get(name) != shown]
        if not changed and self.version > START:
            return False
        self.version += 1
        self._shown = props
        self._since |= dict.fromkeys(changed, self.version)
        self._encoded = {}
        return True

    def since(self, version: int) -> bytes:
        """The ids that changed after ``version`` and what they show, as JSON."""
        if version not in self._encoded:
            shown = {name: self._shown[name] for name, changed in self._since.items() if changed > version}
            self._encoded[version] = dumps(shown)
        return self._encoded[version]

    def wake(self) -> None:
        """Let everybody who waits look again."""
        waiting, self._next = self._next, asyncio.Event()
        waiting.set()

    async def waited(self) -> None:
        """Return at the next change or beat."""
        await self._next.wait()


class Broadcast:
    """The subjects that somebody looks at.

    ``build``: of the program; a page that was made by another loads anew.
    """

    def __init__(self, hub: Hub, walls: Walls, screens: Screens, build: str) -> None:
        self._hub = hub
        self._walls = walls
        self._screens = screens
        self._build = build
        self._boot = uuid4().hex[:8]
        self._subjects: dict[Address, Subject] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beating: asyncio.Task[None] | None = None
        self._beat = b""
        self._asked = False
        hub.tell(self._something_changed)
        screens.tell(self._something_changed)

    async def frames(self, address: Address, shown: str) -> AsyncIterator[bytes]:
        """Frames for one screen, for ever: what changed, or a sign of life; none where there is no such wall.

        ``shown``: the version that the screen shows, as a frame named it; empty for none.
        """
        subject = self._subject(address)
        if subject is None:
            return
        boot, _, number = shown.partition(".")
        version = int(number) if boot == self._boot and number.isdigit() else START
        subject.screens += 1
        try:
            yield self._frame(subject, address, version, _moment(self._hub.look()))
            version = subject.version
            while self._subjects.get(address) is subject:
                await subject.waited()
                yield self._frame(subject, address, version, self._beat)
                version = subject.version
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
            subject = self._subjects[address] = Subject(wall)
            subject.show(wall.shown(seen))
        return subject

    def _frame(self, subject: Subject, address: Address, version: int, moment: bytes) -> bytes:
        """A server-sent event; a line of JSON about the frame, and one with what changed."""
        about = self._about(subject, address)[:-1] + b"," + moment + b"}"
        if subject.version == version:
            return b"data: " + about + b"\n\n"
        return b"data: " + about + b"\ndata: " + subject.since(version) + b"\n\n"

    def _about(self, subject: Subject, address: Address) -> bytes:
        told = self._screens.orders(address.name) if address.kind == "screen" else {}
        own: Mapping[str, Any] = {
            "v": f"{self._boot}.{subject.version}",
            "build": f"{self._build}.{subject.wall.layout}",
            **({"do": told} if told else {}),
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
            self._renew()

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
        for address, subject in list(self._subjects.items()):
            wall = self._walls.at(seen, address)
            if wall is None or wall.layout != subject.wall.layout:
                del self._subjects[address]  # its screens' streams end, and they ask again what stands there now
            else:
                subject.wall = wall
                subject.show(wall.shown(seen))
            subject.wake()


def _moment(seen: Seen) -> bytes:
    """The hospital's time and how fast it runs, as members of a JSON object."""
    made = seen.snapshot.as_at.timestamp() if seen.snapshot else None
    return dumps({"now": round(seen.now.timestamp(), 3), "speed": seen.speed, "made": made})[1:-1]
