"""The one place where every error is caught: a fault of ours in one source must not end the others."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from surveillance.errors import SourceError

log = logging.getLogger(__name__)


def guarded(what: str, action: Callable[[], None]) -> str:
    """Run ``action``; what went wrong in words that hold no row's value, empty if nothing did."""
    try:
        action()
    except SourceError as error:
        return f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - the one place: a fault of ours in one source must not end the others
        # The message of an unforeseen error may quote a row; where it was raised cannot.
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        log.error("%s: internal error %s at %s", what, type(error).__name__, place)
        return f"internal error: {type(error).__name__} at {place}"
    return ""
