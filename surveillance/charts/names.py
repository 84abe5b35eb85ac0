"""What a site's ``[charts]`` names must exist; every wrong name is told at start, with the nearest that does."""

from __future__ import annotations

from collections.abc import Mapping

from surveillance.charts.units import charted, units_of
from surveillance.errors import nearest
from surveillance.measures import EVERYTHING
from surveillance.measures.declaration import Form, Measure
from surveillance.settings import Settings


def chart_faults(settings: Settings, catalogue: Mapping[str, Measure] = EVERYTHING) -> list[str]:
    """A line for each measure or unit in ``[charts]`` that is not known or not charted."""
    drawn, codes = charted(catalogue), {code for _, code in units_of(settings)}
    faults: list[str] = []

    def known(where: str, measure: str) -> None:
        if measure not in catalogue:
            faults.append(f"{where}: unknown measure '{measure}'; {nearest(measure, drawn)}")
        elif measure not in drawn:
            faults.append(f"{where}: the measure '{measure}' is not charted; {nearest(measure, drawn)}")

    for measure in settings.charts.targets:
        known(f"charts.targets.{measure}", measure)
        how = drawn[measure].charted if measure in drawn else None
        if how and how.form is Form.EVENTS:
            faults.append(f"charts.targets.{measure}: days between events have no target")
    for key in ("rebases", "notes"):
        for number, dated in enumerate(getattr(settings.charts, key)):
            known(f"charts.{key}.{number}.measure", dated.measure)
            if dated.unit and dated.unit not in codes:
                faults.append(f"charts.{key}.{number}.unit: unknown unit '{dated.unit}'; {nearest(dated.unit, codes)}")
    return faults
