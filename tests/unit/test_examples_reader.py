"""Worked examples are read as they are meant, and whatever could be meant in two ways is refused with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from surveillance.errors import CaseFileError
from surveillance.feeds import FEEDS
from surveillance.measures.examples import Example, Expected, Listed, read_examples
from surveillance.measures.examples.defaults import DEFAULTS
from surveillance.measures.examples.wall_clock import written_date, written_moment
from surveillance.snapshot import State

WHOLE = """
# Words before the first example

## A heading
Why it is so.
As at Mon 2 Feb 2026 14:00
Ward: paediatric
Ward W2: maternity
Site: options.vte_exemptions = ["cohort"]
Site: no medicines.critical
Connected: flag
Not connected: order

spell
| spell_key | admit_ts | age |
|---|---|---|
| A | Mon 2 Feb 08:00 | |

assessment ×2
| spell_key | type | effective_ts |
|---|---|---|
| B | vte | 2 Feb 2025 09:00 |

Then initial_overdue 1, reassess_overdue unknown
Then 4.5 on W2
Then none on record on W3
Listed initial_overdue: A, O1 @ Mon 2 Feb 08:00
Listed on W2: –
"""


def one(text: str) -> Example:
    (example,) = read_examples(text, "x.md")
    return example


def example_with(line: str) -> Example:
    return one(f"## X\nAs at Mon 2 Feb 2026 14:00\n{line}\nThen 0\n")


def test_an_example_is_read_whole() -> None:
    example = one(WHOLE)
    assert (example.title, example.explanation) == ("A heading", "Why it is so.")
    assert example.as_at == datetime(2026, 2, 2, 14, tzinfo=UTC)
    assert example.site()["wards"] == {"W1": "paediatric", "W2": "maternity", "W3": "adult"}
    assert example.site()["options"] == {"vte_exemptions": ["cohort"]}
    assert example.site()["medicines"]["critical"] is None
    assert example.site()["medicines"]["classes"]["insulin"] == ["insulin"]
    assert example.expected == (
        Expected("W1", State.VALUE, {"initial_overdue": Decimal(1), "reassess_overdue": None}),
        Expected("W2", State.VALUE, {"": Decimal("4.5")}),
        Expected("W3", State.NONE_ON_RECORD),
    )
    due = datetime(2026, 2, 2, 8, tzinfo=UTC)
    assert example.listed == (
        Listed("W1", "initial_overdue", frozenset({("A",), ("O1", due)})),
        Listed("W2", "", frozenset()),
    )


def test_feeds_are_connected_as_the_measure_and_the_example_say() -> None:
    assert set(one(WHOLE).rows(["spell", "ward_stay", "order"])) == {"spell", "ward_stay", "assessment", "flag"}


def test_rows_are_filled_with_defaults_and_an_empty_cell_stays_empty() -> None:
    rows = one(WHOLE).rows(["spell", "ward_stay"])
    admitted = datetime(2026, 2, 2, 8, tzinfo=UTC)
    assert rows["spell"] == [
        {"spell_key": "A", "patient_key": "A", "admit_ts": admitted, "age": None, "discharge_ts": None}
    ]
    assert rows["ward_stay"] == [
        {"spell_key": "A", "ward_code": "W1", "bed_code": "A", "start_ts": admitted, "end_ts": None}
    ]


def test_a_row_may_stand_for_several() -> None:
    assert [row["spell_key"] for row in one(WHOLE).rows([])["assessment"]] == ["B1", "B2"]
    assert one(WHOLE).rows([])["assessment"][0]["recorded_ts"] == datetime(2025, 2, 2, 9, tzinfo=UTC)


def test_defaults_name_real_columns_and_give_every_required_one() -> None:
    for feed, defaults in DEFAULTS.items():
        assert set(defaults) <= set(FEEDS[feed].names)
    assert set(DEFAULTS) == set(FEEDS)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Mon 2 Feb 08:00", "2026-02-02T08:00:00"),
        ("2 Feb 08:00:30", "2026-02-02T08:00:30"),
        ("2 Feb 2025 08:00", "2025-02-02T08:00:00"),
        ("Sat 4 Jul 08:00", "2026-07-04T07:00:00"),
        ("Sun 29 Mar 00:59", "2026-03-29T00:59:00"),
        ("Sun 29 Mar 02:00", "2026-03-29T01:00:00"),
        ("Sun 25 Oct 01:30 BST", "2026-10-25T00:30:00"),
        ("Sun 25 Oct 01:30 GMT", "2026-10-25T01:30:00"),
        ("Sun 25 Oct 02:00", "2026-10-25T02:00:00"),
    ],
)
def test_wall_clock_times_are_instants(text: str, instant: str) -> None:
    assert written_moment(text, 2026) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Tue 2 Feb 08:00", "is a Mon"),
        ("Sun 29 Mar 01:30", "never show"),
        ("Sun 25 Oct 01:30", "twice"),
        ("Mon 2 Feb 08:00 BST", "never show"),
        ("Mon 2 Feb", "no time of day"),
        ("30 Feb 08:00", "day"),
        ("2 Feb 24:00", "hour"),
        ("2026-02-02 08:00", "is no time"),
    ],
)
def test_a_time_that_is_none_or_two_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CaseFileError, match=reason):
        written_moment(text, 2026)


def test_dates() -> None:
    assert written_date("Mon 2 Feb", 2026) == date(2026, 2, 2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("spel\n| spell_key |", "line 3: there is no feed 'spel'; did you mean 'spell'"),
        ("spell\n| spel_key |", "no column 'spel_key'; did you mean 'spell_key'"),
        ("spell\n| spell_key | age |\n|---|---|\n| A |", "line 6: 1 cells under 2 columns"),
        ("| A |", "starts with the name of its feed"),
        ("Thne 3", "nothing that an example can say"),
        ("Then many", "neither a number nor"),
        ("Connected: flags", "did you mean 'flag'"),
        ("Site: options.x =", "Invalid value"),
    ],
)
def test_a_line_that_says_nothing_known_is_refused(line: str, reason: str) -> None:
    with pytest.raises(CaseFileError, match=reason):
        example_with(line)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Words\n## X\nAs at Mon 2 Feb 2026 14:00\nThen 0", "line 1: an example starts with"),
        ("## X\nAs at Mon 2 Feb 2026 14:00", "needs 'As at' and 'Then'"),
        ("## X\nThen 0", "needs 'As at' and 'Then'"),
        ("## X\nAs at Mon 2 Feb 2026 14:00\nThen 0\n" * 2, "stands twice"),
        ("## X\nAs at Mon 2 Feb 14:00\nThen 0", "is no time"),
    ],
)
def test_a_file_that_is_no_list_of_examples_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CaseFileError, match=reason):
        read_examples(text, "x.md")
