"""Each icon is one fixed drawing of ours, told apart by letter and shape and not by its colour alone.

Drawn from the facts of the NHS England Making Data Count icons in a box of 378 x 378: SVG with presentation
attributes only, so that no content security policy stops it, and without ids, so that any number may stand on a
page. High or low improvement has round points in its ring's colour, concern has diamonds: the official icons
tell these two apart by colour alone.
"""

from __future__ import annotations

from typing import Final

from surveillance.spc.names import Assurance, Variation
from surveillance.spc.words import ASSURANCE_WORDS, VARIATION_WORDS

BOX: Final = 378
GREY, BLUE, ORANGE, PURPLE, DETAIL = "#BFBFBF", "#0072C6", "#FF6600", "#8000C0", "#7F7F7F"

_Places = tuple[tuple[float, float], ...]

_DOT: Final = 20.5
_COMMON: Final[_Places] = ((97, 195), (144, 233), (191.5, 153.5), (238.5, 221.5), (286, 206.5))
_HIGH: Final[_Places] = ((97, 210.5), (144, 229), (191.5, 210.5), (238.5, 165), (286, 180))
_LOW: Final[_Places] = ((97, 168.5), (144, 150), (191.5, 168.5), (238.5, 214), (286, 199))
_UP: Final[_Places] = ((104, 242), (180, 166), (152, 138), (258, 120), (240, 226), (212, 198), (136, 274))
_DOWN: Final[_Places] = ((136, 104), (212, 180), (240, 152), (258, 258), (152, 240), (180, 212), (104, 136))
_WAVE: Final = "M72 239C90 214 110 200 130 200C155 200 168 241 193 241C218 241 230 200 254 200C272 200 288 214 302 236"


def variation_icon(variation: Variation) -> str:
    """The whole SVG of a variation icon, with its text alternative."""
    return _icon(VARIATION_WORDS[variation], variation_marks(variation))


def assurance_icon(assurance: Assurance) -> str:
    """The whole SVG of an assurance icon, with its text alternative."""
    return _icon(ASSURANCE_WORDS[assurance], assurance_marks(assurance))


def variation_marks(variation: Variation) -> str:
    """What stands inside the SVG of a variation icon, to be placed in another one; it holds no words."""
    match variation:
        case Variation.COMMON_CAUSE:
            return _disc(GREY) + _line(_COMMON, DETAIL) + _dots(_COMMON, DETAIL)
        case Variation.IMPROVEMENT_HIGH:
            return _disc(BLUE) + _letter("H", 106, 172, BLUE) + _dots(_HIGH[:3], DETAIL) + _dots(_HIGH[3:], BLUE)
        case Variation.IMPROVEMENT_LOW:
            return _disc(BLUE) + _letter("L", 106, 292, BLUE) + _dots(_LOW[:3], DETAIL) + _dots(_LOW[3:], BLUE)
        case Variation.CONCERN_HIGH:
            letter = _letter("H", 106, 172, ORANGE)
            return _disc(ORANGE) + letter + _dots(_HIGH[:3], DETAIL) + _diamonds(_HIGH[3:], ORANGE)
        case Variation.CONCERN_LOW:
            letter = _letter("L", 106, 292, ORANGE)
            return _disc(ORANGE) + letter + _dots(_LOW[:3], DETAIL) + _diamonds(_LOW[3:], ORANGE)
        case Variation.NEUTRAL_HIGH:
            return _disc(PURPLE) + _shape(_UP, PURPLE)
        case Variation.NEUTRAL_LOW:
            return _disc(PURPLE) + _shape(_DOWN, PURPLE)
        case Variation.NONE:
            return _EMPTY


def assurance_marks(assurance: Assurance) -> str:
    """What stands inside the SVG of an assurance icon, to be placed in another one; it holds no words."""
    match assurance:
        case Assurance.PASS:
            return _disc(BLUE) + _letter("P", 156, 158, BLUE) + _wave() + _target(257.5, BLUE)
        case Assurance.FAIL:
            return _disc(ORANGE) + _letter("F", 156, 158, ORANGE) + _wave() + _target(185.5, ORANGE)
        case Assurance.INCONSISTENT:
            return _disc(GREY) + _letter("?", 156, 158, DETAIL) + _wave() + _target(222.5, DETAIL)
        case Assurance.NONE:
            return _EMPTY


def _icon(words: str, marks: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {BOX} {BOX}" role="img" aria-label="{words}">'
        f"<title>{words}</title>{marks}</svg>"
    )


def _disc(ring: str) -> str:
    shadow = '<circle cx="189" cy="198" r="161" fill="#000000" fill-opacity="0.15"/>'
    return f'{shadow}<circle cx="189" cy="189" r="151" fill="#FFFFFF" stroke="{ring}" stroke-width="20"/>'


_EMPTY: Final = (
    '<circle cx="189" cy="189" r="151" fill="#FFFFFF" stroke="#BFBFBF" stroke-width="20" stroke-dasharray="60 20"/>'
)


def _letter(letter: str, x: int, baseline: int, colour: str) -> str:
    font = 'font-family="Arial, Helvetica, sans-serif" font-weight="bold" font-size="117"'
    return f'<text x="{x}" y="{baseline}" {font} fill="{colour}" aria-hidden="true">{letter}</text>'


def _dots(places: _Places, colour: str) -> str:
    return "".join(f'<circle cx="{x}" cy="{y}" r="{_DOT}" fill="{colour}"/>' for x, y in places)


def _diamonds(places: _Places, colour: str) -> str:
    reach = 26  # a diamond of about a dot's area
    corners = [((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)) for x, y in places]
    return "".join(_shape(four, colour) for four in corners)


def _line(places: _Places, colour: str) -> str:
    return f'<polyline points="{_points(places)}" fill="none" stroke="{colour}" stroke-width="9"/>'


def _shape(places: _Places, colour: str) -> str:
    return f'<polygon points="{_points(places)}" fill="{colour}"/>'


def _points(places: _Places) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _wave() -> str:
    return f'<path d="{_WAVE}" fill="none" stroke="{DETAIL}" stroke-width="10.7"/>'


def _target(y: float, colour: str) -> str:
    dashes = 'stroke-width="8.67" stroke-dasharray="26 8.67"'
    return f'<line x1="72" y1="{y}" x2="306" y2="{y}" stroke="{colour}" {dashes}/>'
