"""A search is read to its last page, or it failed: a part of an answer never looks like the whole.

Source: HL7 FHIR R4 (4.0.1), RESTful API: search, paging, and outcomes in a searchset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

from connectors.fhir.client import Client
from connectors.fhir.elements import Resource, at, each, text_at
from surveillance.errors import SourceChanged, SourceUnavailable
from surveillance.settings.fhir import Fhir

INCOMPLETE = frozenset({
    "incomplete", "suppressed", "timeout", "too-costly", "throttled", "transient", "lock-error", "no-store",
    "exception", "security", "forbidden", "expired", "unknown", "login",
})  # fmt: skip
"""Codes of issues that say that something is missing from an answer, however mildly they are put."""
Params = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Found:
    """What a search found. ``matches``: by id, those without one under a number. ``others``: what was included."""

    matches: dict[str, Resource] = field(default_factory=dict)
    others: dict[tuple[str, str], Resource] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    totals: list[int] = field(default_factory=list)


class Pages:
    """Searches of one feed, with one deadline. ``most``: resources that it may answer with."""

    def __init__(self, client: Client, fhir: Fhir, what: str, most: int | None = None) -> None:
        self.client, self.fhir, self.what = client, fhir, what
        self._most = most
        self._rows = self._unnamed = 0
        self.outcomes: Counter[str] = Counter()

    def search(self, kind: str, params: Params, fields: Iterable[str] = (), *, whole: bool = True) -> Found:
        """Every ``kind`` of resource that matches; of it only ``fields``, if any are named.

        ``whole``: false asks for the first page alone, of one resource.

        Raises:
            SourceUnavailable: a page failed, the answer changed while it was read, or is too long.
            SourceChanged: the answer is none of a search.
            SourceRefused: as ``Client.get``.
        """
        rows = self._rows
        for again in (False, True):
            self._rows = rows
            found = self._read(kind, params, frozenset(fields), whole=whole)
            counted = max(found.totals, default=0)
            if not whole or not self.fhir.check_total or len(found.matches) >= counted:
                self.outcomes += found.outcomes
                return found
            if again:
                break
        raise SourceUnavailable(
            f"{self.what}: {kind}: {len(found.matches)} came of {counted} that the source counts (check_total)"
        )

    def _read(self, kind: str, params: Params, fields: frozenset[str], *, whole: bool) -> Found:
        found = Found()
        size = self.fhir.page_size if whole else 1
        url = f"{self.fhir.base_url}/{kind}?{urlencode([*params, ('_count', str(size))])}"
        seen = {url}
        while True:
            bundle = self.client.get(url, self.what, kind)
            self._take(bundle, kind, fields, found)
            following = self._next(bundle, kind, url)
            if following is None or not whole:
                return found
            if following in seen:
                raise SourceUnavailable(f"{self.what}: {kind}: the pages lead round in a circle")
            seen.add(following)
            url = following

    def _next(self, bundle: Resource, kind: str, url: str) -> str | None:
        links = [one for one in each(bundle, "link") if text_at(one, "relation") == "next"]
        if not links:
            return None
        following = text_at(links[0], "url")
        if following is None:
            raise SourceChanged(f"{self.what}: {kind}: the link to the next page cannot be read")
        return urljoin(url, following)  # its origin is checked where it is asked

    def _take(self, bundle: Resource, kind: str, fields: frozenset[str], found: Found) -> None:
        if text_at(bundle, "resourceType") != "Bundle" or text_at(bundle, "type") != "searchset":
            raise SourceChanged(f"{self.what}: {kind}: the answer is no searchset")
        entries = at(bundle, "entry")
        if entries is not None and not isinstance(entries, list):
            raise SourceChanged(f"{self.what}: {kind}: the answer is no searchset")
        if isinstance(total := at(bundle, "total"), int):
            found.totals.append(total)
        for entry in entries or ():
            resource: Any = at(entry, "resource")
            resource = resource if isinstance(resource, Mapping) else {}
            mode, is_a = text_at(entry, "search", "mode"), text_at(resource, "resourceType")
            if is_a == "OperationOutcome" or mode == "outcome":
                self._judge(resource, kind, found)
            elif is_a in (kind, None):
                self._rows += 1
                if self._most is not None and self._rows > self._most:
                    raise SourceUnavailable(f"{self.what}: more rows than the {self._most} of its budget")
                self._unnamed += 1
                name = text_at(resource, "id") or f"?{self._unnamed}"
                found.matches[name] = {key: resource[key] for key in resource if not fields or key in fields}
            elif mode == "match":
                raise SourceChanged(f"{self.what}: {kind}: the answer holds another type of resource")
            elif other := text_at(resource, "id"):
                found.others[is_a, other] = resource

    def _judge(self, outcome: Resource, kind: str, found: Found) -> None:
        """An outcome beside the rows says that they are not all, or it is counted."""
        for issue in each(outcome, "issue") or [{}]:
            severity, code = text_at(issue, "severity"), text_at(issue, "code")
            if severity not in ("warning", "information") or code in INCOMPLETE:
                raise SourceUnavailable(f"{self.what}: {kind}: the source says that its answer is not complete")
            found.outcomes[f"OperationOutcome ({severity})"] += 1
