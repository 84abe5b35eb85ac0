"""What a safety officer can do by hand: recompute every number on the walls from the exported feeds."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from surveillance.demo.hospital import create
from surveillance.feeds import FEEDS, Kind
from surveillance.measures.site import Site
from surveillance.settings import load_settings
from surveillance.team.feeds import ROWS
from tests import oracle

START = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
MOMENTS = (START + timedelta(hours=2, minutes=45), START + timedelta(hours=15))
"""Inside the repeated hour of the autumn clock change, and the next afternoon."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hospital = create(tmp_path_factory.mktemp("hospital"), seed=7, start=START, days=8, wards=5)
    hospital.advance_to(MOMENTS[-1])
    hospital.close()
    return hospital.config


def surveillance(*arguments: str) -> str:
    command = [Path(sys.executable).with_name("surveillance"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def cell(kind: Kind, text: str) -> Any:
    if text == "":
        return None
    match kind:
        case Kind.TIME:
            return datetime.fromisoformat(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.NUMBER:
            return float(text)
        case Kind.BOOL:
            return int(text)
    return text


def exported(folder: Path) -> dict[str, list[dict[str, Any]] | None]:
    feeds: dict[str, list[dict[str, Any]] | None] = {}
    for name, feed in FEEDS.items():
        if name in ROWS:
            continue  # what teams write comes from no source
        with (folder / f"{name}.csv").open(newline="") as file:
            rows = [{key: cell(feed[key].kind, text) for key, text in row.items()} for row in csv.DictReader(file)]
        feeds[name] = rows
    return feeds


def plain_site(config: Path) -> dict[str, Any]:
    settings = load_settings(config)
    medicines, options = settings.medicines, settings.options
    profiles = settings.all_profiles.items()
    return {
        "wards": {ward.code: ward.profile for ward in settings.wards},
        "beds": {ward.code: ward.beds for ward in settings.wards},
        "profiles": {n: {"not_applicable": [*p.not_applicable], "standards": p.standards} for n, p in profiles},
        "drug_class": dict(Site.of(settings).drug_class),
        "critical": list(medicines.critical or ()),
        "antimicrobial": list(medicines.antimicrobial),
        "window_min": medicines.window_min,
        "day_start": settings.shifts.day_start,
        "night_start": settings.shifts.night_start,
        "day_cases_on_ward": options.day_cases_on_ward,
        "vte_exemptions": options.vte_exemptions,
        "allowed_exemptions": options.allowed_exemptions,
        "early_parts": options.early_parts,
    }


def same(shown: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return all(same(shown[part], value) for part, value in expected.items())
    if isinstance(expected, float) and shown is not None:
        return math.isclose(shown, expected, rel_tol=1e-9)
    return bool(shown == expected)


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_number_can_be_recomputed_from_the_export(config: Path, moment: datetime, tmp_path: Path) -> None:
    at = ("--config", str(config), "--as-at", moment.isoformat())
    surveillance("feeds", "export", *at, str(tmp_path / "export"))
    snapshot = json.loads(surveillance("snapshot", *at))
    answers = oracle.compute(exported(tmp_path / "export"), plain_site(config), moment)
    shown = [(ward["code"], one) for ward in snapshot["wards"] for one in ward["readings"] + ward["forecasts"]]
    assert len(shown) == len(answers) * len(oracle.MEASURES + oracle.FORECASTS)
    assert sum(one["state"] == "value" for _, one in shown) > len(shown) * 0.6
    for ward, one in shown:
        expected = answers[ward][one["measure"]]
        assert one["state"] == expected.state, (ward, one)
        assert same(one["value"], expected.value), (ward, one, expected.value)
