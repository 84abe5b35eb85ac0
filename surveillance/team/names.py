"""A name of a patient is found in a text as a whole word, whatever its capitals and accents.

Many names are words as well (May, Will, Rose, Day). Such a word alone is taken for a name only where it is written
with a capital inside a sentence, and never where it may be a month or stands in the ward's own name; written any
other way it is refused only beside another part of the same patient's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from surveillance.team.texts import folded, plain_words

SHORTEST = 3
"""Characters of a part of a name; shorter ones stand in any text."""
MONTHS = frozenset({"april", "august", "january", "june", "march", "may"})
_WORDS = """
abbot able ace amber angel archer art ash autumn baker ball banks barber bay bed bell berry best bill bird bishop
black blue bolt bond booth bow bowl boy bright brook brooks brown bud burn bush butcher butler carol carpenter
carter case chance chase child christian church clark clay cliff close coat cole cook cooper coral cross crystal
daisy dale dawn day days dean deed destiny drew drive duke earl east eve faith fall farmer fern field finch fish
fisher flora flower floyd ford forest foster fox frank free freeman french frost gale gardener gates gay gene gift
gill glass glen gold golden good grace grant gray green grey guy hale hall ham hand hands hardy harmony harp hart
hazel head heart heath heather hill hills holly home honey hood hope house hunt hunter ivy jack jade jasmine jay
jean jewel john joy judge justice kay key king kit kitty knight lake lamb lance land lane lark law lea leaf lee
liberty lily little lock long love low major mann mark marsh martin mason may melody mercy merry mile miles mill
miller mills mine monk moon moore more moss new nick noble north nurse oak olive opal page paige palmer park parker
parks pat pearce pearl penny perry pike pink plant pool poole pope poppy porter potter powers price pride prince
queen rain ray red reed rice rich river rivers rob robin rock rod rose rowan ruby rue rush rusty sage salt sand
sandy savage say sharp shaw shepherd sherry short silver singer sister skip sky small smart smith snow south sparks
spencer spring star steel stone storm street strong sue summer summers sun swan sweet tanner taylor temple terry
thorn tiller todd tom town trace tucker turner van victor victory vine viola violet walker wall ward waters way
wells west wheeler white wild will wills winter wise wood woods wright young
"""
WORDS = MONTHS | frozenset(_WORDS.split())
"""Names that are ordinary English words as well, or are called out on every ward."""
WORD = re.compile(r"[^\W\d_]+(?:['’\-\u2010\u2011][^\W\d_]+)*")
SENTENCE_ENDS = '.!?:;•–—"“”()'


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of one patient's name, folded: each word of three letters or more, and hyphened ones whole as well."""

    family: frozenset[str]
    given: frozenset[str]

    @property
    def any(self) -> bool:
        """Whether there is something to look for."""
        return bool(self.family or self.given)


@dataclass(frozen=True, slots=True)
class _Word:
    folded: frozenset[str]
    capital_inside: bool


def parts_of(family: str, given: str) -> NameParts:
    """The parts of a name as a source writes it."""
    return NameParts(_parts(family), _parts(given))


def name_in(text: str, names: Iterable[NameParts], not_names: frozenset[str] = frozenset()) -> bool:
    """Whether a text holds the name of one of these patients."""
    words = list(_words(text))
    there = frozenset(part for word in words for part in word.folded)
    capital = frozenset(part for word in words if word.capital_inside for part in word.folded) - MONTHS - not_names
    for name in names:
        both = (name.family | name.given) & there
        if any(_side_by_side(name, one.folded, two.folded) for one, two in pairwise(words)):
            return True
        if any(part in capital or part not in WORDS | not_names for part in both):
            return True
    return False


def _side_by_side(name: NameParts, one: frozenset[str], two: frozenset[str]) -> bool:
    return bool((name.family & one and name.given & two) or (name.given & one and name.family & two))


def _parts(name: str) -> frozenset[str]:
    found = set[str]()
    for word in WORD.findall(plain_words(name)):
        whole = folded(word)
        for piece in (whole, *re.split(r"[\-\u2010\u2011]", whole)):
            found |= {piece, re.sub(r"\W", "", piece), *piece.split("'")}
    return frozenset(part for part in found if len(part) >= SHORTEST)


def _words(text: str) -> Iterable[_Word]:
    plain = plain_words(text)
    shouted = plain.upper() == plain
    for found in WORD.finditer(plain):
        before = plain[: found.start()].rstrip()
        starts = not before or before[-1] in SENTENCE_ENDS
        own = _parts(found[0]) | _parts(re.sub(r"['’]s$", "", found[0]))
        yield _Word(own, found[0][0].isupper() and not starts and not shouted)
