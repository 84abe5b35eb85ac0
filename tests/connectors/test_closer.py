"""Weeks that are over are closed in time, once, and as they stood: whatever is thinned or killed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from surveillance.charts.points import ChartPoint, closes, midnight
from surveillance.errors import StoreError
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Charted, Form
from surveillance.polling.closing import Closer
from surveillance.polling.keeper import Keeper
from surveillance.settings import StoreSettings
from surveillance.snapshot import Part, Reading, Snapshot, State
from surveillance.store import Store, open_store
from surveillance.worklist import Worklist
from tests.canonical import site_of, ward

WEEK = date(2026, 10, 19)
"""Ends with the clocks going back."""
DAY, HOUR, WEEKS = timedelta(days=1), timedelta(hours=1), timedelta(days=7)
FIRST = next(iter(CATALOGUE.values()))
PATIENTS = replace(FIRST, id="patients")
ASSESSED = replace(FIRST, id="assessed", charted=Charted(Form.CLOSED, "Assessed in time", "%"))
OVERDUE = replace(FIRST, id="overdue", charted=Charted(Form.MEAN, "Overdue", "per 100", over="patients"))
HARM = replace(FIRST, id="harm", charted=Charted(Form.EVENTS, "Harm", "days between"))
MEASURES = {one.id: one for one in (PATIENTS, ASSESSED, OVERDUE, HARM)}
NO_HARM_PROFILE = {"quiet": {"not_applicable": ["harm"]}}
SITE = site_of(profiles=NO_HARM_PROFILE, wards=[ward("W1"), ward("W2", profile="quiet")])
KEEP_LITTLE = StoreSettings(keep_every_change_days=1, keep_hourly_days=1, keep_daily_days=60)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, KEEP_LITTLE, max_gap_s=HOUR.total_seconds()) as opened:
        yield opened


def reading(measure: str, unit: str, up: float, down: float | None, at: datetime) -> Reading:
    return Reading(measure, 1, unit, State.VALUE, (Part("count", State.VALUE, up, up, down),), at)


def snapshot(at: datetime, wards: tuple[str, ...] = ("W1", "W2")) -> Snapshot:
    """Every ward answers: the cohort's compliance is the day's number, 3 of 12 patients overdue at every odd hour."""
    local = at.astimezone(SITE.zone)
    readings: dict[str, Mapping[str, Reading]] = {}
    for unit in wards:
        found = [
            reading("patients", unit, 12, None, at),
            reading("assessed", unit, local.toordinal() % 7 + local.hour / 100, 20, at),
            reading("overdue", unit, 3 * (local.hour % 2), 12, at),
            reading("harm", unit, (local.date() - WEEK - 2 * DAY).days % 9, None, at),
        ]
        readings[unit] = {one.measure: one for one in found}
    return Snapshot(at, readings)


def poll(store: Store, since: datetime, until: datetime, every: timedelta = HOUR / 2) -> None:
    while since < until:
        store.save(snapshot(since), Worklist(since))
        since += every


def close(store: Store, now: datetime, closer: Closer | None = None) -> int:
    closer, kept = closer or Closer(SITE, MEASURES), 0
    while closer.pending:
        kept += closer.close_some(store, now)
    return kept


def everything(store: Store) -> list[ChartPoint]:
    return [point for name in MEASURES for point in store.points(name, None, date.min, date.max)]


def test_a_week_is_closed_once_the_monday_after_is_over_and_late_entries_of_that_monday_count(store: Store) -> None:
    poll(store, midnight(WEEK + DAY), closes(WEEK))
    closer = Closer(SITE, MEASURES)
    assert close(store, closes(WEEK) - HOUR, closer) == 0
    assert everything(store) == []
    closer.close_some(store, closes(WEEK))
    assert close(store, closes(WEEK), closer) > 0
    monday = (WEEK + WEEKS).toordinal() % 7
    assert {point.ward: point.numerator for point in store.points("assessed", None, date.min, date.max)} == {
        "W1": monday + 0.23,  # as it stood at 23:30
        "W2": monday + 0.23,
    }


def test_a_mean_is_of_the_hours_that_there_were(store: Store) -> None:
    poll(store, midnight(WEEK), closes(WEEK))
    close(store, closes(WEEK))
    (w1, _) = store.points("overdue", None, date.min, date.max)
    assert w1.watched == 1
    assert w1.numerator == pytest.approx(3 * (84 + 1) / 169)  # 01:00 comes twice, and is odd
    assert w1.denominator == 12


def test_wards_on_which_a_measure_has_no_meaning_have_no_point(store: Store) -> None:
    poll(store, midnight(WEEK), closes(WEEK))
    close(store, closes(WEEK))
    assert {point.ward for point in store.points("harm", None, date.min, date.max)} == {"W1"}


def test_a_closed_week_is_not_closed_again(store: Store) -> None:
    poll(store, midnight(WEEK), closes(WEEK))
    close(store, closes(WEEK))
    revision = store.points_revision()
    assert close(store, closes(WEEK) + 5 * DAY) == 0  # by a program that was started anew
    closer = Closer(SITE, MEASURES)
    close(store, closes(WEEK), closer)
    assert closer.close_some(store, closes(WEEK) + DAY) == 0
    assert store.points_revision() == revision


def test_thinning_afterwards_changes_no_point(store: Store) -> None:
    poll(store, midnight(WEEK), closes(WEEK))
    close(store, closes(WEEK))
    before = everything(store)
    poll(store, closes(WEEK), closes(WEEK) + 3 * DAY)
    assert store.thin(closes(WEEK) + 3 * DAY) > 0
    close(store, closes(WEEK) + 3 * DAY)
    assert everything(store) == before


def test_the_keeper_thins_only_when_every_week_is_closed(url: str) -> None:
    with open_store(url, KEEP_LITTLE, max_gap_s=HOUR.total_seconds()) as store:
        poll(store, midnight(WEEK), closes(WEEK))
    with open_store(url.replace("store", "other"), KEEP_LITTLE, max_gap_s=HOUR.total_seconds()) as aside:
        poll(aside, midnight(WEEK), closes(WEEK))
        close(aside, closes(WEEK))
        expected = everything(aside)
    keeper = Keeper(lambda: open_store(url, KEEP_LITTLE, max_gap_s=HOUR.total_seconds()), Closer(SITE, MEASURES))
    for minute in range(6):
        at = closes(WEEK) + minute * HOUR / 60
        keeper.save(snapshot(at), Worklist(at), {})
    keeper.close()
    assert keeper.error == ""
    with open_store(url) as store:
        assert everything(store) == expected
        assert len(store.history("W1", "overdue", midnight(WEEK), midnight(WEEK) + DAY)) < 20  # thinned


def test_what_was_killed_in_between_closes_the_rest_later(store: Store) -> None:
    poll(store, midnight(WEEK + DAY), closes(WEEK))
    closer = Closer(SITE, MEASURES)
    closer.close_some(store, closes(WEEK))
    assert closer.pending
    first = {point.measure for point in everything(store)}
    assert len(first) == 1
    poll(store, closes(WEEK), closes(WEEK) + 2 * WEEKS, HOUR)
    assert close(store, closes(WEEK) + 2 * WEEKS) > 0  # another process, two weeks later
    starts = {name: {point.start for point in store.points(name, ["W1"], date.min, date.max)} for name in MEASURES}
    weeks = {WEEK, WEEK + WEEKS, WEEK + 2 * WEEKS}
    assert starts["assessed"] == starts["overdue"] == weeks
    assert weeks <= starts["harm"]


def test_nothing_of_a_measure_is_kept_when_the_store_fails_and_it_is_taken_up_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll(store, midnight(WEEK), closes(WEEK))
    closer = Closer(SITE, MEASURES)

    def full(_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "keep_points", full)
        with pytest.raises(StoreError):
            closer.close_some(store, closes(WEEK))
    assert closer.pending
    close(store, closes(WEEK), closer)
    assert {point.measure for point in everything(store)} == {"assessed", "overdue", "harm"}


def test_it_reaches_back_as_far_as_readings_exist_and_five_weeks_at_most(store: Store) -> None:
    poll(store, midnight(WEEK + 2 * DAY), closes(WEEK) + 7 * WEEKS, 4 * HOUR)
    close(store, closes(WEEK) + 3 * WEEKS)
    assert {point.start for point in store.points("assessed", None, date.min, date.max)} == {
        WEEK + n * WEEKS for n in range(4)
    }
    gaps = store.points("overdue", ["W1"], WEEK, WEEK + DAY)
    assert [gap.reason for gap in gaps] == ["watched 0 % of the week"]  # polls were too far apart
    close(store, closes(WEEK) + 7 * WEEKS)
    assert len({point.start for point in store.points("assessed", None, date.min, date.max)}) == 8
    with open_store(str(store.database.engine.url).replace("store.", "late.")) as late:
        poll(late, midnight(WEEK), closes(WEEK) + 7 * WEEKS, 6 * HOUR)
        close(late, closes(WEEK) + 7 * WEEKS)
        starts = {point.start for point in late.points("assessed", None, date.min, date.max)}
        assert starts == {WEEK + n * WEEKS for n in range(3, 8)}


def test_a_site_without_charted_measures_has_nothing_pending(store: Store) -> None:
    closer = Closer(SITE, {"patients": PATIENTS})
    assert not closer.pending
    assert closer.close_some(store, closes(WEEK)) == 0


def test_a_cohort_needs_the_day_after_only_and_a_mean_the_week_itself(store: Store) -> None:
    poll(store, midnight(WEEK + WEEKS), closes(WEEK))
    close(store, closes(WEEK))
    assert [point.start for point in store.points("assessed", ["W1"], date.min, date.max)] == [WEEK]
    assert store.points("overdue", None, date.min, date.max) == []
