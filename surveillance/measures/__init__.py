"""Every measure of the ward display, each declared once; everything else loops over this catalogue."""

from surveillance.measures import (
    care,
    compliance,
    compliance_staffing,
    deterioration,
    flow,
    infection,
    learning,
    medicines,
    reliability,
    risk_assessments,
    skin,
    staffing,
)
from surveillance.measures.declaration import Measure
from surveillance.measures.forecasts import FORECASTS

CATALOGUE: dict[str, Measure] = {
    measure.id: measure
    for family in (
        flow,
        infection,
        care,
        risk_assessments,
        skin,
        medicines,
        staffing,
        deterioration,
        reliability,
        learning,
        compliance,
        compliance_staffing,
    )
    for measure in family.MEASURES
}
"""Measure id → its declaration, in the order in which a reader meets them."""

CENSUS = "patients_on_ward"
"""The measure that says how many patients lie on a ward."""

EVERYTHING: dict[str, Measure] = CATALOGUE | {forecast.id: forecast for forecast in FORECASTS}
"""The catalogue and the forecasts."""

__all__ = ["CATALOGUE", "CENSUS", "EVERYTHING", "FORECASTS", "Measure"]
