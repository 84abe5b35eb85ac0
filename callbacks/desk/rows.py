"""Nobody is shown a row before their right to it was looked up and the view of it was written down.

It knows nothing of pages: whoever shows rows of patients asks here, and gets them, or why not.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_bytes

from surveillance.access.access import Access
from surveillance.access.audit import Entry, Event
from surveillance.access.people import Session
from surveillance.access.rights import Verdict
from surveillance.access.rights import rows as may_see
from surveillance.current_lists import CurrentLists
from surveillance.errors import StoreError
from surveillance.hub import Hub
from surveillance.measures import EVERYTHING, Measure
from surveillance.measures.declaration import Kind
from surveillance.settings import Settings
from surveillance.snapshot import Reading, Snapshot, State
from surveillance.worklist import Patient, Row, Worklist

PATIENT = "patient"
"""Stands in the audit record in place of a measure where everything of one patient was shown."""
RECORDED_FOR = timedelta(minutes=15)
"""A view that goes on is written down again after this time."""
PAGES = 20_000
"""Open pages of which is remembered what was written down; for one that was forgotten it is written down again."""
LISTED = (State.VALUE, State.STALE)
"""States in which there are rows to be shown: of any other nobody knows which rows count."""
COUNTED = (Kind.COUNT, Kind.TWO_COLUMN, Kind.PAIR)
NOT_WRITTEN = "The audit record cannot be written now, so no patient is shown."
NOT_YET = "There is no snapshot yet."
NO_SUCH = "There is no such ward or measure."
NOT_YOURS = "Your role does not include the patients behind this number."
NO_SUCH_PATIENT = "Nothing is outstanding for this patient on this ward any more."


@dataclass(frozen=True, slots=True)
class Moment:
    """The newest snapshot and the rows behind it, both of one moment; every number and row of an answer is from here.

    ``now``: the hospital's time. ``lapsed``: nobody renews the snapshot, and its readings say so.
    """

    settings: Settings
    snapshot: Snapshot
    worklist: Worklist
    now: datetime
    lapsed: bool

    def reading(self, ward: str, measure: str) -> Reading | None:
        """What the ward's number says; None where there is none."""
        found = self.snapshot.readings.get(ward, {}).get(measure)
        return found or self.snapshot.forecasts.get(ward, {}).get(measure)

    def rows(self, ward: str, measure: str) -> Sequence[Row]:
        """The rows behind the number; none where it is not known, however many there once were."""
        reading = self.reading(ward, measure)
        if reading is None or reading.state not in LISTED:
            return ()
        return self.worklist.rows.get((ward, measure), ())

    def person(self, row: Row) -> Patient | None:
        """Whom a row names, if somebody."""
        key, spell = row.get("patient_key"), row.get("spell_key")
        if not isinstance(key, str) and isinstance(spell, str):
            key = self.worklist.spells.get(spell)
        return self.worklist.patients.get(key) if isinstance(key, str) else None


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows that may be shown: their view has been recorded. ``reason``: the one given, where one had to be."""

    moment: Moment
    ward: str
    measure: Measure
    reading: Reading
    rows: Sequence[Row]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """One row of a patient, and what it counts in."""

    measure: Measure
    reading: Reading
    row: Row


@dataclass(frozen=True, slots=True)
class ShownPatient:
    """Everything that counts for one patient on a ward; its view has been recorded."""

    moment: Moment
    ward: str
    patient: Patient
    outstanding: Sequence[Outstanding]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """No row is shown. ``words``: why not."""

    words: str


@dataclass(frozen=True, slots=True)
class NeedsReason:
    """No row of a ward that is not the person's own is shown before they say why they look."""

    ward: str


@dataclass(frozen=True, slots=True)
class _Viewed:
    ward: str
    measure: str
    keys: frozenset[str]
    at: datetime


