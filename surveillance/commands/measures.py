"""``surveillance measures``: the catalogue, as a list to read or as JSON with everything that is declared."""

from __future__ import annotations

import argparse
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel

from surveillance.commands.snapshot import print_json
from surveillance.measures import EVERYTHING, FORECASTS, Measure

NOT_WORDS = frozenset({"rows"})
"""Fields of a declaration that are code."""


def run(asked: argparse.Namespace) -> int:
    """Print it."""
    if asked.format == "json":
        print_json([described(measure) for measure in EVERYTHING.values()])
        return 0
    width = max(len(name) for name in EVERYTHING)
    for measure in EVERYTHING.values():
        print(f"{measure.id.ljust(width)}  {measure.label}: {measure.counts}")
        print(f"{' ' * width}  standard ({measure.standard.evidence}): {measure.standard.text}")
    print(f"{len(EVERYTHING) - len(FORECASTS)} measures, {len(FORECASTS)} forecasts")
    return 0


def described(measure: Measure) -> dict[str, Any]:
    """Its whole declaration as JSON types."""
    whole = {one.name: _plain(getattr(measure, one.name)) for one in fields(measure) if one.name not in NOT_WORDS}
    return {**whole, "forecast": measure in FORECASTS}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return value.model_dump()
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(one) for one in value]
    if hasattr(value, "items"):
        return {str(name): _plain(one) for name, one in value.items()}
    return value
