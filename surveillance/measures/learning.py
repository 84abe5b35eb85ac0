"""Learning: what the team says of itself, at its huddle and through its accreditation; nothing is counted for it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from surveillance.measures.declaration import (
    Answer,
    Better,
    Dimension,
    Kind,
    Measure,
    NotConnected,
    RollUp,
    Standard,
)
from surveillance.measures.hospital import Hospital
from surveillance.snapshot import State

EXPIRES_D = 7
"""Days for which a team's rating of itself holds (local default)."""
CLOSED_D = 7
"""Days for which an action that is done is counted as closed this week."""


def own_rating(hospital: Hospital, measure: Measure) -> Answer:
    """Each team's latest rating; one that has expired is not recorded any more, with its date."""
    days = hospital.site.param(measure.id, "expires_d", EXPIRES_D)
    rows = _ours(hospital, "huddle_rating")
    latest = _latest(hospital, rows[rows["rating"] % 1 == 0], "rated_on")
    states: dict[str, tuple[State, str]] = {
        ward: (State.NOT_RECORDED, "not rated yet") for ward in hospital.site.wards if ward not in latest.index
    }
    details = {}
    for ward, rated_on in latest["rated_on"].items():
        age = (hospital.local_date - rated_on).days
        if age > days:
            states[str(ward)] = (State.NOT_RECORDED, f"last rated {_day(rated_on)}: {age} days ago")
        details[str(ward)] = f"rated {rated_on.day} {rated_on:%b}"
    valid = latest[~latest.index.isin(list(states))].reset_index()
    return Answer(valid, figures=_figures(measure, valid["ward_code"], valid["rating"]), states=states, details=details)


def actions(hospital: Hospital, measure: Measure) -> Answer:
    """Open actions, and those that were closed in the last days; a team that never entered one has recorded none."""
    days = hospital.site.param(measure.id, "closed_d", CLOSED_D)
    rows = _ours(hospital, "huddle_action")
    now = hospital.as_at
    rows = rows[rows["opened_ts"] <= now]
    closed = rows["closed_ts"] <= now
    recent = closed & (rows["closed_ts"] > now - pd.Timedelta(days=days))
    states = {
        ward: (State.NOT_RECORDED, "no action entered yet")
        for ward in hospital.site.wards
        if ward not in set(rows["ward_code"])
    }
    parts = closed.map({False: "open", True: "closed"})
    return Answer(rows.assign(part=parts)[~closed | recent], states=states)


def accredited(hospital: Hospital, measure: Measure) -> Answer:
    """Each ward's latest level, as the site's file lists it, with its date or since when the next is overdue."""
    given = hospital.site.settings.team.accreditation
    if given is None:
        raise NotConnected("the site's file lists no levels of accreditation")
    rows = _ours(hospital, "accreditation")
    listed = rows["level"].isin(given.levels)
    hospital.quality["accreditation: levels that the site does not list"] += int((~listed).sum())
    latest = _latest(hospital, rows[listed], "assessed_on")
    unlisted = set(rows["ward_code"]) - set(latest.index)
    states = {
        ward: (State.NOT_RECORDED, "a level that is not listed" if ward in unlisted else "none entered yet")
        for ward in hospital.site.wards
        if ward not in latest.index
    }
    details = {}
    for ward, on, due in zip(latest.index, latest["assessed_on"], latest["next_due"], strict=True):
        overdue = not pd.isna(due) and due < hospital.local_date
        details[str(ward)] = f"was due {_dated(due)}" if overdue else f"since {_dated(on)}"
    found = latest.reset_index().rename(columns={"level": "accredited_as", "next_due": "reassess_by"})
    return Answer(
        found, figures=_figures(measure, found["ward_code"], found["accredited_as"]), states=states, details=details
    )


def _ours(hospital: Hospital, feed: str) -> pd.DataFrame:
    """The rows of the site's wards."""
    rows = hospital.feed(feed)
    return rows[rows["ward_code"].isin(list(hospital.site.wards))]


def _latest(hospital: Hospital, rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The last row of each ward, by day and then by when it was entered; nothing of tomorrow."""
    rows = rows[rows[by] <= hospital.local_date]
    ordered = rows.sort_values([by, "recorded_ts"], kind="stable", na_position="first")
    return ordered.drop_duplicates("ward_code", keep="last").set_index("ward_code")


def _figures(measure: Measure, wards: pd.Series[Any], values: pd.Series[Any]) -> pd.DataFrame:
    parts = {"part": measure.parts[0], "value": values, "numerator": None, "denominator": None}
    return pd.DataFrame({"ward_code": wards, **parts})


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%B}"


def _dated(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%b %Y}"


MEASURES = (
    Measure(
        id="team_self_rating",
        label="Team's own reliability rating (1–5)",
        short="Team's own rating (1–5)",
        group="reliability",
        kind=Kind.SCALE,
        counts="the team's latest rating at its huddle",
        rows=own_rating,
        standard=Standard("dated, expires after 7 days", "L"),
        feeds=("huddle_rating",),
        dimension=Dimension.RELIABILITY,
        better=Better.HIGHER,
        parts=("level",),
        clock="the day of the huddle",
        key=("rated_on",),
        columns=("rating",),
        params={"expires_d": EXPIRES_D},
        rollup=RollUp.LEVELS,
        notes="It stands beside the measured reliability; a gap between the two is what to talk about.",
    ),
    Measure(
        id="accreditation_level",
        label="COAST accreditation",
        short="Accreditation",
        group="learning",
        kind=Kind.LABEL,
        counts="the ward's latest level and its date",
        rows=accredited,
        standard=Standard("defined by the scheme", "L"),
        feeds=("accreditation",),
        dimension=Dimension.LEARNING,
        better=Better.NEUTRAL,
        parts=("level",),
        clock="the day of the assessment",
        exclusions=("levels that the site's file does not list (counted)",),
        key=("assessed_on",),
        columns=("scheme", "accredited_as", "reassess_by"),
        rollup=RollUp.LEVELS,
        public=True,
        notes="The levels and their order are the site's configuration, `[team.accreditation]`.",
    ),
    Measure(
        id="huddle_actions_open",
        label="Improvement actions open / closed this week",
        short="Team's actions",
        group="learning",
        kind=Kind.PAIR,
        counts="open improvement actions; those closed in the last 7 days",
        rows=actions,
        standard=Standard("none", "L"),
        feeds=("huddle_action",),
        dimension=Dimension.LEARNING,
        better=Better.NEUTRAL,
        parts=("open", "closed"),
        part_labels=("Open", "Closed"),
        clock="when it was agreed, and when it was done",
        exclusions=("actions that were withdrawn",),
        key=("action_key",),
        columns=("what", "owner_role", "due_on"),
        params={"closed_d": CLOSED_D},
    ),
)
