"""What one ADT message says of one visit, or of patients that are one: keys, a place, times, and nothing else of it.

Source of the rules: HL7 version 2.5.1, chapter 3 (3.3.1 A01 to 3.3.40 A40, 3.4.1 EVN, 3.4.3 PV1, 3.4.9 MRG).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from surveillance.adt.message import (
    DATA_TYPE,
    EVENT_CODE,
    MESSAGE_TYPE,
    PROCESSING_ID,
    REQUIRED,
    TABLE_VALUE,
    VERSION,
    Message,
)
from surveillance.adt.times import completed_years, day_of, moment_of
from surveillance.errors import MessageRefused
from surveillance.settings import Adt

ADMIT, TRANSFER, DISCHARGE, UPDATE = "A01", "A02", "A03", "A08"
CANCEL_ADMIT, CANCEL_TRANSFER, CANCEL_DISCHARGE = "A11", "A12", "A13"
MERGES = ("A34", "A40")
OF_A_VISIT = (ADMIT, TRANSFER, DISCHARGE, UPDATE, CANCEL_ADMIT, CANCEL_TRANSFER, CANCEL_DISCHARGE)
OLDEST = 130
SEXES = {"F": "female", "M": "male", "O": "other", "A": "other"}
_ADT_EVENT = re.compile(r"A(0[1-9]|[1-5]\d|6[0-2])")
_VERSION = re.compile(r"2\.\d(\.\d)?")
_MOMENTS = ("recorded", "sent", "heard", "occurred", "admitted")


@dataclass(frozen=True, slots=True)
class Event:
    """``key`` tells it from every other; one that is sent again has the same.

    ``recorded``: when the sender wrote it down (EVN-2). ``sent``: when the message was made (MSH-7). ``heard``: the
    hospital's time when it came. ``occurred``: when it happened; of a cancellation, when what is cancelled happened
    (None: not said). ``ward``: the point of care in the sender's words. ``merges``: prior and surviving key of each.
    ``age``, ``age_days``: at admission. Times are UTC.
    """

    key: str
    control_id: str
    kind: str
    recorded: datetime
    sent: datetime
    heard: datetime
    spell_key: str = ""
    patient_key: str = ""
    occurred: datetime | None = None
    admitted: datetime | None = None
    ward: str = ""
    bed: str = ""
    patient_class: str = ""
    age: int | None = None
    age_days: int | None = None
    sex: str | None = None
    merges: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> tuple[datetime, datetime, str, str]:
        """The order in which the sender wrote events down, in whatever order they came."""
        return self.recorded, self.sent, self.control_id, self.key

    @property
    def began(self) -> datetime:
        """When what it tells took place, and no later than it was told: a clock that is ahead delays nobody."""
        return min(self.occurred or self.recorded, self.heard)

    @property
    def known_at(self) -> datetime:
        """The latest moment at which the sender can have begun to know it."""
        return min(max(self.recorded, self.sent), self.heard)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        moments = {name: found[name].isoformat() for name in _MOMENTS if found[name]}
        return {name: value for name, value in (found | moments).items() if value not in (None, "", ())}

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Event:
        """The inverse of ``plain``."""
        moments = {name: datetime.fromisoformat(content[name]) for name in _MOMENTS if name in content}
        merges = tuple((prior, surviving) for prior, surviving in content.get("merges", ()))
        return cls(**{**content, **moments, "merges": merges})


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that changes nothing in the census. ``reason``: in words that name no patient."""

    reason: str


def event_of(message: Message, settings: Adt, heard: datetime, tolerance: timedelta) -> Event | Ignored:
    """What ``message`` says. ``heard``: the hospital's time. ``tolerance``: how far the sender's clock may be ahead.

    Raises:
        MessageRefused: it can never be right.
    """
    kind = _kind(message, settings)
    if kind not in (*OF_A_VISIT, *MERGES):
        return Ignored(f"event {kind}")
    reader = _Reader(message, settings, heard, tolerance)
    sent = reader.moment("MSH-7")
    recorded = reader.moment("EVN-2") or sent
    if recorded is None:
        raise MessageRefused(REQUIRED, "EVN-2", "is empty, and so is MSH-7")
    control_id = reader.required("MSH-10")
    event = Event("", control_id, kind, recorded, sent or recorded, heard)
    if kind in MERGES:
        return _keyed(message, replace(event, merges=reader.merges()))
    patient_class = reader.patient_class(required=kind == ADMIT)
    if patient_class is None:
        return Ignored("a patient class that lies on no ward")
    where = settings.fields
    event = replace(
        event,
        spell_key=reader.required(where.spell_key),
        patient_key=reader.patient_key() if kind == ADMIT else "",
        occurred=reader.occurred(kind),
        ward=reader.required(where.ward) if kind in (ADMIT, TRANSFER) else message.value(where.ward),
        bed=message.value(where.bed) if where.bed else "",
        patient_class=patient_class,
    )
    if kind == CANCEL_TRANSFER and not event.ward and event.occurred is None:
        raise MessageRefused(REQUIRED, where.ward, "is empty, and EVN-6 too: neither says what is cancelled")
    return _keyed(message, reader.with_person(event))


