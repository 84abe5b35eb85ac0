"""Learning: what the team says of itself. Nothing fills these yet, and so they are not connected."""

from __future__ import annotations

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


def not_entered(hospital: Hospital, measure: Measure) -> Answer:
    """There is no record for it yet."""
    raise NotConnected("nothing records this yet")


MEASURES = (
    Measure(
        id="team_self_rating",
        label="Team's own reliability rating (1–5)",
        short="Team's own rating (1–5)",
        group="reliability",
        kind=Kind.SCALE,
        counts="the team's latest rating at its huddle",
        rows=not_entered,
        standard=Standard("dated, expires after 7 days", "L"),
        feeds=("huddle_rating",),
        dimension=Dimension.RELIABILITY,
        better=Better.HIGHER,
        parts=("level",),
        rollup=RollUp.LEVELS,
    ),
    Measure(
        id="accreditation_level",
        label="COAST accreditation",
        short="Accreditation",
        group="learning",
        kind=Kind.LABEL,
        counts="the ward's latest level and its date",
        rows=not_entered,
        standard=Standard("defined by the scheme", "L"),
        feeds=("accreditation",),
        dimension=Dimension.LEARNING,
        better=Better.NEUTRAL,
        parts=("level",),
        rollup=RollUp.LEVELS,
        public=True,
    ),
    Measure(
        id="huddle_actions_open",
        label="Improvement actions open / closed this week",
        short="Team's actions",
        group="learning",
        kind=Kind.PAIR,
        counts="open improvement actions; those closed in the last 7 days",
        rows=not_entered,
        standard=Standard("none", "L"),
        feeds=("huddle_action",),
        dimension=Dimension.LEARNING,
        better=Better.NEUTRAL,
        parts=("open", "closed"),
        part_labels=("Open", "Closed"),
    ),
)
