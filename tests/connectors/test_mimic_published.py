"""MIMIC-IV in the published schemas of a real PostgreSQL reads as the replay's own database does, and as was answered.

Published dates are moved, each person by a shift of their own. So that there is a hospital at all, the rows are loaded
on the overlay clock: each admission moved by its days, and a person of its own, as the questions say.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.packs import load_pack
from surveillance.compose import compose
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState
from surveillance.measures.site import Site
from surveillance.opening import open_site
from surveillance.polling.reader import SourceReader
from surveillance.replay import load, prepare
from surveillance.settings import load_settings
from surveillance.snapshot import Snapshot
from tests import postgres

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
DATA = SHARED / "mimic4_demo"
with_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the MIMIC-IV demo data does not lie in ../{DATA.parent.name}"
)
PACK = "mimic_iv_published"
MORNING = datetime(2024, 1, 15, 8, tzinfo=UTC)
EVENING = datetime(2024, 2, 1, 20, tzinfo=UTC)

TABLES = """
CREATE SCHEMA mimiciv_hosp;
CREATE SCHEMA mimiciv_icu;
CREATE TABLE mimiciv_hosp.patients (subject_id INTEGER NOT NULL, gender CHAR(1) NOT NULL, anchor_age SMALLINT,
  anchor_year SMALLINT NOT NULL, anchor_year_group VARCHAR(20) NOT NULL, dod DATE);
CREATE TABLE mimiciv_hosp.admissions (subject_id INTEGER NOT NULL, hadm_id INTEGER NOT NULL,
  admittime TIMESTAMP NOT NULL, dischtime TIMESTAMP, deathtime TIMESTAMP, admission_type VARCHAR(40) NOT NULL,
  admission_location VARCHAR(60), discharge_location VARCHAR(60));
CREATE TABLE mimiciv_hosp.transfers (subject_id INTEGER NOT NULL, hadm_id INTEGER, transfer_id INTEGER NOT NULL,
  eventtype VARCHAR(10), careunit VARCHAR(255), intime TIMESTAMP, outtime TIMESTAMP);
CREATE TABLE mimiciv_hosp.emar (subject_id INTEGER NOT NULL, hadm_id INTEGER, emar_id VARCHAR(25) NOT NULL,
  emar_seq INTEGER NOT NULL, poe_id VARCHAR(25) NOT NULL, pharmacy_id INTEGER, charttime TIMESTAMP NOT NULL,
  medication TEXT, event_txt VARCHAR(100), scheduletime TIMESTAMP, storetime TIMESTAMP NOT NULL);
CREATE TABLE mimiciv_hosp.labevents (labevent_id INTEGER NOT NULL, subject_id INTEGER NOT NULL, hadm_id INTEGER,
  specimen_id INTEGER NOT NULL, itemid INTEGER NOT NULL, charttime TIMESTAMP(0), storetime TIMESTAMP(0),
  value VARCHAR(200), valuenum DOUBLE PRECISION, valueuom VARCHAR(20), ref_range_lower DOUBLE PRECISION,
  ref_range_upper DOUBLE PRECISION);
CREATE TABLE mimiciv_icu.chartevents (subject_id INTEGER NOT NULL, hadm_id INTEGER NOT NULL, stay_id INTEGER NOT NULL,
  charttime TIMESTAMP NOT NULL, storetime TIMESTAMP, itemid INTEGER NOT NULL, value VARCHAR(200), valuenum FLOAT,
  valueuom VARCHAR(20), warning SMALLINT);
