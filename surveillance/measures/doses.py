"""The state of every scheduled dose: given, late, missed, or not given for a reason; one row a dose.

A dose is an order with a due time. It is missed only when its window has passed and there is no record, no reason,
or the medicine was not available (after NPSA/2010/RRR009, 2010; windows by class).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import instants, micro
from surveillance.measures.declaration import NotConnected
from surveillance.measures.hospital import HOUR, MINUTE, Array, Hospital, at_rows, blank, not_ended, truth
from surveillance.measures.picking import last_of_each, places_in

SCHEDULED_KINDS = ("regular", "stat")
NEVER_DUE = ("draft", "cancelled", "void")
RECORDS = ("not given", "self", "given")
"""Words that are a record; of records made at one moment the later word stands."""

NO_RECORD, NO_REASON, UNAVAILABLE, OTHER_REASON, SELF, GIVEN = range(6)
"""States of a dose; up to ``WORST_MISSED`` it is missed once its window has passed."""
WORST_MISSED = UNAVAILABLE
WORDS = ("no record", "no reason", "not available", "other reason", "self-administered", "given")
STATE_WORDS = np.array(WORDS, dtype=object)
AHEAD_H = 24
"""Doses are worked out this far ahead of now, for what falls due next."""


@dataclass(frozen=True)
class Doses:
    """Every scheduled dose of an order that was active at its due time, one element a dose; times in microseconds.

    ``order``: row of the order feed. ``spell``: row of ``hospital.spells`` (-1: unknown). ``event``: the row of the
    dose feed whose record stands, -1 without one. ``given``: when it was given, NaN if it was not.
    """

    order: Array
    spell: Array
    due: Array
    event: Array
    given: Array
    state: Array
    window_end: Array
    critical: Array

    def take(self, rows: Array) -> Doses:
        """Some of them."""
        return Doses(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def scheduled_doses(hospital: Hospital) -> Doses:
    """All doses in the feed up to a day ahead, with what is known of each now; computed once."""
    found: Doses = hospital.once("doses", lambda: _scheduled(hospital))
    return found


def _scheduled(hospital: Hospital) -> Doses:
    events, orders = hospital.feed("dose_event"), hospital.feed("order")
    due = hospital.times("dose_event", "due_ts")
    order = order_codes(hospital)
    schedulable = (orders["kind"].isin(SCHEDULED_KINDS) & ~orders["status"].isin(NEVER_DUE)).to_numpy()
    rows = np.flatnonzero((order >= 0) & (due <= hospital.now + AHEAD_H * HOUR))
    rows = rows[schedulable[order[rows]]]
    rows = rows[_active_at(hospital, order[rows], due[rows])]
    moment, moments = pd.factorize(due[rows])
    pair, pairs = pd.factorize(order[rows] * (len(moments) + 1) + moment)
    first = np.empty(len(pairs), dtype=int)
    first[pair[::-1]] = np.arange(len(rows))[::-1]
    known = known_records(hospital)[rows]
    made = last_of_each(len(pairs), pair[known], _ranks(hospital)[rows[known]], entered(hospital)[rows[known]])
    event = at_rows(rows[known], made, -1)
    order, due = order[rows[first]], due[rows[first]]
    given = np.where(event >= 0, _given_at(hospital)[event], np.nan)
    spell = hospital.spell_codes("order")[order]
    window_min, critical = _classes(hospital)
    window_end = due + window_min[order] * MINUTE
    return Doses(order, spell, due, event, given, _states(hospital, events, event), window_end, critical[order])


def order_codes(hospital: Hospital) -> Array:
    """The row of the order feed that each dose belongs to, -1 where there is none."""

    def find() -> Array:
        keys = pd.Index(hospital.feed("order")["order_key"].to_numpy(dtype=object))
        return places_in(keys, hospital.feed("dose_event")["order_key"])

    codes: Array = hospital.once("dose→order", find)
    return codes


def _active_at(hospital: Hospital, order: Array, due: Array) -> Array:
    """Whether each order asked for a dose at ``due``: started, not stopped, not suspended by then."""
    status = hospital.feed("order")["status"]
    stopped, suspended = (status == "stopped").to_numpy()[order], (status == "suspended").to_numpy()[order]
    start, stop = hospital.times("order", "start_ts")[order], hospital.times("order", "stop_ts")[order]
    active = (start <= due) & not_ended(stop, due) & ~(stopped & np.isnan(stop))
    result: Array = active & (~suspended | (due < hospital.times("order", "last_modified_ts")[order]))
    return result


def _given_at(hospital: Hospital) -> Array:
    return hospital.times("dose_event", "given_ts")


def entered(hospital: Hospital) -> Array:
    """When each record was made; else when the dose was given, else when it was due."""

    def find() -> Array:
        recorded, given = hospital.times("dose_event", "recorded_ts"), _given_at(hospital)
        at = np.where(np.isnan(given), hospital.times("dose_event", "due_ts"), given)
        return np.where(np.isnan(recorded), at, recorded)

    found: Array = hospital.once("dose entered", find)
    return found


def known_records(hospital: Hospital) -> Array:
    """Which rows of the dose feed are records that were made by now and not struck out."""
    struck_out = truth(hospital.feed("dose_event")["voided"])
    known: Array = (_ranks(hospital) >= 0) & ~struck_out & (entered(hospital) <= hospital.now)
    return known


def given_orders(hospital: Hospital) -> Array:
    """Which rows of the order feed have a dose that is known to have been given by now."""
    given = known_records(hospital) & (_ranks(hospital) == RECORDS.index("given"))
    given &= ~(_given_at(hospital) > hospital.now)
    orders = np.zeros(len(hospital.feed("order")) + 1, dtype=bool)  # the last is for doses without an order
    orders[order_codes(hospital)[given]] = True
    return orders[:-1]


def _ranks(hospital: Hospital) -> Array:
    """For each row of the dose feed the place of its status in ``RECORDS``, -1 where it is no record."""

    def find() -> Array:
        codes, words = pd.factorize(hospital.feed("dose_event")["status"].to_numpy(dtype=object))
        places = [RECORDS.index(word) if word in RECORDS else -1 for word in words]
        ranks: Array = np.array([*places, -1])[codes]
        return ranks

    found: Array = hospital.once("dose ranks", find)
    return found


def _states(hospital: Hospital, events: pd.DataFrame, event: Array) -> Array:
    """What is known of each dose from the record that stands."""
    state = np.full(len(event), NO_RECORD)
    rank = np.where(event >= 0, _ranks(hospital)[event], -1)
    state[rank == RECORDS.index("given")] = GIVEN
    state[rank == RECORDS.index("self")] = SELF
    recorded = np.flatnonzero(rank == RECORDS.index("not given"))
    reasons = events.take(event[recorded])
    code, text = reasons["reason_code"], reasons["reason_text"]
    without_text = blank(text)
    no_reason = (blank(code) & without_text) | ((code == "other") & without_text) | (code == "NO_REASON")
    state[recorded] = OTHER_REASON
    state[recorded[(code == "UNAVAILABLE").to_numpy()]] = UNAVAILABLE
    state[recorded[(code == "SELF_ADMINISTERED").to_numpy()]] = SELF
    state[recorded[no_reason.to_numpy()]] = NO_REASON
    return state


def _classes(hospital: Hospital) -> tuple[Array, Array]:
    """For each order its window in minutes and whether its class is critical."""
    site = hospital.site
    codes = hospital.feed("order")["drug_code"]
    names = codes.map(lambda code: site.drug_class.get(code, ""))  # a site may have no classes at all
    windows = {name: site.window_min(name) for name in {*site.drug_class.values(), ""}}
    critical = names.isin(site.critical_classes or ())
    return names.map(windows).to_numpy(dtype=float), critical.to_numpy()


def todays_doses(hospital: Hospital) -> tuple[Doses, Array]:
    """Doses due since 00:00 local whose window has passed, of patients who lie now where they lay at the due time.

    With the row of ``hospital.on_ward`` of each.
    """

    def find() -> tuple[Doses, Array]:
        doses = scheduled_doses(hospital)
        since = micro(hospital.today)
        doses = doses.take(np.flatnonzero((doses.due >= since) & (doses.window_end < hospital.now)))
        place = at_rows(hospital.place, doses.spell, -1)
        doses, place = doses.take(np.flatnonzero(place >= 0)), place[place >= 0]
        wards, speaks = hospital.wards_at(hospital.patients[0][doses.spell], doses.due)
        same_ward = wards == hospital.ward_places[place]
        there = np.flatnonzero(same_ward & (speaks == doses.spell))
        unclassed = hospital.feed("order")["drug_code"].take(doses.order[there]).map(dict(hospital.site.drug_class))
        hospital.quality["dose: medicine in no class"] += int(unclassed.isna().sum())
        return doses.take(there), place[there]

    found: tuple[Doses, Array] = hospital.once("today's doses", find)
    return found


def medicine(orders: pd.DataFrame) -> pd.Series[Any]:
    """What each order's medicine is called; its code where the source gives no name."""
    return orders["drug_name"].fillna(orders["drug_code"])


def dose_rows(hospital: Hospital, doses: Doses, place: Array) -> pd.DataFrame:
    """Doses beside their patients: order_key, due_ts, medicine, drug_class, window_end, state, reason_text."""
    orders, events = hospital.feed("order").take(doses.order), hospital.feed("dose_event")
    texts: list[Any] = [None] * len(doses.event)
    if len(events):
        said = events["reason_text"].take(np.maximum(doses.event, 0)).tolist()
        texts = [text if event >= 0 else None for event, text in zip(doses.event, said, strict=True)]
    return hospital.beside(
        place,
        order_key=orders["order_key"],
        due_ts=instants(doses.due),
        medicine=medicine(orders),
        drug_class=orders["drug_code"].map(dict(hospital.site.drug_class)),
        window_end=instants(doses.window_end),
        state=STATE_WORDS[doses.state],
        reason_text=pd.Series(texts, dtype="str"),
    )


def require_critical_list(hospital: Hospital) -> None:
    """Raises NotConnected where the site has configured no list of critical medicines."""
    if hospital.site.critical_classes is None:
        raise NotConnected("no list of critical medicines is configured")
