"""A text that somebody typed is one line of ordinary characters, no longer than its place; anything else is refused."""

from __future__ import annotations

import re
import unicodedata

JOINER = "\N{ZERO WIDTH JOINER}"
"""Holds the parts of one emoji together."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that are not seen, that turn the direction of others, or that have no meaning."""
SPACE = re.compile(r"\s+")


def tidy(text: str) -> str:
    """The text without white space around it, and with single spaces inside; line ends and tabs stay to be refused."""
    return re.sub(r"[^\S\n\r\t\v\f\x1c-\x1f\x85\u2028\u2029]+", " ", text).strip(" ")


def text_fault(text: str, longest: int, *, needed: bool = True) -> str:
    """What is wrong with a tidied text, in words; empty if nothing is. ``longest``: in characters."""
    if needed and not text:
        return "Write something here."
    if len(text) > longest:
        return f"At most {longest} characters; these are {len(text)}."
    if any(unicodedata.category(one) in UNSEEN and one != JOINER for one in text):
        return "One line without line breaks, tabs or hidden characters."
    return ""


def plain_words(text: str) -> str:
    """The text to be searched: compatibility forms and digits of all scripts as plain ones, no hidden characters."""
    shown = "".join(one for one in text if unicodedata.category(one) != "Cf")
    folded = unicodedata.normalize("NFKC", shown)
    return "".join(str(unicodedata.digit(one)) if unicodedata.category(one) == "Nd" else one for one in folded)


def folded(text: str) -> str:
    """Small letters without marks, so that Éloïse is eloise."""
    small = unicodedata.normalize("NFKD", plain_words(text).casefold())
    bare = "".join(one for one in small if not unicodedata.combining(one))
    return bare.translate(_LETTERS)


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": "'"})
"""Letters whose marks are part of them."""
