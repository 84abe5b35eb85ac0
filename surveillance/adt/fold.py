"""Polled spells and ward stays with messages put over them: the same result in whatever order messages came.

Messages are applied in the order in which their sender recorded them, each at the time at which it happened, to what
the poll said. What the poll knows already changes nothing, so a message may be older than the poll.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from surveillance.adt.event import (
    ADMIT,
    CANCEL_ADMIT,
    CANCEL_DISCHARGE,
    CANCEL_TRANSFER,
    DISCHARGE,
    TRANSFER,
    UPDATE,
    Event,
)

SAME_TIME = timedelta(minutes=2)
"""A source's table and its message may name one moment so differently."""
UNLISTED = "a unit that is no listed ward"
"""Where a message places a patient in a unit that neither the configuration nor the poll knows."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Folded:
    """``spells``, ``stays``: as the feeds ``spell`` and ``ward_stay``. ``unknown``: visits that nothing has begun.

    ``elsewhere``: keys of updates (A08) that name another ward than the one where the patient lies.
    """

    spells: pd.DataFrame
    stays: pd.DataFrame
    unknown: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Stay:
    ward: str
    start: datetime
    end: datetime | None
    bed: str | None
    row: Row
    """The polled row; empty of a stay that a message began."""

    def lasts_at(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or self.end > at)


class _Visit:
    """One visit while messages are applied to it. ``as_at``: when what was polled of it was true."""

    def __init__(self, spell: Row | None, stays: Sequence[_Stay], as_at: datetime) -> None:
        self.spell = spell
        self.stays = sorted(stays, key=_sequence)
        self._as_at = as_at
        self.elsewhere: list[str] = []
        self.begun = spell is not None
        self._cancelled: tuple[Row | None, list[_Stay]] = (None, [])

    def apply(self, event: Event, ward: str) -> None:
        """One event; to be called in the order of recording."""
        if event.kind == ADMIT:
            self._admit(event, ward)
        elif self.spell is None:
            return
        elif event.kind == TRANSFER:
            self._place(event.began, ward, event.bed)
        elif event.kind == DISCHARGE:
            self._discharge(event)
        elif event.kind == CANCEL_ADMIT:
            self._cancel_admit(event)
        elif event.kind == CANCEL_TRANSFER:
            self._cancel_transfer(event, ward)
        elif event.kind == CANCEL_DISCHARGE:
            self._cancel_discharge(event, ward)
        elif event.kind == UPDATE:
            self._update(event, ward)

    def _admit(self, event: Event, ward: str) -> None:
        before, stays = self._cancelled
        admitted = _moment((before or {}).get("admit_ts"))
        if self.spell is None and admitted and abs(admitted - event.began) <= SAME_TIME:
            self.spell, self.stays = before, stays  # the poll knew of this admission when the one before was cancelled
        elif self.spell is None:
            self.spell = {
                "patient_key": event.patient_key,
                "spell_key": event.spell_key,
                "admit_ts": min(event.admitted or event.began, event.began),
                "patient_class": event.patient_class or None,
                "age": event.age,
                "age_days": event.age_days,
                "sex": event.sex,
            }
        self.begun = True
        self._place(event.began, ward, event.bed)

    def _cancel_admit(self, event: Event) -> None:
        """The visit is gone, unless it began after the cancellation was recorded."""
        admitted = _moment((self.spell or {}).get("admit_ts"))
        if self.spell is not None and (admitted is None or admitted <= event.recorded + SAME_TIME):
            self._cancelled = self.spell, self.stays
            self.spell, self.stays = None, []

    def _place(self, at: datetime, ward: str, bed: str) -> None:
        """On ``ward`` from ``at`` until whatever came after, if not there already."""
        admitted = _moment((self.spell or {}).get("admit_ts"))
        if self.stays and admitted and at < admitted - SAME_TIME:
            return  # of an admission that was cancelled since
        covering = next((stay for stay in reversed(self.stays) if stay.lasts_at(at)), None)
        if covering and covering.ward == ward:
            if bed and covering.bed != bed:
                self._replace(covering, replace(covering, bed=bed))
            return
        later = self.stays[self.stays.index(covering) + 1 :] if covering else self.stays
        if any(stay.ward == ward and at <= stay.start <= at + SAME_TIME for stay in later):
            return
        following = next((stay for stay in self.stays if stay.start > at), None)
        if covering is None and following and following.ward == ward:
            return
        end = covering.end if covering else (following.start if following else None)
        if covering:
            self._replace(covering, replace(covering, end=at))
        self.stays.append(_Stay(ward, at, end, bed or None, {}))
        self.stays.sort(key=_sequence)

    def _discharge(self, event: Event) -> None:
        """Gone; a discharge that is known already keeps its time, and whoever moved on later was not discharged."""
        moved_on = any(stay.start > event.recorded + SAME_TIME for stay in self.stays)
        if self.spell is None or _moment(self.spell.get("discharge_ts")) or moved_on:
            return
        at = max(event.began, _moment(self.spell.get("admit_ts")) or event.began)
        self.spell = {**self.spell, "discharge_ts": at}
        self.stays = [replace(stay, end=at) if stay.lasts_at(at) else stay for stay in self.stays]

    def _cancel_discharge(self, event: Event, ward: str) -> None:
        """Here again, unless the discharge came after its cancellation was recorded."""
        discharged = _moment((self.spell or {}).get("discharge_ts"))
        if self.spell is None or discharged is None or discharged > event.recorded + SAME_TIME:
            return
        self.spell = {**self.spell, "discharge_ts": None}
        if self.stays:
            last = self.stays[-1]
            if last.end and abs(last.end - discharged) <= SAME_TIME:
                self._replace(last, replace(last, end=None))
        if ward and event.recorded > self._as_at:  # the poll knows no other place that came after
            self._place(min(event.recorded, event.heard), ward, "")

    def _cancel_transfer(self, event: Event, ward: str) -> None:
        """The move that is meant did not happen: by its time, or the last one if a sender does not name that."""
        when = event.occurred
        if when is None or abs(when - event.recorded) <= SAME_TIME:  # EVN-6 holds the time of the cancellation itself
            before = [stay for stay in self.stays if stay.start <= event.recorded and ward]
        else:
            before = [stay for stay in self.stays if abs(stay.start - when) <= SAME_TIME]
        meant = before[-1] if before else None
        if meant is None or meant.ward == ward:
            return
        place = self.stays.index(meant)
        if place == 0:
            if ward:
                self._replace(meant, replace(meant, ward=ward, bed=event.bed or None))
            return
        origin = self.stays[place - 1]
        self.stays.remove(meant)
        self._replace(origin, replace(origin, end=meant.end))
        if ward and event.recorded > self._as_at:
            self._place(meant.start, ward, event.bed)

    def _update(self, event: Event, ward: str) -> None:
        """Who it is; never where: an update that names another ward is counted, and moves nobody."""
        said = {"age": event.age, "age_days": event.age_days, "sex": event.sex, "patient_class": event.patient_class}
        self.spell = {**(self.spell or {}), **{name: value for name, value in said.items() if value not in (None, "")}}
        lying = next((stay for stay in reversed(self.stays) if stay.lasts_at(event.began)), None)
        if ward and lying and lying.ward != ward:
            self.elsewhere.append(event.key)

    def _replace(self, old: _Stay, new: _Stay) -> None:
        self.stays[self.stays.index(old)] = new


def _sequence(stay: _Stay) -> tuple[datetime, bool, datetime]:
    """In their order: of stays that begin together the one that ends first came first."""
    return stay.start, stay.end is None, stay.end or stay.start


def with_adt(
    spells: pd.DataFrame,
    stays: pd.DataFrame,
    as_at: datetime,
    events: Iterable[Event],
    wards: Mapping[str, str],
    listed: Iterable[str],
) -> Folded:
    """The feeds ``spell`` and ``ward_stay`` as they were polled at ``as_at``, with ``events`` put over them.

    ``wards``: a point of care in the sender's words → ward, where they differ. ``listed``: codes of the site's wards.
    """
    by_visit: dict[str, list[Event]] = {}
    merges: list[Event] = []
    for event in sorted(events, key=lambda one: one.order):
        by_visit.setdefault(event.spell_key, []).append(event) if event.spell_key else merges.append(event)
    known = {*listed, *stays["ward_code"].dropna().unique()}
    unknown, elsewhere = set(), set()
    spell_rows, stay_rows = _rows_of(spells, by_visit), _rows_of(stays, by_visit)
    changed: dict[str, _Visit] = {}
    for key, said in by_visit.items():
        before = [_stay_of(row) for row in stay_rows.get(key, ())]
        visit = _Visit(next(iter(spell_rows.get(key, ())), None), before, as_at)
        was = (visit.spell, list(visit.stays))
        for event in said:
            ward = wards.get(event.ward, event.ward)
            visit.apply(event, ward if ward in known or not ward else UNLISTED)
        if not visit.begun:
            unknown.add(key)
        elsewhere.update(visit.elsewhere)
        if (visit.spell, visit.stays) != was:
            changed[key] = visit
    if changed:
        spells = _with_rows(spells, changed, [one.spell for one in changed.values() if one.spell is not None])
        stays = _with_rows(stays, changed, [_row_of(key, stay) for key, one in changed.items() for stay in one.stays])
    return Folded(_merged(spells, merges), stays, frozenset(unknown), frozenset(elsewhere))


def _merged(spells: pd.DataFrame, merges: Iterable[Event]) -> pd.DataFrame:
    """Every spell of a patient who was merged belongs to the surviving one."""
    keys = spells["patient_key"]
    for event in merges:
        for prior, surviving in event.merges:
            same = keys == prior
            if same.any():
                keys = keys.mask(same, surviving)
    return (
        spells
        if keys is spells["patient_key"] or keys.equals(spells["patient_key"])
        else spells.assign(patient_key=keys)
    )


def _rows_of(frame: pd.DataFrame, visits: Iterable[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    wanted = frame[frame["spell_key"].isin(list(visits))]
    for row in wanted.to_dict("records"):
        found.setdefault(row["spell_key"], []).append({str(name): value for name, value in row.items()})
    return found


def _with_rows(frame: pd.DataFrame, instead_of: Iterable[str], rows: list[Row]) -> pd.DataFrame:
    """``frame`` with ``rows`` in place of everything about these visits."""
    others = frame[~frame["spell_key"].isin(list(instead_of))]
    if not rows:
        return others.reset_index(drop=True)
    new = pd.DataFrame({name: [row.get(name) for row in rows] for name in frame.columns}, dtype=object)
    return pd.concat([others, new.astype(frame.dtypes.to_dict())], ignore_index=True)


def _stay_of(row: Row) -> _Stay:
    start = _moment(row["start_ts"])
    bed = row["bed_code"]
    assert start is not None, "the gate lets no stay pass without its start"
    return _Stay(row["ward_code"], start, _moment(row["end_ts"]), bed if isinstance(bed, str) else None, row)


def _row_of(spell_key: str, stay: _Stay) -> Row:
    own = {"spell_key": spell_key, "ward_code": stay.ward, "bed_code": stay.bed}
    return {**stay.row, **own, "start_ts": stay.start, "end_ts": stay.end}


def _moment(value: Any) -> datetime | None:
    return None if value is None or pd.isna(value) else value
