"""What leadership's wall shows: which figures stand at its head, which make the matrix, and which charts turn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from surveillance.settings.section import Section


class Figure(Section):
    """A measure on the executive wall. ``label``: over its column or under its number; ``words``: in a sentence."""

    measure: str
    label: str = ""
    words: str = ""


class Executive(Section):
    """The executive wall; a list that is left empty is the one that the program brings along."""

    title: str = "Leadership safety wall"
    headline: tuple[Figure, ...] = ()
    columns: tuple[Figure, ...] = ()
    urgent: tuple[str, ...] = ()
    """Measures that come first in what needs help now."""
    levels: tuple[str, ...] = ()
    """Measures of which wards are counted by level, as accreditation."""
    charts: tuple[str, ...] = ()
    order: Literal["listed", "need"] = "listed"
    """Of the wards in a division: as this file lists them, or those that need help first."""
    coverage: float = Field(default=0.8, ge=0, le=1)
    """Share of a unit's wards that must report; a figure with fewer is hatched."""
    rows: int = Field(default=22, ge=8, le=40)
    """Lines of the matrix on a page, divisions included."""
    dwell_s: float = Field(default=30.0, ge=5)
