"""A value as a source writes it becomes a plain text, number, truth or code of ours; None where nothing can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

TRUE = frozenset({"1", "1.0", "true", "t", "y", "yes"})
FALSE = frozenset({"0", "0.0", "false", "f", "n", "no"})


def texts_of(values: Iterable[object]) -> list[str | None]:
    """``text_of`` each; quick where all are texts."""
    values = list(values)
    try:
        return [text or None for text in map(str.strip, values)]  # type: ignore[arg-type]
    except TypeError:
        return [text_of(value) for value in values]


def text_of(value: object) -> str | None:
    """Text without white space around it; a whole number without decimals."""
    if type(value) is str:
        return value.strip() or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a driver made a nullable integer key a float
    text = str(value).strip()
    return text or None


def number_of(value: object) -> float | None:
    """A finite number."""
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever the driver gave
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def truth_of(value: object) -> bool | None:
    """Yes or no, in any of the usual words."""
    if isinstance(value, bytes) and len(value) == 1:  # MySQL's BIT(1)
        return {b"\x00": False, b"\x01": True}.get(value)
    text = str(value).strip().lower()
    return True if text in TRUE else False if text in FALSE else None


def renamed(text: str | None, words: Mapping[str, str]) -> str | None:
    """Our name for it, else itself."""
    return (words.get(text, text) or None) if text is not None else None


def code_of(text: str | None, codes: tuple[str, ...], words: Mapping[str, str]) -> str | None:
    """Our code for a source's word, whatever its case; a word that is none of ours stays as it is."""
    if text is None:
        return None
    if text in words:
        return words[text] or None  # mapping to "" says that the source's word means nothing recorded
    if text in codes:
        return text
    folded = text.casefold()
    return next((code for code in codes if code.casefold() == folded), text)
