"""The public JSON of a snapshot: what the API and ``surveillance snapshot`` print, and what the store keeps as current.

Moments are ISO 8601 in UTC with ``Z``. ``value`` is null in every state but ``value`` and ``stale``; ``parts`` is there
only where a reading has more than one number, and ``numerator``/``denominator`` of the reading only where it has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from math import isfinite
from typing import Any

import orjson

from surveillance.snapshot import Level, Part, Reading, Rollup, Snapshot, SourceStatus, State
from surveillance.snapshot_contract import (
    FeedJson,
    ReadingJson,
    RollupJson,
    SnapshotJson,
    SourceJson,
    WardJson,
)

KNOWN = (State.VALUE, State.STALE)
"""The states in which there is a number."""

WORST_LAST = ("current", "not_connected", "stale", "suspect", "unavailable", "refused")
"""The states of a feed; a source stands as its worst feed does."""

STATES = {state.value: state for state in State}
LEVELS = {level.value: level for level in Level}
"""Looked up thousands of times a snapshot, which ``State(...)`` is too slow for."""

ONLY_PART = "count"
"""The name given to a reading's single part when it is read back from JSON that does not name it."""


def dumps(content: Any) -> bytes:
    """``content`` as compact JSON text in UTF-8."""
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


def snapshot_to_json(snapshot: Snapshot, names: Mapping[str, str], *, every_part: bool = False) -> SnapshotJson:
    """``snapshot`` as JSON types.

    Args:
        snapshot: what to write.
        names: ward code → name; a ward that is not in it is called by its code.
        every_part: also write the parts of readings with one or none, so that reading it back gives the same snapshot.

    Raises:
        ValueError: naming the unit and measure, when a reading has a number that its state forbids, or none where its
            state promises one, or when a moment has no time zone. Such a reading must not be shown at all.
    """
    codes = dict.fromkeys((*snapshot.readings, *snapshot.forecasts))
    return {
        "as_at": _written(snapshot.as_at),
        "wards": [ward_to_json(snapshot, code, names.get(code, code), every_part=every_part) for code in codes],
        "rollups": [_rollup_to_json(rollup, every_part) for rollup in snapshot.rollups],
        "sources": _sources_to_json(snapshot.sources),
        "quality": dict(snapshot.quality),
        "off_wards": dict(snapshot.off_wards),
    }


def ward_to_json(snapshot: Snapshot, code: str, name: str, *, every_part: bool = False) -> WardJson:
    """One ward of ``snapshot``; a ward that is not in it has no readings. Errors as ``snapshot_to_json``."""
    readings = snapshot.readings.get(code, {}).values()
    forecasts = snapshot.forecasts.get(code, {}).values()
    return {
        "code": code,
        "name": name,
        "readings": [reading_to_json(reading, every_part=every_part) for reading in readings],
        "forecasts": [reading_to_json(reading, every_part=every_part) for reading in forecasts],
    }


def reading_to_json(reading: Reading, *, every_part: bool = False) -> ReadingJson:
    """One reading. Errors as ``snapshot_to_json``."""
    check(reading)
    known = reading.state in KNOWN
    single = reading.parts[0] if known and len(reading.parts) == 1 else None
    content: ReadingJson = {
        "measure": reading.measure,
        "version": reading.version,
        "state": str(reading.state),
        "value": reading.value,
        "numerator": single.numerator if single else None,
        "denominator": single.denominator if single else None,
        "as_at": _written_or_none(reading.as_at),
        "level": str(reading.level),
        "source": reading.source,
        "detail": reading.detail,
    }
    if every_part or len(reading.parts) > 1:
        content["parts"] = [
            {
                "name": part.name,
                "state": str(part.state),
                "value": part.value,
                "numerator": part.numerator,
                "denominator": part.denominator,
            }
            for part in reading.parts
        ]
    return content


def check(reading: Reading) -> None:
    """Refuses a reading whose numbers contradict its state.

    Raises:
        ValueError: naming the unit, the measure and what is wrong.
    """
    known = reading.state in KNOWN
    fault, numbers = "", 0
    for part in reading.parts:
        if part.value is None:
            continue
        numbers += 1
        if not known or part.state not in KNOWN:
            fault = f"a number beside the state '{reading.state if not known else part.state}'"
        elif not isinstance(part.value, str) and not isfinite(part.value):
            fault = "a number that is none (not finite)"
    if known and not numbers:
        fault = f"no number in the state '{reading.state}'"
    if fault:
        raise ValueError(f"{reading.unit}, {reading.measure}: {fault}")


