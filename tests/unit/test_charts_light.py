"""Drawings made on the server are small, whole in themselves, read without colour, and never show a gap as a 0."""

from __future__ import annotations

import random
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layouts.charts.light import HEIGHT, WIDTH, as_image, light_chart, span_of
from layouts.charts.palette import CLASS_NAMES, PALETTES, SHAPES
from surveillance.spc import Chart, Direction, PointType, xmr

SVG = "{http://www.w3.org/2000/svg}"


def chart(points: int = 52, direction: Direction = Direction.INCREASE, **others: object) -> Chart:
    dice = random.Random(7)
    values: list[float | None] = [94 + dice.gauss(0, 1.5) for _ in range(points)]
    values[points // 2] = None
    values[-3] = 110
    values[-6] = 70
    return xmr(values, direction=direction, target=95, **others)  # type: ignore[arg-type]


def paths(svg: str, name: str) -> list[str]:
    return re.findall(rf'<path class="{name}" d="([^"]*)"', svg)


def test_104_points_are_a_few_kilobytes() -> None:
    assert len(light_chart(chart(104), "A chart", palette="day").encode()) < 9000
    assert len(light_chart(chart(52), "A chart", palette="day").encode()) < 5000


@pytest.mark.parametrize("palette", [None, *PALETTES])
def test_it_needs_no_style_script_or_address(palette: str | None) -> None:
    svg = light_chart(chart(), "A chart", palette=palette)
    assert not re.search(r"\sstyle=|<style|<script|href|url\(|\son\w+=", svg)
    assert ("#" in svg) == (palette is not None)


def test_its_words_are_escaped_and_stand_in_its_title() -> None:
    root = ElementTree.fromstring(light_chart(chart(), 'Falls "<b>&'))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'Falls "<b>&'
    assert root.find(f"{SVG}title").text == 'Falls "<b>&'  # type: ignore[union-attr]


def test_every_class_has_its_own_shape_and_colour() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES) == len(PointType)
    for palette in PALETTES.values():
        assert len({palette.points[kind] for kind in CLASS_NAMES}) == len(set(CLASS_NAMES.values()))
    higher = light_chart(chart(), "A chart")
    assert {name for name in ("common", "improvement", "concern") if paths(higher, f"point {name}")} == {
        "common",
        "improvement",
        "concern",
    }
    drawn = {
        re.sub(r"[\d.,\s-]+", " ", paths(higher, f"point {name}")[0])[:20]
        for name in ("common", "improvement", "concern")
    }
    assert len(drawn) == 3
    assert len(paths(light_chart(chart(direction=Direction.NEUTRAL), "A chart"), "point neither")) == 2, "up and down"


def test_a_gap_interrupts_the_line_and_is_a_band() -> None:
    whole = xmr([94.0, 95, 93, 96] * 5, direction=Direction.INCREASE)
    with_gap = xmr([94.0, 95, None, 96] * 5, direction=Direction.INCREASE)
    assert paths(light_chart(whole, "A"), "value")[0].count("M") == 1
    assert paths(light_chart(whole, "A"), "gap") == []
    assert paths(light_chart(with_gap, "A"), "value")[0].count("M") == 6
    assert paths(light_chart(with_gap, "A"), "gap")[0].count("z") == 5


def test_a_phase_and_a_break_interrupt_the_line() -> None:
    phased = xmr([94.0, 95, 93, 96] * 10, direction=Direction.INCREASE, phases=[20])
    svg = light_chart(phased, "A", breaks=[30])
    assert paths(svg, "value")[0].count("M") == 3
    assert paths(svg, "phase")[0].count("M") == 1
    assert paths(svg, "mean")[0].count("M") == 2


def test_without_a_value_it_is_no_chart_and_says_so() -> None:
    for empty in (xmr([], direction=Direction.INCREASE), xmr([None] * 20, direction=Direction.INCREASE, target=95)):
        svg = light_chart(empty, "Falls")
        assert "<path" not in svg
        assert "<circle" not in svg
        assert "<title>Falls: no point yet</title>" in svg


def test_charts_on_one_scale_stand_at_the_same_height() -> None:
    low, high = xmr([1.0] * 3, direction=Direction.INCREASE), xmr([9.0] * 3, direction=Direction.INCREASE)
    span = span_of(low, high)
    assert span == (1, 9)
    heights = [
        float(re.findall(r"M[\d.]+ ([\d.]+)", paths(light_chart(one, "A", span=span), "value")[0])[0])
        for one in (low, high)
    ]
    assert heights[0] - heights[1] == pytest.approx(HEIGHT - 22)


def test_as_an_image_it_is_the_same() -> None:
    svg = light_chart(chart(), "90% & <more>", palette="night")
    from urllib.parse import unquote

    address = as_image(svg)
    assert unquote(address.removeprefix("data:image/svg+xml,")) == svg
    assert not set('"<>#&') & set(address)


@given(
    st.lists(st.none() | st.floats(-1e6, 1e6), max_size=120),
    st.sampled_from(Direction),
    st.sampled_from(list(PALETTES)),
)
def test_everything_that_is_drawn_lies_inside(values: list[float | None], direction: Direction, palette: str) -> None:
    svg = light_chart(xmr(values, direction=direction, target=50), "A chart", palette=palette)
    root = ElementTree.fromstring(svg)
    for circle in root.iter(f"{SVG}circle"):
        assert 9 <= float(circle.attrib["cx"]) <= WIDTH - 9
        assert 9 <= float(circle.attrib["cy"]) <= HEIGHT - 9
    for drawn in paths(svg, "value"):
        for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", drawn):
            assert 0 <= float(x) <= WIDTH
            assert 0 <= float(y) <= HEIGHT
