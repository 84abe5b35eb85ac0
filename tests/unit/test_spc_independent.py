"""The charts agree with a second, slow computation in exact fractions, on made-up series and on real hospitals'."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surveillance.spc import MAKING_DATA_COUNT, REFERENCE, Chart, Direction, Kind, Rule, Variation, explain, xmr
from surveillance.verify import verify_file

SHARED = Path(__file__).parents[3] / "shared"
PBCHARTS = SHARED / "data" / "spc_pbcharts"
real_series = pytest.mark.skipif(not PBCHARTS.is_dir(), reason=f"the hospitals' series are not in {PBCHARTS}")

Phase = Sequence[Fraction | None]
Suppose = Callable[[object], object]


def certain(condition: object) -> None:
    assert condition


def slow_limits(phase: Phase, screen: bool, suppose: Suppose) -> tuple[Fraction, Fraction] | None:
    """The mean and the mean moving range, if there is one."""
    present = [value for value in phase if value is not None]
    ranges = [abs(b - a) for a, b in pairwise(phase) if a is not None and b is not None]
    if screen and ranges:
        most = Fraction("3.267") * sum(ranges) / len(ranges)
        suppose(all(abs(size - most) > 1e-9 for size in ranges))
        ranges = [size for size in ranges if size < most]
    return (sum(present) / Fraction(len(present)), sum(ranges) / Fraction(len(ranges))) if ranges else None


def windows(size: int, at: int, points: int) -> list[range]:
    """Every window of so many points that holds the one at ``at``."""
    return [range(first, first + size) for first in range(at - size + 1, at + 1) if 0 <= first <= points - size]


def slow_rules(phase: Phase, mean: Fraction, amr: Fraction, suppose: Suppose) -> list[tuple[Rule, ...]]:
    """By the definitions, every window of every point looked at anew."""

    def sides(n: int) -> int:
        value = phase[n]
        return 0 if value is None else (value > mean) - (value < mean)

    def distance(n: int) -> Fraction:
        value = phase[n]
        return Fraction(0) if value is None else abs(value - mean)

    def one_way(window: range) -> bool:
        seen = [value for n in window if (value := phase[n]) is not None]
        steps = [b - a for a, b in pairwise(seen)]
        return len(seen) == len(window) and (all(step > 0 for step in steps) or all(step < 0 for step in steps))

    far = Fraction("2.66") * amr
    near = far * 2 / 3
    suppose(all(abs(distance(n) - line) > 1e-9 for n in range(len(phase)) for line in (far, near)))
    close = [near < distance(n) < far for n in range(len(phase))]
    found = []
    for n in range(len(phase)):
        of_seven, of_three = windows(7, n, len(phase)), windows(3, n, len(phase))
        pair = [w for w in of_three if sum(close[k] for k in w) >= 2 and abs(sum(map(sides, w))) == 3]
        holds = {
            Rule.ASTRONOMICAL: phase[n] is not None and distance(n) > far,
            Rule.TREND: any(one_way(window) for window in of_seven),
            Rule.TWO_OF_THREE: close[n] and bool(pair),
            Rule.SHIFT: any(abs(sum(map(sides, window))) == 7 for window in of_seven),
        }
        found.append(tuple(rule for rule, held in holds.items() if held))
    return found


def agrees(
    chart: Chart, start: int, values: Sequence[float | None], *, screen: bool, suppose: Suppose = assume
) -> None:
    """One phase of a chart, from ``start``, has the limits and rules of the slow computation.

    Of made-up values it is supposed, of real ones it is certain, that none lies within rounding of a limit.
    """
    phase = [None if value is None else Fraction(value) for value in values]
    points = chart.points[start : start + len(values)]
    found = slow_limits(phase, screen, suppose)
    if found is None or (not found[1] and chart.asked.preset is MAKING_DATA_COUNT):
        assert all(point.upl is None for point in points)
        return
    mean, amr = found
    suppose(amr)  # collapsed limits lie within rounding of every point
    for point in points:
        assert point.mean == float(mean)
        offsets = [float(mean + factor * Fraction("2.66") * amr / 3) for factor in (-3, -2, 2, 3)]
        assert [point.lpl, point.nlpl, point.nupl, point.upl] == pytest.approx(offsets, abs=1e-9)
    assert [point.rules for point in points] == slow_rules(phase, mean, amr, suppose)


calm = st.integers(0, 9)
jumps = st.one_of(calm, calm, calm, st.integers(0, 60), st.none())


@settings(deadline=None)  # fractions are slow, and a busy machine is no fault of the charts
@given(st.lists(jumps, min_size=15, max_size=40), st.sampled_from([REFERENCE, MAKING_DATA_COUNT]))
def test_made_up_series(values: list[float | None], preset) -> None:  # type: ignore[no-untyped-def]
    assume(len(values) - values.count(None) >= 15)
    agrees(xmr(values, direction=Direction.INCREASE, preset=preset), 0, values, screen=preset.screen)


@given(st.lists(calm, min_size=8, max_size=20), st.lists(calm, min_size=8, max_size=20))
def test_phases_do_not_see_each_other(first: list[float], second: list[float]) -> None:
    chart = xmr([*first, *second], direction=Direction.INCREASE, phases=[len(first)])
    agrees(chart, 0, first, screen=False)
    agrees(chart, len(first), second, screen=False)


FILES = {
    "bacteremia_mortality": lambda row: (row["hospital"], 100 * float(row["deaths"]) / float(row["cases"])),
    "cdi": lambda row: ("all", 10_000 * float(row["n"]) / float(row["days"])),
    "csection": lambda row: ("all", float(row["avg_delay"])),
    "hba1c": lambda row: ("all", float(row["avg_hba1c"])),
    "ontime_ct": lambda row: ("all", 100 * float(row["ontime"]) / float(row["cases"])),
    "waiting_times": lambda row: (f"{row['operation']}, {row['region']}", float(row["avg_days"])),
}


def read(name: str) -> dict[str, list[float]]:
    """The series of a file, each in order of time, by hospital or by operation and region."""
    found: dict[str, list[float]] = {}
    with (PBCHARTS / f"{name}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            whose, value = FILES[name](row)
            found.setdefault(whose, []).append(value)
    return found


@real_series
@pytest.mark.parametrize(("name", "how_many"), [("bacteremia_mortality", 6), ("waiting_times", 36)])
def test_files_of_many_series(name: str, how_many: int) -> None:
    assert len(read(name)) == how_many


@real_series
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("preset", [REFERENCE, MAKING_DATA_COUNT], ids=lambda preset: preset.name)
def test_real_series(name: str, preset) -> None:  # type: ignore[no-untyped-def]
    for values in read(name).values():
        chart = xmr(values, direction=Direction.DECREASE, preset=preset)
        assert (chart.kind, chart.short_phases, len(chart.points)) == (Kind.XMR, (), len(values))
        agrees(chart, 0, values, screen=preset.screen, suppose=certain)


@real_series
def test_infections_fall_after_the_intervention() -> None:
    """C. difficile: 24 months, then an intervention with 12 months of which each lies below the mean."""
    (values,) = read("cdi").values()
    chart = xmr(values, direction=Direction.DECREASE)
    assert chart.variation is Variation.IMPROVEMENT_LOW
    assert all(Rule.SHIFT in point.rules for point in chart.points[24:])
    assert "Seven or more points in a row below the mean" in explain(chart)
    rebased = xmr(values, direction=Direction.DECREASE, phases=[24])
    before, after = rebased.points[0].mean, rebased.points[-1].mean
    assert before is not None
    assert after is not None
    assert after < before / 2
    assert rebased.variation is Variation.COMMON_CAUSE


@real_series
def test_a_stable_process_is_left_in_peace() -> None:
    for name in ("csection", "bacteremia_mortality"):
        charts = [xmr(values, direction=Direction.DECREASE) for values in read(name).values()]
        assert {chart.variation for chart in charts} == {Variation.COMMON_CAUSE}


@pytest.mark.skipif(not SHARED.exists(), reason=f"the project's shared case files are not in {SHARED}")
def test_the_reference_agrees_on_the_shared_series() -> None:
    result = verify_file(SHARED / "spc" / "cases.json")
    assert [str(case) for case in result.failures] == []
    assert len(result.checked) >= 20
