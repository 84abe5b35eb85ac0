from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from surveillance.lapse import lapsed
from surveillance.measures import EVERYTHING, Measure
from surveillance.snapshot import Level, Reading, Rollup, State
from tests.displays import NOON, every_state, reading, settings, snapshot

THEN = NOON - timedelta(minutes=20)


def from_then(measure: Measure, ward: str) -> Reading:
    return replace(reading(measure, ward, as_at=THEN), level=Level.ACT)


def test_no_value_outlives_the_renewal_of_its_snapshot() -> None:
    shown = lapsed(snapshot(from_then), settings(), NOON)
    for by_measure in (*shown.readings.values(), *shown.forecasts.values()):
        for one in by_measure.values():
            assert (one.state, one.level, one.as_at) == (State.STALE, Level.NONE, THEN)
            assert {part.state for part in one.parts} == {State.STALE}
    assert {status.state for status in shown.sources} == {"stale"}


@pytest.mark.parametrize(("minutes", "gone"), [(30, False), (31, True)])
def test_a_number_is_gone_after_the_limit_of_its_feeds(minutes: int, gone: bool) -> None:
    shown = lapsed(snapshot(from_then), settings(), THEN + timedelta(minutes=minutes))
    doses = shown.readings["A1"]["missed_doses_today"]
    assert (doses.state is State.UNAVAILABLE, doses.parts == (), doses.as_at) == (gone, gone, THEN)
    assert shown.readings["A1"]["covid_positive"].state is State.STALE, "its feeds hold for two hours"


def test_what_was_not_known_stays_as_it_was() -> None:
    before, after = snapshot(every_state), lapsed(snapshot(every_state), settings(), NOON)
    for name in EVERYTHING:
        one = {**before.readings["A1"], **before.forecasts["A1"]}[name]
        if one.state not in (State.VALUE, State.STALE):
            assert {**after.readings["A1"], **after.forecasts["A1"]}[name] == one


def test_a_sum_over_wards_is_left_out() -> None:
    whole = replace(snapshot(), rollups=(Rollup(reading(EVERYTHING["edd_today"], "MED"), "division", 3, 3),))
    assert lapsed(whole, settings(), NOON).rollups == ()
