"""Sources for commands that ask once and end: as the program asks them, late questions end with their process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from connectors.base import Connector
from surveillance.errors import SourceUnavailable
from surveillance.polling.forwarded import Call, Forwarded
from surveillance.polling.process import Late, SourceProcess, given_up
from surveillance.polling.reader import SourceReader
from surveillance.settings import Settings


class ConnectorApart(Forwarded):
    """``connector``, asked in a process of its own; what is late is unavailable."""

    def __init__(self, connector: Connector, process: SourceProcess, timeout_s: float) -> None:
        super().__init__(connector)
        self._process, self._timeout_s = process, timeout_s
        self._late: list[str] = []

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _asked(self, what: str, call: Call) -> Any:
        if words := given_up(self._late):
            raise SourceUnavailable(f"{what}: {words}")
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