def _kind(message: Message, settings: Adt) -> str:
    if message.value("MSH-9.1") != "ADT":
        raise MessageRefused(MESSAGE_TYPE, "MSH-9.1", "is not ADT")
    kind = message.value("MSH-9.2") or message.value("EVN-1")
    if not _ADT_EVENT.fullmatch(kind):
        raise MessageRefused(EVENT_CODE, "MSH-9.2", "is no event of ADT")
    if not _VERSION.fullmatch(message.value("MSH-12")):
        raise MessageRefused(VERSION, "MSH-12", "is no version 2.x")
    if message.value("MSH-11") not in settings.processing_ids:
        raise MessageRefused(PROCESSING_ID, "MSH-11", f"is none of {', '.join(settings.processing_ids)}")
    return kind


def _keyed(message: Message, event: Event) -> Event:
    """With a key of what was said, so that a control number that a sender uses twice hides nothing."""
    said = {name: value for name, value in event.plain().items() if name not in ("sent", "heard")}
    sender = (message.value("MSH-3"), message.value("MSH-4"))
    return replace(event, key=hashlib.sha256(repr((sender, sorted(said.items()))).encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class _Reader:
    message: Message
    settings: Adt
    heard: datetime
    tolerance: timedelta

    def required(self, path: str) -> str:
        value = self.message.value(path)
        if not value:
            raise MessageRefused(REQUIRED, path, "is empty")
        return value

    def moment(self, path: str) -> datetime | None:
        found = moment_of(self.message.value(path), path, self.settings.zone, self.heard)
        if found and found > self.heard + self.tolerance:
            raise MessageRefused(DATA_TYPE, path, "lies in the future")
        return found

    def occurred(self, kind: str) -> datetime | None:
        given = self.moment("PV1-45") if kind == DISCHARGE else None
        return given or self.moment("EVN-6") or (self.moment("PV1-44") if kind == ADMIT else None)

    def patient_class(self, *, required: bool) -> str | None:
        """Ours; empty where the message names none; None of a class that lies on no ward."""
        path = self.settings.fields.patient_class
        given = self.required(path) if required else self.message.value(path)
        if given in self.settings.other_classes:
            return None
        if given and given not in self.settings.classes:
            raise MessageRefused(TABLE_VALUE, path, "is none of the classes that the configuration knows")
        return self.settings.classes.get(given, "")

    def patient_key(self) -> str:
        path = self.settings.fields.patient_key
        segment = self.message.first(path[:3])
        found = self._identifier(path) if segment else ""
        if not found:
            raise MessageRefused(REQUIRED, path, "holds no such key")
        return found

    def _identifier(self, path: str, number: int = 0) -> str:
        """The identifier of the wanted type in the ``number``-th segment of that name."""
        wanted, field = self.settings.fields.patient_key_type, path.partition(".")[0]
        segments = [one for one in self.message.segments if one.name == path[:3]]
        for repetition in self.message.repetitions(segments[number], path):
            if not wanted or self.message.component(repetition, f"{field}.5") == wanted:
                return self.message.component(repetition, path)
        return ""

    def merges(self) -> tuple[tuple[str, str], ...]:
        """Each MRG segment with the PID segment before it."""
        surviving_at, prior_at = self.settings.fields.patient_key, self.settings.fields.prior_patient_key
        found: list[tuple[str, str]] = []
        surviving, patients = "", 0
        for segment in self.message.segments:
            if segment.name == surviving_at[:3]:
                surviving = self._identifier(surviving_at, patients)
                patients += 1
            elif segment.name == prior_at[:3]:
                prior = self._identifier(prior_at, len(found))
                for path, key in ((surviving_at, surviving), (prior_at, prior)):
                    if not key:
                        raise MessageRefused(REQUIRED, path, "holds no such key")
                if prior == surviving:
                    raise MessageRefused(TABLE_VALUE, prior_at, "is the surviving key too")
                found.append((prior, surviving))
        if not found:
            raise MessageRefused(REQUIRED, prior_at, "is empty")
        return tuple(found)

    def with_person(self, event: Event) -> Event:
        """With admission, age and sex, where they matter; what cannot be read of them is left out."""
        if event.kind not in (ADMIT, UPDATE):
            return event
        admitted, born = self.moment("PV1-44"), day_of(self.message.value("PID-7"))
        start = admitted or (event.began if event.kind == ADMIT else None)
        years = days = None
        if born and start:
            on = start.astimezone(ZoneInfo(self.settings.zone)).date()
            years = completed_years(born, on)
            days = (on - born).days if years == 0 else None
        known = years is not None and 0 <= years <= OLDEST
        sex = SEXES.get(self.message.value("PID-8"))
        return replace(event, admitted=admitted, age=years if known else None, age_days=days, sex=sex)
