"""What lasts for days is not read whole at each poll: the open ones are, what is over by its changes, all once an hour.

An open one is overdue because nothing changed, so it is asked for by its status, never by its change. It is asked
first: what ends meanwhile then stands in both answers, and the later one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from connectors.fhir.elements import Resource, last_updated, text_at
from connectors.fhir.pages import Pages, Params

WHOLE_EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=5)
"""Changes are asked for again from so long before the newest one seen, by the server's own clock."""
Window = Callable[[datetime], Params]


class Kept:
    """One type of resource. ``opened``, ``ended``: what asks for the open ones, and for those over since a moment.

    ``changed``: what asks for any of them besides the moment of its change.
    """

    def __init__(
        self, kind: str, fields: frozenset[str], states: frozenset[str], opened: Params, ended: Window, changed: Params
    ) -> None:
        self.kind, self._fields, self._states = kind, fields | {"resourceType", "id", "meta", "status"}, states
        self._opened, self._ended, self._changed = opened, ended, changed
        self._held: dict[str, Resource] = {}
        self._at: datetime | None = None
        self._whole_at: datetime | None = None
        self._since: datetime | None = None
        self._newest: datetime | None = None
        self.included: dict[tuple[str, str], Resource] = {}

    def read(self, pages: Pages, as_at: datetime, since: datetime, include: Params = ()) -> Mapping[str, Resource]:
        """All of them, by id. ``include``: what else is asked for with a whole reading.

        Raises:
            SourceError: as ``Pages.search``.
        """
        if self._at == as_at and self._since is not None and self._since <= since:
            return self._held
        self._at = None
        whole = (
            self._newest is None
            or self._whole_at is None
            or not timedelta(0) <= as_at - self._whole_at < WHOLE_EVERY
            or self._since is None
            or since < self._since
        )
        beside: Params = include if whole else ()
        opened = pages.search(self.kind, [*self._opened, *beside], self._fields)
        if whole or self._newest is None:
            later = pages.search(self.kind, [*self._ended(since), *beside], self._fields)
            held: dict[str, Resource] = {}
        else:
            window = ("_lastUpdated", f"ge{(self._newest - OVERLAP).isoformat(timespec='milliseconds')}")
            later = pages.search(self.kind, [*self._changed, window], self._fields)
            known = {name: one for name, one in self._held.items() if not name.startswith("?")}
            held = {name: one for name, one in known.items() if text_at(one, "status") not in self._states}
        self._held = held | dict(opened.matches) | dict(later.matches)
        self.included = dict(opened.others) | dict(later.others)
        changes = [moment for one in self._held.values() if (moment := last_updated(one)) is not None]
        self._newest = max(changes, default=None)
        if whole:
            self._whole_at, self._since = as_at, since
        self._at = as_at
        return self._held
