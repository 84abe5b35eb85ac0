"""A hospital's database in which rows are written, changed, taken back and written late, as a seed says.

Every row carries the time of its change as the source stamps it: when the statement began, not when it could be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from connectors.base import EVER, Bounds, RawRows
from connectors.sql import SqlConnector
from surveillance.errors import SourceUnavailable
from surveillance.settings import FeedSource, Pack, Times, Watermark

ZONE = "Europe/London"
OVERLAP_S = 300
STARTS = (datetime(2026, 7, 1, 9, 40, tzinfo=UTC), datetime(2026, 10, 24, 23, 20, tzinfo=UTC))
"""A summer's day, and the night in which an hour is shown twice."""
TABLES = """
CREATE TABLE visit (row_id {int}, half {int}, visit_no {text}, patient {text}, ward {text}, admitted {time},
  discharged {time}, changed {time}, removed {int});
CREATE TABLE dose (dose_id {int}, rx {text}, visit_no {text}, made {time}, due {time}, charted {time}, outcome {text},
  given {time}, struck {time}, changed {time})
"""
QUERIES = {
    "spell": """
        SELECT v.row_id, v.half, v.changed, v.removed, v.patient AS patient_key, v.visit_no AS spell_key,
          v.admitted AS admit_ts, CASE WHEN v.discharged <= :as_at THEN v.discharged END AS discharge_ts
        FROM visit v
        WHERE (v.discharged IS NULL OR v.discharged >= :since)
          AND (v.changed >= :changed_since OR v.discharged >= :changed_since)""",
    "dose_event": """
        SELECT d.dose_id AS "DOSE_ID", d.changed AS "CHANGED", d.rx AS order_key, d.due AS due_ts,
          CASE WHEN d.charted <= :as_at THEN d.outcome ELSE 'blank' END AS status,
          CASE WHEN d.charted <= :as_at THEN d.given END AS given_ts, NULL AS reason_code,
          CASE WHEN d.struck <= :as_at THEN 1 ELSE 0 END AS voided,
          CASE WHEN d.charted <= :as_at THEN d.charted END AS recorded_ts
        FROM dose d
        WHERE d.due >= :since AND d.made <= :as_at AND d.changed >= :changed_since""",
    "ward_stay": """
        SELECT v.visit_no AS spell_key, v.ward AS ward_code, v.admitted AS start_ts,
          CASE WHEN v.discharged <= :as_at THEN v.discharged END AS end_ts
        FROM visit v WHERE v.removed = 0 AND v.admitted <= :as_at ORDER BY v.row_id, v.half""",
    "order": """
        SELECT d.rx AS order_key, d.visit_no AS spell_key, 'D1' AS drug_code, 'oral' AS route, 'regular' AS kind,
          'active' AS status, d.due AS start_ts, NULL AS stop_ts FROM dose d WHERE d.made <= :as_at ORDER BY d.rx""",
}
WATERMARKS = {
    "spell": Watermark(column="changed", key=("row_id", "half"), gone="removed", overlap_s=OVERLAP_S),
    "dose_event": Watermark(column="changed", key=("dose_id",), overlap_s=OVERLAP_S),
}
LOOKBACK_H = {"spell": 30, "dose_event": 24}
Write = tuple[str, dict[str, Any]]


class Asked:
    """The connector, which remembers whether everything was asked for and fails when it is told to."""

    def __init__(self, connector: SqlConnector) -> None:
        self._connector = connector
        self.pack = connector.pack
        self.unknown: Mapping[str, tuple[str, ...]] = connector.unknown
        self.beats = False
        self.feeds = connector.feeds
        self.wholes: list[str] = []
        self.parts: list[str] = []
        self.broken = False

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        if self.broken:
            raise SourceUnavailable(f"feed {feed}: away")
        if feed in WATERMARKS:
            (self.wholes if bounds.changed_since == EVER else self.parts).append(feed)
        return self._connector.read(feed, bounds)

    def data_as_at(self, bounds: Bounds) -> datetime | None:
        return None

    knock = data_as_at

    def can_write(self) -> bool | None:
        return None

    def close(self) -> None:
        self._connector.close()


