"""Every worked example that a nurse can read comes out of the program as it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from surveillance.compose import Moment, answered
from surveillance.evaluate import Evaluated
from surveillance.feeds.data import FeedData
from surveillance.measures import EVERYTHING, Measure
from surveillance.measures.examples import FOLDER, Example, Listed, examples_of
from surveillance.snapshot import Reading, State
from tests.canonical import site_of, ward
from tests.spec.example_hospitals import feeds_of_examples

EXAMPLES = [(EVERYTHING[path.stem], one) for path in sorted(FOLDER.glob("*.md")) for one in examples_of(path.stem)]


FEEDS_OF = feeds_of_examples(EXAMPLES)


def worked_out(measure: Measure, example: Example, feeds: dict[str, FeedData]) -> Evaluated:
    """The readings of one measure on the example's hospital."""
    turned_away = {name: dict(data.rejected) for name, data in feeds.items() if data.rejected}
    assert not turned_away, "the example has rows that no feed would accept"
    content = example.site()
    content["wards"] = [ward(code, profile, beds=example.beds.get(code)) for code, profile in content["wards"].items()]
    return answered(Moment(site_of(**content), feeds, example.as_at), measure)


def said(reading: Reading) -> dict[str, Any]:
    return {"state": reading.state.value, "detail": reading.detail, **{part.name: part.value for part in reading.parts}}


def agrees(number: Any, expected: Decimal | str | None) -> bool:
    """Whether the number rounds to what is written; a whole number, or a word, must be it."""
    if isinstance(number, str) or isinstance(expected, str):
        return bool(number == expected)
    if number is None or expected is None:
        return number is None and expected is None
    decimals = -int(expected.as_tuple().exponent)
    return abs(float(number) - float(expected)) <= (0.5 * 10**-decimals + 1e-9 if decimals else 0)


def listed(found: Evaluated, measure: Measure, wanted: Listed) -> set[tuple[Any, ...]]:
    rows = found.rows
    if rows.empty:
        return set()
    rows = rows[(rows["ward_code"] == wanted.ward) & (rows["part"] == (wanted.part or measure.parts[0]))]
    return {tuple(written(cell) for cell in cells) for cells in rows[list(measure.key)].itertuples(index=False)}


def written(cell: Any) -> str | datetime:
    return cell.to_pydatetime().astimezone(UTC) if isinstance(cell, pd.Timestamp) else str(cell)


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=[f"{one.id}: {two.title}" for one, two in EXAMPLES])
def test_worked_example(number: int) -> None:
    measure, example = EXAMPLES[number]
    found = worked_out(measure, example, FEEDS_OF[number])
    for expected in example.expected:
        reading = found.readings[expected.ward]
        assert reading.state is expected.state, said(reading)
        if expected.state is State.VALUE:
            numbers = {name or measure.parts[0]: number for name, number in expected.parts.items()}
            assert set(numbers) <= set(measure.parts), f"{measure.id} has the parts {', '.join(measure.parts)}"
            for part in reading.parts:
                unnamed = None if part.value is None else Decimal(0)
                assert agrees(part.value, numbers.get(part.name, unnamed)), (part.name, said(reading))
    for wanted in example.listed:
        assert not wanted.part or wanted.part in measure.parts, f"{measure.id} has no part {wanted.part}"
        assert listed(found, measure, wanted) == wanted.keys
