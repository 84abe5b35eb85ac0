"""A source that speaks SQL: one bounded, read-only query a feed, whole or not at all.

One thread uses one connector. A driver that waits for ever cannot be stopped from inside its own process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, DateTime, String, literal, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.types import TypeEngine

from connectors.base import EVER, Bounds, Connector, RawRows
from connectors.engines import Deadline, errors_of, open_engine
from connectors.faults import source_error
from connectors.queries import Query, Statement, load_for
from connectors.rows import CHUNK_ROWS, frame_of, objects
from connectors.times import BOUND_NAMES, bound_values, is_iso, read_moment, readable
from connectors.watermarks import check_heartbeat, check_watermark, watermark_names
from connectors.write_check import login_can_write
from surveillance.errors import SourceChanged, SourceUnavailable
from surveillance.feeds.schema import Feed, Kind
from surveillance.feeds.tables import FEEDS
from surveillance.settings import Pack

STREAM_ROWS = 5_000
"""Rows that a streamed answer brings at once; each chunk is one more question to the server."""
LARGE = timedelta(days=3)
"""Feeds of which mostly the recent rows are read are large when they are asked for further back than this."""
BOUND_KINDS: dict[str, TypeEngine[Any]] = {"native": DateTime(), "text": String(), "epoch": BigInteger()}


class SqlConnector(Connector):
    """One database of the hospital, read by the queries of ``pack``.

    ``pack``: the pack with the site's own changes put over it; every feed in it has its query.
    ``most_rows``: an answer with more is refused as a whole.
    ``queries``: feeds asked for so far.
    """

    def __init__(self, name: str, url: str, pack: Pack, timeout_s: float, most_rows: int | None = None) -> None:
        self.name = name
        self.pack = pack
        self.queries = 0
        self.unknown = self._unknown = dict[str, tuple[str, ...]]()
        self._timeout_s = timeout_s
        self._most_rows = most_rows
        self._deadline = Deadline()
        self._engine = open_engine(name, url, timeout_s, pack.times.zone, self._deadline)
        dialect = self._engine.dialect.name
        self._queries = {
            feed: load_for(dialect, given.sql, f"{name}: feeds.{feed}.sql")
            for feed, given in pack.feeds.items()
            if given.sql
        }
        self.ends_itself = dialect == "sqlite"
        self._heartbeat = load_for(dialect, pack.heartbeat, f"{name}: heartbeat") if pack.heartbeat else None
        for feed, query in self._queries.items():
            check_watermark(feed, pack.feeds[feed].watermark, query, f"{name}: feeds.{feed}.watermark")
        check_heartbeat(self._heartbeat)
        # psycopg holds a whole answer in memory before it gives the first row, unless it is streamed, which is slower.
        self._can_stream = self._engine.dialect.driver == "psycopg"
        self._streams = False
        self._by_columns = self._engine.dialect.driver == "arrow_odbc"
        self._errors = errors_of(self._engine)

    @property
    def beats(self) -> bool:
        """Whether the pack has a heartbeat query."""
        return self._heartbeat is not None

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of the feeds that it can give."""
        return tuple(self._queries)

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        """The rows of one feed in the source's own words, all of them or none (see ``Connector``)."""
        query = self._queries[feed]
        table, watermark = FEEDS[feed], self.pack.feeds[feed].watermark
        large = bool(table.recent_by or watermark) and bounds.as_at - bounds.since > LARGE
        self._streams = self._can_stream and large and bounds.changed_since == EVER
        self.queries += 1
        with self._answer(query, bounds, f"feed {feed}") as result:
            names = list(result.keys())
            wanted = self._wanted(table, names, watermark_names(watermark, table))
            frame = self._frame(names, wanted, result, f"feed {feed}")
        times = self.pack.times
        if times.storage == "text" and not is_iso(times.format):
            for name in frame.columns:
                if (watermark and str(name).lower() == watermark.column.lower()) or (
                    str(name).lower() in table.names and table[str(name).lower()].kind in (Kind.TIME, Kind.DATE)
                ):
                    frame[name] = objects(readable(frame[name].tolist(), times))
        return RawRows(frame, times.zone, times.storage == "epoch")

    def data_as_at(self, bounds: Bounds) -> datetime | None:
        """The newest change that the source knows of (UTC), or None without a heartbeat or before any change.

        Raises:
            SourceChanged: the answer is not one moment. Else as ``read``.
        """
        if self._heartbeat is None:
            return None
        with self._answer(self._heartbeat, bounds, "heartbeat") as result:
            row = result.fetchone()
        try:
            return read_moment(row[0] if row else None, self.pack.times)
        except ValueError:
            raise SourceChanged(f"heartbeat: the answer is not a moment stored as {self.pack.times.storage}") from None

    def knock(self, bounds: Bounds) -> datetime | None:
        """What ``data_as_at`` says; a database without a heartbeat gives one row of its own."""
        if self._heartbeat is not None:
            return self.data_as_at(bounds)
        self._deadline.start(self._timeout_s)
        try:
            with self._engine.connect() as connection:
                connection.execute(select(literal(1)))
        except self._errors as error:
            raise source_error(error, "knock") from None
        return None

    def can_write(self) -> bool | None:
        """Whether the login could change the source; None where that cannot be told. Changes nothing.

        Raises:
            SourceUnavailable, SourceRefused: the source cannot be asked.
        """
        try:
            with self._engine.connect() as connection:
                return login_can_write(connection)
        except self._errors as error:
            raise source_error(error, "check") from None

    def close(self) -> None:
        """Give back connections."""
        self._engine.dispose()

    @contextmanager
    def _answer(self, query: Query, bounds: Bounds, what: str) -> Iterator[CursorResult[Any]]:
        """The open result of ``query``; a connection on which anything failed is thrown away."""
        times = self.pack.times
        values = bound_values(bounds, times)
        statement = Statement(query, dict.fromkeys(BOUND_NAMES, BOUND_KINDS[times.storage]))
        self._deadline.start(self._timeout_s)
        try:
            with self._engine.connect() as connection:
                if self._streams:
                    connection = connection.execution_options(stream_results=True, max_row_buffer=STREAM_ROWS)
                try:
                    with connection.execute(statement, {name: values[name] for name in query.parameters}) as result:
                        yield result
                except BaseException:
                    connection.invalidate()
                    raise
        except self._errors as error:
            raise source_error(error, what) from None

    def _frame(self, names: list[str], wanted: list[int], result: CursorResult[Any], what: str) -> pd.DataFrame:
        # SQLAlchemy's own rows cost as much again as fetching them, but of a streamed result it keeps some to itself.
        cursor: Any = result if self._streams else result.cursor
        if self._by_columns:
            from connectors.columns import frame_of_columns  # only where its driver is

            return frame_of_columns(names, wanted, cursor.readings, self._bounded(cursor.batches(), what))
        size = STREAM_ROWS if self._streams else CHUNK_ROWS
        return frame_of(names, wanted, self._bounded(iter(lambda: cursor.fetchmany(size) or None, None), what))

    def _bounded(self, chunks: Iterator[Any], what: str) -> Iterator[Any]:
        """``chunks`` of rows as long as they keep within the source's time and budget."""
        rows = 0
        while True:
            try:
                chunk = next(chunks, None)
            except (ValueError, OverflowError) as error:  # a date or number that Python cannot hold
                raise SourceUnavailable(f"{what}: the driver cannot read a value ({type(error).__name__})") from None
            if self._deadline.passed():
                raise SourceUnavailable(f"{what}: the answer did not arrive within {self._timeout_s:g} s")
            if chunk is None:
                return
            rows += len(chunk)
            if self._most_rows is not None and rows > self._most_rows:
                raise SourceUnavailable(f"{what}: more rows than the {self._most_rows} of its budget")
            yield chunk

    def _wanted(self, table: Feed, names: list[str], beside: Collection[str]) -> list[int]:
        """The positions of the columns that the canonical table has, or that are wanted ``beside`` them."""
        given = [name.lower() for name in names]
        for column in table.columns:
            if column.required and column.name not in given:
                raise SourceChanged(f"feed {table.name}: the result has no column '{column.name}'")
        known = {*table.names, *beside}
        for name in sorted(known):
            if given.count(name) > 1:
                raise SourceChanged(f"feed {table.name}: the result has the column '{name}' twice")
        self._unknown[table.name] = tuple(name for name in names if name.lower() not in known)
        return [position for position, name in enumerate(given) if name in known]
