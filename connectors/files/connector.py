"""A source of files: the newest whole one of each feed, with its own age; a broken one is an error, not an older one.

The program opens files for reading only. Where an archive is configured, and nowhere else, it moves what is superseded.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from connectors.base import Bounds, Connector, RawRows
from connectors.files.cells import Line
from connectors.files.checks import INSTALL
from connectors.files.folder import Drop, Entry, Folder, Pattern, content_of
from connectors.files.table import HEAD_LINES, Header, Reading, Rows, find_header, rows_of
from connectors.files.text import read_text
from surveillance.errors import SourceUnavailable
from surveillance.feeds.tables import FEEDS
from surveillance.settings import Files, Pack

MOST_BYTES = 100 << 20
"""Bytes of the largest file that is read; a large trust's roster of a month is about 10 MB."""
AHEAD = timedelta(minutes=5)
"""A file server's clock may run ahead this much: Windows domains refuse more (Kerberos, RFC 4120, section 1.6)."""


ZIP = b"PK\x03\x04"
"""How a workbook begins, whatever the file is called."""
OLD_WORKBOOK = bytes.fromhex("D0CF11E0A1B11AE1")


@dataclass(frozen=True, slots=True)
class Held:
    """The rows of the file that is in force."""

    drop: Drop
    rows: Rows


