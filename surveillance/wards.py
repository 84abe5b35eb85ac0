"""A ward is found by its code; who asks for one that is not there is offered the nearest that is."""

from __future__ import annotations

import difflib

from surveillance.settings import Settings, Ward

CLOSE = 0.5
"""How much two words must have in common, 0 to 1."""


def ward_of(settings: Settings, code: str) -> Ward | None:
    """The ward with exactly this code."""
    return next((ward for ward in settings.wards if ward.code == code), None)


def nearest_ward(settings: Settings, asked: str) -> Ward | None:
    """The ward whose code or name is most like ``asked``; None if none is."""
    words = {name.casefold(): ward for ward in reversed(settings.wards) for name in (ward.name, ward.code)}
    close = difflib.get_close_matches(asked.casefold(), words, n=1, cutoff=CLOSE)
    return words[close[0]] if close else None
