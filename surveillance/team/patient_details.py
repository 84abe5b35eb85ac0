"""Text for a wall must not tell of a patient: what looks like a number, a birth date or a name of one is refused.

The check is cautious, not clever. It finds what slips in by habit; it cannot tell that "the lady in bed 4" is somebody.
A refusal says which rule it was and never repeats the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from surveillance.team.dates import birth_date_in
from surveillance.team.names import NameParts, name_in, parts_of
from surveillance.team.texts import plain_words

NHS_DIGITS = 10
SHORTEST_NUMBER = 5
"""Characters of a hospital number; a shorter one would be found in any text."""
MOST_TOKENS = 4
"""Into so many pieces a hospital number may have been written."""
GROUPS = re.compile(r"\d+(?:[\s.,()\-\u2010-\u2015_]*\d+)*")


class Rule(StrEnum):
    """Why a text is refused, in words."""

    NHS_NUMBER = "This looks like an NHS number: ten digits."
    HOSPITAL_NUMBER = "This looks like a patient's hospital number."
    BIRTH_DATE = "This looks like a date of birth."
    NAME = "This looks like the name of a patient on the ward."


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the patients, so that it can be refused.

    ``pattern``: of the hospital's numbers. ``numbers``: those of everybody in hospital, folded by ``as_number``.
    ``names``: the family and given names on the ward's list. ``names_known``: whether a source of names is connected.
    ``not_names``: folded words that stand in the ward's own name, and so are not taken for a patient's by their
    capital.
    """

    pattern: str | None = None
    numbers: frozenset[str] = frozenset()
    names: tuple[NameParts, ...] = ()
    names_known: bool = False
    not_names: frozenset[str] = field(default_factory=frozenset)


def known_of(
    pattern: str | None, people: Iterable[tuple[str, str, Collection[str], bool]], ward_name: str = ""
) -> Known:
    """``people``: of everybody in hospital the family name, the given names, their numbers, and whether on the ward."""
    numbers, names, any_name = set[str](), list[NameParts](), False
    for family, given, theirs, here in people:
        numbers |= {folded for one in theirs if len(folded := as_number(one)) >= SHORTEST_NUMBER}
        any_name = any_name or bool(family or given)
        if here and (parts := parts_of(family, given)).any:
            names.append(parts)
    own = parts_of(ward_name, "").family
    return Known(pattern, frozenset(numbers), tuple(names), any_name, frozenset(own))


def refused(text: str, known: Known, today: date) -> Rule | None:
    """Which rule a text breaks; None if it may stand on a wall."""
    plain = plain_words(text)
    if has_nhs_number(plain):
        return Rule.NHS_NUMBER
    if has_hospital_number(plain, known):
        return Rule.HOSPITAL_NUMBER
    if birth_date_in(plain, today):
        return Rule.BIRTH_DATE
    if name_in(text, known.names, known.not_names):
        return Rule.NAME
    return None


def has_nhs_number(plain: str) -> bool:
    """Whether ten digits stand together, however they are spaced and whatever their check digit."""
    for run in GROUPS.findall(plain):
        sizes = [len(group) for group in re.findall(r"\d+", run)]
        for start in range(len(sizes)):
            together = 0
            for size in sizes[start:]:
                together += size
                if together >= NHS_DIGITS:
                    break
            if together == NHS_DIGITS:
                return True
    return False


def has_hospital_number(plain: str, known: Known) -> bool:
    """Whether something has the form of the site's numbers, or is the number of somebody who is in hospital."""
    if known.pattern and re.search(rf"(?<!\w)(?:{known.pattern})(?!\w)", plain, re.IGNORECASE):
        return True
    tokens = re.findall(r"[^\W_]+", plain.casefold())
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + MOST_TOKENS, len(tokens)) + 1):
            if "".join(tokens[start:end]) in known.numbers:
                return True
    return False


def as_number(text: str) -> str:
    """A hospital number as it is compared: letters and digits, in small letters."""
    return "".join(re.findall(r"[^\W_]+", plain_words(text).casefold()))
