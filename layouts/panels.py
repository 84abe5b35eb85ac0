"""Which groups of measures stand together on a ward's page; a group that nobody placed gets a panel of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from surveillance.measures import EVERYTHING, Measure

Style = Literal["tiles", "rows"]


@dataclass(frozen=True, slots=True)
class Panel:
    """``column``: 0 to 2 from the left. ``style``: large tiles, or a row for each measure."""

    title: str
    groups: tuple[str, ...]
    column: int
    style: Style
    note: str = ""


PANELS = (
    Panel("Today on the ward", ("flow", "infection"), 0, "rows"),
    Panel("Nurse staffing", ("staffing",), 0, "rows", "actual (planned)"),
    Panel("Risk assessments", ("risk_assessment",), 1, "rows", "patients"),
    Panel("Reliability and learning", ("reliability", "learning"), 1, "rows"),
    Panel("Is care safe now?", ("medicines", "deterioration", "enhanced_care", "skin"), 2, "tiles"),
    Panel("Next 4 hours", ("next_4_hours",), 2, "tiles"),
)
"""The questions of the Measurement and Monitoring of Safety framework, in the order of a handover."""

HEADLINE: Measure = next(iter(EVERYTHING.values()))
"""The measure that stands in the page's header: the first of the catalogue."""


def panels(measures: Iterable[Measure] = tuple(EVERYTHING.values())) -> list[tuple[Panel, list[Measure]]]:
    """Every panel with its measures in the catalogue's order; none is left out but the headline."""
    by_group: dict[str, list[Measure]] = {}
    for measure in measures:
        if measure.id != HEADLINE.id:
            by_group.setdefault(measure.group, []).append(measure)
    placed = {group for panel in PANELS for group in panel.groups}
    others = tuple(Panel(titled(group), (group,), 1, "rows") for group in by_group if group not in placed)
    found = [(panel, _measures(panel, by_group)) for panel in (*PANELS, *others)]
    return [(panel, measures) for panel, measures in found if measures]


def titled(group: str) -> str:
    """A group's name as a title."""
    return group[:1].upper() + group[1:].replace("_", " ")


def _measures(panel: Panel, by_group: Mapping[str, list[Measure]]) -> list[Measure]:
    return [measure for group in panel.groups for measure in by_group.get(group, [])]
