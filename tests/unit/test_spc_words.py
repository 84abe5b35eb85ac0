"""What a chart says in words is what it found, and can be read without knowing what a sigma is."""

from __future__ import annotations

import pytest

from surveillance.spc import (
    ASSURANCE_WORDS,
    MAKING_DATA_COUNT,
    REFERENCE,
    VARIATION_WORDS,
    Assurance,
    Direction,
    Variation,
    explain,
    g_chart,
    t_chart,
    words,
    xmr,
)

UP = Direction.INCREASE
ZIGZAG = [8, 12] * 12


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ([22], ["The value lies above the upper limit"]),
        ([-2], ["The value lies below the lower limit"]),
        ([3, 4, 5, 6, 7, 8, 10], ["Seven or more points in a row, each higher than the one before"]),
        ([13, 12, 11, 10, 9, 8, 7], ["Seven or more points in a row, each lower than the one before"]),
        ([18, 11, 18], ["Two or more of three points in a row close to the upper limit"]),
        ([2, 9, 2], ["Two or more of three points in a row close to the lower limit"]),
        ([11, 13, 11, 13, 11, 13, 11], ["Seven or more points in a row above the mean"]),
        ([9, 7, 9, 7, 9, 7, 9], ["Seven or more points in a row below the mean"]),
        ([9], []),
        (
            [11, 12, 13, 14, 15, 18, 22],
            [
                "The value lies above the upper limit",
                "Seven or more points in a row, each higher than the one before",
                "Seven or more points in a row above the mean",
            ],
        ),
    ],
)
def test_every_rule_has_its_sentence(ending: list[float], told: list[str]) -> None:
    chart = xmr([*ZIGZAG, *ending], direction=UP, fix_after=24)
    assert list(words(chart, -1)) == told
    with pytest.raises(IndexError):
        words(chart, len(chart.points))


def test_a_rare_events_chart_names_its_own_line() -> None:
    between = [*[40, 90] * 10, 9, 8, 9, 8, 9, 8, 9]
    assert words(t_chart(between), -1)[-1] == "Seven or more points in a row below the centre line"
    assert words(g_chart(between), -1)[-1] == "Seven or more points in a row below the mean"


def test_a_chart_explained() -> None:
    chart = xmr([*ZIGZAG, 9, 7, 9, 7, 9, 7, 9], direction=Direction.DECREASE, target=-5, fix_after=24)
    assert explain(chart) == (
        "Special cause variation of an improving nature, low. Seven or more points in a row below the mean. "
        "Consistently failing the target."
    )
    assert explain(xmr([3, 4], direction=UP, target=3, preset=MAKING_DATA_COUNT)) == (
        "No variation icon: too few points, or values that do not vary. No assurance icon: no target, no better "
        "direction, too few points, or values that do not vary. This is a run chart: it shows the median, without "
        "limits."
    )
    assert explain(xmr([3, 4], direction=UP, preset=REFERENCE)) == (
        "Common cause variation, no significant change. The limits stand on few points and are trial limits."
    )
    assert explain(xmr([], direction=UP)).startswith("No variation icon")


def test_every_icon_has_words_of_its_own() -> None:
    assert set(VARIATION_WORDS) == set(Variation)
    assert set(ASSURANCE_WORDS) == set(Assurance)
    every = [*VARIATION_WORDS.values(), *ASSURANCE_WORDS.values()]
    assert len(set(every)) == len(every)
    assert VARIATION_WORDS[Variation.IMPROVEMENT_LOW] == "Special cause variation of an improving nature, low"
