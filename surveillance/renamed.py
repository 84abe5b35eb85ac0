"""A ward that loses all its patients while as many turn up in units that nobody listed was renamed, not emptied."""

from __future__ import annotations

from collections.abc import Mapping

from surveillance.measures import CENSUS
from surveillance.snapshot import Snapshot, State

LEAST = 5
"""A ward with fewer patients may empty within a minute, and as few may arrive elsewhere meanwhile."""
SHARE = 0.5
"""Of its patients that must turn up elsewhere."""
WORDS = "its patients seem to lie in a unit that is no ward of the site: "


def renamed(census: Mapping[str, int], elsewhere: Mapping[str, int], before: Snapshot | None) -> dict[str, str]:
    """ward → words, for each that now reads 0 because its source calls it otherwise.

    ``census``: each ward of the site → its patients now. ``elsewhere``: each other unit → its patients. ``before``: the
    last snapshot.
    A ward stays doubtful while that unit has patients and the ward has none.
    """
    if before is None:
        return {}
    found = {}
    new = {unit: number - before.off_wards.get(unit, 0) for unit, number in elsewhere.items()}
    for ward, readings in before.readings.items():
        last = readings.get(CENSUS)
        if last is None or census.get(ward) != 0:
            continue
        if last.state is State.SUSPECT and last.detail.startswith(WORDS):
            units = [unit for unit in last.detail.removeprefix(WORDS).split(", ") if elsewhere.get(unit)]
        elif isinstance(last.value, int | float) and last.value >= LEAST:
            units = [unit for unit, more in sorted(new.items()) if more >= SHARE * last.value]
        else:
            continue
        if units:
            found[ward] = WORDS + ", ".join(units)
    return found
