"""The canonical tables and the gate that every row passes before a measure may see it."""

from surveillance.feeds.schema import Column, Feed, Kind, OnBad
from surveillance.feeds.tables import FEEDS

__all__ = ["FEEDS", "Column", "Feed", "Kind", "OnBad"]
