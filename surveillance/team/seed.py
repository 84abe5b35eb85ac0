"""A simulated hospital's teams have said something before anybody looks: once, while nothing was ever written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from surveillance.settings import Settings
from surveillance.store.database import Database
from surveillance.store.team import add, alone, newest
from surveillance.team.things import Kind, Standing

BY = ("simulated team", "Ward staff")
TRIED = (
    "Two nurses check insulin before the lunch trolley",
    "Board round at 08:30 with pharmacy present",
    "VTE assessment asked for at the bedside handover",
    "Observations charted at the bedside, not later",
    "Fluid charts totalled at 14:00 and 22:00",
)
ACTIONS = (
    ("Label the insulin fridge by strength", "ward manager"),
    ("Teach mouth care at three handovers", "practice educator"),
    ("Agree with pharmacy when charts are reviewed", "ward pharmacist"),
    ("Move the falls alarms next to the nurses' station", "ward manager"),
    ("Try a second observation machine for one week", "matron"),
)


def seed_team(database: Database, settings: Settings, real: datetime, hospital: datetime) -> bool:
    """Ratings, actions, lines and levels for the wards of ``settings``; False, and nothing, if anything was written.

    ``real``, ``hospital``: the real time and the hospital's. Every third ward has not rated itself this week, and one
    in seven never did anything, as it is.
    """
    with database.writing() as connection:
        alone(connection)
        if newest(connection):
            return False
        for place, ward in enumerate(settings.wards):
            if place % 7 == 6:
                continue
            for kind, days, content in _said(settings, place, hospital):
                ago = timedelta(days=days)
                row = add(
                    connection, ward.code, str(kind), str(Standing.OPEN), (real - ago, hospital - ago), BY, content
                )
                if kind is Kind.ACTION and days > 20:
                    done = timedelta(days=2)
                    times = (real - done, hospital - done)
                    add(connection, ward.code, str(kind), str(Standing.DONE), times, BY, {}, row.number)
    return True


def _said(settings: Settings, place: int, now: datetime) -> Sequence[tuple[Kind, int, Mapping[str, Any]]]:
    """What one team said, the oldest first: kind, days ago, content."""
    first, second = ACTIONS[place % len(ACTIONS)], ACTIONS[(place + 2) % len(ACTIONS)]
    rated = 12 if place % 3 == 2 else place % 5
    rating = {"rating": 2 + place % 4, "date": (now - timedelta(days=rated)).date().isoformat()}
    due = (now + timedelta(days=3 + place % 9)).date().isoformat()
    found: list[tuple[Kind, int, Mapping[str, Any]]] = []
    if given := settings.team.accreditation:
        on = now - timedelta(days=60 + 37 * (place % 11))
        found.append(
            (
                Kind.ACCREDITATION,
                (now - on).days,
                {
                    "scheme": given.scheme,
                    "level": given.levels[(place * 2 + 1) % len(given.levels)],
                    "assessed_on": on.date().isoformat(),
                    "next_due": (on + timedelta(days=365)).date().isoformat(),
                    "domains": {},
                },
            )
        )
    typed = [one for one in settings.team.barometer.indicators if not one.measure]
    month = f"{now - timedelta(days=now.day):%B %Y}"
    for number, one in enumerate(typed):
        value = str((place * 3 + number * 5) % 14)
        found.append((Kind.BAROMETER, 3, {"indicator": one.id, "value": value, "period": month}))
    if indicators := settings.team.barometer.indicators:
        found.append((Kind.CHOICE, 30, {"indicators": [one.id for one in indicators][:3]}))
    found += [
        (Kind.ACTION, 30, {"what": second[0], "role": second[1], "due": None}),
        (Kind.ACTION, 9, {"what": first[0], "role": first[1], "due": due}),
        (Kind.TRYING, 5, {"words": TRIED[place % len(TRIED)]}),
        (Kind.RATING, rated, rating),
    ]
    return sorted(found, key=lambda one: -one[1])
