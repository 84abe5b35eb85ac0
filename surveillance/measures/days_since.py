"""Days since an event on a ward: a number only where an event is on record, never a large one from an empty feed."""

from __future__ import annotations

import pandas as pd

from surveillance.feeds.moments import LONDON, london_dates
from surveillance.measures.declaration import Answer, Measure
from surveillance.measures.hospital import Hospital
from surveillance.snapshot import State


def days_since(hospital: Hospital, measure: Measure, events: pd.DataFrame, when: str, feed: str) -> Answer:
    """The answer for ``events`` (ward_code and ``when``), whose record is ``feed``."""
    events = events[events["ward_code"].isin(hospital.site.wards)]
    last = events.groupby("ward_code")[when].max()
    days = (hospital.local_date - london_dates(last)).dt.days
    figures = pd.DataFrame({"ward_code": last.index, "part": measure.parts[0], "value": days.to_numpy(dtype=float)})
    words = f"No event recorded since {_first_date(hospital, feed)}"
    without = [ward for ward in hospital.site.wards if ward not in last.index]
    states = dict.fromkeys(without, (State.NONE_ON_RECORD, words))
    return Answer(events, figures=figures.assign(numerator=figures["value"], denominator=float("nan")), states=states)


def _first_date(hospital: Hospital, feed: str) -> str:
    since = hospital.since.get(feed)
    if since is None or pd.isna(since):
        return "the record began"
    local = since.tz_convert(LONDON)
    return f"{local.day} {local:%B %Y}"