def snapshot_from_json(content: SnapshotJson) -> Snapshot:
    """The snapshot that ``snapshot_to_json`` wrote; exactly the same one if it was written with ``every_part``.

    Without it a single part is called ``count``, and readings without a number have no parts. Names of wards are lost,
    and the feeds of one source come together.
    """
    return Snapshot(
        as_at=datetime.fromisoformat(content["as_at"]),
        readings={ward["code"]: _readings(ward["code"], ward["readings"]) for ward in content["wards"]},
        forecasts={
            ward["code"]: _readings(ward["code"], ward["forecasts"]) for ward in content["wards"] if ward["forecasts"]
        },
        rollups=tuple(_rollup(rollup) for rollup in content["rollups"]),
        sources=tuple(
            status_from_json(source["name"], feed) for source in content["sources"] for feed in source["feeds"]
        ),
        quality=content["quality"],
        off_wards=content["off_wards"],
    )


def status_to_json(status: SourceStatus) -> FeedJson:
    """How one feed stands, without the name of its source."""
    return {
        "feed": status.feed,
        "state": status.state,
        "as_at": _written_or_none(status.as_at),
        "polled_at": _written_or_none(status.polled_at),
        "rows": status.rows,
        "rejected": dict(status.rejected),
        "notes": dict(status.notes),
        "newest": _written_or_none(status.newest),
        "duration_s": status.duration_s,
        "error": status.error,
    }


def status_from_json(source: str, content: FeedJson) -> SourceStatus:
    """What ``status_to_json`` wrote, of the feed of ``source``."""
    return SourceStatus(
        source=source,
        feed=content["feed"],
        state=content["state"],
        as_at=_moment(content["as_at"]),
        polled_at=_moment(content["polled_at"]),
        rows=content["rows"],
        rejected=content["rejected"],
        notes=content["notes"],
        newest=_moment(content["newest"]),
        duration_s=content["duration_s"],
        error=content["error"],
    )


def _rollup_to_json(rollup: Rollup, every_part: bool) -> RollupJson:
    return {
        "unit": rollup.reading.unit,
        "kind": rollup.kind,
        **reading_to_json(rollup.reading, every_part=every_part),
        "reporting": rollup.reporting,
        "expected": rollup.expected,
        "missing": list(rollup.missing),
    }


def _sources_to_json(statuses: Iterable[SourceStatus]) -> list[SourceJson]:
    sources: list[SourceJson] = []
    order = list(dict.fromkeys(status.source for status in statuses))
    together = sorted(statuses, key=lambda status: order.index(status.source))
    for name, group in groupby(together, key=lambda status: status.source):
        feeds = list(group)
        times = [feed.as_at for feed in feeds if feed.as_at is not None]
        sources.append(
            {
                "name": name,
                "state": max((feed.state for feed in feeds), key=_badness),
                "as_at": _written_or_none(min(times, default=None)),
                "feeds": [status_to_json(feed) for feed in feeds],
            }
        )
    return sources


def _badness(state: str) -> int:
    # A word that nobody knows must not be the reassuring one.
    return WORST_LAST.index(state) if state in WORST_LAST else len(WORST_LAST)


def _readings(unit: str, contents: Iterable[ReadingJson]) -> dict[str, Reading]:
    return {content["measure"]: _reading(unit, content) for content in contents}


def _reading(unit: str, content: ReadingJson) -> Reading:
    state = STATES[content["state"]]
    return Reading(
        measure=content["measure"],
        version=content["version"],
        unit=unit,
        state=state,
        parts=_parts(state, content),
        as_at=_moment(content["as_at"]),
        level=LEVELS[content["level"]],
        source=content["source"],
        detail=content["detail"],
    )


def _parts(state: State, content: ReadingJson) -> tuple[Part, ...]:
    if "parts" in content:
        return tuple(
            Part(part["name"], STATES[part["state"]], part["value"], part["numerator"], part["denominator"])
            for part in content["parts"]
        )
    value = content["value"]
    if value is None or isinstance(value, dict):
        return ()
    return (Part(ONLY_PART, state, value, content["numerator"], content["denominator"]),)


def _rollup(content: RollupJson) -> Rollup:
    reading = _reading(content["unit"], content)
    return Rollup(reading, content["kind"], content["reporting"], content["expected"], tuple(content["missing"]))


@lru_cache(maxsize=1024)  # thousands of readings share the few moments of their feeds
def _written(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _written_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else _written(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
