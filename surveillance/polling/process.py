"""The process in which a source is asked: a question that is late ends with it, whatever the driver does.

Drivers keep time-outs badly: some ignore them, some hang in a network that drops packets, and a thread that waits in
one cannot be ended. A process can. One thread at a time asks it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any

from surveillance.errors import SourceUnavailable
from surveillance.polling.forwarded import Call
from surveillance.polling.worker import Knock, Poll, Said, Task, serve
from surveillance.settings import Settings

GRACE_S = 0.5
"""Beyond its deadline a driver may end a query itself, which leaves the connection as it is."""
WORK_S = 60.0
"""So long may checking the rows of an answer and handing them over take."""
WORKER = "surveillance.polling.worker"
OF_SOURCES = ("connectors.", "sqlalchemy.dialects.", "psycopg", "pyodbc", "arrow_odbc", "oracledb", "iris")
"""Beginnings of modules that the process of a source needs if this one needed them to open it."""


MOST_LATE = 2
"""A source that let so many questions run late is asked nothing more for now."""


class Late(Exception):
    """The process was ended. ``what``: what it had asked, ``words``: why, for people."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__(words)
        self.what = what


def given_up(late: Sequence[str]) -> str:
    """Why a source is asked nothing more; empty if it may be. ``late``: its questions that had to be ended."""
    return f"not asked, because {' and '.join(late)} ran late" if len(late) >= MOST_LATE else ""


class SourceProcess:
    """The process of the source ``name``; it begins with the first question.

    ``asked_for``: told of each question how many seconds the source had it. ``ended``: processes that had to be.
    """

    def __init__(
        self, name: str, config: Path, settings: Settings, asked_for: Callable[[float], object] = lambda _: None
    ) -> None:
        self.ended = 0
        self._name, self._config, self._settings, self._asked_for = name, config, settings, asked_for
        source = settings.sources[name]
        self._variables, self._secret_files = source.variables, source.secret_files
        self._opened_with: list[bytes] = []
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def asked(self, task: Poll | Knock | Call, within_s: float) -> Iterator[Any]:
        """What the process sends, until it is done. ``within_s``: how long each question to the source may take.

        Raises:
            Late: it was ended. SourceError: what the process told.
        """
        pipe, asking, began = self._running(), "", monotonic()
        deadline = began + WORK_S
        try:
            pipe.send(task)
            while True:
                if not pipe.poll(max(deadline - monotonic(), 0.0)):
                    if asking:
                        self._asked_for(monotonic() - began)
                    raise self._late(asking, within_s)
                said, content = pipe.recv()
                deadline = monotonic() + WORK_S
                match said:
                    case Said.ASKING:
                        asking, began = content, monotonic()
                        deadline = began + within_s + GRACE_S
                    case Said.ANSWERED:
                        self._asked_for(monotonic() - began)
                        asking = ""
                    case Said.DATA:
                        yield content
                    case Said.DONE:
                        yield content
                        return
                    case Said.FAILED:
                        raise content
                    case Said.BROKEN:
                        raise SourceUnavailable(content)  # the process logged it
        except (EOFError, OSError) as error:
            self._end()
            if self._closed:
                raise SourceUnavailable("the program stops") from None
            self.ended += 1
            raise Late(asking or "the process", f"its process ended by itself ({type(error).__name__})") from None

    def has_new_credentials(self) -> bool:
        """Whether somebody changed a file with secrets since the process read it. The source is not asked."""
        return self._credentials() != self._opened_with

    def rest(self) -> None:
        """Let the process end in its own time, with its connections; the next question begins another."""
        with self._lock:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe:
            pipe.close()  # it reads the end, takes leave of its source and goes
        if process:
            process.join(GRACE_S)
            if process.is_alive():
                _killed(process)

    def close(self) -> None:
        """End the process, whoever waits for it; nothing is asked any more."""
        self._closed = True
        self._end()

    def _running(self) -> Connection:
        with self._lock:
            if self._closed:
                raise SourceUnavailable("the program stops")
            if self._pipe is None or self._process is None or not self._process.is_alive():
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(_preloaded())
                environment = {name: os.environ.get(name, "") for name in self._variables}
                ours, theirs = context.Pipe()
                task = Task(self._name, self._config, self._settings, environment)
                self._opened_with = self._credentials()
                self._process = context.Process(
                    target=serve, args=(theirs, task), name=f"source {self._name}", daemon=True
                )
                self._process.start()
                theirs.close()
                self._pipe = ours
            return self._pipe

    def _credentials(self) -> list[bytes]:
        """What stands in each file, unreadably; one that is missing is empty."""
        found = []
        for path in self._secret_files:
            try:
                found.append(hashlib.sha256(path.read_bytes()).digest())
            except OSError:
                found.append(b"")
        return found

    def _late(self, asking: str, within_s: float) -> Late:
        self._end()
        self.ended += 1
        if not asking:
            return Late("the process", f"its process did nothing for {WORK_S:g} s and was ended")
        return Late(asking, f"the query ran past its deadline of {within_s:g} s and its process was ended")

    def _end(self) -> None:
        with self._lock:
            if self._process and self._process.pid:
                _killed(self._process)
            if self._pipe:
                self._pipe.close()
            self._process = self._pipe = None


def _preloaded() -> list[str]:
    """What the server that processes are forked from loads when it starts: the drivers of these sources, once."""
    return [WORKER, *(name for name in list(sys.modules) if name.startswith(OF_SOURCES))]


def _killed(process: BaseProcess) -> None:
    process.kill()
    process.join(GRACE_S)  # one that waits in the kernel, for a file server that is gone, is left behind
