"""Every source is asked on its own schedule by its own thread; a slow, dead or refusing one never delays another.

APScheduler is the trigger and nothing else: each poll sets the time of the next one.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from surveillance.errors import SourceRefused
from surveillance.feeds.data import AWAY, FeedData, FeedState
from surveillance.polling.composer import Composer
from surveillance.polling.guarded import guarded
from surveillance.polling.pace import Pace, knock_wait_s

log = logging.getLogger(__name__)

FAILED = (*AWAY, FeedState.SUSPECT)
STOP_WAIT_S = 3.0
SPREAD_S = 5.0
"""Sources whose quiet hours end together are asked within so many seconds of each other, not at once."""


class Asked(Protocol):
    """A source as the poller asks it: ``SourceReader`` in this process, ``SourceApart`` in one of its own."""

    name: str
    stands_still: bool

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds that it gives."""
        ...

    def poll(self, as_at: datetime, accepted_rows: Mapping[str, int] | None = None) -> list[FeedData]:
        """Every feed."""
        ...

    def knock(self, as_at: datetime) -> bool:
        """Whether it answers, and is no longer behind if it stood still; raises ``SourceError``."""
        ...

    def rest(self) -> None:
        """Let go of connections until the next question."""
        ...

    def has_new_credentials(self) -> bool:
        """Whether the next question would be asked with other credentials than the last one."""
        ...

    def give_up(self) -> None:
        """End what a poll waits for, where that can be done."""
        ...

    def close(self) -> None:
        """Ask nothing more."""
        ...