@dataclass
class Changing:
    """The database at ``url``, filled. ``deleted``: keys of rows that were deleted and not only said to be gone."""

    url: str
    folder: Path
    dice: Random
    start: datetime
    queries: Mapping[str, str] = field(default_factory=lambda: QUERIES)
    watermarks: Mapping[str, Watermark] = field(default_factory=lambda: WATERMARKS)
    deleted: set[str] = field(default_factory=set)
    asked_at: str = ""
    """The URL by which the program asks it, if by another driver."""

    def __post_init__(self) -> None:
        self.engine: Engine = create_engine(self.url, poolclass=NullPool)
        self.native = not self.url.startswith("sqlite")
        kinds = {"int": "INTEGER", "text": "TEXT", "time": "TIMESTAMP" if self.native else "TEXT"}
        self._late: list[tuple[datetime, Write]] = []
        self.visits = self.doses = 0
        self.now = self.start - timedelta(hours=40)
        with self.engine.begin() as connection:
            for table in TABLES.format_map(kinds).split(";"):
                connection.execute(text(table))
        self.pass_time(self.start - self.now, 120)

    def connector(self) -> Asked:
        """The source as the program opens it."""
        feeds = {}
        for feed, query in self.queries.items():
            path = self.folder / f"{feed}.sql"
            path.write_text(query)
            watermark = self.watermarks.get(feed)
            feeds[feed] = FeedSource(sql=path, lookback_h=LOOKBACK_H.get(feed), watermark=watermark)
        times = Times(storage="native" if self.native else "text", zone=ZONE)
        pack = Pack(name="test", title="Test", times=times, feeds=feeds)
        return Asked(SqlConnector("epr", self.asked_at or self.url, pack, 10))

    def stored(self, moment: datetime) -> Any:
        """A moment as the source writes it: the time that a clock on its wall shows."""
        local = moment.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
        return local if self.native else local.strftime("%Y-%m-%d %H:%M:%S")

    def pass_time(self, span: timedelta, writes: int) -> None:
        """``writes`` things happen meanwhile; some can be seen only later than they are stamped."""
        moments = sorted(self.now + span * self.dice.random() for _ in range(writes))
        self.now += span
        due: list[tuple[datetime, Write]] = []
        for stamped in moments:
            seen = stamped
            if self.dice.random() < 0.3:
                seen += timedelta(seconds=self.dice.uniform(0, OVERLAP_S - 2))
            due += [(seen, write) for write in self._write(stamped.replace(microsecond=0))]
        due = sorted([*due, *self._late], key=lambda one: one[0])
        self._late = [one for one in due if one[0] > self.now]
        with self.engine.begin() as connection:
            for _, (sql, values) in (one for one in due if one[0] <= self.now):
                connection.execute(text(sql), values)

    def delete(self) -> None:
        """A dose disappears without a word."""
        if not self.doses:
            return
        victim = self.dice.randint(max(1, self.doses - 40), self.doses)
        self.deleted.add(f"R{victim}")
        with self.engine.begin() as connection:
            connection.execute(text("DELETE FROM dose WHERE dose_id = :one"), {"one": victim})

    def _write(self, stamped: datetime) -> list[Write]:
        visits = [self._admit, self._plan, self._plan, self._remove, self._again]
        doses = [self._prescribe] * 3 + [self._chart] * 3 + [self._strike, self._move]
        choice: Callable[[datetime], list[Write]] = self.dice.choice([*visits, *doses])
        return choice(stamped)

    def _later(self, stamped: datetime, low: float, high: float) -> Any:
        return self.stored((stamped + timedelta(minutes=self.dice.uniform(low, high))).replace(microsecond=0))

    def _admit(self, stamped: datetime) -> list[Write]:
        self.visits += 1
        planned = self._later(stamped, 1, 90) if self.dice.random() < 0.3 else None
        row = {
            "row_id": self.visits,
            "visit_no": f"S{self.visits}",
            "patient": f"P{self.visits}",
            "ward": self.dice.choice(["W1", "W2", "W3"]),
            "admitted": self._later(stamped, -120, 0 if self.dice.random() < 0.8 else 180),  # some are yet to come
            "discharged": planned,
            "changed": self.stored(stamped),
        }
        insert = (
            "INSERT INTO visit VALUES (:row_id, 0, :visit_no, :patient, :ward, :admitted, :discharged, :changed, 0)"
        )
        return [(insert, row)]

    def _visit(self) -> int:
        return self.dice.randint(max(1, self.visits - 25), max(1, self.visits))

    def _plan(self, stamped: datetime) -> list[Write]:
        """A discharge is entered, mostly one that is yet to come; some are before the admission, and taken back."""
        when = None if self.dice.random() < 0.1 else self._later(stamped, -40, 60)
        sql = "UPDATE visit SET discharged = :at, changed = :now WHERE row_id = :one"
        return [(sql, {"at": when, "now": self.stored(stamped), "one": self._visit()})]

    def _remove(self, stamped: datetime) -> list[Write]:
        sql = "UPDATE visit SET removed = :gone, changed = :now WHERE row_id = :one"
        return [(sql, {"gone": self.dice.randint(0, 1), "now": self.stored(stamped), "one": self._visit()})]

    def _again(self, stamped: datetime) -> list[Write]:
        """The same spell once more, or once less."""
        one = {"now": self.stored(stamped), "one": self._visit()}
        copy = (
            "INSERT INTO visit SELECT row_id, 1, visit_no, 'again', ward, admitted, discharged, :now, 0 FROM visit"
            " WHERE row_id = :one AND NOT EXISTS (SELECT 1 FROM visit o WHERE o.row_id = :one AND o.half = 1)"
        )
        if self.native:
            copy = copy.replace(":now", "CAST(:now AS TIMESTAMP)")
        return [
            (copy, one),
            ("UPDATE visit SET patient = 'other', changed = :now WHERE row_id = :one AND half = 0", one),
        ]

    def _prescribe(self, stamped: datetime) -> list[Write]:
        self.doses += 1
        row = {
            "one": self.doses,
            "rx": f"R{self.doses}",
            "visit_no": f"S{self._visit()}",
            "now": self.stored(stamped),
            "due": self._later(stamped, -25 * 60, 12 * 60),
        }
        return [("INSERT INTO dose VALUES (:one, :rx, :visit_no, :now, :due, NULL, NULL, NULL, NULL, :now)", row)]

    def _dose(self, stamped: datetime) -> dict[str, Any]:
        now = self.stored(stamped)
        return {"one": self.dice.randint(1, max(1, self.doses)), "now": now, "at": self._later(stamped, -60, 0)}

    def _chart(self, stamped: datetime) -> list[Write]:
        sql = "UPDATE dose SET charted = :now, outcome = :outcome, given = :at, changed = :now WHERE dose_id = :one"
        return [(sql, {**self._dose(stamped), "outcome": self.dice.choice(["given", "not given", "odd word"])})]

    def _strike(self, stamped: datetime) -> list[Write]:
        values = self._dose(stamped)
        del values["at"]
        return [("UPDATE dose SET struck = :now, changed = :now WHERE dose_id = :one", values)]

    def _move(self, stamped: datetime) -> list[Write]:
        return [("UPDATE dose SET due = :at, changed = :now WHERE dose_id = :one", self._dose(stamped))]
