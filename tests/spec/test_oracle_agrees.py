"""The program and a second, plainly written implementation of the definitions agree on adversarial hospitals."""

from __future__ import annotations

import math
from typing import Any

import pytest

from surveillance.compose import compose
from surveillance.measures.site import Site
from surveillance.snapshot import Reading, Snapshot
from surveillance.worklist import Worklist
from tests import oracle
from tests.canonical import feeds_of, site_of, ward
from tests.oracle.generate import hospital

SEEDS = range(12)
"""Many more are tried in ``tests/connectors/test_oracle_at_length.py``."""


def as_site(plain: dict[str, Any]) -> Site:
    classes: dict[str, list[str]] = {}
    for code, name in plain["drug_class"].items():
        classes.setdefault(name, []).append(code)
    medicines = {"classes": classes, "antimicrobial": plain["antimicrobial"], "window_min": plain["window_min"]}
    if plain["critical"] is not None:
        medicines["critical"] = plain["critical"]
    return site_of(
        wards=[ward(code, profile, beds=plain["beds"][code]) for code, profile in plain["wards"].items()],
        profiles=plain["profiles"],
        medicines=medicines,
        shifts={"day_start": plain["day_start"], "night_start": plain["night_start"]},
        team={"accreditation": {"levels": plain["levels"]}},
        options={
            "day_cases_on_ward": plain["day_cases_on_ward"],
            "vte_exemptions": plain["vte_exemptions"],
            "allowed_exemptions": plain["allowed_exemptions"],
            "early_parts": plain["early_parts"],
        },
    )


def differences(answers: dict[str, dict[str, Any]], snapshot: Snapshot, worklist: Worklist) -> list[str]:
    found = []
    for code, measures in answers.items():
        readings = {**snapshot.readings[code], **snapshot.forecasts[code]}
        for measure, expected in measures.items():
            reading = readings[measure]
            if reading.state.value != expected.state or not same(plain_value(reading), expected.value):
                found.append(
                    f"{code} {measure}: oracle {expected.state} {expected.value}, "
                    f"program {reading.state} {reading.value}"
                )
            elif expected.state == "value" and expected.keys:
                listed = keys(worklist, code, measure)
                for part, wanted in as_parts(expected.keys, reading).items():
                    if listed.get(part, set()) != wanted:
                        odd = sorted(listed.get(part, set()) ^ wanted)[:3]
                        found.append(f"{code} {measure} {part}: lists differ at {odd}")
    return found


def plain_value(reading: Reading) -> Any:
    return reading.value


def as_parts(wanted: Any, reading: Reading) -> dict[str, set[str]]:
    by_part = wanted if isinstance(wanted, dict) else {reading.parts[0].name: wanted}
    return {part: {text(key) for key in keys} for part, keys in by_part.items()}


def text(key: Any) -> str:
    return " ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def keys(worklist: Worklist, code: str, measure: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in worklist.rows.get((code, measure), ()):
        found.setdefault(str(row["part"]), set()).add(str(row["key"]))
    return found


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and all(same(ours.get(name), value) for name, value in theirs.items())
    if isinstance(theirs, float) and isinstance(ours, int | float):
        return math.isclose(ours, theirs, rel_tol=1e-9)
    return bool(ours == theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_program_and_oracle_agree(seed: int) -> None:
    tables, plain, as_at = hospital(seed)
    feeds = feeds_of(tables, as_at)
    assert not [data.rejected for data in feeds.values() if data.rejected]
    snapshot, worklist = compose(as_site(plain), feeds, as_at)
    assert differences(oracle.compute(tables, plain, as_at), snapshot, worklist) == []
