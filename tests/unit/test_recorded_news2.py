"""A recorded NEWS2 total is never corrected; that it differs from its vital signs is counted, by the same scores."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from surveillance.clinical.news2 import news2
from surveillance.measures.recorded_news2 import added_up, differing


def numbers(low: int, high: int, scale: int = 1) -> st.SearchStrategy[float | None]:
    return st.none() | st.integers(low * scale, high * scale).map(lambda number: number / scale)


SETS = st.fixed_dictionaries({
    "rr": numbers(1, 40, 2),
    "spo2": numbers(70, 100),
    "spo2_scale": st.sampled_from([None, 1, 2]),
    "o2": st.sampled_from([None, "air", "Air ", "2 l/min"]),
    "sbp": numbers(60, 250),
    "pulse": numbers(20, 180),
    "acvpu": st.sampled_from([None, "A", "C", "V", "P", "U"]),
    "temp": numbers(33, 41, 20),
})  # fmt: skip


def frame(*sets: dict[str, Any]) -> pd.DataFrame:
    rows = pd.DataFrame(list(sets))
    texts = ("o2", "acvpu")
    return rows.astype({name: "str" if name in texts else "float64" for name in rows.columns})


@given(st.lists(SETS, min_size=1, max_size=30))
def test_whole_columns_score_as_single_sets_do(sets: list[dict[str, Any]]) -> None:
    def one(values: dict[str, Any]) -> int | None:
        own = dict(values)
        oxygen = own.pop("o2")
        return news2(on_oxygen=None if oxygen is None else oxygen.strip().lower() != "air", **own).total

    found = added_up(frame(*sets))
    assert [None if score != score else int(score) for score in found] == [one(values) for values in sets]


def test_only_a_whole_set_with_another_total_differs() -> None:
    example = {
        "rr": 21,
        "spo2": 93,
        "spo2_scale": None,
        "o2": "air",
        "sbp": 120,
        "pulse": 95,
        "acvpu": "A",
        "temp": 37.5,
    }
    sets = [
        example | {"news2_total": 6},  # UK Core's own example: its vital signs add up to 5
        example | {"news2_total": 5},
        example | {"news2_total": None},
        example | {"news2_total": 6, "temp": None},
    ]
    assert differing(frame(*sets)) == 1
