"""What teams wrote, as the feeds that measures read: through the same gate as any source's rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState, RawRows
from surveillance.feeds.gate import accept
from surveillance.settings import Settings
from surveillance.team.things import Kind, Standing, Thing

SOURCE = "team"
"""What the source of these feeds is called; no source of a site may be called so."""
Row = dict[str, Any]


def team_feeds(settings: Settings, given: Collection[str]) -> tuple[str, ...]:
    """The feeds that teams fill: none where nobody can sign in, and none that a source of the site gives.

    ``given``: the feeds of the site's sources.
    """
    if not settings.access.identity:
        return ()
    levels = settings.team.accreditation is not None
    return tuple(feed for feed in ROWS if feed not in given and (feed != "accreditation" or levels))


def answers(things: Iterable[Thing], feeds: Iterable[str], as_at: datetime) -> list[FeedData]:
    """These feeds at ``as_at``."""
    kept = [thing for thing in things if thing.standing is not Standing.WITHDRAWN]
    return [_answer(feed, [row for thing in kept for row in ROWS[feed](thing)], as_at) for feed in feeds]


def away(feeds: Iterable[str], as_at: datetime, error: str) -> list[FeedData]:
    """These feeds while the store cannot be read."""
    return [FeedData(feed, FeedState.UNAVAILABLE, SOURCE, polled_at=as_at, error=error) for feed in feeds]


def _answer(feed: str, rows: list[Row], as_at: datetime) -> FeedData:
    names = FEEDS[feed].names
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in names})
    accepted = accept(FEEDS[feed], RawRows(frame), as_at)
    newest = max((row[name] for row in rows for name in FEEDS[feed].newest if row[name]), default=None)
    return FeedData(
        feed,
        FeedState.CURRENT,
        SOURCE,
        accepted.frame,
        as_at,
        polled_at=as_at,
        rows=len(accepted.frame),
        rejected=accepted.rejected,
        notes=accepted.notes,
        newest=newest,
    )


def _rating(thing: Thing) -> list[Row]:
    if thing.kind is not Kind.RATING:
        return []
    said = thing.content
    return [
        {"ward_code": thing.ward, "rated_on": said["date"], "rating": said["rating"], "recorded_ts": thing.since},
    ]


def _action(thing: Thing) -> list[Row]:
    if thing.kind is not Kind.ACTION:
        return []
    said = thing.content
    return [
        {
            "action_key": str(thing.number),
            "ward_code": thing.ward,
            "opened_ts": thing.since,
            "closed_ts": thing.ended,
            "what": said["what"],
            "owner_role": said["role"],
            "due_on": said["due"],
        }
    ]


def _accreditation(thing: Thing) -> list[Row]:
    if thing.kind is not Kind.ACCREDITATION:
        return []
    said = thing.content
    return [
        {
            "ward_code": thing.ward,
            "level": said["level"],
            "assessed_on": said["assessed_on"],
            "next_due": said["next_due"],
            "scheme": said["scheme"],
            "recorded_ts": thing.since,
        }
    ]


ROWS: Mapping[str, Callable[[Thing], list[Row]]] = {
    "huddle_rating": _rating,
    "huddle_action": _action,
    "accreditation": _accreditation,
}
"""Feed → its rows of one thing."""
