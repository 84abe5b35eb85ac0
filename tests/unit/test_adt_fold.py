"""Messages put over a poll: in any order, as often as they come, they lead to what the hospital itself then says."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveillance.adt.census import places
from surveillance.adt.event import Event
from surveillance.adt.fold import UNLISTED, Folded, with_adt
from tests.adt_messages import event
from tests.canonical import feed_data
from tests.small_hospital import AS_AT

WARDS = ("A1", "B2", "C3")
EXAMPLES = 500 if os.environ.get("WALL_FAULTS") == "full" else 10
MINUTE = timedelta(minutes=1)
Rows = list[dict[str, Any]]


@cache
def empty(feed: str) -> pd.DataFrame:
    frame = feed_data(feed, [], AS_AT).frame
    assert frame is not None
    return frame


def frames(spells: Rows, stays: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """As the gate gives them, without its work."""
    first, second = (
        pd.DataFrame({name: [row.get(name) for row in rows] for name in like}, dtype=object).astype(
            like.dtypes.to_dict()
        )
        for rows, like in ((spells, empty("spell")), (stays, empty("ward_stay")))
    )
    return first, second


def spell(visit: str = "v1", patient: str = "p1", since: int = -600, until: int | None = None) -> dict[str, Any]:
    return {"spell_key": visit, "patient_key": patient, "admit_ts": t(since), "discharge_ts": until and t(until)}


def stay(ward: str, since: int = -600, until: int | None = None, visit: str = "v1", bed: str = "") -> dict[str, Any]:
    return {
        "spell_key": visit,
        "ward_code": ward,
        "bed_code": bed or None,
        "start_ts": t(since),
        "end_ts": until and t(until),
    }


def t(minutes: int) -> datetime:
    return AS_AT + minutes * MINUTE


def fold(spells: Rows, stays: Rows, *events: Event) -> Folded:
    return with_adt(*frames(spells, stays), t(-6), events, {"KENT": "B2"}, WARDS)


def lies(folded: Folded, at: int = 0) -> dict[str, str]:
    return places(folded.spells, folded.stays, t(at), WARDS)


def held(folded: Folded) -> tuple[Any, Any]:
    """The rows as plain values, in an order of their own."""
    columns = ["spell_key", "patient_key", "admit_ts", "discharge_ts"]
    stays = folded.stays[["spell_key", "ward_code", "start_ts", "end_ts"]]
    return tuple(sorted(map(str, frame.to_numpy().tolist())) for frame in (folded.spells[columns], stays))  # type: ignore[return-value]


HERE = ([spell()], [stay("A1")])


def test_nothing_heard_changes_nothing() -> None:
    spells, stays = frames(*HERE)
    folded = with_adt(spells, stays, AS_AT, [], {}, WARDS)
    assert folded.spells is spells
    assert folded.stays is stays


def test_an_admission_puts_somebody_on_a_ward_with_what_the_message_knows() -> None:
    folded = fold(*HERE, event("A01", "v2", "KENT", t(-5), patient="p2", bed="7", PV1_44="202611231150+0000"))
    assert lies(folded) == {"v1": "A1", "v2": "B2"}
    row = folded.spells.set_index("spell_key").loc["v2"]
    assert (row["patient_key"], row["sex"], row["age"], row["admit_ts"]) == ("p2", "female", 78, t(-10))
    assert dict(folded.spells.dtypes) == dict(frames(*HERE)[0].dtypes)
    assert dict(folded.stays.dtypes) == dict(frames(*HERE)[1].dtypes)


@pytest.mark.parametrize(
    ("events", "ward"),
    [
        ([("A02", "B2", -5)], "B2"),
        ([("A02", "B2", -9), ("A02", "C3", -5)], "C3"),
        ([("A02", "B2", -9), ("A02", "A1", -5)], "A1"),
        ([("A03", "A1", -5)], None),
        ([("A11", "A1", -5)], None),
        ([("A02", "B2", -9), ("A12", "A1", -5)], "A1"),
        ([("A02", "B2", -20), ("A02", "C3", -9), ("A12", "B2", -5)], "B2"),
        ([("A12", "C3", -5)], "C3"),
        ([("A03", "A1", -9), ("A13", "A1", -5)], "A1"),
        ([("A03", "A1", -9), ("A13", "", -5)], "A1"),
        ([("A03", "A1", -20), ("A13", "A1", -9), ("A03", "A1", -5)], None),
        ([("A11", "A1", -9), ("A01", "C3", -5)], "C3"),
        ([("A08", "C3", -5)], "A1"),
        ([("A02", "LOUNGE", -5)], None),
    ],
)
def test_where_a_patient_lies_after(events: list[tuple[str, str, int]], ward: str | None) -> None:
    said = [event(kind, "v1", place, t(at)) for kind, place, at in events]
    assert lies(fold(*HERE, *said)).get("v1") == ward


def test_a_cancelled_transfer_is_undone_also_where_the_poll_had_it_and_the_transfer_was_not_heard() -> None:
    polled = ([spell()], [stay("A1", -600, -30), stay("B2", -30)])
    for cancel in (event("A12", "v1", "A1", t(-5), occurred=t(-30)), event("A12", "v1", "", t(-5), occurred=t(-30))):
        assert held(fold(*polled, cancel)) == held(fold(*HERE))
    assert held(fold(*HERE, event("A12", "v1", "A1", t(-5), occurred=t(-30)))) == held(fold(*HERE))


def test_a_cancelled_discharge_is_undone_also_where_the_poll_had_it() -> None:
    polled = ([spell(until=-30)], [stay("A1", -600, -30)])
    assert held(fold(*polled, event("A13", "v1", "A1", t(-5)))) == held(fold(*HERE))
    again = ([spell(until=-1)], [stay("A1", -600, -1)])
    assert held(fold(*again, event("A13", "v1", "A1", t(-5)))) == held(fold(*again)), "discharged again since"


def test_an_event_that_is_told_late_keeps_what_came_after_it() -> None:
    polled = ([spell()], [stay("A1", -600, -10), stay("C3", -10)])
    late = event("A02", "v1", "B2", t(-1), occurred=t(-60))
    assert [lies(fold(*polled, late), at)["v1"] for at in (-61, -60, -11, -10)] == ["A1", "B2", "B2", "C3"]


def test_a_message_and_a_table_may_name_one_moment_a_little_differently() -> None:
    polled = ([spell()], [stay("A1", -600, -10), stay("B2", -10)])
    for minutes in (-11, -10, -9):
        assert held(fold(*polled, event("A02", "v1", "B2", t(minutes)))) == held(fold(*polled))


def test_a_move_between_beds_of_a_ward_is_no_arrival() -> None:
    folded = fold(*HERE, event("A02", "v1", "A1", t(-5), bed="12"))
    assert folded.stays["bed_code"].tolist() == ["12"]
    assert folded.stays["start_ts"].tolist() == [t(-600)]


def test_a_merge_makes_two_patients_one_also_for_whom_is_admitted_later() -> None:
    two = ([spell(), spell("v2", "p2")], [stay("A1"), stay("B2", visit="v2")])
    merge = event("A40", patient="p1", prior="p2", at=t(-5))
    chain = event("A34", patient="p9", prior="p1", at=t(-4))
    late = event("A01", "v3", "C3", t(-3), patient="p2")
    assert fold(*two, merge).spells["patient_key"].tolist() == ["p1", "p1"]
    assert fold(*two, late, chain, merge).spells["patient_key"].tolist() == ["p9", "p9", "p9"]


def test_an_update_changes_who_somebody_is_and_never_where() -> None:
    folded = fold(*HERE, event("A08", "v1", "C3", t(-5)))
    assert folded.spells["sex"].tolist() == ["female"]
    assert lies(folded) == {"v1": "A1"}
    assert len(folded.elsewhere) == 1
    assert not fold(*HERE, event("A08", "v1", "A1", t(-5))).elsewhere


def test_of_a_visit_that_nobody_began_nothing_is_made() -> None:
    folded = fold(*HERE, *(event(kind, "v7", "B2", t(-5)) for kind in ("A02", "A03", "A12", "A13", "A08", "A11")))
    assert held(folded) == held(fold(*HERE))
    assert folded.unknown == {"v7"}


def test_a_unit_that_nobody_knows_is_not_named() -> None:
    folded = fold(*HERE, event("A02", "v1", "EUNICE WINTERBOTTOM", t(-5)))
    assert folded.stays["ward_code"].tolist() == ["A1", UNLISTED]


# -- A hospital that is played event by event: what its tables say is the truth, and every event is a message.


@dataclass
class Played:
    """One visit as the hospital's own tables have it. ``moves``: (ward, since)."""

    moves: list[tuple[str, datetime]] = field(default_factory=list)
    discharged: datetime | None = None
    admitted: datetime | None = None
    is_there: bool = False
    ever: bool = False


