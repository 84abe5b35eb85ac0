"""The one place that knows who asks: sessions, paired screens and the audit record of a site whose store is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from surveillance.access.accounts import Accounts
from surveillance.access.audit import Entry, Trail
from surveillance.access.devices import Devices
from surveillance.access.people import Device, Session, Who
from surveillance.access.sessions import Sessions
from surveillance.settings import AccessSettings, Settings
from surveillance.store.database import Database


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything that needs the store. Each part raises ``StoreError`` when it does not answer; nothing is then shown.

    ``now``: the real time, whatever the hospital's clock shows.
    """

    settings: Settings
    sessions: Sessions
    accounts: Accounts
    devices: Devices
    trail: Trail
    now: Callable[[], datetime]


class Access:
    """Closed until the site is known; then nobody is known and nothing but the sign of a start is served."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self._opened: Opened | None = None
        self._settings: Settings | None = None

    def of_site(self, settings: Settings) -> None:
        """The site's rules hold from now on; until ``open`` nobody can sign in."""
        self._settings = settings

    def open(self, settings: Settings, database: Database) -> Opened:
        """Let people and screens in. ``database``: the store's, connected by a role that may read what they need."""
        rules, now = settings.access, self.now
        self._settings = settings
        self._opened = Opened(
            settings,
            Sessions(database, rules, now),
            Accounts(database, now),
            Devices(database, settings, now),
            Trail(database, now),
            now,
        )
        return self._opened

    @property
    def opened(self) -> Opened | None:
        """Its parts; None until the site is known and its store open."""
        return self._opened

    @property
    def rules(self) -> AccessSettings:
        """The site's; until it is known, those of a site that configured nothing."""
        return self._settings.access if self._settings else AccessSettings()

    @property
    def walls_are_open(self) -> bool:
        """Whether somebody of whom nothing is known may see walls.

        Without any identity that is so where only this computer can reach the program, or where the setting says so:
        ``surveillance.app`` refuses to listen otherwise.
        """
        return self.rules.unpaired_walls_allowed or not self.rules.identity

    @property
    def knows_screens(self) -> bool:
        """Whether it can be told which screens are paired; not before the store has said so."""
        return self._opened is not None and self._opened.devices.known

    def still(self, who: Who) -> bool:
        """Whether a stream that was begun may go on; quick enough to be asked at each frame."""
        if self._opened is None or who is None:
            return self.walls_are_open
        if isinstance(who, Device):
            return self._opened.devices.still(who)
        return self._opened.sessions.still(who)

    def session(self, token: str) -> Session | None:
        """The session that a browser's token belongs to; may wait for the store."""
        return self._opened.sessions.find(token) if self._opened else None

    def device(self, token: str) -> Device | None:
        """The paired screen that a browser's token belongs to, from memory."""
        return self._opened.devices.find(token) if self._opened else None

    def record(self, entry: Entry) -> int:
        """Keep an entry of the audit record.

        Raises:
            StoreError: it was not kept; what it is about must not be shown.
        """
        if self._opened is None:
            raise LookupError("nobody is let in before the store is open")
        return self._opened.trail.record(entry)

    def close(self) -> None:
        """Let nobody in any more."""
        opened, self._opened = self._opened, None
        if opened:
            opened.devices.close()
            opened.sessions.close()
