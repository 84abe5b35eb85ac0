"""One source in a process of its own: it asks what it is told to and sends each feed on as soon as it has it.

It says when a question to the source begins and when it ends, so that whoever started it can end it when it is late.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.registry import open_source
from surveillance.errors import ConfigurationError, SourceError, SourceUnavailable
from surveillance.polling.beat import Beat
from surveillance.polling.forwarded import Call, Forwarded
from surveillance.polling.guarded import guarded
from surveillance.polling.reader import SourceReader
from surveillance.settings import Settings

PR_SET_PDEATHSIG = 1


class Said(Enum):
    """What a message from the process is."""

    ASKING = "a question to the source has begun"
    ANSWERED = "it has ended, with an answer or an error"
    DATA = "a feed"
    DONE = "there is no more to come"
    FAILED = "the source did not answer, or refused"
    BROKEN = "a fault of ours"


@dataclass(frozen=True, slots=True)
class Task:
    """What a process needs. ``environment``: the variables in which the source's configuration keeps its secrets."""

    name: str
    config: Path
    settings: Settings
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask for ``feeds``. ``heartbeat``: and how old their data is. ``before``: what that said the last time."""

    as_at: datetime
    accepted_rows: Mapping[str, int]
    feeds: tuple[str, ...]
    heartbeat: bool = True
    before: Beat | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """What is known of a source after a poll, beside its feeds."""

    stands_still: bool
    beat: Beat | None


@dataclass(frozen=True, slots=True)
class Knock:
    """Ask for the least that shows that the source answers."""

    as_at: datetime


def serve(pipe: Connection, task: Task) -> None:
    """Answer ``Poll``, ``Knock`` and ``Call`` until the other end of ``pipe`` closes: the life of the process."""
    _end_with_parent()
    reader: SourceReader | None = None

    def answer(asked: Poll | Knock | Call) -> None:
        nonlocal reader
        try:
            reader = reader or _reader(pipe, task)
            if isinstance(asked, Knock):
                pipe.send((Said.DONE, reader.knock(asked.as_at)))
                return
            if isinstance(asked, Call):
                told = asked.put_to(reader.connector)
                pipe.send((Said.DONE, (told, dict(reader.connector.unknown))))
                return
            polled = reader.polled(
                asked.as_at,
                asked.accepted_rows,
                asked.feeds,
                heartbeat=asked.heartbeat,
                before=asked.before,
                live=True,
            )
            for data in polled:
                pipe.send((Said.DATA, data))
            pipe.send((Said.DONE, Polled(reader.stands_still, reader.beat)))
        except SourceError as error:
            pipe.send((Said.FAILED, error))
        except ConfigurationError as error:  # of a URL or file that somebody changed since the start
            pipe.send((Said.FAILED, SourceUnavailable(str(error))))

    while True:
        try:
            asked = pipe.recv()
        except (EOFError, OSError):
            if reader is not None:
                reader.close()
            return
        if words := guarded(f"source {task.name}", partial(answer, asked)):
            pipe.send((Said.BROKEN, words))


class Announced(Forwarded):
    """A connector that says when a question to its source begins and ends."""

    def __init__(self, connector: Connector, pipe: Connection) -> None:
        super().__init__(connector)
        self._pipe = pipe

    def _asked(self, what: str, call: Call) -> Any:
        self._pipe.send((Said.ASKING, what))
        try:
            return call.put_to(self._connector)
        finally:
            self._pipe.send((Said.ANSWERED, None))


def _reader(pipe: Connection, task: Task) -> SourceReader:
    settings = task.settings
    source = settings.sources[task.name]
    connector = open_source(task.name, source, task.config, settings.mappings, dict(task.environment) or None)
    return SourceReader(task.name, Announced(connector, pipe), connector.pack.feeds, settings)


def _end_with_parent() -> None:
    """The process ends with the program, however that ends, and not by a key that is meant for the program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        libc: Any = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
