"""How control charts are drawn: targets, the dates from which limits are worked out anew, and what happened when."""

from __future__ import annotations

import datetime

from pydantic import Field

from surveillance.settings.section import Section


class Dated(Section):
    """Something that a person says about one measure of one unit.

    ``unit``: the code of a ward, division or site, or that of the trust; empty: every unit.
    """

    measure: str
    unit: str = ""
    date: datetime.date


class Rebase(Dated):
    """From this date on a chart's limits are worked out anew; never done without a reason."""

    reason: str = Field(min_length=3)


class Note(Dated):
    """Words at a date on a chart, as "insulin trolley started"."""

    words: str = Field(min_length=3)


class Charts(Section):
    """How charts over time are made."""

    weeks: int = Field(default=104, ge=15, le=520)
    """Weeks that a chart shows."""
    watched: float = Field(default=0.8, ge=0, le=1)
    """Share of a week's expected polls below which a mean is a gap."""
    wards: float = Field(default=0.8, ge=0, le=1)
    """Share of a unit's wards that must have a point in a week; with fewer the week is a gap."""
    targets: dict[str, float] = {}
    """measure → the site's own target, in the chart's unit."""
    rebases: tuple[Rebase, ...] = ()
    notes: tuple[Note, ...] = ()
