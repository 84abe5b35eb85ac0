"""How a line that says what to do stands below the line that says what is wrong."""

from __future__ import annotations

import textwrap

ARROW = "    → "
BELOW = "      "
"""Before what belongs to the line above."""
WIDTH = 118


def to_do(words: str) -> list[str]:
    """What to do, below what is wrong."""
    return hanging(ARROW, words)


def hanging(start: str, words: str) -> list[str]:
    """``words`` after ``start``, wrapped."""
    return textwrap.wrap(start + words, WIDTH, subsequent_indent=BELOW, break_long_words=False, break_on_hyphens=False)