@dataclass
class Hospital:
    """``minutes``: between one event and the next. ``events``: in the order in which they were recorded."""

    choose: random.Random
    minutes: tuple[int, int]
    now: datetime = AS_AT - timedelta(days=1)
    visits: dict[str, Played] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    tables: list[tuple[Rows, Rows]] = field(default_factory=list)

    def play(self, number: int) -> None:
        self.tables.append(self.table())
        for _ in range(number):
            self.now += self.choose.randint(*self.minutes) * MINUTE
            self.events.append(self.step(f"v{self.choose.randint(1, 2)}"))
            self.tables.append(self.table())

    def step(self, key: str) -> Event:
        visit = self.visits.setdefault(key, Played())
        if not visit.is_there:
            ward = self.choose.choice(WARDS)
            visit.moves, visit.admitted, visit.is_there, visit.ever = [(ward, self.now)], self.now, True, True
            return self.told("A01", key, ward)
        if visit.discharged:
            then, visit.discharged = visit.discharged, None
            return self.told("A13", key, visit.moves[-1][0], then)
        what = self.choose.choice(["A02", "A02", "A03", "A12" if len(visit.moves) > 1 else "A11"])
        here = visit.moves[-1][0]
        if what == "A02":
            ward = self.choose.choice([one for one in WARDS if one != here])
            visit.moves.append((ward, self.now))
            return self.told("A02", key, ward)
        if what == "A03":
            visit.discharged = self.now
            return self.told("A03", key, here)
        if what == "A12":
            _, then = visit.moves.pop()
            return self.told("A12", key, visit.moves[-1][0], then)
        visit.is_there, visit.moves, then = False, [], visit.admitted
        return self.told("A11", key, here, then)

    def told(self, kind: str, key: str, ward: str, then: datetime | None = None) -> Event:
        return event(kind, key, ward, self.now, occurred=then, patient=f"p{key}", control_id=f"{len(self.events):04}")

    def table(self) -> tuple[Rows, Rows]:
        spells, stays = [], []
        for key, visit in self.visits.items():
            if not visit.is_there:
                continue
            ends = [since for _, since in visit.moves[1:]] + [visit.discharged]
            spells.append(
                {
                    "spell_key": key,
                    "patient_key": f"p{key}",
                    "admit_ts": visit.admitted,
                    "discharge_ts": visit.discharged,
                    "patient_class": "inpatient",
                }
            )
            stays += [
                {"spell_key": key, "ward_code": ward, "start_ts": since, "end_ts": end}
                for (ward, since), end in zip(visit.moves, ends, strict=True)
            ]
        return spells, stays


