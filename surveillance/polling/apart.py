"""A source that is asked in a process of its own: a question that is late ends with it, whatever the driver does.

Drivers keep time-outs badly: some ignore them, some hang in a network that drops packets, and a thread that waits in
one cannot be ended. A process can. It is asked as a ``SourceReader`` is, by one thread at a time.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any

from surveillance.errors import SourceUnavailable
from surveillance.feeds.data import AWAY, FeedData, FeedState
from surveillance.polling.beat import Beat
from surveillance.polling.reader import SourceReader
from surveillance.polling.worker import HEARTBEAT, Knock, Poll, Polled, Said, Task, serve
from surveillance.settings import Settings
from surveillance.usage import Spent, Used

GRACE_S = 0.5
"""Beyond its deadline a driver may end a query itself, which leaves the connection as it is."""
LONGEST_KNOCK_S = 5.0
"""A source that lets knocks hang is knocked at the more rarely the longer they do: its return must not go unnoticed."""
WORK_S = 60.0
"""So long may checking the rows of an answer and handing them over take."""
KILLS_A_POLL = 2
"""A source that let so many questions run late is asked nothing more in this poll."""
LONGEST_REST = timedelta(minutes=15)
PRELOADED = ["surveillance.polling.worker"]
Tell = Callable[[str, Used], object]
"""Who is told, after each poll, what was used of which source."""


class Late(Exception):
    """The process was ended. ``what``: what it had asked, ``words``: why, for people."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__(words)
        self.what = what


