"""Paired screens: a screen shows a code, an administrator accepts it once, and the screen holds a token for good.

Who is paired is read from memory, renewed from the store by a thread; a store that does not answer darkens no wall.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from surveillance.access.people import Device, Session
from surveillance.errors import StoreError
from surveillance.settings import Settings
from surveillance.store.database import Database
from surveillance.store.devices import (
    AskedPairing,
    KnownDevice,
    accept_pairing,
    asked_pairings,
    close_pairing,
    give_token,
    known_devices,
    open_pairing,
    revoke_devices,
    unfetched,
)

LETTERS = "CDFGHJKNPQRTVXY34679"
"""None is taken for another from afar (no 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B), is as wide as two (M, W)
or makes words."""
HALF = 4
"""Letters on each side of the dash."""
VALID = timedelta(minutes=15)
"""How long a code can be accepted."""
FETCHED_WITHIN = timedelta(days=1)
"""How long a screen that was accepted may take to fetch its token: it may be switched off meanwhile."""
OF_SCREEN = 8
OF_ALL = 2000
"""So many codes are open at once, for a screen and altogether; the oldest go."""
EVERY_S = 2.0
LAST_LOOK_S = 10.0
"""So long a look into the store that has begun may take when nobody looks any more."""
NOT_FETCHED = "nobody: the screen did not fetch its token in time"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A screen that asks to be paired. ``place``: the address it came from; ``ends``: when the code runs out."""

    code: str
    screen: str
    place: str
    asked: datetime
    ends: datetime
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Paired:
    """A pairing that stands. ``by``: who accepted it; ``fetched``: whether the screen has its token.

    ``fits``: the site still has this screen, with the profile it had then; otherwise the pairing shows nothing.
    """

    device: Device
    since: datetime
    by: str
    fetched: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class _Known:
    devices: tuple[KnownDevice, ...] = ()
    by_token: Mapping[str, Device] = field(default_factory=lambda: MappingProxyType({}))
    by_number: Mapping[int, Device] = field(default_factory=lambda: MappingProxyType({}))
    asked: Mapping[str, AskedPairing] = field(default_factory=lambda: MappingProxyType({}))


