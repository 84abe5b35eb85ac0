"""A small store of believable weeks for the tests of what is charted: gaps, a ward away, phases, notes, rare events."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from surveillance.charts.book import ChartBook
from surveillance.charts.points import ChartPoint
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Form, Measure
from surveillance.rollup import roll_up
from surveillance.settings import Settings
from surveillance.snapshot import Snapshot
from surveillance.store import open_store
from tests import displays
from tests.displays import LONG_NAME

NOW = datetime(2026, 11, 25, 12, 0, 31, tzinfo=UTC)
"""A Wednesday: the week before is closed."""
LAST = date(2026, 11, 16)
WEEKS = 80
DARK = range(30, 32)
"""Weeks in which too few wards were watched."""
BETTER_FROM = 52
"""The week from which the first of the measures is better, and its limits are worked out anew."""
TROUBLE = 70
"""A week that went badly."""
RUN_OF_WARDS = (
    ("AMU", "Acute Medical Unit", "MED"),
    ("A1", "Ash Ward", "MED"),
    ("STR", "Stroke Unit", "MED"),
    ("C3", "Cedar <b>Ward</b>", "MED"),
    ("B/2 & more", LONG_NAME, "SUR"),
    ("SAU", "Surgical Assessment Unit", "SUR"),
    ("ELM", "Elm Ward", "SUR"),
    ("NEW", "New Ward", "SUR"),
)
QUIET_WARD = "NEW"
"""A ward of which nothing was kept."""
AWAY = ("ELM", range(60, 63))
REASON = "assessment moved into the admission form"
WORDS = "insulin trolley started"


def week(number: int) -> date:
    """Of the ``WEEKS``, from 0."""
    return LAST - timedelta(weeks=WEEKS - 1 - number)


def shares() -> list[Measure]:
    """The charted measures that are percentages of cases."""
    return [one for one in CATALOGUE.values() if one.charted and one.charted.unit.startswith("% of those")]


def first() -> Measure:
    """A charted measure with a target."""
    return next(one for one in shares() if one.charted and one.charted.target)


def events() -> Measure | None:
    """A charted measure of days between events, if the catalogue has one."""
    return next((one for one in CATALOGUE.values() if one.charted and one.charted.form is Form.EVENTS), None)


def hospital(**changes: Any) -> Settings:
    """Eight wards in two divisions, with a rebase and notes."""
    measure = first().id
    return displays.settings(
        wards=[
            {"code": code, "name": name, "division": at, "site": "MAIN", "beds": 24} for code, name, at in RUN_OF_WARDS
        ],
        divisions=[{"code": "MED", "name": "Medicine"}, {"code": "SUR", "name": "Surgery"}],
        charts={
            "rebases": [{"measure": measure, "date": week(BETTER_FROM), "reason": REASON}],
            "notes": [
                {"measure": measure, "date": week(20), "words": WORDS},
                {"measure": measure, "date": week(66), "words": "new rota of junior doctors, with fewer at night"},
            ],
            **changes,
        },
    )


def points(settings: Settings, weeks: int = WEEKS) -> Iterator[ChartPoint]:
    """Every charted measure of every ward but the quiet one; the same each time."""
    for measure in CATALOGUE.values():
        if measure.charted:
            for ward in settings.wards:
                if ward.code != QUIET_WARD:
                    yield from _of_ward(measure, ward.code, weeks)


def _of_ward(measure: Measure, ward: str, weeks: int) -> Iterator[ChartPoint]:
    charted, dice = measure.charted, random.Random(crc32(f"{measure.id} {ward}".encode()))
    assert charted is not None
    size = dice.randint(14, 60)
    level = (charted.target or 88) + dice.gauss(-2, 2.5)
    for number in range(WEEKS - weeks, WEEKS):
        at = week(number)
        if charted.form is Form.EVENTS:
            happened = dice.random() < 0.06
            yield ChartPoint(measure.id, ward, at, measure.version, 0, None)
            if happened:
                yield ChartPoint(measure.id, ward, at + timedelta(days=dice.randint(1, 6)), measure.version, 1, None)
            continue
        if number in DARK or (ward == AWAY[0] and number in AWAY[1]):
            why = "only 41% of the week was watched" if number in DARK else "the source had not answered"
            yield ChartPoint(measure.id, ward, at, measure.version, None, None, 0.41, why)
            continue
        of = max(size + dice.randint(-6, 6), 5)
        if charted in [one.charted for one in shares()]:
            share = level + (3.5 if number >= BETTER_FROM else 0) - (14 if number == TROUBLE else 0) + dice.gauss(0, 3)
            up: float = sum(dice.random() * 100 < share for _ in range(of))
        else:
            usual = 8.0 if charted.scale == 1 else 0.93 if charted.unit.startswith("%") else 0.07
            up = round(of * usual * max(dice.gauss(1, 0.05), 0.1), 1)
        yield ChartPoint(measure.id, ward, at, measure.version, up, of)


def snapshot_of(settings: Settings) -> Snapshot:
    """Every state in turn, and the sums of the wards."""
    shown = displays.snapshot(displays.every_state, NOW, settings)
    return replace(shown, rollups=roll_up(settings, shown.readings))


@contextmanager
def book_of(folder: Path, settings: Settings, weeks: int = WEEKS) -> Iterator[ChartBook]:
    """A book over a store of its own with so many weeks in it."""
    url = f"sqlite:///{folder / 'charts.sqlite'}"
    with open_store(url) as store:
        store.keep_points(list(points(settings, weeks)))
    book = ChartBook(lambda: open_store(url), settings, lambda: NOW)
    try:
        yield book
    finally:
        book.close()


@contextmanager
def charts_served(folder: Path, settings: Settings | None = None, weeks: int = WEEKS) -> Iterator[tuple[str, Hub]]:
    """The address at which a hospital with these charts is served, and its hub."""
    site = settings or hospital()
    hub = Hub()
    with book_of(folder, site, weeks) as book:
        hub.site(site, lambda: NOW, book)
        hub.publish(snapshot_of(site), 0.1)
        with displays.served(hub) as address:
            yield address, hub
