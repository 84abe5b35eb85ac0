"""Sources for commands that ask once and end: as the program asks them, late questions end with their process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.base import Bounds, Connector, RawRows
from surveillance.errors import SourceUnavailable
from surveillance.polling.apart import KILLS_A_POLL
from surveillance.polling.process import Late, SourceProcess
from surveillance.polling.reader import SourceReader
from surveillance.polling.worker import Call
from surveillance.settings import Settings


class ConnectorApart(Connector):
    """``connector``, asked in a process of its own. A source that let two questions run late is asked nothing more."""

    def __init__(self, connector: Connector, process: SourceProcess, timeout_s: float) -> None:
        self.pack = connector.pack
        self.unknown: Mapping[str, tuple[str, ...]] = {}
        self._connector, self._process, self._timeout_s = connector, process, timeout_s
        self._late: list[str] = []

    @property
    def beats(self) -> bool:
        """As the connector's."""
        return self._connector.beats

    @property
    def feeds(self) -> tuple[str, ...]:
        """As the connector's."""
        return self._connector.feeds

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        """As the connector's; late is unavailable."""
        answer: RawRows = self._asked(f"feed {feed}", Call("read", (feed, bounds)))
        return answer

    def data_as_at(self, bounds: Bounds) -> datetime | None:
        """As the connector's; late is unavailable."""
        answer: datetime | None = self._asked("heartbeat", Call("data_as_at", (bounds,))) if self.beats else None
        return answer

    def knock(self, bounds: Bounds) -> datetime | None:
        """As the connector's; late is unavailable."""
        answer: datetime | None = self._asked("knock", Call("knock", (bounds,)))
        return answer

    def can_write(self) -> bool | None:
        """As the connector's; late is unavailable."""
        answer: bool | None = self._asked("check", Call("can_write", ()))
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _asked(self, what: str, call: Call) -> Any:
        if len(self._late) >= KILLS_A_POLL:
            raise SourceUnavailable(f"{what}: not asked, because {' and '.join(self._late)} ran late")
        try:
            answer, self.unknown = next(iter(self._process.asked(call, self._timeout_s)))
        except Late as late:
            self._late.append(what)
            raise SourceUnavailable(f"{what}: {late}") from None
        return answer


@contextmanager
def asked_once(readers: list[SourceReader], config: Path, settings: Settings) -> Iterator[list[SourceReader]]:
    """``readers`` of the same sources, each in a process of its own until the block ends.

    A source that ends each question by itself, whatever happens, is asked here.
    """
    with ExitStack() as until_the_end:
        once = []
        for reader in readers:
            until_the_end.callback(reader.close)
            if not reader.connector.ends_itself:
                process = SourceProcess(reader.name, config, settings)
                apart = ConnectorApart(reader.connector, process, settings.sources[reader.name].timeout_s)
                reader = SourceReader(reader.name, apart, apart.pack.feeds, settings)
                until_the_end.callback(reader.close)
            once.append(reader)
        yield once
