"""Who is signed in, kept in the store: a browser holds a random token, the store only its hash."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from surveillance.access.people import Person, Reason, Session
from surveillance.access.written import person_of, person_to_json, reasons_of, reasons_to_json
from surveillance.errors import StoreError
from surveillance.settings import AccessSettings
from surveillance.store import sign_ins
from surveillance.store.database import Database

TOKEN_BYTES = 32
RENEWED_S = 2.0
"""Seconds after which what another process did to a session is known here."""
SILENCE_S = 10.0
"""Seconds without an answer of the store after which nobody is known to be signed in any more."""
THROTTLE = 10
"""A session is written again when at least this part of its idle time has passed, and not at each movement."""
LONGEST_REASON = 500
FORGOTTEN_EVERY = timedelta(minutes=10)


class Sessions:
    """Any thread may ask. Every method but ``still`` may wait for the store, and raises ``StoreError`` if it fails."""

    def __init__(self, database: Database, rules: AccessSettings, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._idle = timedelta(seconds=rules.idle_s)
        self._longest = timedelta(hours=rules.longest_h)
        self._reason_lasts = timedelta(minutes=rules.reason_lasts_min)
        self._rules = _sign_of(rules)
        self._lock = threading.Lock()
        self._renewing = threading.Lock()
        self._known: dict[str, Session] = {}
        self._meanwhile: dict[str, Session | None] = {}
        self._answered = monotonic()
        self._forgotten = now()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_renewing, name="sessions", daemon=True)
        self._thread.start()

    def begin(self, person: Person, place: str) -> tuple[str, Session]:
        """A new session, and the token that the browser is to hold."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._now()
        session = Session(key_of(token), person, now, now + self._idle, now + self._longest, place)
        with self._database.writing() as connection:
            sign_ins.keep_session(connection, self._written(session))
        self._note(session.key, session)
        return token, session

    def find(self, token: str) -> Session | None:
        """The session of a token; None if there is none, or it was idle too long, lasted too long or was ended."""
        key = key_of(token)
        with self._database.reading() as connection:
            row = sign_ins.session_of(connection, key)
        session = self._read(row) if row else None
        if session is None or session.expires() <= self._now():
            self._note(key, None)
            return None
        self._note(key, session)
        return session

    def active(self, session: Session) -> Session:
        """The person did something: the session goes on for as long as it may be idle.

        Returns it as it is then; one that was ended meanwhile has expired.
        """
        now = self._now()
        if now + self._idle - session.idle_at < self._idle / THROTTLE and self.still(session):
            return session
        with self._database.writing() as connection:
            sign_ins.go_on(connection, session.key, now, now + self._idle)
            row = sign_ins.session_of(connection, session.key)
        found = self._read(row) if row else None
        self._note(session.key, found)
        return found or replace(session, idle_at=now)

    def still(self, session: Session) -> bool:
        """Whether it goes on, from memory (renewed from the store by a thread every few seconds); never waits."""
        now = self._now()
        with self._lock:
            known = self._known.get(session.key)
            answered = self._answered
        return known is not None and now < known.expires() and monotonic() - answered <= SILENCE_S

    def give_reason(self, session: Session, ward: str, words: str) -> Session:
        """Keep why the person looks at the patients of a ward that is not their own."""
        given = Reason(words[:LONGEST_REASON], self._now() + self._reason_lasts)
        with self._database.writing() as connection:
            row = sign_ins.keep_reasons(
                connection, session.key, lambda before: reasons_to_json({**reasons_of(before), ward: given})
            )
        found = self._read(row) if row else None
        self._note(session.key, found)
        return found or replace(session, idle_at=self._now())

    def end(self, session: Session) -> None:
        """Sign out here."""
        with self._database.writing() as connection:
            sign_ins.drop_sessions(connection, [session.key])
        self._note(session.key, None)

    def end_all(self, subject: str, via: str = "") -> int:
        """Sign a person out everywhere; returns from how many places. ``via``: only those who signed in so."""
        with self._database.writing() as connection:
            keys = [row.key for row in sign_ins.sessions_of(connection, subject) if self._came(row, via)]
            ended = sign_ins.drop_sessions(connection, keys)
        for key in keys:
            self._note(key, None)
        return ended

    def going_on(self) -> list[Session]:
        """Everybody who is signed in, whoever did something last first."""
        with self._database.reading() as connection:
            rows = sign_ins.live_sessions(connection, self._now())
        found = [session for row in rows if (session := self._read(row))]
        return sorted(found, key=lambda one: (one.idle_at, one.key), reverse=True)

    def renew(self) -> None:
        """Read again from the store who is signed in."""
        now, asked = self._now(), monotonic()
        with self._renewing:
            with self._lock:
                self._meanwhile = {}
            with self._database.reading() as connection:
                rows = sign_ins.live_sessions(connection, now)
            read = {row.key: session for row in rows if (session := self._read(row))}
            with self._lock:
                # What was begun or ended while the store was read is newer than what was read.
                whole: dict[str, Session | None] = {**read, **self._meanwhile}
                self._known = {key: session for key, session in whole.items() if session}
                self._answered = asked
        if now - self._forgotten > FORGOTTEN_EVERY:
            self._forgotten = now
            with self._database.writing() as connection:
                sign_ins.drop_ended(connection, now)

    def close(self) -> None:
        """Nobody is known to be signed in from now on; the sessions stay in the store."""
        self._closing.set()
        self._thread.join(SILENCE_S)
        with self._lock:
            self._known = {}

    def _keep_renewing(self) -> None:
        while not self._closing.is_set():
            with suppress(StoreError):  # the keeper says what is wrong; after SILENCE_S nobody is known any more
                self.renew()
            self._closing.wait(RENEWED_S)

    def _note(self, key: str, session: Session | None) -> None:
        with self._lock:
            self._meanwhile[key] = session
            if session:
                self._known[key] = session
            else:
                self._known.pop(key, None)

    def _written(self, session: Session) -> sign_ins.SessionRow:
        person = session.person
        written, reasons = person_to_json(person, self._rules), reasons_to_json(session.reasons)
        times = (session.started, session.idle_at, session.ends)
        return sign_ins.SessionRow(session.key, person.subject, written, *times, session.place, reasons)

    def _read(self, row: sign_ins.SessionRow) -> Session | None:
        person = person_of(row.person, self._rules)
        if person is None:
            return None
        return Session(row.key, person, row.started, row.idle_at, row.ends, row.place, reasons_of(row.reasons))

    def _came(self, row: sign_ins.SessionRow, via: str) -> bool:
        person = person_of(row.person, self._rules)
        return not via or person is None or person.via == via


def key_of(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _sign_of(rules: AccessSettings) -> str:
    """Changes when others are let in than before: whoever came in by other rules has to sign in again."""
    written = rules.model_dump_json(include={"oidc", "trusted_header", "local_accounts", "grants"})
    return hashlib.sha256(written.encode()).hexdigest()[:16]
