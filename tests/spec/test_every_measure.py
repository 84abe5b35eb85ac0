"""Every measure and forecast keeps every promise: it is specified, written up, and never says more than is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from surveillance.compose import Moment
from surveillance.compose import answered as answer_of
from surveillance.errors import ConfigurationError
from surveillance.evaluate import Evaluated
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState
from surveillance.measures import CATALOGUE, EVERYTHING, Measure
from surveillance.measures.declaration import Kind, RollUp
from surveillance.measures.examples import examples_of
from surveillance.measures.site import check_names
from surveillance.rollup import added
from surveillance.snapshot import Level, Part, Reading, State
from tests.canonical import feeds_of, site_of
from tests.oracle.generate import hospital
from tests.spec.test_oracle_agrees import as_site

MEASURES = pytest.mark.parametrize("measure", EVERYTHING.values(), ids=EVERYTHING)
COUNTED = [measure for measure in EVERYTHING.values() if measure.kind in (Kind.COUNT, Kind.TWO_COLUMN)]
COUNTS = pytest.mark.parametrize("measure", COUNTED, ids=[measure.id for measure in COUNTED])
TELLING = [(one, feed) for one in EVERYTHING.values() for feed in (*one.feeds[-1:], *one.optional[-1:])]
"""Of each measure the required and the optional feed that are most its own; the others stand in every list."""
FAILURES = {
    FeedState.UNAVAILABLE: State.UNAVAILABLE,
    FeedState.REFUSED: State.UNAVAILABLE,
    FeedState.SUSPECT: State.SUSPECT,
}
"""How a feed may fail → what every measure that reads it, optional or not, must then say."""
SEEDS = (3, 8)
LATE = timedelta(minutes=10)
"""Older than a source of the tests promises to be, and younger than anything's limit."""


@cache
def moment(seed: int) -> Moment:
    tables, plain, as_at = hospital(seed, patients=30, missing=False)
    return Moment(as_site(plain), feeds_of(tables, as_at), as_at)


@cache
def answered(seed: int, measure: str) -> Evaluated:
    return answer_of(moment(seed), EVERYTHING[measure])


@cache
def without_feed(feed: str) -> Moment:
    return with_feed(feed, None)


def with_feed(feed: str, data: FeedData | None) -> Moment:
    """The first hospital with one feed replaced, or not connected."""
    first = moment(SEEDS[0])
    feeds = {name: one for name, one in first.feeds.items() if name != feed}
    return replace(first, feeds=feeds if data is None else feeds | {feed: data})


@cache
def with_stale_feed(feed: str) -> Moment:
    first = moment(SEEDS[0])
    return with_feed(feed, replace(first.feeds[feed], as_at=first.as_at - LATE))


def failed(feed: str, state: FeedState) -> FeedData:
    return FeedData(feed, state, "test", error="gone")


def states(found: Evaluated) -> set[State]:
    """The states of the wards where the measure has a meaning; none of them with a number."""
    assert all(reading.value is None and reading.level is Level.NONE for reading in found.readings.values())
    assert found.rows.empty
    return {reading.state for reading in found.readings.values()} - {State.NOT_APPLICABLE}


def counted(reading: Reading) -> dict[str, Part]:
    return {part.name: part for part in reading.parts if part.state is State.VALUE}


# -- words


@MEASURES
def test_has_worked_examples(measure: Measure) -> None:
    assert len(examples_of(measure.id)) >= 3


@MEASURES
def test_is_written_up(measure: Measure) -> None:
    for words in (measure.label, measure.counts, measure.standard.text, measure.owner, measure.group):
        assert words.strip()
    assert date.fromisoformat(measure.review)
    assert measure.version >= 1
    assert measure.standard.evidence in ("S", "K", "L")
    assert measure.standard.sources or measure.standard.evidence != "S" or measure.id not in CATALOGUE
    assert len(measure.part_labels) in (0, len(measure.parts))
    assert len(measure.parts) == 1 or measure.part_labels


@MEASURES
def test_its_numbers_are_configuration(measure: Measure) -> None:
    catalogue = {one.id: dict(one.params) for one in EVERYTHING.values()}
    named = {name: 24 if number is None else number for name, number in measure.params.items()}
    check_names(site_of(standards={measure.id: named}).settings, catalogue)
    with pytest.raises(ConfigurationError, match="no_such_number"):
        check_names(site_of(standards={measure.id: {"no_such_number": 1}}).settings, catalogue)


