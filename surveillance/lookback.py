"""What is found by looking back at a moment: what was shown, or how far what was shown is away; never a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from surveillance.settings import StoreSettings
from surveillance.snapshot import Snapshot

Gap = tuple[datetime, datetime]
"""The last moment before nobody watched, and the first after."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the history holds at and around a moment.

    ``first``, ``last``: of all that can be shown. ``watched``: whether there is something to show for the moment;
    otherwise ``before`` and ``after`` are the nearest moments for which there is. ``grain``: what is kept of that
    time; None: every change.
    """

    first: datetime
    last: datetime
    watched: bool
    grain: Literal["hour", "day"] | None
    before: datetime | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What the history says of a moment.

    ``snapshot``: None where nobody watched; its ``as_at`` is earlier than the moment where the history was thinned.
    ``around``: None while nothing is kept at all. ``gaps``: all of them.
    """

    snapshot: Snapshot | None
    around: Around | None
    gaps: tuple[Gap, ...]


Stretch = tuple[datetime, datetime, float]
"""From, until, and the number that stood in between; between two stretches nobody knew it."""


class Counts(Protocol):
    """Whoever knows the past of one number."""

    def counts(
        self, settings: StoreSettings, ward: str, measure: str, since: datetime, until: datetime
    ) -> list[Stretch]:
        """How a ward's number (of its first part) went.

        Raises:
            StoreError: the store does not answer.
            ConfigurationError: it cannot be opened by this program.
        """
        ...


class LooksBack(Protocol):
    """Whoever knows the past."""

    def look(self, settings: StoreSettings, moment: datetime) -> Look:
        """What is kept of ``moment`` by the store that ``settings`` name.

        Raises:
            StoreError: it does not answer.
            ConfigurationError: it cannot be opened by this program.
        """
        ...
