"""Old history is thinned without a lie: what stood at a kept moment is what stood there before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from surveillance.errors import StoreError
from surveillance.settings import StoreSettings
from surveillance.snapshot import Snapshot, State
from surveillance.store import Store, open_store, thinning
from surveillance.store.tables import reading as readings
from surveillance.store.tables import snapshot as stretches
from tests.stores import T0, after, said, save, snapshot, unknown

KEEP = StoreSettings(keep_every_change_days=1, keep_hourly_days=2, keep_daily_days=4)
HOUR = timedelta(hours=1)
GAP = timedelta(minutes=30)
DAYS = [datetime(2026, 10, day, 23, tzinfo=UTC) for day in (22, 23, 24)]
DAYS += [datetime(2026, 10, day, 0, tzinfo=UTC) for day in (26, 27, 28)]
"""Midnights in London; the clocks went back on 25 October."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def forgetful(url: str) -> Iterator[Store]:
    with open_store(url, KEEP, max_gap_s=GAP.total_seconds()) as opened:
        yield opened


def fill(store: Store) -> list[Snapshot]:
    """Some five days of polls about half an hour apart, with gaps, and polls exactly at ends of hours."""
    chance = random.Random(7)
    kept, moment = [], T0
    while moment < T0 + timedelta(days=4.5):
        values = {ward: {"falls": chance.randint(0, 2), "aki": chance.randint(0, 9)} for ward in ("A1", "B2")}
        if chance.random() < 0.1:
            del values["B2"]
        seen = snapshot(moment, {"Z9": {"steady": 7}, **values}, quality={"x": chance.randint(0, 3)})
        if chance.random() < 0.8:  # now and then nothing changes
            kept.append(seen)
        else:
            kept.append(snapshot(moment, kept[-1].readings if kept else {}, quality=kept[-1].quality if kept else {}))
        save(store, kept[-1])
        ahead = chance.choice([timedelta(minutes=12), timedelta(minutes=17), GAP, GAP, timedelta(hours=3)])
        on_the_hour = moment.replace(minute=0, second=0) + HOUR
        moment = on_the_hour if moment < on_the_hour <= moment + GAP and chance.random() < 0.4 else moment + ahead
    return kept


def stood(kept: list[Snapshot], moment: datetime) -> Snapshot | None:
    """What the plainest reading of the list of saves says of a moment."""
    before = [found for found in kept if found.as_at <= moment]
    later = [found for found in kept if found.as_at > moment]
    if not before:
        return None
    newest = before[-1]
    if newest.as_at == moment or (later and later[0].as_at - newest.as_at <= GAP):
        return said(Snapshot(moment, newest.readings, quality=newest.quality))
    return None


def count(store: Store) -> tuple[int, int]:
    with store.database.reading() as connection:
        queries = [select(func.count()).select_from(table) for table in (readings, stretches)]
        changes, polls = (int(connection.execute(query).scalar_one()) for query in queries)
    return changes, polls


def shares(store: Store) -> list[float]:
    return [store.coverage(start, end).share for start, end in pairwise([*DAYS[1:], T0 + timedelta(days=6)])]


def ends_of_hours(since: datetime, until: datetime) -> list[datetime]:
    first = since.replace(minute=0, second=0)
    return [first + HOUR * n for n in range(int((until - first) / HOUR) + 1)]


def test_before_thinning_every_moment_is_as_it_stood(forgetful: Store) -> None:
    kept = fill(forgetful)
    chance = random.Random(3)
    moments = [found.as_at for found in kept] + [after(chance.uniform(-60, 4.6 * 1440)) for _ in range(100)]
    assert [said(forgetful.at(moment)) for moment in moments] == [stood(kept, moment) for moment in moments]


def test_thinned_history_is_exact_at_ends_of_hours_and_days(forgetful: Store) -> None:
    kept = fill(forgetful)
    now = datetime(2026, 10, 28, 1, 20, tzinfo=UTC)
    before, covered = count(forgetful), shares(forgetful)
    assert forgetful.thin(now) > 0
    changes, polls = count(forgetful)
    assert changes < before[0] / 1.5
    assert polls < before[1] / 1.5

    hourly_from, every_from = datetime(2026, 10, 26, tzinfo=UTC), datetime(2026, 10, 27, 1, tzinfo=UTC)
    ends = [*DAYS[1:3], *ends_of_hours(hourly_from, every_from)]
    exact = [*ends, *(found.as_at for found in kept if found.as_at >= every_from)]
    assert sum(stood(kept, moment) is not None for moment in ends) > 12
    assert [said(forgetful.at(moment)) for moment in exact] == [stood(kept, moment) for moment in exact]
    assert shares(forgetful) == pytest.approx(covered)
    assert forgetful.thin(now) == 0


