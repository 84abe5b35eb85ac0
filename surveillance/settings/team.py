"""What a site lets its teams say: the levels of its accreditation, the indicators of its barometer."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from surveillance.settings.section import Section

LONGEST_LEVEL = 18
"""Characters of a level: a wall has no room for more."""
LONGEST_TITLE = 28


class Accreditation(Section):
    """The scheme by which wards are accredited. ``levels``: from the lowest to the highest; there are no default ones.

    ``domains``: what a ward is scored on, if the scheme does so.
    """

    scheme: str = Field(default="COAST", min_length=1, max_length=40)
    levels: tuple[str, ...] = Field(min_length=1)
    domains: tuple[str, ...] = ()

    @field_validator("levels", "domains")
    @classmethod
    def _differ_and_are_short(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not name.strip() or len(name) > LONGEST_LEVEL * 2:
                raise ValueError(f"'{name}' must have 1 to {LONGEST_LEVEL * 2} characters")
        if len(set(names)) < len(names):
            raise ValueError("a name stands twice")
        return names

    @field_validator("levels")
    @classmethod
    def _fit_a_wall(cls, levels: tuple[str, ...]) -> tuple[str, ...]:
        for level in levels:
            if len(level) > LONGEST_LEVEL:
                raise ValueError(f"'{level}' has more than {LONGEST_LEVEL} characters, for which a wall has no room")
        return levels


class Indicator(Section):
    """One indicator of the safety barometer; each team chooses which of them its wall shows."""

    id: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    kind: Literal["harm", "positive", "culture"]
    unit: str = Field(default="", max_length=8)
    measure: str = ""
    """A measure of the catalogue that feeds it; empty: its values are entered by hand."""


class Barometer(Section):
    """The safety barometer."""

    indicators: tuple[Indicator, ...] = ()

    @model_validator(mode="after")
    def _ids_differ(self) -> Barometer:
        ids = [one.id for one in self.indicators]
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"indicators: the id '{name}' stands twice")
        return self


class Team(Section):
    """The table ``[team]``."""

    hospital_number_pattern: str | None = None
    """A regular expression of the hospital's own patient numbers, which are then refused in everything teams write."""
    accreditation: Accreditation | None = None
    barometer: Barometer = Barometer()

    @field_validator("hospital_number_pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"'{pattern}' is no regular expression: {error}") from None
        return pattern
