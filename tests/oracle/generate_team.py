"""What made-up teams say of themselves, on the limits of the rules: a week old to the second, of today, unlisted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.clock import local_date
from tests.oracle.dice import Dice

Row = dict[str, Any]

LEVELS = ("Not yet", "Bronze", "Silver", "Gold")
AGES_D = (0, 0, 1, 6, 7, 8, 40)
CLOSED = (timedelta(0), timedelta(seconds=-1), timedelta(days=7), timedelta(days=7, seconds=-1), timedelta(days=30))


def team_feeds(seed: int, site: Row, now: datetime) -> dict[str, list[Row]]:
    """Ratings, actions and accreditations of most wards; with dice of their own, so that no other row changes."""
    dice, today = Dice(seed + 77_000), local_date(now)
    ratings: list[Row] = []
    actions: list[Row] = []
    levels: list[Row] = []
    for ward in site["wards"]:
        for number in range(int(dice.roll() * 4)):
            day, entered = today - timedelta(days=dice.one(AGES_D)), now - timedelta(minutes=number)
            ratings.append({"ward_code": ward, "rated_on": day, "rating": 1 + int(dice.roll() * 5)})
            ratings[-1]["recorded_ts"] = entered
            level = dice.one((*LEVELS, "Platinum"))
            levels.append({"ward_code": ward, "level": level, "assessed_on": day - timedelta(days=dice.one((0, 300)))})
            levels[-1] |= {"next_due": today + timedelta(days=dice.one((-1, 0, 90))), "scheme": "COAST"}
            levels[-1]["recorded_ts"] = entered
        for number in range(int(dice.roll() * 5)):
            closed = None if dice.chance(0.4) else now - dice.one(CLOSED)
            opened = now - dice.one((timedelta(0), timedelta(days=31)))
            row = {"action_key": f"{ward}-A{number}", "ward_code": ward, "opened_ts": opened, "closed_ts": closed}
            row |= {"what": "Check the trolley", "owner_role": "ward manager", "due_on": today}
            if closed is None or opened <= closed:
                actions.append(row)
    return {"huddle_rating": ratings, "huddle_action": actions, "accreditation": levels}
