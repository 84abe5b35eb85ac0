"""An answer says what the definitions give for one measure of one ward, with the keys of what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

VALUE = "value"
NOT_RECORDED = "not_recorded"
NONE_ON_RECORD = "none_on_record"
NOT_APPLICABLE = "not_applicable"
NOT_CONNECTED = "not_connected"


class Answer(NamedTuple):
    """One reading: its state, its value (None unless the state is ``value``) and the keys behind it.

    ``keys``: part name → the keys of the counted items; a measure of one number calls its part ``count``."""

    state: str
    value: Any = None
    keys: Mapping[str, set[Any]] = MappingProxyType({})


def count(keys: set[Any]) -> Answer:
    return Answer(VALUE, len(keys), {"count": keys})


def parts(keys: dict[str, set[Any] | None]) -> Answer:
    """A part without keys (None) is one whose feed is not connected."""
    value = {part: None if found is None else len(found) for part, found in keys.items()}
    return Answer(VALUE, value, {part: found for part, found in keys.items() if found is not None})
