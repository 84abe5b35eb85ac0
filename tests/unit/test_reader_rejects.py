"""Rows that are turned away make a number smaller; too many of them, and there is no number."""

from __future__ import annotations

from surveillance.feeds import FEEDS
from surveillance.polling.reader import mostly_rejected
from surveillance.settings import Plausibility

RULE = Plausibility()


def test_a_few_rejected_rows_are_only_counted() -> None:
    assert mostly_rejected(FEEDS["assessment"], {"type: unknown code": 100}, 1_000, RULE) == ""


def test_more_than_the_share_make_the_feed_suspect_and_say_how_many() -> None:
    words = mostly_rejected(FEEDS["assessment"], {"type: unknown code": 60, "status: empty": 41}, 1_000, RULE)
    assert words == "101 of 1000 rows of assessment were rejected"


def test_a_handful_of_rows_proves_nothing() -> None:
    assert mostly_rejected(FEEDS["wound"], {"category: unknown code": 9}, 49, RULE) == ""


def test_of_a_handful_of_rows_more_than_half_are_too_many() -> None:
    """A feed of four rows that were all turned away would otherwise be a reassuring 0."""
    assert mostly_rejected(FEEDS["wound"], {"onset_ts: not a time": 2}, 4, RULE) == ""
    assert mostly_rejected(FEEDS["wound"], {"onset_ts: not a time": 3}, 4, RULE) == "3 of 4 rows of wound were rejected"
    assert mostly_rejected(FEEDS["wound"], {"onset_ts: not a time": 4}, 4, Plausibility(rejected_share=1)) == ""
