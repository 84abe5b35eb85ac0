"""``surveillance check``: every source is asked for every feed once; what came, what is wrong, and what to do."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime

from surveillance.commands.advice import connecting
from surveillance.commands.advice.asked import Asked, asked_of
from surveillance.compose import compose
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData
from surveillance.legibility import too_small
from surveillance.opening import Opened, open_site
from surveillance.polling.clock import hospital_clock
from surveillance.snapshot import Snapshot

HEAD = ("source", "feed", "state", "rows", "columns", "rejected", "notes", "newest row", "took", "login can write")
RIGHT = frozenset({"rows", "columns", "rejected", "notes", "newest row", "took"})


def run(asked: argparse.Namespace) -> int:
    """Print the table, what was wrong and what comes next; 0 if every feed gave believable rows of now, else 1."""
    opened = open_site(asked.config)
    now = hospital_clock(opened.settings)
    with opened.once() as readers:
        sources = [asked_of(opened, reader, now()) for reader in readers]
        answers = {data.feed: data for source in sources for data in source.answers}
        snapshot, _ = compose(opened.site, answers, max((source.as_at for source in sources), default=now()))
        _print_table([_line(data, source) for source in sources for data in source.answers])
        told = [line for source in sources for line in source.told(snapshot)]
    told += [f"screen {one.name}, {small}" for one in opened.settings.screens for small in too_small(one)]
    if (adt := opened.settings.adt) is not None:
        heard = f"heard at {adt.host}:{adt.port} while the program runs, for the census of {adt.source}"
        told.append(f"adt: messages are {heard}; nothing of them is tried here")
    for line in (*told, *_what_next(opened, snapshot), *_summary(opened, sources, snapshot)):
        print(line)
    return 0 if all(source.sound for source in sources) else 1


def _line(data: FeedData, of: Asked) -> tuple[str, ...]:
    given = len(FEEDS[data.feed].names) - len(data.absent)
    answered = data.rows is not None
    return (
        of.reader.name,
        data.feed,
        of.state(data).value,
        str(data.rows) if answered else "-",
        f"{given}/{len(FEEDS[data.feed].names)}" if answered else "-",
        str(sum(data.rejected.values())) if answered else "-",
        str(sum(data.notes.values())) if answered else "-",
        _age(data.newest, of.as_at),
        f"{data.duration_s or 0:.2f} s",
        of.writes,
    )


def _what_next(opened: Opened, snapshot: Snapshot) -> list[str]:
    connected = set(opened.feeds)
    return [
        *connecting.for_other_reasons(snapshot, connected - set(opened.from_teams)),
        *connecting.connect_next(connected),
        *connecting.cannot_be_told({one.name: one.connector.pack for one in opened.readers}, connected),
        *connecting.written_by_teams(connected),
    ]


def _summary(opened: Opened, sources: Sequence[Asked], snapshot: Snapshot) -> list[str]:
    missing = [name for name in FEEDS if name not in opened.feeds]
    lines = [f"not connected: {', '.join(missing)}" if missing else "every feed is connected"]
    good, all_of_them = sum(source.good for source in sources), sum(len(source.answers) for source in sources)
    if good == all_of_them:  # of a feed that failed nobody can say what it would bring
        told, there_are = connecting.can_be_told(snapshot, opened.from_teams)
        lines.append(f"{told} of {there_are} measures and forecasts are connected")
    return [*lines, f"{good} of {all_of_them} feeds can be counted"]


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
