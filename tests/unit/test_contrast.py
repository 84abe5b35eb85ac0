"""Every text on a wall has a contrast of 7:1 with what it stands on: by day, by night, on both stripes of a hatching.

The formula is that of WCAG 2.2, "relative luminance" and "contrast ratio". Which text stands on what is written down
here, and the style sheets are searched for a colour that is not.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layouts.charts.palette import TOKENS

ASSETS = Path(__file__).parents[2] / "assets"
WALL = 7.0
DESK = 4.5
EDGES = 3.0
"""Of what is no text but must be seen (WCAG 2.2, 1.4.11)."""

ON_WALLS = {
    "ink": ("page", "panel"),
    "second": ("page", "panel"),
    "quiet": ("panel",),
    "on-header": ("header",),
    "on-alarm": ("alarm",),
    "on-act": ("act",),
    "on-watch": ("watch",),
    "on-stale": ("stale", "stale-stripe"),
    "label-on-stale": ("stale", "stale-stripe"),
    "on-past": ("past", "past-stripe"),
    "heading": ("panel",),
}
"""Text → what it stands on."""
AT_DESKS = {
    "ink": ("page", "panel", "stale"),
    "second": ("page", "panel"),
    "on-header": ("header",),
    "on-act": ("act",),
    "on-watch": ("watch",),
    "information": ("page", "panel"),
}
CHARTS = dict.fromkeys(("common", "improvement", "concern", "neither", "target", "second", "ink"), ("panel",))
"""Points and lines of a control chart on what they are drawn on; no text, but they say something."""
OF_THE_PAST = {
    "ink": ("panel", "page", "past-page"),
    "on-past": ("past", "past-stripe"),
    "on-alarm": ("alarm",),
    "second": ("panel", "past-page-stripe"),
    "information": ("page",),
}
"""A wall as it was, and the desk's bar above it; between a wall's panels stands no text."""
NO_TEXT = {"information": ("panel",), "on-stale": ("panel",), "on-header": ("header",)}


def colours(night: bool) -> dict[str, str]:
    """Token → colour; by night what the night does not change is as by day."""
    day, _, dark = (ASSETS / "tokens.css").read_text("utf-8").partition(".night {")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", day))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if night else {})


def channels(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def luminance(red: float, green: float, blue: float) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str, *, grey: bool = False) -> float:
    """From 1 to 21. ``grey``: as ``filter: grayscale(1)`` shows both (Filter Effects, its luminance matrix)."""

    def light(colour: str) -> float:
        red, green, blue = channels(colour)
        mixed = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return luminance(mixed, mixed, mixed) if grey else luminance(red, green, blue)

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_weak(pairs: dict[str, tuple[str, ...]], least: float, *, night: bool, grey: bool = False) -> dict[str, float]:
    known = colours(night)
    found = {f"{text} on {on}": contrast(known[text], known[on], grey=grey) for text in pairs for on in pairs[text]}
    return {names: round(ratio, 2) for names, ratio in found.items() if ratio < least}


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_text_on_a_wall_can_be_read_from_afar(night: bool) -> None:
    assert too_weak(ON_WALLS, WALL, night=night) == {}


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_text_on_a_wall_that_is_not_live_is_grey_and_can_be_read(night: bool) -> None:
    assert "grayscale(1)" in (ASSETS / "wall.css").read_text("utf-8")
    inside = {text: on for text, on in ON_WALLS.items() if text not in ("on-header", "on-alarm", "on-act", "on-watch")}
    assert too_weak(inside, WALL, night=night, grey=True) == {}


def test_text_at_a_desk_can_be_read() -> None:
    assert too_weak(AT_DESKS, DESK, night=False) == {}
    assert too_weak(OF_THE_PAST, DESK, night=False) == {}


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_edges_that_say_something_can_be_seen(night: bool) -> None:
    assert too_weak(NO_TEXT, EDGES, night=night) == {}


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_points_and_lines_of_charts_can_be_seen(night: bool) -> None:
    assert too_weak(CHARTS, EDGES, night=night) == {}
    words = {name: CHARTS[name] for name in ("target", "second", "ink")}
    assert too_weak(words, DESK, night=night) == {}


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_pictures_have_the_colours_of_the_style_sheet(night: bool) -> None:
    tokens = colours(night)
    own = TOKENS["night" if night else "day"]
    assert own == {name: tokens[name] for name in own}


@pytest.mark.parametrize(
    ("sheet", "pairs"),
    [
        *(("wall.css", ON_WALLS), ("pairing.css", ON_WALLS), ("past.css", OF_THE_PAST)),
        *(("document.css", AT_DESKS), ("charts.css", AT_DESKS), ("administer.css", AT_DESKS)),
        ("sign-in.css", AT_DESKS),
    ],
)
def test_every_colour_of_a_style_sheet_is_among_the_pairs(sheet: str, pairs: dict[str, tuple[str, ...]]) -> None:
    text = (ASSETS / sheet).read_text("utf-8")
    letters = set(re.findall(r"(?:^|[\s;{])(?:color|--ink|--second): var\(--([\w-]+)\)", text))
    grounds = {
        name
        for value in re.findall(r"(?:^|[\s;{])background(?:-color|-image)?: ([^;]+);", text)
        for name in re.findall(r"var\(--([\w-]+)\)", value)
    }
    assert letters <= set(pairs)
    assert grounds <= {on for ons in pairs.values() for on in ons}
    bare = re.findall(r"(?:^|[\s;{])(?:color|background[\w-]*): (?:#|rgb|hsl)[^;]*;", text)
    assert bare == [], "colours are named in tokens.css"