"""
"""Names and types of the MIMIC Code Repository (mimic-iv/buildmimic/postgres/create.sql); the columns needed."""

ROWS = {
    # a person's age at admission, as if the anchor year were that of the admission on the overlay
    "mimiciv_hosp.patients (subject_id, gender, anchor_age, anchor_year, anchor_year_group)": """
        SELECT a.hadm_id, p.gender, SUBSTR(a.admittime, 1, 4) - SUBSTR(p.birth, 1, 4),
          STRFTIME('%Y', a.admit_ts, 'unixepoch') + 0, '-'
        FROM admissions a JOIN patients p ON p.subject_id = a.subject_id WHERE a.admit_ts IS NOT NULL""",
    "mimiciv_hosp.admissions (subject_id, hadm_id, admittime, dischtime, admission_type, discharge_location)": """
        SELECT hadm_id, hadm_id, DATETIME(admit_ts, 'unixepoch'), DATETIME(disch_ts, 'unixepoch'), admission_type,
          discharge_location FROM admissions WHERE admit_ts IS NOT NULL""",
    "mimiciv_hosp.transfers (subject_id, hadm_id, transfer_id, eventtype, careunit, intime, outtime)": """
        SELECT COALESCE(hadm_id, subject_id), hadm_id, COALESCE(transfer_id, -ROWID), eventtype, careunit,
          DATETIME(in_ts, 'unixepoch'), DATETIME(out_ts, 'unixepoch') FROM transfers""",
    "mimiciv_hosp.emar (subject_id, hadm_id, emar_id, emar_seq, poe_id, charttime, medication, event_txt,"
    " storetime)": """
        SELECT hadm_id, hadm_id, ROWID, ROWID, ROWID, DATETIME(ts, 'unixepoch'), medication, event_txt,
          DATETIME(ts, 'unixepoch') FROM emar WHERE hadm_id IS NOT NULL""",
    # an admission's own results, and the person's earlier ones moved along with it
    "mimiciv_hosp.labevents (labevent_id, subject_id, hadm_id, specimen_id, itemid, charttime, valuenum, valueuom)": """
        SELECT l.ROWID, a.hadm_id, l.hadm_id, l.ROWID, l.itemid, DATETIME(l.recorded_s + a.shift_s, 'unixepoch'),
          l.value, l.unit
        FROM admissions a JOIN labevents l ON l.subject_id = a.subject_id
        WHERE (l.hadm_id = a.hadm_id AND l.itemid BETWEEN 50900 AND 50920)
          OR (l.itemid = 50912 AND l.recorded_s + a.shift_s < a.first_ts)""",
    "mimiciv_icu.chartevents (subject_id, hadm_id, stay_id, charttime, itemid, valuenum)": """
        SELECT hadm_id, hadm_id, hadm_id, DATETIME(ts, 'unixepoch'), itemid, value
        FROM chartevents WHERE hadm_id IS NOT NULL""",
}
"""Published table and columns → its rows, from what the replay loaded."""
INDEXES = """
CREATE INDEX transfers_idx01 ON mimiciv_hosp.transfers (hadm_id);
CREATE INDEX chartevents_idx01 ON mimiciv_icu.chartevents (charttime, storetime);
ANALYZE;
"""


@dataclass(frozen=True)
class Both:
    """The same hospital twice: as the replay reads it, and as published."""

    site: Site
    replayed: SourceReader
    published: SourceReader

    def read(self, reader: SourceReader, at: datetime, feeds: Sequence[str]) -> dict[str, FeedData]:
        return {feed: reader.read(FEEDS[feed], at, at, {}) for feed in feeds}

    def snapshot(self, reader: SourceReader, at: datetime, *feeds: str) -> Snapshot:
        found = self.read(reader, at, feeds or reader.feeds)
        assert {data.state for data in found.values()} == {FeedState.CURRENT}, found
        return compose(self.site, found, at)[0]


@pytest.fixture(scope="module")
def both(server: postgres.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("published")
    config = prepare(DATA, folder, as_at=MORNING)
    server.create_database("mimic")
    fill(server, "mimic", load(DATA, folder).database)
    (folder / "published.url").write_text(server.url("mimic"), encoding="utf-8")
    second = folder / "published.toml"
    text = config.read_text("utf-8").replace('"mimic.url"', '"published.url"')
    second.write_text(text.replace('pack = "mimic_iv"', f'pack = "{PACK}"'), encoding="utf-8")
    (replayed,) = open_site(config).readers
    (published,) = open_site(second).readers
    yield Both(Site.of(load_settings(second)), replayed, published)
    replayed.close()
    published.close()
    server.drop_database("mimic")


def fill(server: postgres.Cluster, name: str, database: Path) -> None:
    server.run(TABLES, name)
    url = server.url(name).replace("+psycopg", "")
    with closing(sqlite3.connect(database)) as source, psycopg.connect(url) as target, target.cursor() as cursor:
        for table, query in ROWS.items():
            with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in source.execute(query):
                    copy.write_row(row)
        cursor.execute(INDEXES)


def answer(name: str) -> Any:
    answers = json.loads((SHARED / "answers.json").read_text(encoding="utf-8"))["answers"]
    return next(one["answer"] for one in answers if one["id"] == name)


def lying(snapshot: Snapshot) -> dict[str, int]:
    counts = {ward: int(str(readings["patients_on_ward"].value)) for ward, readings in snapshot.readings.items()}
    return {unit: count for unit, count in {**counts, **snapshot.off_wards}.items() if count}


@with_data
def test_the_census_is_the_answered_one(both: Both) -> None:
    at = both.snapshot(both.published, MORNING, "spell", "ward_stay")
    assert lying(at) == answer("M4-02a")["by_careunit"]
    for day, total in list(answer("M4-03").items())[4:-4:6]:
        midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
        assert sum(lying(both.snapshot(both.published, midnight, "spell", "ward_stay")).values()) == total, day


@with_data
@pytest.mark.parametrize("at", [MORNING, EVENING])
def test_every_reading_is_that_of_the_replay(both: Both, at: datetime) -> None:
    replayed, published = (both.snapshot(reader, at) for reader in (both.replayed, both.published))
    for ward, readings in replayed.readings.items():
        for name, reading in readings.items():
            again = published.readings[ward][name]
            assert (again.state, again.value, again.parts) == (reading.state, reading.value, reading.parts), (
                ward,
                name,
            )
    assert published.off_wards == replayed.off_wards
    assert any(reading.value for readings in published.readings.values() for reading in readings.values())


def test_both_packs_have_the_same_words() -> None:
    published, replayed = load_pack(PACK), load_pack("mimic_iv")
    assert {name: (feed.mapping, feed.lookback_h) for name, feed in published.feeds.items()} == {
        name: (feed.mapping, feed.lookback_h) for name, feed in replayed.feeds.items()
    }
    assert published.not_wards == replayed.not_wards
    assert set(published.feeds) | set(published.cannot_tell) == set(FEEDS)
