"""The census as the newest poll and the messages after it have it, and where the next poll says otherwise.

Messages are put over what was polled only while that is there and current; the age of the result stays the poll's. An
event is settled when a poll is so much newer than it that the source must have told of it: then only the poll counts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from surveillance.adt.event import Event
from surveillance.adt.fold import Folded, with_adt
from surveillance.adt.heard import Disagreement, Tally
from surveillance.feeds.data import FeedData, FeedState
from surveillance.settings import Settings

log = logging.getLogger(__name__)

FEEDS = ("spell", "ward_stay")
Places = dict[str, str]
"""Spell → the listed ward where the patient lies."""


class Census:
    """May be used by several threads.

    ``words``: a point of care in the sender's words → ward. ``forget``: called with the keys of events that are
    settled, in the thread that composes; it must return at once.
    """

    def __init__(
        self,
        settings: Settings,
        words: Mapping[str, str],
        tally: Tally,
        forget: Callable[[frozenset[str]], None] = lambda _: None,
    ) -> None:
        assert settings.adt is not None, "there is a table [adt]"
        self._overlap = timedelta(seconds=settings.adt.overlap_s)
        self._keep = timedelta(hours=settings.adt.keep_h)
        self._plausibility = settings.plausibility
        self._listed = frozenset(ward.code for ward in settings.wards)
        self._words = words
        self._tally = tally
        self._forget = forget
        self._lock = threading.Lock()
        self._events: dict[str, Event] = {}
        self._polled: tuple[FeedData, FeedData] | None = None
        self._folded: tuple[frozenset[str], Folded] | None = None
        self._elsewhere: frozenset[str] = frozenset()
        self._unexplained: dict[str, tuple[datetime, str | None, str | None]] = {}

    def add(self, events: Iterable[Event]) -> None:
        """Events that are stored."""
        with self._lock:
            for event in events:
                self._events[event.key] = event
                self._unexplained.pop(event.spell_key, None)
                if self._polled and event.known_at <= self._settled_until(self._polled):
                    self._tally.add("late")
            self._tally.put("waiting", len(self._events))

    def amended(self, feeds: Mapping[str, FeedData], now: datetime) -> dict[str, FeedData]:
        """``feeds`` with the messages put over the census. ``now``: the hospital's time."""
        spell, stay = (feeds.get(name) for name in FEEDS)
        with self._lock:
            self._drop({key for key, event in self._events.items() if event.heard < now - self._keep})
            if spell is None or stay is None or not (_is_there(spell) and _is_there(stay)):
                return dict(feeds)
            polled = (spell, stay)
            if self._polled is None or any(
                one.frame is not it.frame for one, it in zip(self._polled, polled, strict=True)
            ):
                self._reconcile(polled)
            folded = self._fold(polled)
            self._tally.add("elsewhere", len(folded.elsewhere - self._elsewhere))
            self._elsewhere = folded.elsewhere
            if words := self._implausible(polled, folded, now):
                if self._tally.held_back(words):
                    log.error("ADT messages are not applied: %s", words)
                return dict(feeds)
            if self._tally.held_back(""):
                log.warning("ADT messages are applied again")
        amended = {"spell": replace(spell, frame=folded.spells), "ward_stay": replace(stay, frame=folded.stays)}
        return {**feeds, **amended}

    def _settled_until(self, polled: tuple[FeedData, FeedData]) -> datetime:
        return _true_at(polled) - self._overlap

    def _open(self, until: datetime) -> dict[str, Event]:
        """The events that no poll has settled; of a visit all, if one is open: they belong together."""
        late = {event.spell_key for event in self._events.values() if event.known_at > until}
        return {
            key: event
            for key, event in self._events.items()
            if event.known_at > until or (event.spell_key and event.spell_key in late)
        }

    def _fold(self, polled: tuple[FeedData, FeedData]) -> Folded:
        events = self._open(self._settled_until(polled))
        if self._folded is None or self._folded[0] != events.keys():
            spells, stays = _frames(polled)
            done = with_adt(spells, stays, _true_at(polled), events.values(), self._words, self._listed)
            self._folded = frozenset(events), done
        return self._folded[1]

    def _reconcile(self, polled: tuple[FeedData, FeedData]) -> None:
        """A poll came: compare it with what was believed before, and forget what it has settled."""
        at, until = _true_at(polled), self._settled_until(polled)
        open_events = self._open(until)
        if self._polled is not None:
            self._tally.disagreed(self._compared(self._polled, polled, {one.spell_key for one in open_events.values()}))
        self._polled, self._folded = polled, None
        self._drop(self._events.keys() - open_events.keys())
        log.debug("ADT: a poll of %s settled all but %d messages", at, len(open_events))

    def _compared(
        self, before: tuple[FeedData, FeedData], polled: tuple[FeedData, FeedData], still_open: set[str]
    ) -> Disagreement:
        """Where the messages were wrong. What the poll alone knows is held against them once no message can come."""
        at, until = _true_at(polled), self._settled_until(polled)
        folded = self._fold(before)
        self._tally.add("unknown", len(folded.unknown - still_open - set(_frames(polled)[0]["spell_key"])))
        expected = places(folded.spells, folded.stays, at, self._listed)
        old, new = (places(*_frames(one), at, self._listed) for one in (before, polled))
        wrong: list[tuple[str | None, str | None]] = []
        for visit, (since, said, is_on) in tuple(self._unexplained.items()):
            if since <= until:
                wrong.append((said, is_on))
                del self._unexplained[visit]
        for visit in expected.keys() | new.keys():
            said, is_on = expected.get(visit), new.get(visit)
            if said == is_on or visit in still_open:
                continue
            if is_on != old.get(visit):  # it has just changed in the source: a message may be on its way
                self._unexplained.setdefault(visit, (at, said, is_on))
            else:
                wrong.append((said, is_on))
        return Disagreement(
            at,
            sum(is_on is None for _, is_on in wrong),
            sum(said is None for said, _ in wrong),
            sum(said is not None and is_on is not None for said, is_on in wrong),
        )

    def _implausible(self, polled: tuple[FeedData, FeedData], folded: Folded, now: datetime) -> str:
        """Words if messages would empty the wards, or fill them, beyond belief; empty if not."""
        rule = self._plausibility
        before, amended = (
            _patients(*frames, now, self._listed) for frames in (_frames(polled), (folded.spells, folded.stays))
        )
        if before < rule.minimum_rows or rule.share * before <= amended <= rule.growth * before:
            return ""
        return f"with them {amended} patients would lie on the wards, {before} by the last poll"

    def _drop(self, keys: Iterable[str]) -> None:
        gone = frozenset(keys)
        if gone:
            for key in gone:
                del self._events[key]
            self._tally.put("waiting", len(self._events))
            self._forget(gone)


