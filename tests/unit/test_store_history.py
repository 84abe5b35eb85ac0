"""What is saved can be read back as it stood; only changes make rows. Also run on PostgreSQL (tests/connectors)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from surveillance.errors import ConfigurationError, StoreError
from surveillance.snapshot import Level, Part, Reading, Snapshot, SourceStatus, State
from surveillance.store import Store, open_store
from surveillance.store.tables import reading as readings
from surveillance.store.tables import snapshot as stretches
from surveillance.worklist import Worklist
from tests.sound_snapshots import sound_snapshots
from tests.stores import T0, after, reading, rollup, said, save, snapshot, unknown


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


def rows_in(store: Store, table: Any) -> int:
    with store.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_an_empty_store_knows_nothing(store: Store) -> None:
    assert store.current() is None
    assert store.at(T0) is None
    assert store.worklist("A1", "falls") == []
    assert store.history("A1", "falls", T0, after(60)) == []
    assert store.coverage(T0, after(60)).share == 0
    assert store.accepted_rows() == {}


def test_an_equal_snapshot_writes_no_row_but_counts_as_a_poll(store: Store) -> None:
    assert save(store, snapshot(T0, {"A1": {"falls": 2, "aki": 1}}))
    for minute in range(1, 6):
        assert not save(store, snapshot(after(minute), {"A1": {"falls": 2, "aki": 1}}))
    assert (rows_in(store, readings), rows_in(store, stretches)) == (2, 1)
    assert store.coverage(T0, after(5)).polls == 6
    newest = store.current()
    assert newest is not None
    assert newest.as_at == after(5)
    assert newest.readings["A1"]["falls"].as_at == after(5)


@pytest.mark.parametrize(
    "changed",
    [
        reading("falls", "A1", 3),
        reading("falls", "A1", 2, level=Level.WATCH),
        reading("falls", "A1", 2, detail="derived"),
        Reading("falls", 2, "A1", State.VALUE, reading("falls", "A1", 2).parts, T0, source="epr"),
        Reading("falls", 1, "A1", State.VALUE, reading("falls", "A1", 2).parts, T0, source="labs"),
        Reading("falls", 1, "A1", State.STALE, (Part("count", State.STALE, 2, 2, 28.0),), T0, source="epr"),
        Reading("falls", 1, "A1", State.VALUE, (Part("count", State.VALUE, 2, 2, 29.0),), T0, source="epr"),
        unknown("falls", "A1"),
    ],
    ids=["value", "level", "detail", "version", "source", "state", "denominator", "unavailable"],
)
def test_every_kind_of_change_is_kept(store: Store, changed: Reading) -> None:
    save(store, snapshot(T0, {"A1": {"falls": 2, "aki": 1}}))
    assert save(store, snapshot(after(1), {"A1": {"falls": changed, "aki": 1}}))
    assert rows_in(store, readings) == 3
    before, now = store.at(T0), store.at(after(1))
    assert before is not None
    assert before.readings["A1"]["falls"].value == 2
    assert now is not None
    assert said(now) == said(snapshot(after(1), {"A1": {"falls": changed, "aki": 1}}))


@settings(deadline=None, max_examples=15, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=sound_snapshots())
def test_any_sound_snapshot_comes_back(kept: Snapshot, tmp_path: Path, url: str) -> None:
    with open_store(url) as store:
        newest = store.current()
        as_at = kept.as_at if newest is None else newest.as_at + (after(1) - T0)
        kept = Snapshot(as_at, kept.readings, kept.forecasts, kept.rollups, kept.sources, kept.quality, kept.off_wards)
        save(store, kept)
        assert store.current() == kept
        assert said(store.at(as_at)) == said(kept)


def test_everything_beside_the_readings_is_in_history_too(store: Store) -> None:
    def at_minute(minute: int, number: int) -> Snapshot:
        as_at = after(minute)
        ahead = {"A1": {"falls_next": reading("falls_next", "A1", number, as_at)}}
        sums = (rollup("med", number, as_at, ("B2",) * number),)
        values = {"A1": {"falls": 1.0}}
        return snapshot(as_at, values, forecasts=ahead, rollups=sums, quality={"x": number}, off_wards={"ED": number})

    for minute, number in enumerate([0, 1, 1, 2]):
        assert save(store, at_minute(minute, number)) == (minute != 2)
    for minute, number in enumerate([0, 1, 1, 2]):
        assert said(store.at(after(minute))) == said(at_minute(minute, number))
    points = store.history("med", "falls", T0, after(9), kind="division")
    assert [(point.as_at, point.value) for point in points] == [(T0, 0), (after(1), 1), (after(3), 2)]


def test_wards_and_measures_keep_the_order_of_the_snapshot(store: Store) -> None:
    save(store, snapshot(T0, {"B2": {"falls": 1, "aki": 1}}))
    save(store, snapshot(after(1), {"A1": {"falls": 1}, "B2": {"vte": 1, "falls": 1, "aki": 1}}))
    kept = store.at(after(1))
    assert kept is not None
    assert list(kept.readings) == ["A1", "B2"]
    assert list(kept.readings["B2"]) == ["vte", "falls", "aki"]


def test_a_closed_ward_is_not_shown_as_if_it_still_reported(store: Store) -> None:
    save(store, snapshot(T0, {"A1": {"falls": 1}, "B2": {"falls": 4}}))
    assert save(store, snapshot(after(1), {"A1": {"falls": 1}}))
    save(store, snapshot(after(2), {"A1": {"falls": 2}, "B2": {"falls": 4}}))
    wards = [list(found.readings) for minute in range(3) if (found := store.at(after(minute)))]
    assert wards == [["A1", "B2"], ["A1"], ["A1", "B2"]]
    points = store.history("B2", "falls", T0, after(9))
    assert [(point.state, point.value) for point in points] == [(State.VALUE, 4), (None, None), (State.VALUE, 4)]


def test_history_starts_with_what_stood(store: Store) -> None:
    for minute, value in enumerate([5, 5, 6, 6, 7, 8]):
        save(store, snapshot(after(minute), {"A1": {"falls": value}}))
    points = store.history("A1", "falls", after(3), after(5))
    assert [(p.as_at, p.value, p.numerator, p.denominator, p.part) for p in points] == [
        (after(2), 6, 6, 28, "count"),
        (after(4), 7, 7, 28, "count"),
    ]
    assert store.history("A1", "nothing", after(3), after(5)) == []


def test_history_of_what_is_not_known_has_no_number(store: Store) -> None:
    staff = Reading(
        "staff", 1, "A1", State.VALUE, (Part("actual", State.VALUE, 3.0), Part("planned", State.SUSPECT)), T0
    )
    save(store, snapshot(T0, {"A1": {"staff": staff}}))
    save(store, snapshot(after(1), {"A1": {"staff": unknown("staff", "A1", State.NOT_RECORDED)}}))
    assert [(p.part, p.state, p.value) for p in store.history("A1", "staff", T0, after(9))] == [
        ("actual", State.VALUE, 3.0),
        ("planned", State.SUSPECT, None),
        ("", State.NOT_RECORDED, None),
    ]


def test_nothing_is_known_of_a_gap(store: Store) -> None:
    minutes = [0, 5, 10, 30, 35]  # default: longer than ten minutes is a gap
    for minute in minutes:
        save(store, snapshot(after(minute), {"A1": {"falls": 1}}))
    assert rows_in(store, stretches) == 2
    assert rows_in(store, readings) == 1
    known = {minute: store.at(after(minute)) is not None for minute in (-1, 0, 7, 10, 11, 29, 30, 32, 35, 36)}
    assert known == {
        -1: False,
        0: True,
        7: True,
        10: True,
        11: False,
        29: False,
        30: True,
        32: True,
        35: True,
        36: False,
    }
    seen = store.coverage(T0, after(40))
    assert (seen.polls, seen.covered_s, seen.share) == (5, 15 * 60, 15 / 40)
    assert store.coverage(after(8), after(12)).covered_s == 2 * 60
    assert store.coverage(after(12), after(28)).share == 0


def test_time_between_changed_polls_is_covered(store: Store) -> None:
    for minute in range(0, 30, 5):
        save(store, snapshot(after(minute), {"A1": {"falls": minute}}))
    assert store.coverage(after(1), after(24)).share == 1
    between = store.at(after(13))
    assert between is not None
    assert between.readings["A1"]["falls"].value == 10


def test_time_does_not_go_back(store: Store) -> None:
    save(store, snapshot(after(5), {"A1": {"falls": 1}}))
    with pytest.raises(StoreError, match="a clock went back"):
        save(store, snapshot(after(4), {"A1": {"falls": 2}}))
    newest = store.current()
    assert newest is not None
    assert newest.as_at == after(5)


def test_two_snapshots_of_one_moment_leave_the_later_one(store: Store) -> None:
    save(store, snapshot(T0, {"A1": {"falls": 1, "aki": 1}, "B2": {"falls": 9}}))
    save(store, snapshot(after(1), {"A1": {"falls": 1, "aki": 5}, "B2": {"falls": 9}}))
    assert save(store, snapshot(after(1), {"A1": {"falls": 2, "aki": 1}}))
    assert save(store, snapshot(after(1), {"A1": {"falls": 3, "aki": 1}}))
    assert not save(store, snapshot(after(1), {"A1": {"falls": 3, "aki": 1}}))
    assert said(store.at(after(1))) == said(snapshot(after(1), {"A1": {"falls": 3, "aki": 1}}))
    assert said(store.at(T0)) == said(snapshot(T0, {"A1": {"falls": 1, "aki": 1}, "B2": {"falls": 9}}))


def test_a_store_goes_on_where_it_was_closed(url: str) -> None:
    for minute, value in enumerate([1, 1, 2]):
        with open_store(url) as store:
            assert save(store, snapshot(after(minute), {"A1": {"falls": value, "aki": 0}})) == (minute != 1)
    with open_store(url) as store:
        assert rows_in(store, readings) == 3
        assert store.revision() == 3


def test_two_writers_see_each_others_work(url: str) -> None:
    with open_store(url) as one, open_store(url) as other:
        for minute, (writer, value) in enumerate([(one, 1), (other, 2), (one, 1), (one, 1), (other, 1)]):
            rows = {("A1", "falls"): [{"part": "count", "key": f"S{value}"}]}
            assert save(writer, snapshot(after(minute), {"A1": {"falls": value}}), rows) == (minute < 3)
            assert one.worklist("A1", "falls") == rows["A1", "falls"]
        values = [found.readings["A1"]["falls"].value for m in range(5) if (found := one.at(after(m)))]
        assert values == [1, 2, 1, 1, 1]


def test_a_reader_neither_waits_nor_keeps_the_writer_waiting(store: Store) -> None:
    save(store, snapshot(T0, {"A1": {"falls": 1}}))
    with store.database.reading() as connection:
        before = connection.execute(select(func.count()).select_from(readings)).scalar_one()
        save(store, snapshot(after(1), {"A1": {"falls": 2}}))
        assert connection.execute(select(func.count()).select_from(readings)).scalar_one() == before
    assert rows_in(store, readings) == before + 1


def test_a_worklist_is_overwritten_and_keeps_its_types(store: Store) -> None:
    seen: list[dict[str, Any]] = [
        {"part": "count", "key": "S1", "due": after(1.5), "limit_h": 6.5, "note": None, "late": True, "bed": 3},
        {
            "part": "count",
            "key": "2026-10-23T10:00:00Z",
            "due": None,
            "limit_h": 0.0,
            "note": "é",
            "late": False,
            "bed": 4,
        },
        {"part": "count", "key": "S3", "due": datetime(2026, 10, 25), "note": None},  # noqa: DTZ001 - a date has no zone
    ]
    save(store, snapshot(T0, {}), {("A1", "falls"): seen, ("A1", "aki"): [{"key": "S9"}], ("B2", "aki"): []})
    assert store.worklist("A1", "falls") == seen
    assert [type(value) for value in store.worklist("A1", "falls")[0].values()] == [type(v) for v in seen[0].values()]
    save(store, snapshot(after(1), {}), {("A1", "falls"): seen[:1]})
    assert store.worklist("A1", "falls") == seen[:1]
    assert store.worklist("A1", "aki") == []


def test_moments_from_a_frame_are_kept_as_moments(store: Store) -> None:
    frame = pd.DataFrame({"key": ["S1", "S2"], "due": pd.to_datetime(["2026-10-23T10:00:00Z", None])})
    save(store, snapshot(T0, {}), {("A1", "falls"): frame.to_dict("records")})
    due = [row["due"] for row in store.worklist("A1", "falls")]
    assert due == [datetime(2026, 10, 23, 10, tzinfo=UTC), None]


@pytest.mark.parametrize("value", [{"a": 1}, [1], b"x", T0.date()], ids=["dict", "list", "bytes", "date"])
def test_a_worklist_that_cannot_be_kept_as_it_is_keeps_nothing(store: Store, value: Any) -> None:
    save(store, snapshot(T0, {"A1": {"falls": 1}}))
    with pytest.raises(ValueError, match="A1, falls: column 'due'"):
        save(store, snapshot(after(1), {"A1": {"falls": 2}}), {("A1", "falls"): [{"due": value}]})
    newest = store.current()
    assert newest is not None
    assert newest.as_at == T0
    assert save(store, snapshot(after(1), {"A1": {"falls": 2}}))


def test_a_worklist_of_another_moment_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="same moment"):
        store.save(snapshot(T0, {}), Worklist(after(1)))


def test_how_polls_went_survives_a_restart_and_makes_no_history(url: str) -> None:
    fine = SourceStatus("epr", "spell", "current", T0, after(1), 450, {"end before start": 2}, {}, T0, 0.2)
    failed = SourceStatus("epr", "spell", "unavailable", T0, after(2), error="time-out")
    with open_store(url) as store:
        store.record_poll(fine, SourceStatus("labs", "lab_result", "current", T0))
        store.record_poll(failed)
        store.accept_rows("spell", 450)
        store.accept_rows("spell", 455)
        store.accept_rows("order", 0)
    with open_store(url) as store:
        assert store.polls() == (failed, SourceStatus("labs", "lab_result", "current", T0))
        assert store.accepted_rows() == {"spell": 455, "order": 0}
        assert (rows_in(store, readings), rows_in(store, stretches)) == (0, 0)


def test_a_store_of_a_newer_program_is_refused(url: str) -> None:
    with open_store(url) as store, store.database.writing() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(ConfigurationError, match=r"9999.*newer than this program"):
        open_store(url)
