"""At a desk every figure of a unit can be taken apart: each ward in words, the missing ones by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from layouts.words import clock
from surveillance.measures import CATALOGUE, Measure
from surveillance.rollup import roll_up
from surveillance.snapshot import Reading, Snapshot, State
from tests.displays import LONG_NAME, NOON, hub_of, reading, served, settings, snapshot


def with_one_away(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.UNAVAILABLE if ward.startswith("B/") else State.VALUE, 4)


def whole() -> Snapshot:
    made = snapshot(with_one_away)
    return replace(made, rollups=roll_up(settings(), made.readings))


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(hub_of(whole())) as address, httpx.Client(base_url=address) as found:
        yield found


def test_a_sum_names_the_ward_that_is_missing_and_does_not_count_it_as_0(client: httpx.Client) -> None:
    text = client.get("/made-of/trust/trust/aki_patients").text
    assert f"8</strong> · 2 of 3 wards reporting · as at {clock(NOON, NOON)}" in text
    assert f"Missing, and not counted as 0: {LONG_NAME}." in text
    assert "No data" in text
    assert "4 of 30" in text, "numerator and denominator"


def test_every_figure_of_a_unit_leads_to_what_it_is_made_of(client: httpx.Client) -> None:
    text = client.get("/made-of/division/MED").text
    for name in CATALOGUE:
        assert f'href="/made-of/division/MED/{name}"' in text
        assert client.get(f"/made-of/division/MED/{name}").status_code == 200
    assert f"Figures as at {clock(NOON, NOON)}" in text
    assert "1: 8, 2: 8, 3: 8" in text, "of a scale, so that no two numbers stand beside each other"


def test_the_list_of_wards_leads_there_and_to_leaderships_wall(client: httpx.Client) -> None:
    text = client.get("/").text
    for address in ("/executive", "/executive/MED", "/made-of/trust/trust", "/made-of/division/MED"):
        assert f'href="{address}"' in text
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("path", ["trust/none", "site/MED", "trust/trust/none", "ward/A1"])
def test_what_there_is_not_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(f"/made-of/{path}").status_code == 404


def test_before_the_first_snapshot_no_number_stands_there() -> None:
    with served(hub_of(None)) as address:
        text = httpx.get(f"{address}/made-of/trust/trust/aki_patients").text
    assert "No snapshot yet" in text
    assert "No data" in text
