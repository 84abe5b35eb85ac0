"""Words of the source that nobody has mapped: how many, and those that may be shown, with the lines to write.

Only words of columns with a set of codes are ever shown, and of these only what cannot be somebody's text or number
(decision 0032): few different ones, short, without long numbers, each in several rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pandas as pd

from surveillance.commands.advice.lines import BELOW, hanging, to_do
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, RawRows
from surveillance.feeds.schema import Column, Kind, OnBad
from surveillance.feeds.values import code_of, texts_of

UNKNOWN = "unknown code"
MOST_WORDS = 25
"""A column with more different unknown words holds no codes."""
LONGEST = 40
"""Characters; longer is a sentence."""
LEAST_ROWS = 5
"""A word in fewer rows may be one person's."""
LONG_NUMBER = re.compile(r"(\d[^A-Za-z0-9]?){5}")
"""Hospital and NHS numbers, dates with a year and telephone numbers have at least five digits."""
BECOMES = {
    OnBad.REJECT: "their rows count nowhere",
    OnBad.BLANK: "they are read as empty",
    OnBad.KEEP: "they count in no measure; leave those that are none of ours",
}
"""What becomes of unknown words."""


def columns_with_unknown_words(data: FeedData) -> list[Column]:
    """The columns in which the gate has met some."""
    reasons = (*data.rejected, *data.notes)
    return [
        column for column in FEEDS[data.feed].columns if any(r.startswith(f"{column.name}: {UNKNOWN}") for r in reasons)
    ]


def unknown_words(column: Column, raw: RawRows, words: Mapping[str, str]) -> dict[str, int]:
    """A source's word that is none of ours → in how many rows it stands; the most frequent first."""
    given = {str(name).lower(): place for place, name in enumerate(raw.frame.columns)}
    if column.kind is not Kind.CODE or column.name not in given:
        return {}
    values = pd.Series(texts_of(raw.frame.iloc[:, given[column.name]].dropna()), dtype=object).dropna()
    counted = values.value_counts()
    found = {
        str(word): int(number)
        for word, number in counted.items()
        if code_of(str(word), column.codes, words) not in (None, *column.codes)
    }
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def may_be_shown(found: Mapping[str, int]) -> dict[str, int]:
    """Those that are surely no person's words: none of them if there are too many."""
    if len(found) > MOST_WORDS:
        return {}
    return {word: number for word, number in found.items() if number >= LEAST_ROWS and is_plain(word)}


def is_plain(word: str) -> bool:
    """Whether a word is short, and no number by which a person could be found stands in it."""
    return len(word) <= LONGEST and word.isprintable() and not LONG_NUMBER.search(word)


def to_map(column: Column, found: Mapping[str, int], table: str) -> list[str]:
    """What to write for words that nobody has mapped; ``table``: where."""
    if not found:
        return []
    if len(found) > MOST_WORDS:
        return to_do(f"{len(found)} different words in {column.name}: that is text, no code; is it the right column?")
    shown, lines = may_be_shown(found), []
    if shown:
        lines += to_do(f"{BECOMES[column.on_bad]}. In {table}, say which of our words each is:")
        lines += [f'{BELOW}  {json.dumps(word, ensure_ascii=False)} = "…"  # {_rows(n)}' for word, n in shown.items()]
        lines += hanging(BELOW, f"ours: {', '.join(column.codes)}")
    if hidden := len(found) - len(shown):
        words = "1 word is" if hidden == 1 else f"{hidden} words are"
        why = f"in fewer than {LEAST_ROWS} rows, long, or with a long number"
        lines += to_do(f"{words} not shown here ({why}): look at {column.name} in the source")
    return lines


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number} rows"
