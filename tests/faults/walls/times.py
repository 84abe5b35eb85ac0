"""How long the faults last and how soon a wall must say so: short, or at true length with ``WALL_FAULTS=full``.

What the page's own script waits (its back-off, its tick) is not scaled, so neither is how soon it is right again;
only what it waits at random is shortened.
"""

from __future__ import annotations

import os

FULL = os.environ.get("WALL_FAULTS") == "full"

BEAT_S, LOST_AFTER_S = (5.0, 12.0) if FULL else (0.3, 1.5)
WALL = {"beat_s": BEAT_S, "lost_after_s": LOST_AFTER_S}
"""Of the settings of every site here."""

NOT_LIVE_WITHIN_S = LOST_AFTER_S + 3
"""Nothing old is shown as live for longer: at true length 15 s."""
CHANCE = "" if FULL else "{ const random = Math.random; Math.random = () => random() / 10; }"
"""A script that runs before those of the page."""
RIGHT_WITHIN_S = 10.0
"""After the end of a fault, with nobody touching the screen."""

LONG_DOWN_S = 240.0 if FULL else 4.0
REFUSING_S = 20.0 if FULL else 2.0
"""How long a proxy answers 503."""
AWAY_S = 60.0 if FULL else 2.0
"""How long a network is away."""
POLL_S = 0.5
"""Between two polls of a source."""
STALE_AFTER_S = 60.0 if FULL else 4.0
"""A source's own limit: from this age its figures are stale."""
STORE_WAIT_S = 10.0 if FULL else 1.0
"""How long the program waits for a locked store."""
