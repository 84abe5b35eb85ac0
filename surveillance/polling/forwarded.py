"""A connector in front of another: whatever it is asked goes one way, where it can be announced, or sent elsewhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.base import Bounds, Connector, RawRows

HEARTBEAT = "heartbeat"
"""What the question after the age of a source's data is called."""


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a connector: one of its methods, and what it is given."""

    what: Literal["read", "data_as_at", "knock", "can_write"]
    given: tuple[Any, ...] = ()

    def put_to(self, connector: Connector) -> Any:
        """What ``connector`` answers."""
        return getattr(connector, self.what)(*self.given)


class Forwarded(Connector):
    """``connector``, of which nothing is asked but by ``_asked``."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self.pack = connector.pack
        self.unknown: Mapping[str, tuple[str, ...]] = connector.unknown

    @property
    def beats(self) -> bool:
        """As the connector's."""
        return self._connector.beats

    @property
    def feeds(self) -> tuple[str, ...]:
        """As the connector's."""
        return self._connector.feeds

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        """As the connector's."""
        answer: RawRows = self._asked(f"feed {feed}", Call("read", (feed, bounds)))
        return answer

    def data_as_at(self, bounds: Bounds) -> datetime | None:
        """As the connector's."""
        answer: datetime | None = self._asked(HEARTBEAT, Call("data_as_at", (bounds,))) if self.beats else None
        return answer

    def knock(self, bounds: Bounds) -> datetime | None:
        """As the connector's."""
        answer: datetime | None = self._asked("knock", Call("knock", (bounds,)))
        return answer

    def can_write(self) -> bool | None:
        """As the connector's."""
        answer: bool | None = self._asked("check", Call("can_write"))
        return answer

    def close(self) -> None:
        """As the connector's."""
        self._connector.close()

    @abstractmethod
    def _asked(self, what: str, call: Call) -> Any:
        """The answer to ``call``; ``what``: the question in words."""
