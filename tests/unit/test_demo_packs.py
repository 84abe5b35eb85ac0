"""The demo's packs give the canonical columns, and a past moment asked later is what was true then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from connectors.base import Bounds, RawRows
from connectors.registry import open_source
from connectors.sql import SqlConnector
from surveillance.demo.hospital import DemoHospital, create
from surveillance.demo.names import BABY
from surveillance.feeds.gate import Accepted, accept
from surveillance.feeds.tables import FEEDS
from surveillance.polling.reader import EVENTS_BACK
from surveillance.settings import load_settings
from surveillance.team.feeds import ROWS

START = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
SOURCE_OF = {
    feed: source
    for source, feeds in {
        "epr": "spell ward_stay ed_attendance assessment care_event obs_set obs_plan flag discharge_plan "
        "restrictive_practice wound patient_identity",
        "prescribing": "order dose_event medrec",
        "laboratory": "lab_result micro_result",
        "rostering": "duty census_staffing",
    }.items()
    for feed in feeds.split()
}
Connectors = dict[str, SqlConnector]


def connect(folder: Path) -> Connectors:
    config = folder / "hospital.toml"
    settings = load_settings(config)
    return {name: open_source(name, source, config) for name, source in settings.sources.items()}


def read(connectors: Connectors, feed: str, as_at: datetime) -> RawRows:
    since = as_at - timedelta(hours=FEEDS[feed].lookback_h)
    return connectors[SOURCE_OF[feed]].read(feed, Bounds(as_at, since, as_at - EVENTS_BACK))


def accepted(connectors: Connectors, feed: str, as_at: datetime) -> Accepted:
    words = connectors[SOURCE_OF[feed]].pack.feeds[feed].mapping
    return accept(FEEDS[feed], read(connectors, feed, as_at), as_at, words)


def in_order(frame: pd.DataFrame) -> list[str]:
    return sorted(str(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("packs")
    create(made, seed=3, start=START, days=2, wards=["AMU", "ELD2", "DAYC", "MATY", "PAED"])
    return made


@pytest.fixture(scope="module")
def now(folder: Path) -> Iterator[Connectors]:
    connectors = connect(folder)
    yield connectors
    for connector in connectors.values():
        connector.close()


@pytest.fixture(scope="module")
def a_day_later(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connectors]:
    later = tmp_path_factory.mktemp("later") / "it"
    shutil.copytree(folder, later)
    for name in ("epr", "prescribing", "laboratory", "rostering"):
        (later / f"{name}.url").write_text(f"sqlite+demo:///{later}/{name}.sqlite", encoding="utf-8")
    DemoHospital.open(later).advance_to(START + timedelta(days=1))
    connectors = connect(later)
    yield connectors
    for connector in connectors.values():
        connector.close()


def test_every_feed_has_a_source() -> None:
    assert set(SOURCE_OF) == set(FEEDS) - set(ROWS), "what teams write is no source's"


@pytest.mark.parametrize("feed", SOURCE_OF)
def test_columns_are_the_canonical_ones_and_hardly_a_row_is_rejected(now: Connectors, feed: str) -> None:
    names = set(read(now, feed, START).frame.columns)
    absent = {"required_rn_hours"} if feed == "census_staffing" else set()
    assert names == set(FEEDS[feed].names) - absent
    found = accepted(now, feed, START)
    assert len(found.frame) > 0
    assert sum(found.rejected.values()) <= max(5, 0.01 * len(found.frame))


@pytest.mark.parametrize("feed", SOURCE_OF)
def test_a_past_moment_asked_later_is_what_was_true_then(now: Connectors, a_day_later: Connectors, feed: str) -> None:
    then, again = read(now, feed, START).frame, read(a_day_later, feed, START).frame
    assert in_order(again) == in_order(then)
    assert in_order(read(a_day_later, feed, START + timedelta(days=1)).frame) != in_order(then)


def test_the_heartbeat_is_the_moment_of_the_last_message(now: Connectors) -> None:
    bounds = Bounds(START, START, START)
    assert {name: connector.data_as_at(bounds) for name, connector in now.items()} == dict.fromkeys(now, START)


def test_keys_join_across_the_systems(now: Connectors) -> None:
    spells = accepted(now, "spell", START).frame
    for feed in ("order", "medrec", "assessment", "obs_set", "ward_stay"):
        known = accepted(now, feed, START).frame["spell_key"].isin(spells["spell_key"])
        assert known.mean() > 0.97, feed
    patients = accepted(now, "lab_result", START).frame["patient_key"].isin(spells["patient_key"])
    assert patients.mean() > 0.9  # blood is taken in the emergency department before anybody is admitted
    orders, doses = accepted(now, "order", START).frame, accepted(now, "dose_event", START).frame
    assert doses["order_key"].isin(orders["order_key"]).mean() > 0.97


def test_every_word_of_the_vendors_is_mapped_but_the_planted_ones(now: Connectors) -> None:
    unknown = set()
    for feed, source in SOURCE_OF.items():
        raw, words = read(now, feed, START).frame, now[source].pack.feeds[feed].mapping
        for column in FEEDS[feed].columns:
            if column.codes and column.name in raw:
                given = {words.get(column.name, {}).get(word, word) for word in raw[column.name].dropna()}
                unknown |= {(feed, word) for word in given - set(column.codes)}
    planted = {"DELIRIUM_4AT", "XFER?", "SOCIAL", "Z9", "CREA-POC"}
    assert {word for _, word in unknown} <= planted
    assert ("flag", "SOCIAL") in unknown


def test_all_kinds_of_patients_lie_there(now: Connectors) -> None:
    spells = accepted(now, "spell", START).frame
    assert set(spells["sex"]) == {"female", "male"}
    assert {"inpatient", "day case"} <= set(spells["patient_class"])
    assert (spells["age_days"] < 28).any()
    assert spells["age"].between(1, 15).any()
    assert (spells["age"] > 90).any()
    assert spells["pregnant_or_recent"].any()


def test_everybody_in_hospital_has_a_name_and_a_birth_date_that_fits_their_age(now: Connectors) -> None:
    spells, people = accepted(now, "spell", START).frame, accepted(now, "patient_identity", START).frame
    lasting = spells[spells["discharge_ts"].isna() & spells["merged_into"].isna()]
    known = lasting.merge(people, on="patient_key", how="left", validate="many_to_one")
    for column in ("family_name", "given_name", "hospital_number"):
        assert known[column].notna().all()
    dated = known[known["birth_date"].notna()]
    assert len(dated) > 0.98 * len(known)
    years = (dated["admit_ts"].dt.tz_localize(None) - dated["birth_date"]).dt.days / 365.25
    assert ((years - dated["age"]) > -0.01).all()
    assert ((years - dated["age"]) < 1.01).all()
    assert (known.loc[known["age_days"] < 3, "given_name"] == BABY).any()


def test_a_person_is_named_once_and_so_is_every_number(now: Connectors) -> None:
    people = accepted(now, "patient_identity", START).frame
    for column in ("patient_key", "hospital_number", "nhs_number"):
        assert people[column].dropna().is_unique, column
    assert 0 < people["nhs_number"].isna().mean() < 0.05
    assert people["family_name"].nunique() > 100


def test_nobody_is_named_whom_no_other_feed_knows(now: Connectors) -> None:
    spells = accepted(now, "spell", START).frame
    people = accepted(now, "patient_identity", START).frame
    assert set(people["patient_key"]) <= set(spells["patient_key"])
    assert set(people["patient_key"]) & set(spells["merged_into"].dropna()) <= set(spells["patient_key"])


def test_harms_of_the_past_year_are_on_record(now: Connectors) -> None:
    wounds = accepted(now, "wound", START).frame
    micro = accepted(now, "micro_result", START).frame
    spells = set(accepted(now, "spell", START).frame["spell_key"])
    stays = set(accepted(now, "ward_stay", START).frame["spell_key"])
    acquired = wounds[(wounds["present_on_admission"] == False) & (wounds["validated"] == True)]  # noqa: E712
    old = acquired[acquired["first_observed_ts"] < pd.Timestamp(START - timedelta(days=36))]
    assert len(old) >= 3
    assert set(old["spell_key"]) <= spells & stays
    assert (micro["result"] == "toxin positive").sum() >= 3
