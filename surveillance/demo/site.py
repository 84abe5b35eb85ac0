"""The simulated hospital's configuration, written as a site would write it by hand."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from surveillance.demo.faults import SOURCES
from surveillance.demo.formulary import CATALOGUE, CRITICAL
from surveillance.demo.story import TROLLEY, Story
from surveillance.demo.wards import DIVISIONS, MED, SITES, DemoWard

CONFIG = "hospital.toml"
CLASSES = "medicine_classes.csv"
INTERVAL_S = {"epr": 30, "prescribing": 30, "laboratory": 60, "rostering": 120}
THRESHOLDS: dict[str, tuple[float, float]] = {
    "ra_vte": (3, 6),
    "ra_must": (3, 6),
    "ra_falls": (3, 6),
    "ra_pressure_ulcer": (3, 6),
    "ra_smoking": (4, 8),
    "ra_alcohol": (4, 8),
    "ra_allergy": (2, 4),
    "ra_oral": (4, 8),
    "ra_adl": (3, 6),
    "medrec_outstanding": (4, 7),
    "orders_not_verified": (15, 30),
    "missed_doses_critical_today": (2, 4),
    "missed_doses_today": (6, 12),
    "obs_overdue": (3, 6),
    "least_restrictive_review_outstanding": (1, 2),
    "sepsis_antibiotic_overdue": (1, 2),
}
"""measure → watch, act: this hospital's own choice, as every site makes one."""
IMPROVED = ("missed_critical_doses_rate", "critical_doses_on_time")
"""The measures on whose charts of medicine somebody wrote when the insulin trolley came."""


def write(
    folder: Path,
    wards: tuple[DemoWard, ...],
    urls: dict[str, str],
    clock: tuple[datetime, datetime, float] | None,
    told: Story,
) -> Path:
    """Write the configuration, the sources' URLs and the medicine classes; returns the path of the first.

    ``clock``: the hospital's time at a real time, and its speed; None where it shows the present. ``told``: what people
    wrote on their charts.
    """
    write_urls(folder, urls)
    with (folder / CLASSES).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("drug_code", "class"))
        rows.writerows((code, drug.drug_class) for code, drug in CATALOGUE.items())
    config = folder / CONFIG
    config.write_text("\n".join(_lines(wards, clock, told)) + "\n", encoding="utf-8")
    return config


def write_urls(folder: Path, urls: Mapping[str, str]) -> None:
    """Each source's URL in a file that only its owner can read."""
    for name, url in urls.items():
        path = folder / f"{name}.url"
        path.write_text(url + "\n", encoding="utf-8")
        path.chmod(0o600)


def elsewhere(folder: Path) -> dict[str, str]:
    """Source → the URL of its database, of those that are no SQLite files in the folder."""
    paths = {name: folder / f"{name}.url" for name in SOURCES}
    urls = {name: path.read_text(encoding="utf-8").strip() for name, path in paths.items() if path.exists()}
    return {name: url for name, url in urls.items() if not url.startswith("sqlite")}


def _lines(wards: tuple[DemoWard, ...], clock: tuple[datetime, datetime, float] | None, told: Story) -> list[str]:
    lines = ["# A simulated hospital, written by `surveillance demo`: no such place, no such patients.", ""]
    lines += ["[site]", 'name = "Fernhill Hospitals (simulated)"', 'trust = "FERN"',
              'trust_name = "Fernhill Hospitals NHS Trust (simulated)"', 'system = "ICS"', ""]  # fmt: skip
    if clock:
        start, real, speed = clock
        lines += ["[clock]", f"start = {_moment(start)}", f"real_start = {_moment(real)}", f"speed = {speed}", ""]
    lines += ["[store]", 'path = "store.sqlite"', "", "[web]", "replay = true", ""]
    lines += ["[access]", "local_accounts = true", "unpaired_walls_allowed = true", ""]
    lines += ["[team]", 'hospital_number_pattern = "FHN ?[0-9]{3} ?[0-9]{3}"', "", "[team.accreditation]",
              'scheme = "Fernhill"', 'levels = ["White", "Bronze", "Silver", "Gold"]', ""]  # fmt: skip
    lines += ["[[team.barometer.indicators]]", 'id = "compliments"', 'title = "Compliments"', 'kind = "positive"', "",
              "[[team.barometer.indicators]]", 'id = "ulcer_free"', 'title = "Days ulcer-free"', 'kind = "harm"',
              'measure = "pressure_ulcer_days_since"', ""]  # fmt: skip
    for name in SOURCES:
        lines += [f"[sources.{name}]", f'url_file = "{name}.url"', f'pack = "demo_{name}"',
                  f"interval_s = {INTERVAL_S[name]}", ""]  # fmt: skip
    lines += ["[medicines]", f'classes_file = "{CLASSES}"', f"critical = [{', '.join(map(_text, CRITICAL))}]", ""]
    beds = sum(ward.beds for ward in wards)
    lines += ["[plausibility]", f"expected_census = {round(beds * 0.88)}", ""]
    lines += ["[options]", 'vte_exemptions = ["Local cohort exclusion"]', ""]
    lines.append("[thresholds]")
    lines += [f"{measure} = {{ watch = {watch:g}, act = {act:g} }}" for measure, (watch, act) in THRESHOLDS.items()]
    for section, names, used in (
        ("divisions", DIVISIONS, {ward.division for ward in wards}),
        ("sites", SITES, {ward.site for ward in wards}),
    ):
        for code, name in names.items():
            if code in used:
                lines += ["", f"[[{section}]]", f'code = "{code}"', f"name = {_text(name)}"]
    for ward in wards:
        lines += ["", "[[wards]]", f'code = "{ward.code}"', f"name = {_text(ward.name)}",
                  f'division = "{ward.division}"', f'site = "{ward.site}"', f"specialty = {_text(ward.specialty)}",
                  f"beds = {ward.beds}", f'profile = "{ward.profile}"']  # fmt: skip
    if any(ward.division == MED for ward in wards):
        for measure in IMPROVED:
            lines += ["", "[[charts.notes]]", f'measure = "{measure}"', f'unit = "{MED}"',
                      f"date = {told.trolley_day.isoformat()}", f"words = {_text(TROLLEY)}"]  # fmt: skip
    return lines + _screens([ward.code for ward in wards])


def _screens(codes: list[str]) -> list[str]:
    """One screen of each kind."""
    first, second = codes[0], codes[min(1, len(codes) - 1)]
    kinds = (
        ("staff-base", "Staff base", f'ward = "{first}"\ninches = 75\ndistance_m = 3'),
        ("handover", "Handover room", f'ward = "{first}"\ndensity = "distance"\ninches = 65\ndistance_m = 4'),
        ("corridor", "Corridor", f'ward = "{first}"\nprofile = "public"\ndistance_m = 2'),
        ("two-wards", "Shared staff room", f'wards = ["{first}", "{second}"]\ndwell_s = 30\ninches = 86'),
        ("boardroom", "Board room", 'executive = "FERN"\nprofile = "executive"\ninches = 75'),
    )
    return [f'\n[[screens]]\nname = "{name}"\nplace = "{place}"\n{rest}' for name, place, rest in kinds]


def _text(words: str) -> str:
    return f'"{words}"'


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