def places(spells: pd.DataFrame, stays: pd.DataFrame, at: datetime, listed: Iterable[str]) -> Places:
    """Where each patient lies at ``at``, if on a listed ward: the last of several open stays speaks."""
    moment = pd.Timestamp(at)
    is_test = spells["is_test"].fillna(False).astype(bool)
    lasting = ~is_test & spells["merged_into"].isna() & ~(spells["discharge_ts"] <= moment)
    there = (stays["start_ts"] <= moment) & ~(stays["end_ts"] <= moment)
    there &= stays["spell_key"].isin(spells.loc[lasting, "spell_key"])
    lying = stays[there].sort_values(["start_ts", "ward_code"], kind="stable")
    last = dict(zip(lying["spell_key"].tolist(), lying["ward_code"].tolist(), strict=True))
    wards = frozenset(listed)
    return {spell: ward for spell, ward in last.items() if ward in wards}


def _patients(spells: pd.DataFrame, stays: pd.DataFrame, at: datetime, listed: frozenset[str]) -> int:
    lying = places(spells, stays, at, listed)
    patients = spells.loc[spells["spell_key"].isin(lying.keys()), "patient_key"]
    return int(patients.nunique(dropna=False))


def _is_there(feed: FeedData) -> bool:
    return feed.state is FeedState.CURRENT and feed.frame is not None and feed.as_at is not None


def _frames(polled: tuple[FeedData, FeedData]) -> tuple[pd.DataFrame, pd.DataFrame]:
    spells, stays = (one.frame for one in polled)
    assert spells is not None, "only what is there is amended"
    assert stays is not None, "only what is there is amended"
    return spells, stays


def _true_at(polled: tuple[FeedData, FeedData]) -> datetime:
    first, second = (one.as_at for one in polled)
    assert first is not None, "what is there has a time"
    assert second is not None, "what is there has a time"
    return min(first, second)
