from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from layouts.executive.page import executive_props, skeleton
from layouts.executive.plan import Plan, executive_faults, own_lists, plan, unit_of
from layouts.executive.says import SIGNS, THIN, cell
from layouts.markup import to_html
from layouts.wall.slots import Props
from surveillance.measures import CATALOGUE, Measure
from surveillance.rollup import roll_up
from surveillance.settings import Settings, Unit
from surveillance.snapshot import Level, Part, Reading, Snapshot, State
from tests.displays import NOON, Make, reading, settings, snapshot

DOSES, RN = "missed_doses_critical_today", "staff_rn_day"


def site(wards: int = 6, divisions: int = 2, **executive: Any) -> Settings:
    return settings(
        site={"name": "Test", "trust": "T", "trust_name": "Test Trust", "system": "ICS"},
        divisions=[{"code": f"D{n}", "name": f"Division {n}"} for n in range(divisions)],
        wards=[
            {"code": f"W{n}", "name": f"Ward {n}", "beds": 20, "division": f"D{n * divisions // wards}", "site": "MAIN"}
            for n in range(wards)
        ],
        executive=executive,
    )


def planned(chosen: Settings, code: str = "") -> Plan:
    unit = unit_of(chosen, code)
    assert unit
    return plan(chosen, unit)


def whole(chosen: Settings, make: Make = reading) -> Snapshot:
    made = snapshot(make, site=chosen)
    return replace(made, rollups=roll_up(chosen, made.readings))


def shown(chosen: Settings, make: Make = reading, code: str = "") -> Props:
    return executive_props(planned(chosen, code), whole(chosen, make), NOON, {})


def only(states: Mapping[tuple[str, str], Any]) -> Make:
    """3 everywhere, but for (ward, measure): a state, a level or a number."""

    def make(measure: Measure, ward: str) -> Reading:
        given = states.get((ward, measure.id))
        if isinstance(given, State):
            return reading(measure, ward, given)
        if isinstance(given, Level):
            return replace(reading(measure, ward), level=given)
        return reading(measure, ward, number=3 if given is None else given)

    return make


def texts(props: Props) -> list[str]:
    return [str(one["children"]) for one in props.values() if one.get("children")]


def column(measure: str) -> int:
    return [one.measure for one in own_lists().columns].index(measure)


def test_every_id_that_is_filled_is_on_the_wall_and_every_place_is_filled() -> None:
    chosen = site()
    html = to_html(skeleton(planned(chosen)))
    props = shown(chosen)
    assert [name for name in props if f'id="{name}"' not in html] == []
    assert html.count("<td id=") == sum(f'<td id="{name}"' in html for name in props)


def test_every_ward_stands_once_and_under_its_division() -> None:
    props = shown(site())
    names = [props[f"0-{row}n"]["children"] for row in range(8)]
    assert names == ["Division 0", "Ward 0", "Ward 1", "Ward 2", "Division 1", "Ward 3", "Ward 4", "Ward 5"]


@pytest.mark.parametrize(("wards", "divisions"), [(18, 3), (100, 7), (41, 2), (1, 1), (22, 22)])
def test_pages_hold_every_ward_once_within_their_lines_and_name_the_division(wards: int, divisions: int) -> None:
    chosen = site(wards, divisions)
    made = planned(chosen)
    chunks = {page.lines: page for page in made.pages}
    lines = [line for page in chunks for line in page]
    inside = [line for line in lines if line.place is not None]
    assert len(inside) == len(set(inside)) == wards
    for page in chunks:
        assert len(page) <= chosen.executive.rows
        assert page[0].place is None, "a page that begins inside a division says which"
        assert page[-1].place is not None
        for before, after in pairwise(page):
            assert after.place is None or after.division == before.division


def test_every_chart_of_the_list_has_its_turn() -> None:
    made = planned(site(), "")
    assert {one.id for page in made.pages for one in page.charts} == {
        name for name in own_lists().charts if name in CATALOGUE and CATALOGUE[name].charted
    }