class Devices:
    """Any thread may ask. What reads, reads memory; what changes something waits for the store.

    Every method that changes something raises ``StoreError`` when that was not kept.
    """

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self._database = database
        self._profiles: dict[str, str] = {screen.name: screen.profile for screen in settings.screens}
        self._now = now
        self._known: _Known | None = None
        self._renewing = threading.Lock()
        self._closing = threading.Event()
        self._renew_if_it_answers()
        self._thread = threading.Thread(target=self._watch, name="paired screens", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look into the store no more."""
        self._closing.set()
        self._thread.join(LAST_LOOK_S)

    @property
    def known(self) -> bool:
        """Whether the store has said which screens are paired, since the start."""
        return self._known is not None

    def find(self, token: str) -> Device | None:
        """The screen that holds this token, from memory; None once it is revoked, or its profile changed."""
        return self._seen.by_token.get(_hashed(token))

    def still(self, device: Device) -> bool:
        """Whether it is still paired, from memory; never waits."""
        return self._seen.by_number.get(device.number) == device

    def paired(self) -> list[Paired]:
        """Every pairing that was not revoked, the oldest first, from memory."""
        return [
            Paired(_device(one), one.paired, one.paired_by, one.fetched, self._fits(one)) for one in self._seen.devices
        ]

    def waiting(self) -> list[Waiting]:
        """The screens that show a code now, from memory."""
        asked = (self._waiting(one) for one in self._seen.asked.values())
        return [one for one in asked if not one.accepted and self._now() < one.ends]

    def asked_with(self, secret: str) -> Waiting | None:
        """What the browser with this secret asked, from memory; None once that ran out, or its token was fetched."""
        found = self._seen.asked.get(_hashed(secret))
        one = self._waiting(found) if found else None
        return one if one and (one.accepted or self._now() < one.ends) else None

    def shown(self, code: str) -> Waiting | None:
        """The screen that shows a code, however a person typed it."""
        written = _written(code)
        return next((one for one in self.waiting() if one.code == written), None)

    def ask(self, screen: str, place: str, instead_of: str = "") -> tuple[str, str]:
        """A screen of the site asks to be paired: the code to show, and the secret by which the browser is known.

        ``instead_of``: the secret that the browser had before; its code is shown no more.
        """
        letters = "".join(secrets.choice(LETTERS) for _ in range(2 * HALF))
        code, secret, now = _written(letters), secrets.token_urlsafe(32), self._now()
        asked = AskedPairing(code, _hashed(secret), screen, now, place)
        with self._database.writing() as connection:
            if instead_of:
                close_pairing(connection, _hashed(instead_of))
            open_pairing(connection, asked, now - VALID, of_screen=OF_SCREEN, of_all=OF_ALL)
            late = unfetched(connection, now - FETCHED_WITHIN)
            revoke_devices(connection, late, now, NOT_FETCHED)
        self._renew_if_it_answers()
        return code, secret

    def claim(self, secret: str) -> str | None:
        """The token of the screen once an administrator accepted its code; given out once."""
        token = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            given = give_token(connection, _hashed(secret), _hashed(token))
        self._renew_if_it_answers()
        return token if given else None

    def accept(self, code: str, by: Session | str) -> Device | None:
        """Pair the screen that shows this code; None where none does. ``by``: who says so, signed in or by name."""
        now, by = self._now(), by if isinstance(by, str) else by.person.subject
        with self._database.writing() as connection:
            made = accept_pairing(connection, _written(code), now - VALID, self._profiles, now, by)
        self._renew_if_it_answers()
        return Device(*made) if made else None

    def revoke(self, number: int, by: str) -> bool:
        """From now on the screen shows nothing but a new code; False if there was no such pairing."""
        return bool(self._revoke([number], by))

    def revoke_all(self, by: str) -> int:
        """Revoke every pairing, for example when the store was seen by somebody; returns how many."""
        with self._database.reading() as connection:
            numbers = [one.number for one in known_devices(connection)]
        return len(self._revoke(numbers, by))

    def _revoke(self, numbers: list[int], by: str) -> list[int]:
        with self._database.writing() as connection:
            ended = revoke_devices(connection, numbers, self._now(), by)
        with self._renewing:
            self._known = _without(self._known, ended) if self._known else None
        self._renew_if_it_answers()
        return ended

    @property
    def _seen(self) -> _Known:
        return self._known or _Known()

    def _waiting(self, one: AskedPairing) -> Waiting:
        return Waiting(one.code, one.screen, one.place, one.asked, one.asked + VALID, one.device is not None)

    def _fits(self, one: KnownDevice) -> bool:
        return self._profiles.get(one.screen) == one.profile

    def _renew_if_it_answers(self) -> None:
        """Those known stay known while the store is away: they were paired, and nobody can be revoked there either."""
        with self._renewing:  # an older answer never replaces a newer one
            try:
                with self._database.reading() as connection:
                    devices, asked = known_devices(connection), asked_pairings(connection)
            except StoreError:
                return  # the keeper says what is wrong with the store
            fitting = [one for one in devices if self._fits(one) and one.fetched]
            self._known = _Known(
                tuple(devices),
                {one.token: _device(one) for one in fitting},
                {one.number: _device(one) for one in fitting},
                {one.secret: one for one in asked},
            )

    def _watch(self) -> None:
        while not self._closing.wait(EVERY_S):
            self._renew_if_it_answers()


def _without(known: _Known, numbers: Collection[int]) -> _Known:
    """What is known, if the store does not answer again just after these were revoked."""
    return replace(
        known,
        devices=tuple(one for one in known.devices if one.number not in numbers),
        by_token={token: one for token, one in known.by_token.items() if one.number not in numbers},
        by_number={number: one for number, one in known.by_number.items() if number not in numbers},
    )


def _device(one: KnownDevice) -> Device:
    return Device(one.number, one.screen, one.profile)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _written(code: str) -> str:
    """A code as the screen shows it, however somebody typed it."""
    letters = "".join(letter for letter in code.upper() if letter.isascii() and letter.isalnum())
    return f"{letters[:HALF]}-{letters[HALF : 2 * HALF]}" if len(letters) == 2 * HALF else ""
