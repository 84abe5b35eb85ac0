"""Wards add up by each measure's rule, and a ward that does not report is missing by name, never a 0."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Better, Measure, RollUp
from surveillance.rollup import added, roll_up, units
from surveillance.settings import Threshold
from surveillance.snapshot import Level, Part, Reading, Rollup, State
from surveillance.thresholds import concern, level_of
from tests.canonical import site_of, ward

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
COUNT, PAIR, RATIO = CATALOGUE["patients_on_ward"], CATALOGUE["staff_rn_day"], CATALOGUE["fill_rate"]
SINCE, LEVELS = CATALOGUE["cdiff_days_since"], CATALOGUE["process_reliability"]


def reading(unit: str, *parts: Part, measure: Measure = COUNT, as_at: datetime | None = NOON) -> Reading:
    return Reading(measure.id, measure.version, unit, State.VALUE, parts, as_at, Level.ACT)


def number(unit: str, value: float, measure: Measure = COUNT, of: float | None = None) -> Reading:
    return reading(unit, Part(measure.parts[0], State.VALUE, value, value, of), measure=measure)


def without(unit: str, state: State, measure: Measure = COUNT) -> Reading:
    return Reading(measure.id, measure.version, unit, state, as_at=NOON)


def total(*readings: Reading, measure: Measure = COUNT) -> Rollup:
    found = added(measure, "division", "MED", readings)
    assert found.reading.level is Level.NONE  # only a ward is coloured
    assert found.reading.unit == "MED"
    return found


def test_every_measure_declares_a_rule_that_fits_it() -> None:
    rules = {measure.rollup for measure in (COUNT, RATIO, SINCE, LEVELS)}
    assert rules == set(RollUp)


def test_counts_and_what_they_are_out_of_add() -> None:
    found = total(number("W1", 2, of=10), number("W2", 0, of=5), number("W3", 3, of=7))
    assert (found.reading.state, found.reading.value) == (State.VALUE, 5)
    assert [(part.numerator, part.denominator) for part in found.reading.parts] == [(5, 22)]
    assert (found.reporting, found.expected, found.missing) == (3, 3, ())


@pytest.mark.parametrize(
    "state", [State.STALE, State.SUSPECT, State.UNAVAILABLE, State.NOT_RECORDED, State.NOT_CONNECTED]
)
def test_a_ward_without_a_current_value_is_missing_by_name(state: State) -> None:
    found = total(number("W1", 2), without("W2", state))
    assert (found.reading.value, found.reporting, found.expected, found.missing) == (2, 1, 2, ("W2",))


def test_a_stale_number_does_not_add() -> None:
    old = replace(number("W2", 40), state=State.STALE)
    assert total(number("W1", 2), old).reading.value == 2
    alone = total(old)
    assert (alone.reading.state, alone.reading.value) == (State.UNAVAILABLE, None)


def test_a_ward_where_it_means_nothing_is_not_asked() -> None:
    found = total(number("W1", 2), without("W2", State.NOT_APPLICABLE))
    assert (found.reporting, found.expected, found.missing) == (1, 1, ())
    nowhere = total(without("W1", State.NOT_APPLICABLE))
    assert (nowhere.reading.state, nowhere.reading.value, nowhere.expected) == (State.NOT_APPLICABLE, None, 0)


def test_without_any_value_the_commonest_state_stands() -> None:
    found = total(without("W1", State.SUSPECT), without("W2", State.SUSPECT), without("W3", State.UNAVAILABLE))
    assert (found.reading.state, found.reading.value) == (State.SUSPECT, None)
    assert found.missing == ("W1", "W2", "W3")


def test_the_age_is_that_of_the_oldest_ward_that_counts() -> None:
    old = replace(number("W2", 1), as_at=NOON - timedelta(minutes=5))
    ignored = replace(without("W3", State.STALE), as_at=NOON - timedelta(hours=5))
    assert total(number("W1", 1), old, ignored).reading.as_at == NOON - timedelta(minutes=5)


def test_planned_and_actual_add_apart() -> None:
    def staff(unit: str, actual: float, planned: float) -> Reading:
        parts = (Part("actual", State.VALUE, actual, actual), Part("planned", State.VALUE, planned, planned))
        return reading(unit, *parts, measure=PAIR)

    assert total(staff("W1", 3.5, 5), staff("W2", 4, 4), measure=PAIR).reading.value == {"actual": 7.5, "planned": 9}


def test_a_part_that_one_ward_cannot_know_has_no_sum() -> None:
    measure = CATALOGUE["ra_falls"]
    full = reading("W1", *(Part(name, State.VALUE, 1, 1) for name in measure.parts), measure=measure)
    half = replace(full, unit="W2", parts=(full.parts[0], Part(measure.parts[1], State.NOT_CONNECTED)))
    assert total(full, half, measure=measure).reading.value == {measure.parts[0]: 2, measure.parts[1]: None}


def fill(unit: str, actual: float, planned: float) -> Reading:
    if planned:
        part = Part("rn_day", State.VALUE, 100 * actual / planned, actual, planned)
    else:
        part = Part("rn_day", State.NOT_APPLICABLE, None, actual, planned)
    others = (Part(name, State.VALUE, 100, 1, 1) for name in RATIO.parts[1:])
    return reading(unit, part, *others, measure=RATIO)


def rn_day(*readings: Reading) -> Part:
    return total(*readings, measure=RATIO).reading.parts[0]


def test_of_ratios_the_numerators_and_denominators_add() -> None:
    part = rn_day(fill("W1", 90, 100), fill("W2", 10, 20))
    assert (part.value, part.numerator, part.denominator) == (pytest.approx(100 * 100 / 120), 100, 120)


def test_hours_on_a_ward_that_planned_none_still_count_in_the_division() -> None:
    """A nurse redeployed from W1 to a ward without a plan works in the division: its fill rate stays 100 %."""
    part = rn_day(fill("W1", 90, 100), fill("W2", 10, 0))
    assert (part.value, part.numerator, part.denominator) == (100, 100, 100)


def test_a_ratio_of_nothing_is_not_applicable() -> None:
    part = rn_day(fill("W1", 0, 0), fill("W2", 5, 0))
    assert (part.state, part.value) == (State.NOT_APPLICABLE, None)


def test_days_since_take_the_smallest() -> None:
    found = total(number("W1", 12, SINCE), number("W2", 3, SINCE), number("W3", 400, SINCE), measure=SINCE)
    assert found.reading.value == 3


def test_a_ward_with_no_event_on_record_reports_and_does_not_make_it_0() -> None:
    clear = without("W2", State.NONE_ON_RECORD, SINCE)
    found = total(number("W1", 12, SINCE), clear, measure=SINCE)
    assert (found.reading.value, found.reporting, found.missing) == (12, 2, ())
    nothing = total(clear, replace(clear, unit="W3"), measure=SINCE)
    assert (nothing.reading.state, nothing.reading.value, nothing.reporting) == (State.NONE_ON_RECORD, None, 2)


def test_an_event_today_is_0_days_and_stays_0() -> None:
    assert total(number("W1", 0, SINCE), number("W2", 9, SINCE), measure=SINCE).reading.value == 0


def test_levels_are_counted() -> None:
    wards = [number("W1", 2, LEVELS), number("W2", 4, LEVELS), number("W3", 2, LEVELS)]
    assert total(*wards, without("W4", State.NOT_RECORDED, LEVELS), measure=LEVELS).reading.value == {"2": 2, "4": 1}


def test_every_measure_is_added_over_every_unit() -> None:
    site = site_of(
        site={"name": "Test", "trust": "TRUST", "system": "ICS"},
        divisions=[{"code": "MED", "name": "Medicine"}, {"code": "SURG", "name": "Surgery"}],
        wards=[ward("W1"), ward("W2"), {**ward("W3"), "division": "SURG"}],
    )
    expected: list[Any] = [
        ("division", "MED", ["W1", "W2"]),
        ("division", "SURG", ["W3"]),
        ("site", "MAIN", ["W1", "W2", "W3"]),
        ("trust", "TRUST", ["W1", "W2", "W3"]),
        ("system", "ICS", ["W1", "W2", "W3"]),
    ]
    assert units(site.settings) == expected
    readings = {one: {name: number(one, 2, CATALOGUE[name]) for name in CATALOGUE} for one in site.wards}
    rolled = roll_up(site.settings, readings)
    assert len(rolled) == 5 * len(CATALOGUE)
    patients = {one.reading.unit: one.reading.value for one in rolled if one.reading.measure == COUNT.id}
    assert patients == {"MED": 4, "SURG": 2, "MAIN": 6, "TRUST": 6, "ICS": 6}


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.data())
def test_divisions_add_up_to_the_trust(counts: list[int], data: st.DataObject) -> None:
    wards = [number(f"W{place}", count) for place, count in enumerate(counts)]
    cut = data.draw(st.integers(0, len(wards)))
    parts = [total(*some).reading.value or 0 for some in (wards[:cut], wards[cut:])]
    assert sum(float(str(part)) for part in parts) == total(*wards).reading.value == sum(counts)


# -- what colours a ward's tile


@pytest.mark.parametrize(("value", "level"), [(2, Level.NONE), (3, Level.WATCH), (4, Level.WATCH), (5, Level.ACT)])
def test_a_threshold_is_reached_at_its_number(value: float, level: Level) -> None:
    measure = replace(COUNT, better=Better.LOWER)
    assert level_of(measure, Threshold(watch=3, act=5), number("W1", value).parts) is level


def test_where_more_is_better_a_threshold_is_reached_from_above() -> None:
    limits = Threshold(watch=30, act=7)
    levels = [level_of(SINCE, limits, number("W1", days, SINCE).parts) for days in (31, 30, 8, 7)]
    assert levels == [Level.NONE, Level.WATCH, Level.WATCH, Level.ACT]


def test_without_a_threshold_nothing_is_coloured() -> None:
    assert level_of(COUNT, Threshold(), number("W1", 99).parts) is Level.NONE


def test_staff_are_judged_by_those_who_are_missing() -> None:
    parts = (Part("actual", State.VALUE, 3.5), Part("planned", State.VALUE, 5))
    assert concern(parts) == 1.5
    assert concern((Part("actual", State.NOT_CONNECTED), parts[1])) is None
    assert concern((Part("a", State.VALUE, 2), Part("b", State.VALUE, 3), Part("c", State.NOT_CONNECTED))) == 5
    assert concern(()) is None