@pytest.mark.parametrize(("code", "kind", "wards"), [("", "trust", 6), ("ICS", "system", 6), ("D1", "division", 3)])
def test_a_wall_is_that_of_its_unit(code: str, kind: str, wards: int) -> None:
    unit = unit_of(site(), code)
    assert unit
    assert (unit.kind, len(unit.wards)) == (kind, wards)
    assert unit_of(site(), "nobody") is None


def test_a_missing_ward_is_named_and_never_summed_as_0() -> None:
    chosen = site()
    props = shown(chosen, only({("W1", DOSES): State.UNAVAILABLE}))
    place = [one.measure for one in own_lists().headline].index(DOSES)
    assert props[f"0-h{place}v"]["children"] == "15"
    assert props[f"0-h{place}w"]["children"] == "5 of 6 wards"
    assert props[f"0-h{place}"]["className"] == "total", "5 of 6 is over the configured 80 %"
    assert props["0-without"]["children"] == "Not in every figure: Ward 1 (1)"
    division = props[f"0-0c{column(DOSES)}"]
    assert division["className"] == "sum thin", "2 of 3 is not"
    assert "without W1" in division["title"]
    assert props[f"0-2c{column(DOSES)}"]["children"] == SIGNS[State.UNAVAILABLE]


def test_below_the_configured_coverage_a_figure_is_hatched() -> None:
    away = only({("W1", DOSES): State.UNAVAILABLE, ("W2", DOSES): State.STALE})
    place = [one.measure for one in own_lists().headline].index(DOSES)
    assert shown(site(), away)[f"0-h{place}"]["className"] == "total thin"
    assert shown(site(coverage=0.6), away)[f"0-h{place}"]["className"] == "total"


def test_with_no_ward_reporting_there_is_no_number() -> None:
    props = shown(site(), lambda measure, ward: reading(measure, ward, State.UNAVAILABLE))
    for place in range(len(own_lists().headline)):
        assert props[f"0-h{place}v"] == {"children": "No data", "className": "words"}
        assert props[f"0-h{place}"]["className"] == "total thin"
    assert "No figure that is known is at ● act" in props["0-nrest"]["children"]
    assert "6 wards not fully known" in props["0-nrest"]["children"]


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.NOT_RECORDED, "not recorded on 6 wards"), (State.STALE, "no data on 6 wards")],
)
def test_wards_without_a_level_are_not_said_to_have_recorded_none(state: State, words: str) -> None:
    props = shown(site(), lambda measure, ward: reading(measure, ward, state))
    assert [props[f"0-l{place}"]["children"] for place in range(len(own_lists().levels))] == [words] * 3


def test_before_the_first_snapshot_no_digit_is_shown() -> None:
    props = executive_props(planned(site()), None, NOON, {}, stage="waiting")
    cells = [one["children"] for name, one in props.items() if "c" in name.partition("-")[2] and "children" in one]
    assert cells
    assert not any(character.isdigit() for text in cells for character in str(text))


@pytest.mark.parametrize("state", [state for state in State if state is not State.VALUE])
def test_every_way_of_not_knowing_has_a_sign_of_its_own_and_no_colour(state: State) -> None:
    made = cell(CATALOGUE[DOSES], replace(reading(CATALOGUE[DOSES], "W1", state), level=Level.ACT), NOON)
    assert made.text.startswith(SIGNS[state])
    assert "act" not in made.names.split()
    assert len(set(SIGNS.values())) == len(SIGNS)
    assert ("3" in made.text) == (state is State.STALE)


def test_a_stale_number_says_of_when_it_is() -> None:
    old = reading(CATALOGUE[DOSES], "W1", State.STALE, as_at=NOON - timedelta(minutes=47))
    assert "as at 11:13" in cell(CATALOGUE[DOSES], old, NOON).explained


