"""The canonical tables and the gate that every row passes before a measure may see it."""

import pandas as pd

from surveillance.feeds.schema import Column, Feed, Kind, OnBad
from surveillance.feeds.tables import FEEDS

__all__ = ["FEEDS", "Column", "Feed", "Kind", "OnBad"]

pd.set_option("mode.string_storage", "python")  # else texts are held otherwise wherever a driver has brought pyarrow
