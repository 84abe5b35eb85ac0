"""One source as ``surveillance check`` found it: what its feeds answered, what is wrong with them, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from surveillance.commands.advice import connecting, faults, timing, units, words
from surveillance.commands.advice.files import Files
from surveillance.errors import SourceError
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState, RawRows
from surveillance.feeds.moments import LONDON
from surveillance.freshness import aged, promise_of
from surveillance.opening import Opened
from surveillance.polling.reader import SourceReader
from surveillance.quiet import quiet_until
from surveillance.snapshot import Snapshot

GOOD = (FeedState.CURRENT, FeedState.STALE)
CAN_WRITE = "{}: the login can change the source; give the display one that may only read"
CAN_WRITE_FILES = "{}: the display can change the files; let it only read their folder, unless it is to archive them"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one source answered at ``as_at``. ``writes``: whether its login could change it, in words."""

    opened: Opened
    reader: SourceReader
    as_at: datetime
    answers: Sequence[FeedData]
    writes: str

    def state(self, data: FeedData) -> FeedState:
        """How a feed stands."""
        return aged(self.opened.settings, data, self.as_at)

    @property
    def good(self) -> int:
        """How many feeds can be counted."""
        return sum(self.state(data) in GOOD for data in self.answers)

    @property
    def sound(self) -> bool:
        """Whether all can be counted, and the source's clock is not ahead: then its times are read wrongly, and the
        newest rows are left out.
        """
        return self.good == len(self.answers) and not timing.ahead(self.reader.beat, self.as_at)

    def told(self, snapshot: Snapshot) -> list[str]:
        """What is wrong with the source and its feeds, each with what to do."""
        given, name = self.opened.settings.sources[self.reader.name], self.reader.name
        files = Files.of(self.opened, self.reader)
        told = [timing.in_short(name, self.reader.beat, self.answers, self.as_at, given.interval_s)]
        if self.writes == "yes":
            told.append((CAN_WRITE_FILES if given.files else CAN_WRITE).format(name))
        if not self.reader.connector.beats:
            told.append(f"{name}: no heartbeat query: if it stops being written to, nobody will notice")
            told += timing.old_rows(name, self.answers, self.as_at)
        times = self.reader.connector.pack.times
        told += timing.heartbeat(name, self.reader.beat, self.as_at, times, files.times(given))
        told += timing.behind(name, self.reader.beat, self.as_at, promise_of(self.opened.settings, name))
        told += timing.load(name, given, self.answers)
        for data in self.answers:
            told += self._of_feed(data, files, snapshot)
        return told

    def _of_feed(self, data: FeedData, files: Files, snapshot: Snapshot) -> list[str]:
        state, where = self.state(data), f"{self.reader.name}, {data.feed}"
        pack = self.reader.connector.pack
        query = files.shown(pack.feeds[data.feed].sql if data.feed in pack.feeds else None)
        told = [f"{where}: {data.error}"] if data.error else []
        told += faults.after(data, state, query)
        told += connecting.missing_columns(data, self.reader.connector.unknown.get(data.feed, ()), where, query)
        unknown = words.columns_with_unknown_words(data)
        raw = self._again(data) if unknown or (state is FeedState.SUSPECT and _of_wards(data)) else None
        counted = [("rejected", reason, number) for reason, number in data.rejected.items()]
        counted += [("noted", reason, number) for reason, number in data.notes.items()]
        for what, reason, number in counted:
            told.append(f"{where}: {number} {what}, {reason}")
            told += faults.after_reason(reason, query)
            for column in unknown:
                if raw is not None and reason.startswith(f"{column.name}: {words.UNKNOWN}"):
                    table = files.table(f"feeds.{data.feed}.mapping.{column.name}")
                    found = words.unknown_words(column, raw, self._words(data.feed).get(column.name, {}))
                    told += words.to_map(column, found, table)
        return told + self._units(data, raw, files, snapshot)

    def _units(self, data: FeedData, raw: RawRows | None, files: Files, snapshot: Snapshot) -> list[str]:
        settings, where = self.opened.settings, f"{self.reader.name}, {data.feed}"
        if not _of_wards(data):
            return []
        if data.frame is not None:
            by_unit = units.rows_by_unit(data.frame)
        else:
            mapped = {alias: ward.code for ward in settings.wards for alias in ward.source_codes}
            mapped |= self._words(data.feed).get("ward_code", {})
            by_unit = units.raw_rows_by_unit(raw, mapped) if raw else {}
        found = units.of_no_ward(by_unit, settings, self.reader.connector.pack.not_wards)
        now = snapshot.off_wards if data.feed == units.STAYS else {}
        told = units.unlisted(where, found, now, settings, files.site) if found else []
        return told + (units.never_seen(data, settings, files.site) if data.feed == units.STAYS else [])

    def _words(self, feed: str) -> dict[str, dict[str, str]]:
        given = self.reader.connector.pack.feeds.get(feed)
        return dict(given.mapping) if given else {}

    def _again(self, data: FeedData) -> RawRows | None:
        """The feed's rows in the source's own words, asked for once more: the gate keeps none of what it refuses."""
        try:
            return self.reader.connector.read(data.feed, self.reader.bounds(FEEDS[data.feed], self.as_at))
        except SourceError:
            return None


def asked_of(opened: Opened, reader: SourceReader, as_at: datetime) -> Asked:
    """What a source answers; nothing is asked of one that is in its quiet hours."""
    until = quiet_until(opened.settings.sources[reader.name].quiet_hours, as_at)
    if until is not None:
        error = f"not asked: its quiet hours last until {until.astimezone(LONDON):%H:%M}; run check again then"
        resting = [FeedData(feed, FeedState.UNAVAILABLE, reader.name, error=error) for feed in reader.feeds]
        return Asked(opened, reader, as_at, resting, "not asked")
    return Asked(opened, reader, as_at, reader.poll(as_at), _can_write(reader))


def _of_wards(data: FeedData) -> bool:
    return "ward_code" in FEEDS[data.feed].names


def _can_write(reader: SourceReader) -> str:
    try:
        answer = reader.connector.can_write()
    except SourceError:
        return "cannot be asked"
    return {True: "yes", False: "no", None: "cannot be told"}[answer]