@pytest.mark.parametrize(("actual", "said"), [(3, "−2"), (5, "0"), (6, "+1"), (4.5, "−0.5")])
def test_of_staff_the_difference_from_the_plan_is_shown(actual: float, said: str) -> None:
    parts = (Part("actual", State.VALUE, actual, actual), Part("planned", State.VALUE, 5, 5))
    one = replace(reading(CATALOGUE[RN], "W1"), parts=parts)
    assert cell(CATALOGUE[RN], one, NOON).text == said


def test_a_coloured_cell_has_its_shape_too() -> None:
    for level, shape in ((Level.ACT, "●"), (Level.WATCH, "▲")):
        made = cell(CATALOGUE[DOSES], replace(reading(CATALOGUE[DOSES], "W1"), level=level), NOON)
        assert made.text == f"{shape}{THIN}3"
        assert level.value in made.names.split()


def test_sorted_by_need_the_wards_in_trouble_come_first_within_their_division() -> None:
    trouble = only({("W2", DOSES): Level.ACT, ("W5", DOSES): Level.ACT})
    listed, by_need = shown(site(), trouble), shown(site(order="need"), trouble)
    assert [listed[f"0-{row}n"]["children"] for row in (1, 2, 3)] == ["Ward 0", "Ward 1", "Ward 2"]
    assert [by_need[f"0-{row}n"]["children"] for row in (1, 2, 3)] == ["Ward 2", "Ward 0", "Ward 1"]
    assert by_need["0-5n"]["children"] == "Ward 5"


def test_who_needs_help_is_named_with_what_is_wrong_there() -> None:
    props = shown(site(), only({("W4", DOSES): Level.ACT, ("W2", "ra_vte"): Level.ACT}))
    assert props["0-n0"]["children"] == "Ward 4"
    assert props["0-n0w"]["children"] == "3 critical doses missed"
    assert props["0-n1"]["children"] == "Ward 2"
    assert props["0-n2l"]["className"] == "off"


def test_a_change_of_one_reading_changes_its_own_cell_its_sums_and_nothing_else() -> None:
    chosen = site()
    before, after = shown(chosen), shown(chosen, only({("W1", "aki_patients"): 9}))
    changed = {name.partition("-")[2] for name in after if after[name] != before[name]}
    place = column("aki_patients")
    assert changed == {f"2c{place}", f"0c{place}"}


def test_a_division_that_has_wards_elsewhere_too_has_no_sum_on_a_sites_wall() -> None:
    chosen = site()
    wards = [ward.model_copy(update={"site": "B"}) if ward.code == "W5" else ward for ward in chosen.wards]
    both = chosen.model_copy(update={"wards": tuple(wards), "sites": (*chosen.sites, Unit(code="B", name="Site B"))})
    props = shown(both, code="MAIN")
    place = column("aki_patients")
    assert props[f"0-0c{place}"]["children"] == "9"
    assert props["0-4n"]["children"] == "Division 1"
    assert props[f"0-4c{place}"]["children"] == ""


def test_a_wall_of_a_unit_counts_its_own_wards_only() -> None:
    props = shown(site(), only({("W0", DOSES): State.UNAVAILABLE}), "D1")
    place = [one.measure for one in own_lists().headline].index(DOSES)
    assert props[f"0-h{place}w"]["children"] == "3 of 3 wards"
    assert not [text for text in texts(props) if "Ward 0" in text]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"columns": [{"measure": "ra_vtee"}]}, "executive.columns: unknown measure 'ra_vtee'; did you mean 'ra_vte'?"),
        ({"urgent": [DOSES, DOSES]}, f"executive.urgent: '{DOSES}' stands twice"),
        ({"charts": ["patients_on_ward"]}, "executive.charts: 'patients_on_ward' is not charted"),
        ({"levels": ["ra_vte"]}, "executive.levels: 'ra_vte' has no levels"),
    ],
)
def test_a_wrong_list_is_told_by_its_key(given: dict[str, Any], words: str) -> None:
    assert executive_faults(site(**given)) == [words]


def test_the_programs_own_lists_are_right() -> None:
    own = own_lists()
    assert executive_faults(site(**own.model_dump(include={"headline", "columns", "urgent", "levels", "charts"}))) == []
