"""What the readings of the past say over time: weeks as points, points as control charts, gaps as gaps."""

from surveillance.charts.chart import Phase, Remark, UnitChart
from surveillance.charts.points import ChartPoint
from surveillance.charts.series import SeriesPoint

# What reads the store is imported by its own name: the store itself keeps points.
__all__ = ["ChartPoint", "Phase", "Remark", "SeriesPoint", "UnitChart"]
