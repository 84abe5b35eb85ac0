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
