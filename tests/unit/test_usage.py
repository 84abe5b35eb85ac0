"""What was asked of a source within the last hour is counted, and no more is asked than its budget allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from surveillance.errors import ConfigurationError
from surveillance.opening import open_site
from surveillance.settings import Budget
from surveillance.usage import HOUR_S, Spent, Used
from tests.small_hospital import small_hospital


def test_an_hour_later_a_question_is_forgotten() -> None:
    budget = Budget()
    spent = Spent(budget)
    spent.note(10.0, 2.5)
    spent.note(20.0, 0.5)
    assert spent.used(30.0, 1) == Used(budget, 2, 3.0, 1)
    assert spent.used(10.0 + HOUR_S, 0) == Used(budget, 1, 0.5, 0)
    assert spent.used(20.0 + HOUR_S, 0) == Used(budget, 0, 0, 0)


def test_without_a_budget_anything_may_be_asked() -> None:
    spent = Spent(Budget())
    for second in range(1000):
        spent.note(float(second), 100.0)
    assert spent.over(1000.0, 1000) == ""


def test_what_would_be_more_than_the_queries_of_an_hour_is_not_asked() -> None:
    spent = Spent(Budget(queries_per_h=10))
    for second in range(6):
        spent.note(float(second), 0.1)
    assert spent.over(6.0, 4) == ""
    assert spent.over(6.0, 5) == "the budget of 10 queries an hour is spent"
    assert spent.over(HOUR_S, 5) == "", "the first is an hour ago"


def test_a_source_that_was_waited_for_too_long_is_left_alone() -> None:
    spent = Spent(Budget(seconds_per_h=30))
    spent.note(0.0, 29.9)
    assert spent.over(1.0, 1) == ""
    spent.note(2.0, 0.1)
    assert spent.over(3.0, 1) == "the budget of 30 seconds of queries an hour is spent"
    assert spent.over(HOUR_S, 1) == ""


def test_a_budget_that_the_interval_would_spend_stops_start_up(tmp_path: Path) -> None:
    config = small_hospital(tmp_path)
    words = config.read_text("utf-8")
    budget = "\n[sources.pas.budget]\nqueries_per_h = {}\n\n[sources.pas.feeds.spell]"
    config.write_text(words.replace("\n[sources.pas.feeds.spell]", budget.format(240)), "utf-8")
    open_site(config)
    config.write_text(words.replace("\n[sources.pas.feeds.spell]", budget.format(239)), "utf-8")
    with pytest.raises(ConfigurationError) as told:
        open_site(config)
    expected = "sources.pas.budget.queries_per_h: 239 are too few for 3 feeds and a heartbeat every 60 s: 240 an hour"
    assert str(told.value) == f"{config}: {expected}"
