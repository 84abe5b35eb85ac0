"""Looking up and picking in whole columns agrees with doing it one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from surveillance.measures.picking import Latest, last_of_each, places_in

GROUPS = 4


@given(st.lists(st.tuples(st.integers(0, GROUPS - 1), st.integers(-2, 2), st.integers(-2, 2))))
def test_the_last_of_each_group_is_the_greatest_and_of_equal_ones_the_later(
    elements: list[tuple[int, int, int]],
) -> None:
    columns = np.array(elements, dtype=int).reshape(-1, 3).T
    expected = [-1] * GROUPS
    for _, _, place, group in sorted((second, first, at, group) for at, (group, first, second) in enumerate(elements)):
        expected[group] = place
    assert last_of_each(GROUPS, *columns).tolist() == expected


@given(st.lists(st.sampled_from("abcd"), unique=True), st.lists(st.sampled_from(["a", "b", "c", "d", None])))
def test_each_key_is_found_at_its_place(index: list[str], keys: list[str | None]) -> None:
    expected = [index.index(key) if key in index else -1 for key in keys]
    assert places_in(pd.Index(index), pd.Series(keys, dtype="str")).tolist() == expected


ROWS = st.lists(st.tuples(st.integers(-1, GROUPS - 1), st.one_of(st.none(), st.integers(0, 5))))


@given(ROWS, st.lists(st.tuples(st.integers(0, GROUPS - 1), st.integers(-1, 6))))
def test_the_latest_row_of_a_group_is_found_at_any_moment(
    rows: list[tuple[int, int | None]], asked: list[tuple[int, int]]
) -> None:
    groups = np.array([group for group, _ in rows], dtype=int)
    times = np.array([np.nan if at is None else at for _, at in rows], dtype=float)
    expected = []
    for group, moment in asked:
        known = [(at, row) for row, (of, at) in enumerate(rows) if of == group and at is not None and at <= moment]
        expected.append(max(known)[1] if known else -1)
    found = Latest.of(groups, times).by(*np.array(asked, dtype=float).reshape(-1, 2).T.astype(int))
    assert found.tolist() == expected
