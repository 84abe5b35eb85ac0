"""Nobody tries names and passwords, or sends people away, more often than the site allows in a minute."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WAIT_S = 60
"""Within a minute at the latest the oldest attempt no longer counts."""
ONCE = RateLimitItemPerMinute(1)


class Rates:
    """Counts attempts, in memory."""

    def __init__(self) -> None:
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    def allows(self, a_minute: int, place: str = "", name: str = "") -> bool:
        """Whether one more attempt may be made from an address and for a name; it counts for both."""
        allowed, item = True, RateLimitItemPerMinute(a_minute)
        for kind, one in (("place", place), ("name", name)):
            allowed = (not one or self._counted.hit(item, kind, one)) and allowed
        return allowed

    def is_told(self, place: str) -> bool:
        """Whether that somebody tries too often was recorded within the last minute; it counts as recorded now."""
        return not self._counted.hit(ONCE, "told", place)
