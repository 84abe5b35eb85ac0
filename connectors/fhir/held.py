"""What other resources refer to (patients, places, medicines) changes seldom: it is read once an hour and when new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from connectors.fhir.elements import Resource
from connectors.fhir.kept import WHOLE_EVERY
from connectors.fhir.pages import Pages

AT_ONCE = 50
"""Ids in one search: they make its address long."""


class Held:
    """Resources of one ``kind`` by id. ``all_at_once``: they are few, and read whole."""

    def __init__(self, kind: str, fields: Iterable[str], *, all_at_once: bool = False) -> None:
        self._kind, self._fields, self._all = kind, frozenset(fields) | {"resourceType", "id"}, all_at_once
        self._known: dict[str, Resource] = {}
        self._absent: set[str] = set()
        self._read_at: datetime | None = None

    def read(
        self, pages: Pages, as_at: datetime, named: set[str], included: Mapping[tuple[str, str], Resource] | None = None
    ) -> Mapping[str, Resource]:
        """Those that are ``named``, as far as the server has them. ``included``: what came with another answer.

        Raises:
            SourceError: as ``Pages.search``.
        """
        if self._read_at is None or not timedelta(0) <= as_at - self._read_at < WHOLE_EVERY:
            self._known, self._absent = {}, set()
            self._read_at = None if self._all else as_at  # what a deadline cut short goes on with the next question
        for (kind, name), one in (included or {}).items():
            if kind == self._kind:
                self._known[name] = {key: one[key] for key in one if key in self._fields}
        missing = sorted(named - self._known.keys() - self._absent)
        if self._all and (missing or self._read_at is None):
            self._known = dict(pages.search(self._kind, [], self._fields).matches)
        elif not self._all:
            for first in range(0, len(missing), AT_ONCE):
                ids = ",".join(missing[first : first + AT_ONCE])
                self._known |= pages.search(self._kind, [("_id", ids)], self._fields).matches
        self._absent |= named - self._known.keys()
        self._read_at = self._read_at or as_at
        return self._known
