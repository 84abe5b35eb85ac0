"""Attempts to sign in at the provider that have begun and not ended: each for one browser, for ten minutes, once."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LASTS = timedelta(minutes=10)
MOST = 5_000
"""The oldest is forgotten for one more: whoever began it begins again."""


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt is known by. ``browser``: what the browser holds in a cookie, so that nobody else can end it.

    ``state``, ``nonce``: come back with the browser and within the ID token. ``verifier``: proves that the code was
    asked for by us (PKCE). ``after``: where to go then.
    """

    after: str
    until: datetime
    browser: str = field(default_factory=_random)
    state: str = field(default_factory=_random)
    nonce: str = field(default_factory=_random)
    verifier: str = field(default_factory=_random)


class Attempts:
    """Kept in memory: with a restart they are forgotten, and begun again."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Attempt] = OrderedDict()

    def begin(self, after: str) -> Attempt:
        """A new one."""
        attempt = Attempt(after, self._now() + LASTS)
        with self._lock:
            self._open[attempt.browser] = attempt
            while len(self._open) > MOST:
                self._open.popitem(last=False)
        return attempt

    def end(self, browser: str, state: str) -> Attempt | None:
        """The attempt of a browser that comes back with its state. Whatever the answer, it cannot be used again."""
        with self._lock:
            attempt = self._open.pop(browser, None)
        if attempt is None or attempt.until <= self._now():
            return None
        return attempt if hmac.compare_digest(attempt.state.encode(), state.encode()) else None
