"""The replayed hospital has a site configuration like any other: every care unit is a ward, unless the pack says no."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.packs import PACKS, load_pack
from surveillance.errors import ConfigurationError
from surveillance.replay.database import load
from surveillance.replay.instants import default_instant
from surveillance.replay.medicine_classes import write_classes
from surveillance.replay.units import CHARTED_AT_BEDSIDE, NOT_RECORDED, CareUnit, care_units
from surveillance.settings import DEFAULT_PROFILES

PACK = "mimic_iv"
CONFIG = "replay.toml"
URL_FILE = "mimic.url"
CLASSES_FILE = "medicine_classes.csv"
UNANSWERED_AS = "not_connected"
"""The key of a profile that names measures without an answer on its wards."""


def prepare(
    data: Path,
    folder: Path,
    *,
    as_at: datetime | None = None,
    speed: float = 1.0,
    real_start: datetime | None = None,
) -> Path:
    """The site configuration that replays the CSV files of ``data`` from ``as_at`` on, written into ``folder``.

    The database is loaded first, if it does not stand there yet. ``as_at`` (default: see ``default_instant``)
    without an offset is UTC. ``real_start``: when the computer's clock shows ``as_at`` (default: now).
    Each preparation has a store of its own: what was seen at one replayed time is no history of another.

    Raises:
        ConfigurationError: a file is missing or wrong, the folder cannot be written, or there is no patient.
    """
    database = load(data, folder).database
    start = as_at if as_at is not None else default_instant(database)
    start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
    real = (real_start or datetime.now(UTC)).astimezone(UTC)
    closed = set(load_pack(PACK).not_wards)
    wards = [unit for unit in care_units(database) if unit.name not in closed]
    if not wards:
        raise ConfigurationError(f"{data}: no care unit in it is a ward")
    try:
        critical = write_classes(database, PACKS / PACK, folder / CLASSES_FILE)
        (folder / URL_FILE).write_text(f"sqlite:///{database.resolve()}\n", encoding="utf-8")
        content = _content(wards, critical, start, real, speed)
        (folder / CONFIG).write_text("\n".join(_toml(content)) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be written ({type(error).__name__})") from None
    return folder / CONFIG


def _content(
    wards: list[CareUnit], critical: list[str], start: datetime, real: datetime, speed: float
) -> dict[str, Any]:
    profiles = {_profile_name(unit): _profile(unit) for unit in wards}
    return {
        "site": {"name": "Replayed hospital (MIMIC-IV demo 2.2)", "trust": "replay", "trust_name": "Replayed trust"},
        "clock": {"start": start, "real_start": real, "speed": float(speed)},
        "store": {"path": f"store-{real:%Y%m%dT%H%M%S%f}.sqlite"},
        "options": {"own_aki_stage": True},
        "medicines": {"classes_file": CLASSES_FILE, "critical": critical},
        "sources": {"mimic": {"url_file": URL_FILE, "pack": PACK}},
        "profiles": profiles,
        "divisions": [{"code": "hospital", "name": "All care units"}],
        "sites": [{"code": "main", "name": "Main site"}],
        "wards": [
            {
                "code": unit.name,
                "name": unit.name,
                "division": "hospital",
                "site": "main",
                "specialty": "",
                "profile": _profile_name(unit),
            }
            for unit in wards
        ],
    }


def _profile_name(unit: CareUnit) -> str:
    kind = "critical_care" if unit.intensive else "adult"
    return kind if unit.charted else f"{kind}_not_charted"


def _profile(unit: CareUnit) -> dict[str, Any]:
    usual = DEFAULT_PROFILES["critical_care" if unit.intensive else "adult"]
    unanswered = [*NOT_RECORDED, *(() if unit.charted else CHARTED_AT_BEDSIDE)]
    profile: dict[str, Any] = {"not_applicable": list(usual.not_applicable)}
    profile[UNANSWERED_AS] = [*profile.get(UNANSWERED_AS, []), *unanswered]
    return {**profile, "standards": usual.standards} if usual.standards else profile


def _toml(content: Mapping[str, Any], within: str = "") -> Iterable[str]:
    """``content`` as TOML: plain values first, then tables, then lists of tables."""
    tables = {name: value for name, value in content.items() if isinstance(value, Mapping)}
    lists = {name: value for name, value in content.items() if isinstance(value, list) and _of_tables(value)}
    for name, value in content.items():
        if name not in tables and name not in lists:
            yield f"{name} = {_value(value)}"
    for name, table in tables.items():
        yield from ("", f"[{within}{name}]", *_toml(table, f"{within}{name}."))
    for name, rows in lists.items():
        for row in rows:
            yield from ("", f"[[{within}{name}]]", *_toml(row, f"{within}{name}."))


def _of_tables(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, Mapping) for value in values)


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)  # JSON's texts, numbers and lists are TOML's