class SourceLog:
    """One line when a source fails and one when it recovers, with how long it was away.

    ``failures``: polls in a row in which it gave nothing at all. One broken query slows nothing down: the source's
    other feeds would grow stale by it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.failures = 0
        self._failed_at: float | None = None

    def heard(self, answers: Sequence[FeedData], took_s: float) -> None:
        """Count a poll; a line only where it differs from the one before."""
        failed = [data for data in answers if data.state in FAILED]
        if failed and self._failed_at is None:
            self._failed_at = monotonic()
            feeds = ", ".join(data.feed for data in failed)
            after = "; it is not asked again until its credentials are changed" if _refuses(answers) else ""
            log.error("source %s fails after %.1f s (%s): %s%s", self.name, took_s, feeds, failed[0].error, after)
        if self._failed_at is not None and not failed:
            log.warning("source %s answers again after %.1f s", self.name, monotonic() - self._failed_at)
            self._failed_at = None
        self.failures = self.failures + 1 if all(data.state in AWAY for data in answers) else 0


def _refuses(answers: Sequence[FeedData]) -> bool:
    return any(data.state is FeedState.REFUSED for data in answers)


class Poller:
    """Asks ``readers`` until ``close`` and hands what they give to ``composer``.

    ``pace``: source → its waits. ``clock``: the hospital's time. ``chance``: of the jitter. ``quiet_s``: for how long a
    source is to be left alone from a moment on.
    """

    def __init__(
        self,
        readers: Sequence[Asked],
        composer: Composer,
        pace: Mapping[str, Pace],
        clock: Callable[[], datetime],
        chance: random.Random | None = None,
        quiet_s: Callable[[str, datetime], float] = lambda *_: 0.0,
    ) -> None:
        self._readers = {reader.name: reader for reader in readers}
        self._composer = composer
        self._pace = pace
        self._clock = clock
        self._chance = chance or random.Random()
        self._quiet_s = quiet_s
        self._logs = {name: SourceLog(name) for name in self._readers}
        self._refused: set[str] = set()
        self._due: dict[str, float] = {}
        self._unheard: set[str] = set()
        self._workers: set[threading.Thread] = set()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # One thread a source: never two polls of one at once, never one waiting behind another.
            executors={name: ThreadPoolExecutor(1) for name in self._readers},
        )
        self._composing = threading.Thread(target=composer.run, args=(guarded,), name="composer", daemon=True)

    @property
    def refused(self) -> frozenset[str]:
        """The sources that refused the credentials and are not asked any more."""
        return frozenset(self._refused)

    def start(self) -> None:
        """Ask every source now, and then each on its own schedule."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # sources are logged by us, once
        self._composing.start()
        self._scheduler.start()
        for name in self._readers:
            self._ask_in(name, 0.0)

    def resume(self, source: str) -> None:
        """Ask a source again that had refused the credentials: a person has looked."""
        self._refused.discard(source)
        self._ask_in(source, 0.0)

    def close(self) -> bool:
        """Stop asking; False if a source's query or a snapshot still runs after a short wait."""
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()  # waits for a job that is being handed out: it must not find all this gone
        self._scheduler.shutdown(wait=False)
        self._composer.close()
        for reader in self._readers.values():
            reader.give_up()
        deadline = monotonic() + STOP_WAIT_S
        self._composing.join(STOP_WAIT_S)
        for worker in tuple(self._workers):
            worker.join(max(deadline - monotonic(), 0.0))
        if ended := not any(thread.is_alive() for thread in (*self._workers, self._composing)):
            for reader in self._readers.values():
                reader.close()
        return ended

    def _ask_in(self, name: str, seconds: float) -> None:
        self._due[name] = monotonic() + seconds
        self._call_in(name, seconds, self._ask)

    def _call_in(self, name: str, seconds: float, job: Callable[[str], None]) -> None:
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        self._scheduler.add_job(
            job,
            DateTrigger(moment),
            [name],
            id=name,
            executor=name,
            misfire_grace_time=None,
            replace_existing=True,
        )

    def _ask(self, name: str) -> None:
        self._workers.add(threading.current_thread())
        reader, as_at, started = self._readers[name], self._clock(), monotonic()
        if (quiet := self._quiet_s(name, as_at)) > 0:
            reader.rest()
            self._ask_in(name, quiet + self._chance.random() * SPREAD_S)
            return
        found: list[FeedData] = []
        words = guarded(f"source {name}", lambda: found.extend(reader.poll(as_at, self._composer.accepted_rows())))
        if words:
            found = [FeedData(feed, FeedState.UNAVAILABLE, name, polled_at=as_at, error=words) for feed in reader.feeds]
        took = monotonic() - started
        self._logs[name].heard(found, took)
        sizes = {data.feed: data.size for data in found if data.state is FeedState.CURRENT and data.size is not None}
        self._composer.take(name, found, sizes)
        if _refuses(found):
            self._refused.add(name)
            reader.rest()
            self._call_in(name, self._pace[name].interval_s, self._look)
            return
        failures = self._logs[name].failures
        self._ask_in(name, self._pace[name].wait_s(failures, took, self._chance))
        self._unheard.discard(name)
        if failures == 1:
            self._unheard.add(name)  # it may have come back since: the first answer to a knock is worth a poll
        if failures or reader.stands_still:
            self._call_in(name, 0.0 if failures > 1 else knock_wait_s(0.0, self._chance), self._knock)

    def _look(self, name: str) -> None:
        """After a refusal: did somebody write other credentials? One attempt for each change locks no account."""
        if name in self._refused and self._readers[name].has_new_credentials():
            log.warning("source %s: the file with its credentials was changed; it is asked again", name)
            self.resume(name)
        elif name in self._refused:
            self._call_in(name, self._pace[name].interval_s, self._look)

    def _knock(self, name: str) -> None:
        """Until the next poll is due: has the source come back? A query that fails where it answers stays slowed."""
        self._workers.add(threading.current_thread())
        reader, started = self._readers[name], monotonic()
        if started >= self._due[name] or self._quiet_s(name, self._clock()) > 0:
            self._ask(name)
            return
        answers: list[bool] = []
        words = guarded(f"source {name}", lambda: answers.append(reader.knock(self._clock())))
        if words.startswith(SourceRefused.__name__) or (answers == [True] and self._worth_asking(name)):
            self._ask(name)
            return
        if words:
            self._unheard.add(name)
        elif not reader.stands_still:  # it answers, and yet its queries fail: asking sooner would only burden it
            self._ask_in(name, max(self._due[name] - monotonic(), 0.0))
            return
        wait = min(knock_wait_s(monotonic() - started, self._chance), max(self._due[name] - monotonic(), 0.0))
        self._call_in(name, wait, self._knock)

    def _worth_asking(self, name: str) -> bool:
        return name in self._unheard or self._readers[name].stands_still
