"""The public JSON of a snapshot says what is known, and nothing where nothing is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings

from surveillance.snapshot import Part, Reading, Snapshot, SourceStatus, State
from surveillance.snapshot_json import (
    KNOWN,
    dumps,
    reading_to_json,
    snapshot_from_json,
    snapshot_to_json,
    ward_to_json,
)
from tests.sound_snapshots import sound_snapshots
from tests.stores import T0, after, reading, rollup, snapshot, unknown

UNKNOWN = [state for state in State if state not in KNOWN]


@settings(deadline=None, max_examples=30, database=None)
@given(sound_snapshots())
def test_what_is_stored_comes_back_exactly(kept: Snapshot) -> None:
    text = dumps(snapshot_to_json(kept, {}, every_part=True))
    assert snapshot_from_json(json.loads(text)) == kept


@settings(deadline=None, max_examples=30, database=None)
@given(sound_snapshots())
def test_a_number_stands_only_beside_a_state_that_has_one(kept: Snapshot) -> None:
    content = json.loads(dumps(snapshot_to_json(kept, {})))
    found = [r for ward in content["wards"] for r in ward["readings"] + ward["forecasts"]] + content["rollups"]
    for entry in found:
        assert (entry["value"] is not None) == (entry["state"] in KNOWN)
        if entry["state"] not in KNOWN:
            assert entry["numerator"] is None
            assert entry["denominator"] is None
        for part in entry.get("parts", []):
            assert part["value"] is None or (part["state"] in KNOWN and entry["state"] in KNOWN)


def test_a_reading_with_one_number() -> None:
    assert reading_to_json(reading("falls", "A1", 0.0, after(1), detail="derived")) == {
        "measure": "falls",
        "version": 1,
        "state": "value",
        "value": 0.0,
        "numerator": 0.0,
        "denominator": 28.0,
        "as_at": "2026-10-23T10:00:30Z",
        "level": "none",
        "source": "epr",
        "detail": "derived",
    }


def test_a_reading_with_two_numbers_names_them() -> None:
    parts = (Part("actual", State.VALUE, 3.5), Part("planned", State.NOT_RECORDED))
    content = reading_to_json(Reading("staff", 1, "A1", State.VALUE, parts, T0))
    assert content["value"] == {"actual": 3.5, "planned": None}
    assert [(part["name"], part["state"], part["value"]) for part in content["parts"]] == [
        ("actual", "value", 3.5),
        ("planned", "not_recorded", None),
    ]
    assert (content["numerator"], content["denominator"]) == (None, None)


@pytest.mark.parametrize("state", UNKNOWN)
def test_a_zero_that_nobody_knows_is_refused(state: State) -> None:
    with pytest.raises(ValueError, match="A1, falls: a number beside the state"):
        reading_to_json(Reading("falls", 1, "A1", state, (Part("count", state, 0.0),)))
    with pytest.raises(ValueError, match=f"a number beside the state '{state}'"):
        reading_to_json(Reading("falls", 1, "A1", State.VALUE, (Part("count", state, 0.0),)))


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ((), "no number in the state 'value'"),
        ((Part("count", State.VALUE, None),), "no number in the state 'value'"),
        ((Part("count", State.VALUE, float("nan")),), "not finite"),
        ((Part("count", State.VALUE, float("inf")),), "not finite"),
    ],
)
def test_a_value_without_a_number_is_refused(parts: tuple[Part, ...], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        reading_to_json(Reading("falls", 1, "A1", State.VALUE, parts))


def test_wards_have_names_and_rollups_say_who_is_missing() -> None:
    kept = snapshot(T0, {"A1": {"falls": 2}, "B2": {"falls": unknown("falls", "B2")}}, rollups=(rollup("med", 2),))
    content = snapshot_to_json(kept, {"A1": "Ash ward"})
    assert [(ward["code"], ward["name"]) for ward in content["wards"]] == [("A1", "Ash ward"), ("B2", "B2")]
    only: Any = content["rollups"][0]
    assert (only["unit"], only["kind"], only["value"], only["reporting"], only["expected"]) == (
        "med",
        "division",
        2,
        3,
        3,
    )
    assert ward_to_json(kept, "B2", "Birch")["readings"][0]["value"] is None


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (("current", "current"), "current"),
        (("current", "not_connected"), "not_connected"),
        (("stale", "suspect"), "suspect"),
        (("unavailable", "suspect"), "unavailable"),
        (("unavailable", "refused"), "refused"),
        (("current", "a word from a newer program"), "a word from a newer program"),
    ],
)
def test_a_source_stands_as_its_worst_feed_and_is_as_old_as_its_oldest(states: tuple[str, str], worst: str) -> None:
    statuses = (
        SourceStatus("epr", "spell", states[0], after(5)),
        SourceStatus("labs", "lab_result", "current", after(6)),
        SourceStatus("epr", "order", states[1], after(2), rejected={"end before start": 3}),
    )
    epr, labs = snapshot_to_json(Snapshot(after(9), {}, sources=statuses), {})["sources"]
    assert (epr["name"], epr["state"], epr["as_at"]) == ("epr", worst, "2026-10-23T10:01:30Z")
    assert [feed["feed"] for feed in epr["feeds"]] == ["spell", "order"]
    assert epr["feeds"][1]["rejected"] == {"end before start": 3}
    assert labs["state"] == "current"


def test_moments_are_utc_and_never_without_a_zone() -> None:
    west = timezone(timedelta(hours=-5))
    content = snapshot_to_json(snapshot(datetime(2026, 10, 24, 20, 0, tzinfo=west), {}), {})
    assert content["as_at"] == "2026-10-25T01:00:00Z"
    with pytest.raises(ValueError, match="without a time zone"):
        snapshot_to_json(snapshot(datetime(2026, 10, 24), {}), {})  # noqa: DTZ001
