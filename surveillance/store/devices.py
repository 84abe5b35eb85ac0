"""Paired screens and those that ask to be paired, as the store keeps them: of every secret only its hash.

Each function works within a transaction of its caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from surveillance.store.tables import device, pairing

UNFETCHED = "unfetched "
"""Begins what stands in place of a token's hash until the screen has fetched it; no hash begins so."""


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A screen that is paired. ``token``: the SHA-256 of what it holds."""

    number: int
    screen: str
    profile: str
    token: str
    paired: datetime
    paired_by: str

    @property
    def fetched(self) -> bool:
        """Whether the screen has its token."""
        return not self.token.startswith(UNFETCHED)


@dataclass(frozen=True, slots=True)
class AskedPairing:
    """A screen that asks. ``secret``: the SHA-256 of what its browser holds; ``device``: its number once accepted."""

    code: str
    secret: str
    screen: str
    asked: datetime
    place: str
    device: int | None = None


def known_devices(connection: Connection) -> list[KnownDevice]:
    """Every pairing that is not revoked, the oldest first."""
    names = (device.c[name] for name in KnownDevice.__dataclass_fields__)
    asked = select(*names).where(device.c.revoked.is_(None)).order_by(device.c.number)
    return [KnownDevice(**row._mapping) for row in connection.execute(asked)]


def asked_pairings(connection: Connection) -> list[AskedPairing]:
    """Every screen that asks, whoever asked first first."""
    return [_asked(row) for row in connection.execute(_pairings().order_by(pairing.c.asked, pairing.c.code))]


def open_pairing(connection: Connection, asked: AskedPairing, since: datetime, *, of_screen: int, of_all: int) -> None:
    """Keep a question, and of those before it only so many, beside those that were accepted.

    ``since``: those asked earlier go. Where a screen has ``of_screen`` already, the oldest of the same place goes
    first, so that nobody elsewhere drives out the code that hangs on the wall while he has one himself.
    """
    waits = pairing.c.device.is_(None)
    connection.execute(pairing.delete().where(waits, pairing.c.asked <= since))
    same_screen = select(pairing.c.code).where(waits, pairing.c.screen == asked.screen)
    elsewhere_last = (pairing.c.place != asked.place, pairing.c.asked, pairing.c.code)
    _make_room(connection, same_screen.order_by(*elsewhere_last), of_screen)
    _make_room(connection, select(pairing.c.code).where(waits).order_by(pairing.c.asked, pairing.c.code), of_all)
    connection.execute(
        pairing.insert().values(
            code=asked.code, secret=asked.secret, screen=asked.screen, asked=asked.asked, place=asked.place
        )
    )


def close_pairing(connection: Connection, secret: str) -> None:
    """The browser with this secret asks no more, unless it was accepted."""
    connection.execute(pairing.delete().where(pairing.c.secret == secret, pairing.c.device.is_(None)))


def accept_pairing(
    connection: Connection, code: str, since: datetime, profile_of: dict[str, str], now: datetime, by: str
) -> tuple[int, str, str] | None:
    """A new device for the screen that shows a code: its number, screen and profile; None where none shows it.

    ``since``: codes asked earlier have run out. ``profile_of``: of each screen of the site.
    """
    row = connection.execute(_pairings().where(pairing.c.code == code).with_for_update()).first()
    found = _asked(row) if row else None
    if found is None or found.device is not None or found.asked <= since or found.screen not in profile_of:
        return None
    profile = profile_of[found.screen]
    made = connection.execute(
        device.insert().values(
            screen=found.screen,
            profile=profile,
            token=f"{UNFETCHED}{found.secret[:40]}",
            paired=now,
            paired_by=by,
            revoked_by="",
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]  # it has one
    connection.execute(pairing.update().where(pairing.c.code == code).values(device=number))
    return number, found.screen, profile


def give_token(connection: Connection, secret: str, token: str) -> bool:
    """Whether a device was waiting for its token, which is this one from now on (its hash)."""
    row = connection.execute(_pairings().where(pairing.c.secret == secret).with_for_update()).first()
    if row is None or row.device is None:
        return False
    waits = (device.c.number == row.device, device.c.revoked.is_(None), device.c.token.startswith(UNFETCHED))
    given = connection.execute(device.update().where(*waits).values(token=token))
    connection.execute(pairing.delete().where(pairing.c.secret == secret))
    return given.rowcount == 1


def revoke_devices(connection: Connection, numbers: Sequence[int], now: datetime, by: str) -> list[int]:
    """End these pairings; those of them that were not ended before."""
    still = select(device.c.number).where(device.c.number.in_(numbers), device.c.revoked.is_(None)).with_for_update()
    found = list(connection.execute(still).scalars())
    connection.execute(device.update().where(device.c.number.in_(found)).values(revoked=now, revoked_by=by))
    connection.execute(pairing.delete().where(pairing.c.device.in_(found)))
    return found


def unfetched(connection: Connection, since: datetime) -> list[int]:
    """Devices that were accepted, but whose screen asked before ``since`` and never came for its token."""
    waits = (pairing.c.device.is_not(None), pairing.c.asked <= since)
    return [int(number) for number in connection.execute(select(pairing.c.device).where(*waits)).scalars()]


def _make_room(connection: Connection, oldest_first: Select[tuple[str]], limit: int) -> None:
    codes = list(connection.execute(oldest_first).scalars())
    if len(codes) >= limit:
        connection.execute(pairing.delete().where(pairing.c.code.in_(codes[: len(codes) - limit + 1])))


def _pairings() -> Select[Any]:
    return select(*(pairing.c[name] for name in AskedPairing.__dataclass_fields__))


def _asked(row: Row[Any]) -> AskedPairing:
    return AskedPairing(**row._mapping)
