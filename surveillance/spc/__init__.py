"""Control charts in the NHS "Making Data Count" style, of plain numbers: no clock, no library, nothing of ours."""

from surveillance.spc.chart import Chart, Point
from surveillance.spc.engine import with_point, xmr
from surveillance.spc.icons import assurance_icon, assurance_marks, variation_icon, variation_marks
from surveillance.spc.limits import Limits
from surveillance.spc.names import Assurance, Direction, Kind, Method, PointType, Relative, Rule, Variation
from surveillance.spc.preset import MAKING_DATA_COUNT, REFERENCE, Preset
from surveillance.spc.rare import g_chart, t_chart
from surveillance.spc.series import Series, SeriesError, series
from surveillance.spc.words import ASSURANCE_WORDS, VARIATION_WORDS, explain, words

__all__ = [
    "ASSURANCE_WORDS",
    "MAKING_DATA_COUNT",
    "REFERENCE",
    "VARIATION_WORDS",
    "Assurance",
    "Chart",
    "Direction",
    "Kind",
    "Limits",
    "Method",
    "Point",
    "PointType",
    "Preset",
    "Relative",
    "Rule",
    "Series",
    "SeriesError",
    "Variation",
    "assurance_icon",
    "assurance_marks",
    "explain",
    "g_chart",
    "series",
    "t_chart",
    "variation_icon",
    "variation_marks",
    "with_point",
    "words",
    "xmr",
]
