"""What is kept: the history of readings, the current snapshot, its worklist, and how polls went."""

from surveillance.store.chart_points import Told
from surveillance.store.coverage import Coverage
from surveillance.store.database import desk_url, store_url, walls_url
from surveillance.store.history import Point
from surveillance.store.store import MAX_GAP_S, Store, open_database, open_store

__all__ = [
    "MAX_GAP_S",
    "Coverage",
    "Point",
    "Store",
    "Told",
    "desk_url",
    "open_database",
    "open_store",
    "store_url",
    "walls_url",
]
