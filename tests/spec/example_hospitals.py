"""The feeds of all worked examples pass the gate together, one call for each shape of a feed: each call is dear.

Keys carry the number of their example through the gate, so that the examples stay apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData
from surveillance.feeds.gate import FUTURE_TOLERANCE_MIN
from surveillance.feeds.schema import Kind
from surveillance.measures import Measure
from surveillance.measures.examples import Example
from tests.canonical import feed_data

Row = dict[str, Any]
Work = tuple[Measure, Example]
TAG = 5


def feeds_of_examples(work: Sequence[Work]) -> list[dict[str, FeedData]]:
    """For each piece of work its feeds as current ones, at its own moment."""
    shapes: dict[tuple[str, frozenset[str]], dict[int, list[Row]]] = defaultdict(dict)
    for number, (measure, example) in enumerate(work):
        for feed, rows in example.rows(measure.feeds).items():
            shapes[feed, frozenset(name for row in rows for name in row)][number] = rows
    found: list[dict[str, FeedData]] = [{} for _ in work]
    for (feed, _), rows_of in shapes.items():
        for number, rows in rows_of.items():
            _expect_past(feed, rows, work[number])
        for number, data in _through_the_gate(feed, rows_of, [one.as_at for _, one in work]).items():
            found[number][feed] = data
    return found


def _expect_past(feed: str, rows: list[Row], work: Work) -> None:
    latest = work[1].as_at + timedelta(minutes=FUTURE_TOLERANCE_MIN)
    for column in FEEDS[feed].columns:
        late = column.past and any(row.get(column.name) and row[column.name] > latest for row in rows)
        assert not late, f"{work[0].id}: {work[1].title}: {feed}.{column.name} is in the future"


def _through_the_gate(feed: str, rows_of: dict[int, list[Row]], moments: Sequence[datetime]) -> dict[int, FeedData]:
    keys = [column.name for column in FEEDS[feed].columns if column.kind is Kind.KEY]
    tagged = [
        {name: f"{number:0{TAG}}{cell}" if name in keys and cell else cell for name, cell in row.items()}
        for number, rows in rows_of.items()
        for row in rows
    ]
    data = feed_data(feed, tagged, max(moments))
    if data.rejected and len(rows_of) > 1:  # one by one, to name the example at fault
        return {number: _through_the_gate(feed, {number: rows}, moments)[number] for number, rows in rows_of.items()}
    assert data.frame is not None
    whose = data.frame[next(name for name in keys if name != "duty_key")].str[:TAG]
    split = {int(tag): rows.reset_index(drop=True) for tag, rows in data.frame.groupby(whose)}
    return {
        number: replace(
            data,
            frame=_untagged(split.get(number, data.frame[:0]), keys),
            as_at=moments[number],
            since=moments[number] - timedelta(hours=FEEDS[feed].lookback_h),
        )
        for number in rows_of
    }


def _untagged(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].str[TAG:] for name in keys})
