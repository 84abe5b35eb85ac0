"""Worked examples are small tables that a nurse can read, and the specification that every measure is tested by.

A file ``<measure>.md`` holds examples: a heading, perhaps a sentence, "As at", tables of canonical rows, and what
follows from them. ``surveillance.measures.examples.defaults`` says what need not be written down.
"""

from __future__ import annotations

from pathlib import Path

from surveillance.measures.examples.example import Example, Expected, Listed, Table
from surveillance.measures.examples.reading import read_examples

FOLDER = Path(__file__).parent

__all__ = ["FOLDER", "Example", "Expected", "Listed", "Table", "examples_of", "read_examples"]


def examples_of(measure: str) -> tuple[Example, ...]:
    """The worked examples of a measure, none where it has no file.

    Raises:
        CaseFileError: naming file and line of what cannot be read.
    """
    path = FOLDER / f"{measure}.md"
    return read_examples(path.read_text(encoding="utf-8"), path.name) if path.exists() else ()
