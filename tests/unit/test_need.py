from __future__ import annotations

import random
from dataclasses import replace

import pytest

from surveillance.measures import CATALOGUE
from surveillance.need import Need, need_of, ranked
from surveillance.snapshot import Level, Reading, State
from tests.displays import reading

DOSES, SEPSIS, VTE, AKI = "missed_doses_critical_today", "sepsis_antibiotic_overdue", "ra_vte", "aki_patients"
MEASURES = (DOSES, SEPSIS, VTE, AKI)
URGENT = (DOSES, SEPSIS)


def ward(code: str, **levels: Level | State) -> Need:
    """A ward whose measures stand at these levels, or in these states; the others at no level."""
    readings: dict[str, Reading] = {}
    for name in MEASURES:
        given = levels.get(name, Level.NONE)
        state = given if isinstance(given, State) else State.VALUE
        level = given if isinstance(given, Level) else Level.ACT  # must colour nothing
        readings[name] = replace(reading(CATALOGUE[name], code, state), level=level)
    return need_of(code, readings, MEASURES, URGENT)


def order(*needs: Need) -> str:
    return "".join(need.ward for need in ranked(needs))


def test_one_urgent_figure_comes_before_any_number_of_others() -> None:
    others = ward("A", **{VTE: Level.ACT, AKI: Level.ACT, DOSES: Level.WATCH, SEPSIS: Level.WATCH})
    assert order(others, ward("B", **{DOSES: Level.ACT})) == "BA"


def test_with_equally_many_urgent_ones_the_more_at_act_come_first() -> None:
    assert order(ward("A", **{DOSES: Level.ACT}), ward("B", **{SEPSIS: Level.ACT, VTE: Level.ACT})) == "BA"


def test_then_the_more_to_watch_and_then_the_order_of_the_organisation() -> None:
    quiet, watched = ward("A", **{VTE: Level.ACT}), ward("B", **{VTE: Level.ACT, AKI: Level.WATCH})
    assert order(quiet, watched) == "BA"
    assert order(ward("C"), ward("A"), ward("B")) == "CAB"


@pytest.mark.parametrize("state", [State.STALE, State.SUSPECT, State.UNAVAILABLE])
def test_a_figure_that_is_not_current_ranks_nobody_and_is_told(state: State) -> None:
    found = ward("A", **{DOSES: state})
    assert not found.needs_help
    assert found.unknown == (DOSES,)


@pytest.mark.parametrize("state", [State.NOT_APPLICABLE, State.NOT_CONNECTED, State.NOT_RECORDED])
def test_what_a_ward_does_not_have_is_not_unknown(state: State) -> None:
    assert ward("A", **{DOSES: state}).unknown == ()


def test_a_measure_without_any_reading_is_unknown() -> None:
    assert need_of("A", {}, MEASURES, URGENT).unknown == MEASURES


def test_the_rank_is_the_same_whatever_the_order_in_which_wards_come_in() -> None:
    dice = random.Random(4)
    wards = [
        ward(f"{number:02}", **{name: dice.choice((Level.NONE, Level.WATCH, Level.ACT)) for name in MEASURES})
        for number in range(40)
    ]
    ranks = [need.rank for need in ranked(wards)]
    dice.shuffle(wards)
    assert [need.rank for need in ranked(wards)] == ranks == sorted(ranks)
