"""The store keeps every change of every reading, the current snapshot whole, and the patient rows behind it apart."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

import orjson
from sqlalchemy import Connection, select, update

from surveillance.charts.points import ChartPoint
from surveillance.lookback import Around, Gap
from surveillance.settings import StoreSettings
from surveillance.snapshot import Snapshot, SourceStatus
from surveillance.snapshot_json import dumps, snapshot_from_json, snapshot_to_json
from surveillance.store import chart_points, coverage, history, lookback, polls, screen_orders, thinning, worklists
from surveillance.store.chart_points import Told
from surveillance.store.coverage import Coverage
from surveillance.store.database import Database
from surveillance.store.history import WARD, Point, Standing
from surveillance.store.tables import current
from surveillance.store.upgrading import upgrade
from surveillance.worklist import Cell, Worklist

MAX_GAP_S = 600.0
"""Longest time between two polls in which the hospital still counts as watched."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What the database holds at a revision, remembered so that it need not be read again at each save."""

    revision: int
    standing: Standing
    lists: worklists.Lists


class Store:
    """May be used by several threads, and several processes may have one each on the same database.

    Every method raises ``StoreError`` when the database is locked, full, damaged or out of reach; then nothing of that
    call was kept, and what earlier calls wrote still is.
    """

    def __init__(self, database: Database, settings: StoreSettings, max_gap_s: float) -> None:
        self.database = database
        self._settings = settings
        self._max_gap = timedelta(seconds=max_gap_s)
        self._one_save = threading.Lock()
        self._written: _Written | None = None

    def save(self, snapshot: Snapshot, worklist: Worklist) -> bool:
        """Keeps a snapshot and its patient rows: both or, when it raises, neither. Kept even if killed right after.

        Returns whether something changed (or polling had been interrupted), so that a row was added to the history.

        Raises:
            StoreError: also when the history already holds a later moment.
            ValueError: a reading's numbers contradict its state, a worklist's value cannot be kept, or the two are not
                of the same moment.
        """
        if worklist.as_at != snapshot.as_at:
            raise ValueError("a worklist belongs to the snapshot of the same moment")
        text = dumps(snapshot_to_json(snapshot, {}, every_part=True)).decode()
        entries = history.entries_of(snapshot)
        with self._one_save:
            with self.database.writing() as connection:
                before = self._before(connection)
                again = coverage.last_as_at(connection) == snapshot.as_at
                changes = history.changes(before.standing.entries, entries)
                added = coverage.extend(connection, snapshot, changed=bool(changes), max_gap=self._max_gap)
                after = _Written(
                    before.revision + 1,
                    history.record(connection, snapshot.as_at, before.standing, changes, again=again),
                    worklists.overwrite(connection, before.lists, worklist.rows),
                )
                values = {"revision": after.revision, "as_at": snapshot.as_at, "snapshot": text}
                connection.execute(update(current).values(values))
            self._written = after
        return added

    def current(self) -> Snapshot | None:
        """The newest snapshot, whole; None before the first."""
        with self.database.reading() as connection:
            text = connection.execute(select(current.c.snapshot)).scalar()
        return None if text is None else snapshot_from_json(orjson.loads(text))

    def revision(self) -> int:
        """How many snapshots were saved: a cheap way to see that there is a newer one."""
        with self.database.reading() as connection:
            revision: int = connection.execute(select(current.c.revision)).scalar_one()
        return revision

    def at(self, moment: datetime) -> Snapshot | None:
        """The readings, forecasts and roll-ups as they stood at ``moment``, without the state of the sources.

        None before the first snapshot, after the last, and in a gap. Where the history was thinned, the answer is that
        of the last kept moment before, and its ``as_at`` says so. A reading's own ``as_at`` is that of the change that
        brought it: it was at least true then, and stood unchanged since.
        """
        with self.database.reading() as connection:
            kept = thinning.thinned(connection).kept(moment)
            beside = None if kept is None else coverage.kept_at(connection, kept)
            if kept is None or beside is None:
                return None
            entries = history.entries_at(connection, kept)
        return history.snapshot_of(entries, kept.astimezone(UTC), beside.quality, beside.off_wards)

    def around(self, moment: datetime) -> Around | None:
        """Whether ``at`` has an answer for ``moment``, the nearest moments for which it has, and from when to when."""
        with self.database.reading() as connection:
            return lookback.around(connection, moment)

    def gaps(self, since: datetime | None = None) -> list[Gap]:
        """The times between ``since`` (None: the first snapshot) and the last snapshot in which nobody watched."""
        with self.database.reading() as connection:
            return lookback.gaps(connection, since)

    def worklist(self, ward: str, measure: str) -> list[dict[str, Cell]]:
        """The patient rows behind a ward's current number; empty as well where there is no number (see its state)."""
        with self.database.reading() as connection:
            return worklists.rows_of(connection, ward, measure)

    def worklists(self) -> dict[tuple[str, str], list[dict[str, Cell]]]:
        """(ward, measure) → the patient rows behind its current number, of every number that has any."""
        with self.database.reading() as connection:
            return worklists.every_list(connection)

    def history(self, unit: str, measure: str, since: datetime, until: datetime, kind: str = WARD) -> list[Point]:
        """The changes of one reading, part by part, from the one that stood at ``since`` to the last before ``until``.

        ``kind``: ward, forecast, or that of a roll-up (division, site, trust, system). Gaps in the polling do not show
        here: see ``coverage``.
        """
        with self.database.reading() as connection:
            return history.points(connection, (kind, unit, measure), since, until)

    def coverage(self, since: datetime, until: datetime) -> Coverage:
        """How far the time from ``since`` to ``until`` was watched."""
        with self.database.reading() as connection:
            return coverage.covered(connection, since, until)

    def watched(self, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """First and last poll of each stretch of time without a gap that touches ``since`` to ``until``."""
        with self.database.reading() as connection:
            return coverage.watched(connection, since, until)

    def told(
        self, measure: str, since: datetime, until: datetime, wards: Sequence[str] | None = None
    ) -> dict[str, list[Told]]:
        """Ward → the changes of its reading, from the one that stood at ``since`` to the last before ``until``."""
        with self.database.reading() as connection:
            return chart_points.told(connection, measure, wards, since, until)

    def keep_points(self, points: Sequence[ChartPoint]) -> None:
        """Keeps points of charts, all or none, in place of those of the same measure, ward and start."""
        with self.database.writing() as connection:
            chart_points.keep(connection, points)

    def points(self, measure: str, wards: Sequence[str] | None, since: date, until: date) -> list[ChartPoint]:
        """A measure's points of these wards (None: of all) that start from ``since`` to the day before ``until``."""
        with self.database.reading() as connection:
            return chart_points.kept(connection, measure, wards, since, until)

    def points_revision(self) -> int:
        """Grows whenever points are kept: a cheap way to see that there are new ones."""
        with self.database.reading() as connection:
            return chart_points.revision(connection)

    def points_written_since(self, revision: int) -> frozenset[str]:
        """The measures of which points were kept after that revision."""
        with self.database.reading() as connection:
            return chart_points.written_since(connection, revision)

    def latest_points(self) -> dict[tuple[str, str], date]:
        """(measure, ward) → the start of its last point."""
        with self.database.reading() as connection:
            return chart_points.latest(connection)

    def record_poll(self, *statuses: SourceStatus) -> None:
        """Keeps how the last poll of these feeds went, in place of what was known of them."""
        with self.database.writing() as connection:
            polls.record(connection, statuses)

    def polls(self) -> tuple[SourceStatus, ...]:
        """How the last poll of every feed went, by source and feed."""
        with self.database.reading() as connection:
            return polls.last(connection)

    def accept_rows(self, feed: str, rows: int) -> None:
        """Keeps the size of an answer that was believed, to judge the next one by."""
        with self.database.writing() as connection:
            polls.accept(connection, {feed: rows})

    def accepted_rows(self) -> dict[str, int]:
        """Feed → rows in its last believed answer."""
        with self.database.reading() as connection:
            return polls.accepted_rows(connection)

    def order_screen(self, screen: str, action: str) -> int:
        """Tells a screen to do something; returns the order's number."""
        with self.database.writing() as connection:
            return screen_orders.give(connection, screen, action)

    def screen_orders(self) -> screen_orders.Orders:
        """What the screens were last told: (screen, action) → number of the order."""
        with self.database.reading() as connection:
            return screen_orders.newest(connection)

    def thin(self, now: datetime) -> int:
        """Thins what has grown old by the settings; returns how many changes went. To be called about once a day."""
        return thinning.thin(self.database, self._settings, now)

    def close(self) -> None:
        """Lets go of the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _before(self, connection: Connection) -> _Written:
        """What the database holds: from memory, unless another process wrote since; keeps others out until the end."""
        revision = connection.execute(select(current.c.revision).with_for_update()).scalar_one()
        if self._written is not None and self._written.revision == revision:
            return self._written
        return _Written(revision, history.standing(connection), worklists.keys(connection))


def open_store(url: str, settings: StoreSettings | None = None, *, max_gap_s: float = MAX_GAP_S) -> Store:
    """The store at ``url``, brought to this program's version; several processes may do so at once.

    Args:
        url: of a SQLite file (made if it is not there) or a PostgreSQL database.
        settings: how long what is kept.
        max_gap_s: a longer time between two polls is a gap.

    Raises:
        ConfigurationError: the URL is none, or the store was written by a newer program.
        StoreError: the database does not answer.
    """
    return Store(open_database(url), settings or StoreSettings(), max_gap_s)


def open_database(url: str) -> Database:
    """The store's database at ``url``, brought to this program's version.

    Raises:
        ConfigurationError: the URL is none, or the store was written by a newer program.
        StoreError: the database does not answer.
    """
    database = Database(url)
    try:
        upgrade(database)
    except BaseException:
        database.close()
        raise
    return database
