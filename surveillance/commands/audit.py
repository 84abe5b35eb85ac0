"""``surveillance audit``: the record of who saw what is checked, searched and written out; looking is recorded too."""

from __future__ import annotations

import argparse
import csv
import os
import pwd
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path
from typing import IO

import orjson

from surveillance.access.access import Access
from surveillance.access.audit import Entry, Event, Trail
from surveillance.errors import ConfigurationError
from surveillance.feeds.moments import LONDON
from surveillance.settings import Settings, load_settings
from surveillance.store import desk_url, open_database
from surveillance.store.audit_checking import check
from surveillance.store.audit_log import UNREADABLE, storable
from surveillance.store.audit_reading import Line, Wanted, keys_of, lines, moment_of
from surveillance.store.database import Database
from surveillance.store.tables import audit

OWNER_ONLY = 0o600
HEAD = ("number", "time", "event", "who", "role", "from", "ward", "measure", "rows", "patients", "reason and detail")
RIGHT = frozenset({"number", "rows", "patients"})
WIDEST = 44
"""Characters of a column of the table; the export has all of them."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""
FILTERS = ("who", "ward", "event", "measure", "since", "until")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked; of ``verify``: 0 if the record is whole, 1 if it is not."""
    settings = load_settings(asked.config)
    database = _opened(settings)
    try:
        return COMMANDS[asked.audit_command](database, asked)
    finally:
        database.close()


def verify(database: Database, asked: argparse.Namespace) -> int:
    """Follow the chain, and name every place where it breaks."""
    with database.reading() as connection:
        found = check(connection, asked.anchor)
    if found.rows:
        print(f"{found.rows} entries, {_time(found.first_at)} to {_time(found.last_at)}")
    else:
        print("0 entries")
    print(f"last: {found.last[0]}:{found.last[1]}")
    for fault in found.faults:
        print(f"BROKEN: {_shown(fault.words)}")
    for name in found.unguarded:
        print(f"UNGUARDED: the database would not refuse a change: the trigger {name} is gone or does nothing")
    if found.faults or found.unguarded:
        return 1
    print("whole: no entry was changed, removed, inserted or moved" + _as_far_as(asked.anchor))
    return 0


def search(database: Database, asked: argparse.Namespace) -> int:
    """Print the newest entries that match, the newest first."""
    wanted = Wanted(asked.who, asked.ward, asked.patient, asked.event, asked.measure, asked.since, asked.until)
    _record(database, asked, "search", patient=asked.patient)
    found, more = list[Line](), False
    with database.reading() as connection, closing(lines(connection, wanted, newest_first=True)) as matching:
        for line in matching:
            more = len(found) == asked.limit
            if more:
                break
            found.append(line)
    _print_table([_cells(line) for line in found])
    print(f"the newest {len(found)} entries that match; there are more" if more else f"{len(found)} entries match")
    return 0


def export(database: Database, asked: argparse.Namespace) -> int:
    """Write the entries of a time into a file that only its owner can read; it is whole or not there."""
    wanted = Wanted(since=asked.since, until=asked.until)
    path: Path = asked.file
    with _new_file(path) as file:
        _record(database, asked, f"export as {asked.format}")
        with database.reading() as connection:
            written = WRITERS[asked.format](lines(connection, wanted), file)
    print(f"{path}: {written} entries; they name staff, and hold keys of patients")
    return 0


def _opened(settings: Settings) -> Database:
    path = settings.store.path
    if path is not None and not path.exists():  # to open it would make an empty one, which is whole
        raise ConfigurationError(f"store.path: there is no store {path}")
    return open_database(desk_url(settings.store))


def _record(database: Database, asked: argparse.Namespace, what: str, patient: str | None = None) -> None:
    given = [f"{name}={value}" for name in FILTERS if (value := getattr(asked, name, None)) is not None]
    detail = f"audit {what}" + (f": {', '.join(given)}" if given else "")
    keys = () if patient is None else (patient,)
    entry = Entry(
        Event.EXPORT, None, socket.gethostname(), keys=keys, detail=detail, claimed=f"command line {_os_user()}"
    )
    Trail(database, Access().now).record(entry)


def _os_user() -> str:
    """As the operating system knows them: what the environment says of that could be anything."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    before = os.environ.get("SUDO_USER", "") if os.getuid() == 0 else ""
    return f"{name} (sudo by {before})" if before else name


def _time(at: object) -> str:
    moment = moment_of(at)
    return f"{moment.astimezone(LONDON):%Y-%m-%d %H:%M:%S %Z}" if moment else "(no time)"


def _as_far_as(anchors: list[tuple[int, str]]) -> str:
    if anchors:
        return f", as far as the anchor {max(number for number, _ in anchors)} and the chain after it tell"
    return "; an end that was cut off or written anew is only found with --anchor, the last line of an earlier check"


def _cells(line: Line) -> tuple[str, ...]:
    measure = f"{line['measure']} v{line['version']}" if line["version"] is not None else line["measure"]
    words = "; ".join(part for part in (line["reason"], line["detail"]) if part)
    counted = "" if line["rows"] is None else line["rows"]
    keys = len(keys_of(line["keys"])) or ""
    cells = (line["number"], _time(line["at"]), line["event"], line["who"], line["role"], line["place"], line["ward"])
    return tuple(_cut(_shown(str(cell))) for cell in (*cells, measure, counted, keys, words))


def _shown(words: str) -> str:
    """Without what would steer a terminal or turn the text round: names come from whoever tried to sign in."""
    return "".join(letter if letter.isprintable() else UNREADABLE for letter in storable(words))


def _cut(words: str) -> str:
    return words if len(words) <= WIDEST else words[: WIDEST - 1] + "…"


def _print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(HEAD, *rows, strict=True)]
    for row in (HEAD, tuple("-" * width for width in widths), *rows):
        cells = [
            cell.rjust(width) if name in RIGHT else cell.ljust(width)
            for name, cell, width in zip(HEAD, row, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when the block ends well; one that is there is never replaced."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        if path.exists():
            raise ConfigurationError(f"{path}: is there already")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from None
    finally:
        new.unlink(missing_ok=True)


def _write_jsonl(found: Iterator[Line], file: IO[bytes]) -> int:
    count = 0
    for line in found:
        content = {**_plain(line), "keys": keys_of(line["keys"])}
        file.write(orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


def _write_csv(found: Iterator[Line], file: IO[bytes]) -> int:
    count, table = 0, csv.writer(_Encoded(file), quoting=csv.QUOTE_ALL)
    table.writerow([column.name for column in audit.columns])
    for line in found:
        table.writerow([_safe(value) for value in _plain(line).values()])
        count += 1
    return count


def _plain(line: Line) -> dict[str, object]:
    """Every column, with the time as ISO 8601 in UTC."""
    moment = moment_of(line["at"])
    at = moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else str(line["at"])
    return {name: storable(value) if isinstance(value, str) else value for name, value in {**line, "at": at}.items()}


def _safe(value: object) -> object:
    """A text that a spreadsheet would work out is shown as text."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA) else value


class _Encoded:
    """What ``csv`` writes, as UTF-8."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, words: str) -> int:
        """One line."""
        return self._file.write(words.encode())


Command = Callable[[Database, argparse.Namespace], int]
COMMANDS: dict[str, Command] = {"verify": verify, "search": search, "export": export}
WRITERS: dict[str, Callable[[Iterator[Line], IO[bytes]], int]] = {"csv": _write_csv, "jsonl": _write_jsonl}
