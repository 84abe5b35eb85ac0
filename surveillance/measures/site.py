"""What a measure may know of the site: wards, standards, medicine classes; checked against the catalogue at start."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from surveillance.errors import ConfigurationError, nearest
from surveillance.feeds import FEEDS
from surveillance.feeds.moments import LONDON
from surveillance.settings import Medicines, Settings, Shifts, Threshold, Ward

DEFAULT_WINDOW_MIN = 120.0
"""A dose of any other medicine is late from here on (Aintree University Hospital 2011: delayed = 2 h or more)."""
CRITICAL_WINDOW_MIN = 60.0
"""A dose of a critical class without a window of its own (local default)."""
CLASS_WINDOW_MIN = {"emergency": 15.0, "insulin": 30.0, "parkinsons": 30.0}
"""Classes with their own window (RCEM QIP: Parkinson's within 30 minutes; the others local defaults)."""


@dataclass(frozen=True)
class Site:
    """The settings as measures use them."""

    settings: Settings
    drug_class: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Site:
        """The site of ``settings``.

        Raises:
            ConfigurationError: the file of medicine classes is wrong; names file, row and column.
        """
        return cls(settings, _drug_classes(settings.medicines))

    @cached_property
    def wards(self) -> dict[str, Ward]:
        """Every ward by its code, in the organisation's order."""
        return {ward.code: ward for ward in self.settings.wards}

    @property
    def shifts(self) -> Shifts:
        """When the shifts start, in ``zone``."""
        return self.settings.shifts

    zone = LONDON

    def applies(self, measure: str, ward: str) -> bool:
        """Whether the measure has a meaning on the ward."""
        return measure not in self.settings.all_profiles[self.wards[ward].profile].not_applicable

    def connected(self, measure: str, ward: str) -> bool:
        """Whether a source holds what the measure needs of the ward, as far as the site says."""
        return measure not in self.settings.all_profiles[self.wards[ward].profile].not_connected

    def wards_of(self, measure: str) -> list[str]:
        """The wards on which the measure has a meaning and data."""
        return [code for code in self.wards if self.applies(measure, code) and self.connected(measure, code)]

    def threshold(self, measure: str, ward: str, default: Threshold) -> Threshold:
        """The ward's own threshold, else the site's, else ``default``."""
        own = self.wards[ward].thresholds.get(measure)
        return own if own is not None else self.settings.thresholds.get(measure, default)

    def wards_with_profile(self, *profiles: str) -> frozenset[str]:
        """The wards of these kinds."""
        return frozenset(code for code, ward in self.wards.items() if ward.profile in profiles)

    def param(self, measure: str, name: str, default: Any) -> Any:
        """A number of a standard: the site's own, else ``default``."""
        return self.settings.standards.get(measure, {}).get(name, default)

    def params_by_ward(self, measure: str, name: str, default: Any) -> dict[str, Any]:
        """The same for each ward: its profile's own, else the site's, else ``default``."""
        profiles = self.settings.all_profiles
        general = self.param(measure, name, default)
        return {
            code: profiles[ward.profile].standards.get(measure, {}).get(name, general)
            for code, ward in self.wards.items()
        }

    @property
    def critical_classes(self) -> frozenset[str] | None:
        """The critical list as classes; None where the site has not configured one."""
        critical = self.settings.medicines.critical
        return None if critical is None else frozenset(critical)

    def window_min(self, drug_class: str) -> float:
        """Minutes after the due time until which a dose of the class is in time."""
        own = {**CLASS_WINDOW_MIN, **self.settings.medicines.window_min}
        if drug_class in own:
            return own[drug_class]
        return CRITICAL_WINDOW_MIN if drug_class in (self.critical_classes or ()) else DEFAULT_WINDOW_MIN

    def codes_of(self, classes: tuple[str, ...]) -> frozenset[str]:
        """The drug codes of these classes."""
        return frozenset(code for code, name in self.drug_class.items() if name in classes)


def check_names(settings: Settings, catalogue: Mapping[str, Mapping[str, Any]]) -> None:
    """Measures and their numbers that the settings name must exist in ``catalogue`` (measure id → its numbers).

    Raises:
        ConfigurationError: one line for each unknown name, with the nearest known one.
    """
    faults: list[str] = []

    def known(where: str, measure: str, standards: Mapping[str, Any] | None = None) -> None:
        if measure not in catalogue:
            faults.append(f"{where}: unknown measure '{measure}'; {nearest(measure, catalogue)}")
            return
        unknown = [name for name in standards or () if name not in catalogue[measure]]
        faults.extend(f"{where}.{measure}: unknown key '{n}'; {nearest(n, catalogue[measure])}" for n in unknown)
        faults.extend(
            f"{where}.{measure}.{name}: '{value}' is no number from 0 up"
            for name, value in (standards or {}).items()
            if name not in unknown and not _is_amount(value)
        )

    faults.extend(
        f"options.limit_min: unknown feed '{feed}'; {nearest(feed, FEEDS)}"
        for feed in settings.options.limit_min
        if feed not in FEEDS
    )
    for measure, standards in settings.standards.items():
        known("standards", measure, standards)
    for measure in settings.thresholds:
        known("thresholds", measure)
    for indicator in settings.team.barometer.indicators:
        if indicator.measure:
            known(f"team.barometer.indicators.{indicator.id}", indicator.measure)
    for ward in settings.wards:
        for measure in ward.thresholds:
            known(f"wards.{ward.code}.thresholds", measure)
    for name, profile in settings.profiles.items():
        for measure in profile.not_applicable:
            known(f"profiles.{name}.not_applicable", measure)
        for measure in profile.not_connected:
            known(f"profiles.{name}.not_connected", measure)
        for measure, standards in profile.standards.items():
            known(f"profiles.{name}.standards", measure, standards)
    if faults:
        raise ConfigurationError("\n".join(faults))


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _drug_classes(medicines: Medicines) -> dict[str, str]:
    classes = {code: name for name, codes in medicines.classes.items() for code in codes}
    if medicines.classes_file:
        classes |= _read_classes(medicines.classes_file)
    unknown = set(medicines.critical or ()) - set(classes.values())
    if unknown:
        word = sorted(unknown)[0]
        raise ConfigurationError(
            f"medicines.critical: no drug has the class '{word}'; {nearest(word, classes.values())}"
        )
    return classes


def _read_classes(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for column in ("drug_code", "class"):
                if column not in (reader.fieldnames or ()):
                    raise ConfigurationError(
                        f"{path}: no column '{column}'; {nearest(column, reader.fieldnames or ())}"
                    )
            classes = {}
            for row in reader:
                if not row["drug_code"] or not row["class"]:
                    raise ConfigurationError(f"{path}: line {reader.line_num}: drug_code and class must both be filled")
                classes[row["drug_code"].strip()] = row["class"].strip()
            return classes
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path}: {error}") from error
