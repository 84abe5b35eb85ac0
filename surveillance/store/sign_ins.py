"""Sessions and accounts in the store: each function is one statement, or a few of one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from surveillance.store.tables import account, session


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A row of ``session``. ``person``, ``reasons``: JSON."""

    key: str
    subject: str
    person: str
    started: datetime
    idle_at: datetime
    ends: datetime
    place: str
    reasons: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A row of ``account``. ``password``: its argon2id hash; ``grants``: JSON."""

    name: str
    shown: str
    password: str
    grants: str
    changed: datetime


def keep_session(connection: Connection, row: SessionRow) -> None:
    """Add a session, and drop those that have ended by then."""
    drop_ended(connection, row.started)
    connection.execute(session.insert().values(**_values(row)))


def session_of(connection: Connection, key: str) -> SessionRow | None:
    """One session, ended or not."""
    found = connection.execute(select(session).where(session.c.key == key)).first()
    return _session(found) if found else None


def live_sessions(connection: Connection, now: datetime) -> list[SessionRow]:
    """Every session that goes on."""
    query = select(session).where(session.c.idle_at > now, session.c.ends > now)
    return [_session(row) for row in connection.execute(query)]


def go_on(connection: Connection, key: str, now: datetime, idle_at: datetime) -> None:
    """Let a session that goes on end later; never one that has ended, and never earlier."""
    alive = (session.c.key == key, session.c.idle_at > now, session.c.ends > now, session.c.idle_at < idle_at)
    connection.execute(update(session).where(*alive).values(idle_at=idle_at))


def keep_reasons(connection: Connection, key: str, change: Callable[[str], str]) -> SessionRow | None:
    """Change the reasons of a session; returns it as it is then, None if it is gone."""
    found = connection.execute(select(session).where(session.c.key == key).with_for_update()).first()
    if found is None:
        return None
    reasons = change(found.reasons)
    connection.execute(update(session).where(session.c.key == key).values(reasons=reasons))
    return SessionRow(**{**found._mapping, "reasons": reasons})


def sessions_of(connection: Connection, subject: str) -> list[SessionRow]:
    """The sessions under a name, whoever gave the name."""
    return [_session(row) for row in connection.execute(select(session).where(session.c.subject == subject))]


def drop_sessions(connection: Connection, keys: Iterable[str]) -> int:
    """End sessions; returns how many there were."""
    wanted = list(keys)
    return connection.execute(delete(session).where(session.c.key.in_(wanted))).rowcount if wanted else 0


def drop_ended(connection: Connection, now: datetime) -> None:
    """Forget the sessions that have ended."""
    connection.execute(delete(session).where(or_(session.c.idle_at <= now, session.c.ends <= now)))


def keep_account(connection: Connection, row: AccountRow) -> None:
    """Add an account, in place of one of that name."""
    drop_account(connection, row.name)
    connection.execute(account.insert().values(**_values(row)))


def account_of(connection: Connection, name: str) -> AccountRow | None:
    """One account."""
    found = connection.execute(select(account).where(account.c.name == name)).first()
    return AccountRow(**found._mapping) if found else None


def accounts(connection: Connection) -> list[AccountRow]:
    """Every account, by name."""
    return [AccountRow(**row._mapping) for row in connection.execute(select(account).order_by(account.c.name))]


def drop_account(connection: Connection, name: str) -> bool:
    """Whether there was one."""
    return connection.execute(delete(account).where(account.c.name == name)).rowcount > 0


def _session(row: Row[Any]) -> SessionRow:
    return SessionRow(**row._mapping)


def _values(row: SessionRow | AccountRow) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(row)}
