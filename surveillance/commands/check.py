"""``surveillance check``: every source is connected to and every feed read once; a table says what came."""

from __future__ import annotations

import argparse
from datetime import datetime

from surveillance.errors import SourceError
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState
from surveillance.freshness import aged
from surveillance.legibility import too_small
from surveillance.opening import Opened, open_site
from surveillance.polling.clock import hospital_clock
from surveillance.polling.reader import SourceReader

HEAD = ("source", "feed", "state", "rows", "columns", "rejected", "notes", "newest row", "took", "login can write")
RIGHT = frozenset({"rows", "columns", "rejected", "notes", "newest row", "took"})
GOOD = (FeedState.CURRENT, FeedState.STALE)


def run(asked: argparse.Namespace) -> int:
    """Print the table and what was wrong; 0 if every feed gave believable rows, else 1."""
    opened = open_site(asked.config)
    now = hospital_clock(opened.settings)
    lines, told, good = [], list[str](), True
    for reader in opened.readers:
        as_at = now()
        answers = reader.poll(as_at)
        writes = _can_write(reader)
        if writes == "yes":
            told.append(f"{reader.name}: the login can change the source; give the display one that may only read")
        if not reader.connector.beats:
            told.append(f"{reader.name}: no heartbeat query: if it stops being written to, nobody will notice")
        for data in answers:
            state = aged(opened.settings, data, as_at)
            good = good and state in GOOD
            lines.append(_line(data, state, reader, as_at, writes))
            told += _details(data, reader)
    told += [f"screen {one.name}, {words}" for one in opened.settings.screens for words in too_small(one)]
    _print_table(lines)
    for words in (*told, *_summary(opened, lines)):
        print(words)
    return 0 if good else 1


def _line(data: FeedData, state: FeedState, reader: SourceReader, as_at: datetime, writes: str) -> tuple[str, ...]:
    given = len(FEEDS[data.feed].names) - len(data.absent)
    answered = data.rows is not None
    return (
        reader.name,
        data.feed,
        state.value,
        str(data.rows) if answered else "-",
        f"{given}/{len(FEEDS[data.feed].names)}" if answered else "-",
        str(sum(data.rejected.values())) if answered else "-",
        str(sum(data.notes.values())) if answered else "-",
        _age(data.newest, as_at),
        f"{data.duration_s or 0:.2f} s",
        writes,
    )


def _details(data: FeedData, reader: SourceReader) -> list[str]:
    where = f"{reader.name}, {data.feed}"
    words = [f"{where}: {data.error}"] if data.error else []
    if data.absent and data.rows is not None:
        words.append(f"{where}: not given: {', '.join(sorted(data.absent))}")
    if unknown := reader.connector.unknown.get(data.feed):
        words.append(f"{where}: not used: {', '.join(unknown)}")
    words += [f"{where}: {number} rejected, {reason}" for reason, number in data.rejected.items()]
    return words + [f"{where}: {number} noted, {reason}" for reason, number in data.notes.items()]


def _summary(opened: Opened, lines: list[tuple[str, ...]]) -> list[str]:
    missing = [name for name in FEEDS if name not in opened.feeds]
    not_connected = f"not connected: {', '.join(missing)}" if missing else "every feed is connected"
    good = sum(line[2] in GOOD for line in lines)
    return [not_connected, f"{good} of {len(lines)} feeds can be counted"]


def _can_write(reader: SourceReader) -> str:
    try:
        answer = reader.connector.can_write()
    except SourceError:
        return "cannot be asked"
    return {True: "yes", False: "no", None: "cannot be told"}[answer]


def _age(newest: datetime | None, as_at: datetime) -> str:
    if newest is None:
        return "-"
    seconds = max((as_at - newest).total_seconds(), 0)
    return (
        f"{seconds:.0f} s ago"
        if seconds < 300
        else f"{seconds / 60:.0f} min ago"
        if seconds < 7200
        else (f"{seconds / 3600:.0f} h ago")
    )


def _print_table(lines: list[tuple[str, ...]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(HEAD, *lines, strict=True)]
    for line in (HEAD, tuple("-" * width for width in widths), *lines):
        cells = [
            cell.rjust(width) if name in RIGHT else cell.ljust(width)
            for name, cell, width in zip(HEAD, line, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())
