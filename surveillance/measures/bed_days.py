"""Bed days: who lay on each ward at 23:59 of each day (NHS England: the midnight count)."""

from __future__ import annotations

from datetime import time

import numpy as np
import pandas as pd

from surveillance.feeds.moments import micro
from surveillance.measures.hospital import Array, Hospital
from surveillance.measures.shifts import at_local

COUNTED_AT = time(23, 59)
"""When a day's patients are counted."""


def bed_days(hospital: Hospital, days: pd.DatetimeIndex) -> Array:
    """For each ward of the site's list its patients at 23:59 local time, added up over these local dates."""
    total = np.zeros(len(hospital.site.wards))
    for day in days:
        total += hospital.once(("bed day", day), lambda day=day: _counted(hospital, day))
    return total


def _counted(hospital: Hospital, day: pd.Timestamp) -> Array:
    places = hospital.stay_places[hospital.lying(micro(at_local(day, COUNTED_AT)))]
    counted: Array = np.bincount(places[places >= 0], minlength=len(hospital.site.wards))
    return counted
