from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from surveillance.compose import compose
from surveillance.measures import CATALOGUE, CENSUS, EVERYTHING
from surveillance.renamed import LEAST, renamed
from surveillance.snapshot import Snapshot, State
from surveillance.worklist import Worklist
from tests.canonical import feed_data, site_of, ward
from tests.displays import NOON

SITE = site_of(wards=[ward("W1"), ward("W2")])
MINUTE = timedelta(minutes=1)


def composed(before: Snapshot | None, minutes: int, **lying: int) -> tuple[Snapshot, Worklist]:
    """So many patients in each unit. The same people are the same, wherever they lie."""
    units = [unit for unit, number in sorted(lying.items()) for _ in range(number)]
    at, came = NOON + minutes * MINUTE, NOON - timedelta(hours=40)
    spells = [{"patient_key": f"P{n}", "spell_key": f"S{n}", "admit_ts": came} for n in range(len(units))]
    stays: list[dict[str, Any]] = [
        {"spell_key": f"S{n}", "ward_code": unit, "bed_code": f"B{n}", "start_ts": came, "end_ts": None}
        for n, unit in enumerate(units)
    ]
    feeds = {name: feed_data(name, rows, at) for name, rows in (("spell", spells), ("ward_stay", stays))}
    return compose(SITE, feeds, at, before)


def states(snapshot: Snapshot, code: str) -> dict[str, State]:
    return {name: reading.state for name, reading in snapshot.readings[code].items()}


def test_a_ward_whose_patients_turn_up_in_an_unlisted_unit_is_not_shown_as_empty() -> None:
    before, _ = composed(None, 0, W1=8, W2=6)
    now, worklist = composed(before, 1, NEW1=8, W2=6)
    reading = now.readings["W1"][CENSUS]
    assert (reading.state, reading.value) == (State.SUSPECT, None)
    assert reading.detail == "its patients seem to lie in a unit that is no ward of the site: NEW1"
    of_patients = [name for name, measure in CATALOGUE.items() if "ward_stay" in measure.feeds]
    assert State.VALUE not in {states(now, "W1")[name] for name in of_patients}
    assert now.readings["W2"][CENSUS].value == 6
    assert not any(worklist.rows.get(("W1", name)) for name in EVERYTHING)
    trust = next(one for one in now.rollups if one.kind == "trust" and one.reading.measure == CENSUS)
    assert "W1" in trust.missing


def test_it_stays_doubtful_until_the_ward_has_patients_or_the_unit_has_none() -> None:
    before, _ = composed(None, 0, W1=8, W2=6)
    first, _ = composed(before, 1, NEW1=8, W2=6)
    second, _ = composed(first, 2, NEW1=7, W2=6)
    assert second.readings["W1"][CENSUS].state is State.SUSPECT
    back, _ = composed(second, 3, W1=1, NEW1=7, W2=6)
    assert back.readings["W1"][CENSUS].value == 1
    gone, _ = composed(second, 3, W2=6)
    assert gone.readings["W1"][CENSUS].value == 0


def test_a_ward_that_empties_while_nobody_turns_up_elsewhere_is_empty() -> None:
    before, _ = composed(None, 0, W1=8, W2=6, LOUNGE=20)
    for now in (composed(before, 1, W2=14, LOUNGE=20), composed(before, 1, W2=6, LOUNGE=23)):
        assert now[0].readings["W1"][CENSUS].value == 0


@pytest.mark.parametrize(("number", "doubted"), [(LEAST - 1, False), (LEAST, True)])
def test_a_few_patients_may_leave_within_a_minute(number: int, doubted: bool) -> None:
    before, _ = composed(None, 0, W1=number, W2=6)
    assert bool(renamed({"W1": 0, "W2": 6}, {"NEW1": number}, before)) is doubted


def test_a_ward_that_the_site_does_not_list_any_more_is_nobodys() -> None:
    before, _ = composed(None, 0, W1=8, W2=6)
    assert renamed({"W2": 6}, {"W1": 8}, before) == {}


def test_a_figure_that_was_held_is_compared_as_well() -> None:
    before, _ = composed(None, 0, W1=8, W2=6)
    held = {**before.readings["W1"], CENSUS: replace(before.readings["W1"][CENSUS], state=State.STALE)}
    stale = replace(before, readings={**before.readings, "W1": held})
    assert renamed({"W1": 0, "W2": 6}, {"NEW1": 8}, stale).keys() == {"W1"}
