"""A FHIR R4 server as a source: each feed is a few searches for the whole hospital, and the rows that they make.

One thread uses one connector. ``as_at`` bounds what happened, not what was known: FHIR's searches tell how a resource
stands now, so of a past moment they give what is left of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pandas as pd

from connectors.base import Bounds, Connector, RawRows
from connectors.fhir import medicines, observations, records, spells, stays
from connectors.fhir.client import Client, Secrets
from connectors.fhir.codes import codes_of
from connectors.fhir.elements import last_updated
from connectors.fhir.held import Held
from connectors.fhir.pages import Pages
from connectors.fhir.searches import encounters_kept, from_moment, requests_kept, tasks_kept, to_moment
from connectors.fhir.spells import Spells
from connectors.rows import objects
from surveillance.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable
from surveillance.feeds.tables import FEEDS
from surveillance.settings import Pack
from surveillance.settings.fhir import Fhir

Rows = list[dict[str, object]]
KINDS = {
    "spell": "Encounter",
    "ward_stay": "Encounter",
    "patient_identity": "Encounter",
    "obs_set": "Observation",
    "order": "MedicationRequest",
    "dose_event": "MedicationAdministration",
    "flag": "Flag",
    "obs_plan": "Task",
    "assessment": "QuestionnaireResponse",
}
"""Feed → the type of resource that it is made of, and by which its source is asked how old it is."""
OWN = ("spell", "ward_stay", "patient_identity")
"""The feeds that say who is in hospital."""
NOT_TOLD = {
    "spell": {"pregnant_or_recent"},
    "order": {"verify_status", "verified_ts", "verifier_role", "last_modified_ts"},
    "dose_event": {"recorded_ts"},
    "flag": {"author_role"},
    "assessment": {"tool", "author_role"},
}
"""Feed → columns that FHIR has no place for."""
WRITES = re.compile(r"(?:system|user|patient)/[*A-Za-z]+\.(?:write|\*|[cruds]*[cud][cruds]*)(?:\?|$)")
"""A scope of SMART on FHIR, version 1 or 2, that may change something; ``read`` has no c, u or d standing so."""


class FhirConnector(Connector):
    """One FHIR server, of which the feeds of ``pack`` are read. ``most_rows``: as of ``SqlConnector``."""

    def __init__(
        self,
        fhir: Fhir,
        pack: Pack,
        secrets: Secrets | None,
        timeout_s: float,
        most_rows: int | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.pack = pack
        self.unknown: dict[str, tuple[str, ...]] = {}
        self._fhir, self._most_rows = fhir, most_rows
        self._codes = codes_of(fhir)
        self._client = Client(fhir, secrets, timeout_s, transport)
        kinds = tuple(dict.fromkeys(KINDS[feed] for feed in pack.feeds))
        self._beats = kinds if fhir.heartbeat is None else fhir.heartbeat
        self._kinds = kinds
        self._patients = Held("Patient", spells.PATIENT_FIELDS)
        self._places = Held("Location", {"identifier", "name", "physicalType", "partOf"}, all_at_once=True)
        self._medications = Held("Medication", {"code"})
        self._encounters = encounters_kept(fhir)
        self._requests = requests_kept()
        self._tasks = tasks_kept(fhir)
        self._spells: tuple[datetime, datetime, Spells] | None = None
        self._readers: dict[str, Callable[[Pages, Bounds], Rows]] = {
            "spell": self._spell,
            "ward_stay": self._ward_stay,
            "patient_identity": self._patient_identity,
            "obs_set": self._obs_set,
            "order": self._order,
            "dose_event": self._dose_event,
            "flag": self._flag,
            "obs_plan": self._obs_plan,
            "assessment": self._assessment,
        }

    @property
    def beats(self) -> bool:
        """Whether any type is asked for its newest change."""
        return bool(self._beats)

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of the feeds that it can give."""
        return tuple(self.pack.feeds)

    def read(self, feed: str, bounds: Bounds) -> RawRows:
        """The rows of one feed, all of them or none (see ``Connector``); a deadline holds for all its searches."""
        pages = self._pages(f"feed {feed}")
        if self._spells:
            self._spells[2].left_out.clear()
        rows = self._readers[feed](pages, bounds)
        if self._most_rows is not None and len(rows) > self._most_rows:
            raise SourceUnavailable(f"feed {feed}: more rows than the {self._most_rows} of its budget")
        notes = dict(pages.outcomes)
        if self._spells and feed not in OWN:
            notes |= {f"{kind} of nobody in hospital, left out": n for kind, n in self._spells[2].left_out.items()}
        told = set(FEEDS[feed].names) - NOT_TOLD.get(feed, set())
        if self._fhir.hospital_number is None:
            told -= {"hospital_number"}
        names = [name for name in FEEDS[feed].names if name in told]
        return RawRows(pd.DataFrame({name: objects([row.get(name) for row in rows]) for name in names}), notes=notes)

    def data_as_at(self, bounds: Bounds) -> datetime | None:  # noqa: ARG002 - the newest change has no bound
        """The newest change of any type that is asked; a type that does not answer is left out unless none does.

        Raises:
            SourceChanged: a resource does not say when it was changed. Else as ``read``.
        """
        if not self._beats:
            return None
        pages, newest, failed = self._pages("heartbeat"), list[datetime](), list[SourceError]()
        for kind in self._beats:
            try:
                found = pages.search(kind, [("_sort", "-_lastUpdated")], ("meta",), whole=False)
            except SourceRefused:
                raise
            except SourceError as error:
                failed.append(error)
                continue
            for one in list(found.matches.values())[:1]:
                if (moment := last_updated(one)) is None:
                    raise SourceChanged(f"heartbeat: {kind} does not say when it was changed (meta.lastUpdated)")
                newest.append(moment)
        if failed and not newest:
            raise failed[0]
        return max(newest, default=None)

    def knock(self, bounds: Bounds) -> datetime | None:
        """What ``data_as_at`` says; without a heartbeat one resource is asked for."""
        if self._beats:
            return self.data_as_at(bounds)
        self._pages("knock").search(self._kinds[0], [], whole=False)
        return None

    def can_write(self) -> bool | None:
        """Whether the token's scopes let it change anything, if it says which it has (SMART on FHIR)."""
        self._client.start()
        self._client.sign_in("check")
        scopes = self._client.scopes
        return None if scopes is None else any(WRITES.match(scope) for scope in scopes)

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()

    def _pages(self, what: str) -> Pages:
        self._client.start()
        return Pages(self._client, self._fhir, what, self._most_rows)

    # ------------------------------------------------------------------------------------------------------- spells
    def _inpatients(self, pages: Pages, bounds: Bounds, since: datetime | None = None) -> Spells:
        """The spells to which rows belong; ``since``: only those that had not ended by then."""
        hours = self.pack.feeds["spell"].lookback_h if "spell" in self.pack.feeds else None
        reach = min(bounds.since, bounds.as_at - timedelta(hours=hours or FEEDS["spell"].lookback_h))
        since = since or reach
        if self._spells and self._spells[:2] == (bounds.as_at, since):
            return self._spells[2]
        include = [("_include", "Encounter:subject")] if self._fhir.includes else []
        encounters = self._encounters.read(pages, bounds.as_at, reach, include)
        named = spells.patients_named(encounters.values(), self._fhir)
        self._people = self._patients.read(pages, bounds.as_at, named, self._encounters.included)
        found = spells.spells_of(encounters.values(), self._people, self._fhir, bounds.as_at, since)
        self._spells = (bounds.as_at, since, found)
        return found

    def _spell(self, pages: Pages, bounds: Bounds) -> Rows:
        found = self._inpatients(pages, bounds, bounds.since)
        return stays.spell_rows(found, self._people, bounds.as_at)

    def _ward_stay(self, pages: Pages, bounds: Bounds) -> Rows:
        found = self._inpatients(pages, bounds, bounds.since)
        places = self._places.read(pages, bounds.as_at, spells.locations_named(found))
        return stays.stay_rows(found, places, self._codes, bounds.as_at, bounds.since)

    def _patient_identity(self, pages: Pages, bounds: Bounds) -> Rows:
        return stays.identity_rows(self._inpatients(pages, bounds), self._people)

    # ------------------------------------------------------------------------------------------------ what was done
    def _obs_set(self, pages: Pages, bounds: Bounds) -> Rows:
        found = self._inpatients(pages, bounds)
        since = bounds.since - observations.MARGIN
        params = [
            ("code", ",".join(self._codes.searched)),
            ("date", from_moment(since)),
            ("date", to_moment(bounds.as_at)),
        ]
        answer = pages.search("Observation", params, observations.FIELDS).matches
        words = self.pack.feeds["obs_set"].mapping.get("acvpu", {})
        return observations.observation_rows(answer, found, self._codes, words, bounds.as_at, bounds.since)

    def _prescribed(self, pages: Pages, bounds: Bounds) -> Rows:
        found = self._inpatients(pages, bounds)
        include = [("_include", "MedicationRequest:medication")] if self._fhir.includes else []
        requests = self._requests.read(pages, bounds.as_at, bounds.since, include)
        named = medicines.medications_named(requests.values(), self._fhir.base_url)
        known = self._medications.read(pages, bounds.as_at, named, self._requests.included)
        drugs = {("Medication", name): one for name, one in known.items()}
        return medicines.order_rows(requests, drugs, found, self._codes, bounds.as_at, bounds.since)

    def _order(self, pages: Pages, bounds: Bounds) -> Rows:
        return self._prescribed(pages, bounds)

    def _dose_event(self, pages: Pages, bounds: Bounds) -> Rows:
        orders = [str(row["order_key"]) for row in self._prescribed(pages, bounds)]
        params = [("effective-time", from_moment(bounds.since)), ("effective-time", to_moment(bounds.as_at))]
        answer = pages.search("MedicationAdministration", params, medicines.DOSE_FIELDS).matches
        words = self.pack.feeds["dose_event"].mapping.get("reason_code", {})
        extension, base = self._fhir.dose_due_extension or "", self._fhir.base_url
        return medicines.dose_rows(answer, orders, self._codes, words, extension, base, bounds.as_at, bounds.since)

    # ----------------------------------------------------------------------------------------------- what was noted
    def _flag(self, pages: Pages, bounds: Bounds) -> Rows:
        found = self._inpatients(pages, bounds)
        answer = pages.search("Flag", [("date", from_moment(bounds.since))], records.FLAG_FIELDS).matches
        words = self.pack.feeds["flag"].mapping.get("type", {})
        return records.flag_rows(answer, found, self._codes, words, bounds.as_at, bounds.since)

    def _obs_plan(self, pages: Pages, bounds: Bounds) -> Rows:
        found = self._inpatients(pages, bounds)
        tasks = self._tasks.read(pages, bounds.as_at, bounds.since)
        return records.plan_rows(tasks, found, bounds.as_at)

    def _assessment(self, pages: Pages, bounds: Bounds) -> Rows:
        found = self._inpatients(pages, bounds)
        forms = self.pack.feeds["assessment"].mapping["type"]
        params = [
            ("questionnaire", ",".join(forms)),
            ("authored", from_moment(bounds.since)),
            ("authored", to_moment(bounds.as_at)),
        ]
        answer = pages.search("QuestionnaireResponse", params, records.ANSWER_FIELDS).matches
        return records.assessment_rows(answer, found, self._fhir.questionnaires, forms, bounds.as_at)