@st.composite
def stories(draw: st.DrawFn, minutes: tuple[int, int]) -> tuple[Hospital, int, Sequence[Event]]:
    """A hospital, how many of its events the poll knows, and what came: with old ones, some twice, in disorder."""
    hospital = Hospital(random.Random(draw(st.integers(0, 2**32))), minutes)
    hospital.play(draw(st.integers(1, 14)))
    polled = draw(st.integers(0, len(hospital.events)))
    first = draw(st.integers(0, polled))
    came = hospital.events[first:]
    came = came + draw(st.lists(st.sampled_from(came), max_size=3)) if came else came
    return hospital, polled, draw(st.permutations(came))


def after_a_poll(hospital: Hospital, polled: int, came: Sequence[Event]) -> Folded:
    unique = {one.key: one for one in came}
    as_at = hospital.events[polled - 1].recorded if polled else AS_AT - timedelta(days=1)
    return with_adt(*frames(*hospital.tables[polled]), as_at, unique.values(), {}, WARDS)


@given(stories((3, 40)))
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_a_poll_and_the_messages_after_it_are_the_next_poll(story: tuple[Hospital, int, Sequence[Event]]) -> None:
    hospital, *_ = story
    truth = Folded(*frames(*hospital.tables[-1]))
    assert held(after_a_poll(*story)) == held(truth)


@given(stories((1, 9)))
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_however_quickly_things_happen_everybody_lies_where_the_hospital_says(
    story: tuple[Hospital, int, Sequence[Event]],
) -> None:
    hospital, *_ = story
    truth = Folded(*frames(*hospital.tables[-1]))
    assert lies(after_a_poll(*story)) == lies(truth)


@given(stories((0, 10)), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_the_order_in_which_messages_come_changes_nothing(
    story: tuple[Hospital, int, Sequence[Event]], chance: random.Random
) -> None:
    hospital, polled, came = story
    shuffled = list(came)
    chance.shuffle(shuffled)
    one, other = (after_a_poll(hospital, polled, events) for events in (came, shuffled))
    assert held(one) == held(other)
