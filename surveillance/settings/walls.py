"""What hangs where: the layout of a ward's wall, the screens of the site, and how soon a silent page says so."""

from __future__ import annotations

import re
from datetime import time
from typing import Literal

from pydantic import Field, field_validator, model_validator

from surveillance.settings.section import Section, TimeOfDay

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""A screen's name stands in its address."""

Density = Literal["board", "distance"]
Place = Literal["staff", "public", "executive"]


class Matrix(Section):
    """Measures that share rows and columns, as registered and unregistered by day and by night."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    """A list of measures for each row."""

    @model_validator(mode="after")
    def _every_cell_is_given(self) -> Matrix:
        if [len(row) for row in self.cells] != [len(self.columns)] * len(self.rows):
            raise ValueError(f"cells must hold {len(self.rows)} rows of {len(self.columns)} measures")
        return self

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures in its cells."""
        return tuple(measure for row in self.cells for measure in row)


class WallSection(Section):
    """One panel of a ward's wall, and what stands in it."""

    title: str
    note: str = ""
    place: Literal["left", "middle", "right"]
    tiles: tuple[str, ...] = ()
    across: int = Field(default=3, ge=2, le=5)
    """Tiles in a row."""
    details: bool = True
    """Whether the tiles have room for a few words below the number."""
    matrix: Matrix | None = None
    table: tuple[str, ...] = ()
    scale: tuple[str, ...] = ()
    """Measures of the kind 1 to 5, drawn as a row of steps."""
    lines: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Groups of the catalogue whose measures stand here as lines if no section names them."""
    half: bool = False
    """Two halves one after the other share a panel's width."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that it names, in the order in which they are read."""
        inside = self.matrix.measures if self.matrix else ()
        return (*self.tiles, *inside, *self.table, *self.scale, *self.lines)


class Wall(Section):
    """How walls look and when a silent one says so.

    ``sections``: empty for the layout that the program brings along.
    """

    sections: tuple[WallSection, ...] = ()
    beat_s: float = Field(default=5.0, gt=0)
    """Seconds between two signs of life that the server sends to every wall."""
    lost_after_s: float = Field(default=12.0, gt=0)
    """Seconds of silence after which a wall says NOT LIVE."""
    report_s: float = Field(default=30.0, gt=0)
    """Seconds between two reports of a named screen."""

    @model_validator(mode="after")
    def _one_lost_beat_is_no_silence(self) -> Wall:
        if self.lost_after_s < 2 * self.beat_s:
            raise ValueError(f"lost_after_s must be at least twice beat_s, {2 * self.beat_s:g}")
        return self


class ScreenPage(Section):
    """One page of a screen: a ward, or some sections of its wall, for so many seconds."""

    ward: str
    sections: tuple[str, ...] = ()
    """Titles of sections; none: all."""
    density: Density | None = None
    dwell_s: float | None = Field(default=None, ge=5)


class Screen(Section):
    """One screen on a wall.

    ``profile``: what the place allows. ``density``: ``board`` puts everything on one page, ``distance`` a few large
    tiles on each of several. ``inches``: its diagonal.
    """

    name: str
    place: str = ""
    profile: Place = "staff"
    ward: str | None = None
    wards: tuple[str, ...] = ()
    pages: tuple[ScreenPage, ...] = ()
    executive: str | None = None
    """The executive wall of this trust, system, division or site."""
    dwell_s: float = Field(default=20.0, ge=5)
    density: Density | None = None
    """Default: ``board`` for staff, ``distance`` for the public."""
    inches: float = Field(default=55.0, gt=5, lt=200)
    distance_m: float = Field(default=3.0, gt=0, lt=50)
    orientation: Literal["landscape", "portrait"] = "landscape"
    night: Literal["schedule", "always", "never"] = "schedule"
    night_from: TimeOfDay = time(20)
    night_to: TimeOfDay = time(7)

    @field_validator("name")
    @classmethod
    def _name_fits_an_address(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"'{name}': letters, digits, - and _ only, for it stands in an address")
        return name

    @model_validator(mode="after")
    def _says_once_what_it_shows(self) -> Screen:
        given = [bool(self.ward), bool(self.wards), bool(self.pages), self.executive is not None]
        if sum(given) != 1:
            raise ValueError(f"screen '{self.name}': give one of ward, wards, pages and executive")
        if (self.executive is not None) != (self.profile == "executive"):
            raise ValueError(f"screen '{self.name}': profile 'executive' goes with executive = '…' and nothing else")
        return self

    @property
    def shown(self) -> tuple[ScreenPage, ...]:
        """Its pages, however they were given."""
        wards = (self.ward,) if self.ward else self.wards  # an executive wall has pages of its own
        return self.pages or tuple(ScreenPage(ward=code) for code in wards)

    @property
    def usual_density(self) -> Density:
        """The density of its pages that name none."""
        return self.density or ("distance" if self.profile == "public" else "board")
