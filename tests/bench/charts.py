"""How fast charts over time are: closing a week, a chart's query, and the arithmetic of every chart of a hospital.

``python -m tests.bench.charts`` prints these figures alone.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from sqlalchemy import insert

from surveillance.charts.book import ChartBook
from surveillance.charts.points import WEEK, ChartPoint, closes, midnight
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Better, Charted, Form, Measure
from surveillance.measures.site import Site
from surveillance.polling.closing import Closer
from surveillance.settings import Settings
from surveillance.snapshot import State
from surveillance.snapshot_json import dumps
from surveillance.spc import Chart, Direction, with_point, xmr
from surveillance.store import Store, open_store
from surveillance.store.tables import reading as readings
from surveillance.store.tables import series
from surveillance.store.tables import snapshot as stretches
from tests import postgres
from tests.bench.figures import Keep, Targets, printed

WARDS, MEASURES, WEEKS = 100, 20, 104
MEANS = 4
"""Of the measures; one of the others tells of events, the rest are closed cohorts."""
CHANGES_AN_HOUR: Mapping[str, int] = {"m0": 4, "m1": 1, "m2": 1, "m3": 1, "patients": 1}
"""How often a count that is drawn as a mean changes on a ward: overdue observations often, the others less."""
POLL_S = 30
LAST = date(2026, 11, 16)
TRIES = 20

TARGETS: Targets = {
    "charts_sqlite_ward_query_ms": ("≤", 200),
    "charts_sqlite_trust_query_ms": ("≤", 200),
    "charts_postgresql_ward_query_ms": ("≤", 200),
    "charts_postgresql_trust_query_ms": ("≤", 200),
    "charts_sqlite_close_a_week_s": ("≤", 2),
    "charts_postgresql_close_a_week_s": ("≤", 2),
    "charts_spc_every_chart_s": ("≤", 1.5),
}


def measures() -> dict[str, Measure]:
    """As many as are wanted, of every form, and the patients that means are taken over."""
    first = next(iter(CATALOGUE.values()))
    found = {"patients": replace(first, id="patients")}
    for number in range(MEASURES):
        if number < MEANS:
            how = Charted(Form.MEAN, "Mean", "per 100", over="patients")
        elif number == MEANS:
            how = Charted(Form.EVENTS, "Events", "days between")
        else:
            how = Charted(Form.CLOSED, "Closed", "%", target=95)
        found[f"m{number}"] = replace(first, id=f"m{number}", better=Better.HIGHER, charted=how)
    return found


def site() -> Site:
    """A hospital of so many wards."""
    wards = [{"code": f"W{n}", "name": f"Ward {n}", "division": f"D{n % 5}", "site": "MAIN"} for n in range(WARDS)]
    content = {
        "site": {"name": "Bench"},
        "divisions": [{"code": f"D{n}", "name": f"Division {n}"} for n in range(5)],
        "sites": [{"code": "MAIN", "name": "Main"}],
        "wards": wards,
    }
    return Site.of(Settings.model_validate(content))


def fill_points(store: Store) -> None:
    """Two years of points; a hundred measure-weeks at a time, week by week as they were closed."""
    chance = random.Random(1)
    for week in range(WEEKS):
        start = LAST - (WEEKS - 1 - week) * WEEK
        for number in range(MEASURES):
            store.keep_points(list(_week(f"m{number}", start, chance, events=number == MEANS)))


def _week(measure: str, start: date, chance: random.Random, *, events: bool) -> Iterator[ChartPoint]:
    for ward in range(WARDS):
        if events:
            yield ChartPoint(measure, f"W{ward}", start, 1, 0.0, None)
            if chance.random() < 0.02:
                yield ChartPoint(measure, f"W{ward}", start + timedelta(days=chance.randint(1, 6)), 1, 1.0, None)
        elif chance.random() < 0.01:
            yield ChartPoint(measure, f"W{ward}", start, 1, None, None, 0.5, "watched 50 % of the week")
        else:
            down = chance.randint(15, 40)
            yield ChartPoint(measure, f"W{ward}", start, 1, float(chance.randint(10, down)), float(down))


def fill_readings(store: Store, weeks: int = 1) -> datetime:
    """Every change of some weeks up to when the last is closed, and a poll every so many seconds; returns its end."""
    chance, begin, end = random.Random(2), midnight(LAST - (weeks - 1) * WEEK), closes(LAST)
    days, hours = (end - begin).days, int((end - begin).total_seconds() // 3600)
    names = [name for name in measures() for _ in range(WARDS)]
    with store.database.writing() as connection:
        rows: list[dict[str, Any]] = [
            {"kind": "ward", "unit": f"W{n % WARDS}", "measure": name, "position": n} for n, name in enumerate(names)
        ]
        connection.execute(insert(series), rows)
    numbered = {(row["unit"], row["measure"]): n for n, row in enumerate(rows, start=1)}
    for (_, name), number in numbered.items():
        often = CHANGES_AN_HOUR.get(name, 0)
        moments = (
            [begin + timedelta(hours=n / often, seconds=number % 800) for n in range(hours * often)]
            if often
            else [midnight(begin.date() + timedelta(days=n)) + timedelta(seconds=7) for n in range(days + 1)]
        )
        with store.database.writing() as connection:
            connection.execute(
                insert(readings), [_reading(number, moment, chance) for moment in moments if moment < end]
            )
    polls = [begin + timedelta(seconds=n * POLL_S) for n in range(int((end - begin).total_seconds()) // POLL_S + 2)]
    with store.database.writing() as connection:
        connection.execute(
            insert(stretches),
            [
                {
                    "first_as_at": moment,
                    "last_as_at": moment,
                    "polls": 1,
                    "after_gap": moment == begin,
                    "quality": "{}",
                    "off_wards": "{}",
                }
                for moment in polls
            ],
        )
    return end


def _reading(number: int, moment: datetime, chance: random.Random) -> dict[str, object]:
    value = float(chance.randint(0, 30))
    return {
        "series_id": number,
        "from_as_at": moment,
        "state": str(State.VALUE),
        "version": 1,
        "as_at": moment,
        "level": "none",
        "value": value,
        "numerator": value,
        "denominator": 30.0,
        "parts": dumps([["count", "value", value, value, 30.0]]).decode(),
        "source": "epr",
        "detail": "",
        "wards": None,
    }


def closing(store: Store) -> dict[str, float]:
    """What closing a week costs, and its longest step: so long a snapshot waits."""
    end, closer, steps = fill_readings(store), Closer(site(), measures()), []
    while closer.pending:
        steps.append(_timed(partial(closer.close_some, store, end)))
    return {"close_a_week_s": sum(steps), "close_longest_step_ms": max(steps) * 1000}


def asked(url: str) -> dict[str, float]:
    """What a chart costs that nobody asked for before: the query alone, and with its arithmetic."""
    settings, since, until = site().settings, LAST - (WEEKS - 1) * WEEK, LAST + WEEK
    with open_store(url) as store:
        names = [f"m{number}" for number in range(MEASURES)]
        ward = [_timed(partial(store.points, name, ["W7"], since, until)) for name in names]
        trust = [_timed(partial(store.points, name, None, since, until)) for name in names]
        latest = _timed(store.latest_points)

    def book() -> ChartBook:
        return ChartBook(lambda: open_store(url), settings, lambda: closes(LAST), measures())

    fresh = book()
    fresh.chart("m9", "ward", "W1")
    charts = [_timed(partial(fresh.chart, name, "trust", "trust")) for name in names]
    small = _timed(partial(fresh.wards, "m9"))
    again = _timed(partial(fresh.wards, "m9"))
    concerns = _timed(fresh.concerns)
    fresh.close()
    return {
        "ward_query_ms": max(ward) * 1000,
        "trust_query_ms": max(trust) * 1000,
        "trust_chart_ms": max(charts) * 1000,
        "100_wards_of_a_measure_ms": small * 1000,
        "100_wards_asked_again_ms": again * 1000,
        "concerns_of_every_ward_s": concerns,
        "latest_points_ms": latest * 1000,
    }


def _timed(action: Callable[[], object]) -> float:
    started = perf_counter()
    action()
    return perf_counter() - started


def arithmetic() -> dict[str, float]:
    """Every chart of the hospital from plain numbers, and one week more."""
    chance = random.Random(3)
    values = [[chance.gauss(90, 3) for _ in range(WEEKS)] for _ in range(WARDS * MEASURES)]
    started = perf_counter()
    charts = [xmr(one, direction=Direction.INCREASE, target=95) for one in values]
    whole = perf_counter() - started
    return {"every_chart_s": whole, "one_point_added_us": statistics.median(_added(charts)) * 1e6}


def _added(charts: Sequence[Chart]) -> list[float]:
    return [_timed(partial(with_point, chart, 88.0)) for chart in charts[: TRIES * 10]]


def on(keep: Keep, name: str, points: str, history: str) -> None:
    """The figures of one kind of database; both are empty at first."""
    with open_store(points) as store:
        fill_points(store)
    keep(f"charts_{name}", asked(points))
    with open_store(history) as store:
        keep(f"charts_{name}", closing(store))


def measure(keep: Keep) -> None:
    """All of them."""
    keep("charts_spc", arithmetic())
    with tempfile.TemporaryDirectory() as folder:
        on(keep, "sqlite", f"sqlite:///{folder}/points.sqlite", f"sqlite:///{folder}/history.sqlite")
    if postgres.programs() is None:
        print("PostgreSQL is not installed: its figures are missing")
        return
    with postgres.cluster() as cluster:
        for name in ("points", "history"):
            cluster.create_database(name)
        on(keep, "postgresql", cluster.url("points"), cluster.url("history"))


def main() -> int:
    """Prints the figures."""
    measure(printed(TARGETS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
