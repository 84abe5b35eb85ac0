"""What lies in a folder of drops: which files belong to a feed, when each was true, and whether it is whole.

Nothing here opens a file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from surveillance.errors import SourceUnavailable
from surveillance.settings import FileFeed, Files
from surveillance.settings.files import TIME_PLACE

DONE = ".done"
"""How the name of a marker ends, which says that the file beside it is whole."""
HALF_MADE = ("~$", ".")
"""How names of files begin that a program keeps for itself while it writes another."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as it lay there at one look."""

    path: Path
    size: int
    changed_ns: int

    @property
    def name(self) -> str:
        """Without its folder."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Drop:
    """A file of a feed. ``time``: when its rows were true (UTC), by its name or by when it was last written."""

    entry: Entry
    time: datetime

    @property
    def order(self) -> tuple[datetime, str]:
        """The newest is the greatest; of two of one time the last by name."""
        return self.time, self.entry.name


class Pattern:
    """Which names belong to a feed, and when a file was true. Names of files in ``zone``."""

    def __init__(self, given: FileFeed, zone: str) -> None:
        parts = re.split(rf"(\*|\?|{re.escape(TIME_PLACE)})", given.pattern)
        wild = {"*": ".*", "?": ".", TIME_PLACE: "(?P<time>.+)"}
        self._form = given.time
        self._zone = ZoneInfo(zone)
        self._name = re.compile("".join(wild.get(part) or re.escape(part) for part in parts), re.IGNORECASE)

    def fits(self, name: str) -> bool:
        """Whether the name belongs to the feed."""
        return self._name.fullmatch(name) is not None

    def drop(self, entry: Entry) -> Drop | None:
        """The file with its time; None if its time cannot be read."""
        found = self._name.fullmatch(entry.name)
        try:
            if found is None or self._form is None:
                return Drop(entry, datetime.fromtimestamp(entry.changed_ns / 1e9, UTC))
            moment = datetime.strptime(found["time"], self._form)  # noqa: DTZ007  # the zone comes next
        except (ValueError, OverflowError, OSError):
            return None
        return Drop(entry, (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(UTC))


class Folder:
    """The folder, and since when each of its files has not changed."""

    def __init__(self, files: Files, patterns: Mapping[str, Pattern]) -> None:
        self._files = files
        self._patterns = patterns
        self._looked = 0.0
        self._since: dict[Entry, float] = {}
        self._markers: dict[str, tuple[Path, int]] = {}
        self.entries: dict[str, Entry] = {}
        """Name → file, at the last look."""
        self.drops: dict[str, list[Drop]] = {}
        """Feed → its files at the last look, the newest last."""
        self.untimed: dict[str, int] = {}
        """Feed → how many names were of its pattern, but for the time in them."""
        self.no_files = 0
        """Links, folders and the like whose names belong to a feed; none is followed."""

    def look(self) -> None:
        """See what lies there now.

        Raises:
            SourceUnavailable: the folder is not there or cannot be read.
        """
        try:
            self.entries = {entry.name: entry for entry in self._listed()}
        except OSError as error:
            words = f"the folder {self._files.folder} cannot be read ({error.strerror or type(error).__name__})"
            raise SourceUnavailable(words) from None
        self._looked = monotonic()
        self._since = {entry: self._since.get(entry, self._looked) for entry in self.entries.values()}
        for feed, pattern in self._patterns.items():
            named = [pattern.drop(entry) for entry in self.entries.values() if pattern.fits(entry.name)]
            self.drops[feed] = sorted((drop for drop in named if drop), key=lambda drop: drop.order)
            self.untimed[feed] = named.count(None)

    def wait(self) -> None:
        """Look again when a file that is not being written would have proved it."""
        if self._files.complete == "stable":
            sleep(self._files.stable_s)
            self.look()

    def is_whole(self, entry: Entry) -> bool:
        """Whether the file, as it lay there at the last look, is no longer being written."""
        if self._files.complete == "stable":
            return self._looked - self._since[entry] >= self._files.stable_s
        return any(changed_ns >= entry.changed_ns for _, changed_ns in self._marks(entry))

    def markers(self, entry: Entry) -> list[Path]:
        """The files that say that ``entry`` is whole: ``roster.csv.done`` or ``roster.done``."""
        return [path for path, _ in self._marks(entry)]

    def _marks(self, entry: Entry) -> list[tuple[Path, int]]:
        names = (f"{entry.name}{DONE}".casefold(), f"{entry.path.stem}{DONE}".casefold())
        return [self._markers[name] for name in names if name in self._markers]

    def _listed(self) -> Iterator[Entry]:
        self.no_files, self._markers = 0, {}
        with os.scandir(self._files.folder) as listing:
            for item in listing:
                marks = item.name.casefold().endswith(DONE)
                fits = any(pattern.fits(item.name) for pattern in self._patterns.values())
                if item.name.startswith(HALF_MADE) or not (marks or fits):
                    continue
                try:
                    state = item.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # gone since the listing
                if not item.is_file(follow_symlinks=False):
                    self.no_files += 1
                elif marks:
                    self._markers[item.name.casefold()] = (Path(item.path), state.st_mtime_ns)
                else:
                    yield Entry(Path(item.path), state.st_size, state.st_mtime_ns)


def content_of(entry: Entry, most_bytes: int) -> bytes | None:
    """The whole file; None if it is no longer what it was at the look.

    Raises:
        SourceUnavailable: it cannot be read, or is larger than ``most_bytes``.
    """
    if entry.size > most_bytes:
        raise SourceUnavailable(f"{entry.name}: larger than the {most_bytes >> 20} MB that are read")
    try:
        with entry.path.open("rb") as file:
            content = file.read(entry.size + 1)
            state = os.fstat(file.fileno())
    except FileNotFoundError:
        return None
    except OSError as error:
        words = f"{entry.name}: cannot be read ({error.strerror or type(error).__name__})"
        raise SourceUnavailable(words) from None
    as_it_was = (len(content), state.st_size, state.st_mtime_ns) == (entry.size, entry.size, entry.changed_ns)
    return content if as_it_was else None