class SourceApart:
    """The source of ``reader``, which itself is asked nothing. ``ended``: processes that had to be."""

    def __init__(self, reader: SourceReader, config: Path, settings: Settings, tell: Tell = lambda *_: None) -> None:
        self.name = name = reader.name
        self.feeds = reader.feeds
        self.stands_still = False
        self.ended = 0
        source = settings.sources[name]
        self._timeout_s, self._interval = source.timeout_s, timedelta(seconds=source.interval_s)
        self._spent, self._tell = Spent(source.budget), tell
        self._variables, self._secret_files = source.variables, source.secret_files
        self._opened_with: list[bytes] = []
        self._config, self._settings = config, settings
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False
        self._beat: Beat | None = None
        self._kills: dict[str, int] = {}
        self._rests: dict[str, float] = {}

    def poll(self, as_at: datetime, accepted_rows: Mapping[str, int] | None = None) -> list[FeedData]:
        """Every feed of the source at ``as_at``, as ``SourceReader.poll`` gives them; what was late is unavailable."""
        found = {feed: self._resting(feed, as_at) for feed in self.feeds if self._rests.get(feed, 0) > monotonic()}
        late: list[str] = []
        if words := self._over():
            found |= {feed: self._away(feed, as_at, words) for feed in self.feeds if feed not in found}
        while left := tuple(feed for feed in self.feeds if feed not in found):
            if len(late) >= KILLS_A_POLL:
                words = f"not asked, because {' and '.join(late)} ran late"
                found |= {feed: self._away(feed, as_at, words) for feed in left}
                break
            try:
                for data in self._polled(Poll(as_at, accepted_rows or {}, left, HEARTBEAT not in late, self._beat)):
                    found[data.feed] = data
                break
            except Late as error:
                late.append(error.what)
                if (feed := error.what.removeprefix("feed ")) in left:
                    found[feed] = self._away(feed, as_at, str(error))
        self._note(late, found)
        self._tell(self.name, self._spent.used(monotonic(), self.ended))
        return [found[feed] for feed in self.feeds]

    def knock(self, as_at: datetime) -> bool:
        """As ``SourceReader.knock``.

        Raises:
            SourceError: it cannot be reached, is late, or refuses the credentials.
        """
        if words := self._over():
            raise SourceUnavailable(f"knock: {words}")
        try:
            return bool(next(iter(self._asked(Knock(as_at))), False))
        except Late as error:
            raise SourceUnavailable(f"knock: {error}") from None

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

    def has_new_credentials(self) -> bool:
        """Whether somebody changed a file with secrets since the process read it. The source is not asked."""
        return self._credentials() != self._opened_with

    def close(self) -> None:
        """End the process, whoever waits for it; nothing is asked any more."""
        self._closed = True
        self._end()

    give_up = close

    def _over(self) -> str:
        """Why the source is not asked now: a whole poll, with its heartbeat, would use more than it may."""
        words = self._spent.over(monotonic(), len(self.feeds) + 1)
        return f"not asked: {words}" if words else ""

    # ------------------------------------------------------------------------------------------ the process
    def _running(self) -> Connection:
        with self._lock:
            if self._closed:
                raise SourceUnavailable("the program stops")
            if self._pipe is None or self._process is None or not self._process.is_alive():
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(PRELOADED)
                environment = {name: os.environ.get(name, "") for name in self._variables}
                ours, theirs = context.Pipe()
                task = Task(self.name, self._config, self._settings, environment)
                self._opened_with = self._credentials()
                self._process = context.Process(
                    target=serve, args=(theirs, task), name=f"source {self.name}", daemon=True
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

    def _end(self) -> None:
        with self._lock:
            if self._process and self._process.pid:
                _killed(self._process)
            if self._pipe:
                self._pipe.close()
            self._process = self._pipe = None

    def _asked(self, task: Poll | Knock) -> Iterator[Any]:
        """What the process sends, until it is done.

        Raises:
            Late: it was ended. SourceError: what the process told.
        """
        within = self._timeout_s if isinstance(task, Poll) else min(self._timeout_s, LONGEST_KNOCK_S)
        pipe, asking, began = self._running(), "", monotonic()
        deadline = began + WORK_S
        try:
            pipe.send(task)
            while True:
                if not pipe.poll(max(deadline - monotonic(), 0.0)):
                    if asking:
                        self._spent.note(monotonic(), monotonic() - began)
                    raise self._late(asking, within)
                said, content = pipe.recv()
                deadline = monotonic() + WORK_S
                match said:
                    case Said.ASKING:
                        asking, began = content, monotonic()
                        deadline = began + within + GRACE_S
                    case Said.ANSWERED:
                        self._spent.note(monotonic(), monotonic() - began)
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

    def _polled(self, task: Poll) -> Iterator[FeedData]:
        for content in self._asked(task):
            if isinstance(content, Polled):
                self.stands_still, self._beat = content.stands_still, content.beat
            else:
                yield content

    def _late(self, asking: str, within: float) -> Late:
        self._end()
        self.ended += 1
        if not asking:
            return Late("the process", f"its process did nothing for {WORK_S:g} s and was ended")
        return Late(asking, f"the query ran past its deadline of {within:g} s and its process was ended")

    # ------------------------------------------------------------------------------------------ what was late rests
    def _note(self, late: Sequence[str], found: Mapping[str, FeedData]) -> None:
        """A query that is late again and again, where others answer, is asked ever more rarely.

        It may go on at the server after its process is gone. Where nothing answers, the poller waits and knocks.
        """
        answered = [feed for feed, data in found.items() if data.state not in AWAY]
        for feed in answered:
            self._kills.pop(feed, None)
        if not answered:
            self._rests.clear()
            return
        for feed in (what.removeprefix("feed ") for what in late if what.startswith("feed ")):
            self._kills[feed] = times = self._kills.get(feed, 0) + 1
            rest = min(self._interval * 2.0**times, LONGEST_REST)
            self._rests[feed] = monotonic() + rest.total_seconds()

    def _resting(self, feed: str, as_at: datetime) -> FeedData:
        left = max(self._rests[feed] - monotonic(), 0.0)
        return self._away(feed, as_at, f"not asked for {left:.0f} s more: its query was late {self._kills[feed]} times")

    def _away(self, feed: str, as_at: datetime, words: str) -> FeedData:
        error = f"{SourceUnavailable.__name__}: feed {feed}: {words}"
        return FeedData(feed, FeedState.UNAVAILABLE, self.name, polled_at=as_at, error=error)


def _killed(process: BaseProcess) -> None:
    process.kill()
    process.join(GRACE_S)  # one that waits in the kernel, for a file server that is gone, is left behind