class Rows:
    """May be used by several threads."""

    def __init__(self, lists: CurrentLists, hub: Hub, access: Access) -> None:
        self._lists = lists
        self._hub = hub
        self._access = access
        self._secret = token_bytes(32)
        self._lock = threading.Lock()
        self._viewed: OrderedDict[tuple[str, str, str], _Viewed] = OrderedDict()

    def moment(self) -> Moment | None:
        """What stands now; None before the first snapshot."""
        listed, seen = self._lists.look(), self._hub.look()
        if listed is None or seen.settings is None:
            return None
        made = seen.snapshot
        if made is None or made.as_at != listed.snapshot.as_at:
            # One of the two is a moment newer than the other: the pair is what belongs together.
            return Moment(seen.settings, listed.snapshot, listed.worklist, seen.now, lapsed=False)
        return Moment(seen.settings, made, listed.worklist, seen.now, seen.lapsed)

    def real_now(self) -> datetime:
        """The time by which sessions go, whatever the hospital's clock shows."""
        return self._access.now()

    def handle(self, *keys: str) -> str:
        """A name for a row or a patient that a browser may hold: it says nothing, and nothing outside knows it."""
        return blake2b("\0".join(keys).encode(), key=self._secret, digest_size=9).hexdigest()

    def view(
        self, session: Session, place: str, ward: str, measure: str, page_id: str, moment: Moment | None = None
    ) -> Shown | Refused | NeedsReason:
        """The rows behind a number, once it is written down that they are seen; or why they are not shown.

        ``place``: the address that asks. ``page_id``: names an open page, on which the same rows may be renewed
        without another entry. ``moment``: what the rest of the answer is from; None: the newest.
        """
        moment = moment or self.moment()
        if moment is None:
            return Refused(NOT_YET)
        declared, reading = EVERYTHING.get(measure), moment.reading(ward, measure)
        if declared is None or reading is None:
            return Refused(NO_SUCH)
        verdict, reason = self._verdict(moment.settings, session, ward, declared.group)
        if verdict is not Verdict.ALLOWED:
            return self._not_shown(verdict, Entry(Event.REFUSED, session, place, ward, measure), page_id)
        rows = moment.rows(ward, measure)
        people = (moment.person(row) for row in rows)
        keys = tuple(sorted({one.patient_key for one in people if one} | set(_keys_alone(rows))))
        entry = Entry(Event.VIEW, session, place, ward, measure, declared.version, len(rows), keys, reason)
        if not self._written(entry, page_id):
            return Refused(NOT_WRITTEN)
        return Shown(moment, ward, declared, reading, rows, reason)

    def patient(
        self, session: Session, place: str, ward: str, handle: str, page_id: str, moment: Moment | None = None
    ) -> ShownPatient | Refused | NeedsReason:
        """Every row of one patient on a ward that the person may see. ``handle``: as ``handle`` named the patient."""
        moment = moment or self.moment()
        if moment is None:
            return Refused(NOT_YET)
        entry = Entry(Event.VIEW, session, place, ward, PATIENT)
        groups = {one.group for one in EVERYTHING.values()}
        verdicts = {group: self._verdict(moment.settings, session, ward, group) for group in groups}
        allowed = {group for group, (verdict, _) in verdicts.items() if verdict is Verdict.ALLOWED}
        if not allowed:
            asked = any(verdict is Verdict.REASON for verdict, _ in verdicts.values())
            verdict = Verdict.REASON if asked else Verdict.REFUSED
            return self._not_shown(verdict, replace(entry, event=Event.REFUSED), page_id)
        found = [(who, one) for who, one in _of_people(moment, ward, allowed) if self.handle(who.patient_key) == handle]
        if not found:
            return Refused(NO_SUCH_PATIENT)
        who, reason = found[0][0], max(words for group, (_, words) in verdicts.items() if group in allowed)
        entry = replace(entry, rows=len(found), keys=(who.patient_key,), reason=reason)
        if not self._written(entry, page_id):
            return Refused(NOT_WRITTEN)
        return ShownPatient(moment, ward, who, [one for _, one in found], reason)

    def give_reason(self, session: Session, place: str, ward: str, words: str) -> bool:
        """Keep why a person looks at the patients of a ward that is not their own; False if it cannot be kept.

        It is written down first: nobody can have given a reason of which there is no record.
        """
        opened = self._access.opened
        if opened is None:
            return False
        try:
            self._access.record(Entry(Event.REASON, session, place, ward, reason=words))
            opened.sessions.give_reason(session, ward, words)
        except StoreError:
            return False
        return True

    def _verdict(self, settings: Settings, session: Session, ward: str, group: str) -> tuple[Verdict, str]:
        """Whether rows may be shown now, and the reason that was given for it."""
        verdict = may_see(settings, session.person, ward, group)
        if verdict is Verdict.REASON and (words := session.reason_for(ward, self._access.now())):
            return Verdict.ALLOWED, words
        return verdict, ""

    def _not_shown(self, verdict: Verdict, entry: Entry, page_id: str) -> Refused | NeedsReason:
        if verdict is Verdict.REASON:
            return NeedsReason(entry.ward)
        return Refused(NOT_YOURS if self._written(entry, page_id) else NOT_WRITTEN)

    def _written(self, entry: Entry, page_id: str) -> bool:
        """Whether it stands in the audit record, now or since this page last showed it."""
        assert isinstance(entry.who, Session)
        kind = entry.event if entry.measure != PATIENT else PATIENT
        name, now, keys = (entry.who.key, page_id[:64], str(kind)), self._access.now(), frozenset(entry.keys)
        with self._lock:
            before = self._viewed.get(name)
        same = before and (before.ward, before.measure) == (entry.ward, entry.measure)
        if before and same and keys <= before.keys and now - before.at < RECORDED_FOR:
            return True
        try:
            self._access.record(entry)
        except StoreError:
            return False
        with self._lock:
            self._viewed[name] = _Viewed(entry.ward, entry.measure, keys, now)
            self._viewed.move_to_end(name)
            while len(self._viewed) > PAGES:
                self._viewed.popitem(last=False)
        return True


def _keys_alone(rows: Sequence[Row]) -> Iterator[str]:
    """Keys of patients whom the worklist does not know: they are seen all the same."""
    return (key for row in rows if isinstance(key := row.get("patient_key"), str))


def _of_people(moment: Moment, ward: str, groups: set[str]) -> Iterator[tuple[Patient, Outstanding]]:
    """Every row of a ward that counts in a number and names somebody, in the order of the catalogue."""
    for name, measure in EVERYTHING.items():
        reading = moment.reading(ward, name)
        if measure.kind in COUNTED and measure.group in groups and reading is not None:
            for row in moment.rows(ward, name):
                if who := moment.person(row):
                    yield who, Outstanding(measure, reading, row)