class FilesConnector(Connector):
    """A folder into which a system exports, read by ``files``.

    ``pack``: the feeds with their words. ``most_rows``: a file with more is refused as a whole.
    """

    def __init__(self, name: str, files: Files, pack: Pack, most_rows: int | None = None) -> None:
        self.name = name
        self.pack = pack
        self.unknown = self._unknown = dict[str, tuple[str, ...]]()
        self._files = files
        self._most_rows = most_rows
        self._patterns = {feed: Pattern(given, pack.times.zone) for feed, given in files.feeds.items()}
        self._folder = Folder(files, self._patterns)
        self._held: dict[str, Held] = {}
        self._answered: set[str] = set()
        self._first_seen: dict[Entry, datetime] = {}

    @property
    def beats(self) -> bool:
        """A file always tells its age."""
        return True

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of the feeds that it can give."""
        return tuple(self._files.feeds)

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        """All rows of the feed's newest whole file (see ``Connector``); ``as_at`` is the file's own time."""
        self._look(bounds.as_at)
        drop = self._in_force(feed, bounds.as_at)
        held = self._held.get(feed)
        if held is None or held.drop != drop:
            rows = self._rows(feed, drop)
            if rows is not None:
                self._held[feed] = held = Held(drop, rows)
            elif held is None or held.drop.time > bounds.as_at:
                raise SourceUnavailable(f"feed {feed}: {drop.entry.name} changes while it is read")
        self._unknown[feed] = held.rows.unused
        notes = held.rows.notes | self._remarks(feed, held.drop, bounds.as_at)
        if self._files.archive and feed in self._answered and (kept := self._not_archived(feed, self._files.archive)):
            notes["file: superseded files that cannot be archived"] = kept
        self._answered.add(feed)
        times = self.pack.times
        return RawRows(held.rows.frame, times.zone, as_at=self._true_at(held.drop, bounds.as_at), notes=notes)

    def data_as_at(self, bounds: Bounds) -> datetime | None:
        """When the newest of all feeds' files was true.

        Raises:
            SourceUnavailable: the folder cannot be read, or holds no whole file of any feed.
        """
        self._look(bounds.as_at)
        times, faults = [], []
        for feed in self.feeds:
            try:
                times.append(self._true_at(self._in_force(feed, bounds.as_at), bounds.as_at))
            except SourceUnavailable as error:
                faults.append(error)
        if not times:
            raise faults[0]
        return max(times)

    def knock(self, bounds: Bounds) -> datetime | None:
        """What ``data_as_at`` says."""
        return self.data_as_at(bounds)

    def can_write(self) -> bool | None:
        """Whether the program could change what is dropped; with an archive it must be able to.

        Raises:
            SourceUnavailable: the folder is not there.
        """
        self._folder.look()
        return os.access(self._files.folder, os.W_OK)

    def close(self) -> None:
        """Nothing is held open."""

    def _look(self, as_at: datetime) -> None:
        self._folder.look()
        known = {*self._folder.entries.values(), *(held.drop.entry for held in self._held.values())}
        self._first_seen = {entry: self._first_seen.get(entry, as_at) for entry in known}

    def _in_force(self, feed: str, as_at: datetime) -> Drop:
        """The newest whole file; while it is being written anew, what was read of it before."""
        if not (whole := self._whole(feed, as_at)) and feed not in self._held and self._drops(feed, as_at):
            self._folder.wait()
            whole = self._whole(feed, as_at)
        held = self._held.get(feed)
        if held and held.drop.time <= as_at + AHEAD and self._is_written_anew(held.drop.entry):
            whole = [*whole, held.drop]
        if not whole:
            waiting = [drop.entry.name for drop in self._drops(feed, as_at)]
            words = f"{waiting[-1]} is still being written" if waiting else "none is there"
            pattern = self._files.feeds[feed].pattern
            raise SourceUnavailable(f"feed {feed}: no whole file is called {pattern}: {words}")
        return max(whole, key=lambda drop: drop.order)

    def _whole(self, feed: str, as_at: datetime) -> list[Drop]:
        return [drop for drop in self._drops(feed, as_at) if self._folder.is_whole(drop.entry)]

    def _is_written_anew(self, entry: Entry) -> bool:
        now = self._folder.entries.get(entry.name)
        return now is not None and now != entry and not self._folder.is_whole(now)

    def _drops(self, feed: str, as_at: datetime) -> list[Drop]:
        """The feed's files of up to ``as_at``, the newest last."""
        return [drop for drop in self._folder.drops[feed] if drop.time <= as_at + AHEAD]

    def _true_at(self, drop: Drop, as_at: datetime) -> datetime:
        """A file is never newer than when it was first seen, whatever clock it goes by."""
        return min(drop.time, self._first_seen.get(drop.entry, as_at), as_at)

    def _remarks(self, feed: str, drop: Drop, as_at: datetime) -> dict[str, int]:
        drops = self._drops(feed, as_at)
        future = len(self._folder.drops[feed]) - len(drops)
        waiting = [one for one in drops if one.order > drop.order and not self._folder.is_whole(one.entry)]
        found = {
            "file: time ahead of the clock, taken as when it was first seen": drop.time > self._true_at(drop, as_at),
            "file: names whose time cannot be read, left out": self._folder.untimed[feed],
            "file: times in the future, left out": future,
            "file: newer ones that are not whole yet": len(waiting),
            "file: links and the like, left out": self._folder.no_files,
        }
        return {words: int(number) for words, number in found.items() if number}

    def _rows(self, feed: str, drop: Drop) -> Rows | None:
        """The rows of a file; None if it is no longer what it was at the look."""
        content = content_of(drop.entry, MOST_BYTES)
        if content is None:
            return None
        given = self._files.feeds[feed]
        reading = Reading(drop.entry.name, FEEDS[feed], given, self.pack.times, self._most_rows)
        if content.startswith(OLD_WORKBOOK):
            raise SourceUnavailable(f"{reading.name}: an old Excel file, or one with a password; export XLSX or CSV")
        header, lines = read_workbook(content, reading) if content.startswith(ZIP) else read_text(content, reading)
        return rows_of(header, lines, reading)

    def _not_archived(self, feed: str, archive: Path) -> int:
        """Move the feed's superseded files; how many could not be moved."""
        kept = 0
        for drop in self._folder.drops[feed]:
            if not self._is_superseded(drop.entry) or not self._folder.is_whole(drop.entry):
                continue
            for path in (drop.entry.path, *self._folder.markers(drop.entry)):
                try:
                    _move(path, archive)
                except OSError:
                    kept += 1
        return kept

    def _is_superseded(self, entry: Entry) -> bool:
        """For every feed whose file it could be."""
        for feed, pattern in self._patterns.items():
            if not pattern.fits(entry.name):
                continue
            held, drop = self._held.get(feed), pattern.drop(entry)
            if held is None or drop is None or drop.order >= held.drop.order:
                return False
        return True


def read_workbook(content: bytes, reading: Reading) -> tuple[Header, Iterator[Line]]:
    """The header, and the rows below it.

    Raises:
        SourceChanged, SourceUnavailable: as ``read_sheet`` and ``find_header``; or what reads workbooks is missing.
    """
    try:
        from connectors.files.excel import read_sheet
    except ImportError:
        raise SourceUnavailable(f"{reading.name}: an Excel file; {INSTALL}") from None
    lines = read_sheet(content, reading.given.sheet, reading.name)
    header = find_header(lines[:HEAD_LINES], reading)
    return header, (line for line in lines if line.number > header.number)


def _move(path: Path, archive: Path) -> None:
    """Move a file; one of the same name that is there already stays."""
    if not archive.is_dir():
        raise NotADirectoryError(archive)
    names = (path.name, *(f"{path.stem}.{number}{path.suffix}" for number in range(2, 1000)))
    free = next((archive / name for name in names if not (archive / name).exists()), None)
    if free is None:
        raise FileExistsError(archive)
    shutil.move(path, free)
