"""Any snapshot whose numbers agree with their states, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from surveillance.snapshot import Level, Part, Reading, Rollup, Snapshot, SourceStatus, State
from surveillance.snapshot_json import KNOWN

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def sound_readings(draw: st.DrawFn, unit: str, measure: str) -> Reading:
    """Any reading whose numbers agree with its state."""
    state = draw(st.sampled_from(State))
    known = state in KNOWN
    parts = []
    for number, name in enumerate(draw(st.lists(NAMES, min_size=1 if known else 0, max_size=3, unique=True))):
        of_part = state if known and number == 0 else draw(st.sampled_from(State))
        value = draw(NUMBERS | NAMES) if known and of_part in KNOWN else None
        parts.append(Part(name, of_part, value, draw(st.none() | NUMBERS), draw(st.none() | NUMBERS)))
    return Reading(
        measure,
        draw(st.integers(1, 9)),
        unit,
        state,
        tuple(parts),
        draw(st.none() | MOMENTS),
        draw(st.sampled_from(Level)),
        draw(NAMES),
        draw(NAMES),
    )


@st.composite
def sound_snapshots(draw: st.DrawFn) -> Snapshot:
    wards, measures = st.lists(NAMES, max_size=3, unique=True), st.lists(NAMES, min_size=1, max_size=3, unique=True)
    codes = draw(wards)
    readings = {code: {m: draw(sound_readings(code, m)) for m in draw(measures)} for code in codes}
    ahead = {code: {m: draw(sound_readings(code, m)) for m in draw(measures)} for code in codes[1:]}
    units = draw(st.lists(NAMES, max_size=2, unique=True))
    rollups = tuple(
        Rollup(draw(sound_readings(unit, "m")), draw(st.sampled_from(["division", "site"])), 1, 2, (draw(NAMES),))
        for unit in units
    )
    counts = st.dictionaries(NAMES, st.integers(0, 999), max_size=2)
    sources = tuple(
        SourceStatus(source, feed, "stale", draw(st.none() | MOMENTS), draw(MOMENTS), 3, draw(counts), duration_s=0.25)
        for source in draw(wards)
        for feed in draw(measures)
    )
    return Snapshot(draw(MOMENTS), readings, ahead, rollups, sources, draw(counts), draw(counts))
