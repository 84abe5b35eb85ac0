"""The hospital as a measure may see it: accepted rows at one moment, and who lies where.

All rules of "on the ward" stand here once. Every interval is closed at its start and open at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from surveillance.feeds.moments import london_midnight
from surveillance.measures.declaration import NotConnected
from surveillance.measures.site import Site

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


def open_at(frame: pd.DataFrame, at: Any, start: str = "start_ts", end: str = "end_ts") -> pd.Series[Any]:
    """Which rows' interval holds the moment ``at`` (one instant, or one a row)."""
    inside: pd.Series[Any] = (frame[start] <= at) & (frame[end].isna() | (frame[end] > at))
    return inside


def blank(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Which texts are empty: null or white space."""
    empty: pd.Series[Any] = texts.isna() | (texts.str.strip() == "")
    return empty


class Hospital:
    """Feeds at ``as_at``, with derived tables computed once.

    ``feeds``: name → accepted frame; a feed that is not connected is absent. ``absent``: columns that a source lacks.
    ``quality`` counts what had to be decided without data (fall-backs, unmapped codes, unplaced rows).
    """

    def __init__(
        self,
        as_at: pd.Timestamp,
        feeds: Mapping[str, pd.DataFrame],
        site: Site,
        absent: Mapping[str, frozenset[str]] | None = None,
        since: Mapping[str, pd.Timestamp] | None = None,
    ) -> None:
        self.as_at = as_at
        self.site = site
        self.absent = absent or {}
        self.since = since or {}
        self.quality: Counter[str] = Counter()
        self._feeds = feeds

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

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Spells that may count: no test patients, none merged away; ``admit_ts`` filled from the first stay."""
        spells = self.feed("spell")
        real = ~spells["is_test"].fillna(False).astype(bool) & spells["merged_into"].isna()
        spells = spells[real]
        missing = spells["admit_ts"].isna()
        if missing.any():
            first = self.feed("ward_stay").groupby("spell_key")["start_ts"].min()
            filled = spells["admit_ts"].fillna(spells["spell_key"].map(first))
            spells = spells.assign(admit_ts=filled)
            self.quality["spell: admission time taken from the first ward stay"] += int(missing.sum())
        return spells

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Ward stays with what their spell says, ordered so that of several open ones the last speaks."""
        stays = self.feed("ward_stay")
        unknown = ~stays["spell_key"].isin(self.feed("spell")["spell_key"])
        self.quality["ward stay: its spell is unknown"] += int(unknown.sum())
        columns = ["spell_key", "patient_key", "admit_ts", "discharge_ts", "patient_class", "age", "age_days"]
        known = stays.merge(self.spells[[*columns, "pregnant_or_recent"]], on="spell_key")
        known = known[self._bed_rule(known)]
        return known.sort_values(["start_ts", "spell_key", "ward_code"], kind="stable").reset_index(drop=True)

    def _bed_rule(self, stays: pd.DataFrame) -> pd.Series[Any]:
        """Day cases and regular attenders lie on a ward only while they occupy a bed (or as the site chose)."""
        inpatient = ~stays["patient_class"].isin(["day case", "regular"])
        match self.site.settings.options.day_cases_on_ward:
            case "always":
                return inpatient | True
            case "never":
                return inpatient
        return inpatient | stays["bed_code"].notna()

    def lying(self, at: pd.Timestamp) -> pd.DataFrame:
        """One row for each patient who lies in a unit at ``at``: ``ON_WARD_COLUMNS``; leave is taken off."""
        stays = self.stays
        lies = open_at(stays, at) & (stays["discharge_ts"].isna() | (stays["discharge_ts"] > at))
        present = stays[lies].drop_duplicates("patient_key", keep="last")
        return present.loc[~_on_leave(present, at), ON_WARD_COLUMNS]

    @cached_property
    def in_units(self) -> pd.DataFrame:
        """Who lies where now, in units that are wards and in others."""
        present = self.lying(self.as_at)
        stays = self.stays
        lies = open_at(stays, self.as_at) & (stays["discharge_ts"].isna() | (stays["discharge_ts"] > self.as_at))
        wards = stays[lies].groupby("patient_key")["ward_code"].nunique()
        self.quality["patient: open stays on several wards"] += int((wards > 1).sum())
        return present

    @cached_property
    def on_ward(self) -> pd.DataFrame:
        """One row for each patient on a listed ward now: ``ON_WARD_COLUMNS``."""
        listed = self.in_units["ward_code"].isin(self.site.wards)
        self.quality["patient: in a unit that is no listed ward"] += int((~listed).sum())
        present = self.in_units[listed]
        self.quality["patient: age unknown"] += int(present["age"].isna().sum())
        return present.sort_values(["ward_code", "bed_code", "spell_key"]).reset_index(drop=True)

    def on_ward_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of ``frame`` whose spell lies on a ward now, with the patient's ``ON_WARD_COLUMNS``."""
        own = [column for column in ON_WARD_COLUMNS if column not in frame.columns or column == "spell_key"]
        return frame.merge(self.on_ward[own], on="spell_key")

    def patients_per_ward(self, patients: pd.DataFrame | None = None) -> pd.Series[Any]:
        """How many of ``patients`` (default: all) lie on each ward."""
        per_ward: pd.Series[Any] = (self.on_ward if patients is None else patients).groupby("ward_code").size()
        return per_ward

    def wards_at(self, who: pd.DataFrame, by: str = "patient_key") -> pd.DataFrame:
        """Where the patient (or, ``by`` spell_key, the spell's patient) of each row lay at the row's ``ts``.

        Gives ``who``'s index with the columns ward_code and spell_key, empty where the patient lay nowhere.
        """
        moments = who[[by, "ts"]].drop_duplicates()
        moments = moments.dropna()
        if by == "spell_key":
            persons = self.spells[["spell_key", "patient_key"]]
            moments = moments.merge(persons, on="spell_key").rename(columns={"spell_key": "asked"})
        pairs = moments.merge(self.stays, on="patient_key")
        pairs = pairs[open_at(pairs, pairs["ts"])]
        pairs = pairs[pairs["discharge_ts"].isna() | (pairs["discharge_ts"] > pairs["ts"])]
        order = ["start_ts", "spell_key", "ward_code"]
        chosen = pairs.sort_values(order, kind="stable").drop_duplicates(["patient_key", "ts"], keep="last")
        chosen = chosen[~_on_leave(chosen, chosen["ts"])]
        if by == "spell_key":  # another spell may speak for the patient at that moment
            chosen = moments.merge(chosen[["patient_key", "ts", "ward_code", "spell_key"]], on=["patient_key", "ts"])
            chosen = chosen[chosen["asked"] == chosen["spell_key"]]
        found = who[[by, "ts"]].merge(chosen[list({by, "ts", "ward_code", "spell_key"})], on=[by, "ts"], how="left")
        found.index = who.index
        return found[["ward_code", "spell_key"]]

    @cached_property
    def open_flags(self) -> pd.DataFrame:
        """Flags open now: status open, active or empty; started; not ended."""
        flags = self.feed("flag")
        return flags[flag_is_open(flags, self.as_at)]

    def flagged(self, *types: str) -> pd.DataFrame:
        """Open flags of these types; none where no flag feed is connected."""
        if not self.has("flag"):
            return pd.DataFrame({"spell_key": [], "type": [], "start_ts": []}).astype({"spell_key": "str"})
        flags = self.open_flags
        return flags[flags["type"].isin(types)]


def flag_is_open(flags: pd.DataFrame, at: Any) -> pd.Series[Any]:
    """Which flags are open at ``at``."""
    status = flags["status"].str.strip().str.lower()
    return (blank(flags["status"]) | status.isin(["open", "active"])) & open_at(flags, at)


def _on_leave(stays: pd.DataFrame, at: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    away: np.ndarray[Any, np.dtype[np.bool_]] = open_at(stays, at, "on_leave_from", "on_leave_to").to_numpy()
    return away
