"""The store's tables, as SQLAlchemy sees them; the migrations make them and a test holds the two together.

Moments are whole microseconds since 1970 in UTC: exact, and the same in every database.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An instant; a datetime without a zone is refused by its arithmetic."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Microseconds since 1970."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """The instant in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Day(TypeDecorator[date]):
    """A local date, as its number."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Days since the year 1."""
        return None if value is None else value.toordinal()

    def process_result_value(self, value: Any | None, dialect: Any) -> date | None:  # noqa: ARG002
        """The date."""
        return None if value is None else date.fromordinal(value)


metadata = MetaData()

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("unit", String(128), nullable=False),
    Column("measure", String(128), nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("kind", "unit", "measure", name="series_once"),
)
"""What has a history. ``kind``: ward, forecast, or the kind of a roll-up; ``position``: its place in a snapshot."""

reading = Table(
    "reading",
    metadata,
    Column("series_id", Integer, primary_key=True),
    Column("from_as_at", Moment, primary_key=True),
    Column("state", String(32)),
    Column("version", Integer, nullable=False),
    Column("as_at", Moment),
    Column("level", String(16), nullable=False),
    Column("value", Float),
    Column("numerator", Float),
    Column("denominator", Float),
    Column("parts", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("wards", Text),
    sqlite_with_rowid=False,
)
"""A change: the reading is like this from ``from_as_at`` until the series' next row. ``state`` null: reported no more.

``as_at``: when it was true in the source, at the change. ``value``, ``numerator``, ``denominator``: of a reading with a
single number. ``parts``: all of them. ``wards``: of a roll-up, how many report, of how many, and which do not.
"""

snapshot = Table(
    "snapshot",
    metadata,
    Column("first_as_at", Moment, primary_key=True),
    Column("last_as_at", Moment, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("after_gap", Boolean, nullable=False),
    Column("quality", Text, nullable=False),
    Column("off_wards", Text, nullable=False),
)
"""A stretch of polls with equal answers. ``after_gap``: polling had been interrupted before it (or never begun)."""

current = Table(
    "current",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("as_at", Moment),
    Column("snapshot", Text),
)
"""One row: the newest snapshot whole, and how many were saved. Whoever writes locks it first."""

worklist = Table(
    "worklist",
    metadata,
    Column("ward", String(128), primary_key=True),
    Column("measure", String(128), primary_key=True),
    Column("rows", Text, nullable=False),
)
"""The patient rows behind the current snapshot, and no other."""

poll = Table(
    "poll",
    metadata,
    Column("source", String(128), primary_key=True),
    Column("feed", String(128), primary_key=True),
    Column("status", Text, nullable=False),
)
"""How the last poll of a feed went."""

accepted = Table(
    "accepted",
    metadata,
    Column("feed", String(128), primary_key=True),
    Column("rows", Integer, nullable=False),
)
"""Rows in the last answer that was believed."""

screen_order = Table(
    "screen_order",
    metadata,
    Column("screen", String(64), primary_key=True),
    Column("action", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
)
"""What a screen (or ``all``) was last told to do; ``number`` grows with each order."""

chart_point = Table(
    "chart_point",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("measure", String(128), nullable=False),
    Column("ward", String(128), nullable=False),
    Column("start", Day, nullable=False),
    Column("version", Integer, nullable=False),
    Column("numerator", Float),
    Column("denominator", Float),
    Column("watched", Float, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("measure", "ward", "start", name="chart_point_once"),
    Index("chart_point_by_start", "measure", "start"),
    sqlite_autoincrement=True,
)
"""One period of one measure on one ward, as ``surveillance.charts.points`` has it; ``numerator`` null: a gap.

``id`` grows with each write, and is never given twice: the greatest is a revision.
"""

thinning = Table(
    "thinning",
    metadata,
    Column("grain", String(16), primary_key=True),
    Column("until", Moment, nullable=False),
    Column("done", Moment, nullable=False),
)
"""Up to ``until`` only the ends of hours or days are kept (grain hour, day) or nothing (gone).

``done``: up to where the work was finished; it is less while a run is under way or was killed.
"""

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("event", String(32), nullable=False),
    Column("who", String(256), nullable=False),
    Column("role", String(128), nullable=False),
    Column("via", String(16), nullable=False),
    Column("session", String(64), nullable=False),
    Column("place", String(128), nullable=False),
    Column("ward", String(128), nullable=False),
    Column("measure", String(128), nullable=False),
    Column("version", Integer),
    Column("rows", Integer),
    Column("keys", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Index("audit_by_time", "at"),
)
"""What was seen, changed and refused; ``number`` has no gaps. ``before``: the hash of the row before, so that a change
of any row shows. Triggers refuse to change or delete a row."""

session = Table(
    "session",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("subject", String(256), nullable=False),
    Column("person", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("idle_at", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("place", String(128), nullable=False),
    Column("reasons", Text, nullable=False),
    Index("session_by_subject", "subject"),
)
"""Who is signed in. ``key``: the SHA-256 of what the browser holds, which nobody can work back."""

account = Table(
    "account",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("shown", String(256), nullable=False),
    Column("password", Text, nullable=False),
    Column("grants", Text, nullable=False),
    Column("changed", Moment, nullable=False),
)
"""Local accounts. ``password``: its argon2id hash."""

device = Table(
    "device",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("screen", String(64), nullable=False),
    Column("profile", String(16), nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    Column("paired", Moment, nullable=False),
    Column("paired_by", String(256), nullable=False),
    Column("revoked", Moment),
    Column("revoked_by", String(256), nullable=False),
    sqlite_autoincrement=True,
)
"""Screens that were paired. ``token``: the SHA-256 of what the screen holds."""

pairing = Table(
    "pairing",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("secret", String(64), nullable=False, unique=True),
    Column("screen", String(64), nullable=False),
    Column("asked", Moment, nullable=False),
    Column("place", String(128), nullable=False),
    Column("device", Integer),
)
"""Screens that ask to be paired. ``secret``: the SHA-256 of what the browser holds; ``device``: once accepted."""

team_entry = Table(
    "team_entry",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("ward", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("about", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("who", String(256), nullable=False),
    Column("role", String(128), nullable=False),
    Column("content", Text, nullable=False),
    Index("team_entry_by_ward", "ward", "kind"),
)
"""What teams say, only ever added to; ``number`` has no gaps. ``about``: the row with which the thing began (its own
number for that row); the thing stands as its last row says. ``at``: the real time; ``moment``: the hospital's.
``who``: the subject; empty where the program itself saw that a figure had cleared. Triggers refuse any other change."""

adt_message = Table(
    "adt_message",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("control_id", String(256), nullable=False),
    Column("event", String(8), nullable=False),
    Column("content", Text, nullable=False),
)
"""ADT messages that were acknowledged and not yet confirmed by a poll, which then removes them. Rows of patients: only
the role that polls may read them. ``key``: a hash of what the message says; ``at``: the real time."""
