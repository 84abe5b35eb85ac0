"""What teams say of themselves (section 7.2 to 7.4, ruling 163): the latest stands, and no record is no number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.oracle.answer import NOT_CONNECTED, NOT_RECORDED, VALUE, Answer, parts
from tests.oracle.clock import DAY
from tests.oracle.hospital import Hospital, Row

EXPIRES_D = 7


def _latest(rows: list[Row], h: Hospital, ward: str, day: str) -> Row | None:
    ours = [row for row in rows if row["ward_code"] == ward and row[day] <= h.today]
    return max(ours, key=lambda row: (row[day], row["recorded_ts"])) if ours else None


def team_self_rating(h: Hospital, ward: str) -> Answer:
    if not h.connected("huddle_rating"):
        return Answer(NOT_CONNECTED)
    last = _latest(h.rows("huddle_rating"), h, ward, "rated_on")
    if last is None or h.today - last["rated_on"] > timedelta(days=EXPIRES_D):
        return Answer(NOT_RECORDED)
    return Answer(VALUE, last["rating"])


def huddle_actions_open(h: Hospital, ward: str) -> Answer:
    if not h.connected("huddle_action"):
        return Answer(NOT_CONNECTED)
    keys: dict[str, set[Any] | None] = {"open": set(), "closed": set()}
    any_entered = False
    for row in h.rows("huddle_action"):
        if row["ward_code"] != ward or row["opened_ts"] > h.now:
            continue
        any_entered = True
        if row["closed_ts"] is None or row["closed_ts"] > h.now:
            keys["open"].add(row["action_key"])  # type: ignore[union-attr]
        elif h.now - row["closed_ts"] < 7 * DAY:
            keys["closed"].add(row["action_key"])  # type: ignore[union-attr]
    return parts(keys) if any_entered else Answer(NOT_RECORDED)


def accreditation_level(h: Hospital, ward: str) -> Answer:
    levels = h.site.get("levels")
    if not levels or not h.connected("accreditation"):
        return Answer(NOT_CONNECTED)
    listed = [row for row in h.rows("accreditation") if row["level"] in levels]
    last = _latest(listed, h, ward, "assessed_on")
    return Answer(NOT_RECORDED) if last is None else Answer(VALUE, last["level"])