@MEASURES
def test_reads_feeds_that_are_declared(measure: Measure) -> None:
    assert not set(measure.feeds) & set(measure.optional)
    for feed in (*measure.feeds, *measure.optional):
        assert feed in FEEDS
    for feed, column in measure.needs:
        assert feed in measure.feeds
        assert column in FEEDS[feed].names


# -- what is not known


@MEASURES
def test_without_a_required_feed_it_is_not_connected(measure: Measure) -> None:
    for feed in measure.feeds:
        assert states(answer_of(without_feed(feed), measure)) == {State.NOT_CONNECTED}, feed


@MEASURES
def test_without_an_optional_feed_it_is_answered_or_not_connected(measure: Measure) -> None:
    for feed in measure.optional[-1:]:
        found = {reading.state for reading in answer_of(without_feed(feed), measure).readings.values()}
        assert not found & {State.UNAVAILABLE, State.SUSPECT, State.STALE}, feed


@pytest.mark.parametrize("state", FAILURES)
@MEASURES
def test_a_failed_feed_makes_it_unavailable_and_a_suspect_one_suspect(measure: Measure, state: FeedState) -> None:
    for feed in (*measure.feeds, *measure.optional):
        assert states(answer_of(with_feed(feed, failed(feed, state)), measure)) == {FAILURES[state]}, feed


@pytest.mark.parametrize(("measure", "feed"), TELLING, ids=[f"{one.id}-{feed}" for one, feed in TELLING])
def test_old_data_is_shown_as_stale_with_its_time(measure: Measure, feed: str) -> None:
    old = with_stale_feed(feed)
    for reading in answer_of(old, measure).readings.values():
        assert reading.state in (State.STALE, State.NOT_APPLICABLE, State.NOT_RECORDED, State.NONE_ON_RECORD)
        assert reading.level is Level.NONE
        assert reading.state is not State.STALE or reading.as_at == old.as_at - LATE


# -- the number and its list


@pytest.mark.parametrize("seed", SEEDS)
@MEASURES
def test_rows_carry_the_declared_columns_and_distinct_keys(measure: Measure, seed: int) -> None:
    rows = answered(seed, measure.id).rows
    if rows.empty:
        return
    missing = {*measure.key, *measure.columns} - set(rows.columns)
    assert not missing
    assert not rows.duplicated(["ward_code", "part", *measure.key]).any()
    assert set(rows["part"]) <= set(measure.parts)


@pytest.mark.parametrize("seed", SEEDS)
@COUNTS
def test_a_count_is_the_length_of_its_list(measure: Measure, seed: int) -> None:
    found = answered(seed, measure.id)
    for ward, reading in found.readings.items():
        for name, part in counted(reading).items():
            rows = found.rows
            listed = rows[(rows["ward_code"] == ward) & (rows["part"] == name)]
            assert part.value == len(listed.drop_duplicates(list(measure.key)))
            assert part.denominator is None or part.denominator >= len(listed)


@pytest.mark.parametrize("seed", SEEDS)
@MEASURES
def test_wards_add_up_to_the_trust(measure: Measure, seed: int) -> None:
    readings = list(answered(seed, measure.id).readings.values())
    with_value = [reading for reading in readings if reading.state is State.VALUE]
    trust = added(measure, "trust", "trust", readings)
    assert trust.expected == sum(reading.state is not State.NOT_APPLICABLE for reading in readings)
    if not with_value:
        assert trust.reading.value is None
        return
    if measure.rollup is RollUp.LEVELS:
        levels = [str(reading.parts[0].value) for reading in with_value]
        assert {part.name: part.value for part in trust.reading.parts} == {one: levels.count(one) for one in levels}
    elif measure.rollup is RollUp.MINIMUM:
        assert trust.reading.value == min(float(str(reading.value)) for reading in with_value)
    else:
        for total in trust.reading.parts:
            parts = [one for reading in with_value for one in reading.parts if one.name == total.name]
            _expect_total(measure, total, parts)


def _expect_total(measure: Measure, total: Part, parts: list[Part]) -> None:
    if total.state is not State.VALUE:
        ratio = measure.rollup is RollUp.RATIO
        assert not any(part.value is not None for part in parts) or (
            not ratio and any(part.value is None for part in parts)
        )
        return
    up = sum(part.numerator or 0 for part in parts)
    down = sum(part.denominator or 0 for part in parts)
    wanted = up / down * measure.scale if measure.rollup is RollUp.RATIO else up
    assert total.value == pytest.approx(wanted)
