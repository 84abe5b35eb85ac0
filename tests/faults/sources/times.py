"""How often a source is asked here and how soon its figures go: short, or at true length with ``WALL_FAULTS=full``."""

from __future__ import annotations

import os

FULL = os.environ.get("WALL_FAULTS") == "full"

INTERVAL_S = 5.0 if FULL else 0.3
TIMEOUT_S = 2.0 if FULL else 0.5
"""How long a question to the bad source may take."""
PATIENT_S = 2.0
"""The same where only one of its feeds is bad: the others must not be late on a busy computer."""
LIMIT_S = 20.0 if FULL else 2.5
"""Age at which the figures of the bad source are no longer shown; without a heartbeat, until then they are current."""
LONG_LIMIT_S = 20.0 if FULL else 30.0
"""The same where only one of its feeds is bad; only at true length it is waited for."""
STALE_AFTER_S = 10.0 if FULL else 1.0
"""Age at which the figures of a source with a heartbeat are stale."""
HELD_S = 30.0 if FULL else 0.0
"""So long a fault goes on after its figures have gone."""
SAID_WITHIN_S = 90.0 if FULL else 30.0
"""Long enough for a busy computer; how soon it really is, ``tests.bench.source_faults`` measures."""

KNOCK_S = 4.0 if FULL else 0.3
GRACE_S = 0.5 if FULL else 0.2
AT_LEAST_EVERY_S = 15.0 if FULL else 0.2
DEBOUNCE_S = 0.5 if FULL else 0.05
