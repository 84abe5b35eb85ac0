"""The hospital as a measure may see it: accepted rows at one moment, and who lies where.

All rules of "on the ward" stand here once. Every interval is closed at its start and open at its end. Times inside
are microseconds as floats, where NaN is "unknown" and every comparison with it is false.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import london_midnight, micro, micros
from surveillance.measures.declaration import NotConnected
from surveillance.measures.picking import folded, last_of_each, places_in
from surveillance.measures.site import Site

Array = np.ndarray[Any, Any]

HOUR = 3_600e6
MINUTE = 60e6
DAY = 24 * HOUR

ON_WARD_COLUMNS = [
    "patient_key",
    "spell_key",
    "ward_code",
    "bed_code",
    "start_ts",
    "admit_ts",
    "patient_class",
    "age",
    "age_days",
    "pregnant_or_recent",
]
BESIDE_COLUMNS = ["patient_key", "spell_key", "ward_code", "bed_code", "start_ts", "admit_ts"]
"""What stands of a patient beside a counted row."""


def open_at(frame: pd.DataFrame, at: Any, start: str = "start_ts", end: str = "end_ts") -> pd.Series[Any]:
    """Which rows' interval holds the moment ``at`` (one instant, or one a row)."""
    inside: pd.Series[Any] = (frame[start] <= at) & (frame[end].isna() | (frame[end] > at))
    return inside


def not_ended(end: Array, at: Any) -> Array:
    """Which ends (microseconds) are unknown or after ``at``."""
    lasting: Array = np.isnan(end) | (end > at)
    return lasting


