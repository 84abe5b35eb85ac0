"""A source that is asked in a process of its own, as a ``SourceReader`` is: what is late costs its own feed alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from surveillance.errors import SourceUnavailable
from surveillance.feeds.data import AWAY, FeedData, FeedState
from surveillance.polling.beat import Beat
from surveillance.polling.forwarded import HEARTBEAT
from surveillance.polling.process import Late, SourceProcess, given_up
from surveillance.polling.reader import SourceReader
from surveillance.polling.worker import Knock, Poll, Polled
from surveillance.settings import Settings
from surveillance.usage import Spent, Used

LONGEST_KNOCK_S = 5.0
"""A source that lets knocks hang is knocked at the more rarely the longer they do: its return must not go unnoticed."""
LONGEST_REST = timedelta(minutes=15)
Tell = Callable[[str, Used], object]
"""Who is told, after each poll, what was used of which source."""


class SourceApart:
    """The source of ``reader``, which itself is asked nothing."""

    def __init__(self, reader: SourceReader, config: Path, settings: Settings, tell: Tell = lambda *_: None) -> None:
        self.name = name = reader.name
        self.feeds = reader.feeds
        self.stands_still = False
        source = settings.sources[name]
        self._timeout_s, self._interval = source.timeout_s, timedelta(seconds=source.interval_s)
        self._spent, self._tell = Spent(source.budget), tell
        self._process = SourceProcess(name, config, settings, lambda seconds: self._spent.note(monotonic(), seconds))
        self._beat: Beat | None = None
        self._kills: dict[str, int] = {}
        self._rests: dict[str, float] = {}

    @property
    def ended(self) -> int:
        """Processes that had to be ended."""
        return self._process.ended

    def poll(self, as_at: datetime, accepted_rows: Mapping[str, int] | None = None) -> list[FeedData]:
        """Every feed of the source at ``as_at``, as ``SourceReader.poll`` gives them; what was late is unavailable."""
        found = {feed: self._resting(feed, as_at) for feed in self.feeds if self._rests.get(feed, 0) > monotonic()}
        late: list[str] = []
        if words := self._over():
            found |= {feed: self._away(feed, as_at, words) for feed in self.feeds if feed not in found}
        while left := tuple(feed for feed in self.feeds if feed not in found):
            if words := given_up(late):
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
            return bool(next(iter(self._process.asked(Knock(as_at), min(self._timeout_s, LONGEST_KNOCK_S))), False))
        except Late as error:
            raise SourceUnavailable(f"knock: {error}") from None

    def rest(self) -> None:
        """Let the process end in its own time, with its connections; the next question begins another."""
        self._process.rest()

    def has_new_credentials(self) -> bool:
        """Whether somebody changed a file with secrets since the process read it. The source is not asked."""
        return self._process.has_new_credentials()

    def close(self) -> None:
        """End the process, whoever waits for it; nothing is asked any more."""
        self._process.close()

    give_up = close

    def _over(self) -> str:
        """Why the source is not asked now: a whole poll, with its heartbeat, would use more than it may."""
        words = self._spent.over(monotonic(), len(self.feeds) + 1)
        return f"not asked: {words}" if words else ""

    def _polled(self, task: Poll) -> Iterator[FeedData]:
        for content in self._process.asked(task, self._timeout_s):
            if isinstance(content, Polled):
                self.stands_still, self._beat = content.stands_still, content.beat
            else:
                yield content

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
