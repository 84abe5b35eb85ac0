"""Every icon is valid SVG with a text alternative, unlike any other even in grey, and safe under a strict policy."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from surveillance.spc import (
    ASSURANCE_WORDS,
    VARIATION_WORDS,
    Assurance,
    Variation,
    assurance_icon,
    assurance_marks,
    variation_icon,
    variation_marks,
)

SVG = "{http://www.w3.org/2000/svg}"
ICONS = {
    **{f"variation {v}": (variation_icon(v), variation_marks(v), VARIATION_WORDS[v]) for v in Variation},
    **{f"assurance {a}": (assurance_icon(a), assurance_marks(a), ASSURANCE_WORDS[a]) for a in Assurance},
}
every_icon = pytest.mark.parametrize(("icon", "marks", "told"), ICONS.values(), ids=ICONS)


@every_icon
def test_valid_and_told_in_words(icon: str, marks: str, told: str) -> None:
    root = ElementTree.fromstring(icon)
    assert (root.tag, root.get("viewBox"), root.get("role")) == (f"{SVG}svg", "0 0 378 378", "img")
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == root.get("aria-label") == told
    assert icon == icon.strip()
    assert marks in icon


@every_icon
def test_what_a_strict_policy_and_a_page_of_many_allow(icon: str, marks: str, told: str) -> None:
    for element in ElementTree.fromstring(icon).iter():
        assert element.tag.removeprefix(SVG) in {
            "svg",
            "title",
            "circle",
            "text",
            "path",
            "line",
            "polyline",
            "polygon",
        }
        assert not {"style", "class", "id", "href", "onload"} & set(element.keys())
    assert "url(" not in icon


@every_icon
def test_marks_can_stand_in_another_picture(icon: str, marks: str, told: str) -> None:
    root = ElementTree.fromstring(f"<svg>{marks}</svg>")
    assert not {"svg", "title"} & {element.tag for element in root.iter() if element is not root}


def test_no_two_are_alike_and_every_call_gives_the_same() -> None:
    assert len({icon for icon, _, _ in ICONS.values()}) == len(ICONS)
    assert variation_icon(Variation.CONCERN_LOW) == variation_icon(Variation.CONCERN_LOW)


def test_they_differ_by_more_than_colour_but_for_the_two_empty_ones() -> None:
    grey = {name: re.sub("#[0-9A-F]{6}", "grey", marks) for name, (_, marks, _) in ICONS.items()}
    alike = [(a, b) for a, b in combinations(grey, 2) if grey[a] == grey[b]]
    assert alike == [("variation none", "assurance none")]


@pytest.mark.parametrize(
    ("marks", "letter"),
    [
        (variation_marks(Variation.IMPROVEMENT_HIGH), "H"),
        (variation_marks(Variation.CONCERN_HIGH), "H"),
        (variation_marks(Variation.IMPROVEMENT_LOW), "L"),
        (variation_marks(Variation.CONCERN_LOW), "L"),
        (assurance_marks(Assurance.PASS), "P"),
        (assurance_marks(Assurance.FAIL), "F"),
        (assurance_marks(Assurance.INCONSISTENT), "?"),
        (variation_marks(Variation.COMMON_CAUSE), ""),
    ],
)
def test_letters(marks: str, letter: str) -> None:
    assert "".join(ElementTree.fromstring(f"<svg>{marks}</svg>").itertext()) == letter


def test_the_target_lies_below_above_or_through_the_wave() -> None:
    def height(assurance: Assurance) -> float:
        (line,) = ElementTree.fromstring(f"<svg>{assurance_marks(assurance)}</svg>").iter("line")
        return float(line.attrib["y1"])

    wave_top, wave_bottom = 200, 241
    assert height(Assurance.FAIL) < wave_top < height(Assurance.INCONSISTENT) < wave_bottom < height(Assurance.PASS)
