"""The replayed hospital gives exactly the answers that were worked out from its files by other means."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from surveillance.compose import compose
from surveillance.feeds import FEEDS
from surveillance.measures import CATALOGUE
from surveillance.measures.site import Site
from surveillance.opening import open_site
from surveillance.polling.reader import SourceReader
from surveillance.replay import load, prepare
from surveillance.replay.questions import census, movements, records_by_unit, row_counts
from surveillance.settings import load_settings
from surveillance.snapshot import Snapshot, State

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
DATA = SHARED / "mimic4_demo"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the MIMIC-IV demo data does not lie in ../{DATA.parent.name}"
)

ANSWERED = {
    "patients_on_ward",
    "aki_patients",
    "missed_doses_critical_today",
    "missed_doses_today",
    "missed_critical_doses_rate",
    "missed_doses_rate",
}
AT_THE_BEDSIDE = {"ra_pressure_ulcer", "obs_overdue", "pressure_risk_on_time", "obs_on_time"}
"""What a unit can answer, and what only one that charts observations can."""


@dataclass(frozen=True)
class Replayed:
    database: Path
    site: Site
    reader: SourceReader

    def snapshot(self, at: datetime, *feeds: str) -> Snapshot:
        """The snapshot of these feeds (default: all)."""
        wanted = feeds or self.reader.connector.feeds
        found = {feed: self.reader.read(FEEDS[feed], at, at, {}) for feed in wanted}
        return compose(self.site, found, at)[0]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    folder = tmp_path_factory.mktemp("replay")
    config = prepare(DATA, folder, as_at=datetime(2024, 1, 15, 8, tzinfo=UTC))
    site = Site.of(load_settings(config))
    (reader,) = open_site(config).readers
    yield Replayed(load(DATA, folder).database, site, reader)
    reader.connector.close()


def answer(name: str) -> Any:
    answers = json.loads((SHARED / "answers.json").read_text(encoding="utf-8"))["answers"]
    return next(one["answer"] for one in answers if one["id"] == name)


def lying(snapshot: Snapshot) -> dict[str, int]:
    """Patients by unit, wards and others, where there are any."""
    counts = {ward: readings["patients_on_ward"].value for ward, readings in snapshot.readings.items()}
    assert all(type(count) is int for count in counts.values()), "a ward has no census"
    return {unit: int(str(count)) for unit, count in {**counts, **snapshot.off_wards}.items() if count}


def test_every_row_is_loaded(replayed: Replayed) -> None:
    assert row_counts(replayed.database) == answer("M4-01")


def test_every_units_census_is_exact(replayed: Replayed) -> None:
    expected = answer("M4-02a")["by_careunit"]
    assert lying(replayed.snapshot(datetime(2024, 1, 15, 8, tzinfo=UTC))) == expected
    assert census(replayed.database, datetime(2024, 1, 15, 8, tzinfo=UTC)) == expected


def test_the_census_of_every_midnight_is_exact(replayed: Replayed) -> None:
    expected = answer("M4-03")
    found = {}
    for day in expected:
        midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
        found[day] = sum(lying(replayed.snapshot(midnight, "spell", "ward_stay")).values())
    assert found == expected


def test_admissions_discharges_and_moves_of_a_day_are_exact(replayed: Replayed) -> None:
    assert movements(replayed.database, date(2024, 1, 22)) == answer("M4-04")


def test_doses_not_given_by_unit_are_exact(replayed: Replayed) -> None:
    expected = answer("M4-06")
    found = records_by_unit(replayed.database, "Not Given")
    assert found == expected["by_careunit"]
    assert sum(found.values()) == expected["total"]


def test_only_what_the_data_holds_has_a_value(replayed: Replayed) -> None:
    snapshot = replayed.snapshot(datetime(2024, 2, 1, 20, tzinfo=UTC))
    charted = set(replayed.site.wards_of("obs_overdue"))
    assert len(charted) == 9  # the intensive care units, and two neurological ones beside them
    for ward, readings in snapshot.readings.items():
        with_value = {name for name, reading in readings.items() if reading.state is State.VALUE}
        expected = ANSWERED | (AT_THE_BEDSIDE if ward in charted else set())
        nothing = {name for name, reading in readings.items() if reading.state is State.NOT_APPLICABLE}
        others = {reading.state for name, reading in readings.items() if name not in expected | nothing}
        assert others <= {State.NOT_CONNECTED}, ward
        assert nothing <= {"red_flag_rn", "bed_occupancy_week", *(n for n in expected if CATALOGUE[n].beside)}, ward
        assert with_value | {"aki_patients"} | (nothing & expected) == expected, ward


def test_withheld_doses_are_not_missed(replayed: Replayed) -> None:
    """Of the day's records that say "not given", those by the sliding scale are correct care."""
    at = datetime(2024, 2, 1, 20, tzinfo=UTC)
    doses = replayed.reader.read(FEEDS["dose_event"], at, at, {}).frame
    assert doses is not None
    withheld = doses["reason_code"] == "CLINICAL_WITHHELD"
    assert withheld.any()
    snapshot = replayed.snapshot(at)
    missed = [readings["missed_doses_today"].value for readings in snapshot.readings.values()]
    today = (doses["due_ts"] >= "2024-02-01") & (doses["status"] == "not given") & doses["reason_code"].isna()
    assert 0 < sum(int(str(number)) for number in missed) <= today.sum()
