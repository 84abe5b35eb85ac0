"""Plain rows of the canonical tables become a hospital and a site, the way the specs and the oracle write them down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData, FeedState, RawRows
from surveillance.feeds.gate import accept
from surveillance.measures.site import Site
from surveillance.settings import Settings

Rows = Sequence[Mapping[str, Any]]


def raw(feed: str, rows: Rows) -> RawRows:
    """``rows`` as a source would hand them over; an optional column that no row names is not there."""
    named = {name for row in rows for name in row}
    names = [column.name for column in FEEDS[feed].columns if column.required or column.name in named or not rows]
    columns = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names}
    return RawRows(pd.DataFrame(columns))


def feed_data(feed: str, rows: Rows, as_at: datetime) -> FeedData:
    """``rows`` through the gate, as a current feed."""
    accepted = accept(FEEDS[feed], raw(feed, rows), as_at)
    since = as_at - timedelta(hours=FEEDS[feed].lookback_h)
    return FeedData(
        feed,
        FeedState.CURRENT,
        "test",
        accepted.frame,
        as_at,
        since,
        as_at,
        len(accepted.frame),
        accepted.rejected,
        accepted.notes,
        accepted.absent,
    )


def feeds_of(tables: Mapping[str, Rows | None], as_at: datetime) -> dict[str, FeedData]:
    """Every connected table through the gate; one that is None or missing is not connected."""
    return {name: feed_data(name, rows, as_at) for name, rows in tables.items() if rows is not None}


def site_of(**changes: Any) -> Site:
    """A site of three adult wards, changed as a TOML file would."""
    content: dict[str, Any] = {
        "site": {"name": "Test hospital"},
        "sources": {"test": {"url_env": "NONE"}},
        "divisions": [{"code": "MED", "name": "Medicine"}],
        "sites": [{"code": "MAIN", "name": "Main"}],
        "wards": [ward(code) for code in ("W1", "W2", "W3")],
    }
    return Site.of(Settings.model_validate(content | changes))


def ward(code: str, profile: str = "adult", **more: Any) -> dict[str, Any]:
    """A ward as the TOML file declares it."""
    return {"code": code, "name": f"Ward {code}", "division": "MED", "site": "MAIN", "profile": profile, **more}
