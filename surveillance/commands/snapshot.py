"""``surveillance snapshot``: every source is read once, and the snapshot of that moment printed as JSON."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import TextIO

from surveillance.compose import compose
from surveillance.errors import ConfigurationError, nearest
from surveillance.opening import Opened, open_site
from surveillance.polling.clock import hospital_clock
from surveillance.polling.collect import collect
from surveillance.snapshot_contract import SnapshotJson
from surveillance.snapshot_json import snapshot_to_json
from surveillance.wards import nearest_ward, ward_of


def run(asked: argparse.Namespace) -> int:
    """Print it."""
    opened = open_site(asked.config)
    if asked.ward is not None and ward_of(opened.settings, asked.ward) is None:
        close = nearest_ward(opened.settings, asked.ward)
        known = [ward.code for ward in opened.settings.wards]
        hint = f"did you mean '{close.code}' ({close.name})?" if close else nearest(asked.ward, known)
        raise ConfigurationError(f"unknown ward '{asked.ward}'; {hint}")
    print_json(snapshot_of(opened, asked.as_at or hospital_clock(opened.settings)(), asked.ward))
    return 0


def snapshot_of(opened: Opened, as_at: datetime, ward: str | None = None) -> SnapshotJson:
    """The snapshot of a moment as JSON types; ``ward``: of one ward only."""
    with opened.once() as readers:
        snapshot, _ = compose(opened.site, collect(readers, as_at), as_at)
    content = snapshot_to_json(snapshot, {one.code: one.name for one in opened.settings.wards})
    if ward is not None:
        content["wards"] = [one for one in content["wards"] if one["code"] == ward]
    return content


def print_json(content: object, out: TextIO | None = None) -> None:
    """Print ``content`` so that people can read it too."""
    print(json.dumps(content, indent=2, ensure_ascii=False), file=out)
