"""The simulated people have names of many origins and numbers that are right in form and belong to nobody."""

from __future__ import annotations

import re
from random import Random

import pytest

from surveillance.demo.names import BABY, ORIGINS, check_digit, hospital_number, name, nhs_number
from surveillance.demo.records import KEYS_PER_SUBJECT

PEOPLE = 60_000
"""Numbers from here on are not patients (``surveillance.demo.generator``)."""


def test_every_nhs_number_is_a_valid_one_of_the_test_range_and_of_one_person() -> None:
    numbers = [nhs_number(number) for number in range(PEOPLE)]
    assert len(set(numbers)) == PEOPLE
    assert all(re.fullmatch(r"999\d{7}", number) for number in numbers)
    assert all(check_digit(number[:9]) == int(number[9]) for number in numbers[::97])


@pytest.mark.parametrize(("nine", "tenth"), [("943476591", 9), ("401023213", 7), ("987654321", 0), ("999079500", 2)])
def test_the_check_digit_is_that_of_the_data_dictionary(nine: str, tenth: int) -> None:
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(nine))
    assert (weighted + tenth) % 11 == 0
    assert check_digit(nine) == tenth


def test_nine_digits_that_would_need_a_tenth_of_ten_are_no_number() -> None:
    nines = [f"9990000{number:02}" for number in range(100)]
    without = [nine for nine in nines if check_digit(nine) is None]
    assert 5 <= len(without) <= 15
    for nine in without:
        assert all((sum(int(d) * (10 - p) for p, d in enumerate(nine)) + tenth) % 11 for tenth in range(10))


def test_every_hospital_number_is_of_one_person() -> None:
    numbers = [hospital_number(number) for number in range(PEOPLE)]
    assert len(set(numbers)) == PEOPLE
    assert all(re.fullmatch(r"FHN \d{3} \d{3}", number) for number in numbers)
    assert PEOPLE * KEYS_PER_SUBJECT < 2**31


def test_names_repeat_with_the_seed_and_fit_the_person() -> None:
    def drawn(seed: str, **person: bool | int) -> tuple[str, str]:
        return name(Random(seed), **({"female": True, "born": 1940, "newborn": False} | person))  # type: ignore[arg-type]

    assert drawn("7:1") == drawn("7:1")
    assert len({drawn(f"7:{number}") for number in range(500)}) > 400
    older = {given for origin in ORIGINS for given in origin.older_women.split()}
    younger = {given for origin in ORIGINS for given in origin.women.split()}
    assert {drawn(f"7:{number}", born=1999)[1] for number in range(500)} <= younger
    assert {drawn(f"7:{number}")[1] for number in range(500)} & older
    assert drawn("7:1", newborn=True)[1] == BABY
    men = {given for origin in ORIGINS for given in (*origin.men.split(), *origin.older_men.split())}
    assert {drawn(f"7:{number}", female=False)[1] for number in range(500)} <= men


def test_many_origins_are_among_them() -> None:
    assert len(ORIGINS) >= 10
    assert sum(origin.weight for origin in ORIGINS) == 100
    assert any(not family.isascii() for origin in ORIGINS for family in origin.family.split())