def blank(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Which texts are empty; the gate has made white space null."""
    empty: pd.Series[Any] = texts.isna()
    return empty


def looked_up(table: pd.Series[Any], keys: pd.Series[Any]) -> pd.Series[Any]:
    """``table`` (by key) at each of ``keys``, empty where it has none; keeps the table's type even when it is empty."""
    found = table.reindex(keys.to_numpy(dtype=object))
    found.index = keys.index
    return found


def at_rows(values: Array, rows: Array, otherwise: Any) -> Array:
    """``values`` at ``rows``, ``otherwise`` where a row is -1; also where there are no values at all."""
    found: Array = np.full(len(rows), otherwise, dtype=values.dtype)
    known = rows >= 0
    found[known] = values[rows[known]]
    return found


def truth(values: pd.Series[Any]) -> Array:
    """A nullable yes or no as plain yes or no; unknown is no."""
    said: Array = values.fillna(False).to_numpy(dtype=bool)
    return said


class Hospital:
    """Feeds at ``as_at``, with derived tables computed once.

    ``feeds``: name → accepted frame; a feed that is not connected is absent. ``absent``: columns that a source lacks.
    ``concerns``: ward → measures whose control chart shows that they deteriorate there.
    ``quality`` counts what had to be decided without data (fall-backs, unmapped codes, unplaced rows).
    """

    def __init__(
        self,
        as_at: pd.Timestamp,
        feeds: Mapping[str, pd.DataFrame],
        site: Site,
        absent: Mapping[str, frozenset[str]] | None = None,
        since: Mapping[str, pd.Timestamp] | None = None,
        concerns: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.as_at = as_at
        self.site = site
        self.absent = absent or {}
        self.since = since or {}
        self.concerns = concerns or {}
        self.quality: Counter[str] = Counter()
        self._feeds = feeds
        self._derived: dict[Hashable, Any] = {}

    def last_of_spell(self, feed: str, rows: Array, *order: Array) -> Array:
        """For each of ``spells`` the last of these ``rows`` of a feed, by ``order`` (least weight first); -1: none."""
        spell = self.spell_codes(feed)[rows]
        known = spell >= 0
        last = last_of_each(len(self.spells), spell[known], *(key[known] for key in order))
        return at_rows(rows[known], last, -1)

    def once(self, name: Hashable, make: Any) -> Any:
        """What ``make()`` gives, computed on the first call and kept under ``name``."""
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]

    def forget(self) -> None:
        """Drop what was derived: some of it holds this hospital, and all would stay until Python looks for cycles."""
        self._derived.clear()

    def has(self, feed: str) -> bool:
        """Whether the feed is connected."""
        return feed in self._feeds

    def feed(self, name: str) -> pd.DataFrame:
        """The rows of a feed.

        Raises:
            NotConnected: the site has not connected it.
        """
        if name not in self._feeds:
            raise NotConnected(f"no source is connected for {name}")
        return self._feeds[name]

    def times(self, feed: str, column: str) -> Array:
        """A time column of a feed in microseconds."""
        values: Array = self.once(f"{feed}.{column}", lambda: micros(self.feed(feed)[column]))
        return values

    @cached_property
    def now(self) -> float:
        """``as_at`` in microseconds."""
        return micro(self.as_at)

    @cached_property
    def today(self) -> pd.Timestamp:
        """00:00 Europe/London of the local day."""
        return london_midnight(self.as_at)

    @cached_property
    def local_date(self) -> pd.Timestamp:
        """The Europe/London calendar date, without a zone."""
        return self.as_at.tz_convert(self.site.zone).tz_localize(None).normalize()

    def ago(self, hours: float) -> pd.Timestamp:
        """The moment so many elapsed hours before ``as_at``."""
        return self.as_at - pd.Timedelta(hours=hours)

    # -- spells and stays

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Spells that may count: no test patients, none merged away; ``admit_ts`` filled from the first stay."""
        spells = self.feed("spell")
        spells = spells[~truth(spells["is_test"]) & spells["merged_into"].isna().to_numpy()]
        missing = spells["admit_ts"].isna()
        if missing.any():
            first = self.feed("ward_stay").groupby("spell_key")["start_ts"].min()
            spells = spells.assign(admit_ts=spells["admit_ts"].fillna(looked_up(first, spells["spell_key"])))
            self.quality["spell: admission time taken from the first ward stay"] += int(missing.sum())
        return spells.reset_index(drop=True)

    @cached_property
    def spell_index(self) -> pd.Index[Any]:
        """The spell keys of ``spells``, to look rows up by."""
        keys: pd.Index[Any] = pd.Index(self.spells["spell_key"].to_numpy(dtype=object))
        return keys

    def spell_codes(self, feed: str) -> Array:
        """The row of ``spells`` that each row of a feed belongs to; -1 where there is none."""
        codes: Array = self.once(f"{feed}→spell", lambda: self.codes_of(self.feed(feed)["spell_key"]))
        return codes

    def codes_of(self, keys: pd.Series[Any]) -> Array:
        """The row of ``spells`` of each spell key; -1 where there is none."""
        return places_in(self.spell_index, keys)

    def belonging(self, feed: str, spells: pd.Series[int]) -> Array:
        """Which rows of a feed belong to one of these rows of ``spells``."""
        chosen = np.zeros(len(self.spells) + 1, dtype=bool)  # the last is for rows without a spell
        chosen[spells.to_numpy()] = True
        belongs: Array = chosen[self.spell_codes(feed)]
        return belongs

    @cached_property
    def admitted(self) -> Array:
        """Start of each of ``spells`` in microseconds."""
        return micros(self.spells["admit_ts"])

    @cached_property
    def patient_classes(self) -> Array:
        """Class of each of ``spells``; an empty one is an inpatient."""
        classes: Array = self.spells["patient_class"].fillna("inpatient").to_numpy(dtype=object)
        return classes

    @cached_property
    def ages(self) -> Array:
        """Completed years at admission of each of ``spells``, NaN where unknown."""
        return self.spells["age"].to_numpy(dtype=float)

    @cached_property
    def patients(self) -> tuple[Array, pd.Index[Any]]:
        """For each of ``spells`` a number for its patient, and the patient keys by that number."""
        codes, keys = pd.factorize(self.spells["patient_key"].to_numpy(dtype=object))
        return codes, pd.Index(keys)

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Ward stays of ``spells``, ordered so that of several open ones the last speaks for the patient.

        ``spell``: the row of ``spells``; ``patient``: the patient's number.
        """
        stays = self.feed("ward_stay")
        spell = self.spell_codes("ward_stay")
        ours = spell >= 0
        known = stays.loc[~ours, "spell_key"].isin(self.feed("spell")["spell_key"])
        self.quality["ward stay: its spell is unknown"] += int((~known).sum())
        stays = stays[ours].assign(spell=spell[ours], patient=self.patients[0][spell[ours]])
        return stays.sort_values(["start_ts", "spell_key", "ward_code"], kind="stable").reset_index(drop=True)

    def _occupies(self, stays: pd.DataFrame) -> Array:
        """Day cases and regular attenders lie on a ward only while they occupy a bed (or as the site chose)."""
        inpatient: Array = ~np.isin(self.patient_classes[stays["spell"]], ["day case", "regular"])
        match self.site.settings.options.day_cases_on_ward:
            case "always":
                return np.ones(len(stays), dtype=bool)
            case "never":
                return inpatient
        return inpatient | stays["bed_code"].notna().to_numpy()

    @cached_property
    def _stay(self) -> dict[str, Array]:
        stays = self.stays
        columns = ("start_ts", "end_ts", "on_leave_from", "on_leave_to")
        arrays: dict[str, Array] = {column: micros(stays[column]) for column in columns}
        arrays |= {name: stays[name].to_numpy() for name in ("spell", "patient")}
        arrays["ward"] = pd.Index(list(self.site.wards)).get_indexer(
            pd.Index(stays["ward_code"].to_numpy(dtype=object))
        )
        discharged = micros(self.spells["discharge_ts"])[arrays["spell"]]
        arrays["occupies"] = self._occupies(stays)
        arrays["until"] = np.fmin(arrays["end_ts"], discharged)
        return arrays

    def _present(self, stay: Array, at: Any) -> Array:
        """Whether the chosen stays keep their patients on the ward: not on leave, and in a bed where one is needed."""
        away = (self._stay["on_leave_from"][stay] <= at) & not_ended(self._stay["on_leave_to"][stay], at)
        here: Array = ~away & self._stay["occupies"][stay]
        return here

    @property
    def stay_places(self) -> Array:
        """For each of ``stays`` the place of its ward in the site's list, -1 where the unit is no listed ward."""
        places: Array = self._stay["ward"]
        return places

    def lying(self, at: float) -> Array:
        """The rows of ``stays`` of the patients who lie somewhere at ``at`` (microseconds), one each."""
        stay = self._stay
        there = np.flatnonzero((stay["start_ts"] <= at) & not_ended(stay["until"], at))
        last = np.full(len(self.patients[1]), -1)
        last[stay["patient"][there]] = there  # in the order of ``stays``: the last one stands
        last = np.sort(last[last >= 0])
        return last[self._present(last, at)]

    def wards_at(self, patient: Array, ts: Array) -> tuple[Array, Array]:
        """Where each patient (by number, -1: nobody) lay at ``ts``: places in the list of wards, rows of ``spells``.

        -1 where the patient lay nowhere, or in a unit that is no listed ward.
        """
        found = self._stays_at(patient, ts)
        somewhere = found >= 0
        somewhere[somewhere] = self._present(found[somewhere], ts[somewhere])
        wards, spells = np.full(len(found), -1), np.full(len(found), -1)
        wards[somewhere] = self._stay["ward"][found[somewhere]]
        spells[somewhere] = self._stay["spell"][found[somewhere]]
        return wards, spells

    def ward_codes(self, places: Array) -> Array:
        """The codes of the wards at these places of the site's list, None at -1."""
        codes: Array = np.array([*self.site.wards, None], dtype=object)[places]
        return codes

    def chosen_wards(self, wards: Iterable[str]) -> Array:
        """For each place of the site's list whether it is one of these wards; the last element, for -1, is no."""
        chosen: Array = np.append(np.isin(list(self.site.wards), list(wards)), False)
        return chosen

    def _stays_at(self, patient: Array, ts: Array) -> Array:
        """The stay that speaks for each patient at ``ts``, -1 where none is open."""
        by_patient, keys, starts = self._stay_order
        asked = (patient >= 0) & ~np.isnan(ts)
        found = np.full(len(patient), -1)
        if not len(keys) or not asked.any():
            return found
        rank = np.searchsorted(starts, ts[asked], side="right")
        place = np.searchsorted(keys, patient[asked] * (len(starts) + 1) + rank, side="right") - 1
        rows, who, when = np.flatnonzero(asked), patient[asked], ts[asked]
        while len(rows):  # step back over stays that had ended; a patient has few
            stay = by_patient[place]
            same = (place >= 0) & (self._stay["patient"][stay] == who)
            rows, who, when, place, stay = rows[same], who[same], when[same], place[same], stay[same]
            lasting = not_ended(self._stay["until"][stay], when)
            found[rows[lasting]] = stay[lasting]
            rows, who, when, place = rows[~lasting], who[~lasting], when[~lasting], place[~lasting] - 1
        return found

    @cached_property
    def _stay_order(self) -> tuple[Array, Array, Array]:
        """Stays by patient and start, the key of each in that order, and the distinct starts that keys count."""
        by_patient = np.argsort(self._stay["patient"], kind="stable")
        starts, rank = np.unique(self._stay["start_ts"], return_inverse=True)
        keys = self._stay["patient"] * (len(starts) + 1) + rank + 1
        return by_patient, keys[by_patient], starts

    # -- on the ward now

    @cached_property
    def in_units(self) -> pd.DataFrame:
        """One row for each patient who lies in a unit now, ward or not: ``ON_WARD_COLUMNS`` and ``spell``."""
        present = self.stays.take(self.lying(self.now))
        stay = self._stay
        there = (stay["start_ts"] <= self.now) & not_ended(stay["until"], self.now)
        wards = pd.Series(stay["ward"][there]).groupby(stay["patient"][there]).nunique()
        self.quality["patient: open stays on several wards"] += int((wards > 1).sum())
        own = [name for name in ON_WARD_COLUMNS if name not in ("spell_key", "ward_code", "bed_code", "start_ts")]
        of_spell = self.spells[own].take(present["spell"].to_numpy())
        kept = {name: present[name].array for name in ("spell_key", "ward_code", "bed_code", "start_ts", "spell")}
        return pd.DataFrame({**{name: of_spell[name].array for name in own}, **kept})

    @cached_property
    def on_ward(self) -> pd.DataFrame:
        """One row for each patient on a listed ward now: ``ON_WARD_COLUMNS`` and ``spell``, the row of ``spells``."""
        listed = self.in_units["ward_code"].isin(self.site.wards)
        self.quality["patient: in a unit that is no listed ward"] += int((~listed).sum())
        present = self.in_units[listed]
        self.quality["patient: age unknown"] += int(present["age"].isna().sum())
        return present.sort_values(["ward_code", "bed_code", "spell_key"]).reset_index(drop=True)

    @cached_property
    def ward_places(self) -> Array:
        """For each of ``on_ward`` the place of its ward in the site's list."""
        wards = pd.Index(list(self.site.wards))
        places: Array = wards.get_indexer(pd.Index(self.on_ward["ward_code"].to_numpy(dtype=object)))
        return places

    def per_ward(self, rows: Array) -> dict[str, int]:
        """How many of these rows of ``on_ward`` lie on each ward."""
        number = np.bincount(self.ward_places[rows], minlength=len(self.site.wards)).tolist()
        return dict(zip(self.site.wards, number, strict=True))

    def on_wards(self, wards: Iterable[str]) -> Array:
        """Which rows of ``on_ward`` lie on one of these wards."""
        there: Array = self.chosen_wards(wards)[self.ward_places]
        return there

    @cached_property
    def place(self) -> Array:
        """For each of ``spells`` its row in ``on_ward``, -1 where it does not lie on a ward now."""
        place = np.full(len(self.spells), -1)
        place[self.on_ward["spell"].to_numpy()] = np.arange(len(self.on_ward))
        return place

    def beside(self, rows: Array, **columns: Any) -> pd.DataFrame:
        """These rows of ``on_ward`` (``BESIDE_COLUMNS``) with further ``columns`` beside them."""
        kept = {name: self.on_ward[name].array.take(rows) for name in BESIDE_COLUMNS if name not in columns}
        return pd.DataFrame({**kept, **{name: getattr(cells, "array", cells) for name, cells in columns.items()}})

    def on_ward_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of ``frame`` whose spell lies on a ward now, with the patient's ``BESIDE_COLUMNS``."""
        spell = self.codes_of(frame["spell_key"])
        rows = at_rows(self.place, spell, -1)
        kept = frame[rows >= 0]
        return self.beside(rows[rows >= 0], **{str(name): cells for name, cells in kept.items()})

    def patients_per_ward(self, patients: pd.DataFrame | None = None) -> Mapping[str, int]:
        """How many of ``patients`` (default: all) lie on each ward."""
        if patients is None:
            everybody: dict[str, int] = self.once("patients", lambda: self.per_ward(np.arange(len(self.on_ward))))
            return everybody
        return Counter(patients["ward_code"].to_numpy(dtype=object).tolist())

    # -- flags

    def flagged(self, *types: str) -> pd.DataFrame:
        """Flags of these types that are open now; none where no flag feed is connected."""
        if not self.has("flag"):
            none = {"spell_key": "str", "type": "str", "start_ts": "datetime64[us, UTC]"}
            return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in none.items()})
        flags = self.once("open flags", lambda: self.feed("flag")[self.flags_said_open & self._flag_open(self.now)])
        chosen: pd.DataFrame = flags[flags["type"].isin(types)]
        return chosen

    def flagged_at(self, flag: str, at: Array) -> Array:
        """For each of ``spells`` the latest start of a flag of this type that is open at its ``at``, else NaN."""
        start = np.full(len(self.spells), np.nan)
        if not self.has("flag"):
            return start
        spell = self.spell_codes("flag")
        chosen = self.flags_said_open & (self.feed("flag")["type"] == flag).to_numpy() & (spell >= 0)
        rows = np.flatnonzero(chosen & self._flag_open(at_rows(at, spell, np.nan)))
        rows = rows[np.argsort(self.times("flag", "start_ts")[rows], kind="stable")]
        start[spell[rows]] = self.times("flag", "start_ts")[rows]
        return start

    def _flag_open(self, at: Any) -> Array:
        inside: Array = (self.times("flag", "start_ts") <= at) & not_ended(self.times("flag", "end_ts"), at)
        return inside

    @cached_property
    def flags_said_open(self) -> Array:
        """Which flags are said to be open: status open, active or empty."""
        status = self.feed("flag")["status"]
        said: Array = (blank(status) | folded(status).isin(["open", "active"])).to_numpy()
        return said