def test_between_kept_moments_the_answer_says_which_one_it_is_of(forgetful: Store) -> None:
    kept = fill(forgetful)
    forgetful.thin(datetime(2026, 10, 28, 1, 20, tzinfo=UTC))
    for moment, end in (
        (datetime(2026, 10, 24, 12, 34, tzinfo=UTC), DAYS[1]),
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), DAYS[2]),
        (datetime(2026, 10, 26, 7, 59, tzinfo=UTC), datetime(2026, 10, 26, 7, tzinfo=UTC)),
    ):
        assert said(forgetful.at(moment)) == stood(kept, end)
    assert any(forgetful.at(end) for end in DAYS[1:3])


def test_what_is_older_than_everything_kept_is_gone_and_what_still_stands_is_not(forgetful: Store) -> None:
    kept = fill(forgetful)
    forgetful.thin(datetime(2026, 10, 29, 1, tzinfo=UTC))
    gone_until = datetime(2026, 10, 25, 0, tzinfo=UTC) - HOUR
    assert forgetful.at(T0) is None
    assert forgetful.at(gone_until - timedelta(minutes=1)) is None
    later = [end for end in [DAYS[2], DAYS[3], *ends_of_hours(DAYS[4], DAYS[5])] if stood(kept, end)]
    assert later
    assert [said(forgetful.at(end)) for end in later] == [stood(kept, end) for end in later]
    with forgetful.database.reading() as connection:
        per_series = connection.execute(
            select(func.count()).where(readings.c.from_as_at <= gone_until).group_by(readings.c.series_id)
        ).scalars()
        assert set(per_series) == {1}


def test_a_reading_that_has_not_changed_for_weeks_still_stands(forgetful: Store) -> None:
    steady = {"A1": {"falls": 3, "aki": unknown("aki", "A1", State.NOT_CONNECTED)}}
    days = 40
    for half_hour in range(0, days * 48, 1 if days < 2 else 24):
        save(forgetful, snapshot(T0 + timedelta(minutes=30) * half_hour, steady))
    save(forgetful, snapshot(T0 + timedelta(days=days), steady))
    now = T0 + timedelta(days=days)
    forgetful.thin(now)
    newest = forgetful.at(now)
    assert newest is not None
    assert said(newest) == said(snapshot(now, steady))
    assert forgetful.history("A1", "falls", now, now + HOUR)[0].value == 3
    assert not save(forgetful, snapshot(now + timedelta(minutes=5), steady))


def test_thinning_day_by_day_leaves_what_thinning_at_once_leaves(forgetful: Store, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/other.sqlite", KEEP, max_gap_s=GAP.total_seconds()) as other:
        fill(forgetful)
        fill(other)
        for hours in range(0, 6 * 24, 7):
            forgetful.thin(T0 + HOUR * hours)
        last = T0 + HOUR * (6 * 24 - 6)
        forgetful.thin(last)
        other.thin(last)
        assert count(forgetful) == count(other)
        moments = ends_of_hours(T0, T0 + timedelta(days=5))
        assert [forgetful.at(moment) for moment in moments] == [other.at(moment) for moment in moments]


def test_a_run_that_was_cut_short_is_finished_by_the_next(forgetful: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = fill(forgetful)
    now = datetime(2026, 10, 28, 1, 20, tzinfo=UTC)

    def fail(*_: object, **__: object) -> None:
        raise StoreError("cut short")

    with monkeypatch.context() as broken:
        broken.setattr(thinning, "_thin_stretches", fail)
        with pytest.raises(StoreError, match="cut short"):
            forgetful.thin(now)
    end, within = DAYS[1], DAYS[1] + timedelta(minutes=50)
    assert said(forgetful.at(within)) == stood(kept, end)  # already no finer than promised, and right
    before = count(forgetful)
    forgetful.thin(now)
    assert count(forgetful)[1] < before[1]
    assert [said(forgetful.at(end)) for end in DAYS[1:3]] == [stood(kept, end) for end in DAYS[1:3]]


def test_saving_goes_on_after_thinning_the_stretch_that_is_still_growing(forgetful: Store) -> None:
    save(forgetful, snapshot(T0, {"A1": {"falls": 1}}))
    save(forgetful, snapshot(after(10), {"A1": {"falls": 2}}))
    forgetful.thin(T0 + timedelta(days=3))  # polls have stopped for days, the last stretch is old
    assert save(forgetful, snapshot(T0 + timedelta(days=3), {"A1": {"falls": 2}}))
    assert forgetful.coverage(T0, after(10)).polls == 2
    assert forgetful.coverage(T0, T0 + timedelta(days=4)).polls == 3
